"""A result that cannot be computed: it is tried again, admins hear of it, and nothing sealed is kept for ever."""

from datetime import timedelta

import pytest

from bot.core.calculator import Calculator
from storage.ballots import SealedAnswer, SealedComment
from storage.pulse_results import PulseResult
from tests.features.stories import on_sqlite
from tests.features.test_pulse.sealed import FIRST, SIX, TEN, sealed
from tests.features.test_pulse.weeks import rows_of

DAY = timedelta(days=1)


@pytest.fixture
async def ada(world):
    return await world.member("Ada", "other", is_admin=True)


@pytest.fixture
def works(world):
    """The calculation as it is when it works."""
    return world.calculator


@pytest.fixture
def tries(world, works):
    """When it was tried; it fails every time."""
    found = []

    async def fails(name, question):
        found.append(world.now)
        raise RuntimeError("the library is broken")

    world.calculator = Calculator(world.registry, world.database, lambda: world.now, lambda: None, fails)
    return found


async def is_kept(world):
    return bool(await rows_of(world, SealedAnswer)) and bool(await rows_of(world, SealedComment))


async def a_wave(world):
    await sealed(world, {"L1": {"sales": TEN, "marketing": SIX}}, comments=[("sales", "More time")])


@on_sqlite
async def test_a_result_that_failed_comes_when_what_was_wrong_is_mended(world, sales, ada, works, tries):
    await a_wave(world)
    await world.time_passes(FIRST + 2 * DAY)
    assert ada.reads_dm().text.startswith("The result of pulse 1 cannot be computed")
    assert not ada.dm.unread, "they are told once"
    await ada.types("/pulse privacy")
    assert "There is no result yet. Until there is, for a week at most" in ada.reads()
    assert await is_kept(world)
    world.calculator = works
    await world.time_passes(FIRST + 4 * DAY)
    assert "Lead quality | Sales | 10 of 10" in sales.reads().text
    assert not await is_kept(world)
    await ada.types("/pulse privacy")
    assert "There is no result yet" not in ada.reads()


async def test_after_a_week_what_it_would_be_made_of_is_forgotten(world, sales, ada, tries):
    await a_wave(world)
    await world.time_passes(FIRST + 7 * DAY)
    assert await is_kept(world)
    await world.time_passes(FIRST + 8 * DAY)
    assert not await is_kept(world)
    assert await rows_of(world, SealedAnswer) == await rows_of(world, SealedComment) == []
    ada.reads_dm()
    assert ada.reads_dm().text.startswith("Pulse 1 has no result")
    tried = len(tries)
    await world.time_passes(FIRST + 30 * DAY)
    assert len(tries) == tried
    assert await rows_of(world, PulseResult) == []


async def test_a_result_that_was_not_tried_is_waited_for(world, sales, ada):
    """Parley was down for longer than a week, from the close on."""
    calculator, world.calculator = world.calculator, world.timekeeper
    await a_wave(world)
    world.now = FIRST + 10 * DAY
    await world.timekeeper.run()
    assert await is_kept(world)
    world.calculator = calculator
    await world.works()
    await world.deliver()
    assert "Lead quality | Sales | 10 of 10" in sales.reads().text
    assert not ada.dm.unread
