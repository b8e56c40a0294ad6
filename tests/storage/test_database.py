"""The database: one transaction for each unit of work, together on disk, failing alone, beginning soon or never."""

import asyncio
import logging
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError, StatementError
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, UniqueConstraint, select

from storage.database import UNIT_LIMIT, Database, DatabaseBusy, DatabaseClosed, DatabaseInUse
from storage.tables import Instant, Row, add, add_if_absent, keep
from storage.units import Queue
from tests.databases import PATIENCE, impatient


class Table(Row, registry=registry()):
    """Tables of these tests only; the migrations know nothing of them."""


class Note(Table, table=True):
    __table_args__ = (UniqueConstraint("name"),)
    id: int = Field(default=None, primary_key=True)
    name: str
    size: int = 0
    at: datetime = Field(default=datetime(2026, 11, 23, 9, tzinfo=UTC), sa_type=Instant)
    until: datetime | None = Field(default=None, sa_type=Instant)


@pytest.fixture
def url(empty_database_url):
    engine = create_engine(empty_database_url)
    Table.metadata.create_all(engine)
    engine.dispose()
    return empty_database_url


@pytest.fixture
async def database(url):
    database = await Database(url, queue_size=50, readers=2, writers=4).start()
    yield database
    await database.close()


@pytest.fixture
async def one_writer(url):
    """A database with one writer of either kind, so that one unit makes the others wait, and that is not in a hurry."""
    database = await Database(url, writers=1, readers=1, begin_within=PATIENCE).start()
    yield database
    await database.close()


class Gate:
    """A unit of work that has begun, and ends when it is told to."""

    def __init__(self):
        self.begun, self.opened = threading.Event(), threading.Event()

    def __call__(self, session):
        self.begun.set()
        assert self.opened.wait(PATIENCE)

    @classmethod
    async def closed(cls, run):
        gate = cls()
        gate.task = asyncio.ensure_future(run(gate))
        assert await asyncio.to_thread(gate.begun.wait, PATIENCE)
        return gate

    async def open(self):
        self.opened.set()
        await self.task


def note(name):
    return lambda session: add(session, Note(name=name))


def names(session):
    return session.exec(select(Note.name).order_by(Note.name)).all()


