"""Stories of what two who swap may rely on: notice, their hours, their turn, and that what is said is so."""

from datetime import timedelta

import pytest
from sqlmodel import select

from storage.gemba_swaps import GembaLeg
from tests.features.stories import on_sqlite, rows
from tests.features.test_gemba.swapping import (
    CLOSES,
    FREE,
    agreed,
    asked_to_swap,
    begins,
    ends,
    forget,
    have_waited,
    heads,
    join,
    on,
    signs_up,
    waits,
)

EVENING = {"timezone": "UTC", "work_starts": "13:00", "work_ends": "21:00"}
LATER = (*FREE, "2026-12-09am", "2026-12-09pm")


@on_sqlite
async def test_nobody_is_visited_with_less_than_two_working_days_of_notice(world, company, sales, marketing):
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    await begins(company)
    await join(world, [ana], role="sdr", free=",".join(LATER))
    await world.time_passes(on(4, 12))
    forget(ana)
    await signs_up(mo, "events", free=list(LATER))  # on a Friday at noon; an hour later they are matched
    await world.time_passes(on(4, 15))
    assert heads(ana) == ["Swap with Mo?"]
    assert {leg.begins_at for leg in await rows(world, GembaLeg)} == {on(8, 13), on(9, 9)}
    forget(ana, mo)
    sales.unread.clear(), marketing.unread.clear()


async def test_both_are_asked_in_their_own_working_hours(world, company, sales, marketing):
    ana = await world.member("Ana", "sales", **EVENING)
    bo = await world.member("Bo", "sales", **EVENING)
    mo = await world.member("Mo", "marketing", timezone="America/Los_Angeles")
    await begins(company)
    await join(world, [ana, bo], role="sdr")
    await join(world, [mo])
    await world.time_passes(CLOSES + timedelta(minutes=59))
    assert not [each for each in (ana, bo, mo) if heads(each)]
    await world.time_passes(CLOSES + timedelta(minutes=61))
    [asked] = [each for each in (ana, bo) if "Swap with Mo?" in each.dm.unread[0].text]
    [left] = [each for each in (ana, bo) if each is not asked]
    assert heads(left) == ["Job swaps, round 1: nobody for you yet"]
    assert not mo.dm.unread, "it is five in the morning there"
    question = asked.reads_dm()
    await asked.presses("Accept", on=question)
    asked.reads()
    await world.time_passes(CLOSES + timedelta(hours=5, minutes=1))
    told = mo.reads_dm()
    assert f"{asked.name} has said yes." in told.text
    sales.unread.clear(), marketing.unread.clear()


@on_sqlite
async def test_whoever_is_settled_before_they_are_at_work_is_asked_nothing(world, company, sales, marketing):
    ana = await world.member("Ana", "sales")
    mo = await world.member("Mo", "marketing", timezone="America/Los_Angeles")
    await begins(company)
    await join(world, [ana], role="sdr", free="2026-12-07pm,2026-12-08pm", formats="seat")
    await join(world, [mo], formats="seat", free="2026-12-07am,2026-12-08am")
    await world.changes(ana, work_starts="10:00", work_ends="22:00")
    await world.time_passes(CLOSES + timedelta(minutes=5))
    question = ana.reads_dm()
    await ana.presses("Decline...", on=question)
    await ana.fills(then="out")
    ana.reads()
    await world.time_passes(CLOSES + timedelta(hours=6))
    assert heads(mo) == ["Job swaps, round 1: nobody for you yet"]
    sales.unread.clear(), marketing.unread.clear()


@on_sqlite
async def test_who_said_yes_is_told_that_the_other_declined_and_goes_first(world, company, sales, marketing):
    ana, mo, anas, mos = await asked_to_swap(world, company, sales, marketing)
    eve = await world.member("Eve", "marketing")
    await join(world, [eve])
    await have_waited(world, eve, rounds=7)
    await mo.presses("Accept", on=mos)
    mo.reads()
    await ana.presses("Decline...", on=anas)
    await ana.fills(then="out")
    ana.reads()
    told = mo.reads_dm()
    assert told.message.headline == "The swap with Ana will not take place"
    assert "It did not work out on the other side." in told.text
    assert "You go first." in told.text
    assert "You go first." not in anas.text
    cyd = await world.member("Cyd", "sales")
    await signs_up(cyd, "sdr")
    await world.time_passes(CLOSES + timedelta(hours=3))
    assert heads(mo) == ["Swap with Cyd?"], "before somebody who has waited seven rounds"
    forget(cyd, eve)
    sales.unread.clear(), marketing.unread.clear()


