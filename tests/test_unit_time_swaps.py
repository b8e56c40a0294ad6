"""A round of job swaps with many people is asked about, ended and asked for again in units of work that stay short."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.features.gemba.service.rounds import AT_ONCE, SIDES
from storage.database import UNIT_LIMIT, UnitTime
from storage.gemba import GembaRound, GembaSignUp, Stage
from storage.gemba_swaps import GembaConsent, GembaLeg, GembaSwap
from storage.people import Member
from tests.features.stories import rows
from tests.features.test_gemba.swapping import FREE, begins, ends
from tests.world import a_world

PEOPLE, ASKED, WARM, SOME = 600, 20, 3, 8
SIGNED_UP = {"wish": "signed_up", "role": "events", "formats": "half_day", "free": ",".join(FREE), "languages": "en"}


@pytest.fixture
async def world(database):
    async with a_world(database) as world:
        yield world


async def fill(world):
    """All have signed up and swap with each other; a few have not answered."""

    def insert(session, row_type, given):
        values = [row_type(workspace_id=1, **row).model_dump(exclude_none=True, warnings=False) for row in given]
        session.connection().execute(row_type.__table__.insert(), values)
        return session.exec(select(row_type.id).where(row_type.workspace_id == 1).order_by(row_type.id)).all()

    def work(session):
        gemba = session.exec(select(GembaRound)).one()
        gemba.stage = Stage.RUNNING
        people = insert(session, Member, (
            {"external_id": f"U{n}", "name": f"Member {n}", "verified_at": world.now, "side": SIDES[n % 2]}
            for n in range(PEOPLE)
        ))[-PEOPLE:]  # fmt: skip
        insert(session, GembaSignUp, ({"round_id": gemba.id, "member_id": each, **SIGNED_UP} for each in people))
        pairs = list(zip(people[::2], people[1::2], strict=True))
        swaps = insert(session, GembaSwap, (
            {"round_id": gemba.id, "one_id": one, "other_id": other, "format": "half_day", "asked_at": world.now,
             "state": "asked" if n < ASKED else "agreed"}
            for n, (one, other) in enumerate(pairs)
        ))  # fmt: skip
        both = [(swap, *pair) for swap, pair in zip(swaps, pairs, strict=True)]
        insert(session, GembaConsent, (
            {"swap_id": swap, "member_id": each, "said": "yes"} for swap, *pair in both for each in pair
        ))  # fmt: skip
        insert(session, GembaLeg, (
            {"swap_id": swap, "visitor_id": one, "host_id": other, "begins_at": world.now, "ends_at": world.now}
            for swap, *pair in both for one, other in (pair, pair[::-1])
        ))  # fmt: skip

    await world.database.write(work, bulk=True)


async def some_fall_due(world, times):
    """Nothing is delivered: what is measured is the writer."""
    for _ in range(times):
        world.now = await world.timekeeper.next_at(world.now)
        await world.timekeeper.run()


@pytest.mark.parametrize("database_kind", ["sqlite"])  # its one writer is what others would wait for
async def test_a_round_of_many_is_ended_and_the_next_one_begun_in_short_units(world, database):
    ada = await world.member("Ada", "other", is_admin=True)
    await begins(ada)
    await fill(world)
    world.now = await ends(world) - timedelta(minutes=10)
    await world.timekeeper.run()
    await some_fall_due(world, WARM)
    database._writes.slowest_unit = UnitTime("", 0.0)
    await some_fall_due(world, SOME)
    await begins(ada)
    await some_fall_due(world, SOME)
    assert database.slowest_unit.seconds < UNIT_LIMIT, database.slowest_unit
    asked = [each for each in await rows(world, GembaSignUp) if each.round_id == 2]
    assert len(asked) > AT_ONCE, "more than one unit asked people"
    await world.deliver()
    for channel in world.channels.values():
        channel.unread.clear()
