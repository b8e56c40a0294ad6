"""The daily digest: a morning in a channel, people who act on its items, and the next day that tells what became."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from storage.calendars import HolidayCalendar, keep_holidays
from storage.channels import find_channel
from storage.digest import Digest, DigestAct, DigestItem, Outcome
from storage.leads import Lead
from storage.outbox import Kind, OutboxRow
from storage.schedules import Schedule
from tests.features.stories import a_lead, rows

MONDAY, TUESDAY, WEDNESDAY = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (23, 24, 25))
EVERYTHING = ["numbers", "codes", "clocks", "receipts", "praise", "items", "week"]
DEEDS = ["I take it", "Done", "Looking", "Not today"]


@pytest.fixture
async def ada(world):
    world.now = MONDAY + timedelta(hours=1)  # today's digest would have come already
    return await world.member("Ada", "other", is_admin=True)


@pytest.fixture
async def shared(world):
    return await world.channel("shared", "alignment")


async def sets(world, ada, *channels, at="09:00", days="12345", sections=EVERYTHING, empty="say"):
    """An admin lets these channels have a digest."""
    ids = [str(await id_of(world, channel)) for channel in channels]
    await ada.types("/digest settings", channels[0])
    await ada.fills(channels=ids, at=at, days=list(days), sections=list(sections), empty=empty)
    assert ada.errors == {}
    return ada.reads()


async def id_of(world, channel):
    return (await world.database.read(lambda session: find_channel(session, 1, channel.external_id))).id


def reads_items(digest):
    """The open items in the thread of a digest."""
    found = list(digest.unread_replies)
    digest.unread_replies.clear()
    return found


def item(digest, word):
    """The open item that is about this."""
    [found] = [reply for reply in digest.unread_replies if word in reply.message.headline]
    digest.unread_replies.remove(found)
    return found


def tells(channel, items=True):
    """The next digest in a channel; its items are left to be read if wanted."""
    digest = channel.reads()
    if not items:
        digest.unread_replies.clear()
    return digest


def forget_private(*people):
    """What else people are told in private, such as nudges, is not what these stories are about."""
    for person in people:
        person.dm.unread.clear()
        person.replies.clear()


async def test_a_normal_morning_with_seven_items(world, ada, mo, ana, leads, marketing, shared):
    await sets(world, ada, shared)
    cards = [await a_lead(world, mo, leads, owner=ana, company=f"Company {n}") for n in range(6)]
    await a_lead(world, mo, leads, company="Nobody's Ltd")
    await a_lead(world, mo, leads, company="Nobody Else's Ltd")
    await ana.types("/leadfeedback L-1 R8 only three employees")
    await ana.types("/leadfeedback L-2 R8 two people and a dog")
    await ana.types("/leadfeedback L-3 W1 spoke to the head of quality")
    await ana.presses("Accept", on=cards[3])
    marketing.unread.clear()

    await world.time_passes(TUESDAY)
    digest = tells(shared)
    assert digest.message.headline == "Mon 23 Nov 2026: 8 leads in, 1 accepted"
    assert "Leads in: 8\nAccepted: 1\nRejected: 2\nNot now: 0\nWon: 0" in digest.text
    assert "What sellers said\nR8 outside the agreed customer profile  2 times\n> two people and a dog" in digest.text
    assert "Sales  6 running: 5 past their time, 0 past half of it" in digest.text
    assert "Praise\nW1 right person  1 time\n> spoke to the head of quality" in digest.text
    assert "7 open items are in the thread." in digest.text
    assert "late" not in digest.text
    found = reads_items(digest)
    assert len(found) == 7
    assert all(each.buttons[:4] == DEEDS for each in found)
    assert not any("Ana" in each.text for each in found), "nobody is named in public for being late"
    assert digest.buttons == ["Useful", "Not useful"]
    forget_private(ana, mo)


async def test_people_react_and_the_next_digest_tells_what_became(world, ada, mo, ana, bo, leads, marketing, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Free Ltd")
    await a_lead(world, mo, leads, company="Also Free Ltd")
    await a_lead(world, mo, leads, company="Left Ltd")
    owned = await a_lead(world, mo, leads, owner=ana, company="Ana's Ltd")
    await ana.presses("Need info", on=owned)
    await ana.fills(text="Which pump?")
    asked = marketing.reads()
    await world.time_passes(TUESDAY)
    forget_private(ana, bo, mo)
    digest = tells(shared)
    free, also, left, question = (item(digest, word) for word in ("L-1 ·", "L-2 ·", "L-3 ·", "L-4 ·"))
    assert "Nobody has taken it yet." in free.text
    assert "> Which pump?" in question.text

    await bo.reacts("raising_hand", on=free)
    assert "Bo takes it." in free.text
    assert "Nothing is left to do: accepted." in free.text
    assert "Accepted, with @Bo" in [card for card in leads.messages.values() if "Free Ltd" in card.text][0].text
    await ana.reacts("raising_hand", on=free)
    assert ana.reads_dm().text == "Bo has taken it already."
    await bo.reacts("raising_hand", on=also)
    await bo.unreacts("raising_hand", on=also)
    assert "Bo takes it." not in also.text
    assert "I take it" in also.buttons
    await ana.reacts("eyes", on=also)
    assert "Looking at it: Ana" in also.text
    await bo.reacts("zzz", on=left)
    assert "Not today, says Bo." in left.text
    await ana.reacts("white_check_mark", on=question)
    assert "Marketing answers this." in ana.reads_dm().text
    await mo.presses("I take it", on=question)
    assert mo.reads() == "You take L-4 · Ana's Ltd.\n[Undo]"
    await mo.presses("Answer...", on=question)
    await mo.fills(text="The big one")
    assert "Thank you" in mo.reads()
    ana.reads_dm()
    assert "Nothing is left to do: answered." in question.text
    assert "The big one" in asked.text

    await world.time_passes(WEDNESDAY)
    became = tells(shared, items=False).text
    assert "What became of the last open items" in became
    assert "L-1 · Free Ltd  accepted; Bo took it" in became
    assert "L-2 · Also Free Ltd  still open; somebody looked at it" in became
    assert "L-3 · Left Ltd  still open; put off for the day" in became
    assert "L-4 · Ana's Ltd  answered; Mo took it" in became
    forget_private(ana, bo, mo)


async def test_taking_back_gives_a_lead_back_only_if_nothing_happened_since(world, ada, mo, bo, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Free Ltd")
    await world.time_passes(TUESDAY)
    free = item(tells(shared), "L-1 ·")
    await bo.reacts("raising_hand", on=free)
    card = next(card for card in leads.messages.values() if "Free Ltd" in card.text)
    await bo.presses("I tried to reach them", on=card)
    bo.reads()
    await bo.unreacts("raising_hand", on=free)
    assert bo.reads_dm().text == "You did something later with this lead; undo that first."
    assert "Bo takes it." in free.text
    [lead] = await rows(world, Lead)
    assert lead.state == "ATTEMPTING"
    forget_private(bo, mo)


async def test_what_is_done_leaves_and_what_is_not_for_today_comes_back_tomorrow(world, ada, mo, ana, leads, shared):
    await sets(world, ada, shared)
    for company in ("Done Ltd", "Later Ltd", "Third Ltd"):
        await a_lead(world, mo, leads, owner=ana, company=company)
    await world.time_passes(TUESDAY)
    digest = tells(shared)
    done, later, _third = (item(digest, word) for word in ("Done Ltd", "Later Ltd", "Third Ltd"))
    await ana.presses("Done", on=done)
    assert "Noted: L-1 · Done Ltd is done." in ana.reads()
    await ana.presses("Not today", on=later)
    ana.reads()
    await ana.types("/digest now", shared)
    open_now = ana.reads().split("Open items\n")[1]
    assert "Third Ltd" in open_now
    assert "Done Ltd" not in open_now
    assert "Later Ltd" not in open_now
    await world.time_passes(WEDNESDAY)
    named = [each.message.headline for each in reads_items(tells(shared))]
    assert named == ["L-2 · Later Ltd", "L-3 · Third Ltd"]
    forget_private(ana, mo)


async def test_others_than_those_who_decide_can_look_and_no_more(world, ada, mo, ana, bo, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, owner=ana, company="Ana's Ltd")
    await world.time_passes(TUESDAY)
    anas = item(tells(shared), "L-1 ·")
    for name in ("raising_hand", "white_check_mark", "zzz"):
        await bo.reacts(name, on=anas)
        assert "decide" in bo.reads_dm().text
    await bo.reacts("eyes", on=anas)
    assert "Looking at it: Bo" in anas.text
    assert len(await rows(world, DigestAct)) == 1
    await world.changes(ana, stand_in_id=(await bo.row()).id)
    await bo.presses("I take it", on=anas)
    bo.reads()
    [lead] = await rows(world, Lead)
    assert (lead.owner_id, lead.state) == ((await bo.row()).id, "ACCEPTED")
    forget_private(ana, bo, mo)
