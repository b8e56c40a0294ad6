"""What people do in Slack reaches features and their answers reach people: the same by HTTP and by Socket Mode."""

import json
from dataclasses import replace
from time import monotonic

from bot.core.events import CardPosted, ChannelChanged, ChannelJoined, ChannelLeft, ChannelQuit, PersonChanged
from tests.platforms.stage import PACE, a_stage, texts


def leads(stage):
    return stage.acme.channel("leads")


def ana(stage):
    return stage.acme.person("Ana")


async def opens_form(stage, line="/probe form"):
    await ana(stage).types(line, leads(stage))
    await stage.slack.until(lambda: ana(stage).view)


async def gets_card(stage):
    """A card of Parley's in the channel."""
    await stage.watches(leads(stage))
    await ana(stage).types("/probe card", leads(stage))
    await stage.settles()
    return leads(stage).messages[-1]


class TestCommands:
    async def test_a_reply_stands_in_the_answer_and_only_its_author_sees_it(self, stage):
        answer = await ana(stage).types("/probe  hello", leads(stage))
        assert answer.body["response_type"] == "ephemeral"
        assert "hello" in texts(ana(stage).ephemerals)[0]
        assert not leads(stage).messages

    async def test_names_and_escapes_are_read_once_at_the_edge(self, stage):
        bo = stage.acme.person("Bo")
        await ana(stage).types("/probe Tom & Jerry <3 @bo #leads", leads(stage))
        assert stage.feature.commands == [(f"Tom & Jerry <3 <@{bo.id}> #leads", leads(stage).id)]

    async def test_a_private_conversation_is_no_channel(self, stage):
        await ana(stage).types("/probe card", ana(stage).dm)
        assert "Please use this in a channel." in texts(ana(stage).ephemerals)[0]

    async def test_unknown_words_refusals_and_the_front_door(self, stage):
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

    async def test_a_guest_is_told_that_this_is_not_for_them(self, stage):
        guest = stage.acme.person("Gus", is_restricted=True)
        await guest.types("/probe hello", leads(stage))
        assert "for members of the company" in texts(guest.ephemerals)[0]
        assert not stage.feature.commands


class TestForms:
    async def test_the_reply_takes_the_place_of_the_form(self, stage):
        await opens_form(stage)
        answer = await ana(stage).submits({"Subject": "Prices", "Colour": "Blue"})
        assert answer.body["response_action"] == "update"
        assert (stage.feature.given[0].subject, stage.feature.given[0].colour) == ("Prices", "blue")
        assert "Thank you" in json.dumps(ana(stage).view.blocks)

    async def test_errors_stand_beside_their_fields_and_the_form_stays(self, stage):
        await opens_form(stage)
        await ana(stage).submits({"Subject": "nonsense"})
        assert ana(stage).errors == {"subject": "That is nonsense."}
        await ana(stage).submits({"Subject": "quiet"})
        assert ana(stage).view is None

    async def test_an_error_of_a_field_that_is_not_there_stands_at_the_first(self, stage):
        await opens_form(stage, "/probe find")
        await ana(stage).fills(None, {"Company": "Acme"})
        ana(stage).view.content["private_metadata"] = '["probe.give",{"colour":"red"}]'
        ana(stage).view.values["subject"]["lookup:probe.find"]["selected_option"]["value"] = "elsewhere"
        await ana(stage).submits({})
        assert ana(stage).errors == {"subject": "Something that no field asks for."}

    async def test_what_is_submitted_twice_counts_once(self, stage):
        await opens_form(stage)
        await ana(stage).fills(None, {"Subject": "Prices"})
        view = ana(stage).view
        await ana(stage).submits({})
        stage.acme.team.stacks[ana(stage).id] = [view]
        view.content["submit"] = {"type": "plain_text", "text": "Give"}
        view.content["private_metadata"] = stage.slack.journal.delivered("view_submission")[0].payload["view"][
            "private_metadata"
        ]
        await ana(stage).submits({})
        assert len(stage.feature.given) == 1

    async def test_a_choice_changes_the_form_and_keeps_what_was_typed(self, stage):
        await opens_form(stage)
        await ana(stage).fills(None, {"Subject": "Prices", "Colour": "Blue"})
        await stage.slack.until(lambda: "Navy" in json.dumps(ana(stage).view.blocks))
        await ana(stage).submits({})
        assert (stage.feature.given[0].subject, stage.feature.given[0].colour) == ("Prices", "blue")

    async def test_type_ahead_finds(self, stage):
        await opens_form(stage, "/probe find")
        assert [option["text"]["text"] for option in await ana(stage).searches("Company", "A")] == ["Acme", "Ajax"]
        await ana(stage).submits({"Company": "Acme"})
        assert stage.feature.given[0].subject == "acme"


