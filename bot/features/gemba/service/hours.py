"""When people are told, and how long they have: by their own calendars."""

from datetime import datetime, timedelta

from bot.core.context import Context
from bot.rules.calendars import calendar_of
from bot.rules.worktime import NeverWorks, after, next_working
from storage.calendars import Timetable, timetable
from storage.due import Due, move_due


def after_working_days(theirs: Timetable, at: datetime, days: int) -> datetime:
    """When somebody will have worked for so many days; whoever never works has twice as many of any kind."""
    calendar = calendar_of(theirs)
    try:
        return after(calendar, at, days * calendar.day)
    except NeverWorks:
        return at + timedelta(days=2 * days)


def tell(ctx: Context, member_id: int, subject: tuple[str, int], later: str) -> None:
    """Post a card in somebody's working hours: now, or when `later` falls due, a kind whose subject is the same."""
    kind, subject_id = subject
    try:
        at = next_working(calendar_of(timetable(ctx.session, ctx.workspace.id, member_id)), ctx.now)
    except NeverWorks:
        at = ctx.now
    if at <= ctx.now:
        ctx.post(ctx.colleague(member_id), subject=(kind, subject_id))
    else:
        due = Due(workspace_id=ctx.workspace.id, kind=later, subject_id=subject_id, step=1, at=at)
        move_due(ctx.session, due)