@pytest.mark.parametrize("database_kind", ["sqlite"])  # weeks pass in it
async def test_waiting_is_neither_lost_nor_counted_twice_when_an_agreed_swap_is_cancelled(
    world, company, sales, marketing
):
    ana, mo, anas, mos = await asked_to_swap(world, company, sales, marketing)
    await have_waited(world, ana, mo, rounds=2)
    for member, question in ((ana, anas), (mo, mos)):
        await member.presses("Accept", on=question)
    forget(ana, mo)
    await mo.presses("I cannot make it...", on=mos)
    await mo.fills(then="out")
    await world.time_passes(await ends(world))
    waited = await world.database.read(waits)
    assert waited[(await ana.row()).id] == 3
    assert waited[(await mo.row()).id] == 2
    forget(company, ana, mo)
    sales.unread.clear(), marketing.unread.clear()


@on_sqlite
async def test_each_reads_what_they_get_from_it_and_how_long_they_waited(world, company, sales, marketing):
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    themes = "calls,hand_off,lead_quality,follow_up,campaigns,content"
    await begins(company)
    await join(world, [ana], role="sdr", wished_themes=themes, wished_roles="events")
    await join(world, [mo], offered_themes=themes, wished_roles="sdr")
    await have_waited(world, mo, rounds=2)
    await world.time_passes(CLOSES + timedelta(minutes=5))
    told, other = mo.reads_dm().text, ana.reads_dm().text
    assert "You wanted to see “Sales development (SDR)”." in told
    assert "You waited 2 rounds." in told
    assert "You can do it remotely." in told
    assert "Mo waited 2 rounds." in other
    assert "You wanted to see “Events and fairs”." in other
    sales.unread.clear(), marketing.unread.clear()


async def test_another_date_takes_as_long_as_a_visit_and_no_time_in_which_either_has_another(
    world, company, sales, marketing
):
    ana, bo = await world.member("Ana", "sales"), await world.member("Bo", "sales")
    mo = await world.member("Mo", "marketing")
    await begins(company)
    await join(world, [ana, bo], role="sdr")
    await join(world, [mo], capacity=2)
    await world.time_passes(CLOSES + timedelta(minutes=5))
    [left] = [each for each in (ana, bo) if "nobody for you" in each.dm.unread[0].text]
    await left.presses("Ask them", on=left.dm.unread[0])
    ride = mo.dm.unread.pop()
    await mo.presses("Accept", on=ride)
    lefts = (await left.row()).id

    def meet_at_one(session):
        ride = session.exec(select(GembaLeg).where(GembaLeg.visitor_id == lefts)).one()
        ride.begins_at, ride.ends_at = on(7, 13), on(7, 13, minute=45)

    await world.database.write(meet_at_one)
    question = mo.dm.unread[0]
    await mo.presses("Another date...", on=question)
    possible = [option.value for option in mo.form.fields[0].options]
    assert possible == ["2026-12-07am", "2026-12-08am", "2026-12-08pm"]
    await mo.fills(mine="2026-12-08pm")
    moved = next(leg for leg in await rows(world, GembaLeg) if leg.begins_at == on(8, 13))
    assert moved.ends_at - moved.begins_at == timedelta(hours=3)
    forget(ana, bo, mo)
    sales.unread.clear(), marketing.unread.clear()


@on_sqlite
async def test_the_second_visit_can_be_moved_after_the_first_took_place(world, company, sales, marketing):
    ana, mo, anas, mos = await agreed(world, company, sales, marketing)
    await world.time_passes(on(7, 16))  # nobody has said how the first one was
    forget(ana, mo)
    first, second = sorted(await rows(world, GembaLeg), key=lambda leg: leg.begins_at)
    assert (first.begins_at, second.begins_at) == (on(7, 9), on(8, 9))
    is_mine = second.visitor_id == (await mo.row()).id
    await mo.presses("Another date...", on=mos)
    assert [field.name for field in mo.form.fields] == ["mine" if is_mine else "theirs"]
    await mo.fills(**{"mine" if is_mine else "theirs": "2026-12-08pm"})
    assert mo.reads() == "I ask Ana whether that suits them."
    await ana.presses("Accept", on=ana.dm.unread[-1])
    assert "It is agreed." in ana.reads()
    assert [head.split(":")[0] for head in heads(ana) if "visits" in head] == ["Changed"]
    assert anas
    forget(mo)
    await world.time_passes(on(8, 12))
    forget(ana, mo)