class TestButtons:
    async def test_a_reply_is_private_and_knows_the_message(self, stage):
        card = await gets_card(stage)
        await ana(stage).presses("Say", card)
        await stage.slack.until(lambda: len(ana(stage).ephemerals) == 2)
        assert "say A card" in texts(ana(stage).ephemerals)[1]

    async def test_a_form_opens(self, stage):
        card = await gets_card(stage)
        await ana(stage).presses("Ask", card)
        await stage.slack.until(lambda: ana(stage).view)

    async def test_a_private_message_is_replaced(self, stage):
        await ana(stage).types("/probe dm", leads(stage))
        await stage.settles()
        [card] = ana(stage).dm.messages
        await ana(stage).presses("Replace", card)
        await stage.slack.until(lambda: card.text == "Replaced")

    async def test_at_home_answers_are_modals(self, stage):
        await ana(stage).opens_home()
        await stage.slack.until(lambda: ana(stage).home)
        assert "Hello ana" in json.dumps(ana(stage).home.blocks)
        await ana(stage).presses("Say", ana(stage).home)
        await stage.slack.until(lambda: ana(stage).view)
        assert "Pressed" in json.dumps(ana(stage).view.blocks)
        await ana(stage).closes()
        await ana(stage).presses("Ask", ana(stage).home)
        await stage.slack.until(lambda: ana(stage).view)

    async def test_a_home_that_slack_did_not_take_is_shown_all_the_same(self, stage):
        stage.slack.faults.breaks("views.publish")
        await ana(stage).opens_home()
        await stage.slack.until(lambda: ana(stage).home)
        assert "Hello ana" in json.dumps(ana(stage).home.blocks)

    async def test_where_the_response_url_is_used_up_there_is_another_way(self, file_database):
        async with a_stage(file_database, pace=replace(PACE, response_url_uses=0)) as stage:
            card = await gets_card(stage)
            await ana(stage).presses("Say", card)
            await stage.slack.until(lambda: len(ana(stage).ephemerals) == 2)
            assert stage.slack.journal.called("chat.postEphemeral", "ok")

    async def test_where_nothing_can_be_shown_in_the_channel_there_is_the_private_conversation(self, file_database):
        async with a_stage(file_database, pace=replace(PACE, response_url_uses=0)) as stage:
            card = await gets_card(stage)
            stage.slack.faults.refuses("chat.postEphemeral", "restricted_action")
            await ana(stage).presses("Say", card)
            await stage.slack.until(lambda: ana(stage).dm.messages)
            assert "Pressed" in texts(ana(stage).dm.messages)[0]

    async def test_an_old_button_has_retired(self, stage):
        card = await gets_card(stage)
        card.blocks[-1]["elements"][0]["value"] = '["probe.gone",{}]'
        await ana(stage).presses("Say", card)
        await stage.slack.until(lambda: len(ana(stage).ephemerals) == 2)
        assert "retired" in texts(ana(stage).ephemerals)[1]


