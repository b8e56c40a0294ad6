"""Working time: how much of it has passed between two instants, and when so much of it will have passed. Pure.

It is the responsible person's: their zone, weekly hours, holidays and days off. They work while the clock on their wall
shows their hours, so an hour that is shown twice counts twice, and one that is skipped does not. All instants are UTC.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.core.recurrence import change, instant

Span = tuple[datetime, datetime]
Hours = Mapping[int, tuple[tuple[time, time], ...]]  # by ISO weekday; an end of 00:00 is the day's end

OFFICE: Hours = {day: ((time(9), time(17)),) for day in range(1, 6)}
IN_SIGHT = timedelta(days=800)  # whoever does not work for longer is never late
_DAY, _NONE = timedelta(days=1), timedelta()


class NeverWorks(Exception):
    """There is no working time within sight to count a deadline in."""


@dataclass(frozen=True)
class Calendar:
    """When one person works."""

    zone: str  # IANA name
    hours: Hours = field(default_factory=lambda: OFFICE)
    is_off: Callable[[date], bool] = lambda day: False  # holidays, days off

    @cached_property
    def day(self) -> timedelta:
        """An ordinary working day: the mean of the week's working days."""
        days = [sum((_length(*span) for span in spans), _NONE) for spans in self.hours.values() if spans]
        return sum(days, _NONE) / len(days) if days else _NONE

    def spans(self, begin: datetime, end: datetime) -> Iterator[Span]:
        """The hours of work that last beyond `begin` and begin before `end`, whole and in order."""
        zone = ZoneInfo(self.zone)
        on = begin.astimezone(zone).date() - 2 * _DAY  # what began on the day before may last past midnight
        while instant(on, time(), zone) < end:
            if not self.is_off(on):
                for opens, closes in self.hours.get(on.isoweekday(), ()):
                    last = on if closes > opens else on + _DAY
                    shown = _shown(datetime.combine(on, opens), datetime.combine(last, closes), zone)
                    yield from (span for span in shown if begin < span[1] and span[0] < end)
            on += _DAY


def worked(calendar: Calendar, begin: datetime, end: datetime) -> timedelta:
    """The working time between two instants."""
    spans = calendar.spans(begin, end)
    return sum((min(closes, end) - max(opens, begin) for opens, closes in spans), _NONE)


def after(calendar: Calendar, begin: datetime, wanted: timedelta) -> datetime:
    """The instant at which so much working time has passed; raises NeverWorks if it will not within sight.

    What is due at the end of a day is due then, not when the next day begins.
    """
    left = wanted
    for opens, closes in calendar.spans(begin, begin + IN_SIGHT):
        opens = max(opens, begin)
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise NeverWorks


def next_working(calendar: Calendar, at: datetime) -> datetime:
    """The instant itself where it is worked at, else when work begins again; raises NeverWorks."""
    for opens, _closes in calendar.spans(at, at + IN_SIGHT):
        return max(opens, at)
    raise NeverWorks


def is_working(calendar: Calendar, at: datetime) -> bool:
    return any(calendar.spans(at, at + timedelta(microseconds=1)))


def _shown(opens: datetime, closes: datetime, zone: ZoneInfo) -> Iterator[Span]:
    """When clocks in a zone show wall times from one up to another: in two spans, or none, where they change."""
    first, last = opens.replace(tzinfo=zone, fold=0), closes.replace(tzinfo=zone, fold=1)
    begin, end = first.astimezone(UTC), last.astimezone(UTC)
    shift = (last.utcoffset() or _NONE) - (first.utcoffset() or _NONE)
    if not shift:
        yield begin, end
        return
    changed = change(min(begin, end) - _DAY, max(begin, end) + _DAY, zone)
    for span in ((begin, min(end + shift, changed)), (max(begin - shift, changed), end)):
        if span[0] < span[1]:
            yield span


def _length(opens: time, closes: time) -> timedelta:
    day = date(2000, 1, 1)
    return datetime.combine(day, closes) - datetime.combine(day, opens) + (_NONE if closes > opens else _DAY)
