"""Clocks in both directions: what waits for whom and until when, in each reader's own working time."""

from datetime import UTC, date, datetime

import pytest

from storage.calendars import HolidayCalendar, keep_holidays
from tests.features.stories import a_lead, on_sqlite

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)  # when the world begins


@pytest.fixture
async def ana(world):
    """Her day begins at 9:00 in Berlin, which is when the world begins."""
    return await world.member("Ana", "sales", timezone="Europe/Berlin")


def clocks(home):
    """The lines about clocks in somebody's home."""
    return [line for line in home.split("\n") if " · due" in line or " late" in line or " · waits for" in line]


async def test_a_seller_sees_what_waits_until_when_in_their_own_time(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    assert clocks(await ana.opens_home()) == ["L-1 · Acme Ltd  accept it, or say why not · due today 13:00"]
    world.passes(hours=4, minutes=25)
    assert clocks(await ana.opens_home()) == ["L-1 · Acme Ltd  accept it, or say why not · 25 minutes late"]
    world.passes(hours=21)  # Tuesday, 10:25
    assert clocks(await ana.opens_home()) == ["L-1 · Acme Ltd  accept it, or say why not · 5 working hours late"]
    await ana.presses("Accept", on=card)
    ana.reads()
    assert clocks(await ana.opens_home()) == [
        "L-1 · Acme Ltd  contact them for the first time · due Fri 27 Nov 2026 10:25"
    ]


async def test_the_most_urgent_comes_first_and_lead_shows_it_too(world, ana, mo, leads):
    await a_lead(world, mo, leads, owner=ana, company="Slow Ltd")
    await mo.types("/lead add")
    await mo.fills(company="Hot Ltd", owner="U_ana", temperature="hot")
    mo.reads(), leads.reads()
    await ana.types("/lead")
    said = ana.replies.popleft()
    lines = [part for part in map(world_line, said.parts) if " · due" in part]
    assert [line.split("  ")[0] for line in lines] == ["L-2 · Hot Ltd", "L-1 · Slow Ltd"]
    await ana.presses("L-2", on=said)
    assert "Hot Ltd" in ana.reads()


def world_line(part):
    return "".join(getattr(span, "text", span) for span in getattr(part, "spans", ()) if not hasattr(span, "at"))


@on_sqlite
async def test_ten_are_shown_and_all_are_a_press_away(world, ana, mo, leads):
    for n in range(12):
        await a_lead(world, mo, leads, owner=ana, company=f"Company {n}")
    assert len(clocks(await ana.opens_home())) == 10
    await ana.types("/lead")
    await ana.presses("Show all", on=ana.replies.popleft())
    assert len(clocks(ana.reads())) == 12


async def test_what_nobody_has_taken_waits_for_everybody_of_the_side(world, ana, bo, mo, leads):
    await a_lead(world, mo, leads)
    assert clocks(await bo.opens_home()) == ["L-1 · Acme Ltd  accept it, or say why not · due today 13:00"]
    assert len(clocks(await ana.opens_home())) == 1
    assert clocks(await mo.opens_home()) == []


async def test_a_stand_in_sees_the_clocks_too(world, bo, mo, leads):
    ana = await world.member("Ana", "sales", stand_in_id=(await bo.row()).id)
    await a_lead(world, mo, leads, owner=ana)
    home = await bo.opens_home()
    [clock] = clocks(home)
    assert clock.endswith("due today 13:00 · waits for Ana")
    assert "L-1 · Acme Ltd  waiting to be accepted, with Ana" in home
    assert "Ana" not in await ana.opens_home()


async def test_marketing_has_its_clocks(world, ana, mo, leads, marketing):
    of_lead = await a_lead(world, mo, leads, owner=ana)
    await ana.types("/leadfeedback L-1 R8 only three employees")
    ana.reads()
    card = marketing.reads()
    assert "Acknowledge it, to say that you have seen it. Deadline: 2026-11-23 17:00" in card.text
    assert clocks(await mo.opens_home())[0].endswith("acknowledge it (say that you have seen it) · due today 17:00")
    assert clocks(await ana.opens_home()) == []
    await mo.presses("Acknowledge", on=card)
    mo.reads()
    assert "Deadline to decide: 2026-11-27 17:00" in card.text
    assert clocks(await mo.opens_home())[0].endswith("decide · due Fri 27 Nov 2026 17:00")
    await mo.types("/lead")
    [button] = [label for label in said_buttons(mo) if label.startswith("Decide: outside the agreed customer")]
    await mo.presses(button, on=mo.replies.popleft())
    await mo.fills(text="We check the size", due_on="2026-12-01")
    mo.reads(), ana.reads_dm(), of_lead.reads_reply()
    assert clocks(await mo.opens_home()) == []


def said_buttons(member):
    message = member.replies[0]
    return [button.label for part in message.parts if part.kind == "buttons" for button in part.row]


async def test_the_card_promises_how_long_until_the_clock_runs_then_until_when(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    assert "To be accepted within 4 working hours of this message." in card.text
    await ana.types("/lead L-1")
    assert "Deadline to accept it: 2026-11-23 12:00" in ana.reads()
    await ana.presses("Accept", on=card)
    ana.reads()
    assert "Deadline for the first contact: 2026-11-25 16:00" in card.text


async def test_twenty_four_working_hours_are_capped_at_three_days(world, ana, mo, leads):
    world.now = datetime(2026, 11, 26, 8, tzinfo=UTC)  # a Thursday
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.presses("Accept", on=card)
    ana.reads()
    assert "Deadline for the first contact: 2026-11-29 08:00" in card.text


async def test_need_info_stops_the_time(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    marketing = await world.channel("marketing")
    world.passes(hours=1)
    await ana.presses("Need info", on=card)
    await ana.fills(text="Which product?")
    ana.reads()
    assert clocks(await ana.opens_home())[0].endswith("· waits for marketing's answer")
    world.passes(hours=26)
    await mo.presses("Answer...", on=marketing.reads())
    await mo.fills(text="The big pump")
    mo.reads(), ana.reads_dm()
    assert clocks(await ana.opens_home())[0].endswith("· due today 15:00")
    assert "Deadline to accept it: 2026-11-24 14:00" in card.text


async def test_where_no_zone_is_known_it_is_utc(world, mo, leads):
    cy = await world.member("Cy", "sales", timezone="Mars/Olympus")
    await a_lead(world, mo, leads, owner=cy)
    assert clocks(await cy.opens_home())[0].endswith("due today 13:00")


async def test_on_days_off_no_time_passes_also_once_they_are_over(world, ana, mo, leads):
    await a_lead(world, mo, leads, owner=ana)
    world.passes(hours=1)
    await ana.types("/parley me")
    await ana.fills(away_from="2026-11-24", away_until="2026-11-25")
    ana.reads()
    world.passes(days=2, hours=23)  # Thursday, 9:00
    assert clocks(await ana.opens_home())[0].endswith("4 working hours late"), "those of Monday"


async def test_on_days_off_the_three_days_of_the_cap_do_not_pass_either(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.types("/parley me")
    await ana.fills(away_from="2026-11-24", away_until="2026-12-04")
    ana.reads()
    await ana.presses("Accept", on=card)
    ana.reads()
    assert "Deadline for the first contact: 2026-12-07 08:00" in card.text, (
        "15 of the 72 hours passed on Monday, 57 from Saturday on"
    )


async def test_on_holidays_no_time_passes(world, ana, mo, leads):
    workspace_id = await world.workspace()
    christmas = {"timezone": "Europe/Berlin", "days": "2026-12-25,2026-12-26", "until": date(2028, 12, 31)}
    kept = HolidayCalendar(workspace_id=workspace_id, **christmas)
    await world.database.write(lambda session: keep_holidays(session, [kept]))
    world.now = datetime(2026, 12, 24, 14, tzinfo=UTC)  # Thursday, 15:00 in Berlin
    await a_lead(world, mo, leads, owner=ana)
    assert clocks(await ana.opens_home()) == ["L-1 · Acme Ltd  accept it, or say why not · due Mon 28 Dec 2026 11:00"]
