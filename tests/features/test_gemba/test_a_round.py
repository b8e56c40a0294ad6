"""The story of a whole round, from sign-up to the follow-up after 90 days."""

from collections import Counter
from datetime import timedelta

import pytest

from storage.gemba import GembaSignUp, Wish
from storage.gemba_ideas import Fate, GembaIdea
from storage.gemba_swaps import GembaLeg, GembaSwap, Outcome, SwapState
from tests.features.stories import rows
from tests.features.test_gemba.swapping import CLOSES, begins, forget, join, on, partners, signs_up


@pytest.mark.parametrize("database_kind", ["sqlite"])  # it is long; the others are told on both
async def test_nine_of_sales_and_eleven_of_marketing_from_sign_up_to_an_adopted_idea(world, company, sales, marketing):
    sellers = [await world.member(f"Seller{n}", "sales") for n in range(9)]
    marketers = [await world.member(f"Marketer{n}", "marketing") for n in range(11)]
    everybody = [*sellers, *marketers]
    _, organised = await begins(company)
    card = sales.reads()
    marketing.reads()
    await join(world, sellers[1:], role="sdr", capacity=2)
    await join(world, marketers[1:], wished_roles="sdr")
    await signs_up(sellers[0], "sdr", formats=["half_day", "ride_along"], capacity="2")
    await signs_up(marketers[0], "events", formats=["half_day", "ride_along"], wished_roles=["sdr"])
    assert "Signed up: 9 of sales, 11 of marketing." in card.text

    # Matched: nine pairs are asked, two are told kindly that there is nobody yet
    await world.time_passes(CLOSES + timedelta(minutes=5))
    assert "0 pairs have agreed; 9 still to answer." in card.text
    of_seller = await partners(world)
    alone = [each for each in marketers if each.name not in of_seller.values()]
    assert len(alone) == 2
    for marketer in alone:
        told = marketer.reads_dm()
        assert "The numbers were uneven: 9 of sales and 11 of marketing." in told.text
        assert "If nobody is found, you go first next time." in told.text
    by_name = {each.name: each for each in everybody}
    asked = {each.name: each.reads_dm() for each in everybody if each not in alone}
    assert "Swap with" in asked["Seller0"].text
    assert "What they show: Events and fairs. My day" in asked["Seller0"].text

    # Six pairs agree at once; one seller declines, one says nothing, one marketer will withdraw
    for name in ("Seller0", *of_seller.values(), *(n for n in of_seller if n not in ("Seller0", "Seller1", "Seller2"))):
        await by_name[name].presses("Accept", on=asked[name])
    assert sellers[0].reads() == f"Thank you. You hear from me when {of_seller['Seller0']} has answered."
    assert "It is agreed." in sellers[3].reads()
    files = [posted.text for posted in sellers[0].dm.unread]
    assert [text.split(":")[0] for text in files] == ["For your calendar", "For your calendar"]
    assert "(job-swap-" in files[0]
    declined = by_name[of_seller["Seller1"]]
    await sellers[1].presses("Decline...", on=asked["Seller1"])
    await sellers[1].fills()
    assert sellers[1].reads() == "That is fine.\nI look for somebody else for you."
    assert (
        "The swap with Seller1 will not take place\nIt did not work out on the other side." in asked[declined.name].text
    )
    assert "fair" not in asked[declined.name].text
    assert "7 pairs have agreed; 1 still to answer." in card.text

    # Whoever is free again is matched anew: one of the two who had nobody gets the seller
    await world.time_passes(CLOSES + timedelta(hours=2))
    again = (await partners(world))["Seller1"]
    assert again in [each.name for each in alone]
    assert "Swap with" in by_name[again].dm.unread[-1].text
    for name in ("Seller1", again):
        await by_name[name].presses("Accept", on=by_name[name].dm.unread.pop())
    assert "nobody for you" in declined.dm.unread[-1].text

    # A marketer withdraws after both had agreed: the calendar is told, and the seller goes first
    out = by_name[of_seller["Seller3"]]
    forget(*everybody)
    await out.types("/gemba")
    await out.presses("Withdraw", on=out.replies.popleft())
    assert out.reads().startswith("You take no part in this round any more.\nSeller3 is told")
    assert [posted.text.split(":")[0] for posted in out.dm.unread] == ["Cancelled", "Cancelled"]
    told = [posted.text for posted in sellers[3].dm.unread]
    assert [text.split(":")[0] for text in told[:2]] == ["Cancelled", "Cancelled"]
    assert "It did not work out on the other side." in told[2]
    forget(*everybody)
    await world.time_passes(on(1, 17))
    new = (await partners(world))["Seller3"]
    assert new != out.name
    for name in ("Seller3", new):
        [question] = [posted for posted in by_name[name].dm.unread if "Swap with" in posted.text]
        await by_name[name].presses("Accept", on=question)
    forget(*everybody)

    # The silent one is asked once more, then the place is given away
    await world.time_passes(on(2, 12, minute=30))
    [reminded] = [posted for posted in sellers[2].dm.unread if "Swap with" in posted.text]
    assert "I have not heard from you." in reminded.text
    await world.time_passes(on(4, 12, minute=30))
    assert "Not both of you answered in time." in reminded.text
    [silent] = [each for each in await rows(world, GembaSignUp) if each.wish == Wish.SILENT]
    assert silent.member_id == (await sellers[2].row()).id
    swaps = Counter(swap.state for swap in await rows(world, GembaSwap))
    assert swaps == {
        SwapState.AGREED: 8, SwapState.DECLINED: 1, SwapState.CANCELLED: 1, SwapState.RELEASED: 1
    }  # fmt: skip

    # The day: prepared three working days before, reminded twice, asked what they see
    one, other = sellers[0], by_name[of_seller["Seller0"]]
    assert any("Your visit to" in posted.text and "Three questions" in posted.text for posted in one.dm.unread)
    forget(*everybody)
    await world.time_passes(on(6, 20))
    assert [posted.message.headline for posted in one.dm.unread] == [f"You visit {other.name} on Mon 7 Dec 2026"]
    assert f"{one.name} visits you on Mon 7 Dec 2026" in [posted.message.headline for posted in other.dm.unread]
    forget(*everybody)
    await world.time_passes(on(7, 10))
    heads = [posted.message.headline for posted in one.dm.unread]
    assert heads == [f"Today you visit {other.name}", f"With {other.name}: what do you see?"]
    question = one.dm.unread[-1]
    for n in range(6):
        await one.presses("Note a fact...", on=question)
        await one.fills(kind="waiting", text=f"An answer lay for {n} days", own=["own"] if n == 0 else [])
        assert one.reads().startswith("Noted.")
    assert "Waiting: An answer lay for 0 days (I did it myself)" in question.text
    assert "Note a fact..." not in question.buttons
    forget(*everybody)
    await world.time_passes(on(7, 18))
    [over] = [posted for posted in one.dm.unread if posted.message.headline == f"Your visit to {other.name}"]
    assert {"It took place", "It did not take place"}.isdisjoint(over.buttons), "a fact was noted, so it did"

    # Three slides: the host first, then both sides
    await one.presses("Three slides...", on=over)
    assert "An answer lay for 0 days (I did it myself)" in one.form.fields[0].initial
    await one.fills(wrong="I thought they write and send", change="We say on Monday whom we call")
    assert one.reads() == f"Thank you. {other.name} sees it first, both sides tomorrow."
    shown = other.dm.unread[-1]
    assert shown.message.headline == f"{one.name} tells of the visit to you"
    await other.presses("Correct a fact...", on=shown)
    await other.fills(text="It was two days")
    other.reads()
    await world.time_passes(on(9, 8, minute=59))
    assert not sales.unread, "a day was over in the evening"
    await world.time_passes(on(9, 18, minute=30))
    slides = sales.reads()
    assert slides.text == marketing.reads().text
    assert "The host adds\n> It was two days" in slides.text

    # An idea, votes, and what became of it
    await other.presses("Make it an idea...", on=slides)
    await other.fills(
        title="Monday list", current="Nobody knows", why="No list", due_on="2026-12-31", measure="Calls that meet",
        before="2 of 10",
    )  # fmt: skip
    assert other.reads().startswith("Proposed: Monday list")
    idea = sales.reads()
    marketing.reads()
    for member in (one, other, one):
        await member.presses("I am for it", on=idea)
    assert "2 are for it." in idea.text
    forget(*everybody)
    proposed = (await rows(world, GembaIdea))[0].proposed_at
    await world.time_passes(proposed + timedelta(days=30))
    assert not [posted for posted in other.dm.unread if "What has become of it?" in posted.text], (
        "it is half past six on a Friday"
    )
    await world.time_passes(proposed + timedelta(days=33))
    [follow_up] = [posted for posted in other.dm.unread if "What has become of it?" in posted.text]
    await other.presses("We test it", on=follow_up)
    assert other.reads() == "Noted: Monday list\nIt is being tested."
    assert "It is being tested." in idea.text
    await world.time_passes(proposed + timedelta(days=93))
    last = other.dm.unread[-1]
    assert "It is being tested." in last.text
    await other.presses("Adopted...", on=last)
    await other.fills(after="8 of 10")
    assert other.reads() == "Noted: Monday list\nIt is adopted."
    assert "After: 8 of 10" in idea.text
    assert [found.fate for found in await rows(world, GembaIdea)] == [Fate.ADOPTED]
    assert "This round is over." in card.text
    assert Outcome.DONE in {leg.outcome for leg in await rows(world, GembaLeg)}
    await one.types("/gemba ledger")
    assert "Marketing | 3 | 0 | 1" in one.reads()
    assert organised
    forget(*everybody)
