"""How leads look: pure functions from rows to cards, lists and forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.core import forms
from bot.core.action import PartialAction
from bot.core.language import N_, _, day, fill, money
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, Code, Facts, FormButton, Line, Mention, Message, Part, Quote, When, line
from bot.features.leads.actions import Add, Move, Show, Step, Undo
from bot.rules.clocks import due_at, in_words, is_paused
from bot.rules.codes import Code as FeedbackCode
from bot.rules.codes import CodeKind, fits
from bot.rules.lead_fields import TEMPERATURES
from bot.rules.lead_states import OPEN, LeadState, possible, state_name
from storage.clocks import Course
from storage.feedback import Feedback
from storage.leads import Lead, LeadEvent
from storage.people import Member
from storage.questions import Question

_STEPS: dict[Step, str] = {
    "accept": N_("Accept"),
    "attempt": N_("I tried to reach them"),
    "connect": N_("We are in contact"),
    "qualify": N_("Qualified"),
    "win": N_("Won"),
    "lose": N_("Lost"),
}
_DONE = {
    "accept": N_("You accepted {lead}."),
    "attempt": N_("Noted: you tried to reach {lead}."),
    "connect": N_("Noted: you are in contact with {lead}."),
    "qualify": N_("You qualified {lead}."),
    "win": N_("You won {lead}. Congratulations!"),
    "lose": N_("Noted: {lead} is lost."),
}


@dataclass(frozen=True)
class Said:
    """A word of feedback on a lead, with its author and what was said, as a code and its meaning."""

    feedback: Feedback
    author: Member
    what: str


@dataclass(frozen=True)
class LeadCard:
    """All that a lead's card shows."""

    lead: Lead
    alike: Sequence[Lead]  # earlier ones of a company of that name that are open
    owner: Member | None
    campaign: str | None
    clock: Course | None  # that runs
    to_accept: str  # the policy of the clock that starts when this card stands
    said: Sequence[Said]  # oldest first, withdrawn words too
    lookers: Sequence[str]  # names of those who are looking
    would_accept: Sequence[str]  # names of those who said so and may not decide
    question: tuple[Question, Member, Member | None] | None  # with asker and answerer


def title(lead: Lead) -> str:
    return f"{clip(lead.key, 40)} · {clip(lead.company, 90)}"


def card(shown: LeadCard) -> Message:
    lead = shown.lead
    if lead.state == LeadState.WIPED:
        return Message(clip(lead.key, 40), Line(_("This lead was erased.")))
    if lead.state == LeadState.WITHDRAWN:
        return Message(title(lead), Line(_("Withdrawn by the one who added it.")))
    parts: list[Part] = [_status(lead, shown.owner)]
    if lead.cycle > 1 and lead.state == LeadState.HANDED_OFF:
        parts.append(Line(_("It was kept for later, and is back.")))
    if deadline := _deadline(shown):
        parts.append(deadline)
    if facts := _facts(lead, shown.campaign):
        parts.append(Facts(*facts))
    if lead.summary:
        parts.append(Quote(clip(lead.summary, 1500)))
    parts += [_also(other) for other in shown.alike[:3]]
    parts += [_said(said) for said in _worth_showing(shown.said)]
    if shown.question:
        parts += _question(*shown.question)
    if shown.would_accept and lead.state == LeadState.HANDED_OFF:
        parts.append(line(_("Would accept it: {names}"), names=_names(shown.would_accept)))
    if shown.lookers:
        parts.append(line(_("Looking at it: {names}"), names=_names(shown.lookers)))
    return Message(title(lead), *parts, *buttons(lead))


def came_back(lead: Lead, on: date) -> Message:
    """What is left of the card of an earlier cycle; it keeps nothing that would have to be erased."""
    return Message(clip(lead.key, 40), Line(_("It came back on {day}, with a new card.").format(day=day(on))))


def buttons(lead: Lead) -> list[Buttons]:
    """What can be done with the lead now; the codes' forms are another feature's, linked by wire name."""
    if LeadState(lead.state) not in OPEN - {LeadState.NEW}:
        return []
    state, target = LeadState(lead.state), {"lead": lead.id, "cycle": lead.cycle}
    steps = [act for act in _STEPS if act in possible(state)]
    row: list[Button | FormButton] = [
        Button(_(_STEPS[act]), Move(act=act, **target), "good" if act == steps[0] else "plain") for act in steps
    ]
    row.append(Button(_("Good lead"), PartialAction.of("feedback.praise", **target)))
    labels = {
        CodeKind.REJECT: _("Reject..."),
        CodeKind.DISQUALIFY: _("Disqualify..."),
        CodeKind.RECYCLE: _("Not now..."),
    }
    for kind, label in labels.items():
        if fits(FeedbackCode(_SAMPLES[kind], ""), state):
            row.append(FormButton(label, PartialAction.of("feedback.open", kind=kind.value, **target)))
    row.append(FormButton(_("Need info"), PartialAction.of("questions.open", **target)))
    return [Buttons(*row[:6]), *([Buttons(*row[6:])] if row[6:] else [])]


