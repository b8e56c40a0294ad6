"""What only the actor sees arrives though Slack fails once; and what they press stands, whoever was told otherwise."""

import json

import pytest
from sqlmodel import select

from storage.outbox import OutboxRow
from tests.platforms.stage import a_stage, texts

ONCE = {
    "says 500": lambda faults, method: faults.breaks(method),
    "does it and says 500": lambda faults, method: faults.breaks_after(method),
    "says 502": lambda faults, method: faults.breaks(method, status=502),
    "hangs up": lambda faults, method: faults.drops_before(method),
    "does it and hangs up": lambda faults, method: faults.drops_after(method),
    "says 429": lambda faults, method: faults.rate_limits(method, retry_after=1),
}


@pytest.fixture
async def slow(file_database):
    """A stage on which troubles are expected."""
    async with a_stage(file_database, troubles=True) as stage:
        yield stage


def ana(stage):
    return stage.acme.person("Ana")


def leads(stage):
    return stage.acme.channel("leads")


async def opens_form(stage):
    await ana(stage).types("/probe form", leads(stage))
    await stage.slack.until(lambda: ana(stage).view)
    return ana(stage).view


@pytest.mark.parametrize("fault", ONCE)
async def test_a_form_opens_once_and_nobody_is_told_otherwise(slow, fault):
    ONCE[fault](slow.slack.faults, "views.open")
    await opens_form(slow)
    await slow.settles()
    assert len(slow.acme.team.stacks[ana(slow).id]) == 1
    assert not ana(slow).ephemerals


@pytest.mark.parametrize("fault", ONCE)
async def test_a_form_changes(slow, fault):
    form = await opens_form(slow)
    ONCE[fault](slow.slack.faults, "views.update")
    await ana(slow).fills(None, {"Colour": "Blue"})
    await slow.slack.until(lambda: "Navy" in json.dumps(form.blocks))
    await slow.settles()
    assert ana(slow).view is form, "nothing was put in its place"


async def test_who_chose_in_vain_is_told_to_choose_again(slow):
    form = await opens_form(slow)
    slow.slack.faults.breaks("views.update", times=2)
    await ana(slow).fills(None, {"Colour": "Blue"})
    await slow.slack.until(lambda: ana(slow).view is not form)
    assert "Please choose again" in json.dumps(ana(slow).view.blocks)
    await ana(slow).closes()
    await ana(slow).fills(None, {"Colour": "Blue"})
    await slow.slack.until(lambda: "Navy" in json.dumps(form.blocks))


async def test_who_closed_the_form_meanwhile_hears_nothing(slow):
    await opens_form(slow)
    slow.slack.faults.delays("views.update", before=0.2)
    await ana(slow).fills(None, {"Colour": "Blue"})
    await ana(slow).closes()
    await slow.settles()
    assert slow.slack.journal.called("views.update", "not_found")
    assert not ana(slow).ephemerals
    assert not ana(slow).dm.messages


@pytest.mark.parametrize("fault", ONCE)
async def test_a_private_message_is_replaced(slow, fault):
    await ana(slow).types("/probe dm", leads(slow))
    await slow.settles()
    [card] = ana(slow).dm.messages
    ONCE[fault](slow.slack.faults, "response_url")
    await ana(slow).presses("Replace", card)
    await slow.settles()
    assert [message.text for message in ana(slow).dm.messages] == ["Replaced"]


@pytest.mark.parametrize("fails", ["breaks", "breaks_after", "drops_before", "rate_limits"])
async def test_a_message_that_is_sure_to_be_replaced_stands_once_and_nothing_newer_is_overtaken(slow, fails):
    """The outbox sees to it: another way would say it again, and asking again undo what was pressed meanwhile."""
    await ana(slow).types("/probe dm", leads(slow))
    await slow.settles()
    [card] = ana(slow).dm.messages
    getattr(slow.slack.faults, fails)("response_url", times=2)
    await ana(slow).presses("Replace", card)
    await slow.settles()
    assert [message.text for message in ana(slow).dm.messages] == ["Replaced"]
    assert len(slow.slack.journal.called("response_url")) == 1


