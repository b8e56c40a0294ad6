"""Stories of rounds: heads first, then all; who signs up, who is asked, and who is left alone."""

from datetime import UTC, date, datetime, timedelta

from storage.gemba import GembaRound
from storage.gemba_swaps import GembaSwap
from tests.features.stories import rows
from tests.features.test_gemba.swapping import CLOSES, begins, ends, forget, heads, join, on, signs_up


async def test_heads_go_first_and_then_a_round_opens_for_all(world, company, sales, marketing):
    ana = await world.member("Ana", "sales")
    hana = await world.member("Hana", "sales", is_head=True)
    hugo = await world.member("Hugo", "marketing", is_head=True)
    answer, organised = await begins(company)
    assert answer.startswith("Round 1 has begun.\nThe heads are asked first.")
    assert "Heads go first. I wait for Hana and Hugo." in organised.text
    assert not sales.unread

    await ana.types("/gemba")
    assert "Heads go first" in ana.reads()

    await world.time_passes(on(23, 9, month=11))
    asked = hana.reads_dm()
    await hana.presses("Sign up...", on=asked)
    await hana.fills(
        role="sales_head", level="5", where="remote", capacity="2", free=["2026-12-07am", "2026-12-08am"],
        formats=["half_day"],
    )  # fmt: skip
    assert "You have signed up." in hana.reads()
    assert "You have signed up." in asked.text
    assert "I wait for Hugo." in organised.text
    assert not sales.unread

    asked = hugo.reads_dm()
    await hugo.presses("I cannot, because...", on=asked)
    await hugo.fills(excuse="We move offices")
    assert hugo.reads() == "Thank you. The others need not wait for you."
    card = sales.reads()
    assert card.text == marketing.reads().text
    assert "Signed up: 1 of sales, 0 of marketing." in card.text
    assert "Hana" not in card.text

    assert "You have signed up." in await signs_up(ana, "sdr")
    assert "Signed up: 2 of sales, 0 of marketing." in card.text


async def test_heads_who_do_not_answer_are_reminded_and_the_dates_wait_for_them(world, company, sales, marketing):
    hana = await world.member("Hana", "sales", is_head=True)
    _, organised = await begins(company)
    assert not hana.dm.unread, "it is before nine"
    await world.time_passes(on(23, 9, month=11))
    hana.reads_dm()
    await world.time_passes(on(25, 9, month=11))
    assert "Heads go first." in hana.reads_dm().text
    assert "I wait for Hana." in company.reads_dm().text
    await world.time_passes(CLOSES)
    [gemba] = await rows(world, GembaRound)
    assert (gemba.closes_at, gemba.first_on) == (CLOSES + timedelta(days=7), date(2026, 12, 14))
    await hana.presses("Open it for all", on=organised)
    assert hana.reads().startswith("Only the organiser or an admin")
    await company.presses("Open it for all", on=organised)
    assert company.reads() == "The round is open for all now."
    assert "Sign up by 2026-12-07 12:00." in sales.reads().text
    marketing.reads()
    await world.time_passes(CLOSES + timedelta(days=1))
    assert not hana.dm.unread, "nobody waits any more"


async def test_whoever_took_part_is_asked_again_unless_they_snooze_or_were_silent_twice(
    world, company, sales, marketing
):
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    await begins(company)
    await join(world, [ana, mo])
    await ana.types("/gemba")
    ana.replies.clear()
    await ana.presses("Not now...", on=sales.unread[0])
    await ana.fills(until="2026-11-01")
    assert ana.errors == {"until": "Please choose a day in the future."}
    await ana.fills(until="2027-01-10")
    assert ana.reads().startswith("I do not ask you before Sun 10 Jan 2027.")

    await world.time_passes(CLOSES + timedelta(hours=1))
    await ana.presses("Accept", on=ana.reads_dm())
    await world.time_passes(await ends(world))  # Mo has said nothing
    forget(ana, mo)
    await begins(company)
    await world.time_passes(world.now + timedelta(minutes=1))
    assert heads(mo) == ["Job swaps, round 2"]
    assert not ana.dm.unread
    await world.time_passes(datetime(2027, 1, 10, 10, tzinfo=UTC))
    assert not ana.dm.unread, "it is a Sunday"
    await world.time_passes(datetime(2027, 1, 11, 10, tzinfo=UTC))
    assert heads(ana) == ["Job swaps, round 2"], "the snooze is over"
    await world.time_passes(await ends(world))
    [asked] = [posted for posted in mo.dm.messages.values() if posted.message.headline == "Job swaps, round 2"]
    assert asked.text.endswith("This round is over.")
    told = mo.reads_dm()
    assert told.message.headline == "I stop asking you about job swaps"
    assert "That is fine." in told.text
    await begins(company)
    await world.time_passes(world.now + timedelta(minutes=1))
    assert heads(ana) == ["Job swaps, round 3"]
    assert not mo.dm.unread
    await mo.presses("Go on asking me", on=told)
    assert mo.reads().startswith("I ask you again")
    forget(ana, mo, company)
    sales.unread.clear(), marketing.unread.clear()


