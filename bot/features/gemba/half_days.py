"""Half-days of work, as somebody's own calendar and clocks have them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.core.recurrence import instant
from bot.rules.calendars import WEEKDAYS, calendar_of, zone_of
from bot.rules.swaps import MINUTES, WEEK, Format, Slot
from storage.calendars import Timetable

_DAY = timedelta(days=1)
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class HalfDay:
    """`label`: its nominal date where the person is, and am for the first half of their hours, pm for the second."""

    label: str
    on: date
    opens: time  # as their clocks show it
    closes: time
    begins: datetime  # UTC
    ends: datetime

    @property
    def slot(self) -> Slot:
        return {"label": self.label, "begins": self.begins.isoformat(), "ends": self.ends.isoformat()}


def half_days(timetable: Timetable, first_on: date, last_on: date) -> Iterator[HalfDay]:
    """Of every day between these that the person works on, in order."""
    zone, calendar = zone_of(timetable.timezone), calendar_of(timetable)
    opens, closes = (_minutes(text) for text in (timetable.work_starts, timetable.work_ends))
    closes += _MINUTES_A_DAY if closes <= opens else 0
    middle = (opens + closes) // 60 * 30  # a half or a full hour
    on = first_on
    while on <= last_on:
        if WEEKDAYS[on.weekday()] in timetable.work_days.split(",") and not calendar.is_off(on):
            for half, begin, end in (("am", opens, middle), ("pm", middle, closes)):
                if begin < end:
                    at = [instant(on + minute // _MINUTES_A_DAY * _DAY, _time(minute), zone) for minute in (begin, end)]
                    yield HalfDay(f"{on.isoformat()}{half}", on, _time(begin), _time(end), *at)
        on += _DAY


def chosen(timetable: Timetable, labels: str) -> list[HalfDay]:
    """Those that somebody named, as far as they still work then."""
    named = {label for label in labels.split(",") if label}
    if not named:
        return []
    days = [date.fromisoformat(label[:10]) for label in named]
    return [each for each in half_days(timetable, min(days), max(days)) if each.label in named]


def are_enough(free: Sequence[HalfDay], format: Format) -> bool:
    """Whether the visits of a swap, each way at least one, fit into these half-days."""
    long = timedelta(minutes=MINUTES[format])
    if format == "full_week":
        return len({each.on for each in free if each.ends - each.begins >= long}) >= WEEK
    return sum((each.ends - each.begins) // long for each in free) >= 2


def _minutes(text: str) -> int:
    at = time.fromisoformat(text)
    return 60 * at.hour + at.minute


def _time(minute: int) -> time:
    return time(minute % _MINUTES_A_DAY // 60, minute % 60)
