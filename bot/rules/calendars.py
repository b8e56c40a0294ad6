"""The calendar of somebody who works so: made once for all who work alike. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.core.recurrence import instant
from bot.rules.worktime import Calendar, NeverWorks, Span, next_working
from storage.calendars import Timetable

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


@lru_cache(maxsize=10_000)
def calendar_of(timetable: Timetable) -> Calendar:
    hours = ((time.fromisoformat(timetable.work_starts), time.fromisoformat(timetable.work_ends)),)
    worked = timetable.work_days.split(",")
    holidays = frozenset(map(date.fromisoformat, filter(None, timetable.holidays.split(","))))
    absences = timetable.absences
    return Calendar(
        zone=zone_of(timetable.timezone).key,
        hours={number: hours for number, name in enumerate(WEEKDAYS, 1) if name in worked},
        is_off=lambda day: day in holidays or any(first <= day <= last for first, last in absences),
    )


def absent(timetable: Timetable) -> Iterator[Span]:
    """From when until when, as instants."""
    zone = zone_of(timetable.timezone)
    for first, last in timetable.absences:
        yield instant(first, time(), zone), instant(last + _DAY, time(), zone)


def works_at(theirs: Timetable, at: datetime) -> datetime | None:
    """The instant itself if they work then, else when they begin again; None if they do not within sight."""
    try:
        return next_working(calendar_of(theirs), at)
    except NeverWorks:
        return None


def wakes_at(theirs: Timetable, on: date) -> datetime:
    """When a lead that its owner keeps until a day comes back: when they work, on that day or later."""
    return back_at(theirs, instant(on, time(), zone_of(theirs.timezone)))


def back_at(theirs: Timetable, at: datetime) -> datetime:
    """The instant, or when its owner works next. Days off do not hold a lead back: others see it too."""
    return works_at(theirs._replace(absences=()), at) or at


def zone_of(name: str) -> ZoneInfo:
    """UTC where there is no such zone: what the platform tells is not ours to trust."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
