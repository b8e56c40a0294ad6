"""Cards of a wave: two or three taps in a side's channel, a button where both sides talk, and never a tally."""

from collections.abc import Iterable, Sequence

from bot.core.language import N_, _, fill, number
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Message, Part, When, line
from bot.features.pulse.actions import OpenAnswers, OpenComment, ShowPrivacy, Vote
from storage.people import Side
from storage.pulse import PulseQuestion, PulseWave, QuestionKind, WaveKind, WaveState
from storage.pulse_results import PulseSentence

ANSWERS = (N_("Disagree"), N_("Rather disagree"), N_("Neither"), N_("Rather agree"), N_("Agree"))  # 1 to 5
PROMISES = 4  # sentences of heads
SYMPTOM_ANSWERS = (N_("No"), N_("Sometimes"), N_("Yes"))  # 1 to 3


def side_card(
    wave: PulseWave, questions: Sequence[PulseQuestion], side: Side, promised: Sequence[PulseSentence]
) -> Message:
    """In the channel of a side, in its wording; first what heads promised after the last result."""
    if wave.state != WaveState.OPEN:
        return _closed(wave)
    parts: list[Part] = [*_promised(promised), *_unheeded(wave)]
    if wave.kind == WaveKind.SYMPTOMS:
        parts += _symptoms(wave)
    else:
        for question in questions:
            parts += _question(wave, question, side)
        parts.append(_foot(FormButton(_("Add a comment..."), OpenComment(wave=wave.id))))
    return Message(_headline(wave), *parts, *_turnout(wave))


def shared_card(wave: PulseWave, promised: Sequence[PulseSentence]) -> Message:
    """Where both sides talk: everybody answers in the wording of their own."""
    if wave.state != WaveState.OPEN:
        return _closed(wave)
    first = [*_promised(promised), *_unheeded(wave)]
    if wave.kind == WaveKind.SYMPTOMS:
        return Message(_headline(wave), *first, *_symptoms(wave), *_turnout(wave))
    about = Line(_("The same questions to sales and marketing, each in words of their own."))
    answer = _foot(FormButton(_("Answer..."), OpenAnswers(wave=wave.id)))
    return Message(_headline(wave), *first, about, answer, *_turnout(wave))


def reminder(wave: PulseWave) -> Message:
    """In private, to those who have not answered."""
    if wave.state != WaveState.OPEN:
        return Message(_("This pulse is closed."))
    until = line(_("It takes a minute, and is open until {when}."), when=When(wave.closes_at))
    return Message(
        _("You have not answered the pulse yet"), until, _foot(FormButton(_("Answer..."), OpenAnswers(wave=wave.id)))
    )


def wording(question: PulseQuestion, side: Side) -> str:
    """In the language being spoken, where the words are Parley's own."""
    text = question.wording(side)
    return _(text) if question.is_shipped else text


def sentences(said: Iterable[PulseSentence]) -> list[Part]:
    """What heads will do: with the result, and in front of what is asked next."""
    names, sentence = {Side.SALES: _("Sales"), Side.MARKETING: _("Marketing")}, _("{side} will do: {text}")
    shown = list(said)[:PROMISES]
    return [line(sentence, side=Bold(names[Side(each.side)]), text=clip(each.text, 300)) for each in shown]


def turnout_of(wave: PulseWave) -> str:
    sides = [
        fill(sentence, n=number(wave.answered(side)), of=number(wave.asked(side)))
        for side, sentence in ((Side.SALES, _("sales {n} of {of}")), (Side.MARKETING, _("marketing {n} of {of}")))
        if wave.asked(side)
    ]
    answered, asked = wave.sales_answered + wave.marketing_answered, wave.sales_asked + wave.marketing_asked
    whole = fill(_("{n} of {of} have answered"), n=number(answered), of=number(asked))
    return f"{whole} ({', '.join(sides)})"


def _headline(wave: PulseWave) -> str:
    if wave.kind == WaveKind.SYMPTOMS:
        return _("Quarterly check: seven symptoms")
    return _("Weekly pulse")


def _closed(wave: PulseWave) -> Message:
    if wave.state == WaveState.VOID:
        return Message(_("This pulse was ended, and nothing was counted"))
    return Message(
        _("This pulse is closed"), Line(turnout_of(wave) + "."), Buttons(Button(_("What is stored?"), ShowPrivacy()))
    )


def _promised(said: Sequence[PulseSentence]) -> list[Part]:
    return [Line(Bold(_("You said, and this is what we do:"))), *sentences(said)] if said else []


def _unheeded(wave: PulseWave) -> list[Part]:
    if not wave.is_unheeded:
        return []
    return [Line(_("The last result got no answer from the heads; a week was skipped for it. We ask anyway."))]


def _question(wave: PulseWave, question: PulseQuestion, side: Side) -> list[Part]:
    if question.kind == QuestionKind.OPEN:
        return [
            Line(Bold(f"{question.position}. "), wording(question, side)),
            Buttons(FormButton(_("Say it..."), OpenComment(wave=wave.id))),
        ]
    votes = [
        Button(_(label), Vote(wave=wave.id, question=question.position, value=value, side=side.value))  # type: ignore[arg-type]
        for value, label in enumerate(ANSWERS, 1)
    ]
    return [Line(Bold(f"{question.position}. "), wording(question, side)), Buttons(*votes)]


def _symptoms(wave: PulseWave) -> list[Part]:
    about = Line(_("Instead of this week's pulse: what do you see where sales and marketing meet?"))
    return [about, _foot(FormButton(_("Answer..."), OpenAnswers(wave=wave.id)))]


def _foot(first: FormButton) -> Buttons:
    return Buttons(first, Button(_("What is stored?"), ShowPrivacy()))


def _turnout(wave: PulseWave) -> list[Part]:
    return [line(_("{turnout}. Open until {when}."), turnout=turnout_of(wave), when=When(wave.closes_at))]
