"""The forms in which people answer, and the few words that answer them."""

from collections.abc import Mapping, Sequence

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, Form, Option, TextField
from bot.core.language import _, fill, number
from bot.core.limits import clip
from bot.core.ui import Buttons, FormButton, Line, Message
from bot.features.pulse import actions
from bot.features.pulse.actions import WORDS, Comment, OpenAnswers
from bot.features.pulse.service import Told
from bot.features.pulse.views.cards import ANSWERS, SYMPTOM_ANSWERS, wording
from storage.people import Side
from storage.pulse import PulseQuestion, PulseWave, QuestionKind

LABEL = 95  # characters of a field's label; the rest of a long wording is its hint


def form(wave: PulseWave, side: Side, questions: Sequence[PulseQuestion], given: Mapping[int, int], words: str) -> Form:
    """All questions of a wave, in the wording of a side, with what was answered so far."""
    fields = [_choice(each, side, given.get(each.position)) for each in questions if each.kind != QuestionKind.OPEN]
    open_question = next((each for each in questions if each.kind == QuestionKind.OPEN), None)
    return Form(
        _("Pulse"),
        PartialAction.of(actions.Answers, wave=wave.id),
        (*fields, _words(open_question, side, words)),
        _("Answer"),
        (_promise(wave),),
    )


def comment_form(wave: PulseWave, side: Side, question: PulseQuestion | None, words: str) -> Form:
    return Form(
        _("Pulse"),
        PartialAction.of(Comment, wave=wave.id),
        (_words(question, side, words),),
        _("Save"),
        (_promise(wave),),
    )


def _promise(wave: PulseWave) -> Line:
    sentence = _(
        "Nobody is told who answered what. Comments are shown, in no order, once the pulse is closed, "
        "if at least {n} of your side have answered."
    )
    return Line(fill(sentence, n=number(wave.comment_threshold)))


def _choice(question: PulseQuestion, side: Side, given: int | None) -> ChoiceField:
    labels = SYMPTOM_ANSWERS if question.kind == QuestionKind.SYMPTOM else ANSWERS
    text = wording(question, side)
    return ChoiceField(
        name=f"a{question.position}",
        label=clip(text, LABEL),
        hint=text if clip(text, LABEL) != text else None,
        options=tuple(Option(str(value), _(label)) for value, label in enumerate(labels, 1)),
        initial=str(given) if given else None,
        optional=True,
    )


def _words(question: PulseQuestion | None, side: Side, words: str) -> TextField:
    return TextField(
        name="words",
        label=clip(wording(question, side), LABEL) if question else _("A comment"),
        hint=_("Without names: mentions and links are taken out. Leave it empty to take it back."),
        multiline=True,
        limit=WORDS,
        initial=words or None,
        optional=True,
    )


def told(what: Told) -> Message | None:
    match what:
        case Told.ALL:
            return Message(
                _("That was the last one, thank you. To change an answer, tap again before the pulse closes.")
            )
        case Told.CHANGED:
            return Message(_("Your answer is changed."))
        case Told.NOTHING:
            return None


def saved() -> Message:
    return Message(_("Saved. You can change it until the pulse closes."))


def other_side(wave_id: int, side: Side) -> Message:
    """Somebody taps where the words are the other side's."""
    if side == Side.SALES:
        sentence = _("This card is worded for marketing; in this pulse you are asked with sales.")
    else:
        sentence = _("This card is worded for sales; in this pulse you are asked with marketing.")
    return Message(
        sentence, Line(_("Nothing was counted.")), Buttons(FormButton(_("Answer..."), OpenAnswers(wave=wave_id)))
    )
