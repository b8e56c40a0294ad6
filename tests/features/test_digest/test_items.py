"""A morning with open items, people who act on them, and the next morning, which tells what became of them."""

from datetime import timedelta

from storage.clocks import Clock, start_clock
from storage.digest import DigestAct
from storage.leads import Lead
from tests.features.stories import a_lead, on_sqlite, rows
from tests.features.test_digest.mornings import (
    DEEDS,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    forget_private,
    item,
    reads_items,
    sets,
    tells,
)


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
    assert "Leads in: 8\nAccepted: 1\nRejected: 2\nNot now: 0\nWon: 0\nSource: webinar" in digest.text
    assert (
        "What sellers said\noutside the agreed customer profile (reject R8)  2 times\n> two people and a dog"
        in digest.text
    )
    assert "Sales  6 to do: 5 overdue" in digest.text
    assert "Praise\nright person (good W1)  once\n> spoke to the head of quality" in digest.text
    assert "The 7 most urgent open items are in the thread." in digest.text
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
    on_its_way = Clock(workspace_id=1, kind="M3", subject="decision", subject_id=1, policy="5m", started_at=world.now)
    await world.database.write(lambda session: start_clock(session, on_its_way))
    await world.time_passes(TUESDAY)
    forget_private(ana, bo, mo)
    digest = tells(shared)
    assert "Marketing" not in digest.text, "nobody can do anything about an answer on its way"
    assert "Sales  3 to do: 3 overdue" in digest.text, "not what waits for marketing's answer"
    free, also, left, question = (item(digest, word) for word in ("L-1 ·", "L-2 ·", "L-3 ·", "L-4 ·"))
    assert "Nobody has taken it yet." in free.text
    assert "> Which pump?" in question.text

    await bo.reacts("raising_hand", on=free)
    assert "Taken by Bo." in free.text
    assert "Settled: accepted." in free.text
    assert "Accepted, with @Bo" in next(card for card in leads.messages.values() if "Free Ltd" in card.text).text
    await ana.reacts("raising_hand", on=free)
    assert ana.reads_dm().text == "Bo has taken it already."
    await bo.reacts("raising_hand", on=also)
    await bo.unreacts("raising_hand", on=also)
    assert "Taken by Bo." not in also.text
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
    assert "Settled: answered." in question.text
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
    assert "Taken by Bo." in free.text
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
    digest = tells(shared)
    assert "L-1 · Done Ltd  done, says Ana\n" in digest.text, "nobody is told in public to be late"
    assert [each.message.headline for each in reads_items(digest)] == ["L-2 · Later Ltd", "L-3 · Third Ltd"]
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


@on_sqlite
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


@on_sqlite
async def test_who_says_in_the_digest_what_becomes_of_it_is_not_nudged_about_it(world, ada, mo, ana, leads, shared):
    await sets(world, ada, shared, at="13:00", sections=["items"])
    for company in ("Later Ltd", "Done Ltd", "Seen Ltd", "Unseen Ltd"):
        await a_lead(world, mo, leads, owner=ana, company=company)
    await world.time_passes(MONDAY + timedelta(hours=4))  # the half of the time was over at 12:00
    later, done, seen, unseen = reads_items(tells(shared))
    forget_private(ana)
    await ana.presses("Not today", on=later)
    await ana.reacts("white_check_mark", on=done)
    await ana.reacts("eyes", on=seen)
    await ana.reacts("eyes", on=unseen)
    await mo.presses("Looking", on=unseen)
    await world.time_passes(MONDAY + timedelta(hours=4, minutes=30))
    await ana.unreacts("eyes", on=unseen)
    forget_private(ana, mo)
    await world.time_passes(MONDAY + timedelta(hours=7))
    assert ana.reads_dm().message.headline == "L-4 · Unseen Ltd waits for you", "marketing's look does not end it"
    assert not ana.dm.unread


@on_sqlite
async def test_of_what_nobody_has_taken_sellers_decide_and_whose_side_is_unknown_can_take_it(
    world, ada, mo, leads, shared
):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Free Ltd")
    await world.time_passes(TUESDAY)
    free, new = item(tells(shared), "L-1 ·"), world.newcomer("New")
    await new.reacts("zzz", on=free)
    assert new.reads_dm().text == "Sellers say so, as long as nobody has taken it. Are you one? Tell me with /parley me"
    await new.reacts("raising_hand", on=free)
    assert "Taken by New." in free.text
    assert "Which side" in new.reads_dm().text, "asked once, and nobody has to answer before they work"
    await new.unreacts("raising_hand", on=free)
    [lead] = await rows(world, Lead)
    assert (lead.owner_id, lead.state) == (None, "HANDED_OFF")
    forget_private(mo, new)
