"""Of which days a digest tells: each is told of once, so after a weekend or a holiday it tells of several. Pure."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from bot.core.recurrence import Rule, instant
from bot.rules.calendars import zone_of

LONGEST = 14  # days that one digest tells of, at most
_DAY = timedelta(days=1)


def first_day(rule: Rule, local_on: date, told_until: date | None, is_off: Callable[[date], bool]) -> date:
    """The first day that the digest of a date tells of; the last is the day before that date.

    It goes on after the day up to which the channel was told. A channel that was told nothing yet, or long ago, hears
    of the time since the digest before would have come.
    """
    if told_until and local_on - told_until <= (LONGEST + 1) * _DAY:
        return min(told_until + _DAY, local_on)
    day = local_on - _DAY
    while day > local_on - LONGEST * _DAY and (day.isoweekday() not in rule.days or is_off(day)):
        day -= _DAY
    return day


def begins_at(day: date, zone: str) -> datetime:
    """When a local date begins: at the first instant that clocks show it."""
    return instant(day, time(), zone_of(zone))
