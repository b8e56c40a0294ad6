"""Delivery: claims outbox rows, sends them, records what happened; finds out where it does not know."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.budget import Budget
from bot.core import ui
from bot.core.context import Context
from bot.core.dispatcher import react
from bot.core.events import CardPosted, MessageUndeliverable
from bot.core.feature import Reacted
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.core.sender import CannotLookBack, Posted, Rejected, RetryAfter, Sender, Target
from storage import outbox
from storage.channels import channel
from storage.database import Database
from storage.outbox import Kind, OutboxRow, State
from storage.people import member
from storage.reactions import parked_reactions
from storage.workspaces import Workspace

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than any call to a platform may take
LOOK_BACK_AFTER = timedelta(seconds=15)  # time for our own message to come back as an event
GIVE_UP_AFTER = timedelta(hours=24)
AT_ONCE = 32  # lanes served at the same time
LOOKS = 5  # tries to read the history before a message in doubt is sent again


@dataclass(frozen=True)
class Parcel:
    """An outbox row with everything needed to send it without the database."""

    row: OutboxRow
    platform: str
    workspace: str  # external ids from here on
    channel: str | None  # None: the member's private conversation, which is opened first
    member: str | None
    thread_ts: str | None
    posted: Posted | None  # what an update, deletion or reaction is about
    content: ui.Message | None
    parts: list[ui.Part]
    is_in_doubt: bool  # it may have been sent already


class _NothingToShow(Exception):
    """The subject of a card is gone; there is nothing to post or to update."""


class Delivery:
    def __init__(
        self,
        registry: Registry,
        database: Database,
        senders: Mapping[str, Sender],
        now: Callable[[], datetime],
        budget: Budget,
        domain_now: Callable[[], datetime],
    ) -> None:
        self._registry, self._database, self._senders, self._budget = registry, database, senders, budget
        self._now, self._domain_now = now, domain_now
        self._woken = asyncio.Event()
        self._stopping = False
        self._running: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Something may be due: look now."""
        self._woken.set()

    async def recover(self) -> None:
        """At the start of the only process: whatever was being sent when the last one stopped is in doubt."""
        far = self._now() + timedelta(days=365)
        if count := await self._database.write(lambda session: outbox.doubt_expired(session, far, self._now())):
            log.warning("%d messages were being sent when Parley stopped; looking whether they arrived", count)

    async def run(self) -> None:
        """Deliver until stopped; looks every second, and at once when woken."""
        while not self._stopping:
            self._woken.clear()
            try:
                await self.deliver_due(wait=False)
            except Exception:
                log.exception("delivery could not look for messages")
            try:
                async with asyncio.timeout(1):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Begin nothing more; finish what is being sent."""
        self._stopping = True
        self._woken.set()
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def deliver_due(self, *, wait: bool = True) -> int:
        """Send what is due, one row of each lane; return how many were claimed."""
        room = AT_ONCE - len(self._running)
        if room <= 0:
            return 0
        now = self._now()
        parcels = await self._database.write(lambda session: self._claim(session, now, room))
        tasks = {asyncio.get_running_loop().create_task(self._deliver(parcel)) for parcel in parcels}
        self._running |= tasks
        for task in tasks:
            task.add_done_callback(self._finished)
        if wait:
            await asyncio.gather(*tasks)
        return len(parcels)

    async def settle_by_echo(self, platform: str, workspace: str, row_id: str, posted: Posted) -> None:
        """Our own message came back from the platform: it stands, whatever its sender believed."""

        def is_unsettled(session: Session) -> int | None:
            found = outbox.unsettled(session, platform, workspace, row_id)
            return found.workspace_id if found else None

        workspace_id = await self._database.read(is_unsettled)
        if workspace_id is None:
            return

        def work(session: Session) -> None:
            now = self._now()
            if outbox.settle_by_echo(session, workspace_id, row_id, posted.channel, posted.ts, now):
                row = outbox.row(session, workspace_id, row_id)
                assert row
                self._announce(session, row, posted)

        await self._database.write(work)
        self.wake()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake()  # the lane's next row, and room for another lane

    def _claim(self, session: Session, now: datetime, room: int) -> list[Parcel]:
        outbox.doubt_expired(session, now, now)
        claimed = outbox.claim(session, now, now + LEASE, room, lambda row: self._delay(row, now))
        parcels = []
        for row, is_in_doubt in claimed:
            try:
                parcels.append(self._parcel(session, row, is_in_doubt))
            except _NothingToShow:
                row.state, row.error = State.DEAD, "its subject is gone"
            except Exception as error:
                log.exception("message %s cannot be drawn", row.id)
                row.state, row.error = State.DEAD, repr(error)
        return parcels

    def _delay(self, row: OutboxRow, now: datetime) -> timedelta:
        return timedelta(seconds=self._budget.delay(row, now.timestamp()))

    def _parcel(self, session: Session, row: OutboxRow, is_in_doubt: bool) -> Parcel:
        """Draw the row as storage is now, in the recipient's language."""
        workspace = session.get_one(Workspace, row.workspace_id)
        target = outbox.row(session, row.workspace_id, row.target_id) if row.target_id else None
        thread = outbox.row(session, row.workspace_id, row.thread_id) if row.thread_id else None
        to_channel = channel(session, row.workspace_id, row.channel_id) if row.channel_id else None
        to_member = member(session, row.workspace_id, row.member_id) if row.member_id else None
        content, parts = None, []
        with speaking(row.language):
            if row.kind == Kind.HOME and to_member:
                ctx = Context(session, workspace, to_member, self._domain_now(), "system", self._registry)
                parts = self._registry.home(ctx)
            elif row.kind in (Kind.POST, Kind.UPDATE, Kind.FILE):
                if row.body is not None:
                    content = ui.from_json(row.body)
                elif row.subject and row.subject_id is not None:
                    content = self._registry.draw(session, workspace, row.subject, row.subject_id)
                if content is None:
                    raise _NothingToShow
        return Parcel(
            row=row,
            platform=workspace.platform,
            workspace=workspace.external_id,
            channel=to_channel.external_id if to_channel else row.external_channel,
            member=to_member.external_id if to_member else None,
            thread_ts=thread.external_ts if thread else row.thread_ts,
            posted=Posted(target.external_channel or "", target.external_ts or "") if target else None,
            content=content,
            parts=parts,
            is_in_doubt=is_in_doubt,
        )

    async def _deliver(self, parcel: Parcel) -> None:
        state, values, posted = await self._attempt(parcel)
        await self._database.write(lambda session: self._settle(session, parcel.row, state, values, posted))

    def _settle(
        self, session: Session, row: OutboxRow, state: State, values: dict[str, object], posted: Posted | None
    ) -> None:
        if not outbox.settle(session, row, state, **values):
            return
        if posted:
            self._announce(session, row, posted)
        elif state == State.DEAD and row.kind in (Kind.POST, Kind.FILE):
            reason = str(values["error"])
            self._system(session, row).emit(MessageUndeliverable(row.channel_id, row.member_id, reason))

    def _announce(self, session: Session, row: OutboxRow, posted: Posted) -> None:
        """A message stands: features hear of it, and reactions that came before we knew are handled now."""
        ctx = self._system(session, row)
        if row.subject and row.subject_id is not None:
            ctx.emit(CardPosted(row.subject, row.subject_id, row.channel_id, row.member_id))
        for reaction in parked_reactions(session, row.workspace_id, posted.channel, posted.ts):
            reaction.is_parked = False
            if reaction.is_there and row.subject and self._registry.handles(row.subject, reaction.name):
                actor = member(session, row.workspace_id, reaction.member_id)
                acting = Context(session, ctx.workspace, actor, ctx.now, "reaction", self._registry, reaction.channel)
                react(self._registry, acting, Reacted(reaction.name, True, row.subject, row.subject_id or 0))

    def _system(self, session: Session, row: OutboxRow) -> Context:
        workspace = session.get_one(Workspace, row.workspace_id)
        return Context(session, workspace, None, self._domain_now(), "system", self._registry)

    async def _attempt(self, parcel: Parcel) -> tuple[State, dict[str, object], Posted | None]:
        """Send, and say what is known of it afterwards."""
        row = parcel.row
        is_repeatable = row.kind not in (Kind.POST, Kind.FILE)
        try:
            posted = await self._send(parcel)
        except RetryAfter as error:
            if error.is_limit:
                self._budget.pause(row, error.seconds, self._now().timestamp())
            return self._later(row, State.UNKNOWN if parcel.is_in_doubt else State.RETRY, error, error.seconds)
        except Rejected as error:
            log.log(logging.INFO if is_repeatable else logging.ERROR, "message %s was rejected: %s", row.id, error)
            return State.DEAD, {"error": str(error)}, None
        except Exception as error:
            log.warning("message %s may or may not have been sent: %r", row.id, error)
            wait = min(2.0**row.attempt, 300.0) if is_repeatable else LOOK_BACK_AFTER.total_seconds()
            return self._later(row, State.RETRY if is_repeatable else State.UNKNOWN, error, wait)
        if posted is None:
            return State.SENT, {"sent_at": self._now()}, None
        place = {"external_channel": posted.channel, "external_ts": posted.ts, "sent_at": self._now()}
        return State.SENT, place, posted

    def _later(
        self, row: OutboxRow, state: State, error: Exception, seconds: float
    ) -> tuple[State, dict[str, object], None]:
        if row.tried_at and self._now() - row.tried_at > GIVE_UP_AFTER:
            return State.DEAD, {"error": f"gave up after {row.attempt} attempts: {error!r}"}, None
        return state, {"not_before": self._now() + timedelta(seconds=seconds), "error": repr(error)}, None

    async def _send(self, parcel: Parcel) -> Posted | None:
        sender, row = self._senders[parcel.platform], parcel.row
        match row.kind:
            case Kind.HOME:
                await sender.show_home(parcel.workspace, parcel.member or "", parcel.parts)
                return None
            case Kind.UPDATE if parcel.posted and parcel.content:
                await sender.update(parcel.workspace, parcel.posted, parcel.content, row.target_id or "")
                return None
            case Kind.DELETE if parcel.posted:
                await sender.delete(parcel.workspace, parcel.posted)
                return None
            case Kind.REACT if parcel.posted:
                await sender.react(parcel.workspace, parcel.posted, row.body or "")
                return None
        if parcel.content is None:
            raise Rejected("nothing to send")
        channel_id = parcel.channel or await sender.open_dm(parcel.workspace, parcel.member or "")
        target = Target(parcel.workspace, channel_id, parcel.thread_ts)
        if parcel.is_in_doubt and (found := await self._look_back(sender, target, row)):
            return found
        if file := parcel.content.file:
            return await sender.upload(target, parcel.content, file, row.id)
        return await sender.post(target, parcel.content, row.id)

    async def _look_back(self, sender: Sender, target: Target, row: OutboxRow) -> Posted | None:
        """Whether the message stands already. Where the platform shows no history, its own deduplication must do."""
        since = (row.tried_at or self._now()) - timedelta(seconds=5)
        try:
            return await sender.find(target, row.id, since)
        except (CannotLookBack, Rejected):
            return None
        except RetryAfter:
            raise
        except Exception as error:
            if row.attempt > LOOKS:
                return None
            raise RetryAfter(LOOK_BACK_AFTER.total_seconds()) from error
