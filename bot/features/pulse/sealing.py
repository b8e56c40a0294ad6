"""How a wave closes: what was answered is counted, and whose it was is forgotten."""

from random import SystemRandom
from uuid import uuid4

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.features.pulse.counting import turnout, who_answered
from bot.features.pulse.results import publish_soon
from bot.features.pulse.settings import check_admin
from bot.features.pulse.waves import CLOSE, REMIND, SIDES, UNCLOSED, show
from storage.ballots import SealedAnswer, SealedComment, count_answers, empty, staged_comments, while_closing
from storage.due import cancel_due
from storage.people import Side
from storage.pulse import PulseWave, WaveState
from storage.tables import add, lock


def close_now(ctx: Context, wave_id: int) -> PulseWave:
    """Close a wave at an admin's word."""
    check_admin(ctx)
    wave = close(ctx, wave_id)
    if wave is None:
        raise UserError(_("This pulse is closed already."))
    return wave


def close(ctx: Context, wave_id: int) -> PulseWave | None:
    """Seal what was answered and forget whose it was; None where it was closed already.

    All in one transaction, so that nothing tells in which order it came. Its key is destroyed as soon as this is
    committed: see bot/waves.py.
    """
    session, workspace_id = ctx.session, ctx.workspace.id
    while_closing(session, workspace_id, wave_id)
    wave = lock(session, PulseWave, workspace_id, wave_id)
    if wave is None or wave.state != WaveState.OPEN:
        return None
    answered = _answered(ctx, wave)
    for (position, side), counts in sorted(count_answers(session, workspace_id, wave.id).items()):
        if sum(counts.values()) < wave.threshold:
            continue
        for value, n in sorted(counts.items()):
            of_wave = {"wave_id": wave.id, "workspace_id": workspace_id}
            add(session, SealedAnswer(**of_wave, position=position, side=side, value=value, n=n))
    comments = list(staged_comments(session, workspace_id, wave.id))
    SystemRandom().shuffle(comments)
    for staged in comments:
        if answered.get(Side(staged.side), 0) < wave.comment_threshold:
            continue
        sealed = SealedComment(
            id=uuid4().hex,
            workspace_id=workspace_id,
            wave_id=wave.id,
            position=staged.position,
            side=staged.side,
            text=staged.text,
        )
        add(session, sealed)
    end(ctx, wave, WaveState.CLOSED)
    publish_soon(ctx, wave)
    return wave


def end(ctx: Context, wave: PulseWave, state: WaveState) -> None:
    """Forget every ballot; the wave is over."""
    empty(ctx.session, ctx.workspace.id, wave.id)
    wave.state, wave.closed_at = state, ctx.now
    for kind in (CLOSE, UNCLOSED, REMIND):
        cancel_due(ctx.session, ctx.workspace.id, kind, wave.id)
    show(ctx, wave)


def _answered(ctx: Context, wave: PulseWave) -> dict[Side, int]:
    """How many of each side have answered; where the key is missing, at least as many."""
    key = ctx.keys.read(wave.key_name or "")
    if key is not None:
        wave.sales_answered, wave.marketing_answered = turnout(who_answered(ctx.session, wave, key))
    else:
        wave.key_missed_at = wave.key_missed_at or ctx.now
        for (_position, side), counts in count_answers(ctx.session, ctx.workspace.id, wave.id).items():
            n = max(wave.answered(side), sum(counts.values()))
            if side == Side.SALES:
                wave.sales_answered = n
            else:
                wave.marketing_answered = n
    return {side: wave.answered(side) for side in SIDES}