class TestShortcuts:
    async def test_on_a_message_it_carries_the_message(self, stage):
        message = await ana(stage).writes(leads(stage), "Acme & Sons are closed")
        await ana(stage).uses_shortcut("probe", message)
        await stage.slack.until(lambda: ana(stage).view)
        [ref] = stage.feature.shortcuts
        assert (ref.text, ref.author, ref.channel, ref.ts) == (
            "Acme & Sons are closed", ana(stage).id, leads(stage).id, message.ts,
        )  # fmt: skip
        assert ref.link == f"https://acme.slack.com/archives/{leads(stage).id}/p{message.ts.replace('.', '')}"

    async def test_a_global_one_answers_in_a_modal(self, stage):
        await ana(stage).uses_shortcut("probe")
        await stage.slack.until(lambda: ana(stage).view)
        assert "Nothing chosen" in json.dumps(ana(stage).view.blocks)


class TestMessages:
    async def test_people_are_heard_with_edits_and_deletions(self, stage):
        await stage.watches(leads(stage))
        message = await ana(stage).writes(leads(stage), "Hello & welcome")
        reply = await ana(stage).writes(leads(stage), "in the thread", thread=message)
        await ana(stage).edits(message, "Hello again")
        await ana(stage).deletes(reply)
        await stage.settles()
        heard = sorted((each.change, each.text, each.thread_ts, each.app) for each in stage.feature.heard)
        assert (
            heard
            == [
                ("deleted", "", message.ts, None),
                ("edited", "Hello again", message.ts, None),
                ("new", "Hello & welcome", None, None),
                ("new", "in the thread", message.ts, None),
            ]
            or heard[1][2] is None
        )

    async def test_apps_are_heard_with_their_blocks_and_attachments(self, stage):
        await stage.watches(leads(stage))
        fields = [{"type": "mrkdwn", "text": "*Company:*\nAcme"}, {"type": "mrkdwn", "text": "*Value:* 10 &lt; 20"}]
        blocks = [{"type": "section", "fields": fields}]
        attachments = [{"fallback": "x", "fields": [{"title": "Owner", "value": "Ana"}]}]
        await stage.acme.hears_app(leads(stage), "New lead", blocks=blocks, attachments=attachments)
        await stage.settles()
        [heard] = stage.feature.heard
        assert heard.app == "A0OTHERAPP"
        assert heard.text.splitlines() == ["New lead", "Company: Acme", "Value: 10 < 20", "Owner: Ana"]

    async def test_our_own_messages_are_not_heard(self, stage):
        await gets_card(stage)
        assert not stage.feature.heard

    async def test_a_message_nobody_asked_for_costs_no_database_access(self, stage):
        await stage.watches(stage.acme.channel("talk", members=[ana(stage)]))
        stage.acme.team.channels[leads(stage).id].members.append(stage.acme.bot.id)
        database, asked = stage.parley.dispatcher._database, []
        read, write = database.read, database.write
        database.read = lambda work: asked.append(work) or read(work)
        database.write = lambda work, **how: asked.append(work) or write(work, **how)
        await ana(stage).writes(leads(stage), "Lunch?")
        await ana(stage).reacts(leads(stage).messages[-1], "tada")
        await stage.slack.settled()
        looks = {
            "Delivery._look.<locals>.<lambda>",
            "Dispatcher.refresh.<locals>.<lambda>",
            "_claim",
            "watched_channels",
        }
        by_a_clock = "Timekeeper.", "Calculator.", "Waves."  # and by nobody's message
        assert {name for work in asked if not (name := work.__qualname__).startswith(by_a_clock)} <= looks

    async def test_messages_go_past_bolt_and_all_else_through_it(self, stage):
        await stage.watches(leads(stage))
        edge, reached = (stage.parley._endpoint or stage.parley._socket)._app, []
        dispatch = edge.async_dispatch

        def count(request):
            reached.append(request.body.get("event", request.body).get("type") or request.body["command"])
            return dispatch(request)

        edge.async_dispatch = count
        await ana(stage).writes(leads(stage), "Lead!")
        await ana(stage).types("/probe card", leads(stage))
        await ana(stage).opens_home()
        await stage.settles()
        assert [each.text for each in stage.feature.heard] == ["Lead!"]
        assert reached == ["/probe", "app_home_opened"]

    async def test_an_outsiders_message_is_not_heard(self, stage):
        await stage.watches(leads(stage))
        eve = stage.acme.person("Eve", home="T0ELSEWHERE")
        leads(stage).members.append(eve.id)
        leads(stage).is_ext_shared = True
        await eve.writes(leads(stage), "psst")
        await stage.settles()
        assert not stage.feature.heard


