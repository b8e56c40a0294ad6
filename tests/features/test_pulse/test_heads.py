"""What the heads of both sides will do about a result: asked in private, read by everybody."""

import pytest

from bot.erasure import Erasing
from storage.people import Member
from tests.features.test_pulse.sealed import SIX, TEN, sealed

ANSWERS = {"L1": {"sales": TEN, "marketing": SIX}}


@pytest.fixture
async def sue(world):
    return await world.member("Sue", "sales", is_head=True)


@pytest.fixture
async def max_(world):
    return await world.member("Max", "marketing", is_head=True)


async def says(head, question, text):
    await head.presses("Say what we will do...", on=question)
    await head.fills(text=text)


async def test_what_heads_will_do_stands_with_the_result(world, sales, ana, sue, max_):
    await sealed(world, ANSWERS)
    card, question = sales.reads(), sue.reads_dm()
    assert question.text.startswith("Pulse 1: what will you do?")
    skipped = "If no head says one, next week's pulse is left out."
    assert skipped in question.text
    assert max_.reads_dm().buttons == ["Say what we will do..."]
    await says(sue, question, "We call every lead within <https://x.io> four hours")
    assert sue.reads() == "Thank you. Both sides read it with the result and in front of the next pulse."
    assert "Sales will do: We call every lead within <https://x.io> four hours" in card.text
    assert "Sales will do" in question.text
    assert skipped not in question.text
    await sue.presses("Say what we will do...", on=question)
    assert sue.form.fields[0].initial.startswith("We call every lead")
    await sue.fills(text="We call within two hours")
    sue.reads()
    assert "Sales will do: We call within two hours" in card.text
    assert "four hours" not in card.text


async def test_every_head_of_a_side_speaks_for_themselves(world, sales, sue):
    sam = await world.member("Sam", "sales", is_head=True)
    await sealed(world, ANSWERS)
    for head in (sam, sue):
        await says(head, head.reads_dm(), f"{head.name} will see to it")
        head.reads()
    text = sales.reads().text
    assert text.index("Sales will do: Sam will see to it") < text.index("Sales will do: Sue will see to it")


async def test_only_heads_speak_and_only_of_the_newest_result(world, sales, ana, sue):
    await sealed(world, ANSWERS)
    old = sue.reads_dm()
    await ana.presses("Say what we will do...", on=old)
    assert ana.reads().startswith("The heads of sales and marketing say what they will do.")
    await sealed(world, ANSWERS, number=2)
    await sue.presses("Say what we will do...", on=old)
    assert sue.reads() == "There is a newer result; please answer to that one."
    sue.reads_dm()
    sales.unread.clear()


async def test_an_erased_head_leaves_no_words(world, sales, sue):
    max_ = await world.member("Max Zubrowka", "marketing", is_head=True)
    await sealed(world, ANSWERS)
    await says(sue, sue.reads_dm(), "Max Zubrowka and I look at it together")
    await says(max_, max_.reads_dm(), "I call Sue")
    sue.reads(), max_.reads()
    card = sales.reads()
    erasing = Erasing(world.registry, world.database, lambda: world.now, lambda: world.delivery.wake())
    await erasing.finish(1, await erasing.begin(1, Member, (await max_.row()).id))
    await world.deliver()
    assert "Sales will do: someone who left and I look at it together" in card.text
    assert "Marketing will do: (erased)" in card.text
