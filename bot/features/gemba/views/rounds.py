"""How rounds look: the card in the channels, the organiser's, and the forms that begin and change them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.core.action import PartialAction
from bot.core.forms import ChoicesField, DateField, Form, NumberField, Option, PersonField
from bot.core.language import _, day, fill, listed, ngettext
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Message, Part, When, line
from bot.features.gemba.actions import (
    Begin,
    ChangeSettings,
    MatchNow,
    OpenForAll,
    OpenIdea,
    OpenRound,
    OpenSettings,
    OpenSignUp,
    OpenSnooze,
    Preview,
)
from bot.features.gemba.views import phrases
from bot.features.gemba.words import FORMATS, codes
from storage.gemba import GembaPlan, GembaRound, Stage
from storage.gemba_swaps import SwapState
from storage.people import Side


@dataclass(frozen=True)
class RoundCard:
    """All that a round's cards show."""

    round: GembaRound
    signed_up: Mapping[Side, int]
    swaps: Mapping[SwapState, int]
    heads_missing: Sequence[str] = ()  # names, for the organiser,
    excuses: Sequence[tuple[str, str]] = ()  # and why heads cannot take part


def card(shown: RoundCard) -> Message:
    """In the channels: figures, never a name."""
    gemba = shown.round
    parts: list[Part] = [Line(_about())] if gemba.stage != Stage.ENDED else []
    parts += [line(_("What there is: {formats}."), formats=phrases.formats(gemba.formats)), *_figures(shown)]
    match gemba.stage:
        case Stage.HEADS | Stage.OPEN:
            parts.append(line(_("Sign up by {when}."), when=When(gemba.closes_at)))
        case Stage.RUNNING:
            parts.append(Line(_("Whoever signs up now is matched with those who are free.")))
        case Stage.ENDED:
            parts.append(Line(_("This round is over. Thank you!")))
    if gemba.stage != Stage.ENDED:
        buttons = [FormButton(_("Sign up..."), OpenSignUp(), "good"), FormButton(_("Not now..."), OpenSnooze())]
        parts.append(Buttons(*buttons))
    return Message(_title(gemba), *parts)


def organiser(shown: RoundCard) -> Message:
    """In private, to whoever organises it."""
    gemba, buttons = shown.round, list[Button | FormButton]()
    parts: list[Part] = [_dates(gemba), *_figures(shown)]
    match gemba.stage:
        case Stage.HEADS:
            names = listed([clip(name, 60) for name in shown.heads_missing[:10]])
            parts.append(line(_("Heads go first. I wait for {names}."), names=names or _("nobody")))
            buttons.append(Button(_("Open it for all"), OpenForAll(round=gemba.id)))
        case Stage.OPEN:
            parts.append(line(_("Pairs are made, and asked: {when}"), when=When(gemba.closes_at)))
            buttons += [
                Button(_("Preview"), Preview(round=gemba.id)),
                Button(_("Match now"), MatchNow(round=gemba.id)),
            ]
        case Stage.RUNNING:
            parts.append(Line(_("Pairs are asked. Whoever is free again is matched anew by itself.")))
            parts.append(phrases.drawn_with(gemba.seed))
            buttons.append(Button(_("Preview"), Preview(round=gemba.id)))
        case Stage.ENDED:
            parts.append(Line(_("This round is over. /gemba ledger shows the hours, /gemba ideas what came of it.")))
    said = _("{name} cannot take part: {why}")
    parts += [line(said, name=clip(name, 60), why=clip(why, 300)) for name, why in shown.excuses[:10]]
    buttons.append(FormButton(_("Settings..."), OpenSettings()))
    return Message(_title(gemba), *parts, Buttons(*buttons))


def none_open(begins_on: date | None, *, is_organiser: bool) -> list[Part]:
    """Where no round runs."""
    said = (
        fill(_("The next round begins on {day}."), day=day(begins_on)) if begins_on else _("No round is planned yet.")
    )
    if not is_organiser:
        return [Line(_about()), Line(said), Buttons(FormButton(_("I have an idea..."), OpenIdea()))]
    start = FormButton(_("Begin a round..."), OpenRound(), "good")
    return [
        Line(_about()),
        Line(said),
        Buttons(start, FormButton(_("Settings..."), OpenSettings()), FormButton(_("I have an idea..."), OpenIdea())),
    ]


