"""The guided tour: each step is done when the company's own data say so; those of missing features are left out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.core.registry import Registry
from bot.demo.company import SELLERS
from bot.demo.extras import EXTRAS, Extra, Found, posted
from bot.demo.last_days import TOUR
from bot.playground import Double
from bot.playground.changes import Change
from bot.playground.page import Step
from bot.playground.person import Person
from bot.playground.workspace import Workspace
from bot.rules.lead_states import LeadState
from bot.slack.origin import PLATFORM
from storage.campaigns import who_answers
from storage.cases import Fate, fates, receipts_of
from storage.channels import Channel
from storage.database import Database
from storage.feedback import feedback_by
from storage.leads import leads_owned
from storage.people import find_member, member
from storage.workspaces import find_workspace

log = logging.getLogger(__name__)

LOOK_AFTER = 0.1  # seconds of quiet
MOST = 100  # leads that wait for one


@dataclass(frozen=True)
class Progress:
    """What the data say: who spoke, who is to answer and where, and what has been done."""

    lead: str = ""  # the ts of messages: the newest card that waits for whom the tour begins with,
    case: str = ""  # what was said, as its answerer sees it,
    receipt: str = ""  # and the answer
    reporter: str = ""  # user ids
    answerer: str = ""
    answered_in: str = ""  # the channel's id, or "messages"
    is_answered: bool = False
    is_read: bool = False
    extras: tuple[Found, ...] = ()  # what the data say of the further steps, in their order


class Tour:
    """Listens to the workspace, and looks what is done whenever something has happened."""

    def __init__(
        self, slack: Double, company: Workspace, registry: Registry, now: Callable[[], datetime], begun_at: datetime
    ) -> None:
        self._slack, self._company, self._now, self._begun_at = slack, company, now, begun_at
        self._people = {each.name: each.id for each in company.team.members.values()}
        self._extras = [extra for name, extra in EXTRAS.items() if name in registry.command_names]
        self._progress = Progress()
        self._later: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None

    def steps(self, person: Person) -> Sequence[Step]:
        found = self._progress.extras or (Found(),) * len(self._extras)
        return [
            self._say(),
            self._answer(),
            self._read(),
            *(self._extra(extra, seen) for extra, seen in zip(self._extras, found, strict=True)),
        ]

    def _say(self) -> Step:
        text = (
            "You are Ana, who sells. The newest card in #leads waits for you: press “Reject...”, “Not now...” or "
            "“Good lead” below it, and say why. It takes ten seconds."
        )
        now, seller = self._progress, self._people[TOUR]
        title, place = "Say what you think of a lead", self._channel("leads")
        return Step(title, text, bool(now.reporter), seller, place, message=now.lead)

    def _answer(self) -> Step:
        title, now = "Answer it as marketing", self._progress
        if not now.reporter:
            return Step(title, "What a seller says goes to whoever in marketing is responsible.")
        who = self._first_name(now.answerer)
        text = (
            f"What {self._first_name(now.reporter)} said has reached {who} in marketing. Be {who} for a moment: press "
            "“Decide...” below the newest message, and say what marketing does about it."
        )
        return Step(title, text, now.is_answered, now.answerer, now.answered_in, message=now.case)

    def _read(self) -> Step:
        title, now = "Read marketing's answer", self._progress
        if not now.is_answered:
            return Step(title, "Whoever said something hears what became of it.")
        text = (
            f"Be {self._first_name(now.reporter)} again: the newest message from Parley says what marketing does about "
            "it. Press “That helps” or “That does not help”."
        )
        return Step(title, text, now.is_read, now.reporter, "messages", message=now.receipt)

    def _extra(self, extra: Extra, seen: Found) -> Step:
        zone = ZoneInfo(self._company.team.members[self._people[TOUR]].tz)
        travel = extra.when(self._now(), zone, seen.skipped) if extra.when and not seen.is_there else None
        about = (seen.is_done, self._people[TOUR], self._channel(extra.place), seen.message)
        return Step(extra.title, extra.text, *about, seen.message if extra.is_thread else "", travel)

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
            self._progress = await self._database.read(self._progress_in)
        except Exception:
            log.exception("the tour does not know how far it is")
            return
        self._told()

    def _progress_in(self, session: Session) -> Progress:
        tenant = find_workspace(session, PLATFORM, self._company.id)
        assert tenant, "Parley is installed"
        extras = (extra.look(session, tenant, self._channel(extra.place), self._begun_at) for extra in self._extras)
        progress = Progress(extras=tuple(extras), lead=self._newest_lead(session, tenant.id))
        fate = self._first_fate(session, tenant.id)
        if fate is None:
            return progress
        feedback = fate.feedback
        to = who_answers(session, tenant.id, feedback.campaign_id)
        case = posted(session, tenant.id, "case", fate.case.id) if fate.case else ""
        is_channel = isinstance(to, Channel)
        progress = replace(
            progress,
            case=case,
            reporter=member(session, tenant.id, feedback.author_id).external_id,
            answerer=to.external_id if to and not is_channel else self._people["mo"],
            answered_in=to.external_id if to and is_channel else "messages",
        )
        if fate.decision is None:
            return progress
        receipts = receipts_of(session, tenant.id, fate.decision.id)
        mine = next((each for each in receipts if each.member_id == feedback.author_id), None)
        receipt = posted(session, tenant.id, "receipt", mine.id) if mine else ""
        return replace(progress, is_answered=True, receipt=receipt, is_read=bool(mine and mine.answered_at))

    def _newest_lead(self, session: Session, workspace_id: int) -> str:
        seller = find_member(session, workspace_id, self._people[TOUR])
        waiting = leads_owned(session, workspace_id, [seller.id], {LeadState.HANDED_OFF}, MOST) if seller else []
        return posted(session, workspace_id, "lead", waiting[-1].id) if waiting else ""

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
