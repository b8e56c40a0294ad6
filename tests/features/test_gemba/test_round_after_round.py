"""Stories of several rounds: with whom somebody is matched after what has been."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.features.test_gemba.swapping import CLOSES, begins, forget, have_waited, join, partners, waits

OPEN_DOOR = {"formats": "half_day,ride_along", "capacity": 2, "free": "2026-12-07am,2026-12-07pm,2026-12-08am"}


@pytest.mark.parametrize("database_kind", ["sqlite"])  # weeks pass in it
async def test_whoever_only_rode_along_goes_first_next_time(world, company, sales, marketing):
    ana, ben = await world.member("Ana", "sales"), await world.member("Ben", "sales")
    mo = await world.member("Mo", "marketing")
    await begins(company)
    await join(world, [ana, ben, mo], **OPEN_DOOR)
    await have_waited(world, ana, ben, rounds=2)
    await world.time_passes(CLOSES + timedelta(minutes=5))
    [swapping] = await partners(world)
    first, left = (ana, ben) if swapping == "Ana" else (ben, ana)
    for member in (first, mo):
        [question] = [posted for posted in member.dm.unread if "Swap with" in posted.text]
        await member.presses("Accept", on=question)
    forget(first, mo)
    told = left.reads_dm()
    await left.presses("Ask them", on=told)
    assert left.reads().startswith("Mo is asked.")
    await mo.presses("Accept", on=mo.dm.unread[-1])
    await world.time_passes(datetime(2027, 1, 1, 12, tzinfo=UTC))
    waited = await world.database.read(waits)
    assert waited[(await left.row()).id] == 3
    assert waited[(await first.row()).id] == waited[(await mo.row()).id] == 0
    forget(company, first, left, mo)
    sales.unread.clear()
    marketing.unread.clear()
