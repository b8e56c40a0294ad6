"""The dispatcher: every event becomes one transaction and one answer, whatever goes wrong."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlmodel import func, select

from bot.core.action import Action, PartialAction
from bot.core.context import OpenForm, Reply, UserError
from bot.core.directory import Person
from bot.core.feature import Feature
from bot.core.forms import Form, TextField
from bot.core.ui import Message
from bot.features import FEATURES
from storage.leads import Lead
from storage.people import Member
from tests.databases import WarmDatabase, impatient
from tests.world import a_world


class Write(Action, name="test.write"):
    text: str = "written"


class Look(Action, name="test.look"):
    """A query that tries to write."""


class Fail(Action, name="test.fail"):
    pass


class OnlyAsked(Action, name="test.asked"):
    text: str


trial = Feature("trial")


@trial.action(Write)
def write(ctx, action):
    ctx.member.role = action.text
    return Reply(Message(f"Done: {action.text}"))


@trial.action(Look, query=True)
def look(ctx, action):
    ctx.member.role = "changed by a query"
    return Reply(Message("Looked"))


@trial.action(Fail)
def fail(ctx, action):
    ctx.member.role = "half done"
    raise ZeroDivisionError


@trial.command("trial", query=True)
def ask(ctx, text):
    form = PartialAction.of(OnlyAsked)
    return OpenForm(Form("Trial", form, (TextField(name="text", label="Text"),), "Send"))


@trial.action(OnlyAsked)
def asked(ctx, action):
    if action.text == "wrong":
        ctx.member.role = "half done"
        raise UserError("That is wrong. Try another word.", "text")
    ctx.member.role = (ctx.member.role or "") + action.text
    return Reply(Message("Done"))


@pytest.fixture
async def world(database):
    async with a_world(database, (*FEATURES, trial)) as world:
        yield world


@pytest.fixture
async def ana(world):
    return await world.member("Ana", "sales")


async def presses(member, action):
    """Press a button that carries this action, or this packed text."""
    packed = action if isinstance(action, str) else action.pack()
    answer = await member.world.dispatcher.action(member.origin(), packed)
    return answer.message.headline


async def count(world, table):
    return await world.database.read(lambda session: session.exec(select(func.count()).select_from(table)).one())


async def test_an_action_is_done_and_answered(ana):
    assert await presses(ana, Write(text="hunter")) == "Done: hunter"
    assert (await ana.row()).role == "hunter"


async def test_a_failure_changes_nothing_and_is_answered_with_a_reference(ana, caplog):
    answer = await presses(ana, Fail())
    assert answer.startswith("Something went wrong. Nothing was changed. Reference: ")
    assert answer.rsplit(" ", 1)[1] in caplog.text, "the log has the same reference"
    assert (await ana.row()).role is None


async def test_a_query_cannot_change_anything(ana, database_kind):
    await presses(ana, Look())
    assert (await ana.row()).role is None


@pytest.mark.parametrize("packed", ['["leads.gone",{}]', "", "{}", "[]", "null", '["leads.move"]', "[" * 5000])
async def test_a_button_that_means_nothing_any_more_says_so(ana, packed):
    assert await presses(ana, packed) == "This button has retired."


async def test_a_button_whose_action_grew_says_so_too(ana):
    assert await presses(ana, '["leads.move",{"lead":1}]') == "This button has retired."


async def test_a_form_shows_what_is_wrong_and_leaves_no_trace_of_the_attempt(ana):
    await ana.types("/trial")
    await ana.fills(text="wrong")
    assert ana.errors == {"text": "That is wrong. Try another word."}
    assert (await ana.row()).role is None
    await ana.fills(text="right")
    assert ana.reads() == "Done"
    assert (await ana.row()).role == "right"


async def test_a_form_is_submitted_once_however_often_it_is_sent(ana):
    await ana.types("/trial")
    form = ana.form
    await asyncio.gather(*(ana.submits_again(form, text="x") for _ in range(5)))
    ana.reads()
    assert (await ana.row()).role == "x"


async def test_a_stranger_is_asked_about_once_and_becomes_a_member(world):
    bo = world.newcomer("Bo", timezone="Europe/Berlin", language="de-DE", is_admin=True)
    assert await presses(bo, Write()) == "Done: written"
    row = await bo.row()
    assert (row.name, row.timezone, row.platform_language, row.administers) == ("Bo", "Europe/Berlin", "de-DE", True)


async def test_when_the_platform_cannot_say_who_asks_nothing_is_done(world):
    bo = world.newcomer("Bo")

    async def unreachable(workspace, external_id):
        raise ConnectionError

    world.directory.person = unreachable
    assert await presses(bo, Write()) == "I could not check who is asking. Nothing was changed; please try again."
    assert await count(world, Member) == 0


async def test_somebody_who_left_the_company_can_do_nothing_any_more(world, ana):
    await world.changes(ana, belongs=False)
    world.people["W1", ana.person.external_id] = Person(ana.person.external_id, "Ana", belongs=False)
    assert "members of the company" in await presses(ana, Write())
    assert (await ana.row()).role is None


async def test_after_a_day_the_platform_is_asked_again_who_somebody_is(world, ana):
    world.people["W1", ana.person.external_id] = Person(ana.person.external_id, "Ana Maria", belongs=True)
    await presses(ana, Write())
    await world.background.drain()
    assert (await ana.row()).name == "Ana"

    world.now += timedelta(days=2)
    await presses(ana, Write())
    await world.background.drain()
    assert (await ana.row()).name == "Ana Maria"


async def test_an_outsider_is_refused_without_a_row(world):
    guest = world.newcomer("Guest", belongs=False)
    for _ in range(2):
        assert "members of the company" in await presses(guest, Write())
    assert await count(world, Member) == 0


async def test_a_workspace_that_did_not_install_parley_is_told_so(world):
    eve = world.newcomer("Eve", workspace="W9")
    assert await presses(eve, Write()) == "Parley is not installed in this workspace."


async def test_a_busy_parley_says_so_at_once_and_changes_nothing(database_url, caplog):
    database = await WarmDatabase(database_url, writers=1).start()
    gate = threading.Event()
    try:
        async with a_world(database, (*FEATURES, trial)) as world:
            ana = await world.member("Ana", "sales")
            stuck = asyncio.ensure_future(database.write(lambda session: gate.wait()))
            await asyncio.sleep(0)
            with impatient(database):
                answer = await world.dispatcher.action(ana.origin(), Write().pack())
            assert answer.message.headline == "Parley is busy."
            gate.set()
            await stuck
            assert (await ana.row()).role is None
    finally:
        gate.set()
        await database.close()


async def test_help_is_everywhere_and_typing_errors_find_the_nearest_word(ana):
    await ana.types("/lead help")
    assert "/lead add Acme Ltd, webinar, @ana" in ana.reads()
    await ana.types("/parley help")
    everything = ana.reads()
    assert "/leadfeedback L-7 R8 only three employees" in everything
    await ana.types("/parley leadfedback")
    assert "Did you mean /leadfeedback?" in ana.reads()


async def test_a_message_nobody_listens_to_costs_nothing(world, ana):
    elsewhere = world.place("random")
    closed = world.database.write

    async def refuse(work, **options):
        raise AssertionError("written")

    world.database.write = refuse
    heard = await ana.says_quietly("feedback: nothing", elsewhere)
    world.database.write = closed
    assert heard is None
    assert await count(world, Lead) == 0
