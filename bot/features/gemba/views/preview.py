"""How a matching that was only tried out looks to the organiser: the pairs, why, and who is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.language import _, fill, listed, ngettext
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, Line, Message, Part, When, line
from bot.features.gemba.actions import MatchNow
from bot.features.gemba.views import phrases, sign_ups
from bot.rules.swaps import LeftOut, Match, Reason
from storage.gemba import GembaRound, Stage
from storage.people import Member

PAIRS, LEFT = 10, 10  # shown one by one


@dataclass(frozen=True)
class Previewed:
    round: GembaRound
    matches: Sequence[Match]
    left_out: Sequence[LeftOut]
    people: Mapping[int, Member]


def message(shown: Previewed) -> Message:
    """In private; nobody else is told anything."""
    count = len(shown.matches)
    title = ngettext("Round {n}, tried out: {pairs} pair", "Round {n}, tried out: {pairs} pairs", count)
    title = fill(title, n=shown.round.number, pairs=count)
    parts: list[Part] = [Line(_("Nobody has been told anything.")), phrases.drawn_with(shown.round.seed)]
    parts += [_pair(match, shown.people) for match in shown.matches[:PAIRS]]
    if more := len(shown.matches) - PAIRS:
        parts += [Line(fill(_("... and {n} more pairs."), n=more))] if more > 0 else []
    if shown.left_out:
        parts.append(Line(Bold(fill(_("Nobody yet for {n}:"), n=len(shown.left_out)))))
    parts += [_left_out(left, shown.people) for left in shown.left_out[:LEFT]]
    if (more := len(shown.left_out) - LEFT) > 0:
        parts.append(Line(fill(_("... and {n} more."), n=more)))
    if shown.round.stage == Stage.OPEN:
        parts.append(Buttons(Button(_("Match now"), MatchNow(round=shown.round.id))))
    return Message(title, *parts)


def _pair(match: Match, people: Mapping[int, Member]) -> Line:
    telling = sorted(match["reasons"], key=lambda reason: reason["code"] == "first_time")  # it may be for all
    reasons = [_why(reason, people) for reason in telling[:3]]
    return line(
        _("{one} and {other}: {format}, first visit {when}. Why: {why}."),
        one=Bold(clip(people[match["sales"]].name, 50)),
        other=Bold(clip(people[match["marketing"]].name, 50)),
        format=phrases.format_of(match["format"]),
        when=When(min(datetime.fromisoformat(leg["begins"]) for leg in match["legs"])),
        why=clip("; ".join(reasons), 200),
    )


def _left_out(left: LeftOut, people: Mapping[int, Member]) -> Line:
    member, offer = people[left["id"]], left["offer"]
    told = " ".join(sign_ups.why(reason, member) for reason in left["reasons"][:2])
    if offer is None:
        sentence = _("{name} would be told: “{why}”")
    elif offer["kind"] == "ride_along":
        sentence = _("{name} would be told: “{why}” Offered: a ride-along with {host}.")
    else:
        sentence = _("{name} would be told: “{why}” Another date might do.")
    host = clip(people[offer["host"]].name, 50) if offer else ""
    return line(sentence, name=Bold(clip(member.name, 50)), why=clip(told, 400), host=host)


def _why(reason: Reason, people: Mapping[int, Member]) -> str:
    name = clip(people[reason["who"]].name, 50) if "who" in reason else ""
    match reason["code"]:
        case "wished_role":
            return fill(_("{name} wanted to see “{what}”"), name=name, what=phrases.role(reason.get("role", "")))
        case "wished_theme":
            return fill(_("{name} wanted to see “{what}”"), name=name, what=phrases.theme(reason.get("theme", "")))
        case "first_time":
            return fill(_("first time for {name}"), name=name)
        case "waited":
            return fill(_("{name} has waited {n} rounds"), name=name, n=reason.get("rounds", 0))
        case "contrast":
            return _("their levels differ")
        case "same_place":
            return _("in the same place")
        case "remote":
            return _("remotely")
        case "only_half_day":
            return _("one half-day, in turns")
        case _:
            return listed([reason["code"]])
