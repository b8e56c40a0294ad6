"""Erasing from results: a head's own sentence goes; of others' words what names somebody. Figures name nobody."""

import json

from bot.core.context import Context
from bot.core.erasing import Erased
from bot.features.pulse import heads, results
from storage.pulse_results import PulseResult, PulseSentence


def from_result(ctx: Context, erased: Erased, result: PulseResult) -> bool:
    """Of comments."""
    published = json.loads(result.body)
    for comments in published["comments"]:
        comments["texts"] = [erased.without(text) for text in comments["texts"]]
    body = json.dumps(published)
    if body == result.body:
        return False
    result.body = body
    _show(ctx, result.wave_id)
    return True


def from_sentence(ctx: Context, erased: Erased, sentence: PulseSentence) -> bool:
    is_theirs = sentence.member_id == erased.member_id
    text = erased.left_of(sentence.text, is_theirs=is_theirs)
    if text == sentence.text:
        return False
    sentence.text = text or ""
    _show(ctx, sentence.wave_id)
    return True


def _show(ctx: Context, wave_id: int) -> None:
    for subject in (results.CARD, heads.ASKED):
        ctx.refresh(subject, wave_id)
