"""What became of feedback, in words its author understands."""

from bot.core.language import _, day, isolate, ngettext
from bot.core.limits import clip
from bot.rules.codes import Code, named
from storage.cases import Decision, Fate
from storage.feedback import Feedback


def what(feedback: Feedback, codes: dict[str, Code]) -> str:
    """The code and what it meant when it was given: "outside the agreed customer profile (reject R8)"."""
    if feedback.code is None:
        return _("a note")
    return named(feedback.code, feedback.meaning) if feedback.meaning else codes[feedback.code].title


def answer(decision: Decision) -> str:
    """Marketing's answer as one sentence."""
    text = isolate(clip(decision.text, 900))
    match decision.answer:
        case "change" if decision.due_on:
            return _("We will change this by {day}: {text}").format(text=text, day=day(decision.due_on))
        case "change":
            return _("We will change this: {text}").format(text=text)
        case "no_change":
            return _("We do not change this: {text}").format(text=text)
        case _:
            n = decision.examples or 1
            sentence = ngettext("We need one more example: {text}", "We need {n} more examples: {text}", n)
            return sentence.format(n=n, text=text)


def became(fate: Fate) -> str:
    """Where the case of this feedback stands."""
    if fate.decision:
        return clip(answer(fate.decision), 300)
    if fate.case and fate.case.acknowledged_at:
        return _("marketing has seen it and will decide")
    return _("waiting for marketing")
