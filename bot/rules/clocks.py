"""The deadlines in both directions: how long each clock runs, by how warm the lead is, and where one stands. Pure.

Times are the responsible person's working time: m minutes, h hours, d days, a day being the mean of their working days;
"24h<72h" is capped at 72 real hours. Nothing of it passes while the clock is paused or the person is away.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from bot.core.language import fill, ngettext
from bot.rules.calendars import absent, calendar_of
from bot.rules.worktime import Calendar, NeverWorks, Span, after, worked
from storage.clocks import Course
from storage.workspaces import Workspace

SALES_CLOCKS = ("S1", "S2", "S3")
MARKETING_CLOCKS = ("M1", "M2", "M3")
CAUSES = ("running", "paused", "undone", "unworked")  # why a clock is not counted
WAKE = "leads.wake"  # what falls due on the day a lead kept for later wakes up
_STANDARD = {
    "S1": "4h",
    "S2": "24h<72h",
    "S3": "10d",
    "M1": "1d",
    "M2": "5d",
    "M3": "5m",
}  # M3: Parley sends the receipts itself
_POLICIES = {
    "hot": {**_STANDARD, "S1": "15m", "S2": "1h"},
    "standard": _STANDARD,
    "list": {**_STANDARD, "S1": "1d", "S2": "3d"},
}
_WRITTEN = re.compile(r"(\d+)([mhd])(?:<(\d+)h)?")
_NONE, _HOUR = timedelta(), timedelta(hours=1)


def policy(workspace: Workspace, kind: str, temperature: str = "standard") -> str:
    """The deadline of a clock that starts now; it keeps it, whatever the workspace changes later."""
    return own_policies(workspace).get(f"{kind}.{temperature}") or usual_policy(kind, temperature)


def usual_policy(kind: str, temperature: str = "standard") -> str:
    """The deadline where a workspace has chosen none."""
    return _POLICIES.get(temperature, _STANDARD)[kind]


def own_policies(workspace: Workspace) -> dict[str, str]:
    """Those that the workspace has changed, by kind and temperature: {"S1.hot": "10m"}."""
    return json.loads(workspace.clock_policies) if workspace.clock_policies else {}


@dataclass(frozen=True, slots=True)
class Allowance:
    """A policy, read."""

    amount: int
    unit: str  # "m", "h" or "d"
    cap: timedelta | None  # of real time

    @property
    def least(self) -> timedelta:
        """Of real time: whoever works at all works an hour a day."""
        least = self.amount * {"m": timedelta(minutes=1), "h": _HOUR, "d": _HOUR}[self.unit]
        return min(least, self.cap) if self.cap else least

    def working_time(self, calendar: Calendar) -> timedelta:
        unit = {"m": timedelta(minutes=1), "h": _HOUR, "d": calendar.day}[self.unit]
        return self.amount * unit


@cache
def allowance(policy: str) -> Allowance:
    found = _WRITTEN.fullmatch(policy)
    if found is None:
        raise ValueError(f"no policy: {policy!r}")
    return Allowance(int(found[1]), found[2], timedelta(hours=int(found[3])) if found[3] else None)


def written(amount: int, unit: str, cap_hours: int | None = None) -> str:
    """A policy, to be read by `allowance`."""
    return f"{amount}{unit}<{cap_hours}h" if cap_hours else f"{amount}{unit}"


def in_words(policy: str) -> str:
    """A policy as people say it: "4 working hours"; "24 working hours, at most 72 hours day and night"."""
    allowed = allowance(policy)
    match allowed.unit:
        case "m":
            text = ngettext("{n} minute", "{n} minutes", allowed.amount)
        case "h":
            text = ngettext("{n} working hour", "{n} working hours", allowed.amount)
        case _:
            text = ngettext("{n} working day", "{n} working days", allowed.amount)
    said = fill(text, n=allowed.amount)
    if allowed.cap is None:
        return said
    hours = allowed.cap // _HOUR
    capped = ngettext("{time}, at most {n} hour day and night", "{time}, at most {n} hours day and night", hours)
    return fill(capped, time=said, n=hours)


def due_at(course: Course, share: float = 1) -> datetime | None:
    """When this share of what is allowed has passed; None while that is not known: it is paused, or nobody works."""
    calendar, allowed = calendar_of(course.timetable), allowance(course.clock.policy)
    left, left_real = share * allowed.working_time(calendar), share * allowed.cap if allowed.cap else None
    for begin, end in _running(course):
        try:
            at = after(calendar, begin, left)
        except NeverWorks:
            at = None
        if left_real is not None:
            at = min(at or begin + left_real, begin + left_real)
        if end is None or (at and at <= end):
            return at
        left -= worked(calendar, begin, end)
        if left_real is not None:
            left_real -= end - begin
    return None


def elapsed(course: Course, now: datetime) -> timedelta:
    """The working time that has passed until it stopped, or until now."""
    calendar, until = calendar_of(course.timetable), course.clock.stopped_at or now
    spans = ((begin, min(end or until, until)) for begin, end in _running(course) if begin < until)
    return sum((worked(calendar, *span) for span in spans), _NONE)


def late(course: Course, now: datetime) -> timedelta | None:
    """The working time since it was due; None if it is not over, or cannot be while it is paused."""
    at = due_at(course)
    return worked(calendar_of(course.timetable), at, now) if at and at < now else None


def ended(course: Course, now: datetime) -> str:
    """Whether "within" or "late"; or, where neither can be said, one of CAUSES. While it runs: late or "running"."""
    clock, at = course.clock, due_at(course)
    if clock.is_void:
        return "undone"
    if clock.stopped_at:
        if at is None and not is_paused(course):
            return "unworked"
        return "late" if at is not None and clock.stopped_at > at else "within"
    if at is None:
        return "paused" if is_paused(course) else "running"
    return "late" if at < now else "running"


def is_paused(course: Course) -> bool:
    return any(end is None for _begin, end in course.pauses)


def _running(course: Course) -> Iterator[Span | tuple[datetime, None]]:
    """When the clock ran between its pauses, from its start on; the last may have no end."""
    begin = course.clock.started_at
    for paused_at, resumed_at in sorted((*course.pauses, *absent(course.timetable)), key=lambda pause: pause[0]):
        if paused_at > begin:
            yield begin, paused_at
        if resumed_at is None:
            return
        begin = max(begin, resumed_at)
    yield begin, None
