"""Stories of two who are asked to swap: yes, another date, no, silence, and whoever has nobody."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.events import PersonChanged
from bot.erasure import Erasing
from storage.gemba import GembaProposal, GembaRound, note_change
from storage.gemba_swaps import GembaConsent, GembaLeg, GembaSwap, Outcome, SwapState
from storage.people import Member
from tests.features.stories import on_sqlite, rows
from tests.features.test_gemba.swapping import CLOSES, agreed, asked_to_swap, begins, forget, heads, join, on, signs_up
from tests.world import _calculate_here


@on_sqlite
async def test_another_date_is_proposed_and_the_other_one_asked_anew(world, company, sales, marketing):
    ana, mo, anas, mos = await asked_to_swap(world, company, sales, marketing)
    await mo.presses("Accept", on=mos)
    assert mo.reads() == "Thank you. You hear from me when Ana has answered."
    assert "Mo has said yes." in anas.text
    await ana.presses("Another date...", on=anas)
    assert [field.name for field in ana.form.fields] == ["mine", "theirs"]
    await ana.fills()
    assert ana.errors == {"mine": "Please choose a date for one of the two visits."}
    await ana.fills(mine="2026-12-08pm")
    assert ana.reads() == "I ask Mo whether that suits them."
    again = mo.reads_dm()
    assert "Ana has said yes." in again.text
    assert "You visit Ana" in again.text
    assert "Ana visits you: 2026-12-08 13:00" in again.text
    await mo.presses("Accept", on=again)
    assert "It is agreed." in mo.reads()
    assert heads(ana) == ["For your calendar: Mo visits Ana", "For your calendar: Ana visits Mo"]
    forget(mo)

    await mo.presses("Another date...", on=again)  # also after both agreed
    await mo.fills(theirs="2026-12-07pm")
    mo.reads()
    question = ana.reads_dm()
    assert question.message.headline == "Swap with Mo?"
    assert "Mo proposes another date. What stands in your calendar holds until you both agree." in question.text
    await ana.presses("Accept", on=question)
    ana.reads()
    assert heads(ana) == ["Changed: Ana visits Mo", "Changed: Mo visits Ana"]
    assert {leg.invited for leg in await rows(world, GembaLeg)} == {2}
    forget(mo)
    await world.time_passes(on(6, 20))
    assert [head for head in heads(ana) if " on " in head] == ["You visit Mo on Mon 7 Dec 2026"], "of the new date only"
    forget(mo)


@on_sqlite
async def test_only_the_two_answer_and_pressing_again_changes_nothing(world, company, sales, marketing):
    ana, mo, anas, mos = await asked_to_swap(world, company, sales, marketing)
    eve = await world.member("Eve", "sales")
    for label in ("Accept", "Another date...", "Decline..."):
        await eve.presses(label, on=anas)
        assert eve.reads() == "This is somebody else's."
    card = anas.message
    await asyncio.gather(ana.presses("Accept", on=anas), mo.presses("Accept", on=mos))
    assert len([each for each in (ana, mo) if "It is agreed." in each.reads()]) == 1
    await ana.presses("Accept", on=card)
    assert ana.reads() == "You have both agreed already."
    assert len(heads(ana)) == len(heads(mo)) == 2
    spy = await world.member("Spy", "sales", workspace="W2", is_admin=True)
    await spy.presses("Accept", on=card)
    assert spy.reads() == "This is somebody else's."


@on_sqlite
async def test_whoever_steps_back_is_not_named_and_leaves_the_round_if_they_want(world, company, sales, marketing):
    ana, mo, anas, mos = await asked_to_swap(world, company, sales, marketing)
    await ana.presses("Decline...", on=anas)
    await ana.fills(then="out")
    assert ana.reads() == "That is fine.\nYou take no part in this round any more."
    assert "It did not work out on the other side." in mos.text
    await world.time_passes(CLOSES + timedelta(hours=3))
    assert "Nobody of sales is free so far." in mo.reads_dm().text
    await ana.types("/gemba")
    assert "You take no part in this round." in ana.reads()


@on_sqlite
async def test_a_round_with_one_person_and_one_with_a_single_side_are_answered_kindly(world, company, sales, marketing):
    ana, bo = await world.member("Ana", "sales"), await world.member("Bo", "sales")
    await begins(company)
    await join(world, [ana], role="sdr")
    await world.time_passes(CLOSES + timedelta(minutes=5))
    alone = ana.reads_dm()
    await signs_up(bo, "sdr")
    await world.time_passes(CLOSES + timedelta(hours=2))
    for told in (alone, bo.reads_dm()):
        assert "Nobody of marketing is free so far." in told.text
        assert "If nobody is found, you go first next time." in told.text
    mo = await world.member("Mo", "marketing")
    await signs_up(mo, "events")
    await world.time_passes(CLOSES + timedelta(hours=4))
    [matched] = [member for member in (ana, bo) if heads(member) == ["Swap with Mo?"]]
    assert heads(mo) == [f"Swap with {matched.name}?"]
    sales.unread.clear(), marketing.unread.clear()


async def test_without_a_shared_half_day_another_date_is_offered(world, company, sales, marketing):
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    await begins(company)
    await join(world, [ana], role="sdr", free="2026-12-07am,2026-12-07pm")
    await join(world, [mo], free="2026-12-08am,2026-12-08pm")
    await world.time_passes(CLOSES + timedelta(minutes=5))
    told = ana.reads_dm()
    assert "No half-day of yours is free for anybody of the other side." in told.text
    assert "There would be somebody for you: 2026-12-08 09:00. If you are free then, add it." in told.text
    assert "Mo " not in told.text
    forget(mo)
    await ana.presses("Change my sign-up...", on=told)
    await ana.fills(free=["2026-12-08am", "2026-12-08pm"])
    ana.reads()
    await world.time_passes(CLOSES + timedelta(hours=2))
    assert heads(ana) == ["Swap with Mo?"]
    assert "This has been settled since." in told.text
    forget(mo)
    sales.unread.clear(), marketing.unread.clear()


@pytest.mark.parametrize("database_kind", ["sqlite"])  # what is stored is no matter here
async def test_two_whose_hours_never_meet_are_told_so(world, company, sales, marketing):
    ana = await world.member("Ana", "sales", timezone="Asia/Tokyo")
    mo = await world.member("Mo", "marketing", timezone="Europe/London")
    await begins(company)
    await join(world, [ana], role="sdr")
    await join(world, [mo])
    await world.time_passes(on(1, 9))
    told = ana.reads_dm().text
    assert "There would be somebody for you when you do not work: 2026-12-07 09:00." in told, "it is six in Tokyo"
    assert "change your hours with /parley me" in told
    assert "There would be somebody" not in mo.reads_dm().text, "it would be midnight"
    sales.unread.clear(), marketing.unread.clear()


@pytest.mark.parametrize("database_kind", ["sqlite"])  # what is stored is no matter here
async def test_all_may_live_in_one_zone_that_is_not_the_workspaces(world, company, sales, marketing):
    ana = await world.member("Ana", "sales", timezone="Asia/Ho_Chi_Minh")
    mo = await world.member("Mo", "marketing", timezone="Asia/Ho_Chi_Minh")
    await begins(company)
    await join(world, [ana], role="sdr")
    await join(world, [mo])
    await world.time_passes(CLOSES + timedelta(hours=13, minutes=59))
    assert not heads(ana) + heads(mo), "a minute before nine there"
    await world.time_passes(CLOSES + timedelta(hours=14))
    for member in (ana, mo):
        await member.presses("Accept", on=member.reads_dm())
    assert {leg.begins_at for leg in await rows(world, GembaLeg)} == {on(7, 2), on(8, 2)}
    forget(ana, mo)
    sales.unread.clear(), marketing.unread.clear()


@on_sqlite
async def test_a_host_who_leaves_the_company_is_cancelled_and_the_other_goes_first(world, company, sales, marketing):
    ana, mo, anas, _mos = await agreed(world, company, sales, marketing)
    gone = replace(mo.person, belongs=False)
    world.people["W1", gone.external_id] = gone
    await world.tells(ana, PersonChanged(gone))
    assert heads(ana) == [
        "Cancelled: Ana visits Mo",
        "Cancelled: Mo visits Ana",
        "The swap with Mo will not take place",
    ]
    assert "You go first." in anas.text
    forget(mo)
    await world.time_passes(on(8, 20))
    assert heads(ana) == ["Job swaps, round 1: nobody for you yet"]
    assert not mo.dm.unread, "who has left is told nothing"
    assert {leg.outcome for leg in await rows(world, GembaLeg)} == {Outcome.CANCELLED}


async def test_the_ride_along_that_is_offered_is_asked_for_and_agreed_like_a_swap(world, company, sales, marketing):
    ana, bo = await world.member("Ana", "sales"), await world.member("Bo", "sales")
    mo = await world.member("Mo", "marketing")
    await begins(company)
    await join(world, [ana, bo], role="sdr")
    await join(world, [mo], capacity=2)
    await world.time_passes(CLOSES + timedelta(minutes=5))
    [left] = [each for each in (ana, bo) if "nobody for you" in each.dm.unread[0].text]
    told = left.reads_dm()
    await left.presses("Ask them", on=told)
    assert left.reads().startswith("Mo is asked.")
    asked = left.reads_dm()
    question = mo.dm.unread.pop()
    assert f"A visit: {left.name}" in question.text
    await mo.presses("Accept", on=question)
    assert "It is agreed." in mo.reads()
    assert heads(left) == [f"For your calendar: {left.name} visits Mo"]
    [ride] = [swap for swap in await rows(world, GembaSwap) if swap.is_one_way]
    assert (ride.state, ride.format) == (SwapState.AGREED, "ride_along")
    assert "Ask them" not in told.buttons
    assert (asked.message.headline, question.message.headline) == ("You visit Mo", f"{left.name} visits you")
    await left.presses("Another date...", on=asked)
    await left.fills(mine="2026-12-08pm")
    left.reads()
    await mo.presses("Another date...", on=question)
    [when] = mo.form.fields
    assert [option.value for option in when.options] == ["2026-12-07pm"], "not the date that is proposed"
    forget(mo, bo, ana)
    sales.unread.clear(), marketing.unread.clear()


async def test_a_visit_that_did_not_take_place_is_told_to_nobody(world, company, sales, marketing):
    ana, mo, _anas, _mos = await agreed(world, company, sales, marketing)
    await world.time_passes(on(7, 18))
    over = next(posted for posted in ana.dm.unread if posted.message.headline == "Your visit to Mo")
    forget(ana, mo)
    await ana.presses("It did not take place", on=over)
    assert ana.reads() == "Thank you for telling me. Nobody else is told."
    assert "Nobody is told; things happen." in over.text
    assert not mo.dm.unread
    assert not sales.unread
    await mo.types("/gemba ledger")
    assert mo.reads() == "No visit has taken place yet."
    assert {consent.said for consent in await rows(world, GembaConsent)} == {"yes"}


async def test_somebody_who_is_erased_leaves_the_round_and_is_named_nowhere(world, company, sales, marketing):
    ana, mo, anas, _mos = await agreed(world, company, sales, marketing)
    row = await mo.row()
    erasing = Erasing(world.registry, world.database, lambda: world.now, lambda: world.delivery.wake())
    begun = await erasing.begin(row.workspace_id, Member, row.id)
    await erasing.finish(row.workspace_id, begun)
    await world.deliver()
    assert anas.message.headline == "The swap with someone who left will not take place"
    assert heads(ana)[-1] == "The swap with someone who left will not take place"
    assert {leg.outcome for leg in await rows(world, GembaLeg)} == {Outcome.CANCELLED}
    forget(mo)
    await world.time_passes(CLOSES + timedelta(hours=3))
    assert "Nobody of marketing is free so far." in ana.reads_dm().text


@pytest.mark.parametrize("moment", ["while it is worked out", "before they are asked"])
@on_sqlite
async def test_whoever_withdraws_meanwhile_is_not_asked(world, company, sales, marketing, moment):
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    await begins(company)
    await join(world, [ana, mo])
    await mo.types("/gemba")
    shown = mo.replies.popleft()
    world.now = CLOSES
    await world.timekeeper.run()
    asked = await world.database.read(world.calculator._ask)
    answer = await _calculate_here(asked.calculation, asked.question)
    assert len(answer["matches"]) == 1
    if moment == "before they are asked":
        await world.calculator.run()
    await mo.presses("Withdraw", on=shown)
    assert mo.reads() == "You take no part in this round any more."
    await world.database.write(
        lambda session: world.calculator._follow(session, asked=asked, answer=answer, error=None)
    )
    await world.time_passes(CLOSES + timedelta(hours=2))
    assert heads(ana) == ["Job swaps, round 1: nobody for you yet"]
    assert not await rows(world, GembaSwap)
    sales.unread.clear(), marketing.unread.clear()


async def test_an_answer_to_an_older_version_of_the_round_is_asked_for_anew(world, company, sales, marketing):
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    await begins(company)
    await join(world, [ana, mo])
    world.now = CLOSES
    await world.timekeeper.run()
    asked = await world.database.read(world.calculator._ask)
    answer = await _calculate_here(asked.calculation, asked.question)
    [gemba] = await rows(world, GembaRound)
    await world.database.write(lambda session: note_change(session, gemba.workspace_id, gemba.id))
    await world.database.write(lambda session: world.calculator._follow(session, asked, answer, None))
    assert not await rows(world, GembaProposal)
    await world.time_passes(CLOSES + timedelta(minutes=1))
    assert (heads(ana), heads(mo)) == (["Swap with Mo?"], ["Swap with Ana?"])
    sales.unread.clear(), marketing.unread.clear()
