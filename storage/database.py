"""The only door to the database: units of work run in threads, the event loop only waits.

A unit of work is a plain function over a Session. It may run twice (PostgreSQL retries deadlocks, SQLite what
came before a unit that failed), so it must have no effect outside its session. SQLite has one writer thread that
commits waiting units together; PostgreSQL has one transaction per unit and thread.

SQLite and several processes: the server holds the file (`exclusive=True`), the command line opens it beside the
server, and BEGIN IMMEDIATE lets one of them write at a time. Units leave the queue only after BEGIN succeeded, so
waiting for another process is waiting in the queue: nobody sees "database is locked", at worst DatabaseBusy. Whoever
waits looks often, and bulk work outside the server rests between its units, so that the server comes in between.

What was committed is moved from SQLite's log into the file by a thread of the server's own: whoever commits would do it
otherwise, and everybody behind them would wait for the disk.
"""

import asyncio
import logging
import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import Event, Thread
from typing import Any, Self

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import configure_mappers
from sqlmodel import Session

from storage.groups import GroupConnection, commit_groups, raw
from storage.statements import begin, prepare
from storage.units import DatabaseBusy, DatabaseClosed, Queue, T, UnitTime, Work, is_conflict
from storage.wiping import truncate_log, vacuum

UNIT_LIMIT = 0.050  # seconds of CPU that a unit on the writer may take
SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten
    "busy_timeout=5000",
    "temp_store=MEMORY",
    "journal_size_limit=67108864",
)
SQLITE_REST = 0.030  # seconds between two bulk units of a process beside the server, at least
CHECKPOINT_EVERY = 1.0  # seconds
WIPE_ATTEMPTS, WIPE_PAUSE = 20, 0.050  # seconds
LONGEST_LOG = 16_384  # pages of 4 KiB; beyond that whoever commits moves them
POSTGRES_ATTEMPTS = 5

log = logging.getLogger(__name__)

__all__ = ["Database", "DatabaseBusy", "DatabaseClosed", "DatabaseInUse", "is_conflict"]


class DatabaseInUse(RuntimeError):
    """Another server holds this SQLite file."""


class Database:
    """A database and the threads that work on it.

    A unit that finds `queue_size` units waiting, or has not begun after `begin_within` seconds, is dropped: its
    caller gets DatabaseBusy at that moment. `exclusive` holds an SQLite file against other servers (DatabaseInUse);
    it does nothing on PostgreSQL. Without `is_durable` SQLite waits for no disk, for what can be made again at will:
    a crash of the machine, not of the program, may ruin the file.
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
        is_durable: bool = True,
    ) -> None:
        self._url, self._queue_size, self._begin_within = make_url(url), queue_size, begin_within
        self._is_sqlite = self._url.get_backend_name() == "sqlite"
        self._readers, self._writers = readers, 1 if self._is_sqlite else writers
        self._exclusive = exclusive and self._is_sqlite
        self._is_durable = is_durable
        self._bulk_rest = SQLITE_REST if self._is_sqlite and not exclusive else 0.0
        self._bulk_turn, self._next_bulk = asyncio.Lock(), 0.0
        self._threads: list[Thread] = []
        self._closing = Event()

    async def start(self) -> Self:
        """Connect; fails now rather than at first use."""
        await asyncio.to_thread(configure_mappers)  # SQLAlchemy's own start must not count as somebody's unit
        self._writes = Queue(self._queue_size, self._begin_within, UNIT_LIMIT)
        self._reads = Queue(self._queue_size, self._begin_within, math.inf)
        self._threads = []
        self._closing.clear()
        with ExitStack() as opened:
            if self._exclusive:
                opened.enter_context(self._held())
            for queue, size, read_only in ((self._writes, self._writers, False), (self._reads, self._readers, True)):
                engine = self._engine(size + 1, read_only)
                opened.callback(engine.dispose)
                serve = commit_groups if self._is_sqlite and not read_only else _transact
                tasks = [partial(serve, queue=queue)] * size
                if self._exclusive and not read_only:
                    tasks.append(partial(_checkpoint, closing=self._closing))
                for task in tasks:
                    connection = await asyncio.to_thread(engine.connect)
                    opened.callback(connection.close)
                    self._threads.append(Thread(target=task, args=(connection,), daemon=True))
            await asyncio.to_thread(prepare, engine.dialect)
            self._opened = opened.pop_all()
        for thread in self._threads:
            thread.start()
        return self

    async def close(self) -> None:
        """Finish what is queued, then disconnect. Bulk work still waiting for its turn gets DatabaseClosed."""
        self._writes.close()
        self._reads.close()
        self._closing.set()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        self._opened.close()

    async def write(self, work: Work[T], *, bulk: bool = False) -> T:
        """Run work in one transaction; when this returns, its effects are on disk.

        A caller cancelled before its work began leaves no effect; afterwards the work stands, unless it has to be run
        again. Bulk work waits, as long as it takes, until nothing else waits, and one such unit at a time.
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

    async def wipe(self, tables: Sequence[str]) -> bool:
        """Have nothing left, in the files that are the database's own, of rows of these small tables that were deleted.

        False where others were at them for so long that it has to be tried again.
        """
        file = str(self._url.database)
        wipe = partial(truncate_log, file) if self._is_sqlite else partial(vacuum, self._url, tables)
        for _ in range(WIPE_ATTEMPTS):
            if await asyncio.to_thread(wipe):
                return True
            await asyncio.sleep(WIPE_PAUSE)
        return False

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
        factory = sqlite3.Connection if read_only else GroupConnection
        arguments = {"check_same_thread": False, "cached_statements": 512, "factory": factory}
        engine = create_engine(self._url, connect_args=arguments, **options)

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # sqlite3 must not begin transactions by itself
            more = ["query_only=ON"] if read_only else ["busy_timeout=0"]  # once connected, the writer looks by itself
            more += [] if self._is_durable else ["synchronous=OFF"]
            more += [f"wal_autocheckpoint={LONGEST_LOG}"] if self._exclusive else []
            for pragma in (*SQLITE_PRAGMAS, *more):
                connection.execute(f"PRAGMA {pragma}")

        if read_only:

            @event.listens_for(engine, "begin")
            def begin(connection: Connection) -> None:
                raw(connection).execute("BEGIN")

        return engine


@contextmanager
def _alone(connection: Connection) -> Iterator[Session]:
    """A transaction of its own."""
    with Session(connection, expire_on_commit=False) as session:
        begin(session)
        yield session
        session.commit()


def _checkpoint(connection: Connection, closing: Event) -> None:
    """SQLite: move what was committed into the file from time to time, as far as no reader needs what is there."""
    while not closing.wait(CHECKPOINT_EVERY):
        try:
            raw(connection).execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            log.warning("SQLite's log stays as it is for now: %r", error)


def _transact(connection: Connection, queue: Queue) -> None:
    """One transaction for one unit; PostgreSQL may ask for it to be run again."""
    while queue.wait():
        if unit := queue.take(bulk=True):
            for _ in range(POSTGRES_ATTEMPTS):
                unit.attempt(_alone(connection))
                if not unit.may_be_repeated:
                    break
            queue.answer([unit])
