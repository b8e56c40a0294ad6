"""The guided tour: each step is done when the company's own data say so; those of missing features are left out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from bot.core.registry import Registry
from bot.demo.company import SELLERS
from bot.demo.last_days import TOUR
from bot.playground import Double
from bot.playground.changes import Change
from bot.playground.journal import Delivery
from bot.playground.page import Step
from bot.playground.person import Person
from bot.playground.records import Payload
from bot.playground.workspace import Workspace
from bot.slack.origin import PLATFORM
from storage.campaigns import who_answers
from storage.cases import Fate, fates, receipts_of
from storage.channels import Channel
from storage.database import Database
from storage.feedback import feedback_by
from storage.people import find_member, member
from storage.workspaces import find_workspace

log = logging.getLogger(__name__)

LOOK_AFTER = 0.1  # seconds of quiet
TAKEN = "raising_hand"  # the reaction by which an open item is taken
LATER = {  # the steps of features that a Parley may have: where, what
    "digest": (
        "Read tomorrow's digest",
        "Travel to tomorrow, 9:00. In #alignment Parley sums up the day. Open the thread, and take the item nobody has "
        "taken yet, by its button or with 🙋.",
        "alignment",
    ),
    "pulse": (
        "Answer the weekly pulse",
        "Travel to next Tuesday, 10:00. In #sales Parley asks how working together feels: three taps, and nobody can "
        "ever see who gave which answer.",
        "sales",
    ),
    "gemba": (
        "Sign up to see the other side's work",
        "Half a day in a colleague's job: type /gemba and press “Sign up…”.",
        "alignment",
    ),
}


@dataclass(frozen=True)
class Progress:
    """What the data say: who spoke, who is to answer and where, and what has been done."""

    reporter: str = ""  # user ids
    answerer: str = ""
    answered_in: str = ""  # the channel's id, or "messages"
    is_answered: bool = False
    is_read: bool = False


class Tour:
    """Listens to the workspace, and looks what is done whenever something has happened."""

    def __init__(self, slack: Double, company: Workspace, registry: Registry, begun_at: datetime) -> None:
        self._slack, self._company, self._begun_at = slack, company, begun_at
        self._people = {each.name: each.id for each in company.team.members.values()}
        self._offered = [name for name in LATER if name in registry.command_names]
        self._progress, self._used = Progress(), frozenset[str]()
        self._later: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None

    def steps(self, person: Person) -> Sequence[Step]:
        now = self._progress
        name = self._first_name(now.reporter) if now.reporter else "the seller"
        seller = now.reporter or self._people[TOUR]
        return [
            Step(
                "Say what you think of a lead",
                "You are a seller. On a card in #leads that waits for you, press “Reject...”, “Not now...” or "
                "“Good lead”, and say why. It takes ten seconds.",
                bool(now.reporter),
                self._people[TOUR],
                self._channel("leads"),
            ),
            Step(
                "Answer it as marketing",
                f"What {name} said has reached {self._first_name(now.answerer)}, who is responsible. Press “Decide...”."
                if now.answerer
                else "What a seller says goes to the one in marketing who is responsible. They press “Decide...”.",
                now.is_answered,
                now.answerer or self._people["mo"],
                now.answered_in or self._channel("marketing"),
            ),
            Step(
                "Read the receipt",
                f"Back to {name}: the messages with Parley say what marketing does about it. Say whether that helps.",
                now.is_read,
                seller,
                "messages",
            ),
            *(self._step(feature) for feature in self._offered),
        ]

    def _step(self, feature: str) -> Step:
        title, text, place = LATER[feature]
        return Step(title, text, feature in self._used, self._people[TOUR], self._channel(place))

    def _first_name(self, user: str) -> str:
        return self._company.team.members[user].real_name.partition(" ")[0]

    def _channel(self, name: str) -> str:
        return self._company.channel(name).id

    # How far it is

    def begin(self, database: Database, told: Callable[[], None]) -> None:
        """Listen from now on; `told` is called whenever a step may be done."""
        self._database, self._told = database, told
        self._slack.state.listeners.append(self.hear)

    def hear(self, change: Change) -> None:
        if isinstance(change.entry, Delivery):
            self._used |= {name for name in self._offered if name in _features(change.entry.payload)}
        if self._later:
            self._later.cancel()
        self._later = asyncio.get_running_loop().call_later(LOOK_AFTER, self._look_soon)

    async def end(self) -> None:
        self._slack.state.listeners.remove(self.hear)
        if self._later:
            self._later.cancel()
        if self._looking:
            await self._looking

    def _look_soon(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self.look())

    async def look(self) -> None:
        """Ask the data."""
        try:
            self._progress = await self._database.read(self._read)
        except Exception:
            log.exception("the tour does not know how far it is")
            return
        self._told()

    def _read(self, session: Session) -> Progress:
        tenant = find_workspace(session, PLATFORM, self._company.id)
        assert tenant, "Parley is installed"
        fate = self._first_fate(session, tenant.id)
        if fate is None:
            return Progress()
        feedback = fate.feedback
        reporter = member(session, tenant.id, feedback.author_id).external_id
        progress = Progress(reporter)
        to = who_answers(session, tenant.id, feedback.campaign_id)
        if isinstance(to, Channel):
            progress = replace(progress, answerer=self._people["mo"], answered_in=to.external_id)
        elif to:
            progress = replace(progress, answerer=to.external_id, answered_in="messages")
        if fate.decision is None:
            return progress
        receipts = receipts_of(session, tenant.id, fate.decision.id)
        is_read = any(each.member_id == feedback.author_id and each.answered_at for each in receipts)
        return replace(progress, is_answered=True, is_read=is_read)

    def _first_fate(self, session: Session, workspace_id: int) -> Fate | None:
        """The first word of a seller since the tour began that is furthest on, and what became of it."""
        said = []
        for handle in SELLERS:
            if seller := find_member(session, workspace_id, self._people[handle]):
                said += [f for f in feedback_by(session, workspace_id, seller.id, 20) if f.given_at >= self._begun_at]
        said.sort(key=lambda feedback: feedback.id)
        found = fates(session, workspace_id, said)
        answered = [fate for fate in found if fate.decision and fate.decision.decided_at >= self._begun_at]
        return next(iter(answered or found), None)


def _features(payload: Payload) -> set[str]:
    """Whose buttons, forms and reactions somebody used; buttons and forms carry wire names, which begin with it."""
    match payload.get("type"):
        case "block_actions":
            packed = [str(action.get("value", "")) for action in payload["actions"]]
            return {value[2:].partition(".")[0] for value in packed if value.startswith('["')}
        case "event_callback" if payload["event"].get("reaction") == TAKEN:
            return {"digest"}
        case "view_submission":
            return {str(payload["view"]["callback_id"]).partition(".")[0]}
    return set()