def in_another_process(script, *arguments):
    """A Python process that runs a script, to be spoken with through its pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


# Units of work


async def test_results_come_back_and_readers_cannot_write(database):
    assert await database.write(lambda session: 42) == 42
    with pytest.raises(DBAPIError, match="read"):
        await database.read(note("a"))
    assert await database.read(names) == []


async def test_one_failing_unit_does_not_undo_its_neighbours(database):
    def fail(session):
        note("lost")(session)
        raise ZeroDivisionError

    results = await asyncio.gather(
        *(database.write(work) for work in (note("a"), fail, note("b"), note("b"), note("c"))), return_exceptions=True
    )
    assert [type(result) for result in results[:2]] == [type(None), ZeroDivisionError]
    assert sum(isinstance(result, IntegrityError) for result in results) == 1
    assert await database.read(names) == ["a", "b", "c"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("changes_something", [True, False])
async def test_units_before_one_that_fails_are_run_again_once_and_only_if_it_changed_something(
    database, changes_something
):
    runs = Counter[str]()

    def counted(name, then=note):
        def work(session):
            runs[name] += 1
            return then(name)(session)

        return work

    def fail(name):
        def work(session):
            if changes_something:
                note(name)(session)
            raise ZeroDivisionError

        return work

    gate = await Gate.closed(database.write)  # so that SQLite commits all of these together
    works = (counted("a"), counted("lost", fail), counted("b"), counted("lost too", fail), counted("c"))
    works = [asyncio.ensure_future(database.write(work)) for work in works]
    await asyncio.sleep(0)
    await gate.open()
    a, lost, b, lost_too, c = await asyncio.gather(*works, return_exceptions=True)
    assert (type(lost), type(lost_too)) == (ZeroDivisionError, ZeroDivisionError)
    assert (a, b, c) == (None, None, None)
    assert await database.read(names) == ["a", "b", "c"]
    assert runs == {"a": 2 if changes_something else 1, "lost": 1, "b": 1, "lost too": 1, "c": 1}


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_bulk_work_is_not_run_again_because_a_unit_behind_it_fails(database):
    runs = Counter[str]()

    def fail(session):
        note("lost")(session)
        raise ZeroDivisionError

    async def in_bulk(gate):
        def work(session):
            runs["bulk"] += 1
            note("bulk")(session)
            gate(session)

        await database.write(work, bulk=True)

    gate = await Gate.closed(in_bulk)
    failing = asyncio.ensure_future(database.write(fail))
    await asyncio.sleep(0)
    await gate.open()
    with pytest.raises(ZeroDivisionError):
        await failing
    assert await database.read(names) == ["bulk"]
    assert runs == {"bulk": 1}


async def test_errors_do_not_tell_what_was_written(database):
    await database.write(note("secret"))
    with pytest.raises(IntegrityError) as caught:
        await database.write(note("secret"))
    assert "parameters hidden" in str(caught.value)


async def test_rows_changed_in_place_are_written_and_stay_readable(database):
    await database.write(note("a"))

    def change(session):
        found = session.exec(select(Note)).one()
        found.name = "b"
        return found

    assert (await database.write(change)).name == "b"
    assert await database.read(names) == ["b"]


async def test_what_a_unit_failed_to_change_in_place_is_nowhere(database):
    def rename(to, then=lambda session: None):
        def work(session):
            session.exec(select(Note).where(Note.name != "b")).one().name = to
            then(session)

        return work

    def fail(session):
        raise ZeroDivisionError

    def fail_and_go_on(session):
        with suppress(IntegrityError):
            session.flush()
        note("of a unit that is undone")(session)

    for name in "ab":
        await database.write(note(name))
    gate = await Gate.closed(database.write)  # so that SQLite commits all of these together
    works = (rename("x", fail), rename("b"), rename("b", fail_and_go_on), names)
    works = [asyncio.ensure_future(database.write(work)) for work in works]
    await asyncio.sleep(0)
    await gate.open()
    failed, taken, undone, seen = await asyncio.gather(*works, return_exceptions=True)
    assert (type(failed), type(taken), type(undone)) == (ZeroDivisionError, IntegrityError, PendingRollbackError)
    assert seen == ["a", "b"]
    await database.write(rename("c"))
    assert await database.read(names) == ["b", "c"]


@pytest.mark.parametrize("changes_something", [True, False])
async def test_a_unit_that_hides_its_failure_fails_all_the_same_and_its_neighbours_stand(database, changes_something):
    def hide(session):
        found = session.exec(select(Note).where(Note.name == "a")).one()
        if changes_something:
            note("lost")(session)
        found.name = None
        with suppress(IntegrityError):
            session.flush()

    await database.write(note("a"))
    gate = await Gate.closed(database.write)  # so that SQLite commits all of these together
    works = [asyncio.ensure_future(database.write(work)) for work in (note("b"), hide, note("c"))]
    await asyncio.sleep(0)
    await gate.open()
    before, hidden, after = await asyncio.gather(*works, return_exceptions=True)
    assert (before, type(hidden), after) == (None, PendingRollbackError, None)
    assert await database.read(names) == ["a", "b", "c"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_unit_cannot_take_back_what_it_did_and_go_on(database):
    def take_back(session):
        note("taken back")(session)
        session.rollback()
        note("and more")(session)

    with pytest.raises(RuntimeError, match="cannot roll back"):
        await database.write(take_back)
    assert await database.read(names) == []


async def test_a_unit_does_not_meet_the_rows_of_the_one_before(database):
    def the_note(session):
        return session.exec(select(Note)).one()

    await database.write(note("a"))
    mine = await database.write(the_note)
    mine.name = "only mine"
    await database.write(lambda session: session.connection().execute(text("UPDATE note SET size = 7")))
    theirs = await database.write(the_note)
    assert (theirs.name, theirs.size) == ("a", 7)


async def test_stop_iteration_does_not_hang_the_caller(database):
    with pytest.raises(RuntimeError, match="StopIteration"):
        await database.write(lambda session: next(iter(())))


async def test_what_ends_a_thread_elsewhere_does_not_end_the_writer(one_writer):
    def fail(session):
        pytest.fail("as an assertion library may, without an Exception")

    for run in (one_writer.write, one_writer.read):
        with pytest.raises(pytest.fail.Exception):
            await run(fail)
    await one_writer.write(note("a"))
    assert await one_writer.read(names) == ["a"]


async def test_what_is_acknowledged_is_seen_by_others(database, url):
    await database.write(note("a"))
    second = await Database(url).start()
    assert await second.read(names) == ["a"]
    await second.close()


async def test_concurrent_increments_lose_nothing(database):
    await database.write(note("a"))

    def increment(session):
        session.exec(select(Note).with_for_update()).one().size += 1

    await asyncio.gather(*(database.write(increment) for _ in range(40)))
    assert await database.read(lambda session: session.exec(select(Note.size)).one()) == 40


async def test_a_read_sees_one_moment(database):
    gate = Gate()

    def twice(session):
        before = names(session)
        gate(session)
        return before, names(session)

    reading = asyncio.ensure_future(database.read(twice))
    await asyncio.to_thread(gate.begun.wait)
    await database.write(note("a"))
    gate.opened.set()
    assert await reading == ([], [])


async def test_closing_finishes_what_was_queued(url):
    database = await Database(url, begin_within=60).start()
    work = [asyncio.ensure_future(database.write(note(f"{n:03}"))) for n in range(200)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*work)
    for run in (database.write, database.read, partial(database.write, bulk=True)):
        with pytest.raises(DatabaseClosed):
            await run(note("late"))

    again = await Database(url).start()
    assert len(await again.read(names)) == 200
    await again.close()


async def test_a_database_may_be_started_again(url):
    database = Database(url, exclusive=True)
    for name in "ab":
        await database.start()
        await database.write(note(name))
        await database.close()
    await database.start()
    assert await database.read(names) == ["a", "b"]
    await database.close()


async def test_a_database_that_cannot_be_reached_fails_at_start(tmp_path):
    for unreachable in (f"sqlite:///{tmp_path}/none/test.db", f"postgresql+psycopg://x@/x?host={tmp_path}"):
        with pytest.raises(DBAPIError):
            await Database(unreachable).start()


# SQLite's groups


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_when_sqlite_gives_up_a_transaction_its_whole_group_fails(database):
    def give_up(session):  # as SQLite does by itself when the disk is full
        session.connection().connection.driver_connection.execute("ROLLBACK")

    gate = await Gate.closed(database.write)
    works = [asyncio.ensure_future(database.write(work)) for work in (note("a"), give_up, note("b"), note("c"))]
    await asyncio.sleep(0)
    begun_before, a, gave_up, b, c = await asyncio.gather(gate.open(), *works, return_exceptions=True)
    assert isinstance(a, RuntimeError)
    assert begun_before is a is gave_up
    assert (b, c) == (None, None)  # they had not begun
    assert await database.read(names) == ["b", "c"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_full_disk_fails_the_unit_and_nothing_later(database):
    def fill(session):
        driver = session.connection().connection.driver_connection
        [[pages]] = driver.execute("PRAGMA page_count")
        driver.execute(f"PRAGMA max_page_count={pages + 1}")
        session.connection().exec_driver_sql("INSERT INTO note (name, size, at) VALUES (zeroblob(100000), 0, 0)")

    with pytest.raises(RuntimeError, match="lost") as caught:
        await database.write(fill)
    assert "disk is full" in str(caught.value.__cause__)
    await database.write(note("a"))
    assert await database.read(names) == ["a"]


# PostgreSQL's retries


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_deadlocks_are_repeated(database):
    for name in "ab":
        await database.write(note(name))
    both_hold_one, one_is_through, tries = threading.Barrier(2), threading.Event(), Counter()

    def increment(first, second, session):
        tries[first] += 1
        if tries[first] > 1:  # else it may take its first again before the other has woken up, and both hold one again
            one_is_through.wait(10)
        for name in (first, second):
            session.connection().execute(text("UPDATE note SET size = size + 1 WHERE name = :name"), {"name": name})
            if name == first and tries[first] == 1:
                both_hold_one.wait(10)

    async def writes(pair):
        await database.write(partial(increment, *pair))
        one_is_through.set()

    await asyncio.gather(writes("ab"), writes("ba"))
    assert sorted(tries.values()) == [1, 2], "one is given up, and repeated"
    assert await database.read(lambda session: session.exec(select(Note.size)).all()) == [2, 2]


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_restarted_server_costs_no_unit(one_writer):
    await one_writer.read(names)
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> {}"
    others = end.format("pg_backend_pid()")
    await one_writer.write(lambda session: session.connection().execute(text(others)).all())
    assert await one_writer.read(names) == []
    await one_writer.read(lambda session: session.connection().execute(text(others)).all())
    await one_writer.write(note("a"))
    assert await one_writer.read(names) == ["a"]


# Busy


async def test_a_full_queue_says_so_and_recovers(database):
    gate = Gate()
    stuck = [asyncio.ensure_future(database.write(gate)) for _ in range(50)]
    await asyncio.sleep(0)
    with pytest.raises(DatabaseBusy, match="50"):
        await database.write(note("a"))
    gate.opened.set()
    await asyncio.gather(*stuck)
    await database.write(note("a"))


@pytest.mark.parametrize("door", ["write", "read"])
async def test_a_unit_that_does_not_begin_in_time_is_dropped_at_that_moment(one_writer, door):
    run, began = getattr(one_writer, door), []
    gate = await Gate.closed(run)
    with impatient(one_writer), pytest.raises(DatabaseBusy, match=r"0\.05 s"):
        await run(began.append)
    assert not gate.task.done()  # the answer did not wait for the thread
    await gate.open()
    assert await run(lambda session: 42) == 42
    assert not began


async def test_every_late_unit_is_dropped_when_its_own_time_is_up(one_writer):
    gate, waited = await Gate.closed(one_writer.write), {}

    async def waits(name):
        began = time.monotonic()
        with pytest.raises(DatabaseBusy):
            await one_writer.write(note(name))
        waited[name] = time.monotonic() - began

    with impatient(one_writer):
        first = asyncio.ensure_future(waits("first"))
        await asyncio.sleep(0.03)
        second = asyncio.ensure_future(waits("second"))
        await asyncio.sleep(0)
    third = asyncio.ensure_future(one_writer.write(note("third")))
    await asyncio.gather(first, second)
    assert min(waited.values()) >= 0.05
    assert not third.done()
    await gate.open()
    await third
    assert await one_writer.read(names) == ["third"]


async def test_a_unit_that_was_put_back_is_dropped_when_its_time_is_up():
    queue = Queue(limit=1, begin_within=0, unit_limit=UNIT_LIMIT)
    caller = asyncio.ensure_future(queue.submit(note("late")))
    await asyncio.sleep(0)
    unit = queue.take(bulk=False)
    for _turn_of_the_loop in range(3):
        await asyncio.sleep(0)  # its time is up, and nothing waits
    queue.put_back([unit])
    with pytest.raises(DatabaseBusy):
        await asyncio.wait_for(caller, PATIENCE)
    assert queue.take(bulk=False) is None


async def test_a_unit_either_runs_or_is_dropped(url):
    database = await Database(url, writers=2, begin_within=0.05).start()
    asked, ran, done = 0, [], []

    async def one(name):
        with suppress(DatabaseBusy):
            done.append(await database.write(lambda session: (time.sleep(0.001), ran.append(name), name)[-1]))

    while not 0 < len(done) < asked:  # until both have happened
        await asyncio.gather(*(one(asked + number) for number in range(300)))
        asked += 300
    await database.close()
    assert sorted(ran) == sorted(done)


async def test_work_cancelled_before_it_begins_leaves_no_effect(one_writer):
    gate = await Gate.closed(one_writer.write)
    cancelled = asyncio.ensure_future(one_writer.write(note("cancelled")))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    await gate.open()
    await one_writer.write(note("a"))
    assert await one_writer.read(names) == ["a"]


# Bulk


async def test_bulk_work_waits_until_nothing_else_waits_and_has_no_time_limit(one_writer):
    order = []
    gate = await Gate.closed(one_writer.write)
    with impatient(one_writer, 0.01):
        bulk = [
            asyncio.ensure_future(one_writer.write(lambda session, n=n: order.append(f"bulk {n}"), bulk=True))
            for n in range(2)
        ]
        await asyncio.sleep(0.02)
    others = [asyncio.ensure_future(one_writer.write(lambda session, n=n: order.append(n))) for n in range(3)]
    await asyncio.sleep(0)
    await gate.open()
    await asyncio.gather(*bulk, *others)
    assert order == [0, 1, 2, "bulk 0", "bulk 1"]


async def test_interactive_work_passes_between_bulk_units(one_writer):
    order = []
    gate = await Gate.closed(partial(one_writer.write, bulk=True))
    bulk = asyncio.ensure_future(one_writer.write(lambda session: order.append("bulk"), bulk=True))
    await asyncio.sleep(0)
    interactive = asyncio.ensure_future(one_writer.write(lambda session: order.append("interactive")))
    await asyncio.sleep(0)
    await gate.open()
    await asyncio.gather(bulk, interactive)
    assert order == ["interactive", "bulk"]


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_bulk_work_leaves_the_other_writers_alone(database):
    order = []
    gate = await Gate.closed(partial(database.write, bulk=True))
    second = asyncio.ensure_future(database.write(lambda session: order.append("bulk"), bulk=True))
    await database.write(lambda session: order.append("interactive"))
    await gate.open()
    await second
    assert order == ["interactive", "bulk"]


# The 50 ms rule


def slow(session):
    until = time.thread_time() + UNIT_LIMIT * 1.1
    while time.thread_time() < until:
        pass


@pytest.mark.parametrize("bulk", [False, True])
async def test_a_slow_unit_is_named(database, caplog, bulk):
    assert database.slowest_unit.seconds == 0
    await database.write(note("a"))
    assert 0 < database.slowest_unit.seconds < UNIT_LIMIT
    with caplog.at_level(logging.WARNING):
        await database.write(partial(slow), bulk=bulk)
        await database.write(note("b"))
    assert database.slowest_unit.name == f"{__name__}.slow"
    assert database.slowest_unit.seconds > UNIT_LIMIT
    [record] = caplog.records
    assert "test_database.slow took" in record.message


async def test_waiting_is_not_slow_and_reading_may_be(database, caplog):
    await database.write(lambda session: time.sleep(UNIT_LIMIT))
    await database.read(slow)
    assert database.slowest_unit.seconds < UNIT_LIMIT
    assert not caplog.records


# Several processes

HOLD = """
import asyncio, sys
from storage.database import Database
async def hold():
    await Database(sys.argv[1], exclusive=True).start()
    print("holding", flush=True)
    sys.stdin.read()
