"""The timekeeper: runs what has fallen due and what recurs, each once, in short transactions of several.

It remembers nothing: tables say what is due. What fails is tried again later, and what stands behind it is not held up.
"""

import logging
import random
from collections import deque
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
from bot.core.events import ScheduleBroken
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.core.schedule import Inconsistent, Occasion, come, go_on_after, mend
from storage.database import Database, is_conflict
from storage.due import Due, claim_due, next_due
from storage.schedules import (
    Schedule,
    claim_schedule,
    claim_schedules,
    coming_schedule,
    coming_schedules,
    go_on,
    next_occurrence,
    store,
)
from storage.tables import change
from storage.workspaces import Workspace

log = logging.getLogger(__name__)

BATCH = 50  # rows
TURN = 0.020  # seconds of CPU after which a transaction takes up nothing more
PATIENCE = 5  # failures until it is given up, after an hour
SELDOM = 10  # failures after which the pause no longer grows: 17 hours


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
            try:
                occasion = come(schedule, now)
            except Inconsistent as error:
                tasks.append(_mending(schedule, workspace, now, error))
            else:
                occur, settle = partial(self._registry.occur, occasion=occasion), partial(_go_on, occasion, now)
                tasks.append(_Task(schedule.kind, workspace, occur, settle))
        batch = self._run(session, tasks)
        store(session, [schedule for schedule, _ in claimed[: batch.count]])
        return batch

    async def _looked_at(self) -> None:
        """What has to read much: that is done beside the writer, for one schedule at a time and once in a run.

        Processes that share a database have the same list: one that meets another in it goes on elsewhere.
        """
        met = set[int]()
        kinds = self._registry.looked_kinds
        while ids := await self._database.read(lambda session: coming_schedules(session, kinds, self._now(), met)):
            coming = deque(ids)
            while coming:
                schedule_id = coming.popleft()
                looked = await self._database.read(partial(self._look, schedule_id))
                batch = await self._database.write(partial(self._follow, looked), bulk=True) if looked else None
                if batch is None or not batch.count:
                    met.add(schedule_id)
                    coming.rotate(random.randrange(len(coming) + 1))
                elif batch.has_posted:
                    self._wake()

    def _look(self, schedule_id: int, session: Session) -> "_Looked | None":
        now = self._now()
        coming = coming_schedule(session, schedule_id, now)
        if coming is None:
            return None
        schedule, workspace = coming
        try:
            occasion = come(schedule, now)
        except Inconsistent:
            return _Looked(schedule_id)
        ctx = Context(session, workspace, None, now, "system", self._registry)
        try:
            with speaking(workspace.language):
                return _Looked(schedule_id, replace(occasion, found=self._registry.look(ctx, occasion)))
        except OperationalError:
            raise
        except Exception as error:
            return _Looked(schedule_id, occasion, error)

    def _follow(self, looked: "_Looked", session: Session) -> "_Batch":
        """Let it occur with what was found, unless another process was faster, or its rule has changed meanwhile."""
        now, seen = self._now(), looked.occasion
        claimed = claim_schedule(session, looked.schedule_id, now)
        if claimed is None:
            return _Batch()
        schedule, workspace = claimed
        try:
            occasion = come(schedule, now)
        except Inconsistent as error:
            task = _mending(schedule, workspace, now, error)
        else:
            if seen is None or (occasion.local_on, occasion.at, occasion.missed) != (
                seen.local_on,
                seen.at,
                seen.missed,
            ):
                return _Batch()
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
        if not tasks:
            return _Batch()
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
    """What was found for an occasion, in it; or why it was not. None: the schedule is inconsistent."""

    schedule_id: int
    occasion: Occasion | None = None
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
    elif due.failures:  # it moved itself
        change(session, due, {"failures": 0})


def _go_on(occasion: Occasion, now: datetime, has_failed: bool) -> None:
    schedule = occasion.schedule
    failures = schedule.failures + 1
    if has_failed and failures <= PATIENCE:
        go_on(schedule, failures=failures, next_at=now + _pause(failures))
    else:
        go_on_after(occasion)


def _mending(schedule: Schedule, workspace: Workspace, now: datetime, error: Inconsistent) -> _Task:
    """A schedule whose row makes no sense: it is told, once, if it cannot be read at all, and holds up no other."""
    log.error("schedule %s (%s) of workspace %s: %s", schedule.id, schedule.kind, workspace.id, error)
    is_news = error.__cause__ is not None and schedule.failures == 0

    def tell(ctx: Context) -> None:
        if is_news:
            ctx.emit(ScheduleBroken(schedule.kind))

    pause = _pause(min(schedule.failures + 1, SELDOM))
    return _Task(schedule.kind, workspace, tell, lambda has_failed: mend(schedule, pause, now))


def raise_if_the_databases_own(error: Exception) -> None:
    """Such trouble has the whole batch repeated by the database, or nothing works anyway."""
    if isinstance(error, OperationalError) or is_conflict(error):
        raise error


def _pause(failures: int) -> timedelta:
    return timedelta(minutes=2**failures)
