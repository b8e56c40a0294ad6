"""The daily digest: a morning in a channel, people who act on its items, and the next day that tells what became."""

import asyncio
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import insert, select

from bot.core.context import Context
from bot.core.events import ChannelChanged
from bot.core.timekeeper import Timekeeper
from bot.erasure import Erasing
from bot.features.digest.facts import from_json
from bot.features.leads.importing import Told, import_leads
from bot.purge import WORDS_KEPT, purge
from storage.calendars import HolidayCalendar, keep_holidays
from storage.channels import find_channel
from storage.digest import Digest, DigestAct, DigestItem, Outcome
from storage.digest_facts import COUNTED
from storage.leads import Lead, LeadEvent
from storage.schedules import Schedule
from storage.tables import _values
from storage.workspaces import Workspace
from tests.features.stories import a_lead, rows
from tests.world import plain

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
    assert "Accepted, with @Bo" in next(card for card in leads.messages.values() if "Free Ltd" in card.text).text
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
    said = ana.replies.popleft()
    assert said.headline == "Noted: L-1 · Done Ltd is done."
    assert "Done, says Ana." in done.text
    await ana.presses("Undo", on=said)
    assert ana.reads() == "Taken back: L-1 · Done Ltd"
    assert "Done, says" not in done.text
    await ana.presses("Done", on=done)
    await ana.presses("Done", on=done)
    assert ana.reads() == ana.reads()
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


async def test_the_items_come_in_the_order_in_which_it_is_worth_acting_on_them(world, ada, mo, ana, leads, marketing):
    sales = await world.channel("sales")
    await sets(world, ada, sales, at="16:00", sections=["items"])
    world.now = TUESDAY - timedelta(hours=1)
    await a_lead(world, mo, leads, owner=ana, company="Overdue Ltd")
    world.passes(hours=4)
    await a_lead(world, mo, leads, owner=ana, company="Half Ltd")
    await a_lead(world, mo, leads, company="Free Ltd")
    world.passes(hours=3, minutes=30)
    await mo.types("/lead add")
    await mo.fills(company="Hot Ltd", temperature="hot")
    mo.reads(), leads.reads()
    await a_lead(world, mo, leads, owner=ana, company="On its way Ltd")
    await world.time_passes(TUESDAY + timedelta(hours=7))
    names = [each.message.headline for each in reads_items(tells(sales))]
    assert names == ["L-4 · Hot Ltd", "L-1 · Overdue Ltd", "L-3 · Free Ltd", "L-2 · Half Ltd"]
    forget_private(ana, mo)


async def test_where_both_sides_talk_their_items_take_turns(world, ada, mo, ana, leads, marketing, shared):
    await sets(world, ada, shared)
    for code in ("M1", "M2", "M3", "M4", "M5", "M6"):
        await ana.types(f"/leadfeedback general {code} so they say")
    for n in range(6):
        await a_lead(world, mo, leads, owner=ana, company=f"Company {n}")
    marketing.unread.clear()
    await world.time_passes(WEDNESDAY + timedelta(days=1))
    shared.messages[shared.reads().ts].unread_replies.clear()
    shared.messages[shared.reads().ts].unread_replies.clear()
    names = [each.message.headline for each in reads_items(tells(shared))]
    assert sum(name.startswith("L-") for name in names) in (3, 4)
    assert len(names) == 7
    forget_private(ana, mo)


# The asker's own look, and settings