@pytest.mark.parametrize("fault", ONCE)
async def test_what_only_they_see_is_replaced(slow, fault):
    await ana(slow).types("/probe whisper", leads(slow))
    [whisper] = ana(slow).ephemerals
    ONCE[fault](slow.slack.faults, "response_url")
    await ana(slow).presses("Replace", whisper)
    await slow.settles()
    assert [said.text for said in ana(slow).ephemerals] == ["Replaced"]


async def test_an_answer_that_slack_refused_twice_finds_another_way(slow):
    await slow.watches(leads(slow))
    await ana(slow).types("/probe card", leads(slow))
    await slow.settles()
    slow.slack.faults.breaks("response_url", times=2)
    await ana(slow).presses("Say", leads(slow).messages[-1])
    await slow.settles()
    assert [call.outcome for call in slow.slack.journal.called("response_url")] == ["http 500"] * 2
    assert sum("say A card" in said for said in texts(ana(slow).ephemerals)) == 1


async def test_a_question_that_is_pressed_before_parley_knows_that_it_stands_stands_once(slow):
    """Slack took it but said 500, no event tells of it, and the answer takes away its mark."""
    installation = slow.acme.installation
    installation.events = frozenset(each for each in installation.events if not each.startswith("message."))
    slow.slack.faults.breaks_after("chat.postMessage")
    await ana(slow).types("/probe dm", leads(slow))
    await slow.slack.until(lambda: ana(slow).dm.messages)
    await ana(slow).presses("Replace", ana(slow).dm.messages[0])
    await slow.settles()
    assert [message.text for message in ana(slow).dm.messages] == ["Replaced"]
    assert not slow.slack.journal.called("conversations.history"), "the press told it"


@pytest.mark.parametrize("subtype", ["message_changed", "message_deleted"])
async def test_a_message_in_doubt_that_somebody_changed_or_deleted_stood(slow, subtype):
    slow.slack.faults.drops_after("chat.postMessage")
    installation = slow.acme.installation
    installation.events = frozenset(each for each in installation.events if not each.startswith("message."))
    await ana(slow).types("/probe dm", leads(slow))
    await slow.slack.until(lambda: ana(slow).dm.messages)
    [card] = ana(slow).dm.messages
    before, gone = card.as_payload(), card.as_payload() | {"blocks": []}
    where = {"type": "message", "channel": ana(slow).dm.id, "previous_message": before, "ts": "1.1"}
    told = {"message_changed": {"message": gone}, "message_deleted": {"deleted_ts": card.ts}}[subtype]
    card.deleted = True
    assert (await slow.event({**where, "subtype": subtype, **told}))[0] == 200
    await slow.settles()
    [row] = await slow.database.read(lambda session: session.exec(select(OutboxRow)).all())
    assert (row.state, row.external_ts, row.attempt) == ("SENT", card.ts, 1)


async def test_somebody_whose_own_workspace_lacks_parley_is_told_so(slow, caplog):
    await slow.watches(leads(slow))
    await ana(slow).types("/probe card", leads(slow))
    await slow.settles()
    card = leads(slow).messages[-1]
    eve = slow.acme.person("Eve", home="T0ELSEWHERE")
    leads(slow).members.append(eve.id)
    press = {
        "type": "block_actions",
        "team": {"id": "T0ELSEWHERE"},
        "user": {"id": eve.id, "team_id": "T0ELSEWHERE"},
        "channel": {"id": leads(slow).id},
        "message": card.as_payload(),
        "response_url": slow.slack.state.new_response_url(slow.acme.team, leads(slow).id, eve.id),
        "actions": [next(each for block in card.blocks for each in block.get("elements", []) if "action_id" in each)],
    }
    assert (await slow.interaction(press))[0] == 200
    await slow.slack.until(lambda: eve.ephemerals)
    assert "Parley is not installed in this workspace." in texts(eve.ephemerals)[0]
    assert not caplog.records
