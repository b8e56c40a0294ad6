"""Reads what the messages of job swaps show."""

import json
from collections.abc import Sequence

from sqlmodel import Session

from bot.core.context import Context
from bot.features.gemba.half_days import are_enough, chosen
from bot.features.gemba.service import rounds, settings
from bot.features.gemba.views.ideas import IdeaCard, Slides
from bot.features.gemba.views.preview import Previewed
from bot.features.gemba.views.rounds import RoundCard
from bot.features.gemba.views.sign_ups import Mine
from bot.features.gemba.views.status import Hours, Status
from bot.features.gemba.views.swaps import SwapCard
from bot.features.gemba.views.visits import VisitCard
from bot.features.gemba.words import codes
from bot.rules.swaps import FORMATS, Matching
from storage.calendars import timetable
from storage.gemba import (
    GembaRound,
    GembaSignUp,
    Stage,
    Wish,
    avoided_by,
    count_sign_ups,
    current_round,
    find_round,
    find_standing,
    sign_up_of,
    sign_ups,
)
from storage.gemba_ideas import GembaIdea, count_votes_for, follow_ups_on
from storage.gemba_swaps import (
    STANDING,
    GembaConsent,
    GembaLeg,
    GembaReflection,
    consents,
    count_swaps,
    find_leg,
    find_swap,
    legs_done,
    legs_of,
    observations_on,
    reflections_on,
    swaps_of,
)
from storage.people import Member, Side, member, members
from storage.workspaces import Workspace


def round_card(session: Session, workspace: Workspace, round_id: int) -> RoundCard | None:
    gemba = find_round(session, workspace.id, round_id)
    if gemba is None:
        return None
    return RoundCard(
        gemba,
        count_sign_ups(session, workspace.id, round_id, Wish.SIGNED_UP),
        count_swaps(session, workspace.id, round_id),
        [head.name for head in _heads_missing(session, workspace, gemba)],
        _excuses(session, workspace, gemba),
    )


def mine(session: Session, workspace: Workspace, sign_up: GembaSignUp) -> Mine:
    gemba = find_round(session, workspace.id, sign_up.round_id)
    assert gemba, "a sign-up is of a round"
    state = find_standing(session, workspace.id, sign_up.member_id)
    free = chosen(timetable(session, workspace.id, sign_up.member_id), sign_up.free)
    swaps = swaps_of(session, workspace.id, gemba.id, sign_up.member_id)
    return Mine(
        sign_up,
        gemba,
        member(session, workspace.id, sign_up.member_id),
        state.snoozed_until if state else None,
        any(swap.state in STANDING for swap in swaps),
        json.loads(sign_up.reasons),
        member(session, workspace.id, sign_up.offer_host_id).name if sign_up.offer_host_id else None,
        free,
        any(are_enough(free, format) for format in FORMATS if format in codes(sign_up.formats)),
        len(avoided_by(session, workspace.id, sign_up.member_id)),
    )


def swap_card(session: Session, workspace: Workspace, consent: GembaConsent) -> SwapCard:
    swap = find_swap(session, workspace.id, consent.swap_id)
    assert swap, "a consent is to a swap"
    partner_id = swap.partner_of(consent.member_id)
    people = members(session, workspace.id, swap.both)
    return SwapCard(
        swap,
        consent,
        people[consent.member_id],
        people[partner_id],
        consents(session, workspace.id, swap.id)[partner_id].said,
        legs_of(session, workspace.id, swap.id),
        json.loads(swap.reasons),
        sign_up_of(session, workspace.id, swap.round_id, partner_id),
    )


def visit_card(session: Session, workspace: Workspace, leg_id: int) -> VisitCard | None:
    leg = find_leg(session, workspace.id, leg_id)
    if leg is None:
        return None
    swap = find_swap(session, workspace.id, leg.swap_id)
    assert swap, "a visit is of a swap"
    offer = sign_up_of(session, workspace.id, swap.round_id, leg.host_id)
    return VisitCard(
        leg,
        member(session, workspace.id, leg.host_id),
        sign_up_of(session, workspace.id, swap.round_id, leg.visitor_id),
        offer,
        observations_on(session, workspace.id, [leg.id]),
        leg.visitor_id in reflections_on(session, workspace.id, swap.id),
    )


