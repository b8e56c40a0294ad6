"""What the matching of swaps is asked, and what follows from its answer; it is worked out in a process of its own."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import cast

from bot.core.context import Context
from bot.features.gemba.half_days import HalfDay, chosen, half_days
from bot.features.gemba.service import hours, kinds, rounds
from bot.features.gemba.service.swaps import ask_both
from bot.features.gemba.words import codes, folded
from bot.rules import invitations
from bot.rules.calendars import zone_of
from bot.rules.swaps import MINUTES, Format, Home, LeftOut, Match, Matching, Participant, Question
from storage.calendars import Timetable, timetable, timetables
from storage.due import Due, move_due
from storage.gemba import (
    GembaProposal,
    GembaRound,
    GembaSignUp,
    Stage,
    Wish,
    avoidances,
    find_proposal,
    find_sign_up,
    forget_proposals,
    sign_up_of,
    sign_ups,
    standings,
)
from storage.gemba_swaps import (
    STANDING,
    GembaLeg,
    GembaSwap,
    Said,
    have_met,
    legs_of_swaps,
    pairs_before,
    said_in,
    swaps_in,
)
from storage.people import Entry, Member, members, roster
from storage.tables import add

KEPT_TOGETHER = 50  # pairs, or people, in one proposal,
ASKED_AT_ONCE = 4  # of which one unit of work asks so many
REMEMBERED = 24  # rounds: later, too, two meet again only where others cannot
EARLIEST, LATEST = time(7), time(20)  # between which somebody might change their hours for a visit
NOTICE = 2  # working days of each at least, before a visit that a matching proposes


def question(ctx: Context, due: Due) -> Question | None:
    """Who is free in a round, with whom and when; None if it is not to be matched any more."""
    gemba = rounds.known(ctx, due.subject_id)
    if gemba.stage == Stage.ENDED or (due.kind == kinds.MATCH and gemba.stage != Stage.RUNNING):
        return None
    invitations.prepare()  # here, beside the writer: those who are matched will need one
    signed_up = sign_ups(ctx.session, ctx.workspace.id, gemba.id, Wish.SIGNED_UP)
    people = members(ctx.session, ctx.workspace.id, [each.member_id for each in signed_up])
    known = _Known(ctx, gemba, people.values())
    asked = [
        known.participant(sign_up, people[sign_up.member_id])
        for sign_up in signed_up
        if people[sign_up.member_id].belongs and people[sign_up.member_id].side in rounds.SIDES
    ]
    return {"version": gemba.version, "seed": gemba.seed, "no_repeat": gemba.no_repeat, "people": asked}


def follow(ctx: Context, due: Due, answer: Matching) -> None:
    """Keep what is proposed, in parts, whose people are then asked; ask anew if something has changed meanwhile."""
    gemba = rounds.known(ctx, due.subject_id)
    if answer["version"] != gemba.version:
        due.at = ctx.now + rounds.SOON
        return
    forget_proposals(ctx.session, ctx.workspace.id, gemba.id)
    parts: list[Mapping[str, object]] = []
    matches, left = answer["matches"], answer["left_out"]
    parts += [{"matches": matches[n : n + KEPT_TOGETHER]} for n in range(0, len(matches), KEPT_TOGETHER)]
    parts += [{"left_out": left[n : n + KEPT_TOGETHER]} for n in range(0, len(left), KEPT_TOGETHER)]
    for part in parts:
        proposal = GembaProposal(
            workspace_id=ctx.workspace.id, round_id=gemba.id, version=gemba.version, content=json.dumps(part)
        )
        add(ctx.session, proposal)
        move_due(  # the number of a proposal that is gone may be given again
            ctx.session,
            Due(
                workspace_id=ctx.workspace.id,
                kind=kinds.PROPOSE,
                subject_id=proposal.id,
                step=1,
                at=ctx.now + rounds.SOON,
            ),
        )


def propose(ctx: Context, due: Due) -> None:
    """Ask the people of some pairs, unless the round has changed since they were found: then they are found anew."""
    proposal = find_proposal(ctx.session, ctx.workspace.id, due.subject_id)
    if proposal is None:
        return
    gemba = rounds.known(ctx, proposal.round_id)
    if proposal.version != gemba.version:
        ctx.session.delete(proposal)
        rounds.match_anew(ctx, gemba, ctx.now)
        return
    [(kind, found)] = json.loads(proposal.content).items()
    for each in found[:ASKED_AT_ONCE]:
        _pair(ctx, gemba, each) if kind == "matches" else _leave_out(ctx, gemba, each)
    if rest := found[ASKED_AT_ONCE:]:
        proposal.content, due.at = json.dumps({kind: rest}), ctx.now + rounds.SOON
    else:
        ctx.session.delete(proposal)
    rounds.show(ctx, gemba)


def _pair(ctx: Context, gemba: GembaRound, match: Match) -> None:
    swap = GembaSwap(
        workspace_id=ctx.workspace.id,
        round_id=gemba.id,
        one_id=match["sales"],
        other_id=match["marketing"],
        format=match["format"],
        reasons=json.dumps(match["reasons"]),
        asked_at=ctx.now,
    )
    ask_both(
        ctx,
        swap,
        [
            (leg["visitor"], leg["host"], datetime.fromisoformat(leg["begins"]), datetime.fromisoformat(leg["ends"]))
            for leg in match["legs"]
        ],
    )
    for member_id in swap.both:
        if sign_up := sign_up_of(ctx.session, ctx.workspace.id, gemba.id, member_id):
            was_left_out = sign_up.left_out_at is not None
            sign_up.left_out_at, sign_up.offer, sign_up.offer_host_id = None, None, None
            ctx.refresh(kinds.SIGN_UP, sign_up.id)
            if was_left_out:
                ctx.refresh(kinds.LEFT_OUT, sign_up.id)


def _leave_out(ctx: Context, gemba: GembaRound, left: LeftOut) -> None:
    """Tell somebody for whom there is nobody, once in a round; after that their card says how it stands."""
    sign_up = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, left["id"])
    if sign_up is None:
        return
    offer = left["offer"]
    sign_up.reasons = json.dumps(left["reasons"])
    sign_up.offer = offer["kind"] if offer else None
    sign_up.offer_host_id = offer["host"] if offer else None
    begins, ends = (offer.get("begins"), offer.get("ends")) if offer else (None, None)
    sign_up.offer_begins_at = begins_at = datetime.fromisoformat(begins) if begins else None
    sign_up.offer_ends_at = ends_at = datetime.fromisoformat(ends) if ends else None
    if sign_up.offer == "other_date" and begins_at and ends_at and not _works(ctx, sign_up, begins_at, ends_at):
        local = begins_at.astimezone(zone_of(ctx.colleague(sign_up.member_id).timezone)).time()
        sign_up.offer = "other_hours" if EARLIEST <= local <= LATEST else None
    if sign_up.left_out_at:
        ctx.refresh(kinds.LEFT_OUT, sign_up.id)
    elif hours.is_at_work(ctx, sign_up.member_id, kinds.TELL_LEFT_OUT, sign_up.id):
        ctx.post(ctx.colleague(sign_up.member_id), subject=(kinds.LEFT_OUT, sign_up.id))
    sign_up.left_out_at = ctx.now


def _works(ctx: Context, sign_up: GembaSignUp, begins: datetime, ends: datetime) -> bool:
    """Whether they could add a half-day of their own, to be free for long enough when the host is."""
    theirs = timetable(ctx.session, ctx.workspace.id, sign_up.member_id)
    at = begins.astimezone(zone_of(theirs.timezone)).date()
    around = half_days(theirs, at - timedelta(days=1), at + timedelta(days=1))
    enough = timedelta(minutes=MINUTES["ride_along"])
    return any(min(ends, each.ends) - max(begins, each.begins) >= enough for each in around)


def tell_left_out(ctx: Context, due: Due) -> None:
    """They work again; nobody is told who has somebody meanwhile, or left the round."""
    sign_up = find_sign_up(ctx.session, ctx.workspace.id, due.subject_id)
    if sign_up and sign_up.left_out_at and sign_up.wish == Wish.SIGNED_UP:
        ctx.post(ctx.colleague(sign_up.member_id), subject=(kinds.LEFT_OUT, sign_up.id))


class _Known:
    """What is read once for all participants of a round."""

    def __init__(self, ctx: Context, gemba: GembaRound, people: Iterable[Member]) -> None:
        self._ctx, of = ctx, (ctx.session, ctx.workspace.id)
        self._standings, self._met = standings(*of), have_met(*of)
        self._above = _chains(roster(*of))
        self._unwanted = defaultdict[int, list[int]](list)
        for member_id, avoided_id in avoidances(*of):
            self._unwanted[member_id].append(avoided_id)
        self._past = defaultdict[int, list[tuple[int, int]]](list)
        for one, other, number in pairs_before(*of, number=gemba.number - max(gemba.no_repeat, REMEMBERED)):
            if number < gemba.number:
                self._past[one].append((other, gemba.number - number))
                self._past[other].append((one, gemba.number - number))
        self._matched, self._tried, self._hosted = set[int](), defaultdict[int, list[int]](list), Counter[int]()
        self._let_down, self._said = set[int](), said_in(*of, round_id=gemba.id)
        standing = [swap for swap in swaps_in(*of, round_id=gemba.id) if self._note(swap)]
        self._timetables, self._earliest = timetables(*of, people=people), dict[Timetable, datetime]()
        self._busy = defaultdict[int, list[GembaLeg]](list)
        for leg in legs_of_swaps(*of, swap_ids=[swap.id for swap in standing]):
            self._busy[leg.visitor_id].append(leg)
            self._busy[leg.host_id].append(leg)

    def participant(self, sign_up: GembaSignUp, member: Member) -> Participant:
        state = self._standings.get(member.id)
        theirs = self._timetables[member.id]
        earliest = self._soonest(theirs)
        half_days = [each for each in chosen(theirs, sign_up.free) if each.begins >= earliest]
        return {
            "id": member.id,
            "side": cast(Home, str(member.side)),
            "role": sign_up.role,
            "seniority": sign_up.level,
            "is_first_timer": member.id not in self._met,
            "waited": state.waited if state else 0,
            "goes_first": member.id in self._let_down,
            "is_matched": member.id in self._matched,
            "wished_roles": codes(sign_up.wished_roles),
            "wished_themes": codes(sign_up.wished_themes),
            "offered_themes": codes(sign_up.offered_themes),
            "capacity": max(0, sign_up.capacity - self._hosted[member.id]),
            "place": folded(sign_up.place) or None,
            "is_remote": sign_up.is_remote,
            "formats": cast(list[Format], codes(sign_up.formats)),
            "free": [each.slot for each in half_days if self._is_free(member.id, each)],
            "languages": codes(sign_up.languages),
            "unwanted": self._unwanted[member.id],
            "above": self._above.get(member.id, []),
            "tried": self._tried[member.id],
            "past": self._past[member.id],
        }

    def _is_free(self, member_id: int, half_day: HalfDay) -> bool:
        visits = self._busy[member_id]
        return not any(leg.begins_at < half_day.ends and half_day.begins < leg.ends_at for leg in visits)

    def _soonest(self, theirs: Timetable) -> datetime:
        """From when on somebody can be visited: the same for all who work alike."""
        if theirs not in self._earliest:
            self._earliest[theirs] = hours.after_working_days(theirs, self._ctx.now, NOTICE)
        return self._earliest[theirs]

    def _note(self, swap: GembaSwap) -> bool:
        """Whether it stands."""
        one, other = swap.both
        if swap.state not in STANDING:
            self._tried[one].append(other)
            self._tried[other].append(one)
            said_yes = {each for each in swap.both if self._said.get((swap.id, each)) == Said.YES}
            self._let_down |= said_yes - {swap.ended_by}
            return False
        self._matched.add(one)
        self._hosted[other] += 1
        if not swap.is_one_way:
            self._matched.add(other)
            self._hosted[one] += 1
        return True


def _chains(people: Sequence[Entry]) -> dict[int, list[int]]:
    """All those whom each reports to."""
    manager = {each.id: each.manager_id for each in people}
    chains: dict[int, list[int]] = {}
    for member_id in manager:
        above: list[int] = []
        at = manager[member_id]
        while at is not None and at not in above:
            above.append(at)
            at = manager.get(at)
        if above:
            chains[member_id] = above
    return chains
