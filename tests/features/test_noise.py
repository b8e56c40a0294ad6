"""The noise budget: whether people act on what Parley sends, and what admins fold into the daily digest."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.core.feature import Heard
from bot.purge import purge
from storage.campaigns import Campaign
from storage.noise import NoiseChoice, note_act
from storage.nudges import Nudge
from storage.outbox import Kind, OutboxRow, State
from storage.people import Member
from tests.features.stories import a_lead, on_sqlite, rows
from tests.features.test_digest.mornings import forget_private, sets, tells

REMINDER, ANSWER = "nudge.half", "cases.told"


def at(day, hour=9, minute=0):
    """In November 2026 and after, in UTC; the 23rd is a Monday."""
    return datetime(2026, 11, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1)


async def admin(world, name="Ada", workspace="W1"):
    """An admin, who chose a time zone while setting Parley up."""
    ada = await world.member(name, "other", is_admin=True, workspace=workspace)
    await ada.types("/parley setup")
    await ada.presses("Time zone and language…", on=ada.replies.popleft())
    await ada.fills(timezone="UTC")
    ada.reads()
    return ada


@pytest.fixture
async def ada(world):
    return await admin(world)


@pytest.fixture
async def shared(world):
    return await world.channel("shared", "alignment")


async def acts(world, kind):
    """When somebody first acted on each message of a kind."""
    posted = [row for row in await world.database.read(_all) if row.subject == kind and row.kind == Kind.POST]
    return [row.acted_at for row in posted]


def _all(session):
    return session.exec(select(OutboxRow).order_by(OutboxRow.id)).all()


async def were_sent(world, kind, count, acted, workspace_id=1, when=None):
    """So many messages were sent ten days ago, and people acted on some."""
    when = when or world.now - timedelta(days=10)

    def work(session):
        for n in range(count):
            session.add(
                OutboxRow(
                    workspace_id=workspace_id, lane="m1", kind=Kind.POST, state=State.SENT, subject=kind,
                    subject_id=10_000 + n, created_at=when, sent_at=when, acted_at=when if n < acted else None,
                )
            )  # fmt: skip

    await world.database.write(work)


# Acting on a message


async def test_a_press_counts_once_and_the_first_time_is_kept(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    assert await acts(world, "lead") == [None]
    pressed = world.now
    await ana.presses("Accept", on=card)
    world.passes(hours=1)
    await ana.presses("I tried to reach them", on=card)
    ana.replies.clear()
    assert await acts(world, "lead") == [pressed]


async def test_of_two_who_act_at_once_the_first_is_kept(world, ana, mo, leads):
    await a_lead(world, mo, leads, owner=ana)
    [row] = [row for row in await world.database.read(_all) if row.subject == "lead" and row.kind == Kind.POST]
    for minute in (1, 2):
        now = at(23, 9, minute)
        await world.database.write(lambda session, now=now: note_act(session, 1, row.id, now))
    assert await acts(world, "lead") == [at(23, 9, 1)]


async def test_a_press_that_only_opens_a_form_counts_too(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.presses("Reject...", on=card)
    await world.background.drain()
    assert await acts(world, "lead") == [world.now]


@pytest.mark.parametrize("name", ["eyes", "tada"])
async def test_a_reaction_counts_whatever_it_means_and_taking_it_away_changes_nothing(world, ana, mo, leads, name):
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.reacts(name, on=card)
    await world.background.drain()
    [first] = await acts(world, "lead")
    assert first == world.now
    await ana.unreacts(name, on=card)
    await ana.reacts(name, on=card)
    await world.background.drain()
    assert await acts(world, "lead") == [first]


async def test_a_reaction_that_came_before_parley_knew_its_message_counts(world, ana, mo, leads):
    world.losses.append(TimeoutError())
    heard = Heard("new", leads.external_id, "1.000", None, "New lead: Acme Ltd")
    await world.dispatcher.heard(mo.origin(leads), heard, "test:event")
    await world.delivery.deliver_due()
    card = leads.reads()
    at = world.tick()
    await world.dispatcher.reacted(ana.origin(leads), "eyes", True, card.ref, at, is_ours=True)
    assert await acts(world, "lead") == [None]
    await world.deliver()
    assert await acts(world, "lead") == [world.now]


async def test_a_reply_in_the_thread_counts_and_a_word_beside_it_does_not(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.writes("Has anybody met them?", leads)
    assert await acts(world, "lead") == [None]
    await ana.writes("I have met them", leads, thread=card)
    assert await acts(world, "lead") == [world.now]


async def test_what_is_refused_does_not_count(world, ana, mo, leads):
    card, cy = await a_lead(world, mo, leads, owner=ana), await world.member("Cy", "sales")
    await cy.presses("Accept", on=card)
    assert "who decides about it" in cy.reads()
    assert await acts(world, "lead") == [None]


async def test_who_is_reminded_and_does_it_elsewhere_has_acted_on_the_reminder(world, ana, mo, leads):
    card, other = [await a_lead(world, mo, leads, owner=ana, company=name) for name in ("Acme", "Beta")]
    await world.time_passes(at(23, 11))
    told = [ana.reads_dm().text for _ in range(2)]  # both at one instant, in either order
    acmes, betas = sorted(range(2), key=lambda which: "Beta" in told[which])
    assert await acts(world, REMINDER) == [None, None]
    await ana.presses("Accept", on=card)
    assert (await acts(world, REMINDER))[acmes] == world.now
    assert (await acts(world, REMINDER))[betas] is None
    await world.time_passes(at(26, 11, 1))
    await ana.presses("Accept", on=other)
    forget_private(ana)
    assert (await acts(world, REMINDER))[betas] is None, "that was more than three days later"
    assert (await acts(world, "nudge"))[0] == world.now, (
        "the time was over two hours later, and then she was told again"
    )


async def test_what_somebody_else_did_is_no_act_of_who_was_reminded(world, ada, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    await world.time_passes(at(23, 11))
    await ada.presses("Accept", on=card)
    forget_private(ada, ana)
    assert await acts(world, REMINDER) == [None]


async def test_feedback_that_is_answered_from_its_reminder_was_acted_on_too(world, ana, mo, leads):
    await a_lead(world, mo, leads, owner=ana, campaign="Spring")

    def own(session):
        mos = session.exec(select(Member.id).where(Member.name == "Mo")).one()
        session.exec(select(Campaign)).one().owner_id = mos

    await world.database.write(own)
    await ana.types("/leadfeedback L-1 R8 only three employees")
    forget_private(ana, mo)
    await world.time_passes(at(23, 14))
    reminder = mo.reads_dm()
    assert await acts(world, "case") == [None]
    await mo.presses("Acknowledge", on=reminder)
    forget_private(mo)
    assert await acts(world, "case") == [world.now]


async def test_of_what_is_not_declared_nothing_is_noted(world, ana, mo, leads):
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.reacts("-1", on=card)
    question = ana.reads_dm()
    await ana.reacts("tada", on=question)
    await ana.presses(question.buttons[0], on=question)
    await world.background.drain()
    assert await acts(world, "feedback.asked.-1") == [None]
    assert world.registry.counted.keys().isdisjoint({"feedback.asked.-1"})
    forget_private(ana)


# Asking admins


@on_sqlite
async def test_admins_are_asked_and_what_they_fold_is_sent_no_more_and_stands_in_the_digest(
    world, ada, ana, mo, leads, shared
):
    amy = await admin(world, "Amy")
    await sets(world, ada, shared)
    await were_sent(world, REMINDER, 120, 6)
    await world.time_passes(at(23, 8, 59))
    assert not ada.dm.unread
    await world.time_passes(at(23))
    asked, of_amy = ada.reads_dm(), amy.reads_dm()
    assert asked.text == (
        "Fold into the daily digest? Reminders at half of the time\n"
        "Of 120 in four weeks, people acted on 6 (5 %).\n"
        "Acted on: somebody pressed a button, reacted, replied in the thread, or did within three days what it asks.\n"
        "The daily digest tells of the same. "
        "It says what waits on each side. When the time is over, people are told as before.\n"
        "[Fold into the digest] [Keep sending]"
    )
    await ada.presses("Fold into the digest", on=asked)
    assert "Ada folded them into the digest, 2026-11-23 09:00.\n[Send them again]" in asked.text
    assert of_amy.text == asked.text
    shared.unread.clear()

    await a_lead(world, mo, leads, owner=ana)
    await world.time_passes(at(23, 12, 59))
    assert not ana.dm.unread
    await world.time_passes(at(23, 13))
    assert "The time is over." in ana.reads_dm().text, "four working hours after nine o'clock"
    await world.time_passes(at(23, 15))
    await a_lead(world, mo, leads, owner=ana, company="Beta Ltd")
    await world.time_passes(at(24))
    assert not ana.dm.unread
    digest = tells(shared)
    assert "2 to do: 1 overdue, 1 with less than half of its time left" in digest.text
    assert "L-2 · Beta Ltd" in "".join(reply.text for reply in digest.unread_replies)
    digest.unread_replies.clear()

    await amy.presses("Send them again", on=of_amy)
    assert "Amy has them sent" in asked.text
    await a_lead(world, mo, leads, owner=ana, company="Cetus Ltd")
    await world.time_passes(at(24, 11, 1))
    assert any("Cetus Ltd" in said.text and "Half of the time" in said.text for said in ana.dm.unread)
    forget_private(ana)


async def test_who_keeps_them_is_asked_again_after_eight_weeks(world, ada, shared):
    await sets(world, ada, shared)
    await were_sent(world, REMINDER, 40, 1)
    await world.time_passes(at(30))
    asked = ada.reads_dm()
    await ada.presses("Keep sending", on=asked)
    assert asked.text.endswith("Ada has them sent, 2026-11-30 09:00.\n[Fold into the digest]")
    for weeks in range(1, 8):
        await were_sent(world, REMINDER, 40, 1, when=world.now)
        await world.time_passes(at(30) + timedelta(weeks=weeks))
        assert not ada.dm.unread
    await world.time_passes(at(30) + timedelta(weeks=8))
    assert "[Fold into the digest] [Keep sending]" in ada.reads_dm().text
    await world.time_passes(at(30) + timedelta(weeks=9))
    assert not ada.dm.unread, "nobody has answered; that is no reason to ask each week"
    shared.unread.clear()


async def test_admins_are_asked_while_they_work_and_not_once_another_has_decided(world, ada, shared):
    await sets(world, ada, shared)
    ny = await world.member("Ny", "other", is_admin=True, timezone="America/New_York")
    tom = await world.member("Tom", "other", is_admin=True, timezone="America/Los_Angeles")
    await were_sent(world, REMINDER, 40, 1)
    await world.time_passes(at(23, 13, 59))
    asked = ada.reads_dm()
    assert not ny.dm.unread
    await world.time_passes(at(23, 14))
    assert ny.reads_dm().text == asked.text
    await ada.presses("Keep sending", on=asked)
    await world.time_passes(at(23, 23))
    assert not tom.dm.unread
    shared.unread.clear()


@pytest.mark.parametrize(("sent", "acted"), [(29, 0), (40, 4)])
@on_sqlite
async def test_too_few_messages_and_enough_acts_are_no_reason_to_ask(world, ada, shared, sent, acted):
    await sets(world, ada, shared)
    await were_sent(world, REMINDER, sent, acted)
    await were_sent(world, REMINDER, 100, 0, when=at(30) - timedelta(days=2))  # nobody could act on them yet
    await were_sent(world, REMINDER, 100, 0, when=at(30) - timedelta(days=40))
    await were_sent(world, "receipt", 100, 0)  # the promise of the product is never folded
    await world.time_passes(at(30))
    shared.unread.clear()
    assert not ada.dm.unread


async def test_only_admins_decide_and_see_it(world, ada, ana, shared):
    await sets(world, ada, shared)
    await were_sent(world, REMINDER, 40, 1)
    await world.time_passes(at(30))
    shared.unread.clear()
    await ana.presses("Fold into the digest", on=ada.reads_dm())
    assert "Only an admin" in ana.reads()
    await ana.types("/parley report noise")
    assert "Only an admin" in ana.reads()
    assert [choice.is_folded for choice in await rows(world, NoiseChoice)] == [False]


async def test_without_a_digest_admins_are_shown_where_to_begin(world, ada, shared):
    await were_sent(world, REMINDER, 40, 1)
    await world.time_passes(at(30))
    asked = ada.reads_dm()
    assert "No channel has a daily digest that tells of them yet." in asked.text
    assert asked.buttons == ["Daily digest...", "Keep sending"]


async def test_workspaces_have_their_own_figures_and_decisions(world, ada, ana, mo, leads, shared):
    eve = await admin(world, "Eve", "W2")
    await sets(world, ada, shared)
    await were_sent(world, REMINDER, 40, 1)
    await were_sent(world, REMINDER, 40, 30, workspace_id=await world.workspace("W2"))
    await world.time_passes(at(30))
    await ada.presses("Fold into the digest", on=ada.reads_dm())
    await eve.types("/parley report noise")
    assert "Reminders at half of the time | 40 | 75 % (60 to 86)" in eve.reads()
    far, theirs = await world.member("Far", "sales", workspace="W2"), await world.channel("leads", workspace="W2")
    await far.types("/lead add Acme Ltd, webinar, <@U_far>")
    far.reads(), theirs.reads()
    await world.time_passes(at(30, 11))
    assert "Half" in far.reads_dm().text
    shared.unread.clear()


# Folding


@on_sqlite
async def test_folded_reminders_leave_the_days_five_to_those_that_are_sent(world, ada, ana, mo, leads, shared):
    await sets(world, ada, shared)
    await folds(ada, [REMINDER])
    for n in range(6):
        await a_lead(world, mo, leads, owner=ana, company=f"Company {n}")
    await world.time_passes(at(23, 13))
    assert len(ana.dm.unread) == 5
    assert all("The time is over." in said.text for said in ana.dm.unread)
    nudges = await rows(world, Nudge)
    assert [nudge.is_quiet for nudge in nudges if nudge.step == 50] == [True] * 6
    await world.time_passes(at(24, 8))
    assert len(ana.dm.unread) == 5
    await world.time_passes(at(24, 9))
    assert len(ana.dm.unread) == 6, "the sixth comes in the morning"
    shared.unread.clear(), forget_private(ana)
    for digest in shared.messages.values():
        digest.unread_replies.clear()


async def test_folded_answers_are_not_in_threads_and_still_reach_who_asked(
    world, ada, ana, mo, leads, marketing, shared
):
    await sets(world, ada, shared)
    await folds(ada, [ANSWER])
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.types("/leadfeedback L-1 R8 only three employees")
    ana.reads()
    await mo.presses("Decide...", on=marketing.reads())
    await mo.fills(text="We check the size", due_on="2026-12-01")
    mo.reads()
    assert "We check the size" in ana.reads_dm().text
    assert not card.unread_replies


async def test_what_no_digest_tells_any_more_is_sent_again(world, ada, ana, mo, leads, shared):
    await sets(world, ada, shared)
    await folds(ada, [REMINDER])
    await sets(world, ada, shared, sections=["numbers"])
    await a_lead(world, mo, leads, owner=ana)
    await world.time_passes(at(23, 11))
    assert "Half of the time" in ana.reads_dm().text
    shared.unread.clear()


async def test_the_report_and_its_settings(world, ada, ana, mo, leads, shared):
    await ada.types("/parley report noise")
    await ada.presses("Settings...", on=ada.replies.popleft())
    await ada.fills(below="0", folded=[REMINDER])
    assert "No daily digest would tell of it." in ada.errors["folded"]
    await sets(world, ada, shared)
    await folds(ada, [REMINDER], below="0")
    await were_sent(world, REMINDER, 40, 0)
    await were_sent(world, ANSWER, 40, 0)
    await were_sent(world, "lead", 200, 150)
    await ada.types("/parley report noise")
    assert ada.reads().splitlines()[:5] == [
        "What people act on, of four weeks",
        "Messages | Sent | Acted on",
        "Cards of leads | 200 | 75 % (69 to 80)",
        "Marketing's answers, in the threads of leads | 40 | 0 % (0 to 9)",
        "Reminders at half of the time (folded) | 40 | 0 % (0 to 9)",
    ]
    await world.time_passes(at(30))
    shared.unread.clear()
    assert not ada.dm.unread, "she wants never to be asked"


async def test_forgetting_what_is_old_leaves_the_figures(world, ada):
    await were_sent(world, REMINDER, 40, 10, when=at(23) - timedelta(days=28))
    await purge(world.database, world.now)
    await ada.types("/parley report noise")
    assert "Reminders at half of the time | 40 | 25 % (14 to 40)" in ada.reads()


async def folds(ada, kinds, below="10"):
    await ada.types("/parley report noise")
    await ada.presses("Settings...", on=ada.replies.popleft())
    await ada.fills(below=below, folded=kinds)
    assert ada.reads() == "Saved."