def noted_by(session: Session, workspace: Workspace, legs: Sequence[GembaLeg]) -> list[VisitCard]:
    found = [visit_card(session, workspace, leg.id) for leg in legs]
    return [each for each in found if each]


def slides(session: Session, workspace: Workspace, reflection: GembaReflection) -> Slides:
    people = members(session, workspace.id, (reflection.author_id, reflection.host_id))
    return Slides(reflection, people[reflection.author_id], people[reflection.host_id])


def idea_cards(session: Session, workspace: Workspace, found: Sequence[GembaIdea]) -> list[IdeaCard]:
    people = members(session, workspace.id, {each for idea in found for each in (idea.author_id, idea.owner_id)})
    votes = count_votes_for(session, workspace.id)
    return [
        IdeaCard(
            idea,
            people[idea.author_id],
            people[idea.owner_id],
            votes.get(idea.id, 0),
            follow_ups_on(session, workspace.id, idea.id),
        )
        for idea in found
    ]


def status(ctx: Context) -> Status:
    gemba = current_round(ctx.session, ctx.workspace.id)
    of_me = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, ctx.member.id) if gemba else None
    swaps = swaps_of(ctx.session, ctx.workspace.id, gemba.id, ctx.member.id) if gemba else []
    return Status(
        round_card(ctx.session, ctx.workspace, gemba.id) if gemba else None,
        mine(ctx.session, ctx.workspace, of_me) if of_me else None,
        [
            swap_card(ctx.session, ctx.workspace, consents(ctx.session, ctx.workspace.id, swap.id)[ctx.member.id])
            for swap in swaps
            if swap.state in STANDING
        ],
        find_standing(ctx.session, ctx.workspace.id, ctx.member.id),
        settings.rhythm(ctx)[1],
        rounds.organises(ctx, ctx.member),
        ctx.member.side in rounds.SIDES,
        ctx.member.is_head,
        [found.name for found in rounds.organisers(ctx, gemba)] if gemba else [],
    )


def previewed(ctx: Context, round_id: int, answer: Matching) -> Previewed:
    gemba = rounds.known(ctx, round_id)
    ids = {each for match in answer["matches"] for each in (match["sales"], match["marketing"])}
    ids |= {left["id"] for left in answer["left_out"]}
    ids |= {left["offer"]["host"] for left in answer["left_out"] if left["offer"]}
    return Previewed(gemba, answer["matches"], answer["left_out"], members(ctx.session, ctx.workspace.id, ids))


def hours(session: Session, workspace_id: int) -> list[Hours]:
    """Of visits that took place; half of the people may be on one side and most of the hours on the other."""
    given, received, visits = dict[Side, float](), dict[Side, float](), dict[Side, int]()
    for leg, _number, visitor_side, host_side in legs_done(session, workspace_id):
        took = (leg.ends_at - leg.begins_at).total_seconds() / 3600
        host, visitor = Side(host_side or Side.OTHER), Side(visitor_side or Side.OTHER)
        given[host], visits[host] = given.get(host, 0) + took, visits.get(host, 0) + 1
        received[visitor] = received.get(visitor, 0) + took
    sides = [side for side in Side if side in given or side in received]
    return [Hours(side, given.get(side, 0), received.get(side, 0), visits.get(side, 0)) for side in sides]


def _excuses(session: Session, workspace: Workspace, gemba: GembaRound) -> list[tuple[str, str]]:
    excused = sign_ups(session, workspace.id, gemba.id, Wish.EXCUSED)
    people = members(session, workspace.id, [sign_up.member_id for sign_up in excused])
    return [(people[sign_up.member_id].name, sign_up.excuse) for sign_up in excused]


def _heads_missing(session: Session, workspace: Workspace, gemba: GembaRound) -> Sequence[Member]:
    if gemba.stage != Stage.HEADS:
        return []
    asked = sign_ups(session, workspace.id, gemba.id, Wish.ASKED)
    found = members(session, workspace.id, [sign_up.member_id for sign_up in asked])
    return [each for each in found.values() if each.is_head and each.belongs]
