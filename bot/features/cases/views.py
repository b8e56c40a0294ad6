"""How cases look: marketing's card, the decision's form, and the receipts; pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core import forms
from bot.core.action import PartialAction
from bot.core.language import _, fill, ngettext
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Link, Mention, Message, Part, Quote, When, line
from bot.features.cases.actions import Acknowledge, Answers, ChangeDecision, Decide, Helps, OpenDecision
from bot.rules.clocks import due_at
from bot.rules.fate import answer
from storage.cases import Decision, FeedbackCase, Receipt
from storage.clocks import Course
from storage.people import Member

EXAMPLES, IN_FORM = 5, 3  # words of feedback that the card shows, and the form


@dataclass(frozen=True)
class Example:
    """One word of feedback, as marketing reads it."""

    author: str
    about: str
    note: str
    quote: str | None
    link: str | None


@dataclass(frozen=True)
class CaseCard:
    """All that marketing's card shows."""

    case: FeedbackCase
    what: str
    is_praise: bool
    campaign: str | None
    clock: Course | None  # that runs
    count: int
    examples: Sequence[Example]  # the newest first
    acknowledged_by: str | None
    decisions: Sequence[tuple[Decision, str]]  # with who decided, the newest first
    helps: int
    helps_not: int


def card(shown: CaseCard) -> Message:
    case = shown.case
    praise_or_feedback = _("Praise: {what}") if shown.is_praise else _("Feedback: {what}")
    parts: list[Part] = []
    if shown.count > 1:
        parts.append(Line(ngettext("Said once.", "Said {n} times.", shown.count).format(n=shown.count)))
    if shown.campaign:
        parts.append(line(_("Campaign: {name}"), name=clip(shown.campaign, 80)))
    for example in shown.examples[:EXAMPLES]:
        parts += _heard([example])
        if example.link:
            parts.append(line(_("On {message}"), message=Link(_("this message"), example.link)))
        if example.quote:
            parts.append(Quote(clip(example.quote, 300)))
    if shown.count > EXAMPLES:
        parts.append(Line(fill(_("... and {n} more."), n=shown.count - EXAMPLES)))
    if shown.count == 0 and not shown.decisions:
        return Message(clip(fill(praise_or_feedback, what=shown.what), 150), Line(_("Withdrawn by its author.")))
    parts += [line(_("{who}: {answer}"), who=clip(who, 80), answer=answer(made)) for made, who in shown.decisions[:3]]
    if shown.helps or shown.helps_not:
        said = _("That helps: {yes}. That does not help: {no}.")
        parts.append(Line(fill(said, yes=shown.helps, no=shown.helps_not)))
    if case.closed_at is None:
        parts += _open_parts(shown)
    return Message(clip(fill(praise_or_feedback, what=shown.what), 150), *parts)


def _heard(said: Sequence[Example]) -> list[Line | Quote]:
    """Who said it about what, in their words."""
    parts: list[Line | Quote] = []
    for example in said:
        parts.append(line(_("{who} about {lead}"), who=clip(example.author, 80), lead=Bold(clip(example.about, 130))))
        if example.note:
            parts.append(Quote(clip(example.note, 400)))
    return parts


def _open_parts(shown: CaseCard) -> list[Part]:
    case = shown.case
    buttons: list[Button | FormButton] = []
    parts: list[Part] = []
    if shown.acknowledged_by is None:
        buttons.append(Button(_("Acknowledge"), Acknowledge(case=case.id), "good"))
    else:
        parts.append(line(_("Seen by {who}."), who=clip(shown.acknowledged_by, 80)))
    if case.examples_wanted:
        parts.append(Line(fill(_("{n} of {of} examples so far."), n=shown.count, of=case.examples_wanted)))
    elif shown.decisions and shown.decisions[0][0].answer == "need_more":
        parts.append(Line(_("The examples marketing asked for are here.")))
    if shown.clock and (at := due_at(shown.clock)):
        sentence = (
            _("Acknowledge it, to say that you have seen it. Deadline: {when}")
            if shown.clock.clock.kind == "M1"
            else _("Deadline to decide: {when}")
        )
        parts.append(line(sentence, when=When(at)))
    buttons.append(FormButton(_("Decide..."), OpenDecision(case=case.id)))
    return [*parts, Buttons(*buttons)]