asyncio.run(hold())
"""

IMPORT = """
import asyncio, sys
from sqlalchemy import text
from storage.database import Database
async def write():
    database = await Database(sys.argv[1]).start()
    print("ready", flush=True)
    number = 0
    def chunk(session):
        nonlocal number
        for _ in range(500):
            number += 1
            values = {"name": f"import {number}"}
            session.connection().execute(text("INSERT INTO note (name, size, at) VALUES (:name, 1, 0)"), values)
    loop = asyncio.get_running_loop()
    done = loop.run_in_executor(None, sys.stdin.read)
    while not done.done():
        await database.write(chunk, bulk=True)
    await database.close()
    print(number, flush=True)
asyncio.run(write())
"""


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_one_server_holds_an_sqlite_file(url):
    holder = in_another_process(HOLD, url)
    assert holder.stdout.readline() == "holding\n"
    with pytest.raises(DatabaseInUse, match=r"test\.db"):
        await Database(url, exclusive=True).start()
    command_line = await Database(url).start()
    await command_line.write(note("a"))
    await command_line.close()

    holder.kill()
    holder.communicate()
    server = await Database(url, exclusive=True).start()
    with pytest.raises(DatabaseInUse):
        await Database(url, exclusive=True).start()
    await server.close()


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_several_servers_share_a_postgresql_database(url):
    servers = [await Database(url, exclusive=True).start() for _ in range(2)]
    for server in servers:
        await server.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_waiting_for_another_process_is_waiting_in_the_queue(one_writer, url):
    other = sqlite3.connect(make_url(url).database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    bulk = asyncio.ensure_future(one_writer.write(note("bulk"), bulk=True))
    with impatient(one_writer), pytest.raises(DatabaseBusy):
        await one_writer.write(note("late"))
    other.execute("COMMIT")
    other.close()
    await bulk
    assert await one_writer.read(names) == ["bulk"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_an_import_in_another_process_does_not_starve_the_server(url):
    server = await Database(url, exclusive=True).start()
    importer = in_another_process(IMPORT, url)
    assert await asyncio.to_thread(importer.stdout.readline) == "ready\n"
    for n in range(40):
        await server.write(note(f"server {n:02}"))  # DatabaseBusy if the import left no room for 2 s
    number, _ = await asyncio.to_thread(importer.communicate, "")
    stored = Counter(name.split()[0] for name in await server.read(names))
    assert stored == {"server": 40, "import": int(number)}
    await server.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_server_moves_what_was_committed_into_the_file_by_itself(url, monkeypatch):
    monkeypatch.setattr("storage.database.CHECKPOINT_EVERY", 0.01)
    server = await Database(url, exclusive=True).start()
    await server.write(note("moved"))
    file = Path(make_url(url).database)
    async with asyncio.timeout(PATIENCE):
        while b"moved" not in await asyncio.to_thread(file.read_bytes):
            continue
    await server.close()


# Rows and instants


def test_an_instant_is_not_null_unless_it_may_be():
    columns = Note.__table__.columns
    assert (columns["at"].nullable, columns["until"].nullable) == (False, True)


async def test_instants_are_utc_on_every_database(database):
    berlin = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))

    def write(session):
        row = Note(name="a", at=berlin, until=berlin)
        add(session, row)
        assert session.exec(select(Note.at).where(Note.at == berlin, Note.at <= berlin.astimezone(UTC))).one()
        later = session.exec(select(Note)).one()
        later.until = later.at + timedelta(microseconds=1)
        return row.id

    def read(session):
        return session.exec(select(Note).where(Note.until > berlin).order_by(Note.at)).one()

    number = await database.write(write)
    row = await database.read(read)
    assert (row.id, row.at, row.until - row.at) == (number, berlin, timedelta(microseconds=1))
    assert row.at.tzinfo is row.until.tzinfo is UTC


@pytest.mark.parametrize(
    "at", [datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)]
)
async def test_every_microsecond_survives(database, at):
    await database.write(lambda session: add(session, Note(name="a", at=at)))
    assert await database.read(lambda session: session.exec(select(Note.at)).one()) == at


async def test_naive_datetimes_are_refused(database):
    naive = datetime(2026, 3, 29)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        await database.write(lambda session: add(session, Note(name="a", at=naive)))
    with pytest.raises(StatementError, match="zone"):
        await database.read(lambda session: session.exec(select(Note).where(Note.at > naive)).all())


async def test_add_sets_the_id_and_keeps_a_given_one(database):
    def write(session):
        rows = Note(name="a"), Note(name="b", id=7), Note(name="c", size=3)
        for row in rows:
            add(session, row)
        return [(row.name, row.id, row.size) for row in rows]

    given = await database.write(write)
    assert given[1] == ("b", 7, 0)
    stored = await database.read(lambda session: session.exec(select(Note.name, Note.id, Note.size)).all())
    assert sorted(stored) == sorted(given)


async def test_what_was_changed_before_it_was_kept_is_stored_once_and_for_all(database):
    def write(session):
        note = Note(name="a")
        note.size = 3
        keep(session, note)
        del note
        session.flush()
        kept = session.exec(select(Note)).one()
        kept.size += 1

    await database.write(write)
    assert await database.read(lambda session: session.exec(select(Note.size)).one()) == 4


async def test_a_part_of_a_unit_that_fails_leaves_nothing_and_the_rest_stands(database):
    def write(session):
        add(session, Note(name="before"))
        with suppress(ZeroDivisionError), session.begin_nested():
            add(session, Note(name="within"))
            raise ZeroDivisionError
        add(session, Note(name="after"))

    await database.write(write)
    stored = await database.read(lambda session: session.exec(select(Note.name)).all())
    assert sorted(stored) == ["after", "before"]


async def test_add_if_absent_says_whether_it_did(database):
    def write(session: Session):
        return [add_if_absent(session, Note(name=name)) for name in ("a", "b", "a")]

    assert await database.write(write) == [True, True, False]
    results = await asyncio.gather(*(database.write(write) for _ in range(8)))
    assert {tuple(result) for result in results} == {(False, False, False)}
