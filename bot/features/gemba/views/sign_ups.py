"""How sign-ups look: the form, one's own card, being left out, snoozed or paused; all in private."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.action import PartialAction
from bot.core.forms import DateField, Form, TextField
from bot.core.language import _, day, fill, ngettext
from bot.core.limits import clip
from bot.core.ui import Button, Buttons, Facts, FormButton, Line, Message, Part, Quote, When, line
from bot.features.gemba.actions import (
    AskAgain,
    AvoidNoMore,
    Excuse,
    OpenExcuse,
    OpenSignUp,
    OpenSnooze,
    ShowAvoided,
    Snooze,
    TakeOffer,
    Withdraw,
)
from bot.features.gemba.half_days import HalfDay
from bot.features.gemba.views import phrases
from bot.rules.swaps import Reason
from storage.gemba import GembaRound, GembaSignUp, GembaStanding, Stage, Wish
from storage.people import Member, Side

NAMED = 6  # half-days that a card names


@dataclass(frozen=True)
class Mine:
    """A sign-up, as its owner sees it."""

    sign_up: GembaSignUp
    round: GembaRound
    member: Member
    snoozed_until: date | None = None
    has_swap: bool = False
    reasons: Sequence[Reason] = ()  # of being left out
    host: str | None = None  # who could be gone along with, or would do on another date
    free: Sequence[HalfDay] = ()
    is_enough: bool = True  # what they are free for, for something they would do
    avoids: int = 0  # people


def card(shown: Mine) -> Message:
    """To one person: what they said to this round, and what they can do."""
    gemba, mine = shown.round, shown.sign_up
    title = fill(_("Job swaps, round {n}"), n=gemba.number)
    if gemba.stage == Stage.ENDED:
        return Message(title, Line(_("This round is over.")))
    if shown.snoozed_until and mine.wish == Wish.ASKED:
        said = fill(_("I ask you again from {day} on."), day=day(shown.snoozed_until))
        return Message(title, Line(said), Buttons(FormButton(_("Sign up..."), OpenSignUp())))
    match Wish(mine.wish):
        case Wish.ASKED:
            return _invitation(title, shown)
        case Wish.SIGNED_UP:
            return _signed_up(title, shown)
        case Wish.EXCUSED:
            parts: list[Part] = [Line(_("You cannot take part this time:")), Quote(clip(mine.excuse, 300))]
        case Wish.WITHDRAWN:
            parts = [Line(_("You take no part in this round."))]
        case Wish.SILENT:
            parts = [Line(_("You did not answer, so your place was given away. You are welcome to sign up again."))]
    return Message(title, *parts, Buttons(FormButton(_("Sign up..."), OpenSignUp())))


def _invitation(title: str, shown: Mine) -> Message:
    sign_up = FormButton(_("Sign up..."), OpenSignUp(), "good")
    if shown.round.stage == Stage.HEADS and shown.member.is_head:
        sentence = _("Heads go first. The round opens for all once each of you has signed up or given a reason.")
        cannot = FormButton(_("I cannot, because..."), OpenExcuse(round=shown.round.id))
        return Message(title, Line(sentence), _until(shown.round), Buttons(sign_up, cannot))
    sentence = _("You took part before. Would you like to see another job for half a day?")
    return Message(
        title, Line(sentence), _until(shown.round), Buttons(sign_up, FormButton(_("Not now..."), OpenSnooze()))
    )


def _signed_up(title: str, shown: Mine) -> Message:
    mine = shown.sign_up
    facts = [
        (_("I want to see"), _wishes(mine)),
        (_("With me one sees"), phrases.shown_by(mine)),
        (_("What I would do"), phrases.formats(mine.formats)),
        (_("Free"), _free(shown.free)),
    ]
    if shown.avoids:
        facts.append((_("Whom I avoid"), ngettext("{n} person", "{n} people", shown.avoids).format(n=shown.avoids)))
    parts: list[Part] = [Line(_("You have signed up.")), Facts(*facts)]
    if not shown.is_enough and not shown.has_swap:
        sentence = _("These half-days are too few for what you would do: a swap takes two, one visit each way.")
        parts.append(Line(sentence))
    if mine.off_limits:
        parts.append(line(_("Off limits: {what}"), what=clip(mine.off_limits, 300)))
    if not shown.has_swap and shown.round.stage == Stage.OPEN:
        parts.append(line(_("Pairs are made, and asked: {when}"), when=When(shown.round.closes_at)))
    return Message(title, *parts, Buttons(*_own_buttons(shown)))


def _free(free: Sequence[HalfDay]) -> str:
    named = "; ".join(phrases.half_day(each) for each in free[:NAMED])
    if len(free) <= NAMED:
        return named
    return fill(_("{named}; and {n} more"), named=named, n=len(free) - NAMED)


def _own_buttons(shown: Mine) -> list[Button | FormButton]:
    return [
        FormButton(_("Change..."), OpenSignUp()),
        Button(_("Withdraw"), Withdraw(round=shown.round.id)),
        Button(_("Whom I avoid"), ShowAvoided()),
    ]


def left_out(shown: Mine) -> Message:
    """Kindly: why, and the next-best thing."""
    mine = shown.sign_up
    title = fill(_("Job swaps, round {n}: nobody for you yet"), n=shown.round.number)
    if shown.has_swap or mine.wish != Wish.SIGNED_UP:
        return Message(title, Line(_("This has been settled since. /gemba shows how.")))
    if shown.round.stage == Stage.ENDED:
        return Message(title, Line(_("This round is over, and nobody was found. You go first next time.")))
    parts: list[Part] = [Line(why(reason, shown.member)) for reason in shown.reasons]
    buttons: list[Button | FormButton] = []
    if mine.offer == "ride_along" and shown.host and mine.offer_begins_at:
        sentence = _("You could go along with {host} for 45 minutes, {when}.")
        parts.append(line(sentence, host=clip(shown.host, 80), when=When(mine.offer_begins_at)))
        buttons.append(Button(_("Ask them"), TakeOffer(sign_up=mine.id), "good"))
    elif mine.offer == "other_date" and mine.offer_begins_at:
        sentence = _("There would be somebody for you: {when}. If you are free then, add it.")
        parts.append(line(sentence, when=When(mine.offer_begins_at)))
    elif mine.offer == "other_hours" and mine.offer_begins_at:
        sentence = _("There would be somebody for you when you do not work: {when}.")
        parts.append(line(sentence, when=When(mine.offer_begins_at)))
        parts.append(Line(_("If you could for once, change your hours with /parley me, and then add it.")))
    parts.append(Line(_("I go on looking while the round runs. If nobody is found, you go first next time.")))
    buttons.append(FormButton(_("Change my sign-up..."), OpenSignUp()))
    return Message(title, *parts, Buttons(*buttons))


def why(reason: Reason, member: Member) -> str:
    """Why somebody is left out; who avoids whom is told to nobody."""
    match reason["code"]:
        case "nobody_there":
            other = _("marketing") if member.side == Side.SALES else _("sales")
            return fill(_("Nobody of {side} is free so far."), side=other)
        case "taken":
            return _("Those who would suit you swap with others this time.")
        case "uneven":
            sentence = _("The numbers were uneven: {sales} of sales and {marketing} of marketing.")
            return fill(sentence, sales=reason.get("sales", 0), marketing=reason.get("marketing", 0))
        case "no_shared_time":
            return _("No half-day of yours is free for anybody of the other side. More half-days would help.")
        case "no_shared_format":
            return _("Nobody who is free would do what you would. Another format would help.")
        case "no_shared_language":
            return _("Nobody who is free speaks a language that you named.")
        case "no_shared_place":
            return _("Nobody who is free can be visited where you could be. Remotely it might work.")
        case "met_lately":
            return _("Whoever is free has swapped with you lately.")
        case "no_capacity":
            return _("Whoever would suit you has as many visitors as they can take.")
        case _:
            return _("It did not work out this time.")


def settled_offer(host: str) -> Message:
    return Message(clip(fill(_("{host} is asked."), host=host), 150), Line(_("You hear from me when they answer.")))


def paused(standing: GembaStanding) -> Message | None:
    """Told once, kindly."""
    if standing.paused_at is None:
        return None
    return Message(
        _("I stop asking you about job swaps"),
        Line(_("You were asked in two rounds and said nothing, so it seems not to be the time for it. That is fine.")),
        Line(_("/gemba brings you back whenever you like.")),
        Buttons(Button(_("Go on asking me"), AskAgain())),
    )


def excuse_form(gemba: GembaRound) -> Form:
    return Form(
        _("I cannot, because"),
        PartialAction.of(Excuse, round=gemba.id),
        (TextField(name="excuse", label=_("Why not this time?"), hint=_("The organiser reads it."), limit=300),),
        _("Save"),
    )


def snooze_form(initial: date) -> Form:
    return Form(
        _("Not now"),
        PartialAction.of(Snooze),
        (DateField(name="until", label=_("Do not ask me before"), initial=initial),),
        _("Save"),
    )


def excused() -> Message:
    return Message(_("Thank you. The others need not wait for you."))


def snoozed(until: date) -> Message:
    return Message(fill(_("I do not ask you before {day}."), day=day(until)), Buttons(Button(_("Undo"), AskAgain())))


def asked_again() -> Message:
    return Message(_("I ask you again, from the next round on. This one is open to you, too: /gemba"))


def withdrawn(partner: str | None) -> Message:
    title = _("You take no part in this round any more.")
    if partner is None:
        return Message(title)
    return Message(
        title, Line(fill(_("{name} is told, and I look for somebody else for them."), name=clip(partner, 80)))
    )


def avoided(people: Sequence[Member]) -> Message:
    """Whom the member would rather not meet; only they see it."""
    if not people:
        return Message(
            _("There is nobody you would rather not meet."),
            Line(_("You can name people when you sign up. Nobody else is told.")),
        )
    rows = [
        part
        for member in people[:20]
        for part in (
            Line(clip(member.name, 80)),
            Buttons(Button(_("Take off the list"), AvoidNoMore(member=member.id))),
        )
    ]
    return Message(_("You are not matched with them. Only you see this."), *rows)


def _wishes(mine: GembaSignUp) -> str:
    wished = [text for text in (phrases.roles(mine.wished_roles), phrases.themes(mine.wished_themes)) if text]
    return clip("; ".join([*wished, *([clip(mine.curious, 300)] if mine.curious else [])]), 900) or _(
        "whatever there is"
    )


def _until(gemba: GembaRound) -> Line:
    sentence = _("Sign-up until {closes}; visits from {first} to {last}.")
    return line(sentence, closes=When(gemba.closes_at), first=day(gemba.first_on), last=day(gemba.last_on))