def round_form(usual: Begin, zone: str) -> Form:
    return Form(
        _("A round of job swaps"),
        PartialAction.of(Begin),
        (
            DateField(
                name="closes_on",
                label=_("Sign-up until"),
                hint=fill(_("Noon in {zone}; then pairs are looked for and asked."), zone=zone),
                initial=usual.closes_on,
            ),
            DateField(name="first_on", label=_("First day of visits"), initial=usual.first_on),
            DateField(name="last_on", label=_("Last day of visits"), initial=usual.last_on),
            _formats_field(usual.formats),
        ),
        _("Begin"),
        (Line(_("Heads go first: the round opens for all once each has signed up or given a reason.")),),
    )


def settings_form(plan: GembaPlan, organiser: str | None, every: int, starts_on: date | None) -> Form:
    """`organiser` is their external id."""
    return Form(
        _("Job swaps"),
        PartialAction.of(ChangeSettings),
        (
            PersonField(
                name="organiser",
                label=_("Who organises them"),
                hint=_("Beside the admins. They are told how it goes."),
                initial=organiser,
                optional=True,
            ),
            NumberField(
                name="every",
                label=_("A round every so many weeks"),
                hint=_("0: only when somebody types /gemba now."),
                at_least=0,
                at_most=52,
                initial=Decimal(every),
            ),
            DateField(name="starts_on", label=_("The next one begins"), initial=starts_on, optional=True),
            NumberField(
                name="no_repeat",
                label=_("Rounds until two may meet again"),
                at_least=0,
                at_most=50,
                initial=Decimal(plan.no_repeat),
            ),
            NumberField(
                name="sign_up_days",
                label=_("Days to sign up"),
                at_least=1,
                at_most=30,
                initial=Decimal(plan.sign_up_days),
            ),
            NumberField(
                name="visit_weeks",
                label=_("Weeks for the visits"),
                at_least=1,
                at_most=8,
                initial=Decimal(plan.visit_weeks),
            ),
            _formats_field(codes(plan.formats)),
        ),
        _("Save"),
    )


def begun(gemba: GembaRound) -> Message:
    said = _("The heads are asked first.") if gemba.stage == Stage.HEADS else _("It is open for all.")
    return Message(fill(_("Round {n} has begun."), n=gemba.number), Line(said), _dates(gemba))


def opened() -> Message:
    return Message(_("The round is open for all now."))


def matching() -> Message:
    return Message(_("I look for pairs now, and ask both of each."))


def previewing() -> Message:
    return Message(_("I try it out and send you what comes out. Nobody else is told anything."))


def saved() -> Message:
    return Message(_("Saved. It holds from the next round on."))


def _about() -> str:
    return _(
        "For half a day somebody of one side works beside somebody of the other, and the other way round. "
        "Afterwards both say what they saw, what they had wrong, and what could be better."
    )


def _title(gemba: GembaRound) -> str:
    return fill(_("Job swaps between sales and marketing: round {n}"), n=gemba.number)


def _dates(gemba: GembaRound) -> Line:
    sentence = _("Sign-up until {closes}; visits from {first} to {last}.")
    return line(sentence, closes=When(gemba.closes_at), first=day(gemba.first_on), last=day(gemba.last_on))


def _figures(shown: RoundCard) -> list[Part]:
    sales, marketing = shown.signed_up.get(Side.SALES, 0), shown.signed_up.get(Side.MARKETING, 0)
    signed = fill(_("Signed up: {sales} of sales, {marketing} of marketing."), sales=sales, marketing=marketing)
    agreed = shown.swaps.get(SwapState.AGREED, 0) + shown.swaps.get(SwapState.OVER, 0)
    waiting = shown.swaps.get(SwapState.ASKED, 0)
    parts: list[Part] = [Line(Bold(signed))]
    if agreed or waiting:
        both = ngettext("{n} pair has agreed", "{n} pairs have agreed", agreed).format(n=agreed)
        parts.append(Line(fill(_("{both}; {waiting} still to answer."), both=both, waiting=waiting)))
    return parts


def _formats_field(chosen: Collection[str]) -> ChoicesField:
    return ChoicesField(
        name="formats",
        label=_("What there is"),
        options=tuple(Option(code, clip(_(label), 70)) for code, label in FORMATS.items()),
        initial=tuple(code for code in FORMATS if code in chosen),
    )
