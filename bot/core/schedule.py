"""Schedules of features: a rule is planned, and each of its nominal dates occurs once, also when the rule changes."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.context import Context
from bot.core.recurrence import Occurrence, Rule, first_after, occurrences
from storage.schedules import Schedule, find_schedule, go_on
from storage.tables import add

_DAY = timedelta(days=1)


class Inconsistent(Exception):
    """A schedule is due, and by what its row says nothing has come."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a schedule's handler is told: the newest occurrence that has come, and the dates that passed before it."""

    schedule: Schedule
    local_on: date  # the nominal date
    at: datetime  # the instant it should have happened
    missed: tuple[date, ...]  # while Parley was down, the oldest first
    found: Any = None  # what the schedule's look found beside the writer
    is_wished: bool = False  # somebody wants it now, whatever the rule says


def plan(ctx: Context, kind: str, subject_id: int, rule: Rule) -> None:
    """Have a rule occur from now on.

    A nominal date that occurred under the old rule does not occur again. One that was still to come today, and whose
    new hour has passed, occurs at once.
    """
    known = find_schedule(ctx.session, ctx.workspace.id, kind, subject_id)
    found = _next(known, rule, ctx.now) if known else first_after(rule, ctx.now)
    planned = Schedule(
        workspace_id=ctx.workspace.id,
        kind=kind,
        subject_id=subject_id,
        wall=f"{rule.at:%H:%M}",
        timezone=rule.zone,
        days="".join(map(str, sorted(rule.days))),
        weeks=rule.weeks,
        since=rule.since,
        last_on=known.last_on if known else found.local_on - _DAY,
        next_on=found.local_on,
        next_at=found.at,
    )
    if known:
        planned.id = known.id
        ctx.session.merge(planned)
    else:
        add(ctx.session, planned)


def _next(schedule: Schedule, rule: Rule, now: datetime) -> Occurrence:
    try:
        zone = ZoneInfo(schedule.timezone)
    except (ValueError, KeyError, OSError):  # there is no such zone any more
        zone = ZoneInfo(rule.zone)
    today = now.astimezone(zone).date()
    later = occurrences(rule, schedule.last_on)
    return next(each for each in later if each.at > now or each.local_on == schedule.next_on <= today)


def rule_of(schedule: Schedule) -> Rule:
    hour, minute = map(int, schedule.wall.split(":"))
    days = frozenset(map(int, schedule.days))
    return Rule(time(hour, minute), schedule.timezone, days, schedule.weeks, schedule.since)


def come(schedule: Schedule, now: datetime) -> Occasion:
    """The newest occurrence that has come by now, of a schedule that is due; raises Inconsistent."""
    try:
        later = occurrences(rule_of(schedule), schedule.next_on - _DAY)
        have_come = list(takewhile(lambda each: each.at <= now, later))
    except (ValueError, KeyError, OSError, OverflowError) as error:  # no such hour, days or zone (any more)
        raise Inconsistent(f"its rule cannot be read: {error}") from error
    if not have_come:  # the zone's clocks are to change otherwise than when it was planned, say
        raise Inconsistent(f"that of {schedule.next_on} is still to come")
    newest = have_come[-1]
    return Occasion(schedule, newest.local_on, newest.at, tuple(each.local_on for each in have_come[:-1]))


def after(occasion: Occasion) -> Occurrence:
    """The next one of its schedule, by the rule as it is now."""
    return next(occurrences(rule_of(occasion.schedule), occasion.local_on))


def go_on_after(occasion: Occasion) -> None:
    """Its schedule goes on to the next one; this unit of work then has to `store` it."""
    following = after(occasion)
    go_on(occasion.schedule, last_on=occasion.local_on, next_on=following.local_on, next_at=following.at, failures=0)


def mend(schedule: Schedule, pause: timedelta, now: datetime) -> None:
    """What was inconsistent goes on when its rule says, or is tried again after a pause where that cannot be read.

    This unit of work then has to `store` it.
    """
    try:
        following = next(occurrences(rule_of(schedule), schedule.next_on - _DAY))
        go_on(schedule, next_on=following.local_on, next_at=following.at)
    except (ValueError, KeyError, OSError, OverflowError):
        go_on(schedule, failures=schedule.failures + 1, next_at=now + pause)
