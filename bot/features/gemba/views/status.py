"""What `/gemba` shows: the round, how it stands with the member, and the ledger of hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.core.language import _, day, fill, listed, ngettext, number
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, Code, FormButton, Line, Message, Part, Table, When, line
from bot.features.gemba.actions import AskAgain, OpenSettings, OpenSignUp, OpenSnooze
from bot.features.gemba.views import rounds, sign_ups, swaps
from bot.features.gemba.views.rounds import RoundCard
from bot.features.gemba.views.sign_ups import Mine
from bot.features.gemba.views.swaps import SwapCard
from storage.gemba import GembaStanding, Stage, Wish
from storage.gemba_swaps import SwapState
from storage.people import Side


@dataclass(frozen=True)
class Status:
    """How it stands with one member."""

    round: RoundCard | None
    mine: Mine | None
    swaps: Sequence[SwapCard]
    standing: GembaStanding | None
    begins_on: date | None
    is_organiser: bool
    may_join: bool  # is on one of the two sides
    is_head: bool
    organisers: Sequence[str]


@dataclass(frozen=True)
class Hours:
    """What one function gave as hosts and received as visitors, in rounds so far."""

    side: Side
    given: float
    received: float
    visits: int


def overview(shown: Status) -> Message:
    title = _("Job swaps between sales and marketing")
    if shown.round is None:
        parts = rounds.none_open(shown.begins_on, is_organiser=shown.is_organiser)
        return Message(title, *parts, *_standing(shown))
    card = rounds.card(shown.round)
    parts = [*card.parts[:-1], *_me(shown), *_standing(shown)]
    if shown.is_organiser:
        parts.append(Buttons(FormButton(_("Settings..."), OpenSettings())))
    elif shown.organisers:
        names = listed([clip(name, 60) for name in shown.organisers[:3]])
        parts.append(line(_("Organised by {names}."), names=names))
    return Message(card.headline, *parts)


def _me(shown: Status) -> list[Part]:
    """My own status in the round."""
    assert shown.round
    if shown.round.round.stage == Stage.HEADS and not shown.is_head and shown.mine is None:
        return [Line(_("Heads go first: the round opens for all once each of them has answered."))]
    if shown.mine is None and not shown.may_join:
        return [Line(_("Job swaps are between sales and marketing. Are you one of them? Tell me with /parley me"))]
    if shown.mine is None:
        buttons = Buttons(FormButton(_("Sign up..."), OpenSignUp(), "good"), FormButton(_("Not now..."), OpenSnooze()))
        return [Line(_("You have not signed up.")), buttons]
    parts = list(sign_ups.card(shown.mine).parts)
    if shown.mine.sign_up.wish == Wish.SIGNED_UP and shown.mine.sign_up.left_out_at and not shown.mine.has_swap:
        parts += sign_ups.left_out(shown.mine).parts
    for each in shown.swaps[:2]:
        card = swaps.card(each)
        parts += [Line(Bold(card.headline)), *card.parts]
    return parts


def _standing(shown: Status) -> list[Part]:
    state = shown.standing
    again = Buttons(Button(_("Go on asking me"), AskAgain()))
    if state and state.paused_at:
        return [Line(_("I do not ask you about new rounds, for you said nothing in two of them.")), again]
    if state and state.snoozed_until:
        return [line(_("I do not ask you before {day}."), day=day(state.snoozed_until)), again]
    return []


def home(shown: Status, now: datetime) -> list[Part]:
    """My swap, at home."""
    parts: list[Part] = []
    for each in shown.swaps:
        if each.swap.state in (SwapState.ASKED, SwapState.AGREED):
            coming = [leg for leg in each.legs if leg.ends_at > now]
            name = clip(each.partner.name, 80)
            sentence = _("Job swap with {name}: {when}")
            parts += [line(sentence, name=name, when=When(leg.begins_at)) for leg in coming[:2]]
    if not parts and shown.may_join and shown.round and shown.mine is None and shown.round.round.stage != Stage.HEADS:
        parts = [
            Line(_("A round of job swaps is open.")),
            Buttons(FormButton(_("Sign up..."), OpenSignUp(), "good")),
        ]
    return parts


def ledger(found: Sequence[Hours], unknown: int) -> Message:
    """By function, never by person."""
    names = {Side.SALES: _("Sales"), Side.MARKETING: _("Marketing"), Side.OTHER: _("Others")}
    rows = tuple((names[each.side], number(each.given), number(each.received), number(each.visits)) for each in found)
    header = (_("Function"), _("Hours given, as hosts"), _("Hours received, as visitors"), _("Visits hosted"))
    untold = ngettext(
        "Of {n} more visit nobody has told whether it took place.",
        "Of {n} more visits nobody has told whether they took place.",
        unknown,
    )
    note = [Line(fill(untold, n=unknown))] if unknown else []
    if not rows:
        return Message(_("No visit has taken place yet."), *note)
    return Message(_("Hours of job swaps"), Table(header, rows), *note)


def unknown(text: str, near: str | None) -> Message:
    known = line(
        _("Type {alone}, {ideas} or {ledger}; who organises also {now} and {settings}."),
        alone=Code("/gemba"),
        ideas=Code("/gemba ideas"),
        ledger=Code("/gemba ledger"),
        now=Code("/gemba now"),
        settings=Code("/gemba settings"),
    )
    meant = [line(_("Did you mean {command}?"), command=Code(f"/gemba {near}"))] if near else []
    return Message(clip(fill(_("I do not know “{text}”."), text=clip(text, 80)), 150), *meant, known)
