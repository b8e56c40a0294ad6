"""The timekeeper: runs what has fallen due and what recurs, each once, in short transactions of several.

It remembers nothing: tables say what is due. What fails is tried again later, and what stands behind it is not held up.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import NamedTuple

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bot.core.context import Context
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.core.schedule import Occasion, advance, come
from storage.database import Database, is_conflict
from storage.due import claim_due, next_due
from storage.schedules import claim_schedule, claim_schedules, coming_schedules, next_occurrence
from storage.workspaces import Workspace

log = logging.getLogger(__name__)

BATCH = 50  # rows
TURN = 0.020  # seconds after which a transaction takes up nothing more
PATIENCE = 5  # failures until it is given up, after an hour


class Timekeeper:
    """`wake` is called after a commit that put something into the outbox."""

    def __init__(
        self, registry: Registry, database: Database, now: Callable[[], datetime], wake: Callable[[], None]
    ) -> None:
        self._registry, self._database, self._now, self._wake = registry, database, now, wake

    async def run(self) -> None:
        """Run all that is due; return when nothing is."""
        for work in (self._dues, self._occurrences):
            while (batch := await self._database.write(work, bulk=True)).count:
                if batch.has_posted:
                    self._wake()
        await self._looked_at()

    async def next_at(self, after: datetime) -> datetime | None:
        """The first instant later than `after` at which something falls due or recurs."""

        def look(session: Session) -> list[datetime | None]:
            dues = next_due(session, self._registry.due_kinds, after)
            return [dues, next_occurrence(session, self._registry.schedule_kinds, after)]

        return min(filter(None, await self._database.read(look)), default=None)

    def _dues(self, session: Session) -> "_Batch":
        batch, now = _Batch(), self._now()
        for due, workspace in claim_due(session, self._registry.due_kinds, now, BATCH):
            if self._succeeds(session, workspace, batch, due.kind, partial(self._registry.fall_due, due=due)):
                due.done_at, due.failures = (now, due.failures) if due.at <= now else (None, 0)  # or it moved itself
            else:
                due.failures += 1
                due.at = now + _pause(due.failures)
                due.done_at = now if due.failures > PATIENCE else None
            if batch.is_over:
                break
        return batch

    def _occurrences(self, session: Session) -> "_Batch":
        batch, now = _Batch(), self._now()
        kinds = self._registry.schedule_kinds - self._registry.looked_kinds
        for schedule, workspace in claim_schedules(session, kinds, now, BATCH):
            occasion = come(schedule, now)
            self._occurs(session, workspace, batch, occasion, partial(self._registry.occur, occasion=occasion))
            if batch.is_over:
                break
        return batch

    async def _looked_at(self) -> None:
        """What has to read much: that is done beside the writer, for one schedule at a time and once in a run."""
        tried = set[int]()
        while looked := await self._database.read(lambda session: self._look(session, tried)):
            tried.add(looked.occasion.schedule.id)
            batch = await self._database.write(partial(self._follow, looked), bulk=True)
            if batch.has_posted:
                self._wake()

    def _look(self, session: Session, tried: set[int]) -> "_Looked | None":
        now = self._now()
        coming = coming_schedules(session, self._registry.looked_kinds, now, tried)
        if coming is None:
            return None
        schedule, workspace = coming
        occasion = come(schedule, now)
        ctx = Context(session, workspace, None, now, "system", self._registry)
        try:
            with speaking(workspace.language):
                return _Looked(replace(occasion, found=self._registry.look(ctx, occasion)))
        except OperationalError:
            raise
        except Exception as error:
            return _Looked(occasion, error)

    def _follow(self, looked: "_Looked", session: Session) -> "_Batch":
        """Let it occur with what was found, unless another process was faster, or its rule has changed meanwhile."""
        batch, now, seen = _Batch(), self._now(), looked.occasion
        claimed = claim_schedule(session, seen.schedule.id, now)
        if claimed:
            schedule, workspace = claimed
            occasion = come(schedule, now)
            if (occasion.local_on, occasion.at, occasion.missed) == (seen.local_on, seen.at, seen.missed):
                occasion = replace(occasion, found=seen.found)
                self._occurs(session, workspace, batch, occasion, partial(self._after, looked, occasion))
        return batch

    def _after(self, looked: "_Looked", occasion: Occasion, ctx: Context) -> None:
        if looked.error:
            raise looked.error
        self._registry.occur(ctx, occasion)

    def _occurs(
        self,
        session: Session,
        workspace: Workspace,
        batch: "_Batch",
        occasion: Occasion,
        occur: Callable[[Context], None],
    ) -> None:
        schedule = occasion.schedule
        if self._succeeds(session, workspace, batch, schedule.kind, occur) or schedule.failures >= PATIENCE:
            advance(schedule, occasion.local_on)
        else:
            schedule.failures += 1
            schedule.next_at = self._now() + _pause(schedule.failures)

    def _succeeds(
        self, session: Session, workspace: Workspace, batch: "_Batch", kind: str, handle: Callable[[Context], None]
    ) -> bool:
        """Run a handler; where it fails, nothing of it stays, and the others of the batch stand."""
        ctx = Context(session, workspace, None, self._now(), "system", self._registry)
        batch.count += 1
        try:
            with session.begin_nested(), speaking(workspace.language):
                handle(ctx)
        except Exception as error:
            # The database's own trouble: it repeats the whole batch, or nothing works anyway.
            if isinstance(error, OperationalError) or is_conflict(error):
                raise
            log.exception("%s failed in workspace %s", kind, workspace.id)
            return False
        batch.has_posted |= ctx.has_posted
        return True


class _Looked(NamedTuple):
    """What was found for an occasion, in it; or why it was not."""

    occasion: Occasion
    error: Exception | None = None


class _Batch:
    """One transaction: how much it has done, and whether it should end for others to pass."""

    def __init__(self) -> None:
        self.count, self.has_posted, self._until = 0, False, perf_counter() + TURN

    @property
    def is_over(self) -> bool:
        return perf_counter() > self._until


def _pause(failures: int) -> timedelta:
    return timedelta(minutes=2**failures)