class TestReactions:
    async def test_they_are_put_and_taken_away_without_skin_tone(self, stage):
        card = await gets_card(stage)
        await ana(stage).reacts(card, "+1::skin-tone-3")
        await stage.settles()
        await ana(stage).unreacts(card, "+1::skin-tone-3")
        await stage.settles()
        assert [(each.name, each.is_there) for each in stage.feature.reacted] == [("+1", True), ("+1", False)]

    async def test_an_outsider_cannot_react(self, stage):
        card = await gets_card(stage)
        eve = stage.acme.person("Eve", home="T0ELSEWHERE")
        leads(stage).members.append(eve.id)
        await eve.reacts(card, "eyes")
        await stage.settles()
        assert not stage.feature.reacted


class TestChannelsAndPeople:
    async def test_what_slack_tells_becomes_events(self, stage):
        channel, bo = leads(stage), stage.acme.person("Bo")
        await stage.watches(channel)
        for step in (
            bo.joins(channel),
            bo.leaves(channel),
            stage.acme.renames(channel, "hot-leads"),
            stage.acme.shares(channel, "T0ELSEWHERE"),
            bo.changes(real_name="Bo Berg", name="Bo Berg"),
            ana(stage).removes(stage.acme.bot, channel),
        ):
            await step
            await stage.settles()
        told = [each for each in stage.feature.told if not isinstance(each, CardPosted | PersonChanged)]
        assert told == [
            ChannelJoined(channel.id, bo.id),
            ChannelQuit(channel.id, bo.id),
            ChannelChanged(channel.id, name="hot-leads"),
            ChannelChanged(channel.id, is_shared=True),
            ChannelLeft(channel.id),
        ]
        [changed] = [each for each in stage.feature.told if isinstance(each, PersonChanged)]
        assert (changed.person.name, changed.person.belongs) == ("Bo Berg", True)

    async def test_a_changed_status_is_not_a_changed_person(self, stage):
        bo = stage.acme.person("Bo")
        await bo.changes(tz="Asia/Tokyo")
        await stage.settles()
        await bo.changes(tz="Asia/Tokyo")
        await stage.settles()
        assert len([each for each in stage.feature.told if isinstance(each, PersonChanged)]) == 1

    async def test_after_removal_nothing_is_heard_or_answered(self, stage):
        await stage.watches(leads(stage))
        await stage.acme.revokes_tokens()
        await stage.slack.settled()
        assert stage.parley.tokens.find(stage.acme.id) is None
        await ana(stage).types("/probe hello", leads(stage))
        assert "not installed" in texts(ana(stage).ephemerals)[-1]


