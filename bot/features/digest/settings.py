"""The settings of digests: which channels have one, when, and what is in it. They hold from the next one on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.core.recurrence import Rule
from bot.core.schedule import plan, rule_of
from bot.features.digest.actions import ChangeSettings
from bot.features.digest.building import may_have_one
from bot.features.digest.facts import SECTIONS
from storage.channels import Channel, channels, find_channel
from storage.digest import DigestPlan, find_plan, keep_plan
from storage.schedules import Schedule, find_schedule, remove_schedule, schedules_of

KIND = "digest"  # of the schedules; their subjects are channels


@dataclass(frozen=True)
class Wish:
    """What a channel has chosen; where it has not, what is proposed."""

    channel: Channel
    plan: DigestPlan
    schedule: Schedule | None  # None: no digest

    @property
    def choice(self) -> tuple[object, ...]:
        """What two channels have in common that have chosen the same."""
        when = (self.schedule.wall, self.schedule.days) if self.schedule else None
        return when, self.plan.sections, self.plan.says_when_empty


def wishes(ctx: Context) -> list[Wish]:
    """Of every channel that can have a digest."""
    found = [channel for channel in channels(ctx.session, ctx.workspace.id) if may_have_one(channel)]
    return [wish_of(ctx, channel) for channel in found]


def wish_of(ctx: Context, channel: Channel) -> Wish:
    known = find_plan(ctx.session, ctx.workspace.id, channel.id)
    return Wish(
        channel,
        known or DigestPlan(channel_id=channel.id, workspace_id=ctx.workspace.id, sections=",".join(SECTIONS)),
        find_schedule(ctx.session, ctx.workspace.id, KIND, channel.id),
    )


def channel_meant(ctx: Context, channel_id: int | None) -> Wish:
    """The one that is named, or where the member is, else the first that has a digest, else the first that could."""
    found = wishes(ctx)
    here = find_channel(ctx.session, ctx.workspace.id, ctx.place) if ctx.place else None
    for wanted in (channel_id, here.id if here else None):
        if named := [wish for wish in found if wish.channel.id == wanted]:
            return named[0]
    if not found:
        sentence = _("No channel can have a digest yet. An admin chooses channels for sales, marketing or both:")
        raise UserError(f"{sentence} /parley setup")
    return next((wish for wish in found if wish.schedule), found[0])


def check_admin(ctx: Context) -> None:
    if not ctx.member.administers:
        raise UserError(_("Only an admin of Parley can change this. /parley setup says who that is."))


def change(ctx: Context, asked: ChangeSettings) -> Sequence[Wish]:
    """Let the digests of these channels be so from now on."""
    check_admin(ctx)
    possible = {wish.channel.id: wish for wish in wishes(ctx)}
    if not asked.channels:
        raise UserError(_("Please choose a channel."), "channels")
    if not asked.channels or not set(asked.channels) <= set(possible):
        raise UserError(_("One of these channels can have no digest any more. Please open the form again."), "channels")
    if asked.days and not asked.sections:
        raise UserError(_("Please choose what is to be in it."), "sections")
    for channel_id in asked.channels:
        sections = ",".join(asked.sections) or possible[channel_id].plan.sections
        wanted = DigestPlan(
            channel_id=channel_id,
            workspace_id=ctx.workspace.id,
            sections=sections,
            says_when_empty=asked.empty == "say",
        )
        keep_plan(ctx.session, wanted)
        if asked.days:
            plan(ctx, KIND, channel_id, Rule(asked.at, ctx.workspace.timezone, frozenset(map(int, asked.days))))
        else:
            remove_schedule(ctx.session, ctx.workspace.id, KIND, channel_id)
    ctx.session.flush()
    return [wish_of(ctx, possible[channel_id].channel) for channel_id in asked.channels]


def follow_timezone(ctx: Context) -> None:
    """The workspace's clocks show another time now."""
    for schedule in schedules_of(ctx.session, ctx.workspace.id, KIND):
        if schedule.timezone != ctx.workspace.timezone:
            plan(ctx, KIND, schedule.subject_id, replace(rule_of(schedule), zone=ctx.workspace.timezone))
