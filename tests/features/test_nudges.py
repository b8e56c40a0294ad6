"""Nudges: each step once, in private, while the person works, until somebody acts."""

from datetime import UTC, datetime

import pytest
from sqlmodel import update

from bot.erasure import Erasing
from storage.campaigns import Campaign
from storage.leads import Lead
from storage.nudges import Nudge
from tests.features.stories import a_lead, on_sqlite, rows


def at(day, hour, minute=0):
    """In November 2026, in UTC; the 23rd is a Monday, on which the world begins at 8:00."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
async def max_(world):
    return await world.member("Max", "sales", timezone="Europe/Berlin")


@pytest.fixture
async def ana(world, bo, max_):
    """She works from 8:00 to 16:00 UTC; Bo stands in for her, Max leads her."""
    links = {"stand_in_id": (await bo.row()).id, "manager_id": (await max_.row()).id}
    return await world.member("Ana", "sales", timezone="Europe/Berlin", **links)


@pytest.fixture
async def bo(world):
    return await world.member("Bo", "sales", timezone="Europe/Berlin")


async def test_the_person_at_half_and_at_the_end_then_the_stand_in_then_the_manager(world, ana, bo, max_, mo, leads):
    await a_lead(world, mo, leads, owner=ana)
    await world.time_passes(at(23, 9, 59))
    assert not ana.dm.unread
    await world.time_passes(at(23, 10))
    assert ana.reads_dm().text == (
        "L-1 · Acme Ltd waits for you\n"
        "To do: accept it, or say why not\n"
        "Half of the time is over. Deadline: 2026-11-23 12:00\n"
        "[Accept] [Reject...] [Show the lead]"
    )
    await world.time_passes(at(23, 12))
    assert (
        "waits for you\nTo do: accept it, or say why not\nThe time is over. Deadline: 2026-11-23 12:00"
        in ana.reads_dm().text
    )
    assert bo.reads_dm().text == (
        "L-1 · Acme Ltd waits for Ana\n"
        "To do: accept it, or say why not\n"
        "The time is over. Deadline: 2026-11-23 12:00\n"
        "You stand in for Ana, so you can do it too.\n"
        "[Accept] [Reject...] [Show the lead]"
    )
    assert not max_.dm.unread
    await world.time_passes(at(23, 14))
    assert max_.reads_dm().text == (
        "L-1 · Acme Ltd waits for Ana\n"
        "To do: accept it, or say why not\n"
        "The time is over. Deadline: 2026-11-23 12:00\n"
        "You read this, in private, because you lead the side or the person.\n"
        "[Show the lead]"
    )
    await world.time_passes(at(30, 20))
    assert [(n.step, n.member_id) for n in await rows(world, Nudge)] == [
        (50, (await ana.row()).id),
        (100, (await ana.row()).id),
        (100, (await bo.row()).id),
        (150, (await max_.row()).id),
    ]


async def test_a_nudge_has_the_button_to_act_and_acting_ends_it(world, ana, bo, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    await world.time_passes(at(23, 12, 30))
    half, over, of_bo = ana.reads_dm(), ana.reads_dm(), bo.reads_dm()
    await ana.presses("Accept", on=over)
    assert ana.reads().startswith("You accepted L-1")
    assert "Accepted, with @Ana" in card.text
    for nudge in (half, over, of_bo):
        assert nudge.text == "L-1 · Acme Ltd\nNothing to do here any more."
    await world.time_passes(at(25, 12))
    assert "To do: contact them for the first time" in ana.reads_dm().text, "the next clock runs"
    await ana.presses("I tried to reach them", on=card)
    ana.reads()
    await world.time_passes(at(30, 6))


async def test_what_anybody_of_sales_does_with_it_ends_the_nudges(world, ana, bo, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    world.passes(hours=1)
    await bo.reacts("eyes", on=card)
    await world.time_passes(at(30, 8))


async def test_what_marketing_does_or_what_was_taken_back_does_not(world, ana, bo, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    world.passes(hours=1)
    await mo.reacts("eyes", on=card)
    await bo.reacts("eyes", on=card)
    await bo.unreacts("eyes", on=card)
    await world.time_passes(at(23, 11))
    assert "waits for you" in ana.reads_dm().text


async def test_an_undone_acceptance_lets_the_nudges_go_on(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    world.passes(hours=1)
    await ana.presses("Accept", on=card)
    await ana.presses("Undo", on=ana.replies.popleft())
    assert "Undone" in ana.reads()
    await world.time_passes(at(23, 11))
    assert "accept it" in ana.reads_dm().text


async def test_nobody_hears_of_it_while_they_do_not_work(world, mo, leads):
    ny = await world.member("Ny", "sales", timezone="America/New_York")  # works from 14:00 UTC
    max_ = await world.member("Max", "sales", timezone="Asia/Tokyo")  # from 0:00 to 8:00 UTC
    links = {"stand_in_id": (await ny.row()).id, "manager_id": (await max_.row()).id}
    ana = await world.member("Ana", "sales", timezone="Europe/Berlin", **links)
    world.now = at(23, 15)
    await a_lead(world, mo, leads, owner=ana)
    await world.time_passes(at(24, 8, 59))
    assert not ana.dm.unread
    await world.time_passes(at(24, 9))
    ana.reads_dm()
    await world.time_passes(at(24, 13, 59))
    ana.reads_dm()
    assert not ny.dm.unread
    await world.time_passes(at(24, 14))
    ny.reads_dm()
    await world.time_passes(at(24, 23, 59))
    assert not max_.dm.unread
    await world.time_passes(at(25, 0))
    max_.reads_dm()


async def test_who_is_away_hears_nothing_and_who_leads_hears_of_it_when_back(world, ana, bo, max_, mo, leads):
    await max_.types("/parley me")
    await max_.fills(away_from="2026-11-23", away_until="2026-11-24")
    max_.reads()
    await a_lead(world, mo, leads, owner=ana)
    await world.time_passes(at(25, 7, 59))
    assert (len(ana.dm.unread), len(bo.dm.unread), len(max_.dm.unread)) == (2, 1, 0)
    ana.dm.unread.clear(), bo.dm.unread.clear()
    await world.time_passes(at(25, 8))
    assert "waits for Ana" in max_.reads_dm().text


async def test_a_question_pauses_the_nudges_and_its_answer_lets_them_go_on(world, ana, mo, leads):
    card, marketing = await a_lead(world, mo, leads, owner=ana), await world.channel("marketing")
    world.passes(hours=1)
    await ana.presses("Need info", on=card)
    await ana.fills(text="Which product?")
    ana.reads()
    await world.time_passes(at(24, 9))
    assert not ana.dm.unread
    await mo.presses("Answer...", on=marketing.reads())
    await mo.fills(text="The big pump")
    mo.reads(), ana.reads_dm()
    await world.time_passes(at(24, 9, 59))
    assert not ana.dm.unread
    await world.time_passes(at(24, 10))
    assert "Half of the time is over. Deadline: 2026-11-24 12:00" in ana.reads_dm().text


async def test_a_new_owner_hears_of_it_and_the_old_one_no_more(world, ana, bo, mo, leads):
    heard = await mo.writes("New lead: Acme Ltd\nOwner: Ana", leads)
    leads.reads()
    await world.time_passes(at(23, 10, 30))
    first = ana.reads_dm()
    cy = await world.member("Cy", "sales", timezone="Europe/Berlin")
    await mo.edits(heard, "New lead: Acme Ltd\nOwner: Cy")
    assert first.text == "L-1 · Acme Ltd\nNothing to do here any more."
    await world.time_passes(at(23, 10, 31))
    assert "Half of the time is over" in cy.reads_dm().text
    await world.time_passes(at(23, 12, 1))
    assert "The time is over." in cy.reads_dm().text


async def test_changed_hours_move_the_nudge(world, mo, leads):
    ana = await world.member("Ana", "sales", timezone="Europe/Berlin")
    await a_lead(world, mo, leads, owner=ana)
    await ana.types("/parley me")
    await ana.fills(work_starts="11:00", work_ends="19:00")
    ana.reads()
    await world.time_passes(at(23, 11, 59))
    assert not ana.dm.unread
    await world.time_passes(at(23, 12))
    assert "Half" in ana.reads_dm().text
    await ana.types("/parley me")
    await ana.fills(work_starts="06:00", work_ends="19:00")  # as if she had begun when the lead came, at 8:00 UTC
    ana.reads()
    await world.time_passes(at(23, 12, 1))
    assert "The time is over. Deadline: 2026-11-23 12:00" in ana.reads_dm().text


async def test_the_workspaces_zone_moves_those_of_people_without_their_own_and_of_no_other_workspace(world, mo, leads):
    ada = await world.member("Ada", is_admin=True)
    cy = await world.member("Cy", "sales")
    far, theirs = await world.member("Far", "sales", workspace="W2"), await world.channel("leads", workspace="W2")
    await a_lead(world, mo, leads, owner=cy)
    await far.types("/lead add Acme Ltd, webinar, <@U_far>")
    far.reads(), theirs.reads()
    await ada.types("/parley setup")
    await ada.presses("Time zone and language…", on=ada.replies.popleft())
    await ada.fills(timezone="America/New_York")
    ada.reads()
    await world.time_passes(at(23, 11))
    assert (len(far.dm.unread), len(cy.dm.unread)) == (1, 0)
    await world.time_passes(at(23, 16))
    far.dm.unread.clear()
    assert "Half" in cy.reads_dm().text


async def test_what_nobody_took_is_told_to_the_heads_of_the_side(world, bo, mo, leads):
    head = await world.member("Hana", "sales", is_head=True)
    await world.member("Hugo", "marketing", is_head=True)
    await a_lead(world, mo, leads)
    await world.time_passes(at(24, 9))
    assert head.reads_dm().text.startswith("Nobody has taken L-1 · Acme Ltd yet\n")


async def test_nobody_who_left_is_told(world, ana, bo, max_, mo, leads):
    head = await world.member("Hana", "sales", is_head=True)
    await a_lead(world, mo, leads, owner=ana)
    for gone in (ana, bo, max_):
        await world.changes(gone, belongs=False)
    await world.time_passes(at(24, 9))
    assert "waits for Ana" in head.reads_dm().text


@on_sqlite
async def test_after_five_in_a_day_the_rest_is_one_message_next_morning(world, mo, leads):
    ana = await world.member("Ana", "sales", timezone="Europe/Berlin")
    cards = [await a_lead(world, mo, leads, owner=ana, company=f"Company {n}") for n in range(8)]
    await world.time_passes(at(23, 11))
    for _n in range(5):
        assert "Half of the time" in ana.reads_dm().text
    await world.time_passes(at(23, 20))
    assert not ana.dm.unread
    await ana.presses("Accept", on=cards[7])
    ana.reads()
    await world.time_passes(at(24, 7, 59))
    assert not ana.dm.unread
    await world.time_passes(at(24, 8))
    said = ana.reads_dm()
    assert said.message.headline == "7 more things wait for you"
    assert "L-7 · Company 6" in said.text
    assert "Company 7" not in said.text, "she has accepted it"
    await ana.presses("Until when?", on=said)
    assert "4 working hours late" in ana.reads()
    await ana.presses("Accept", on=cards[6])
    ana.reads()
    assert said.message.headline == "6 more things wait for you", "it tells what is left"
    assert "Company 6" not in said.text
    await world.time_passes(at(24, 16))


@on_sqlite
async def test_what_was_too_much_for_a_day_waits_until_who_took_days_off_is_back(world, mo, leads):
    ana = await world.member("Ana", "sales", timezone="Europe/Berlin")
    for n in range(7):
        await a_lead(world, mo, leads, owner=ana, company=f"Company {n}")
    await world.time_passes(at(23, 15))
    assert len(ana.dm.unread) == 5
    ana.dm.unread.clear()
    await ana.types("/parley me")
    await ana.fills(away_from="2026-11-24", away_until="2026-11-25")
    ana.reads()
    await world.time_passes(at(26, 7, 59))
    assert not ana.dm.unread
    await world.time_passes(at(26, 8))
    assert ana.reads_dm().message.headline == "7 more things wait for you"


@on_sqlite
async def test_who_goes_away_for_years_hears_nothing_and_nothing_fails(world, mo, leads, caplog):
    ana = await world.member("Ana", "sales", timezone="Europe/Berlin")
    for n in range(7):
        await a_lead(world, mo, leads, owner=ana, company=f"Company {n}")
    await world.time_passes(at(23, 10, 30))
    assert len(ana.dm.unread) == 5
    ana.dm.unread.clear()
    await ana.types("/parley me")
    await ana.fills(away_from="2026-11-24", away_until="2030-01-01")
    ana.reads()
    await world.time_passes(at(30, 8))
    assert "failed" not in caplog.text
    ana.dm.unread.clear()


async def test_who_meant_to_be_away_for_days_and_wrote_years_hears_of_it_once_that_is_mended(world, mo, leads):
    ana = await world.member("Ana", "sales", timezone="Europe/Berlin")
    await a_lead(world, mo, leads, owner=ana)
    for until, now in (("2036-11-23", at(23, 12)), ("2026-11-23", at(24, 11))):
        await ana.types("/parley me")
        await ana.fills(away_from="2026-11-23", away_until=until)
        ana.reads()
        assert not ana.dm.unread
        await world.time_passes(now)
    assert "Half of the time is over. Deadline: 2026-11-24 12:00" in ana.reads_dm().text


async def erases(world, key):
    """As the command line does."""
    erasing = Erasing(world.registry, world.database, lambda: world.now, lambda: world.delivery.wake())
    [lead] = [each for each in await rows(world, Lead) if each.key == key]
    await erasing.finish(lead.workspace_id, await erasing.begin(lead.workspace_id, Lead, lead.id))
    await world.deliver()


async def test_an_erased_lead_goes_from_the_summary_that_named_it(world, mo, leads):
    ana = await world.member("Ana", "sales", timezone="Europe/Berlin")
    for n in range(7):
        await a_lead(world, mo, leads, owner=ana, company=f"Company {n}")
    await world.time_passes(at(24, 8))
    said = next(told for told in ana.dm.messages.values() if "more things wait" in told.text)
    assert "L-6 · Company 5" in said.text
    await erases(world, "L-6")
    assert "Company 5" not in said.text
    assert "L-7 · Company 6" in said.text
    for key in ("L-1", "L-2", "L-3", "L-4", "L-5", "L-7"):
        await erases(world, key)
    assert said.text == "Nothing to do here any more."
    ana.dm.unread.clear()


@on_sqlite
async def test_a_morning_with_too_many_nudges_of_its_own_does_not_put_off_what_was_held(world, mo, leads):
    ana = await world.member("Ana", "sales", timezone="Europe/Berlin")
    world.now = at(23, 14)
    for n in range(51):  # more than fall due in one transaction
        await mo.writes(f"New lead: Company {n}\nOwner: Ana", leads)
    world.now = at(23, 14, 10)
    for n in range(8):
        await mo.writes(f"New lead: Hot {n}\nOwner: Ana\nPriority: hot", leads)
    leads.unread.clear()
    await world.time_passes(at(23, 15))
    assert len(ana.dm.unread) == 5
    ana.dm.unread.clear()
    world.now = at(24, 8, 30)  # nobody looked during the night
    await world.timekeeper.run()
    await world.deliver()
    headlines = sorted(message.message.headline for message in ana.dm.unread)
    assert (len(headlines), headlines[0]) == (6, "8 more things wait for you")
    ana.dm.unread.clear()


@on_sqlite
async def test_marketing_is_nudged_as_sales_is(world, ana, mo, leads, marketing):
    head = await world.member("Hugo", "marketing", is_head=True)
    await a_lead(world, mo, leads, owner=ana)
    await ana.types("/leadfeedback L-1 R8 only three employees")
    ana.reads()
    case = marketing.reads()
    await world.time_passes(at(24, 13, 1))  # M1 began at 8:00, and is of a working day from 9:00 to 17:00
    nudge = head.reads_dm()
    assert "Nobody has taken outside the agreed customer profile (reject R8) yet" in nudge.text
    await mo.presses("Acknowledge", on=case)
    mo.reads()
    assert "Nothing to do here any more." in nudge.text
    await world.time_passes(at(27, 12))
    of_mo = mo.reads_dm()
    assert of_mo.buttons == ["Decide..."]
    await mo.presses("Decide...", on=of_mo)
    await mo.fills(text="We check the size", due_on="2026-12-01")
    mo.reads(), ana.reads_dm()
    leads.messages.clear()
    assert of_mo.text.endswith("Nothing to do here any more.")
    await world.time_passes(datetime(2026, 12, 20, tzinfo=UTC))


async def test_who_stands_in_for_a_campaigns_owner_may_do_what_they_are_asked_and_who_leads_is_only_told(
    world, ana, mo, leads, marketing
):
    sam, lee = await world.member("Sam", "other"), await world.member("Lee", "other")
    links = {"stand_in_id": (await sam.row()).id, "manager_id": (await lee.row()).id}
    olga = await world.member("Olga", "marketing", **links)
    await a_lead(world, mo, leads, owner=ana, campaign="Spring")
    owner_id = (await olga.row()).id
    await world.database.write(lambda session: session.exec(update(Campaign).values(owner_id=owner_id)))
    await ana.types("/leadfeedback L-1 R8 only three employees")
    ana.reads(), olga.reads_dm()
    await world.time_passes(at(24, 15))
    olga.dm.unread.clear(), ana.dm.unread.clear()
    of_sam, of_lee = sam.reads_dm(), lee.reads_dm()
    assert of_lee.buttons == []
    assert "You stand in for Olga, so you can do it too." in of_sam.text
    await sam.presses("Acknowledge", on=of_sam)
    assert sam.reads().startswith("Acknowledged")
    assert "Nothing to do here any more." in of_lee.text


async def test_what_was_done_before_the_nudge_could_be_sent_is_not_nudged_about(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    world.now = at(23, 10)
    await world.timekeeper.run()
    assert len(await rows(world, Nudge)) == 1
    await ana.presses("Accept", on=card)
    ana.reads()


async def test_after_a_long_silence_each_hears_only_of_the_last_step(world, ana, bo, max_, mo, leads):
    await a_lead(world, mo, leads, owner=ana)
    world.now = at(25, 9)  # nobody looked for two days
    await world.timekeeper.run()
    await world.timekeeper.run()
    await world.deliver()
    for person in (ana, bo, max_):
        assert "The time is over." in person.reads_dm().text
    await world.time_passes(at(30, 9))
