"""The rules of reflections: three slides by the visitor, seen by the host for a day, then by both sides."""

from datetime import timedelta

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.features.gemba.actions import Reflect
from bot.features.gemba.service import hours, kinds, rounds, visits
from storage.due import Due, set_due
from storage.gemba_swaps import (
    GembaLeg,
    GembaReflection,
    GembaSwap,
    Outcome,
    find_reflection,
    find_swap,
    legs_of,
    reflections_on,
)
from storage.tables import add, lock

TIME_TO_CORRECT = timedelta(hours=24)


def reflectable(ctx: Context, swap_id: int) -> tuple[GembaSwap, list[GembaLeg]]:
    """A swap in which the member has visited somebody, and the visits."""
    swap = find_swap(ctx.session, ctx.workspace.id, swap_id)
    if swap is None or ctx.member.id not in swap.both:
        raise UserError(_("This swap is somebody else's."))
    mine = [leg for leg in legs_of(ctx.session, ctx.workspace.id, swap.id) if leg.visitor_id == ctx.member.id]
    begun = [leg for leg in mine if leg.begins_at <= ctx.now and leg.outcome in (Outcome.PLANNED, Outcome.DONE)]
    if not begun:
        raise UserError(_("There is no visit of yours to tell of yet."))
    if ctx.member.id in reflections_on(ctx.session, ctx.workspace.id, swap.id):
        raise UserError(_("You have written your slides for this swap already. Thank you!"))
    return swap, begun


def write(ctx: Context, asked: Reflect) -> GembaReflection:
    """The host sees it first, and has a day to correct facts, and longer when they do not work then."""
    lock(ctx.session, GembaSwap, ctx.workspace.id, asked.swap)
    swap, legs = reflectable(ctx, asked.swap)
    reflection = GembaReflection(
        workspace_id=ctx.workspace.id,
        swap_id=swap.id,
        author_id=ctx.member.id,
        host_id=legs[0].host_id,
        did=ctx.readable(asked.did),
        wrong=ctx.readable(asked.wrong),
        change=ctx.readable(asked.change),
        written_at=ctx.now,
    )
    add(ctx.session, reflection)
    for leg in legs:
        visits.note_outcome(ctx, leg, Outcome.DONE)
    ctx.post(ctx.colleague(reflection.host_id), subject=(kinds.CHECK, reflection.id))
    set_due(
        ctx.session,
        Due(
            workspace_id=ctx.workspace.id,
            kind=kinds.PUBLISH,
            subject_id=reflection.id,
            step=1,
            at=hours.when_at_work(ctx, reflection.host_id, ctx.now + TIME_TO_CORRECT),
        ),
    )
    return reflection


def correctable(ctx: Context, reflection_id: int) -> GembaReflection:
    found = find_reflection(ctx.session, ctx.workspace.id, reflection_id)
    if found is None or found.host_id != ctx.member.id:
        raise UserError(_("Only the host corrects facts."))
    if found.published_at:
        raise UserError(_("Both sides have these slides already."))
    return found


def approve(ctx: Context, reflection_id: int) -> None:
    lock(ctx.session, GembaReflection, ctx.workspace.id, reflection_id)
    publish(ctx, correctable(ctx, reflection_id))


def correct(ctx: Context, reflection_id: int, text: str) -> None:
    """What the host says stands below the slides; they stay as they were written."""
    lock(ctx.session, GembaReflection, ctx.workspace.id, reflection_id)
    found = correctable(ctx, reflection_id)
    found.correction = ctx.readable(text)
    ctx.refresh(kinds.CHECK, found.id)


def publish_in_time(ctx: Context, due: Due) -> None:
    found = lock(ctx.session, GembaReflection, ctx.workspace.id, due.subject_id)
    if found and found.published_at is None:
        publish(ctx, found)


def publish(ctx: Context, reflection: GembaReflection) -> None:
    reflection.published_at = ctx.now
    for channel in rounds.public_channels(ctx):
        ctx.post(channel, subject=(kinds.SLIDES, reflection.id))
    ctx.refresh(kinds.CHECK, reflection.id)