async def test_a_preview_is_for_the_asker_only_and_changes_nothing(world, ada, mo, ana, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Free Ltd")
    world.passes(minutes=5)
    await ana.types("/digest now", shared)
    text = ana.reads()
    assert text.startswith(
        "Fri 20 Nov 2026 to Mon 23 Nov 2026: 1 lead in, 0 accepted\nA preview: only you can see this."
    )
    assert "L-1 · Free Ltd  Nobody has taken it yet." in text
    assert await rows(world, Digest) == []
    await ana.types("/digest")
    overview = ana.reads()
    assert (
        "#alignment: at 09:00 (UTC), Monday, Tuesday, Wednesday, Thursday, and Friday; next 2026-11-24 09:00."
        in overview
    )
    assert "[Settings...]" not in overview
    await ana.types("/digest nwo")
    assert "Did you mean /digest now?" in ana.reads()
    forget_private(mo)


async def test_only_admins_change_settings_and_what_is_wrong_is_said_beside_the_field(world, ada, ana, leads, shared):
    await ana.types("/digest settings", shared)
    assert "Only an admin of Parley can change this." in ana.reads()
    channel = str(await id_of(world, shared))
    await ada.types("/digest settings", shared)
    assert ada.form.fields[0].initial == (channel,)
    await ada.fills(channels=None, at="09:00")
    assert ada.errors == {"channels": "Please choose a channel."}
    await ada.fills(channels=[channel], at="25:00")
    assert list(ada.errors) == ["at"]
    await ada.fills(at="09:00", sections=None)
    assert ada.errors == {"sections": "Please choose what is to be in it."}
    await ada.fills(channels=[str(await id_of(world, leads))], sections=["numbers"])
    assert "can have no digest" in ada.errors["channels"]
    await ada.fills(channels=[channel])
    assert ada.reads().startswith("Saved.\n#alignment: at 09:00")
    await ada.types("/digest settings", shared)
    await ada.fills(days=None)
    assert ada.reads().startswith("Saved.\n#alignment: no digest")
    assert await rows(world, Schedule) == []


async def test_an_admin_without_any_digest_is_shown_where_to_begin(world, ada, shared):
    assert "No channel gets the daily digest yet." in await ada.opens_home()
    await sets(world, ada, shared)
    assert "daily digest" not in await ada.opens_home()


async def test_two_channels_have_different_sections_and_items_of_their_side(world, ada, mo, ana, leads):
    sales, marketing = await world.channel("sales"), await world.channel("marketing")
    await sets(world, ada, sales, sections=["numbers", "items"])
    await sets(world, ada, marketing, at="10:00", sections=["codes", "items"])
    await a_lead(world, mo, leads, owner=ana, company="Acme Ltd")
    await ana.types("/leadfeedback general M2 too expensive")
    marketing.unread.clear()
    await world.time_passes(TUESDAY + timedelta(hours=2))
    forget_private(ana, mo)
    for_sales, for_marketing = tells(sales), tells(marketing)
    assert "Leads in: 1" in for_sales.text
    assert "What sellers said" not in for_sales.text
    assert [each.message.headline for each in reads_items(for_sales)] == ["L-1 · Acme Ltd"]
    assert for_marketing.message.headline == "Daily digest: Mon 23 Nov 2026"
    assert "Leads in" not in for_marketing.text
    assert "> too expensive" in for_marketing.text
    [case] = reads_items(for_marketing)
    assert case.message.headline == "M2 price objection"
    await mo.presses("I take it", on=case)
    mo.reads()
    assert "Mo takes it." in case.text
    assert "Nothing is left to do: acknowledged." in case.text
    assert "Decide..." in case.buttons
    forget_private(ana, mo)


async def test_an_empty_day_is_one_line_or_nothing(world, ada, shared):
    sales = await world.channel("sales")
    await sets(world, ada, shared, empty="say")
    await sets(world, ada, sales, empty="nothing")
    await world.time_passes(TUESDAY)
    assert tells(shared).text == "Mon 23 Nov 2026: a quiet time, nothing to report\n[Useful] [Not useful]"
    assert not sales.unread
    await world.time_passes(WEDNESDAY)
    assert "Tue 24 Nov" in tells(shared).text


# Days


async def test_after_a_weekend_it_tells_of_all_its_days_with_the_chart_of_the_week(world, ada, mo, leads, shared):
    await sets(world, ada, shared)
    await world.time_passes(datetime(2026, 11, 27, 12, tzinfo=UTC))  # Friday
    assert [tells(shared).message.headline[:10] for _day in range(4)][-1] == "Thu 26 Nov"
    await a_lead(world, mo, leads, company="Friday Ltd")
    await world.time_passes(datetime(2026, 11, 29, 12, tzinfo=UTC))
    assert not shared.unread
    await a_lead(world, mo, leads, company="Sunday Ltd")
    await world.time_passes(datetime(2026, 11, 30, 9, tzinfo=UTC))
    digest = tells(shared, items=False)
    assert digest.message.headline.endswith("to Sun 29 Nov 2026: 2 leads in, 0 accepted")
    assert "(Last week: Leads in, Accepted, Rejected, Won)" in digest.text
    await world.time_passes(datetime(2026, 12, 1, 9, tzinfo=UTC))
    digest = tells(shared, items=False)
    assert digest.message.headline == "Mon 30 Nov 2026: 0 leads in, 0 accepted"
    assert "Last week" not in digest.text


async def test_on_a_holiday_there_is_none_and_the_next_one_tells_of_it(world, ada, mo, leads, shared):
    await sets(world, ada, shared)
    holiday = HolidayCalendar(
        workspace_id=1, timezone="UTC", country="US", days="2026-11-25,2026-11-26", until=date(2027, 1, 1)
    )
    await world.database.write(lambda session: keep_holidays(session, [holiday]))
    await world.time_passes(WEDNESDAY - timedelta(hours=1))
    assert "Mon 23 Nov 2026" in tells(shared).text
    await a_lead(world, mo, leads, company="Acme Ltd")
    await world.time_passes(datetime(2026, 11, 27, 9, tzinfo=UTC))
    digest = tells(shared, items=False)
    assert digest.message.headline == "Tue 24 Nov 2026 to Thu 26 Nov 2026: 1 lead in, 0 accepted"
    assert "There was no digest" not in digest.text


async def test_two_hours_late_it_comes_and_says_so(world, ada, mo, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Acme Ltd")
    world.now = TUESDAY + timedelta(hours=2)
    await a_lead(world, mo, leads, company="Tuesday's Ltd")
    await world.timekeeper.run()
    await world.deliver()
    digest = tells(shared, items=False)
    assert "This comes 2 h 0 min late." in digest.text
    assert "Mon 23 Nov 2026: 1 lead in" in digest.text, "it tells of its own day"
    forget_private(mo)


async def test_seven_hours_late_it_is_skipped_which_the_next_one_says_and_makes_good(world, ada, mo, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Acme Ltd")
    world.now = datetime(2026, 11, 25, 16, tzinfo=UTC)  # Wednesday; Tuesday's never came either
    await world.timekeeper.run()
    await world.deliver()
    assert not shared.unread
    assert {digest.outcome for digest in await rows(world, Digest)} == {Outcome.SKIPPED}
    await world.time_passes(datetime(2026, 11, 26, 9, tzinfo=UTC))
    digest = tells(shared, items=False)
    assert "There was no digest on Tue 24 Nov 2026, Wed 25 Nov 2026: it would have come too late." in digest.text
    assert digest.message.headline == "Mon 23 Nov 2026 to Wed 25 Nov 2026: 1 lead in, 0 accepted"
    await world.time_passes(datetime(2026, 11, 27, 9, tzinfo=UTC))
    assert "There was no digest" not in tells(shared, items=False).text
    forget_private(mo)


@pytest.mark.parametrize(
    ("zone", "at", "around"),
    [
        ("Europe/Berlin", "02:30", date(2026, 10, 25)),  # shown twice
        ("Europe/Berlin", "02:30", date(2027, 3, 28)),  # skipped
        ("Africa/Cairo", "00:30", date(2027, 4, 30)),  # midnight itself is skipped
        ("America/New_York", "01:30", date(2026, 11, 1)),
    ],
)
async def test_exactly_one_comes_for_each_local_date_when_the_clocks_change(world, ada, shared, zone, at, around):
    world.now = datetime(around.year, around.month, around.day, 12, tzinfo=UTC) - timedelta(days=3)
    await ada.types("/parley setup")
    await ada.presses("Time zone and language…", on=ada.replies.popleft())
    await ada.fills(timezone=zone)
    ada.reads()
    await sets(world, ada, shared, at=at, days="1234567")
    await world.time_passes(world.now + timedelta(days=5))
    told = [(digest.local_on, digest.first_on) for digest in await rows(world, Digest)]
    assert told == [(on, on - timedelta(days=1)) for on in (around + timedelta(days=n) for n in range(-2, 3))]
    shared.unread.clear()


async def test_another_hour_or_zone_on_the_same_day_brings_no_second_one(world, ada, shared, caplog):
    await sets(world, ada, shared, at="09:00")
    await world.time_passes(TUESDAY)
    shared.unread.clear()
    await sets(world, ada, shared, at="11:00")
    await ada.types("/parley setup")
    await ada.presses("Time zone and language…", on=ada.replies.popleft())
    await ada.fills(timezone="America/New_York")
    ada.reads()
    [schedule] = await rows(world, Schedule)
    assert (schedule.timezone, schedule.wall) == ("America/New_York", "11:00")
    await sets(world, ada, shared, days="")
    await sets(world, ada, shared, at="20:00", days="1234567")
    await world.time_passes(WEDNESDAY - timedelta(hours=1))
    assert len(await rows(world, Digest)) == 1
    assert not shared.unread
    assert "digest failed" not in caplog.text, "it is known that this date has had its own"


# Nothing twice


async def test_two_processes_tell_it_once_and_a_restart_between_storing_and_posting_loses_nothing(
    world, ada, mo, leads, shared
):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Acme Ltd")
    world.now = TUESDAY
    other = Timekeeper(world.registry, world.database, lambda: world.now, lambda: None)
    await asyncio.gather(world.timekeeper.run(), other.run())
    assert len(await rows(world, Digest)) == 1
    world.starts_delivery()  # the one that was to post it is gone
    await world.deliver()
    assert [each.message.headline for each in reads_items(tells(shared))] == ["L-1 · Acme Ltd"]
    await other.run()
    await world.deliver()
    assert not shared.unread
    forget_private(mo)


# What is too long, what is read by others, what is erased


async def test_a_long_day_goes_on_on_further_pages(world, ada, mo, leads, marketing, shared):
    await sets(world, ada, shared, sections=["numbers", "codes"])
    sellers = [await world.member(f"Seller {n}", "sales") for n in range(3)]
    codes = ["M1", "M2", "M3", "M4", "M5", "M6", "M0"]
    for number, code in enumerate(codes):
        for seller in sellers:
            note = f"{seller.name} said of {number} " + '"&<' * 300
            await seller.types(f"/leadfeedback general {code} {note[:900]}")
            seller.reads()
    for number in range(8):
        await mo.types(f"/lead add Company {number}, source {number}")
        mo.reads()
    await world.time_passes(TUESDAY)
    digest = tells(shared, items=False)
    assert digest.text.count(" 3 times") == 5
    assert "others | 3 | 0 | 0 | 0 | 0" in digest.text
    assert digest.buttons == ["Useful", "Not useful", "Show more"]
    ana = sellers[0]
    await ana.presses("Show more", on=digest)
    page = ana.replies.popleft()
    text = plain(page)
    assert "All sources" in text
    assert "source 7 | 1" in text
    assert text.count(" 3 times") == 2
    marketing.unread.clear(), leads.unread.clear()
    forget_private(mo, *sellers)


async def test_where_others_read_along_only_figures_stand(world, ada, mo, ana, leads, marketing):
    open_to_all = await world.channel("shared", "with-agency", is_shared=True, is_allowed=True)
    await sets(world, ada, open_to_all)
    await a_lead(world, mo, leads, owner=ana, company="Acme Ltd")
    await ana.types("/leadfeedback L-1 R8 only three employees")
    marketing.unread.clear()
    await world.time_passes(TUESDAY)
    digest = tells(open_to_all)
    assert "Rejected: 1" in digest.text
    assert "three employees" not in digest.text
    assert "Marketing  1 running" in digest.text
    assert not digest.unread_replies
    agent = world.newcomer("Agent", belongs=False)
    await agent.presses("Useful", on=digest)
    assert "This is for members of the company" in agent.reads()
    forget_private(ana, mo)


async def test_where_parley_must_not_speak_there_is_no_digest(world, ada, shared):
    await sets(world, ada, shared)
    agency = await world.channel("shared", "with-agency", is_shared=True, is_allowed=False)
    await ada.types("/digest settings", shared)
    assert [option.label for option in ada.form.fields[0].options] == ["#alignment"]
    ada.form = None
    await world.tells(ada, ChannelChanged(shared.external_id, is_shared=True))
    await world.time_passes(TUESDAY)
    assert not shared.unread
    assert not agency.unread
    assert await rows(world, Digest) == []
    forget_private(ada)


async def test_the_words_of_somebody_erased_disappear(world, ada, mo, ana, bo, leads, marketing, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Acme Ltd")
    await ana.types("/leadfeedback general M2 nobody pays that")
    marketing.unread.clear()
    await world.time_passes(TUESDAY)
    digest = tells(shared)
    acme = item(digest, "Acme")
    await ana.presses("Looking", on=acme)
    ana.reads()
    reads_items(digest)
    assert "> nobody pays that" in digest.text
    erasing = Erasing(world.registry, world.database, lambda: world.now, lambda: world.delivery.wake())
    row = await ana.row()
    await erasing.finish(1, await erasing.begin(1, type(row), row.id))
    await world.deliver()
    assert "nobody pays that" not in digest.text
    assert "M2 price objection  1 time" in digest.text, "it is still counted"
    assert "Ana" not in acme.text
    [lead] = await rows(world, Lead)
    await erasing.finish(1, await erasing.begin(1, Lead, lead.id))
    await world.deliver()
    assert acme.message.headline == "L-1"
    assert "not there any more" in acme.text
    forget_private(ana, mo)


async def test_words_that_are_taken_back_are_not_repeated(world, ada, ana, marketing, shared):
    await sets(world, ada, shared)
    world.now = TUESDAY - timedelta(hours=2)
    await ana.types("/leadfeedback general M2 nobody pays that")
    said = ana.replies.popleft()
    marketing.unread.clear()
    await world.time_passes(TUESDAY)
    tells(shared, items=False)
    await world.time_passes(TUESDAY + timedelta(hours=1))
    await ana.types("/digest now", shared)
    assert "nobody pays that" in ana.reads()
    await ana.presses("Undo", on=said)
    ana.replies.clear()
    await ana.types("/digest now", shared)
    assert "M2" not in ana.reads()


async def test_whether_it_was_useful_is_counted_once_for_everybody(world, ada, ana, bo, shared):
    await sets(world, ada, shared)
    await world.time_passes(TUESDAY)
    digest = tells(shared)
    await ana.reacts("+1", on=digest)
    await bo.presses("Useful", on=digest)
    assert bo.reads() == "Thank you, noted."
    await bo.reacts("-1", on=digest)
    await ana.types("/digest", shared)
    assert "The last one: useful, say 1; not useful, say 1." in ana.reads()
    await bo.unreacts("-1", on=digest)
    await ana.types("/digest", shared)
    assert "useful, say 1; not useful, say 0." in ana.reads()


async def test_old_digests_are_forgotten_with_all_that_belongs_to_them(world, ada, mo, ana, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, owner=ana, company="Acme Ltd")
    await world.time_passes(TUESDAY)
    digest = tells(shared)
    acme = item(digest, "Acme")
    await ana.reacts("raising_hand", on=acme)
    await ana.reacts("+1", on=digest)
    await world.time_passes(WEDNESDAY)
    shared.unread.clear()
    digest.unread_replies.clear()
    world.now += WORDS_KEPT + timedelta(minutes=1)
    await purge(world.database, world.now)
    for table in (Digest, DigestItem, DigestAct):
        assert await rows(world, table) == []
    forget_private(ana)
    await ana.reacts("eyes", on=acme)
    assert ana.reads_dm().text == "This item is too old."
    forget_private(ana, mo)


async def test_workspaces_do_not_meet(world, ada, mo, ana, leads, marketing, shared):
    """What happens in one is not told, and not put aside, in the other."""
    await sets(world, ada, shared)
    await world.workspace("W2")
    people = [await world.member(name, side, workspace="W2") for name, side in (("Cy", "sales"), ("Di", "marketing"))]
    cy, di = people
    eve = await world.member("Eve", "other", workspace="W2", is_admin=True)
    theirs = [await world.channel(purpose, workspace="W2") for purpose in ("leads", "marketing", "shared")]
    await cy.types("/lead add Their Ltd, fair")
    await cy.types("/leadfeedback general M2 nobody pays that")
    await di.presses("Decide...", on=theirs[1].reads())
    await di.fills(text="We change the price", due_on="2026-12-01")

    def imports(session):
        tenant = session.exec(select(Workspace).where(Workspace.external_id == "W2")).one()
        ctx = Context(session, tenant, None, world.now, "import", world.registry)
        import_leads(ctx, [Told(1, "CRM-1", {"source": "list"})])

    await world.database.write(imports)
    await eve.types("/digest settings", theirs[2])
    await eve.fills()
    await world.time_passes(TUESDAY)
    ours, other = tells(shared), tells(theirs[2])
    assert "quiet time" in ours.text
    assert "Leads in: 1" in other.text
    assert "Not counted: 1 lead imported" in other.text
    assert "M2 price objection (1): We change by Tue 1 Dec 2026: We change the price" in other.text
    await cy.presses("Done", on=item(other, "Their Ltd"))
    reads_items(other)
    await a_lead(world, mo, leads, owner=ana, company="Our Ltd")
    await world.time_passes(WEDNESDAY)
    assert [each.message.headline for each in reads_items(tells(shared))] == ["L-1 · Our Ltd"]
    for channel in theirs:
        channel.unread.clear()
    forget_private(ana, mo, cy, di, eve)


# Its figures are those of the log


@pytest.mark.parametrize("seed", range(4))
async def test_the_figures_equal_a_count_over_the_log_of_events(world, ada, leads, shared, seed):
    chance, berlin = random.Random(seed), ZoneInfo("Europe/Berlin")
    kinds = ["add", "hand_off", "accept", "attempt", "reject", "recycle", "win", "look", "update", "wake"]
    begin = datetime(2026, 10, 22, 22, tzinfo=UTC)  # the clocks go back on the 25th

    leads_of = [
        {
            "id": number, "workspace_id": 1, "key": f"K{number}", "key_folded": f"k{number}", "company": "C",
            "company_folded": "c", "source": chance.choice(["web", "fair", None]), "state": "NEW", "created_at": begin,
        }
        for number in range(1, 41)
    ]  # fmt: skip
    events = []
    for number in range(1, 401):
        event = {
            "id": number, "workspace_id": 1, "lead_id": chance.randint(1, 40), "cycle": 1, "state": "NEW",
            "kind": chance.choice(kinds), "via": chance.choice(["button", "message", "webhook", "import"]),
            "at": begin + timedelta(minutes=chance.randint(0, 6 * 1440)), "reverses_id": None, "replaced": "{}",
        }  # fmt: skip
        if number > 10 and chance.random() < 0.15:
            undone = chance.choice(events)
            event |= {"kind": "undo", "lead_id": undone["lead_id"], "reverses_id": undone["id"]}
            event["at"] = max(undone["at"], event["at"])
        events.append(event)

    def work(session):
        session.get_one(Workspace, 1).timezone = berlin.key
        session.connection().execute(insert(Lead), [{**_values(Lead(**lead)), **lead} for lead in leads_of])
        session.connection().execute(insert(LeadEvent), events)

    await world.database.write(work)
    log, all_leads = await rows(world, LeadEvent), {lead.id: lead for lead in await rows(world, Lead)}
    undone = {event.reverses_id for event in log}
    world.now = begin
    await sets(world, ada, shared, days="1234567", sections=["numbers", "week"])
    await world.time_passes(begin + timedelta(days=6, hours=12))
    told = await rows(world, Digest)
    shared.unread.clear()
    assert len(told) == 7
    for digest in told:
        expected = Counter()
        for event in log:
            on = event.at.astimezone(berlin).date()
            if digest.first_on <= on < digest.local_on and event.id not in undone and event.via != "import":
                expected[all_leads[event.lead_id].source, event.kind] += 1
        facts = from_json(digest.facts)
        found = {(each.name, kind): n for each in facts.sources for kind, n in zip(COUNTED, each.counts, strict=True)}
        assert {key: n for key, n in found.items() if n} == {k: n for k, n in expected.items() if k[1] in COUNTED}
        for day in facts.week:
            of_day = [e for e in log if e.at.astimezone(berlin).date() == day.on and e.via != "import"]
            counts = Counter(event.kind for event in of_day if event.id not in undone)
            assert day.counts == tuple(counts[kind] for kind in COUNTED)
    assert any(digest for digest in told if from_json(digest.facts).week)
