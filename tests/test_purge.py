"""What is forgotten with time, and what is not: repetitions are still known, and old cards still live."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.core.context import Context
from bot.core.ui import Message
from bot.features import FEATURES
from bot.purge import CHUNK, REMOVED_KEPT, REPEATED_WITHIN, STEPS_KEPT, WORDS_KEPT, purge
from storage.due import Due, set_due
from storage.events import ProcessedEvent, is_new_event
from storage.feedback import Feedback
from storage.outbox import Kind, OutboxRow, State
from storage.patterns import HeardText
from storage.people import Member, find_member
from storage.reactions import Reaction
from storage.workspaces import Workspace, install
from tests.features.stories import a_lead, rows
from tests.world import a_world

SHORT = timedelta(minutes=1)


@pytest.fixture
async def world(database):
    async with a_world(database, FEATURES) as world:
        yield world
        for person in world.members:
            person.dm.unread.clear()


@pytest.fixture
async def ana(world):
    return await world.member("Ana", "sales")


@pytest.fixture
async def leads(world):
    return await world.channel("leads")


async def count(world, table):
    return len(await world.database.read(lambda session: session.exec(select(table)).all()))


async def passes(world, time):
    world.now += time
    await purge(world.database, world.now)


async def test_an_event_is_known_as_long_as_it_may_come_again(world, database):
    def come(session: Session):
        return [is_new_event(session, 1, f"event{n}", world.now) for n in range(2 * CHUNK + 1)]

    assert all(await database.write(come))
    await passes(world, REPEATED_WITHIN)
    assert not any(await database.write(come))
    await passes(world, SHORT)
    assert await count(world, ProcessedEvent) == 0
    assert all(await database.write(come))


async def test_a_step_that_happened_is_known_for_over_a_year_and_one_to_come_for_ever(world, database):
    def set_all(session: Session):
        here = {"workspace_id": 1, "kind": "leads.wake", "subject_id": 7}
        to_come = Due(**here, step=0, at=world.now + 2 * STEPS_KEPT)
        return [set_due(session, due) for due in (to_come, *(Due(**here, step=n, at=world.now) for n in (1, 2)))]

    assert all(await database.write(set_all))
    await world.timekeeper.run()
    await passes(world, STEPS_KEPT)
    assert not any(await database.write(set_all))
    await passes(world, SHORT)
    assert await database.write(set_all) == [False, True, True]


async def test_a_message_that_comes_again_within_a_week_is_one_lead(world, ana, leads):
    await ana.writes("New lead: Acme Ltd\nSource: web", leads, event="again")
    card = leads.reads()
    await passes(world, REPEATED_WITHIN - SHORT)
    await ana.writes("New lead: Acme Ltd\nSource: web", leads, event="again")
    assert not leads.unread
    assert card.text.startswith("L-1")


async def test_an_old_card_still_changes_and_still_hears_reactions(world, ana, leads):
    mo = await world.member("Mo", "marketing")
    marketing = await world.channel("marketing")
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.presses("Accept", on=card)
    ana.replies.clear()
    await passes(world, WORDS_KEPT + SHORT)
    [posted] = await rows(world, OutboxRow)
    assert (posted.subject, posted.external_ts) == ("lead", card.ts)
    await ana.reacts("+1", on=card)
    assert "Ana: good lead" in card.text
    await ana.writes("feedback: they call back at once", leads, thread=card)
    assert [f.note for f in await rows(world, Feedback)] == ["", "they call back at once"]
    marketing.unread.clear()
    ana.dm.unread.clear()


async def test_the_words_of_old_messages_are_forgotten_and_not_where_cards_stand(world, ana, leads):
    def tell(session: Session):
        ctx = Context(session, session.get_one(Workspace, 1), None, world.now, "system", world.registry)
        to = find_member(session, 1, ana.person.external_id)
        assert to
        for n in range(CHUNK + 1):
            ctx.post(to, lambda n=n: Message(f"plain {n}"))
        ctx.post(to, lambda: Message("asked back"), subject=("feedback.asked.+1", 7))

    await world.database.write(tell)
    await world.deliver()
    await passes(world, WORDS_KEPT - SHORT)
    assert await count(world, OutboxRow) == CHUNK + 2
    await world.database.write(tell)  # young, and not delivered yet
    await passes(world, 2 * SHORT)
    kept = await rows(world, OutboxRow)
    assert len(kept) == 1 + CHUNK + 2
    assert [(row.subject, row.body, row.state) for row in kept[:1]] == [("feedback.asked.+1", None, State.SENT)]
    assert all(row.external_ts for row in kept[:1])
    await world.deliver()


async def test_changes_are_forgotten_and_a_deleted_message_with_its_deletion(world, ana, leads):
    card = await a_lead(world, ana, leads)
    await ana.presses("Accept", on=card)
    ana.replies.clear()

    def delete(session: Session):
        ctx = Context(session, session.get_one(Workspace, 1), None, world.now, "system", world.registry)
        ctx.delete(session.exec(select(OutboxRow).where(OutboxRow.kind == Kind.POST)).one())

    await world.database.write(delete)
    await world.deliver()
    kinds = [row.kind for row in await rows(world, OutboxRow)]
    assert (kinds.count(Kind.POST), kinds.count(Kind.DELETE)) == (1, 1)
    await passes(world, REPEATED_WITHIN)
    assert len(await rows(world, OutboxRow)) == len(kinds)
    await passes(world, SHORT)
    assert await rows(world, OutboxRow) == []


async def test_taken_back_reactions_and_heard_texts_are_forgotten_and_opinions_are_not(world, ana, leads):
    bo = await world.member("Bo", "other")
    card = await a_lead(world, ana, leads)
    await bo.reacts("eyes", on=card)
    await ana.reacts("eyes", on=card)
    await ana.unreacts("eyes", on=card)
    await ana.writes("good morning", leads)
    await passes(world, REPEATED_WITHIN - SHORT)
    assert await count(world, Reaction) == 2
    await passes(world, 2 * SHORT)
    left = await world.database.read(lambda session: session.exec(select(Reaction)).all())
    assert [(reaction.name, reaction.is_there) for reaction in left] == [("eyes", True)]
    assert await count(world, HeardText) == 1
    await passes(world, WORDS_KEPT)
    assert await count(world, HeardText) == 0


async def removes_parley(world, workspace="W1"):
    def work(session: Session):
        session.get_one(Workspace, world.workspaces[workspace]).uninstalled_at = world.now

    await world.database.write(work)


async def test_thirty_days_after_parley_was_removed_nothing_of_the_workspace_is_left(world, ana, leads):
    neighbour = await world.member("Nina", "sales", workspace="W2")
    theirs = await world.channel("leads", workspace="W2")
    for person, place in ((ana, leads), (neighbour, theirs)):
        card = await a_lead(world, person, place, owner=person, company="Zubrowka")
        await person.presses("Accept", on=card)
        await person.types("/leadfeedback L-1 R8 only three employees")
        person.replies.clear()
    words = len(await rows(world, Feedback))
    await removes_parley(world)
    await passes(world, REMOVED_KEPT)
    assert len(await rows(world, Feedback)) == words, "whoever removed it by mistake finds everything again"
    await passes(world, SHORT)
    assert [row.workspace_id for row in await rows(world, Feedback)] == [2]
    assert {row.workspace_id for row in await rows(world, OutboxRow)} == {2}
    assert [(m.name, m.external_id) for m in await rows(world, Member) if m.workspace_id == 1] == [("", "removed:1")]
    await neighbour.types("/lead L-1")
    assert "Zubrowka" in neighbour.reads()


async def test_a_workspace_that_comes_back_after_that_begins_anew(world, ana, leads):
    await a_lead(world, ana, leads)
    await removes_parley(world)
    await passes(world, REMOVED_KEPT + SHORT)
    again = Workspace(platform="test", external_id="W1", name="W1", installed_at=world.now)
    installed = await world.database.write(lambda session: install(session, again).id)
    assert installed not in (None, world.workspaces["W1"])
    assert await world.database.read(lambda session: find_member(session, installed, ana.person.external_id)) is None
