"""Erasing from digests: they keep no words, so what shows somebody erased, or their words, is drawn anew.

The tables are looked through in the order of their names: when it comes to `told`, what it repeats was erased before.
"""

from bot.core.context import Context
from bot.core.erasing import Erased
from bot.features.digest.service import CARD, known_item, show_item
from storage.cases import decision_of
from storage.digest import DigestAct, Told
from storage.feedback import find_feedback


def from_act(ctx: Context, erased: Erased, act: DigestAct) -> bool:
    is_theirs = act.member_id == erased.member_id
    if is_theirs:
        show_item(ctx, known_item(ctx, act.item_id))
    return is_theirs


def from_told(ctx: Context, erased: Erased, told: Told) -> bool:
    """A word or an answer from which something may have been erased."""
    text = ""
    if told.feedback_id and (feedback := find_feedback(ctx.session, ctx.workspace.id, told.feedback_id)):
        text = feedback.note
    elif told.decision_id:
        text = decision_of(ctx.session, ctx.workspace.id, told.decision_id).text
    if not erased.was_in(text):
        return False
    ctx.refresh(CARD, told.digest_id)
    return True
