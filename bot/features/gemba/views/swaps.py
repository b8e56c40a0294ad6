"""How a swap looks to each of its two: the question, the forms, and how it stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, Form, Option
from bot.core.language import _, day, fill, ngettext
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Mention, Message, Part, When, line
from bot.features.gemba.actions import Accept, AnotherDate, Decline, OpenAnotherDate, OpenDecline
from bot.features.gemba.half_days import HalfDay
from bot.features.gemba.views import phrases
from bot.rules.calendars import zone_of
from bot.rules.swaps import Reason
from storage.gemba import GembaSignUp
from storage.gemba_swaps import GembaConsent, GembaLeg, GembaSwap, Outcome, Said, SwapState
from storage.people import Member

REASONS = 3  # told of each of the two


@dataclass(frozen=True)
class SwapCard:
    """A swap, as one of the two sees it."""

    swap: GembaSwap
    consent: GembaConsent
    member: Member
    partner: Member
    partner_said: str  # a Said
    legs: Sequence[GembaLeg]
    reasons: Sequence[Reason]
    offer: GembaSignUp | None  # what the partner offers as a host


def card(shown: SwapCard) -> Message:
    swap, partner = shown.swap, clip(shown.partner.name, 80)
    match swap.state:
        case SwapState.ASKED:
            return _question(shown)
        case SwapState.AGREED:
            title = fill(_agreed(shown), name=partner)
            buttons = [
                FormButton(_("Another date..."), OpenAnotherDate(consent=shown.consent.id)),
                FormButton(_("I cannot make it..."), OpenDecline(consent=shown.consent.id)),
            ]
            return Message(clip(title, 150), *_facts(shown), Line(_("You have both agreed.")), Buttons(*buttons))
        case SwapState.OVER:
            is_over = _("The visit with {name} is over") if swap.is_one_way else _("Your swap with {name} is over")
            return Message(clip(fill(is_over, name=partner), 150), *_facts(shown))
    one_way, both_ways = _("The visit with {name} will not take place"), _("The swap with {name} will not take place")
    title = fill(one_way if swap.is_one_way else both_ways, name=partner)
    return Message(clip(title, 150), Line(_how_it_ended(shown)), Line(_after_it_ended(shown)))


def _agreed(shown: SwapCard) -> str:
    if not shown.swap.is_one_way:
        return _("You swap with {name}")
    return _("You visit {name}") if shown.swap.one_id == shown.member.id else _("{name} visits you")


def _question(shown: SwapCard) -> Message:
    swap, consent = shown.swap, shown.consent
    parts = [*_facts(shown), *(Line(why(reason, shown)) for reason in _told(shown))]
    if shown.offer:
        parts.append(line(_("What they show: {what}"), what=phrases.shown_by(shown.offer)))
    if shown.offer and shown.offer.off_limits:
        parts.append(line(_("Off limits: {what}"), what=clip(shown.offer.off_limits, 300)))
    if consent.said == Said.YES:
        parts.append(line(_("You have said yes. {name} is asked."), name=clip(shown.partner.name, 80)))
    elif shown.partner_said == Said.YES:
        is_moved = any(leg.invited for leg in shown.legs)
        sentence = (
            _("{name} proposes another date. What stands in your calendar holds until you both agree.")
            if is_moved
            else _("{name} has said yes.")
        )
        parts.append(line(sentence, name=clip(shown.partner.name, 80)))
    if consent.said == Said.NOTHING and consent.times_asked > 1:
        parts.append(
            Line(
                _(
                    "I have not heard from you. In two working days, or when the first visit would begin, the place "
                    "goes to somebody else."
                )
            )
        )
    buttons: list[Button | FormButton] = []
    if consent.said == Said.NOTHING:
        buttons.append(Button(_("Accept"), Accept(consent=consent.id), "good"))
    buttons += [
        FormButton(_("Another date..."), OpenAnotherDate(consent=consent.id)),
        FormButton(_("Decline..."), OpenDecline(consent=consent.id)),
    ]
    name = clip(shown.partner.name, 80)
    title = fill(_("A visit: {name}"), name=name) if swap.is_one_way else fill(_("Swap with {name}?"), name=name)
    return Message(clip(title, 150), *parts, Buttons(*buttons))


def _facts(shown: SwapCard) -> list[Part]:
    who = Mention(shown.partner.external_id, clip(shown.partner.name, 80))
    parts: list[Part] = [line(_("{format}, with {who}."), format=Bold(phrases.format_of(shown.swap.format)), who=who)]
    for leg in shown.legs[:6]:
        if leg.outcome == Outcome.CANCELLED:
            continue
        mine = leg.visitor_id == shown.member.id
        sentence = _("You visit {name}: {when}") if mine else _("{name} visits you: {when}")
        parts.append(line(sentence, name=clip(shown.partner.name, 80), when=When(leg.begins_at)))
    return parts


def _told(shown: SwapCard) -> list[Reason]:
    """What the member gets from it, what it is like, and what the other one gets, as far as there is room."""
    mine = [reason for reason in shown.reasons if reason.get("who") == shown.member.id]
    of_both = [reason for reason in shown.reasons if "who" not in reason]
    theirs = [reason for reason in shown.reasons if reason.get("who") == shown.partner.id]
    return [*mine[:REASONS], *of_both, *theirs[:REASONS]]


def why(reason: Reason, shown: SwapCard) -> str:
    """Why these two, to one of them."""
    is_me = reason.get("who") == shown.member.id
    values = {"name": clip(shown.partner.name, 80)}
    match reason["code"]:
        case "wished_role":
            sentence = _("You wanted to see “{what}”.") if is_me else _("{name} wanted to see “{what}”.")
            return fill(sentence, what=phrases.role(reason.get("role", "")), **values)
        case "wished_theme":
            sentence = _("You wanted to see “{what}”.") if is_me else _("{name} wanted to see “{what}”.")
            return fill(sentence, what=phrases.theme(reason.get("theme", "")), **values)
        case "first_time":
            return _("It is your first time.") if is_me else fill(_("It is the first time for {name}."), **values)
        case "waited":
            n = reason.get("rounds", 0)
            mine = ngettext("You waited {n} round.", "You waited {n} rounds.", n)
            theirs = ngettext("{name} waited {n} round.", "{name} waited {n} rounds.", n)
            return fill(mine if is_me else theirs, n=n, **values)
        case "contrast":
            return _("Your levels differ: you see more than your own rung.")
        case "same_place":
            return _("You work in the same place.")
        case "remote":
            return _("You can do it remotely.")
        case "only_half_day":
            return _("You share one half-day, so you take turns in it.")
        case _:
            return _("It suits you both.")


def _how_it_ended(shown: SwapCard) -> str:
    swap = shown.swap
    if swap.state == SwapState.RELEASED:
        return _("Not both of you answered in time.")
    if swap.ended_by == shown.member.id:
        return _("You stepped back. That is fine.")
    return _("It did not work out on the other side.")


def _after_it_ended(shown: SwapCard) -> str:
    silent = shown.swap.state == SwapState.RELEASED and shown.consent.said == Said.NOTHING
    if silent:
        return _("/gemba brings you back, if you like.")
    if shown.consent.said == Said.YES and shown.swap.ended_by != shown.member.id:
        return _("If you are still in this round I look for somebody else, and tell you. You go first.")
    return _("If you are still in this round I look for somebody else, and tell you.")


def another_date_form(shown: SwapCard, possible: Sequence[HalfDay], visitors: Collection[int]) -> Form:
    """The other one's half-days, as the member's own clocks show them; for whoever has not been to visit yet."""
    options = tuple(Option(each.label, _span(each, shown.member.timezone)) for each in possible)[:100]
    name = clip(shown.partner.name, 50)
    hint = _("Half-days on which they said they are free, as your clocks show them.")
    fields = [
        ChoiceField(
            name=field,
            label=clip(fill(label, name=name), 100),
            hint=hint,
            options=options,
            optional=True,
        )
        for field, label, visitor_id in (
            ("mine", _("When you visit {name}"), shown.member.id),
            ("theirs", _("When {name} visits you"), shown.partner.id),
        )
        if visitor_id in visitors
    ]
    return Form(_("Another date"), PartialAction.of(AnotherDate, consent=shown.consent.id), tuple(fields), _("Propose"))


def decline_form(shown: SwapCard) -> Form:
    return Form(
        _("Not this one"),
        PartialAction.of(Decline, consent=shown.consent.id),
        (
            ChoiceField(
                name="then",
                label=_("And then?"),
                options=(
                    Option("again", _("Find me somebody else")),
                    Option("out", _("I take no part in this round")),
                ),
                initial="again",
            ),
        ),
        _("Step back"),
    )


def accepted(shown: SwapCard) -> Message:
    if shown.swap.state == SwapState.AGREED:
        name = clip(shown.partner.name, 80)
        return Message(
            _("It is agreed. I send you both an invitation for your calendar."), line(_("With {name}."), name=name)
        )
    return Message(clip(fill(_("Thank you. You hear from me when {name} has answered."), name=shown.partner.name), 150))


def moved(shown: SwapCard) -> Message:
    return Message(clip(fill(_("I ask {name} whether that suits them."), name=shown.partner.name), 150))


def declined(*, leaves: bool) -> Message:
    said = _("You take no part in this round any more.") if leaves else _("I look for somebody else for you.")
    return Message(_("That is fine."), Line(said))


def _span(half_day: HalfDay, timezone: str) -> str:
    zone = zone_of(timezone)
    begins, ends = half_day.begins.astimezone(zone), half_day.ends.astimezone(zone)
    return clip(_times(begins, ends), 70)


def _times(begins: datetime, ends: datetime) -> str:
    times = {"opens": f"{begins:%H:%M}", "closes": f"{ends:%H:%M}"}
    return fill(_("{day}, {opens} to {closes}"), day=day(begins.date()), **times)
