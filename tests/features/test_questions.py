"""A seller needs to know more: the clocks wait, marketing answers, the seller goes on."""

from datetime import timedelta

import pytest

from bot.rules.clocks import elapsed, is_paused
from storage.questions import Question
from tests.features.stories import a_lead, courses, rows


@pytest.fixture
async def card(world, mo, ana, leads):
    return await a_lead(world, mo, leads, owner=ana)


async def test_need_info_pauses_the_clocks_and_marketings_answer_lets_them_run_on(world, ana, mo, leads, card):
    marketing = await world.channel("marketing")
    await ana.presses("Need info", on=card)
    await ana.fills(text="Which product did they ask for?")
    assert ana.reads() == "Asked. The clocks of L-1 Acme Ltd wait for marketing's answer."
    assert "Ana asked marketing: Which product did they ask for?" in card.text
    assert "There is no deadline while marketing's answer is waited for." in card.text

    question = marketing.reads()
    await ana.presses("Answer...", on=question)
    assert "Marketing answers this." in ana.reads()
    world.passes(hours=2)
    await mo.presses("Answer...", on=question)
    await mo.fills(text="The big pump")
    assert mo.reads() == "Answered. Thank you: the seller goes on with it."
    assert "Mo: The big pump" in ana.reads_dm().text
    assert "Mo answered: The big pump" in question.text
    assert "Mo answered: The big pump" in card.text
    assert "Deadline to accept it: 2026-11-23 14:00" in card.text, "four working hours from 10:00 on"

    await ana.presses("Need info", on=card)
    await ana.fills(text="Does <@U_mo> know the budget?")
    assert "Asked" in ana.reads()
    assert "> Does @Mo know the budget?" in marketing.reads().text


async def test_a_second_question_waits_for_the_first(world, ana, mo, leads, card):
    marketing = await world.channel("marketing")
    await ana.presses("Need info", on=card)
    await ana.fills(text="Which product?")
    ana.reads(), marketing.reads()
    await ana.presses("Need info", on=card)
    assert ana.reads() == "A question about L-1 waits for marketing already."


async def test_only_who_decides_about_the_lead_stops_its_clocks(world, ana, leads, card):
    bo = await world.member("Bo", "sales")
    await bo.presses("Need info", on=card)
    assert "its owner asks it" in bo.reads()
    await bo.reacts("question", on=card)
    assert await rows(world, Question) == []


async def test_a_question_of_the_form_outlives_a_reaction_taken_away(world, ana, leads, card):
    marketing = await world.channel("marketing")
    await ana.presses("Need info", on=card)
    await ana.fills(text="Which product?")
    ana.reads()
    await ana.reacts("question", on=card)
    assert "waits for marketing already" in ana.reads_dm().text
    await ana.unreacts("question", on=card)
    assert "[Answer...]" in marketing.reads().text


async def test_a_clock_that_stops_or_starts_while_a_question_waits_counts_no_time_twice(world, ana, mo, leads, card):
    marketing = await world.channel("marketing")
    world.passes(hours=2)
    await ana.presses("Need info", on=card)
    await ana.fills(text="Which product?")
    ana.reads()
    world.passes(minutes=30)
    await ana.presses("Accept", on=card)
    ana.reads()
    world.passes(hours=5)
    await mo.presses("Answer...", on=marketing.reads())
    await mo.fills(text="The big pump")
    mo.reads(), ana.reads_dm()
    s1, s2 = await courses(world)
    assert (s1.clock.kind, elapsed(s1, world.now)) == ("S1", timedelta(hours=1))
    assert (s2.clock.kind, elapsed(s2, world.now)) == ("S2", timedelta())
    world.passes(minutes=20)
    assert elapsed((await courses(world))[1], world.now) == timedelta(minutes=20)


async def test_the_question_reaction_asks_and_taking_it_away_takes_the_question_back(world, ana, mo, leads, card):
    marketing = await world.channel("marketing")
    await ana.reacts("question", on=card)
    asked, question = ana.reads_dm(), marketing.reads()
    assert "Ana needs more information from marketing." in card.text
    await ana.presses("Say what is missing...", on=asked)
    await ana.fills(text="Who is the buyer?")
    assert ana.reads() == "Marketing sees what you need."
    assert asked.text == "I asked marketing about L-1 Acme Ltd.\n> Who is the buyer?"
    assert "> Who is the buyer?" in question.text

    await ana.unreacts("question", on=card)
    assert "Taken back." in question.text
    assert "You took the question back." in asked.text
    assert "needs more" not in card.text
    [row] = await rows(world, Question)
    assert row.withdrawn_at is not None
    [s1] = await courses(world)
    assert not is_paused(s1)


async def test_without_marketing_the_question_is_noted(world, ana, leads, card):
    await ana.presses("Need info", on=card)
    await ana.fills(text="?")
    assert ana.errors == {"text": "Please write at least 3 characters."}
    await ana.fills(text="Which product?")
    assert "nobody can be asked yet" in ana.reads()


async def test_a_question_waits_until_there_is_somebody_to_ask(world, ana, leads, card):
    ada = await world.member("Ada", "other", is_admin=True)
    await ana.presses("Need info", on=card)
    await ana.fills(text="Which product?")
    ana.reads()
    channel = world.place("mktg")
    await ada.invites_parley(channel)
    await ada.presses("Marketing", on=channel.reads())
    assert "> Which product?" in channel.reads().text
