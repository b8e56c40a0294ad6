"""The only door to the database: units of work run in threads, the event loop only waits.

A unit of work is a plain function over a Session. It may run twice (PostgreSQL retries deadlocks), so it must have
no effect outside its session. SQLite has one writer thread that commits waiting units together; PostgreSQL has one
transaction per unit and thread.

SQLite and several processes: the server holds the file (`exclusive=True`), the command line opens it beside the
server, and BEGIN IMMEDIATE lets one of them write at a time. Units leave the queue only after BEGIN succeeded, so
waiting for another process is waiting in the queue: nobody sees "database is locked", at worst DatabaseBusy. SQLite
waits by polling, without fairness, so bulk work outside the server rests between its units; else it would starve the
server.
"""

import asyncio
import logging
import math
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Condition, Lock, Thread
from time import thread_time
from typing import Any, Self, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import configure_mappers
from sqlmodel import Session

T = TypeVar("T")
Work = Callable[[Session], T]

UNIT_LIMIT = 0.050  # seconds of CPU that a unit on the writer may take
SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "temp_store=MEMORY",
    "journal_size_limit=67108864",
)
SQLITE_GROUP = 64  # units of work in one commit, at most
SQLITE_REST = 0.030  # seconds; SQLite polls for a lock after 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100, 100 ... ms
POSTGRES_RETRIED = {"40001", "40P01"}  # serialization failure, deadlock
POSTGRES_ATTEMPTS = 5

log = logging.getLogger(__name__)


class DatabaseBusy(RuntimeError):
    """Too much work is waiting; this unit did not begin, and nothing was changed."""


class DatabaseClosed(RuntimeError):
    """The database takes no more work."""


class DatabaseInUse(RuntimeError):
    """Another server holds this SQLite file."""


@dataclass(frozen=True, slots=True)
class UnitTime:
    """The thread CPU time that one unit of work took."""

    name: str
    seconds: float


@dataclass(slots=True, eq=False)
class _Unit:
    work: Work[Any]
    future: asyncio.Future[Any]
    deadline: float  # on the event loop's clock: when it is dropped unless it has begun
    result: Any = None
    error: BaseException | None = None
    seconds: float = 0.0
    committing: bool = False

    def attempt(self, connection: Connection) -> None:
        began, self.error, self.committing = thread_time(), None, False
        try:
            with Session(connection, expire_on_commit=False) as session:
                self.result = self.work(session)
                self.committing = True
                session.commit()
        except StopIteration as error:
            self.error = RuntimeError(f"{_name(self.work)} raised {error!r}")  # a future cannot carry a StopIteration
        except BaseException as error:  # also pytest's outcomes and SystemExit: a thread must outlive its units
            self.error = error
        self.seconds += thread_time() - began

    @property
    def may_be_repeated(self) -> bool:
        """Whether the database itself undid the last attempt: for the sake of others, or by closing the connection."""
        if not isinstance(self.error, DBAPIError):
            return False
        lost = self.error.connection_invalidated and not self.committing  # while committing, nobody knows
        return lost or getattr(self.error.orig, "sqlstate", None) in POSTGRES_RETRIED


class _Queue:
    """Units that wait for a thread. Threads call `wait`, `take` and `answer`, the event loop everything else."""

    def __init__(self, limit: int, begin_within: float, unit_limit: float) -> None:
        self._limit, self._begin_within, self._unit_limit = limit, begin_within, unit_limit
        self._loop = asyncio.get_running_loop()
        self._interactive: deque[_Unit] = deque()  # in the order of their deadlines
        self._bulk: deque[_Unit] = deque()
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
        unit = _Unit(work, self._loop.create_future(), deadline)
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

    def wait(self) -> int:
        """Block until units wait; return how many. 0 means: closed and empty."""
        with self._changed:
            while not (self._interactive or self._bulk or self._closed):
                self._changed.wait()
            return len(self._interactive) or len(self._bulk)

    def take(self, *, bulk: bool) -> _Unit | None:
        """The next unit that somebody still waits for; a bulk unit only if wanted and nothing else waits."""
        with self._changed:
            for units in (self._interactive, self._bulk) if bulk else (self._interactive,):
                while units:
                    if not (unit := units.popleft()).future.cancelled():
                        return unit
        return None

    def answer(self, units: list[_Unit]) -> None:
        if units:
            self._loop.call_soon_threadsafe(self._answer, units)

    def _answer(self, units: list[_Unit]) -> None:
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


