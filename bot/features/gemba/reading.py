"""Reads what the messages of job swaps show."""

import json
from collections.abc import Sequence

from sqlmodel import Session

from bot.features.gemba.views.rounds import RoundCard
from bot.features.gemba.views.sign_ups import Mine
from bot.rules.swaps import Reason
from storage.gemba import (
    GembaRound,
    GembaSignUp,
    Stage,
    Wish,
    count_sign_ups,
    find_round,
    find_standing,
    sign_ups,
)
from storage.gemba_swaps import STANDING, count_swaps, swaps_of
from storage.people import Member, member, members
from storage.workspaces import Workspace


def round_card(session: Session, workspace: Workspace, round_id: int) -> RoundCard | None:
    gemba = find_round(session, workspace.id, round_id)
    if gemba is None:
        return None
    return RoundCard(
        gemba,
        count_sign_ups(session, workspace.id, round_id),
        count_swaps(session, workspace.id, round_id),
        [head.name for head in _heads_missing(session, workspace, gemba)],
    )


def mine(session: Session, workspace: Workspace, sign_up: GembaSignUp) -> Mine:
    gemba = find_round(session, workspace.id, sign_up.round_id)
    assert gemba, "a sign-up is of a round"
    state = find_standing(session, workspace.id, sign_up.member_id)
    swaps = swaps_of(session, workspace.id, gemba.id, sign_up.member_id)
    reasons: Sequence[Reason] = json.loads(sign_up.reasons)
    return Mine(
        sign_up,
        gemba,
        member(session, workspace.id, sign_up.member_id),
        state.snoozed_until if state else None,
        any(swap.state in STANDING for swap in swaps),
        reasons,
        member(session, workspace.id, sign_up.offer_host_id).name if sign_up.offer_host_id else None,
    )


def _heads_missing(session: Session, workspace: Workspace, gemba: GembaRound) -> Sequence[Member]:
    if gemba.stage != Stage.HEADS:
        return []
    asked = sign_ups(session, workspace.id, gemba.id, Wish.ASKED)
    found = members(session, workspace.id, [sign_up.member_id for sign_up in asked])
    return [each for each in found.values() if each.is_head and each.belongs]
