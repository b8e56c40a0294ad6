"""Units of work that wait for a thread, run in it, and are answered on the event loop."""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from threading import Condition, Lock
from time import thread_time
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

T = TypeVar("T")
Work = Callable[[Session], T]

POSTGRES_RETRIED = {"40001", "40P01"}  # serialization failure, deadlock

log = logging.getLogger(__name__)


class DatabaseBusy(RuntimeError):
    """Too much work is waiting; this unit did not begin, and nothing was changed."""


class DatabaseClosed(RuntimeError):
    """The database takes no more work."""


@dataclass(frozen=True, slots=True)
class UnitTime:
    """The thread CPU time that one unit of work took; the longest run of one that was run again."""

    name: str
    seconds: float


@dataclass(slots=True, eq=False)
class Unit:
    work: Work[Any]
    future: asyncio.Future[Any]
    deadline: float  # on the event loop's clock: when it is dropped unless it has begun
    result: Any = None
    error: BaseException | None = None
    seconds: float = 0.0
    committing: bool = False

    def attempt(self, transaction: AbstractContextManager[Session]) -> None:
        began, self.error, self.committing = thread_time(), None, False
        try:
            with transaction as session:
                self.result = self.work(session)
                self.committing = True
        except StopIteration as error:
            self.error = RuntimeError(f"{_name(self.work)} raised {error!r}")  # a future cannot carry a StopIteration
        except BaseException as error:  # also pytest's outcomes and SystemExit: a thread must outlive its units
            self.error = error
        self.seconds = max(self.seconds, thread_time() - began)

    @property
    def is_bulk(self) -> bool:
        return self.deadline == math.inf

    @property
    def may_be_repeated(self) -> bool:
        """Whether the database itself undid the last attempt: for the sake of others, or by closing the connection."""
        if is_conflict(self.error):
            return True
        # while committing, nobody knows
        return isinstance(self.error, DBAPIError) and self.error.connection_invalidated and not self.committing


def is_conflict(error: BaseException | None) -> bool:
    """Whether PostgreSQL gave work up for the sake of others: then the whole unit is run again, so let it through."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in POSTGRES_RETRIED


class Queue:
    """Units that wait for a thread. Threads call `wait`, `take`, `put_back` and `answer`, the event loop the rest."""

    def __init__(self, limit: int, begin_within: float, unit_limit: float) -> None:
        self._limit, self._begin_within, self._unit_limit = limit, begin_within, unit_limit
        self._loop = asyncio.get_running_loop()
        self._interactive: deque[Unit] = deque()  # in the order of their deadlines
        self._bulk: deque[Unit] = deque()
        self._changed = Condition(Lock())  # guards both, so that a unit is taken either by a thread or by the timer
        self._timer: asyncio.TimerHandle | None = None
        self._unfinished, self._closed = 0, False
        self.slowest_unit = UnitTime("", 0.0)

    async def submit(self, work: Work[T], *, bulk: bool = False) -> T:
        if self._closed:
            raise DatabaseClosed
        if self._unfinished >= self._limit and not bulk:
            raise DatabaseBusy(f"{self._unfinished} units of work are waiting; nothing was changed")
        deadline = math.inf if bulk else self._loop.time() + self._begin_within
        unit = Unit(work, self._loop.create_future(), deadline)
        with self._changed:
            (self._bulk if bulk else self._interactive).append(unit)
            self._changed.notify()
        if self._timer is None and not bulk:
            self._timer = self._loop.call_at(deadline, self._drop_late)
        self._unfinished += 1
        try:
            result: T = await unit.future
            return result
        finally:
            self._unfinished -= 1

    def close(self) -> None:
        self._closed = True
        with self._changed:
            self._changed.notify_all()

    def wait(self) -> bool:
        """Block until units wait; false: closed and empty."""
        with self._changed:
            while not (self._interactive or self._bulk or self._closed):
                self._changed.wait()
            return bool(self._interactive or self._bulk)

    def take(self, *, bulk: bool) -> Unit | None:
        """The next unit that somebody still waits for; a bulk unit only if wanted and nothing else waits."""
        with self._changed:
            for units in (self._interactive, self._bulk) if bulk else (self._interactive,):
                while units:
                    if not (unit := units.popleft()).future.cancelled():
                        return unit
        return None

    def put_back(self, units: list[Unit]) -> None:
        """Units that were taken in this order and of which nothing stays, none of them bulk, are taken again next."""
        with self._changed:
            self._interactive.extendleft(reversed(units))
        self._loop.call_soon_threadsafe(self._drop_late)

    def answer(self, units: list[Unit]) -> None:
        if units:
            self._loop.call_soon_threadsafe(self._answer, units)

    def _answer(self, units: list[Unit]) -> None:
        for unit in units:
            if not unit.future.done():  # else the caller was cancelled while the work ran; the work stands
                if unit.error:
                    unit.future.set_exception(unit.error)
                else:
                    unit.future.set_result(unit.result)
            if unit.seconds > self.slowest_unit.seconds:
                self.slowest_unit = UnitTime(_name(unit.work), unit.seconds)
            if unit.seconds > self._unit_limit:
                log.warning("%s took %.0f ms on the writer", _name(unit.work), unit.seconds * 1000)

    def _drop_late(self) -> None:
        if self._timer:
            self._timer.cancel()
        late, self._timer = [], None
        with self._changed:
            while self._interactive and self._interactive[0].deadline <= self._loop.time():
                late.append(self._interactive.popleft())
            if self._interactive:
                self._timer = self._loop.call_at(self._interactive[0].deadline, self._drop_late)
        for unit in late:
            if not unit.future.done():
                message = f"the unit of work did not begin within {self._begin_within} s; nothing was changed"
                unit.future.set_exception(DatabaseBusy(message))


def _name(work: Work[Any]) -> str:
    while isinstance(work, partial):
        work = work.func  # without its arguments: they may be private
    named: Any = work if hasattr(work, "__qualname__") else type(work)
    return f"{named.__module__}.{named.__qualname__}"