async def test_rounds_begin_by_themselves_if_the_organiser_wants_it(world, company, sales, marketing):
    ona = await world.member("Ona", "marketing")
    await ona.types("/gemba settings")
    assert ona.reads().startswith("Only the organiser or an admin")
    await company.types("/gemba settings")
    await company.fills(every="4", formats=["half_day"], no_repeat="2")
    assert company.errors == {"starts_on": "On which day does the next one begin?"}
    await company.fills(starts_on="2026-12-02", organiser="U_ona")
    assert company.reads() == "Saved. It holds from the next round on."
    await ona.types("/gemba")
    assert "The next round begins on Wed 2 Dec 2026." in ona.reads()
    await world.time_passes(on(2, 10))
    assert "Signed up: 0 of sales" in ona.reads_dm().text
    assert "What there is: Half-day swap." in sales.reads().text
    marketing.reads()
    await company.types("/gemba now")
    assert "round 1" in company.reads()
    [gemba] = await rows(world, GembaRound)
    assert (gemba.no_repeat, gemba.begun_by) == (2, None)


async def test_the_organiser_sees_what_would_come_out_and_nobody_else_is_told(world, company, sales, marketing):
    ana, bo = await world.member("Ana", "sales"), await world.member("Bo", "sales")
    mo = await world.member("Mo", "marketing")
    _, organised = await begins(company)
    await join(world, [ana, bo], role="sdr", capacity=2)
    await join(world, [mo], wished_roles="sdr")
    await company.presses("Preview", on=organised)
    assert "Nobody else is told anything." in company.reads()
    await world.time_passes(world.now + timedelta(minutes=1))
    shown = company.reads_dm()
    assert "Round 1, tried out: 1 pair" in shown.text
    assert "Draw 1. The same sign-ups always make the same pairs." in shown.text
    [matched] = [each for each in (ana, bo) if f"{each.name} and Mo" in shown.text]
    assert "Mo wanted to see “Sales development (SDR)”" in shown.text
    assert f"{(ana if matched is bo else bo).name} would be told: “The numbers were uneven" in shown.text
    assert not any(member.dm.unread for member in (ana, bo, mo))
    assert not await rows(world, GembaSwap)
    await company.presses("Match now", on=shown)
    assert company.reads() == "I look for pairs now, and ask both of each."
    await world.time_passes(world.now + timedelta(hours=2))  # it is eight; all begin at nine
    assert (heads(mo), heads(matched)) == ([f"Swap with {matched.name}?"], ["Swap with Mo?"])
    assert "Draw 1." in organised.text
    forget(ana, bo)
    sales.unread.clear(), marketing.unread.clear()


async def test_whom_one_avoids_is_private_and_holds(world, company, sales, marketing):
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    await begins(company)
    await join(world, [mo])
    await signs_up(ana, "sdr", avoid="U_ana")
    assert ana.errors == {"avoid": "You are never matched with yourself."}
    await ana.fills(avoid="U_mo")
    told = ana.reads()
    assert "Whom I avoid: 1 person" in told
    assert "too few" not in told
    await world.time_passes(CLOSES + timedelta(minutes=5))
    for member in (ana, mo):
        told = member.reads_dm()
        assert "It did not work out this time." in told.text
    await ana.types("/gemba")
    await ana.presses("Whom I avoid", on=ana.replies.popleft())
    listed = ana.replies.popleft()
    await ana.presses("Take off the list", on=listed)
    assert ana.reads().startswith("There is nobody you would rather not meet.")
    await world.time_passes(CLOSES + timedelta(hours=2))
    assert heads(ana) == ["Swap with Mo?"]
    forget(mo)
    sales.unread.clear(), marketing.unread.clear()


async def test_what_cannot_be_is_said_beside_the_field(world, company, sales, marketing):
    await company.types("/gemba now")
    await company.fills(closes_on="2026-11-23")
    assert company.errors == {"closes_on": "Please leave people at least until tomorrow."}
    await company.fills(closes_on="2026-12-10")
    assert company.errors == {"first_on": "Visits begin after the sign-up: both have to say yes before."}
    await company.fills(closes_on="2026-11-30", last_on="2027-06-01")
    assert company.errors == {"last_on": "Please choose at most eight weeks for the visits."}
    await company.fills(last_on="2026-12-18")
    company.reads(), company.reads_dm(), sales.reads(), marketing.reads()
    ana = await world.member("Ana", "sales")
    await signs_up(ana, "sdr", where="here", place=None)
    assert ana.errors == {"place": "Where can you be visited? A town or an office will do."}
    await ana.fills(free=["2026-12-05am"], place="Berlin")
    assert list(ana.errors) == ["free"], "a Saturday"
    await ana.fills(free=["2026-12-07am"])
    told = ana.reads()
    assert "Free: Mon 7 Dec 2026, 09:00 to 13:00\n" in told
    assert "These half-days are too few for what you would do: a swap takes two, one visit each way." in told
    other = await world.member("Otto", "other")
    await other.types("/gemba")
    assert "[Sign up...]" not in other.reads(), "it is not for them"
    await other.presses("Sign up...", on=next(iter(sales.messages.values())))
    assert other.reads().startswith("Job swaps are between sales and marketing.")
    await ana.types("/gemba ideass")
    assert "Did you mean /gemba ideas?" in ana.reads()