@on_sqlite
async def test_what_prepares_for_a_visit_says_that_it_was_cancelled(world, company, sales, marketing):
    ana, mo, anas, mos = await agreed(world, company, sales, marketing)
    await world.time_passes(on(3, 12))
    prepared, _other = [
        posted for member in (ana, mo) for posted in member.dm.unread if "Three questions" in posted.text
    ]
    forget(ana, mo)
    await mo.presses("I cannot make it...", on=mos)
    await mo.fills(then="out")
    mo.reads()
    assert "This visit was cancelled." in prepared.text
    assert "Three questions" not in prepared.text
    assert "The swap with Mo will not take place" in anas.text
    forget(ana, mo)
    sales.unread.clear(), marketing.unread.clear()


@pytest.mark.parametrize("database_kind", ["sqlite"])  # what is stored is no matter here
async def test_both_are_reminded_on_their_last_working_day_before_and_when_the_day_begins(
    world, company, sales, marketing
):
    dubai = {"timezone": "Asia/Dubai", "work_days": "mon,tue,wed,thu", "work_starts": "08:00", "work_ends": "18:00"}
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing", **dubai)
    await begins(company)
    await join(world, [ana], role="sdr", free="2026-12-07am,2026-12-08am")
    await join(world, [mo], free="2026-12-07pm,2026-12-08pm")
    await world.time_passes(CLOSES + timedelta(minutes=5))
    await ana.presses("Accept", on=ana.reads_dm())
    await world.time_passes(on(1, 6))
    await mo.presses("Accept", on=mo.dm.unread[-1])
    forget(ana, mo)
    for at, anas, mos in (
        (on(3, 11, minute=59), [], []),
        (on(3, 12), [], ["Ana visits you on Mon 7 Dec 2026"]),  # two hours before her week ends
        (on(4, 14, minute=59), [], []),
        (on(4, 15), ["You visit Mo on Mon 7 Dec 2026"], []),
        (on(7, 7, minute=59), [], ["Today Ana visits you"]),  # she works since four
        (on(7, 8), ["Today you visit Mo"], []),  # in an hour, when she begins to work
    ):
        await world.time_passes(at)
        assert [[head for head in heads(each) if "prepare" not in head] for each in (ana, mo)] == [anas, mos], at
    sales.unread.clear(), marketing.unread.clear()


async def test_nobody_is_asked_to_sign_up_in_their_night(world, company, sales, marketing):
    hana, hugo, ida = [
        await world.member(name, side, is_head=True, timezone="America/New_York")
        for name, side in (("Hana", "sales"), ("Hugo", "marketing"), ("Ida", "sales"))
    ]
    await begins(company)
    await hugo.types("/gemba")
    await hugo.presses("I cannot, because...", on=hugo.replies.popleft())
    await hugo.fills(excuse="We move offices")
    hugo.replies.clear()
    await world.time_passes(on(23, 13, month=11))
    assert not hana.dm.unread, "it is eight in New York"
    await world.time_passes(on(23, 14, month=11))
    assert heads(hana) == ["Job swaps, round 1"]
    assert not hugo.dm.unread, "he has answered already"
    await ida.presses("I cannot, because...", on=ida.reads_dm())
    await ida.fills(excuse="I am at a fair")
    ida.replies.clear()
    await world.time_passes(on(25, 13, month=11))
    assert not hana.dm.unread, "it is eight again, so she is not reminded yet"
    await world.time_passes(on(25, 14, month=11))
    assert heads(hana) == ["Job swaps, round 1"]
    forget(company)


@on_sqlite
async def test_nobody_is_kept_waiting_beyond_the_first_visit(world, company, sales, marketing):
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    await begins(company, closes_on="2026-12-03", first_on="2026-12-07")
    await join(world, [ana], role="sdr", free="2026-12-07pm,2026-12-08pm")
    await join(world, [mo], free="2026-12-07pm,2026-12-08pm")
    await world.time_passes(on(3, 13))
    anas = ana.reads_dm()
    await ana.presses("Accept", on=anas)
    await world.time_passes(on(7, 12, minute=59))
    [_asked, again] = mo.dm.unread
    assert "or when the first visit would begin, the place goes to somebody else." in again.text
    assert "You have said yes." in anas.text
    await world.time_passes(on(7, 13))
    assert "Not both of you answered in time." in again.text
    assert heads(ana) == ["The swap with Mo will not take place"]
    forget(ana, mo)
    sales.unread.clear(), marketing.unread.clear()
