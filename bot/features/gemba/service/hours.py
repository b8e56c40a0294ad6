"""When people are told, and how long they have: by their own calendars."""

from datetime import datetime, timedelta

from bot.core.context import Context
from bot.rules.calendars import calendar_of, zone_of
from bot.rules.worktime import NeverWorks, Span, after, next_working
from storage.calendars import Timetable, timetable
from storage.due import Due, move_due


def after_working_days(theirs: Timetable, at: datetime, days: int) -> datetime:
    """When somebody will have worked for so many days; whoever never works has twice as many of any kind."""
    calendar = calendar_of(theirs)
    try:
        return after(calendar, at, days * calendar.day)
    except NeverWorks:
        return at + timedelta(days=2 * days)


def when_at_work(ctx: Context, member_id: int | None, at: datetime) -> datetime:
    """That instant, or when they (for nobody: the workspace) work again; whoever never works may be told at any."""
    try:
        return next_working(calendar_of(timetable(ctx.session, ctx.workspace.id, member_id)), at)
    except NeverWorks:
        return at


def is_at_work(ctx: Context, member_id: int, later: str, subject_id: int) -> bool:
    """Whether somebody may be told now; else `later`, a kind, falls due for the subject when they work again."""
    at = when_at_work(ctx, member_id, ctx.now)
    if at > ctx.now:
        move_due(ctx.session, Due(workspace_id=ctx.workspace.id, kind=later, subject_id=subject_id, step=1, at=at))
    return at <= ctx.now


def work_before(theirs: Timetable, at: datetime) -> list[Span]:
    """When somebody works on earlier days than that of an instant, in order; three weeks of it."""
    calendar, zone = calendar_of(theirs), zone_of(theirs.timezone)
    on = at.astimezone(zone).date()
    spans = calendar.spans(at - timedelta(days=21), at)
    return [(opens, closes) for opens, closes in spans if closes <= at and opens.astimezone(zone).date() < on]


def begin_of_work(theirs: Timetable, at: datetime) -> datetime:
    """When the work began in which an instant falls; the instant itself, if it is outside their hours."""
    return next((opens for opens, _closes in calendar_of(theirs).spans(at, at + timedelta(microseconds=1))), at)