class Database:
    """A database and the threads that work on it.

    A unit that finds `queue_size` units waiting, or has not begun after `begin_within` seconds, is dropped: its
    caller gets DatabaseBusy at that moment. `exclusive` holds an SQLite file against other servers (DatabaseInUse);
    it does nothing on PostgreSQL.
    """

    def __init__(
        self,
        url: str,
        *,
        queue_size: int = 1000,
        readers: int = 4,
        writers: int = 8,
        begin_within: float = 2.0,
        exclusive: bool = False,
    ) -> None:
        self._url, self._queue_size, self._begin_within = make_url(url), queue_size, begin_within
        self._is_sqlite = self._url.get_backend_name() == "sqlite"
        self._readers, self._writers = readers, 1 if self._is_sqlite else writers
        self._exclusive = exclusive and self._is_sqlite
        self._bulk_rest = SQLITE_REST if self._is_sqlite and not exclusive else 0.0
        self._bulk_turn, self._next_bulk = asyncio.Lock(), 0.0
        self._threads: list[Thread] = []

    async def start(self) -> Self:
        """Connect; fails now rather than at first use."""
        await asyncio.to_thread(configure_mappers)  # SQLAlchemy's own start must not count as somebody's unit
        self._writes = _Queue(self._queue_size, self._begin_within, UNIT_LIMIT)
        self._reads = _Queue(self._queue_size, self._begin_within, math.inf)
        self._threads = []
        with ExitStack() as opened:
            if self._exclusive:
                opened.enter_context(self._held())
            for queue, size, read_only in ((self._writes, self._writers, False), (self._reads, self._readers, True)):
                engine = self._engine(size, read_only)
                opened.callback(engine.dispose)
                run = _commit_group if self._is_sqlite and not read_only else _transact
                for _ in range(size):
                    connection = await asyncio.to_thread(engine.connect)
                    opened.callback(connection.close)
                    self._threads.append(Thread(target=_serve, args=(connection, queue, run), daemon=True))
            self._opened = opened.pop_all()
        for thread in self._threads:
            thread.start()
        return self

    async def close(self) -> None:
        """Finish what is queued, then disconnect. Bulk work still waiting for its turn gets DatabaseClosed."""
        self._writes.close()
        self._reads.close()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        self._opened.close()

    async def write(self, work: Work[T], *, bulk: bool = False) -> T:
        """Run work in one transaction; when this returns, its effects are on disk.

        A caller cancelled before its work began leaves no effect; afterwards the work stands. Bulk work waits, as
        long as it takes, until nothing else waits, and one such unit at a time.
        """
        if not bulk:
            return await self._writes.submit(work)
        async with self._bulk_turn:
            if self._bulk_rest:
                await asyncio.sleep(self._next_bulk - asyncio.get_running_loop().time())
            try:
                return await self._writes.submit(work, bulk=True)
            finally:
                self._next_bulk = asyncio.get_running_loop().time() + self._bulk_rest

    async def read(self, work: Work[T]) -> T:
        """Run work on a read-only snapshot."""
        return await self._reads.submit(work)

    @property
    def slowest_unit(self) -> UnitTime:
        """The most CPU time that a unit on the writer has taken since start; 0 s before the first."""
        return self._writes.slowest_unit

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            with FileLock(f"{self._url.database}.lock", timeout=0):
                yield
        except Timeout:
            raise DatabaseInUse(f"another server holds {self._url.database}") from None

    def _engine(self, size: int, read_only: bool) -> Engine:
        options: dict[str, Any] = {"pool_size": size, "max_overflow": 0, "hide_parameters": True}
        if not self._is_sqlite:
            if read_only:  # a snapshot, as on SQLite
                options["isolation_level"] = "REPEATABLE READ"
                options["connect_args"] = {"options": "-c default_transaction_read_only=on"}
            return create_engine(self._url, **options)
        factory = sqlite3.Connection if read_only else _GroupConnection
        arguments = {"check_same_thread": False, "cached_statements": 512, "factory": factory}
        engine = create_engine(self._url, connect_args=arguments, **options)

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # sqlite3 must not begin transactions by itself
            for pragma in (*SQLITE_PRAGMAS, *(["query_only=ON"] if read_only else [])):
                connection.execute(f"PRAGMA {pragma}")

        begin_transaction = "BEGIN" if read_only else "SAVEPOINT item"

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            _raw(connection).execute(begin_transaction)

        return engine


class _GroupConnection(sqlite3.Connection):
    """The writer's connection: a transaction, to SQLAlchemy, is a savepoint in the group's transaction."""

    def commit(self) -> None:
        self.execute("RELEASE item")

    def rollback(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK TO item")
            self.execute("RELEASE item")


def _serve(connection: Connection, queue: _Queue, run: Callable[[Connection, _Queue, int], None]) -> None:
    while waiting := queue.wait():
        run(connection, queue, waiting)


def _commit_group(connection: Connection, queue: _Queue, waiting: int) -> None:
    """SQLite: one commit, hence one fsync, for what is waiting; each unit in its own savepoint."""
    raw, group = _raw(connection), list[_Unit]()
    try:
        raw.execute("BEGIN IMMEDIATE")
        while len(group) < min(waiting, SQLITE_GROUP) and (unit := queue.take(bulk=not group)):
            group.append(unit)
            unit.attempt(connection)
            if not raw.in_transaction:  # a full disk makes SQLite roll back everything
                raise RuntimeError("the transaction was lost") from unit.error
        raw.execute("COMMIT")
    except Exception as error:  # nothing of this group is stored
        connection.rollback()  # SQLAlchemy may still believe in a savepoint
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        if not group:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                return  # another process writes; the units go on waiting
            if unit := queue.take(bulk=True):
                group.append(unit)
        for unit in group:
            unit.error = error
    queue.answer(group)


def _transact(connection: Connection, queue: _Queue, _: int) -> None:
    """One transaction for one unit; PostgreSQL may ask for it to be run again."""
    if unit := queue.take(bulk=True):
        for _ in range(POSTGRES_ATTEMPTS):
            unit.attempt(connection)
            if not unit.may_be_repeated:
                break
        queue.answer([unit])


def _raw(connection: Connection) -> sqlite3.Connection:
    raw: Any = connection.connection.driver_connection
    return raw  # type: ignore[no-any-return]


def _name(work: Work[Any]) -> str:
    while isinstance(work, partial):
        work = work.func  # without its arguments: they may be private
    named: Any = work if hasattr(work, "__qualname__") else type(work)
    return f"{named.__module__}.{named.__qualname__}"
