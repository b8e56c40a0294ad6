"""The outbox: claimed once, in order, whoever else claims, and quickly however long the queue."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from storage import outbox
from storage.cards import queued_change
from storage.database import Database
from storage.ids import new_id
from storage.outbox import AT_ONCE, Kind, OutboxRow, State
from storage.tables import add
from storage.workspaces import Workspace, install

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LEASE = NOW + timedelta(minutes=1)


@pytest.fixture
async def workspace_id(database):
    new = Workspace(platform="test", external_id="W1", name="W1", installed_at=NOW)
    return await database.write(lambda session: install(session, new).id)


def promise(session, workspace_id, lane, **values):
    row = OutboxRow(workspace_id=workspace_id, lane=lane, created_at=NOW, body="hello", **{"kind": Kind.POST, **values})
    if "state" in values:
        add(session, row)
    else:
        outbox.promise(session, row)
    return row


def claim(session, workspace_id, limit=100, at_most=8):
    rows, _is_more = outbox.ready(session, workspace_id, Kind.POST, NOW, limit)
    for row in rows[:at_most]:
        outbox.begin(row, NOW, LEASE)
    return rows[:at_most]


async def test_two_processes_send_every_row_once_and_every_lane_in_order(database, database_kind, workspace_id):
    other = database if database_kind == "sqlite" else await Database(database._url).start()

    def fill(session):
        for number in range(240):
            promise(session, workspace_id, f"c{number % 12}")

    await database.write(fill)
    sent: list[OutboxRow] = []

    async def work(process):
        while not await process.read(lambda s: outbox.first_due(s) == {} and outbox.first_lease(s) is None):
            claimed = await process.write(lambda session: claim(session, workspace_id))
            sent.extend(claimed)
            for row in claimed:
                assert await process.write(lambda session, row=row: outbox.settle(session, row, State.SENT))

    async with asyncio.timeout(60):
        await asyncio.gather(work(database), work(database), work(other), work(other))
    if other is not database:
        await other.close()
    assert len({row.id for row in sent}) == len(sent) == 240
    for lane in {row.lane for row in sent}:
        ids = [row.id for row in sent if row.lane == lane]
        assert ids == sorted(ids)
    states = await database.read(lambda session: set(session.exec(select(OutboxRow.state)).all()))
    assert states == {State.SENT}


async def test_a_refresh_and_a_claim_of_the_same_update_never_miss_each_other(database, workspace_id):
    """Whoever saw the update waiting is drawn after it commits; whoever did not asks for another."""

    def fill(session):
        target = promise(session, workspace_id, "c1", state=State.SENT)
        add(
            session,
            OutboxRow(workspace_id=workspace_id, lane="c1", kind=Kind.UPDATE, created_at=NOW, target_id=target.id),
        )
        return target.id

    target_id = await database.write(fill)
    found, claimed = [], []

    def refresh(session):
        found.append(queued_change(session, workspace_id, target_id))
        inner = asyncio.run_coroutine_threadsafe(database.write(take), loop) if is_postgresql else None
        if inner:
            inner.result(10)  # another transaction claims while this one has seen the update

    def take(session):
        claimed.extend(outbox.ready(session, workspace_id, Kind.UPDATE, NOW, 10)[0])

    loop, is_postgresql = asyncio.get_running_loop(), not database._is_sqlite
    await database.write(refresh)
    assert found[0] is not None
    assert claimed == [], "it is held back until the change is committed"
    await database.write(take)
    assert [row.target_id for row in claimed] == [target_id]


async def test_a_row_behind_one_in_flight_is_blocked_until_that_is_final(database, workspace_id):
    first, second = await database.write(lambda s: [promise(s, workspace_id, "c1"), promise(s, workspace_id, "c1")])

    assert [row.id for row in await database.write(lambda s: claim(s, workspace_id))] == [first.id]
    assert await database.write(lambda s: claim(s, workspace_id)) == []
    assert await database.read(outbox.first_due) == {}, "a blocked row costs no look"
    sending = await database.read(lambda s: outbox.row(s, workspace_id, first.id))
    await database.write(lambda s: outbox.settle(s, sending, State.UNKNOWN, not_before=NOW))
    assert [row.id for row in await database.write(lambda s: claim(s, workspace_id))] == [first.id]
    sending = await database.read(lambda s: outbox.row(s, workspace_id, first.id))
    await database.write(lambda s: outbox.settle(s, sending, State.DEAD))
    assert [row.id for row in await database.write(lambda s: claim(s, workspace_id))] == [second.id]


async def test_a_row_that_comes_while_the_one_before_it_is_settled_is_not_forgotten(database, workspace_id):
    [first] = await database.write(lambda s: [promise(s, workspace_id, "c1")])
    await database.write(lambda s: claim(s, workspace_id))

    async def another_comes_and_is_looked_at():
        await database.write(lambda s: promise(s, workspace_id, "c1"))
        assert await database.write(lambda s: claim(s, workspace_id)) == []

    def settle(session):
        sending = outbox.row(session, workspace_id, first.id)
        assert outbox.settle(session, sending, State.SENT)
        if is_postgresql:  # others do not see yet that it is settled
            asyncio.run_coroutine_threadsafe(another_comes_and_is_looked_at(), loop).result(10)

    loop, is_postgresql = asyncio.get_running_loop(), not database._is_sqlite
    if not is_postgresql:  # nobody writes beside it
        await another_comes_and_is_looked_at()
    await database.write(settle)
    [second] = await database.write(lambda s: claim(s, workspace_id))
    assert second.id > first.id


async def test_one_writer_knows_what_stands_behind_another_before_it_is_looked_for(
    database, database_kind, workspace_id
):
    def two(session):
        rows = [OutboxRow(workspace_id=workspace_id, lane="c1", created_at=NOW, kind=Kind.POST) for _ in range(2)]
        return [outbox.promise(session, row) for row in rows]

    assert await database.write(two) == [True, database_kind != "sqlite"]
    [first] = await database.write(lambda s: claim(s, workspace_id))
    assert await database.read(outbox.first_due) == {}
    await database.write(lambda s: outbox.settle(s, first, State.SENT))
    [second] = await database.write(lambda s: claim(s, workspace_id))
    assert second.id > first.id


async def test_what_was_in_doubt_stays_in_doubt_when_something_comes_before_it(database, workspace_id):
    """With several processes a row may turn up whose id is older."""

    def fill(session):
        promise(session, workspace_id, "c1", id=f"{1:032x}")
        promise(session, workspace_id, "c1", id=f"{2:032x}", state=State.UNKNOWN, not_before=NOW)

    await database.write(fill)
    assert [row.id for row in await database.write(lambda s: claim(s, workspace_id))] == [f"{1:032x}"]
    doubted = await database.read(lambda s: outbox.row(s, workspace_id, f"{2:032x}"))
    assert (doubted.state, doubted.not_before) == (State.UNKNOWN, NOW + outbox.BEHIND)


@pytest.mark.parametrize("lanes", [1, 20_000])
async def test_a_long_queue_is_claimed_through_indexes(database, workspace_id, lanes):
    shared = {"workspace_id": workspace_id, "kind": "post", "language": "en", "state": "NEW", "attempt": 0}
    shared |= {"is_introduction": False, "created_at": NOW, "not_before": AT_ONCE, "body": "hello"}
    rows = [{**shared, "id": f"{n:032x}", "lane": f"c{n % lanes}"} for n in range(20_000)]
    await database.write(lambda s: s.connection().execute(OutboxRow.__table__.insert(), rows), bulk=True)
    slow = type(database._writes.slowest_unit)("", 0.0)
    for _warm in range(2):
        database._writes.slowest_unit = slow
        for _claim in range(5):
            [*claimed] = await database.write(lambda s: claim(s, workspace_id))
            for row in claimed:
                await database.write(lambda s, row=row: outbox.settle(s, row, State.SENT))
            assert len(claimed) == min(lanes, 8)
    assert database.slowest_unit.seconds < 0.050


def test_ids_ascend_and_never_repeat():
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
