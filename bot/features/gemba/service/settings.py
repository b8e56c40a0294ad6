"""How rounds are to be, and when they begin by themselves."""

from dataclasses import replace
from datetime import date, time

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.core.recurrence import Rule
from bot.core.schedule import plan, rule_of
from bot.features.gemba.actions import ChangeSettings
from bot.features.gemba.service import rounds
from storage.gemba import GembaPlan
from storage.schedules import find_schedule, remove_schedule

KIND = "gemba"  # of the schedule, one in a workspace
AT = time(10)


def rhythm(ctx: Context) -> tuple[int, date | None]:
    """Every how many weeks a round begins, 0 for by hand; and when next."""
    found = find_schedule(ctx.session, ctx.workspace.id, KIND, 0)
    return (found.weeks, found.next_on) if found else (0, None)


def change(ctx: Context, asked: ChangeSettings) -> None:
    organiser = ctx.person(asked.organiser) if asked.organiser else None
    ctx.session.merge(
        GembaPlan(
            workspace_id=ctx.workspace.id,
            organiser_id=organiser.id if organiser else None,
            no_repeat=asked.no_repeat,
            sign_up_days=asked.sign_up_days,
            visit_weeks=asked.visit_weeks,
            formats=",".join(asked.formats),
        )
    )
    if asked.every == 0:
        remove_schedule(ctx.session, ctx.workspace.id, KIND, 0)
        return
    if asked.starts_on is None or asked.starts_on < rounds.today(ctx):
        raise UserError(_("On which day does the next one begin?"), "starts_on")
    days = frozenset({asked.starts_on.isoweekday()})
    plan(ctx, KIND, 0, Rule(AT, ctx.workspace.timezone, days, asked.every, asked.starts_on))


def follow_timezone(ctx: Context) -> None:
    """The workspace's clocks show another time now."""
    found = find_schedule(ctx.session, ctx.workspace.id, KIND, 0)
    if found and found.timezone != ctx.workspace.timezone:
        plan(ctx, KIND, 0, replace(rule_of(found), zone=ctx.workspace.timezone))