def enough(what: str, asked_by: Member) -> Message:
    """To the one who asked for more examples, below the card."""
    who = Mention(asked_by.external_id, clip(asked_by.name, 80))
    return Message(
        clip(fill(_("The examples you asked for are here: {what}"), what=what), 150),
        line(_("{who}, you can decide now, on the card."), who=who),
    )


def decision_form(case: FeedbackCase, what: str, said: Sequence[Example], chosen: Answers = "change") -> forms.Form:
    """Asks for the answer, and for what belongs to it: a day for a change, a number for more examples."""
    labels = {
        "change": _("What do you change?"),
        "no_change": _("Why not?"),
        "need_more": _("What do you need to see?"),
    }
    options = (
        forms.Option("change", _("We change something")),
        forms.Option("no_change", _("We do not change this")),
        forms.Option("need_more", _("We need more examples")),
    )
    fields: list[forms.Field] = [
        forms.ChoiceField(
            name="answer", label=_("Your answer"), options=options, initial=chosen, on_change=ChangeDecision.name
        ),
        forms.TextField(name="text", label=labels[chosen], multiline=True, limit=1000),
    ]
    if chosen == "change":
        fields.append(forms.DateField(name="due_on", label=_("By when?")))
    if chosen == "need_more":
        fields.append(forms.NumberField(name="examples", label=_("How many more?"), at_least=1, at_most=50))
    return forms.Form(
        title=_("Decide"),
        action=PartialAction.of(Decide, case=case.id),
        submit=_("Send the answer"),
        intro=(line(_("About {what}"), what=Bold(clip(what, 200))), *_heard(said)),
        fields=tuple(fields),
    )


def acknowledged(what: str) -> Message:
    return Message(
        clip(fill(_("Acknowledged: {what}"), what=what), 150),
        Line(_("Whoever said it sees that you have read it. Decide within five working days.")),
    )


def decided(count: int) -> Message:
    told = ngettext("Decided. {n} person gets your answer.", "Decided. {n} people get your answer.", count)
    return Message(told.format(n=count))


def receipt(receipt: Receipt, decision: Decision, decided_by: str, what: str, said: Sequence[Example]) -> Message:
    """You said, we do: to the reporter."""
    parts: list[Part] = []
    for example in said[:3]:
        parts.append(line(_("You said about {lead}: {what}"), lead=Bold(clip(example.about, 130)), what=what))
        if example.note:
            parts.append(Quote(clip(example.note, 400)))
    parts.append(line(_("{who} in marketing: {answer}"), who=clip(decided_by, 80), answer=answer(decision)))
    if receipt.helps is not None:
        parts.append(Line(_("You said: that helps.") if receipt.helps else _("You said: that does not help.")))
    offered = {True: _("That helps"), False: _("That does not help")}
    parts.append(
        Buttons(
            *(
                Button(label, Helps(receipt=receipt.id, helps=helps), "good" if helps else "plain")
                for helps, label in offered.items()
                if helps != receipt.helps
            )
        )
    )
    return Message(clip(fill(_("Marketing answered: {what}"), what=what), 150), *parts)


def thread_note(decision: Decision, decided_by: str, what: str) -> Message:
    """In the thread of the lead's card."""
    return Message(
        clip(fill(_("Marketing answered: {what}"), what=what), 150),
        line(_("{who}: {answer}"), who=clip(decided_by, 80), answer=answer(decision)),
    )


def thanks() -> Message:
    return Message(_("Thank you. Marketing sees it."))


def waiting(unseen: int, undecided: int) -> list[Part]:
    """For marketing's home."""
    return [
        Line(Bold(_("Feedback from sales"))),
        Line(fill(_("{n} to acknowledge, {m} to decide"), n=unseen, m=undecided)),
    ]
