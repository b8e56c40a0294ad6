"""How questions about leads look: pure functions from rows to cards and forms."""

from bot.core import forms
from bot.core.action import PartialAction
from bot.core.language import _, fill
from bot.core.limits import clip
from bot.core.ui import Buttons, FormButton, Line, Mention, Message, Part, Quote, line
from bot.features.questions.actions import AnswerQuestion, Ask, Detail, OpenAnswer, OpenDetail
from storage.leads import Lead
from storage.people import Member
from storage.questions import Question


def question_form(lead: Lead) -> forms.Form:
    return forms.Form(
        title=_("Ask marketing"),
        action=PartialAction.of(Ask, lead=lead.id, cycle=lead.cycle),
        submit=_("Ask"),
        intro=(line(_("About {lead}. Its clocks wait for the answer."), lead=_title(lead)),),
        fields=(forms.TextField(name="text", label=_("What do you need to know?"), multiline=True, limit=500),),
    )


def detail_form(question: Question, lead: Lead) -> forms.Form:
    return forms.Form(
        title=_("Ask marketing"),
        action=PartialAction.of(Detail, question=question.id),
        submit=_("Ask"),
        intro=(line(_("About {lead}"), lead=_title(lead)),),
        fields=(
            forms.TextField(
                name="text", label=_("What do you need to know?"), multiline=True, limit=500, initial=question.text
            ),
        ),
    )


def answer_form(question: Question, lead: Lead) -> forms.Form:
    return forms.Form(
        title=_("Answer the question"),
        action=PartialAction.of(AnswerQuestion, question=question.id),
        submit=_("Answer"),
        intro=(line(_("About {lead}"), lead=_title(lead)), *([Quote(question.text)] if question.text else [])),
        fields=(forms.TextField(name="text", label=_("Your answer"), multiline=True, limit=1000),),
    )


def card(question: Question, lead: Lead, asker: Member, answerer: Member | None) -> Message:
    """What marketing sees."""
    who = Mention(asker.external_id, clip(asker.name, 80))
    parts: list[Part] = [line(_("{who} needs to know more before going on; the lead's clocks wait."), who=who)]
    if question.text:
        parts.append(Quote(clip(question.text, 500)))
    if question.withdrawn_at:
        parts.append(Line(_("Taken back.")))
    elif question.answer and answerer:
        parts.append(line(_("{who} answered: {text}"), who=clip(answerer.name, 80), text=clip(question.answer, 1000)))
    else:
        parts.append(Buttons(FormButton(_("Answer..."), OpenAnswer(question=question.id), "good")))
    return Message(clip(fill(_("A question about {lead}"), lead=_title(lead)), 150), *parts)


def asked(lead: Lead, was_anybody_asked: bool) -> Message:
    if was_anybody_asked:
        return Message(
            clip(fill(_("Asked. The clocks of {lead} wait for marketing's answer."), lead=_title(lead)), 150)
        )
    return Message(
        _("Noted, but nobody can be asked yet: there is no marketing channel I may speak in."),
        Line(_("An admin can choose one: /parley setup")),
    )


def what_is_missing(question: Question, lead: Lead) -> Message:
    """To the one whose reaction said that something is missing."""
    headline = clip(fill(_("I asked marketing about {lead}."), lead=_title(lead)), 150)
    if question.withdrawn_at:
        return Message(headline, Line(_("You took the question back.")))
    if question.answer:
        return Message(headline, Line(_("Marketing has answered.")))
    if question.text:
        return Message(headline, Quote(clip(question.text, 500)))
    button = FormButton(_("Say what is missing..."), OpenDetail(question=question.id))
    return Message(headline, Line(_("What do you need to know?")), Buttons(button))


def answered() -> Message:
    return Message(_("Answered. Thank you: the seller goes on with it."))


def detailed() -> Message:
    return Message(_("Marketing sees what you need."))


def answer_for_asker(question: Question, lead: Lead, answerer: Member) -> Message:
    return Message(
        clip(fill(_("Marketing answered your question about {lead}"), lead=_title(lead)), 150),
        *([Quote(clip(question.text, 500))] if question.text else []),
        line(_("{who}: {text}"), who=clip(answerer.name, 80), text=clip(question.answer or "", 1000)),
    )


def _title(lead: Lead) -> str:
    return f"{clip(lead.key, 40)} {clip(lead.company, 60)}"