_SAMPLES = {CodeKind.REJECT: "R1", CodeKind.DISQUALIFY: "D1", CodeKind.RECYCLE: "N1"}


def done(lead: Lead, event: LeadEvent) -> Message:
    """The answer to a step, with a way back."""
    sentence = fill(_(_DONE[event.kind]), lead=title(lead))
    return Message(clip(sentence, 150), _way_back(event))


def _way_back(event: LeadEvent) -> Buttons:
    return Buttons(Button(_("Undo"), Undo(event=event.id)))


def undone(lead: Lead) -> Message:
    if lead.state == LeadState.WITHDRAWN:
        return Message(clip(fill(_("Withdrawn: {lead}"), lead=title(lead)), 150))
    sentence = _("Undone: {lead} is {state} again.")
    return Message(clip(fill(sentence, lead=title(lead), state=state_name(lead.state)), 150))


def already_added(lead: Lead, event: LeadEvent) -> Message:
    return Message(clip(fill(_("Already added: {lead}."), lead=title(lead)), 150), _way_back(event))


def added(lead: Lead, event: LeadEvent, alike: Sequence[Lead], source: str | None, campaign: str | None) -> Message:
    """What was understood, what to know about it, and a way back."""
    facts = {_("Source"): source, _("Campaign"): campaign}
    understood = [(name, clip(text, 100)) for name, text in facts.items() if text]
    parts: list[Part] = [Facts(*understood)] if understood else []
    if lead.state == LeadState.NEW:
        parts.append(Line(_("Nobody sees it yet: there is no leads channel. An admin can choose one: /parley setup")))
    parts += [_also(other) for other in alike[:3]]
    return Message(clip(fill(_("Added {lead}."), lead=title(lead)), 150), *parts, _way_back(event))


def _also(other: Lead) -> Line:
    sentence = _("There is also {key} of that name, {state}. If it is the same, reject this one as a duplicate.")
    return line(sentence, key=Bold(clip(other.key, 40)), state=state_name(other.state))


def add_form(company: str = "") -> forms.Form:
    temperatures = tuple(forms.Option(value, _(label)) for value, label in TEMPERATURES.items())
    return forms.Form(
        title=_("Add a lead"),
        action=PartialAction.of(Add),
        submit=_("Add"),
        fields=(
            forms.TextField(name="company", label=_("Company"), limit=120, initial=company or None),
            forms.PersonField(
                name="owner", label=_("Seller"), hint=_("Empty: whoever accepts it first."), optional=True
            ),
            forms.TextField(name="source", label=_("Source"), hint=_("Such as webinar."), limit=80, optional=True),
            forms.TextField(name="campaign", label=_("Campaign"), limit=80, optional=True),
            forms.ChoiceField(name="temperature", label=_("How warm?"), options=temperatures, initial="standard"),
            forms.TextField(name="contact", label=_("Contact person"), limit=120, optional=True),
            forms.TextField(name="email", label=_("E-mail"), limit=200, optional=True),
            forms.TextField(name="phone", label=_("Phone"), limit=60, optional=True),
            forms.NumberField(name="value", label=_("Value"), decimal=True, at_least=0, optional=True),
            forms.TextField(
                name="summary", label=_("What should the seller know?"), multiline=True, limit=1500, optional=True
            ),
        ),
    )


def overview(parts: Sequence[Part]) -> Message:
    """My open leads, and my feedback with what became of it."""
    return Message(_("Your leads and your feedback"), *parts)


def found(leads: Sequence[Lead], text: str, near: str | None = None) -> Message:
    """What `/lead some words` finds; `near` is the word of the command that the first of them resembles."""
    if not leads:
        return Message(
            clip(fill(_("I found no lead called “{text}”."), text=clip(text, 80)), 150),
            *([line(_("Did you mean {command}?"), command=Code(f"/lead {near}"))] if near else []),
            line(_("Add one: {command}"), command=Code("/lead add ...")),
        )
    lines = [Line(Bold(title(lead)), "  ", state_name(lead.state)) for lead in leads[:12]]
    headline = _("These leads fit:") if len(leads) <= 12 else _("Many leads fit; these are the newest:")
    return Message(headline, *lines, *_show_buttons(leads[:12]))


