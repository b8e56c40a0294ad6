"""The settings of the pulse: when waves open and close, and how many answers a side needs to be shown."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.core.recurrence import Rule, instant
from bot.core.schedule import plan, rule_of
from bot.features.pulse.actions import ChangeSettings
from bot.rules.calendars import zone_of
from storage.pulse import PulseSettings, kept_settings, settings_of
from storage.schedules import Schedule, find_schedule, remove_schedule

KIND = "pulse"  # of the schedule by which waves open; its subject is 0
USUAL_DAY, USUAL_TIME = 2, time(10)  # Tuesday
SHORTEST = timedelta(hours=4)  # that a wave is open
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wish:
    """What the workspace has chosen; where it has not, what is usual."""

    settings: PulseSettings
    schedule: Schedule | None  # None: no wave opens by itself


def wish(ctx: Context) -> Wish:
    found = find_schedule(ctx.session, ctx.workspace.id, KIND, 0)
    return Wish(settings_of(ctx.session, ctx.workspace.id), found)


def check_admin(ctx: Context) -> None:
    if not ctx.member.administers:
        raise UserError(_("Only an admin of Parley can do this. /parley setup says who that is."))


def change(ctx: Context, asked: ChangeSettings) -> Wish:
    """Let waves be so from the next one on; one that is open stays as it is."""
    check_admin(ctx)
    settings = kept_settings(ctx.session, ctx.workspace.id)
    settings.closes_on, settings.closes_at = int(asked.closes_on), f"{asked.closes_at:%H:%M}"
    settings.threshold, settings.comment_threshold = asked.threshold, asked.comment_threshold
    if asked.opens_on is None:
        remove_schedule(ctx.session, ctx.workspace.id, KIND, 0)
    else:
        rule = Rule(asked.opens_at, ctx.workspace.timezone, frozenset({int(asked.opens_on)}))
        today = date(2026, 11, 22)  # any: what is compared is how long a wave lasts by the clocks on the wall
        opens_on = today + timedelta(days=int(asked.opens_on))
        if closes(settings, opens_on, asked.opens_at) - datetime.combine(opens_on, asked.opens_at) < SHORTEST:
            raise UserError(_("People need at least four hours to answer."), "closes_at")
        plan(ctx, KIND, 0, rule)
    ctx.session.flush()
    return wish(ctx)


def closes(settings: PulseSettings, opens_on: date, opens_at: time) -> datetime:
    """When a wave closes that opens then, as clocks on the wall show it."""
    at = time.fromisoformat(settings.closes_at)
    day = opens_on + (settings.closes_on - opens_on.isoweekday()) % 7 * _DAY
    wall = datetime.combine(day, at)
    return wall if wall > datetime.combine(opens_on, opens_at) else wall + 7 * _DAY


def closing(ctx: Context, settings: PulseSettings, opens_on: date, opens_at: time) -> datetime:
    """The instant at which such a wave closes, whatever the clocks do meanwhile."""
    wall = closes(settings, opens_on, opens_at)
    return instant(wall.date(), wall.time(), zone_of(ctx.workspace.timezone))


def follow_timezone(ctx: Context) -> None:
    """The workspace's clocks show another time now."""
    found = find_schedule(ctx.session, ctx.workspace.id, KIND, 0)
    if found and found.timezone != ctx.workspace.timezone:
        plan(ctx, KIND, 0, replace(rule_of(found), zone=ctx.workspace.timezone))