class TestPromptness:
    async def test_the_answer_does_not_wait_for_a_slow_views_open(self, stage):
        await ana(stage).types("/probe hello", leads(stage))
        stage.slack.faults.delays("views.open", before=5)
        began = monotonic()
        answer = await ana(stage).types("/probe form", leads(stage))
        assert answer.ok
        assert monotonic() - began < 1
        await stage.slack.until(lambda: len(ana(stage).ephemerals) == 2, within=4)
        assert "took too long" in texts(ana(stage).ephemerals)[1]

    async def test_events_that_come_twice_and_out_of_order_count_once(self, stage):
        await stage.watches(leads(stage))
        stage.slack.faults.doubles_events()
        stage.slack.faults.shuffles_events(5)
        for number in range(5):
            await ana(stage).writes(leads(stage), f"message {number}")
        await stage.settles()
        assert sorted(each.text for each in stage.feature.heard) == [f"message {n}" for n in range(5)]

    async def test_an_event_that_fails_comes_again(self, stage):
        await stage.watches(leads(stage))
        stage.feature.failures = [ZeroDivisionError()]
        await ana(stage).writes(leads(stage), "Hello")
        await stage.settles()
        assert [each.text for each in stage.feature.heard] == ["Hello"]

    async def test_an_event_waits_while_slack_cannot_say_who_it_was(self, stage):
        await stage.watches(leads(stage))
        bo = stage.acme.person("Bo")
        leads(stage).members.append(bo.id)
        stage.slack.faults.breaks("users.info")
        await bo.writes(leads(stage), "Hello")
        await stage.settles()
        assert [each.text for each in stage.feature.heard] == ["Hello"]


class TestBorders:
    async def test_an_outsider_presses_and_nothing_happens(self, stage):
        card = await gets_card(stage)
        eve = stage.acme.person("Eve", home="T0ELSEWHERE")
        leads(stage).members.append(eve.id)
        await eve.presses("Say", card)
        await stage.slack.until(lambda: eve.ephemerals)
        assert "for members of the company" in texts(eve.ephemerals)[0]
        assert not stage.slack.journal.called("views.open")

    async def test_two_workspaces_are_served_by_one_process_and_kept_apart(self, file_database):
        async with a_stage(file_database, others=("Beta",)) as stage:
            beta = stage.slack.workspace("Beta")
            bo = beta.person("Bo", is_admin=True)
            there = beta.channel("there", members=[bo])
            await stage.watches(leads(stage))
            await bo.invites(beta.bot, there)
            await stage.settles()
            await bo.types("/probe card", there)
            await ana(stage).types("/probe card", leads(stage))
            await stage.settles()
            assert ([m.text for m in there.messages], [m.text for m in leads(stage).messages]) == (
                ["Hello", "A card"],
            ) * 2
            await bo.writes(there, "nobody watches this")
            await ana(stage).writes(leads(stage), "this is heard")
            await stage.settles()
            assert [heard.text for heard in stage.feature.heard] == ["this is heard"]
            await beta.uninstalls()
            await stage.slack.settled()
            await ana(stage).types("/probe still here", leads(stage))
            assert "still here" in texts(ana(stage).ephemerals)[-1]


class TestSocketMode:
    async def test_it_connects_again_once_when_slack_ends_the_connection(self, file_database):
        async with a_stage(file_database, "socket") as stage:
            [before] = stage.slack.socket.connections
            await stage.slack.socket.disconnect("refresh_requested")
            await stage.slack.until(lambda: set(stage.slack.socket.connections) - {before})
            await ana(stage).types("/probe hello", leads(stage))
            await stage.slack.until(lambda: ana(stage).ephemerals)
            assert "hello" in texts(ana(stage).ephemerals)[0]
            assert len(stage.slack.journal.called("apps.connections.open", "ok")) == 2

    async def test_nothing_is_lost_while_the_next_connection_is_opened(self, file_database):
        async with a_stage(file_database, "socket") as stage:
            slack, typed = stage.slack, 0
            [before] = slack.socket.connections
            await slack.socket.disconnect("warning")
            while not set(slack.socket.connections) - {before} or typed < 20:
                await ana(stage).types("/probe hello", leads(stage))
                typed += 1
            await slack.until(lambda: len(ana(stage).ephemerals) == typed)

    async def test_with_it_no_request_is_taken_by_http(self, file_database):
        async with a_stage(file_database, "socket") as stage:
            assert (await stage.sends(b"{}"))[0] == 404
