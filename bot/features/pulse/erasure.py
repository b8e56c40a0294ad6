"""Erasing from the pulse: what somebody answered in a wave that is open, and what others wrote about them.

What is sealed links to nobody, so there is nothing of theirs to be found in it.
"""

from bot.core.context import Context
from bot.core.erasing import Erased
from bot.features.pulse.counting import COMMENT, ballot_id, scored
from storage.ballots import SealedComment, StagedComment, take_back
from storage.people import Side
from storage.pulse import PulseAsked, PulseQuestion, PulseStatement, WaveState, find_wave, questions_of


def from_asked(ctx: Context, erased: Erased, asked: PulseAsked) -> bool:
    """Only the key of a wave tells which ballots are theirs. Where it is missing, they are counted, and nobody's."""
    wave = find_wave(ctx.session, ctx.workspace.id, asked.wave_id)
    if asked.member_id != erased.member_id or wave is None or wave.state != WaveState.OPEN:
        return False
    if key := ctx.keys.read(wave.key_name or ""):
        positions = [each.position for each in scored(questions_of(ctx.session, ctx.workspace.id, wave.id))]
        ids = [ballot_id(key, asked.member_id, position) for position in (COMMENT, *positions)]
        take_back(ctx.session, ctx.workspace.id, wave.id, ids)
    if asked.side == Side.SALES:
        wave.sales_asked -= 1
    else:
        wave.marketing_asked -= 1
    ctx.session.delete(asked)
    return True


def from_wording(ctx: Context, erased: Erased, worded: PulseStatement | PulseQuestion) -> bool:
    sales, marketing = erased.without(worded.sales), erased.without(worded.marketing)
    if (sales, marketing) == (worded.sales, worded.marketing):
        return False
    worded.sales, worded.marketing = sales, marketing
    return True


def from_comment(ctx: Context, erased: Erased, comment: StagedComment | SealedComment) -> bool:
    text = erased.without(comment.text) or ""
    if text == comment.text:
        return False
    comment.text = text
    return True
