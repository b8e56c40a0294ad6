"""The report on clocks: both sides side by side, in working time, and what is not counted."""

import json
from datetime import UTC, datetime, timedelta

from bot.features.clocks.reporting import report
from bot.report import written_clocks
from tests.features.stories import a_lead


async def accepts(world, ana, card):
    await ana.presses("Accept", on=card)
    assert "accepted" in ana.reads()


async def test_both_sides_are_counted_in_working_time(world, mo, leads, marketing):
    ana = await world.member("Ana", "sales", timezone="Europe/Berlin")  # 8:00 to 16:00 UTC
    cards = [await a_lead(world, mo, leads, owner=ana, company=f"Company {n}") for n in range(6)]
    world.passes(hours=1)
    await accepts(world, ana, cards[0])
    await ana.presses("Accept", on=cards[5])
    await ana.presses("Undo", on=ana.replies.popleft())
    ana.reads()
    world.passes(hours=2)
    await accepts(world, ana, cards[1])
    await ana.presses("Need info", on=cards[4])
    await ana.fills(text="Which product?")
    ana.reads(), marketing.reads()
    world.passes(hours=23)  # Tuesday, 10:00 UTC: ten working hours
    await accepts(world, ana, cards[2])
    await ana.types("/leadfeedback L-1 W1 good")
    ana.reads()
    await mo.presses("Acknowledge", on=marketing.reads())
    mo.reads()

    await mo.types("/parley report clocks")
    text = mo.reads()
    assert text.splitlines()[0] == "Clocks of the last 30 days"
    row = next(line for line in text.splitlines() if line.startswith("Accept |"))
    assert (
        row
        == "Accept | 5 | 40 % (12 to 77) | 3 h | 10 h | Acknowledge | 1 | 100 % (21 to 100) | under 1 min | under 1 min"
    )
    assert "Not counted, as there is still time: 4" in text, "three S2, one M2"
    assert "Not counted, as they wait for marketing's answer: 1" in text
    assert "Not counted, as what started them was undone: 1" in text

    found = await world.database.read(lambda session: report(session, 1, world.now))
    form, _remarks = written_clocks(found, "json")
    s1 = json.loads(form)[0]
    assert {name: s1[name] for name in ("clock", "side", "n", "within", "median_hours", "p90_hours", "paused")} == {
        "clock": "S1", "side": "sales", "n": 5, "within": 2, "median_hours": 3.0, "p90_hours": 10.0, "paused": 1,
    }  # fmt: skip


async def test_receipts_that_leave_at_once_are_in_time_and_old_clocks_do_not_count(world, mo, leads, marketing):
    ana = await world.member("Ana", "sales")
    world.now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.types("/leadfeedback L-1 R8 only three employees")
    ana.reads()
    await mo.presses("Decide...", on=marketing.reads())
    await mo.fills(text="We check the size", due_on="2026-12-01")
    mo.reads(), ana.reads_dm(), card.reads_reply()
    found = await world.database.read(lambda session: report(session, 1, world.now))
    assert {kind: (f.within, f.late) for kind, f in found.figures.items() if f.n} == {
        "S1": (1, 0), "M1": (1, 0), "M2": (1, 0), "M3": (1, 0),
    }  # fmt: skip
    world.now += timedelta(days=31)
    await mo.types("/parley report clocks")
    assert "No clock was started." in mo.reads()


async def test_what_took_so_long_by_the_hours_of_then_took_so_long_for_ever(world, mo, leads):
    ana = await world.member("Ana", "sales", timezone="UTC", has_own_timezone=True)
    card = await a_lead(world, mo, leads, owner=ana)  # at 8: she works from 9
    world.passes(hours=4)
    await accepts(world, ana, card)

    async def accepted():
        found = await world.database.read(lambda session: report(session, 1, world.now))
        s1 = found.figures["S1"]
        return s1.within, s1.late, s1.median

    before = await accepted()
    assert before == (1, 0, timedelta(hours=3))
    await ana.types("/parley me")
    await ana.fills(work_starts="06:00")
    ana.reads()
    assert await accepted() == before
    await world.changes(ana, timezone="Asia/Tokyo")  # the platform says that she has moved
    assert await accepted() == before
