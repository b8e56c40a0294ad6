"""Erasing what people said: the code stays and is counted, the words go, and whoever reads them sees them go."""

from bot.core.context import Context
from bot.core.erasing import Erased, retract
from storage.cases import receipts_on
from storage.feedback import Feedback

LOGGED = "feedback.logged"  # the subject of the private word that a note was logged


def from_feedback(ctx: Context, erased: Erased, feedback: Feedback) -> bool:
    """All words of an erased person, and all on an erased lead; of others, what names them."""
    is_by_them, before = feedback.author_id == erased.member_id, (feedback.note, feedback.quote, feedback.link)
    is_theirs = is_by_them or (feedback.lead_id is not None and feedback.lead_id == erased.lead_id)
    feedback.note = erased.left_of(feedback.note, is_theirs=is_theirs) or ""
    feedback.quote = erased.left_of(feedback.quote, is_theirs=is_theirs)
    if is_theirs or erased.is_named_in(feedback.link):
        feedback.link = None
    if is_by_them:
        feedback.source_channel = feedback.source_ts = None
    if not is_theirs and (feedback.note, feedback.quote, feedback.link) == before:
        return False
    _show(ctx, feedback)
    return True


def _show(ctx: Context, feedback: Feedback) -> None:
    retract(ctx, LOGGED, feedback.id)
    if feedback.lead_id:
        ctx.refresh("lead", feedback.lead_id)
    if feedback.case_id:
        ctx.refresh("case", feedback.case_id)
        for receipt in receipts_on(ctx.session, ctx.workspace.id, feedback.case_id, feedback.author_id):
            ctx.refresh("receipt", receipt.id)
