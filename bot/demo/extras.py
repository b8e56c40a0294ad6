"""The steps of the tour that need a feature of their own: what they say, when they can be done, if they are done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.demo.travel import tuesday, working_morning
from bot.features.digest.service import CARD
from bot.features.pulse.results import awaits_sentence
from bot.features.pulse.waves import SALES_CARD
from bot.playground.page import Offer
from storage.ballots import count_answers
from storage.cards import cards
from storage.channels import find_channel
from storage.digest import Deed, Outcome, did_anybody, last_digest
from storage.gemba import Wish, current_round, sign_ups
from storage.people import Side
from storage.pulse import PulseWave, QuestionKind, WaveState, last_waves, questions_of
from storage.workspaces import Workspace

LOOKED_BACK = 3  # pulses


@dataclass(frozen=True)
class Found:
    """What the data say of a step."""

    is_there: bool = False  # what it is about stands in the channel, so nobody need travel for it
    is_done: bool = False
    message: str = ""  # the ts of what it is about
    skipped: int = 0  # occasions at which nothing will come of it


def posted(session: Session, workspace_id: int, subject: str, subject_id: int) -> str:
    """The ts of the newest message of a subject, if it stands."""
    found = cards(session, workspace_id, subject, subject_id)
    return (found[-1].external_ts or "") if found else ""


def _nothing(session: Session, tenant: Workspace, place: str, since: datetime) -> Found:
    return Found()


@dataclass(frozen=True)
class Extra:
    """`place` names a channel; `look` says what became of the step there since the tour began."""

    title: str
    text: str
    place: str
    is_thread: bool = False  # what it is about stands in the thread of a message
    when: Callable[[datetime, ZoneInfo, int], Offer] | None = None  # None: now
    look: Callable[[Session, Workspace, str, datetime], Found] = _nothing


def _digest(session: Session, tenant: Workspace, place: str, since: datetime) -> Found:
    channel = find_channel(session, tenant.id, place)
    digest = last_digest(session, tenant.id, channel.id, (Outcome.TOLD,)) if channel else None
    message = posted(session, tenant.id, CARD, digest.id) if digest and digest.built_at >= since else ""
    return Found(bool(message), did_anybody(session, tenant.id, Deed.TAKE, since), message)


def _pulse(session: Session, tenant: Workspace, place: str, since: datetime) -> Found:
    """By how many have answered, for nothing says who: of a pulse that was open before all were to answer, else one."""
    waves = last_waves(session, tenant.id, LOOKED_BACK)
    is_open = any(wave.state == WaveState.OPEN for wave in waves)
    lately = [wave for wave in waves if wave.state == WaveState.OPEN or (wave.closed_at and wave.closed_at >= since)]
    is_done = any(
        _sellers_who_answered(session, tenant.id, wave) >= (wave.sales_asked if wave.opens_at < since else 1)
        for wave in lately
    )
    # After a result to which no head said anything, there is none for a week.
    is_skipped = bool(waves) and waves[0].state == WaveState.CLOSED and awaits_sentence(session, tenant.id, waves[0])
    message = posted(session, tenant.id, SALES_CARD, waves[0].id) if is_open else ""
    return Found(is_open, is_done, message, int(is_skipped))


def _sellers_who_answered(session: Session, workspace_id: int, wave: PulseWave) -> int:
    """Each statement."""
    if wave.state != WaveState.OPEN:
        return wave.sales_answered
    counts = count_answers(session, workspace_id, wave.id)
    asked = [each for each in questions_of(session, workspace_id, wave.id) if each.kind != QuestionKind.OPEN]
    return min((sum(counts.get((each.position, Side.SALES), {}).values()) for each in asked), default=0)


def _gemba(session: Session, tenant: Workspace, place: str, since: datetime) -> Found:
    gemba = current_round(session, tenant.id)
    signed_up = sign_ups(session, tenant.id, gemba.id, Wish.SIGNED_UP) if gemba else []
    return Found(bool(gemba), any(each.answered_at and each.answered_at >= since for each in signed_up))


EXTRAS = {  # by the command of the feature
    "digest": Extra(
        "Take something that is left to do",
        "On every working day at 9:00, Parley sums up the day before in #alignment. What is left to do is in the "
        "thread below it. Press “I take it” on the lead that nobody has taken yet.",
        "alignment",
        True,
        working_morning,
        _digest,
    ),
    "pulse": Extra(
        "Say how working together feels",
        "Every Tuesday at 10:00, Parley asks both sides how working together feels. Tap an answer to each statement in "
        "#sales; above them is what came of the last pulse. No colleague and no boss sees who answered what; "
        "/pulse privacy says who could, and until when.",
        "sales",
        when=tuesday,
        look=_pulse,
    ),
    "gemba": Extra(
        "Sign up to see the other side's work",
        "Spend half a day beside somebody in marketing, and show them yours. Type /gemba below, press Enter, then "
        "“Sign up...”. Say what your job is, where you can be visited, and when you are free; the rest may stay empty.",
        "sales",
        look=_gemba,
    ),
}
