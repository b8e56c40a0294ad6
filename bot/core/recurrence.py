"""Recurrence: a wall-clock rule in a time zone, and the instants at which it occurs. Pure; `now` is passed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY_DAY = frozenset(range(1, 8))  # ISO weekdays: 1 is Monday
_DAY, _WEEK = timedelta(days=1), 7


@dataclass(frozen=True, slots=True)
class Rule:
    """At a wall time, on weekdays, every so many weeks counted from the week of `since`."""

    at: time
    zone: str  # IANA name
    days: frozenset[int] = EVERY_DAY
    weeks: int = 1
    since: date = date(1970, 1, 5)  # a Monday

    def __post_init__(self) -> None:
        if not self.days or not self.days <= EVERY_DAY:
            raise ValueError(f"{sorted(self.days)} are no ISO weekdays")
        if self.weeks < 1:
            raise ValueError(f"every {self.weeks} weeks is never")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`local_on` is the nominal date: that of the wall time, also where the clocks skip it past midnight."""

    local_on: date
    at: datetime  # UTC


def occurrences(rule: Rule, after: date) -> Iterator[Occurrence]:
    """Those on later nominal dates, in order: one for each date the rule names, whatever the clocks do that day."""
    zone, on = ZoneInfo(rule.zone), after
    while True:
        on += _DAY
        if on.isoweekday() in rule.days and _weeks_between(rule.since, on) % rule.weeks == 0:
            yield Occurrence(on, instant(on, rule.at, zone))


def first_after(rule: Rule, now: datetime) -> Occurrence:
    """The first occurrence later than an instant."""
    # The day before is looked at too: its occurrence may be later where the clocks skip midnight.
    after = now.astimezone(ZoneInfo(rule.zone)).date() - 2 * _DAY
    return next(each for each in occurrences(rule, after) if each.at > now)


def instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """When clocks in a zone show a wall time: the first time if they show it twice; if they skip it, when they skip."""
    wall = datetime.combine(on, at)
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # A skipped time read with the offset of after (fold 1) lies before the gap, read with that of before behind it.
    return change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), wall.replace(tzinfo=zone).astimezone(UTC), zone)


def change(before: datetime, behind: datetime, zone: ZoneInfo) -> datetime:
    """When clocks in a zone change, to the second; it happens once between two UTC instants."""
    offset = before.astimezone(zone).utcoffset()
    while behind - before > timedelta(seconds=1):
        middle = before + (behind - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            behind = middle
    return behind.replace(microsecond=0)


def _weeks_between(one: date, other: date) -> int:
    return (other.toordinal() - other.weekday() - one.toordinal() + one.weekday()) // _WEEK
