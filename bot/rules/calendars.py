"""The calendar of somebody who works so: made once for all who work alike. Pure."""

from datetime import time
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.rules.worktime import Calendar
from storage.calendars import Timetable

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=10_000)
def calendar_of(timetable: Timetable) -> Calendar:
    hours = ((time.fromisoformat(timetable.work_starts), time.fromisoformat(timetable.work_ends)),)
    worked = timetable.work_days.split(",")
    return Calendar(
        zone=zone_of(timetable.timezone).key,
        hours={number: hours for number, name in enumerate(WEEKDAYS, 1) if name in worked},
    )


def zone_of(name: str) -> ZoneInfo:
    """UTC where there is no such zone: what the platform tells is not ours to trust."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