def my_leads(open_leads: Sequence[Lead], more: int, owners: Mapping[int, str]) -> list[Part]:
    """`owners`: the names of those for whom the reader stands in, by their ids."""
    parts: list[Part] = [Line(Bold(_("My open leads")))]
    if not open_leads:
        return [*parts, Line(_("You have no open leads."))]
    for lead in open_leads:
        state, who = state_name(lead.state), owners.get(lead.owner_id or 0)
        whose = fill(_("{state}, with {who}"), state=state, who=clip(who, 80)) if who else state
        parts.append(Line(Bold(title(lead)), "  ", whose))
    parts += _show_buttons(open_leads)
    return [*parts, *([Line(fill(_("... and {n} more."), n=more))] if more else [])]


def _names(names: Sequence[str]) -> str:
    return clip(", ".join(names), 300)


def _show_buttons(leads: Sequence[Lead]) -> list[Buttons]:
    keys = [Button(clip(lead.key, 40), Show(lead=lead.id)) for lead in leads]
    return [Buttons(*keys[start : start + 6]) for start in range(0, len(keys), 6)]


def _status(lead: Lead, owner: Member | None) -> Line:
    state = Bold(state_name(lead.state).capitalize())
    who = Mention(owner.external_id, clip(owner.name, 80)) if owner else None
    match LeadState(lead.state):
        case LeadState.HANDED_OFF if who:
            return line(_("{state} by {who}"), state=state, who=who)
        case LeadState.HANDED_OFF:
            return line(_("{state} by anyone in sales"), state=state)
        case LeadState.RECYCLED if lead.wake_on and who:
            return line(_("{state}: wakes on {day}, with {who}"), state=state, day=day(lead.wake_on), who=who)
        case _ if who:
            return line(_("{state}, with {who}"), state=state, who=who)
        case _:
            return Line(state)


def _deadline(shown: LeadCard) -> Line | None:
    """By when something is to be done; the first clock starts when this card stands, so until then within how long."""
    if (clock := shown.clock) is None:
        is_to_start = shown.lead.state in (LeadState.NEW, LeadState.HANDED_OFF)
        allowed = in_words(shown.to_accept)
        return Line(fill(_("To be accepted within {time} of this message."), time=allowed)) if is_to_start else None
    sentences = {
        "S1": _("Deadline to accept it: {when}"),
        "S2": _("Deadline for the first contact: {when}"),
        "S3": _("Deadline to qualify it, disqualify it or keep it for later: {when}"),
    }
    if is_paused(clock):
        return Line(_("There is no deadline while marketing's answer is waited for."))
    at = due_at(clock)
    return line(sentences[clock.clock.kind], when=When(at)) if at else None


def _facts(lead: Lead, campaign: str | None) -> list[tuple[str, str]]:
    value = None if lead.value_cents is None else money(lead.value_cents)
    warm = None if lead.temperature == "standard" else _(TEMPERATURES[lead.temperature])
    facts = {
        _("Source"): lead.source,
        _("Campaign"): campaign,
        _("Contact"): lead.contact,
        _("E-mail"): lead.email,
        _("Phone"): lead.phone,
        _("Segment"): lead.segment,
        _("Value"): value,
        _("Warmth"): warm,
    }
    return [(name, clip(text, 200)) for name, text in facts.items() if text]


def _worth_showing(said: Sequence[Said]) -> list[Said]:
    """The last words that stand, and the last one that was withdrawn."""
    standing = [each for each in said if each.feedback.withdrawn_at is None][-3:]
    return standing + [each for each in said if each.feedback.withdrawn_at][-1:]


def _said(said: Said) -> Line:
    who, what, note = clip(said.author.name, 80), said.what, clip(said.feedback.note, 300)
    if said.feedback.withdrawn_at:
        return line(_("Withdrawn by {who}: {what}"), who=who, what=what)
    if said.feedback.is_opinion:
        sentence = _("{who} thinks: {what}. {note}") if note else _("{who} thinks: {what}")
    else:
        sentence = _("{who}: {what}. {note}") if note else _("{who}: {what}")
    return line(sentence, who=who, what=Bold(clip(what, 200)), note=note)


def _question(question: Question, asker: Member, answerer: Member | None) -> list[Part]:
    if question.text:
        asked = line(_("{who} asked marketing: {text}"), who=clip(asker.name, 80), text=clip(question.text, 500))
    else:
        asked = line(_("{who} needs more information from marketing."), who=clip(asker.name, 80))
    if question.answer is None or answerer is None:
        return [asked]
    answer = line(_("{who} answered: {text}"), who=clip(answerer.name, 80), text=clip(question.answer, 500))
    return [asked, answer]
