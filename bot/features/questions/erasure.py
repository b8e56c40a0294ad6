"""Erasing what was asked and answered: that it was asked stays, the words go."""

from bot.core.context import Context
from bot.core.erasing import Erased
from bot.features.questions import service
from storage.questions import Question


def from_question(ctx: Context, erased: Erased, question: Question) -> bool:
    """The words of an erased person, and all on an erased lead; of others, what names them."""
    is_about, before = question.lead_id == erased.lead_id, (question.text, question.answer)
    is_asker, is_answerer = question.asker_id == erased.member_id, question.answerer_id == erased.member_id
    is_answerer = is_answerer and question.answerer_id is not None
    question.text = erased.left_of(question.text, is_theirs=is_about or is_asker)
    question.answer = erased.left_of(question.answer, is_theirs=is_about or is_answerer)
    if not (is_about or is_asker or is_answerer) and (question.text, question.answer) == before:
        return False
    service.show(ctx, question)
    return True
