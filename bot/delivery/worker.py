"""The outbox worker: looks for what is due, keeps to the platform's limits, records every outcome."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.budget import Budget
from bot.core.context import Context, language_of
from bot.core.events import CardPosted, MessageUndeliverable
from bot.core.feature import Reacted
from bot.core.language import speaking
from bot.core.reacting import react
from bot.core.registry import Registry
from bot.core.sender import Posted, Sender
from bot.delivery.attempt import Outcome, attempt, failed
from bot.delivery.parcel import draw
from storage import outbox
from storage.database import Database, DatabaseBusy, is_conflict
from storage.noise import note_act
from storage.outbox import Bucket, Kind, OutboxRow, State
from storage.people import member
from storage.reactions import Reaction, parked_reactions
from storage.workspaces import workspace_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than an attempt
LOOK_EVERY = 1.0  # seconds; for what another process wrote
LOOK_AT = 100  # rows in one unit of work
LOOK_AFTER = 0.02  # seconds since the last look, at least: what many commits promise is looked for once
AT_ONCE = 64  # rows being sent at the same time,
IN_WORKSPACE = 8  # and of one workspace, so that a slow one holds nobody else
FEW = 2  # every LOOK_EVERY, when it gives way


class Delivery:
    """`gives_way` is asked whether something more urgent needs the machine: to send a message costs several times as
    much as to promise it, and what is promised in one minute may take many to send.
    """

    def __init__(
        self,
        registry: Registry,
        database: Database,
        senders: Mapping[str, Sender],
        now: Callable[[], datetime],
        budget: Budget,
        domain_now: Callable[[], datetime],
        gives_way: Callable[[], bool] = lambda: False,
    ) -> None:
        self._registry, self._database, self._senders, self._budget = registry, database, senders, budget
        self._now, self._domain_now, self._gives_way = now, domain_now, gives_way
        self._woken, self._looking, self._stopping = asyncio.Event(), asyncio.Lock(), False
        self._running: dict[asyncio.Task[None], OutboxRow] = {}
        self._served = Bucket(0, Kind.POST)  # the last from which something was sent
        self.due_at: datetime | None = None  # when something more is due, by the last look; None: nothing waits

    def wake(self) -> None:
        """Something may be due: look now."""
        self._woken.set()

    async def recover(self) -> None:
        """At the start of the only process: whatever was being sent when the last one stopped is in doubt."""
        far = self._now() + timedelta(days=365)
        if count := await self._database.write(lambda session: outbox.doubt_expired(session, far, self._now())):
            log.warning("%d messages were being sent when Parley stopped; looking whether they arrived", count)

    async def run(self) -> None:
        """Deliver until stopped; looks every second, when something is due, and at once when woken."""
        while not self._stopping:
            self._woken.clear()
            pause = LOOK_EVERY
            try:
                await self.deliver_due(wait=False)
                if self.due_at:
                    pause = min(max((self.due_at - self._now()).total_seconds(), 0.01), LOOK_EVERY)
            except Exception:
                log.exception("delivery could not look for messages")
            await asyncio.sleep(LOOK_EVERY if self._gives_way() else LOOK_AFTER)
            try:
                async with asyncio.timeout(max(pause - LOOK_AFTER, 0)):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Begin nothing more; finish what is being sent. Whoever cannot wait for that may cancel it."""
        self._stopping = True
        self._woken.set()
        async with self._looking:
            self.due_at = None
            await asyncio.gather(*self._running, return_exceptions=True)

    async def deliver_due(self, *, wait: bool = True) -> int:
        """Send what is due, one row of each lane; return how many were claimed."""
        async with self._looking:
            tasks = [] if self._stopping else await self._look()
        if wait:
            await asyncio.gather(*tasks)
        return len(tasks)

    async def drain(self) -> None:
        """Return when nothing is left that can be sent now."""
        while await self.deliver_due() or self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

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

    # Claiming

    async def _look(self) -> list[asyncio.Task[None]]:
        """Claim what is due and allowed, and begin to send it."""
        now = self._now()
        waiting, lease = await self._database.read(lambda s: (outbox.first_due(s), outbox.first_lease(s)))
        if lease and lease <= now:
            sending = [row.id for row in self._running.values()]  # however long it takes: an attempt comes to an end
            await self._database.write(lambda session: outbox.doubt_expired(session, now, now, sending))
            waiting = await self._database.read(outbox.first_due)
        tasks, later = [], [lease] if lease and lease > now else []
        for bucket in sorted(waiting, key=lambda each: (each <= self._served, each)):  # they take turns
            at = waiting[bucket]
            is_more = at <= now
            while is_more and (room := self._room(bucket)) and not self._budget.wait(bucket, now.timestamp()):
                claim = partial(self._claim, bucket=bucket, now=now, room=room)
                claimed, waits, is_more = await self._database.write(claim)
                tasks += [self._start(row, is_in_doubt) for row, is_in_doubt in claimed]
                self._served = bucket if claimed else self._served
                later += waits
            at = max(at, now + timedelta(seconds=self._budget.wait(bucket, now.timestamp())))
            if at > now:
                later.append(at)
        self.due_at = min(later, default=None)
        return tasks

    def _room(self, bucket: Bucket) -> int:
        of_workspace = Counter(row.workspace_id for row in self._running.values())[bucket.workspace_id]
        at_once = FEW if self._gives_way() else AT_ONCE
        return max(0, min(IN_WORKSPACE - of_workspace, at_once - len(self._running)))

    def _claim(
        self, session: Session, bucket: Bucket, now: datetime, room: int
    ) -> tuple[list[tuple[OutboxRow, bool]], list[datetime], bool]:
        """Rows to send with whether they are in doubt, when those that must wait are due, whether there are more."""
        rows, is_more = outbox.ready(session, *bucket, now, LOOK_AT)
        claimed, waits = list[tuple[OutboxRow, bool]](), list[datetime]()
        for row in rows:
            if len(claimed) == room or self._budget.wait(bucket, now.timestamp()):
                is_more = False
                break
            if seconds := self._budget.delay(row, now.timestamp()):
                row.not_before = now + timedelta(seconds=seconds)
                waits.append(row.not_before)
            else:
                claimed.append((row, row.state == State.UNKNOWN))
                outbox.begin(row, now, now + LEASE)
        return claimed, waits, is_more

    def _start(self, row: OutboxRow, is_in_doubt: bool) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._deliver(row, is_in_doubt))
        self._running[task] = row
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        if not task.cancelled() and (error := task.exception()):
            log.error("an outcome was not recorded; its lease will end", exc_info=error)
        self.wake()  # the lane's next row, and room for another lane

    # Sending

    async def _deliver(self, row: OutboxRow, is_in_doubt: bool) -> None:
        is_sending = False
        try:
            parcel = await self._database.read(lambda s: draw(self._registry, s, row, self._domain_now()))
            is_sending = True
            outcome = await attempt(self._senders[parcel.platform], parcel, is_in_doubt, self._now())
        except Exception as error:
            outcome = failed(row, error, is_in_doubt, is_sending, self._now())
        if outcome.pause:
            self._budget.pause(row, outcome.pause, self._now().timestamp())
        while True:
            try:
                return await self._database.write(lambda session: self._settle(session, row, outcome))
            except DatabaseBusy:
                await asyncio.sleep(LOOK_EVERY)  # what is known of a message must not be forgotten

    def _settle(self, session: Session, row: OutboxRow, outcome: Outcome) -> None:
        if not outbox.settle(session, row, outcome.state, **outcome.values):
            return
        if outcome.posted:
            self._announce(session, row, outcome.posted)
        elif outcome.is_lost:
            reason, to = str(outcome.values["error"]), (row.channel_id, row.member_id)
            with _undone_alone(session, row):
                self._system(session, row).emit(MessageUndeliverable(*to, reason, row.subject, row.subject_id))

    def _announce(self, session: Session, row: OutboxRow, posted: Posted) -> None:
        """A message stands: features hear of it, and reactions that came before we knew are handled now."""
        with _undone_alone(session, row):
            ctx = self._system(session, row)
            if row.subject and row.subject_id is not None:
                ctx.emit(CardPosted(row.subject, row.subject_id, row.channel_id, row.member_id))
            for reaction in parked_reactions(session, row.workspace_id, posted.channel, posted.ts):
                reaction.is_parked = False
                if reaction.is_there:
                    self._react(ctx, row, reaction)
                    if row.subject in self._registry.counted:
                        note_act(session, row.workspace_id, row.id, ctx.now)

    def _react(self, ctx: Context, row: OutboxRow, reaction: Reaction) -> None:
        if row.subject and self._registry.handles(row.subject, reaction.name):
            actor = member(ctx.session, row.workspace_id, reaction.member_id)
            acting = Context(ctx.session, ctx.workspace, actor, ctx.now, "reaction", self._registry, reaction.channel)
            with speaking(language_of(actor, ctx.workspace)):
                react(self._registry, acting, Reacted(reaction.name, True, row.subject, row.subject_id or 0))

    def _system(self, session: Session, row: OutboxRow) -> Context:
        workspace = workspace_of(session, row.workspace_id)
        return Context(session, workspace, None, self._domain_now(), "system", self._registry)


@contextmanager
def _undone_alone(session: Session, row: OutboxRow) -> Iterator[None]:
    """What follows from an outcome may fail: the outcome is recorded all the same, and nothing is sent again."""
    try:
        with session.begin_nested():
            yield
    except Exception as error:
        if is_conflict(error):
            raise
        log.exception("what follows from message %s failed", row.id)
