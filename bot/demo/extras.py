"""The steps of the tour that need a feature of their own: what they say, when they can be done, if they are done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.demo.travel import tuesday, working_morning
from bot.playground.page import Offer
from storage.cards import cards
from storage.channels import find_channel
from storage.digest import Deed, Outcome, did_anybody, last_digest
from storage.workspaces import Workspace


@dataclass(frozen=True)
class Found:
    """What the data say of a step."""

    is_there: bool = False  # what it is about stands in the channel, so nobody need travel for it
    is_done: bool = False
    thread: str = ""  # the ts of the message whose thread it is about


def _nothing(session: Session, tenant: Workspace, place: str, since: datetime) -> Found:
    return Found()


@dataclass(frozen=True)
class Extra:
    """`place` names a channel; `look` says what became of the step there since the tour began."""

    title: str
    text: str
    place: str
    when: Callable[[datetime, ZoneInfo], Offer] | None = None  # None: now
    look: Callable[[Session, Workspace, str, datetime], Found] = _nothing


def _digest(session: Session, tenant: Workspace, place: str, since: datetime) -> Found:
    channel = find_channel(session, tenant.id, place)
    digest = last_digest(session, tenant.id, channel.id, (Outcome.TOLD,)) if channel else None
    posted = cards(session, tenant.id, "digest", digest.id) if digest and digest.built_at >= since else []
    thread = posted[0].external_ts if posted else None
    return Found(bool(thread), did_anybody(session, tenant.id, Deed.TAKE, since), thread or "")


EXTRAS = {  # by the command of the feature
    "digest": Extra(
        "Take something that is left to do",
        "On every working day at 9:00, Parley sums up the day before in #alignment. In the thread below it stands what "
        "is left to do. Press “I take it” on the lead that nobody has taken yet.",
        "alignment",
        working_morning,
        _digest,
    ),
    "pulse": Extra(
        "Say how working together feels",
        "On Tuesdays at 10:00, Parley asks in #sales and in #marketing how working together feels. Tap an answer to "
        "each of the three; nobody can ever see who gave which.",
        "sales",
        tuesday,
    ),
    "gemba": Extra(
        "Sign up to see the other side's work",
        "Spend half a day in the job of somebody in marketing. Type /gemba below, press Enter, then “Sign up...”, and "
        "say what you want to see.",
        "alignment",
    ),
}
