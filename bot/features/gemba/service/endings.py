"""How a round ends for each of its people, and what follows when somebody leaves the company."""

from bot.core.context import Context
from bot.features.gemba.service import kinds, rounds, swaps, visits
from storage.due import Due
from storage.gemba import GembaRound, GembaSignUp, Stage, Wish, current_round, sign_up_of, standing, unsettled
from storage.gemba_swaps import SwapState, swaps_of, unanswered, who_said
from storage.people import Member

AT_ONCE, FEW = 4, 2  # people, and swaps that nobody has answered, of whom one unit of work takes care
PATIENCE = 2  # silent rounds in a row


def end_round(ctx: Context, due: Due) -> None:
    """Note how it went for everybody, some at a time."""
    gemba = rounds.known(ctx, due.subject_id)
    gemba.stage = Stage.ENDED
    found = unsettled(ctx.session, ctx.workspace.id, gemba.id, AT_ONCE)
    answered = who_said(ctx.session, ctx.workspace.id, gemba.id, [sign_up.member_id for sign_up in found])
    for sign_up in found:
        sign_up.settled_at = ctx.now
        _settle(ctx, gemba, sign_up, has_spoken=sign_up.member_id in answered)
    ctx.session.flush()
    for swap in unanswered(ctx.session, ctx.workspace.id, gemba.id, FEW):
        swaps.end(ctx, swap, SwapState.RELEASED, None)
    if len(found) == AT_ONCE or unanswered(ctx.session, ctx.workspace.id, gemba.id, 1):
        due.at = ctx.now + rounds.SOON
        return
    rounds.show(ctx, gemba)


def _settle(ctx: Context, gemba: GembaRound, sign_up: GembaSignUp, *, has_spoken: bool) -> None:
    state = standing(ctx.session, ctx.workspace.id, sign_up.member_id)
    mine = swaps_of(ctx.session, ctx.workspace.id, gemba.id, sign_up.member_id)
    if sign_up.wish == Wish.ASKED or (sign_up.wish == Wish.SILENT and not has_spoken):
        state.silent_rounds += 1
    elif sign_up.wish == Wish.SIGNED_UP:
        state.silent_rounds = 0
        met = any(swap.state in (SwapState.AGREED, SwapState.OVER) and not swap.is_one_way for swap in mine)
        state.waited = 0 if met else state.waited + 1
    if state.silent_rounds >= PATIENCE and state.paused_at is None:
        state.paused_at = ctx.now
        ctx.post(ctx.colleague(sign_up.member_id), subject=(kinds.PAUSED, sign_up.member_id))
    for swap in mine:
        if swap.state == SwapState.AGREED:
            visits.finish(ctx, swap)
    ctx.refresh(kinds.SIGN_UP, sign_up.id)
    ctx.refresh(kinds.LEFT_OUT, sign_up.id)


def leave_company(ctx: Context, member: Member) -> None:
    """Whoever was to meet them is told, and matched anew."""
    gemba = current_round(ctx.session, ctx.workspace.id)
    sign_up = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, member.id) if gemba else None
    if gemba and sign_up and sign_up.wish in (Wish.SIGNED_UP, Wish.ASKED):
        swaps.leave(ctx, gemba, sign_up)
