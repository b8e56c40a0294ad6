"""Posts what was promised in the sample company's past: all that waits together, each message at its own instant.

Delivery would claim, draw, send and record each by itself, and again for each of its changes. Here the changes wait for
the end: nobody looks before, and only the last of each is ever seen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from sqlmodel import Session, col, or_, select

from bot.core.context import Context
from bot.core.events import CardPosted
from bot.core.registry import Registry
from bot.core.sender import Posted, Sender
from bot.delivery.attempt import attempt
from bot.delivery.parcel import Parcel, draw
from bot.demo.clock import Clock
from storage.database import Database
from storage.outbox import Kind, OutboxRow, State
from storage.statements import Query
from storage.tables import change, find_one
from storage.workspaces import workspace_of

_is_new = or_(OutboxRow.kind == Kind.POST, OutboxRow.kind == Kind.FILE)
_WAITING = (
    select(OutboxRow)
    .where(or_(OutboxRow.state == State.NEW, OutboxRow.state == State.BLOCKED))
    .order_by(col(OutboxRow.id))
)
_NEW = Query(_WAITING.where(_is_new))
_CHANGES = Query(_WAITING.where(~_is_new))


class Posting:
    def __init__(self, registry: Registry, database: Database, sender: Sender, clock: Clock) -> None:
        self._registry, self._database, self._sender, self._clock = registry, database, sender, clock
        self._stands: dict[str, Posted] = {}  # by row

    async def posts(self) -> None:
        """What is new, and what that brings."""
        while await self._send(_NEW):
            pass

    async def changes(self) -> None:
        """What was posted and has changed since."""
        await self.posts()
        await self._send(_CHANGES)

    async def _send(self, waiting: Query[OutboxRow]) -> bool:
        """Whether there was any: it may have brought more."""
        now, parcels = self._clock.now(), await self._database.read(partial(self._drawn, waiting))
        for parcel in parcels:
            row = parcel.row
            self._clock.stands_at(row.created_at)
            thread = self._stands[row.thread_id].ts if row.thread_id else parcel.thread_ts
            outcome = await attempt(self._sender, replace(parcel, thread_ts=thread), False, row.created_at)
            if outcome.posted:
                self._stands[row.id] = outcome.posted
        self._clock.stands_at(now)
        if parcels:
            await self._database.write(partial(self._settle, parcels))
        return bool(parcels)

    def _drawn(self, waiting: Query[OutboxRow], session: Session) -> list[Parcel]:
        return [draw(self._registry, session, row, row.created_at) for row in waiting.all(session)]

    def _settle(self, parcels: Collection[Parcel], session: Session) -> None:
        for parcel in parcels:
            row = find_one(session, OutboxRow, parcel.row.workspace_id, parcel.row.id)
            posted = self._stands.get(row.id)
            where = {"external_channel": posted.channel, "external_ts": posted.ts} if posted else {}
            change(session, row, {"state": State.SENT, "sent_at": datetime.now(UTC), **where})
            if posted and row.subject and row.subject_id is not None:
                workspace = workspace_of(session, row.workspace_id)
                ctx = Context(session, workspace, None, row.created_at, "system", self._registry)
                ctx.emit(CardPosted(row.subject, row.subject_id, row.channel_id, row.member_id))
