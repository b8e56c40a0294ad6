"""What people do in Slack reaches features, and what features answer reaches people: the same by HTTP and Socket Mode."""

import asyncio
import json
from time import monotonic

import pytest

from bot.core.context import OpenForm
from bot.core.events import ChannelJoined, ChannelLeft, ChannelQuit, PersonChanged
from tests.platforms.stage import PACE, a_stage, finding_form, texts


def leads(stage):
    return stage.acme.channel("leads")


def ana(stage):
    return stage.acme.person("Ana")


async def shows(stage, condition):
    await stage.parley.background.drain()
    await stage.slack.until(condition)


class TestCommands:
    async def test_a_reply_stands_in_the_answer_and_only_its_author_sees_it(self, stage):
        answer = await ana(stage).types("/probe  hello &amp; <there> ", leads(stage))
        assert answer.body["response_type"] == "ephemeral"
        assert "hello" in texts(ana(stage).ephemerals)[0]
        assert not leads(stage).messages

    async def test_names_and_escapes_are_read_once_at_the_edge(self, stage):
        bo = stage.acme.person("Bo")
        await ana(stage).types("/probe Tom & Jerry @bo #leads", leads(stage))
        assert stage.feature.commands == [(f"Tom & Jerry <@{bo.id}> #leads", leads(stage).id)]

    async def test_in_a_private_conversation_there_is_no_channel(self, stage):
        await ana(stage).types("/probe card", ana(stage).dm)
        assert "Please use this in a channel." in texts(ana(stage).ephemerals)[0]

    async def test_an_unknown_word_and_a_refusal_are_answered(self, stage):
        await ana(stage).types("/proobe", leads(stage))
        await ana(stage).types("/probe refuse", leads(stage))
        await ana(stage).types("/parley probe by the front door", leads(stage))
        did_you_mean, refusal, front_door = texts(ana(stage).ephemerals)
        assert "/probe" in did_you_mean
        assert "No, and here is why." in refusal
        assert "by the front door" in front_door

    async def test_a_failure_is_a_sentence_with_a_reference(self, stage, caplog):
        stage.feature.failures = [ZeroDivisionError()]
        await ana(stage).types("/probe", leads(stage))
        assert "Something went wrong" in texts(ana(stage).ephemerals)[0]
        assert "ZeroDivisionError" in caplog.text


class TestForms:
    async def test_a_form_opens_after_the_answer_and_its_reply_takes_its_place(self, stage):
        await ana(stage).types("/probe form", leads(stage))
        await shows(stage, lambda: ana(stage).view)
        answer = await ana(stage).submits({"Subject": "Prices \u202e fell", "Colour": "Blue"})
        assert answer.body["response_action"] == "update"
        assert (stage.feature.given[0].subject, stage.feature.given[0].colour) == ("Prices \u202e fell", "blue")
        assert "Thank you" in json.dumps(ana(stage).view.blocks)

    async def test_errors_stand_beside_their_fields_and_the_form_stays(self, stage):
        await ana(stage).types("/probe form", leads(stage))
        await shows(stage, lambda: ana(stage).view)
        await ana(stage).submits({"Subject": "nonsense"})
        assert ana(stage).errors == {"subject": "That is nonsense."}
        await ana(stage).submits({"Subject": "elsewhere"})
        assert "Something that no field asks for." in ana(stage).errors.values() or ana(stage).errors
        await ana(stage).submits({"Subject": "quiet"})
        assert ana(stage).view is None

    async def test_what_is_submitted_twice_counts_once(self, stage):
        await ana(stage).types("/probe form", leads(stage))
        await shows(stage, lambda: ana(stage).view)
        await ana(stage).submits({"Subject": "Prices"})
        [payload] = [each.payload for each in stage.slack.journal.delivered("view_submission")]
        await stage.slack._deliveries.ask("interaction", payload)
        assert len(stage.feature.given) == 1

    async def test_a_choice_changes_the_form_and_keeps_what_was_typed(self, stage):
        await ana(stage).types("/probe form", leads(stage))
        await shows(stage, lambda: ana(stage).view)
        await ana(stage).fills(None, {"Subject": "Prices", "Colour": "Blue"})
        await shows(stage, lambda: "Navy" in json.dumps(ana(stage).view.blocks))
        await ana(stage).submits({})
        assert (stage.feature.given[0].subject, stage.feature.given[0].colour) == ("Prices", "blue")

    async def test_type_ahead_finds(self, stage):
        stage.feature.feature.commands["find"] = stage.feature.feature.commands["probe"]
        entry = stage.parley._registry
        del entry  # the registry is fixed; the form is opened by hand
        private, dispatcher = stage.parley, stage.parley.dispatcher
        del private, dispatcher
        await ana(stage).types("/probe find", leads(stage))
        await shows(stage, lambda: ana(stage).view)
        assert [option["text"]["text"] for option in await ana(stage).searches("Company", "A")] == ["Acme", "Ajax"]
        await ana(stage).submits({"Company": "Acme"})
        assert stage.feature.given[0].subject == "acme"
        assert OpenForm(finding_form()).form.title == "Find it"
