"""What must be computed first: asked beside the writer, followed by one unit of work, tried again when it fails."""

import asyncio
from datetime import timedelta

import pytest

from bot.calculating import CalculationFailed, calculate
from bot.core.calculator import Calculator
from bot.core.feature import Feature
from bot.core.ui import Message
from storage.channels import find_channel
from storage.due import Due, move_due
from tests.world import a_world

sums = Feature("sums")
QUESTIONS = {1: [1, 2], 2: [3, 4], 3: None}


@sums.calculation("sums.add", "sums", lambda ctx, due: QUESTIONS[due.subject_id])
def tell(ctx, due, answer):
    ctx.post(find_channel(ctx.session, ctx.workspace.id, "C_sales"), lambda: Message(str(answer)))


@pytest.fixture
async def world(database):
    async with a_world(database, (sums,)) as world:
        yield world


@pytest.fixture
async def sales(world):
    return await world.channel("sales")


class Adder:
    """A calculation; how often it was asked, and what the next time goes wrong."""

    def __init__(self) -> None:
        self.asked, self.failures = [], []

    async def __call__(self, name, question):
        self.asked.append(question)
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop()
        return sum(question)


def calculator(world, adder):
    return Calculator(world.registry, world.database, lambda: world.now, lambda: world.delivery.wake(), adder)


async def falls_due(world, subject_id, at=None):
    def work(session):
        due = Due(workspace_id=1, kind="sums.add", subject_id=subject_id, step=1, at=at or world.now)
        move_due(session, due)

    await world.database.write(work)


def said(channel):
    channel.unread.clear()
    return [posted.text for posted in channel.messages.values()]


async def test_it_is_computed_when_it_falls_due_and_followed_once(world, sales):
    adder = Adder()
    await falls_due(world, 1, world.now + timedelta(hours=1))
    assert await world.timekeeper.next_at(world.now) == world.now + timedelta(hours=1)
    await calculator(world, adder).run()
    assert adder.asked == []
    world.passes(hours=1)
    await calculator(world, adder).run()
    await calculator(world, adder).run()
    await world.deliver()
    assert (adder.asked, said(sales)) == ([[1, 2]], ["3"])


async def test_where_there_is_nothing_to_do_any_more_nothing_is_computed(world, sales):
    adder = Adder()
    await falls_due(world, 3)
    await calculator(world, adder).run()
    await calculator(world, adder).run()
    assert (adder.asked, said(sales)) == ([], [])


@pytest.mark.parametrize("trouble", [CalculationFailed("it took too long"), KeyError("missing")])
async def test_what_fails_is_tried_again_later_and_holds_up_nothing_else(world, sales, trouble, caplog):
    adder = Adder()
    adder.failures = [trouble]
    await falls_due(world, 1, world.now - timedelta(seconds=1))
    await falls_due(world, 2)
    await calculator(world, adder).run()
    await world.deliver()
    assert said(sales) == ["7"]
    assert "sums.add failed in workspace 1" in caplog.text
    world.passes(minutes=3)
    await calculator(world, adder).run()
    await world.deliver()
    assert said(sales) == ["7", "3"]


async def test_two_processes_may_compute_the_same_but_only_one_follows(world, sales):
    adder = Adder()
    await falls_due(world, 1)
    await asyncio.gather(calculator(world, adder).run(), calculator(world, adder).run())
    await world.deliver()
    assert said(sales) == ["3"]


async def test_what_was_moved_while_it_was_computed_is_computed_again(world, sales):
    adder = Adder()
    await falls_due(world, 1)

    async def moved_meanwhile(name, question):
        await falls_due(world, 1, world.now + timedelta(days=1))
        return await adder(name, question)

    await calculator(world, moved_meanwhile).run()
    await world.deliver()
    assert said(sales) == []
    world.passes(days=1)
    await calculator(world, adder).run()
    await world.deliver()
    assert said(sales) == ["3"]


async def test_a_child_process_answers_or_says_why_not():
    assert await calculate("holiday_days", {"zones": ["UTC"], "years": [2026]}) == {"UTC": [None, []]}
    with pytest.raises(CalculationFailed, match=r"KeyError at __main__\.py"):
        await calculate("holiday_days", {})
    with pytest.raises(CalculationFailed, match=r"No module named .bot\.calculations\.unheard_of"):
        await calculate("unheard_of", {})
