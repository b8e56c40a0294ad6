"""How visits look: the invitation, preparation, reminders, and what is noted on the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, ChoicesField, Form, Option, TextField
from bot.core.language import _, day, fill
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, File, FormButton, Line, Mention, Message, Part, When, line
from bot.features.gemba.actions import Observe, OpenObserve, OpenReflect, TellOutcome
from bot.features.gemba.views import phrases
from bot.features.gemba.words import ANY_QUESTIONS, FACTS, MOST_FACTS, QUESTIONS, codes
from bot.rules import invitations
from storage.gemba import GembaSignUp
from storage.gemba_swaps import GembaLeg, GembaObservation, Outcome
from storage.people import Member


@dataclass(frozen=True)
class Invitation:
    """One visit, for a calendar; `number` grows with every change of it."""

    leg: GembaLeg
    format: str
    visitor: Member
    host: Member
    offer: GembaSignUp | None  # the host's
    wants: GembaSignUp | None  # the visitor's
    number: int
    now: datetime
    workspace: str  # its external id


@dataclass(frozen=True)
class VisitCard:
    """All that the visitor's messages about one visit show."""

    leg: GembaLeg
    host: Member
    visitor_wants: GembaSignUp | None
    offer: GembaSignUp | None  # the host's
    facts: Sequence[GembaObservation]
    has_reflected: bool = False


def invitation(shown: Invitation) -> Message:
    leg, is_cancelled = shown.leg, shown.leg.outcome == Outcome.CANCELLED
    names = {"visitor": clip(shown.visitor.name, 60), "host": clip(shown.host.name, 60)}
    if is_cancelled:
        title = _("Cancelled: {visitor} visits {host}")
    elif shown.number:
        title = _("Changed: {visitor} visits {host}")
    else:
        title = _("For your calendar: {visitor} visits {host}")
    place = phrases.place_of(shown.offer, shown.wants)
    content = invitations.invitation(
        uid=f"gemba-{leg.id}@{shown.workspace.lower()}.parley",
        sequence=shown.number,
        begins=leg.begins_at,
        ends=leg.ends_at,
        zone=shown.host.timezone,
        title=fill(_("Job swap: {visitor} visits {host}"), **names),
        text=phrases.format_of(shown.format),
        place=place,
        attendees=[(member.name, member.email) for member in (shown.visitor, shown.host)],
        now=shown.now,
        is_cancelled=is_cancelled,
    )
    where = line(_("{when}, {place}."), when=When(leg.begins_at), place=place)
    return Message(clip(fill(title, **names), 150), where, File(f"job-swap-{leg.id}.ics", content))


def preparation(shown: VisitCard) -> Message:
    """Three working days before: a theme, three questions, and what not to do."""
    name = clip(shown.host.name, 80)
    title = clip(fill(_("Your visit to {name}: prepare"), name=name), 150)
    if shown.leg.outcome == Outcome.CANCELLED:
        return Message(title, Line(_("This visit was cancelled.")))
    wanted = codes(shown.visitor_wants.wished_themes) if shown.visitor_wants else []
    shown_themes = codes(shown.offer.offered_themes) if shown.offer else []
    theme = next((each for each in wanted if each in shown_themes), (wanted or shown_themes or [""])[0])
    questions = QUESTIONS.get(theme, ANY_QUESTIONS)
    parts: list[Part] = [
        line(_("{when}, with {who}."), when=When(shown.leg.begins_at), who=Mention(shown.host.external_id, name)),
        line(_("Place: {place}"), place=phrases.place_of(shown.offer, shown.visitor_wants)),
    ]
    if theme:
        parts.append(line(_("Your theme: {theme}"), theme=Bold(phrases.theme(theme))))
    parts.append(Line(_("Three questions to take along:")))
    parts += [Line(f"{number}. {_(question)}") for number, question in enumerate(questions, 1)]
    parts.append(Line(_("Watch before you judge. Do not sell, do not correct, do not explain your own side.")))
    if shown.offer and shown.offer.off_limits:
        parts.append(line(_("Off limits: {what}"), what=clip(shown.offer.off_limits, 300)))
    return Message(title, *parts)


