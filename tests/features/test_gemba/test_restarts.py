"""A round whose process is killed between any two steps: no message is lost, and none is sent twice."""

from collections import Counter

import pytest
from sqlmodel import select

from bot.core.calculator import Calculator
from bot.core.timekeeper import Timekeeper
from storage.database import Database
from storage.due import Due
from storage.gemba_ideas import GembaIdea
from tests.features.stories import rows
from tests.features.test_gemba.swapping import agreed, forget, on
from tests.world import _calculate_here, a_world


class Always:
    """Every post stands, and every answer to one is lost on its way back."""

    def popleft(self):
        return TimeoutError()


async def passes(world, until, *, is_killed):
    """Let time pass; killed, there is a new process for each thing that falls due, and one that dies before it is told
    what became of its messages."""
    if not is_killed:
        await world.time_passes(until)
        return
    while (at := await world.timekeeper.next_at(world.now)) and at <= until:
        world.now = at
        await dies(world)
        await world.timekeeper.run()
        await dies(world)
        if asked := await world.database.read(world.calculator._ask):
            await _calculate_here(asked.calculation, asked.question)  # and nobody hears the answer
        await world.calculator.run()
        await dies(world)
        await world.deliver()
    world.now = until


async def dies(world):
    """What the process knew is gone; the database and the platform stay."""
    world.timekeeper = Timekeeper(world.registry, world.database, lambda: world.now, lambda: None)
    world.calculator = Calculator(world.registry, world.database, lambda: world.now, lambda: None, _calculate_here)
    world.starts_delivery()


async def tells(world, *, is_killed):
    """A round of two, to the end of an idea: all that was ever said, and to whom."""
    sales, marketing = await world.channel("sales"), await world.channel("marketing")
    ada = await world.member("Ada", "other", is_admin=True)
    if is_killed:
        world.losses = Always()
    ana, mo, _anas, mos = await agreed(world, ada, sales, marketing)
    await passes(world, on(7, 18), is_killed=is_killed)
    over = next(posted for posted in ana.dm.messages.values() if posted.message.headline == "Your visit to Mo")
    await ana.presses("Three slides...", on=over)
    await ana.fills(did="Two calls", wrong="They do call", change="One list")
    await passes(world, on(9, 18), is_killed=is_killed)
    slides = next(posted for posted in sales.messages.values() if "has seen the work" in posted.message.headline)
    await mo.presses("Make it an idea...", on=slides)
    words = {"title": "One list", "current": "Two", "why": "Habit", "measure": "Lists", "before": "2"}
    await mo.fills(due_on="2026-12-31", background="Two lists", **words)
    await passes(world, on(31, 18).replace(year=2027, month=3), is_killed=is_killed)
    assert mos
    for channel in world.channels.values():
        channel.unread.clear()
    forget(ada, ana, mo)
    said = [(where, p.message.headline) for where, channel in world.channels.items() for p in channel.messages.values()]
    dues = await world.database.read(lambda session: session.exec(select(Due)).all())
    left = [due.kind for due in dues if due.done_at is None]
    return Counter(said), left, (await rows(world, GembaIdea))[0].fate


@pytest.fixture
async def untroubled(databases):
    """The same story, told by one process that lives."""
    with databases.migrated() as url:
        database = await Database(url).start()
        async with a_world(database) as world:
            yield await tells(world, is_killed=False)
        await database.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])  # told twice, it is long
async def test_a_round_goes_on_wherever_the_process_was_killed(world, untroubled):
    assert await tells(world, is_killed=True) == untroubled
    said, left, fate = untroubled
    assert len(said) > 20
    assert not left
    assert fate == "forgotten"
