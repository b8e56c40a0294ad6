"""What the messages of job swaps show, and offer no more, as time goes on."""

from datetime import timedelta

import pytest

from tests.features.test_gemba.swapping import CLOSES, agreed, begins, ends, forget, join, on, signs_up

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])  # weeks pass, and what is stored is no matter here


async def test_when_a_round_ends_its_cards_say_so_and_offer_nothing_more(world, company, sales, marketing):
    ana, mo, anas, mos = await agreed(world, company, sales, marketing)
    bo = await world.member("Bo", "sales")
    await signs_up(bo, "sdr")
    await world.time_passes(world.now + timedelta(hours=2))
    alone = bo.reads_dm()
    assert "I go on looking" in alone.text
    await world.time_passes(await ends(world) + timedelta(minutes=1))
    assert (anas.message.headline, mos.message.headline) == ("Your swap with Mo is over", "Your swap with Ana is over")
    assert alone.text.endswith("This round is over, and nobody was found. You go first next time.")
    assert not [*anas.buttons, *mos.buttons, *alone.buttons]
    forget(ana, mo, bo, company)


async def test_both_visits_are_told_of_and_the_swap_is_over(world, company, sales, marketing):
    ana, mo, anas, mos = await agreed(world, company, sales, marketing)
    assert "Job swap with Mo" in await ana.opens_home()
    await world.time_passes(on(12, 13))
    assert "Job swap with Mo" not in await ana.opens_home(), "both visits are past"
    for member in (ana, mo):
        asked = [posted for posted in member.dm.unread if "Three slides..." in posted.buttons]
        assert len(asked) == 2, "asked once more"
        await member.presses("It took place", on=asked[0])
        assert all("It took place" not in posted.buttons for posted in asked)
    for first in (anas, mos):
        assert "is over" in first.message.headline
        assert not first.buttons
    forget(ana, mo)


async def test_whoever_works_elsewhere_need_not_travel(world, company, sales, marketing):
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    bo, max_ = await world.member("Bo", "sales"), await world.member("Max", "marketing")
    await begins(company)
    await join(world, [ana], role="sdr", place="Berlin", languages="fa")
    await join(world, [mo], place="Lisbon", languages="fa")
    await join(world, [bo], role="sdr", place="Berlin", is_remote=False)
    await join(world, [max_], place="berlin")
    await world.time_passes(CLOSES + timedelta(minutes=5))
    for member in (mo, ana, max_, bo):
        await member.presses("Accept", on=member.reads_dm())
        member.replies.clear()
    places = {
        posted.message.headline: posted.text.split("\n")[1].partition(", ")[2].rstrip(".")
        for posted in (*ana.dm.unread, *bo.dm.unread)
        if posted.message.file
    }
    assert places == {
        "For your calendar: Ana visits Mo": "Lisbon, or remotely",
        "For your calendar: Mo visits Ana": "Berlin, or remotely",
        "For your calendar: Bo visits Max": "berlin",
        "For your calendar: Max visits Bo": "Berlin",
    }
    forget(ana, mo, bo, max_)
    sales.unread.clear(), marketing.unread.clear()


async def test_an_idea_that_was_dropped_is_voted_on_no_more(world, company, sales, marketing):
    await company.types("/gemba ideas")
    await company.presses("I have an idea...", on=company.replies.popleft())
    a3 = dict.fromkeys(("title", "background", "current", "why", "countermeasure", "measure", "before"), "A list")
    await company.fills(**a3, due_on="2026-12-31")
    company.reads(), marketing.reads()
    idea = sales.reads()
    assert "I am for it" in idea.buttons
    await world.time_passes(world.now + timedelta(days=31))
    await company.presses("Dropped, because...", on=company.reads_dm())
    await company.fills(because="Nobody reads it")
    company.reads()
    assert "It is dropped.\nBecause: Nobody reads it" in idea.text
    assert not idea.buttons