def reminder(leg: GembaLeg, other: Member, place: str, on: date, *, is_host: bool, days: int) -> Message:
    """So many days before it, which is on this day where the reader is."""
    match days:
        case 0:
            title = _("Today {name} visits you") if is_host else _("Today you visit {name}")
        case 1:
            title = _("Tomorrow {name} visits you") if is_host else _("Tomorrow you visit {name}")
        case _:
            title = _("{name} visits you on {day}") if is_host else _("You visit {name} on {day}")
    where = line(_("{when}, {place}."), when=When(leg.begins_at), place=place)
    return Message(clip(fill(title, name=clip(other.name, 80), day=day(on)), 150), where)


def observation(shown: VisitCard) -> Message:
    """On the day, to the visitor."""
    title = clip(fill(_("With {name}: what do you see?"), name=shown.host.name), 150)
    if shown.leg.outcome == Outcome.CANCELLED:
        return Message(title, Line(_("This visit was cancelled.")))
    if shown.leg.outcome == Outcome.MISSED:
        return Message(title, Line(_("It did not take place. Nobody is told; things happen.")))
    parts: list[Part] = [
        Line(fill(_("Note up to {n} facts, each in a sentence: what you see, not what you make of it."), n=MOST_FACTS)),
        *map(_fact, shown.facts),
    ]
    if len(shown.facts) < MOST_FACTS:
        parts.append(Buttons(FormButton(_("Note a fact..."), OpenObserve(leg=shown.leg.id), "good")))
    return Message(title, *parts)


def afterwards(shown: VisitCard) -> Message:
    """When the visit is over, to the visitor."""
    leg = shown.leg
    title = clip(fill(_("Your visit to {name}"), name=shown.host.name), 150)
    if leg.outcome == Outcome.CANCELLED:
        return Message(title, Line(_("This visit was cancelled.")))
    if leg.outcome == Outcome.MISSED:
        return Message(title, Line(_("It did not take place. Nobody is told; things happen.")))
    parts: list[Part] = list(map(_fact, shown.facts))
    if shown.has_reflected:
        return Message(title, *parts, Line(_("You have written your slides. Thank you!")))
    slides = FormButton(_("Three slides..."), OpenReflect(swap=leg.swap_id), "good")
    parts.append(
        Line(_("Three short slides: what you did and saw, what you had wrong, one change. Your host sees them first."))
    )
    if leg.outcome == Outcome.DONE:
        return Message(title, *parts, Buttons(slides))
    told = [
        Button(_("It took place"), TellOutcome(leg=leg.id, took_place=True)),
        Button(_("It did not take place"), TellOutcome(leg=leg.id, took_place=False)),
    ]
    return Message(title, *parts, Buttons(slides, *told))


def observation_form(shown: VisitCard) -> Form:
    return Form(
        _("A fact"),
        PartialAction.of(Observe, leg=shown.leg.id),
        (
            ChoiceField(
                name="kind",
                label=_("What kind"),
                options=tuple(Option(code, _(label)) for code, label in FACTS.items()),
                initial="saw",
            ),
            TextField(name="text", label=_("What it is"), multiline=True, limit=400),
            ChoicesField(
                name="own",
                label=_("And"),
                options=(Option("own", _("I did it myself")),),
                optional=True,
            ),
        ),
        _("Note it"),
    )


def noted(left: int) -> Message:
    more = fill(_("There is room for {n} more."), n=left) if left else _("These are all.")
    return Message(_("Noted."), Line(more))


def told(*, took_place: bool) -> Message:
    if took_place:
        return Message(_("Good. The three slides are what remains."))
    return Message(_("Thank you for telling me. Nobody else is told."))


def fact(found: GembaObservation) -> str:
    """One fact, in a line."""
    kind = _(FACTS.get(found.kind, FACTS["saw"]))
    own = " " + _("(I did it myself)") if found.is_own else ""
    return f"{kind}: {found.text}{own}"


def _fact(found: GembaObservation) -> Line:
    kind = _(FACTS.get(found.kind, FACTS["saw"]))
    own = " " + _("(I did it myself)") if found.is_own else ""
    return line(_("{kind}: {what}{own}"), kind=Bold(kind), what=clip(found.text, 400), own=own)
