"""The timekeeper: runs what has fallen due and what recurs, each once, in short transactions of several.

It remembers nothing: tables say what is due. What fails is tried again later, and what stands behind it is not held up.
"""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from time import thread_time
from typing import NamedTuple

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bot.core.context import Context
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.core.schedule import Occasion, after, come
from storage.database import Database, is_conflict
from storage.due import Due, claim_due, next_due
from storage.schedules import claim_schedule, claim_schedules, coming_schedules, go_on, next_occurrence, store
from storage.tables import change
from storage.workspaces import Workspace

log = logging.getLogger(__name__)

BATCH = 50  # rows
TURN = 0.020  # seconds of CPU after which a transaction takes up nothing more
PATIENCE = 5  # failures until it is given up, after an hour


class Timekeeper:
    """`wake` is called after a commit that put something into the outbox."""

    def __init__(
        self, registry: Registry, database: Database, now: Callable[[], datetime], wake: Callable[[], None]
    ) -> None:
        self._registry, self._database, self._now, self._wake = registry, database, now, wake
        self.is_behind = False  # more has fallen due than one transaction does

    async def run(self) -> None:
        """Run all that is due; return when nothing is."""
        try:
            for work in (self._dues, self._occurrences):
                while (batch := await self._database.write(work, bulk=True)).count:
                    self.is_behind = batch.leaves_some
                    if batch.has_posted:
                        self._wake()
            await self._looked_at()
        finally:
            self.is_behind = False

    async def next_at(self, after: datetime) -> datetime | None:
        """The first instant later than `after` at which something falls due or recurs."""

        def look(session: Session) -> list[datetime | None]:
            kinds = self._registry.due_kinds | self._registry.calculated_kinds
            dues = next_due(session, kinds, after)
            return [dues, next_occurrence(session, self._registry.schedule_kinds, after)]

        return min(filter(None, await self._database.read(look)), default=None)

    def _dues(self, session: Session) -> "_Batch":
        now = self._now()
        tasks = []
        for due, workspace in claim_due(session, self._registry.due_kinds, now, BATCH):
            fall_due, note = partial(self._registry.fall_due, due=due), partial(settle, session, due, now)
            tasks.append(_Task(due.kind, workspace, fall_due, note))
        return self._run(session, tasks)

    def _occurrences(self, session: Session) -> "_Batch":
        now = self._now()
        kinds = self._registry.schedule_kinds - self._registry.looked_kinds
        claimed = claim_schedules(session, kinds, now, BATCH)
        tasks = []
        for schedule, workspace in claimed:
            occasion = come(schedule, now)
            occur, settle = partial(self._registry.occur, occasion=occasion), partial(_go_on, occasion, now)
            tasks.append(_Task(schedule.kind, workspace, occur, settle))
        batch = self._run(session, tasks)
        store(session, [schedule for schedule, _ in claimed[: batch.count]])
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
                settle = partial(_go_on, occasion, now)
                task = _Task(schedule.kind, workspace, partial(self._after, looked, occasion), settle)
                batch = self._run(session, [task])
                store(session, [schedule])
        return batch

    def _after(self, looked: "_Looked", occasion: Occasion, ctx: Context) -> None:
        if looked.error:
            raise looked.error
        self._registry.occur(ctx, occasion)

    def _run(self, session: Session, tasks: "list[_Task]") -> "_Batch":
        """Run all in one go; where one fails, nothing of them stays, and each is run by itself: a savepoint for each
        would cost half as much again.
        """
        try:
            with session.begin_nested():
                return self._run_each(session, tasks)
        except Exception as error:
            raise_if_the_databases_own(error)
        session.expire_all()  # what was changed is undone
        return self._run_each(session, tasks, by_itself=True)

    def _run_each(self, session: Session, tasks: "list[_Task]", by_itself: bool = False) -> "_Batch":
        batch = _Batch()
        for task in tasks:
            ctx = Context(session, task.workspace, None, self._now(), "system", self._registry)
            batch.count += 1
            has_failed = False
            try:
                with session.begin_nested() if by_itself else nullcontext(), speaking(task.workspace.language):
                    task.handle(ctx)
            except Exception as error:
                raise_if_the_databases_own(error)
                if not by_itself:
                    raise
                log.exception("%s failed in workspace %s", task.kind, task.workspace.id)
                has_failed = True
            task.settle(has_failed)
            batch.has_posted |= ctx.has_posted
            if batch.is_over:
                break
        batch.leaves_some = batch.count < len(tasks) or len(tasks) == BATCH
        return batch


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be done once, and how what became of it is remembered, which is told whether it failed."""

    kind: str
    workspace: Workspace
    handle: Callable[[Context], None]
    settle: Callable[[bool], None]


class _Looked(NamedTuple):
    """What was found for an occasion, in it; or why it was not."""

    occasion: Occasion
    error: Exception | None = None


class _Batch:
    """One transaction: how much it has done, and whether it should end for others to pass."""

    def __init__(self) -> None:
        self.count, self.has_posted, self.leaves_some = 0, False, False
        self._until = thread_time() + TURN

    @property
    def is_over(self) -> bool:
        return thread_time() > self._until


def settle(session: Session, due: Due, now: datetime, has_failed: bool) -> None:
    """Remember that it happened, or when it is tried again."""
    if has_failed:
        failures = due.failures + 1
        given_up_at = now if failures > PATIENCE else None
        change(session, due, {"failures": failures, "at": now + _pause(failures), "done_at": given_up_at})
    elif due.at <= now:
        change(session, due, {"done_at": now})
    else:  # it moved itself
        change(session, due, {"failures": 0})


def _go_on(occasion: Occasion, now: datetime, has_failed: bool) -> None:
    schedule = occasion.schedule
    failures = schedule.failures + 1
    if has_failed and failures <= PATIENCE:
        go_on(schedule, failures=failures, next_at=now + _pause(failures))
    else:
        following = after(occasion)
        go_on(schedule, last_on=occasion.local_on, next_on=following.local_on, next_at=following.at, failures=0)


def raise_if_the_databases_own(error: Exception) -> None:
    """Such trouble has the whole batch repeated by the database, or nothing works anyway."""
    if isinstance(error, OperationalError) or is_conflict(error):
        raise error


def _pause(failures: int) -> timedelta:
    return timedelta(minutes=2**failures)
