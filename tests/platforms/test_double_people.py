"""People at the double's client: what they do reaches a real AsyncApp, and its answers reach them, both ways."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Double, Pace
from bot.playground.workspace import Workspace
from tests.platforms.served import served

PACE = Pace(ack_within=30.0, retry_after=(0.0, 0.01, 0.01), socket_resend_after=30.0)


class Stand:
    """A double, one workspace, and a Bolt app that stands in it."""

    def __init__(self, slack: Double, acme: Workspace, app: AsyncApp) -> None:
        self.slack = slack
        self.acme = acme
        self.app = app
        self.heard: list[dict[str, Any]] = []


@asynccontextmanager
async def reached(slack: Double, app: AsyncApp) -> AsyncIterator[None]:
    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    async with served(handle) as slack.app.request_url:
        yield


@asynccontextmanager
async def connected(slack: Double, app: AsyncApp) -> AsyncIterator[None]:
    slack.app.socket_mode = True
    handler = AsyncSocketModeHandler(app, slack.app.app_token, web_client=AsyncWebClient(base_url=slack.api_url))
    await handler.connect_async()
    await slack.until(lambda: slack.socket.connections)
    try:
        yield
    finally:
        await handler.close_async()


@pytest.fixture(params=["http", "socket"])
async def stand(request: pytest.FixtureRequest) -> AsyncIterator[Stand]:
    async with Double(pace=PACE) as slack, ClientSession() as session:
        acme = slack.workspace("Acme")
        token = acme.install().token
        client = AsyncWebClient(token, base_url=slack.api_url, session=session)
        app = AsyncApp(
            client=client,
            signing_secret=slack.app.signing_secret,
            process_before_response=True,
            ignoring_self_events_enabled=False,
        )
        stand = Stand(slack, acme, app)

        @app.event("message")
        @app.event("reaction_added")
        @app.event("member_joined_channel")
        @app.event("app_home_opened")
        @app.event("app_mention")
        @app.event("user_change")
        async def hear(body: dict[str, Any]) -> None:
            stand.heard.append(body)

        async with reached(slack, app) if request.param == "http" else connected(slack, app):
            yield stand


def form(**more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "lead",
        "title": {"type": "plain_text", "text": "Lead"},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": [
            {
                "type": "input",
                "block_id": "why",
                "label": {"type": "plain_text", "text": "Why"},
                "element": {"type": "plain_text_input", "action_id": "text"},
            },
            {
                "type": "input",
                "block_id": "kind",
                "dispatch_action": True,
                "optional": True,
                "label": {"type": "plain_text", "text": "Kind"},
                "element": {
                    "type": "static_select",
                    "action_id": "choice",
                    "options": [
                        {"text": {"type": "plain_text", "text": "Hot"}, "value": "hot"},
                        {"text": {"type": "plain_text", "text": "Cold"}, "value": "cold"},
                    ],
                },
            },
            {
                "type": "input",
                "block_id": "company",
                "optional": True,
                "label": {"type": "plain_text", "text": "Company"},
                "element": {"type": "external_select", "action_id": "lookup", "min_query_length": 1},
            },
            {
                "type": "input",
                "block_id": "who",
                "optional": True,
                "label": {"type": "plain_text", "text": "Who"},
                "element": {"type": "multi_users_select", "action_id": "people"},
            },
            {
                "type": "input",
                "block_id": "when",
                "optional": True,
                "label": {"type": "plain_text", "text": "When"},
                "element": {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-01"},
            },
        ],
    } | more


def card(label: str = "Accept") -> list[dict[str, Any]]:
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*L-1* {label}"}},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "accept", "value": "1", "text": {"type": "plain_text", "text": label}}
            ],
        },
    ]


async def test_a_command_answers_the_person_who_typed_it(stand: Stand) -> None:
    texts = []

    @stand.app.command("/leadfeedback")
    async def feedback(ack: Any, command: dict[str, Any]) -> None:
        texts.append(command["text"])
        await ack("Noted.")

    ana, ben = stand.acme.person("Ana"), stand.acme.person("Ben")
    leads = stand.acme.channel("leads", members=[ana, ben], bot=True)
    answer = await ana.types("/leadfeedback L-1 R8 for @ben in #leads & <more>", leads)
    assert answer.ok
    assert [message.text for message in ana.ephemerals] == ["Noted."]
    assert texts == [f"L-1 R8 for <@{ben.id}|ben> in <#{leads.id}|leads> &amp; &lt;more&gt;"]
    assert not ben.ephemerals


async def test_what_people_write_is_heard_where_the_bot_is(stand: Stand) -> None:
    ana = stand.acme.person("Ana")
    leads, other = stand.acme.channel("leads", members=[ana], bot=True), stand.acme.channel("other", members=[ana])
    message = await ana.writes(leads, "R&D <3 @parley")
    await ana.writes(other, "unheard")
    await stand.slack.settled()
    await ana.reacts(message, "+1")
    await stand.slack.settled()
    await ana.edits(message, "changed")
    await stand.slack.settled()
    await ana.deletes(message)
    await stand.slack.settled()
    kinds = [(body["event"]["type"], body["event"].get("subtype")) for body in stand.heard]
    assert sorted(kinds[:2]) == [("app_mention", None), ("message", None)]
    assert kinds[2:] == [("reaction_added", None), ("message", "message_changed"), ("message", "message_deleted")]
    first = next(body for body in stand.heard if body["event"]["type"] == "message")
    assert first["event"]["text"] == f"R&amp;D &lt;3 <@{stand.acme.bot.id}>"
    assert first["authorizations"][0]["user_id"] == stand.acme.bot.id


async def test_a_button_carries_its_message_and_can_answer_privately(stand: Stand) -> None:
    @stand.app.action("accept")
    async def accept(ack: Any, respond: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="done", blocks=[])
        await respond("You accepted it.", replace_original=False)

    ana = stand.acme.person("Ana")
    leads = stand.acme.channel("leads", members=[ana], bot=True)
    await stand.app.client.chat_postMessage(channel=leads.id, text="L-1", blocks=card())
    await ana.presses("Accept", leads.messages[-1])
    await stand.slack.until(lambda: ana.ephemerals)
    assert (leads.messages[-1].text, leads.messages[-1].blocks) == ("done", [])
    assert ana.ephemerals[-1].text == "You accepted it."
    with pytest.raises(LookupError, match="no button 'Accept'"):
        await ana.presses("Accept", leads.messages[-1])


async def test_a_form_is_opened_filled_refused_and_saved(stand: Stand) -> None:
    saved: list[dict[str, Any]] = []

    @stand.app.shortcut("new-lead")
    async def open_form(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form())

    @stand.app.action("choice")
    async def grow(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_update(
            view_id=body["view"]["id"],
            hash=body["view"]["hash"],
            view=form(title={"type": "plain_text", "text": body["actions"][0]["selected_option"]["value"]}),
        )

    @stand.app.options("lookup")
    async def companies(ack: Any, body: dict[str, Any]) -> None:
        await ack(options=[{"text": {"type": "plain_text", "text": body["value"].title()}, "value": body["value"]}])

    @stand.app.view("lead")
    async def save(ack: Any, view: dict[str, Any]) -> None:
        if len(view["state"]["values"]["why"]["text"]["value"]) < 5:
            await ack(response_action="errors", errors={"why": "Say more."})
        else:
            saved.append(view["state"]["values"])
            await ack()

    ana = stand.acme.person("Ana")
    await ana.uses_shortcut("new-lead")
    await stand.slack.until(lambda: ana.view)
    assert await ana.submits() is None
    assert ana.errors == {"why": "Please complete this required field."}
    await ana.fills(None, {"Why": "abc", "Kind": "Hot"})
    assert ana.view is not None
    assert ana.view.content["title"]["text"] == "hot"
    with pytest.raises(LookupError, match="not offered"):
        await ana.fills(None, {"Kind": "Lukewarm"})
    await ana.submits({"Company": "Acm", "Who": [ana]})
    assert ana.errors == {"why": "Say more."}
    await ana.submits({"Why": "abc and more"})
    assert (ana.view, ana.errors, ana.troubles) == (None, {}, [])
    assert saved[0] == {
        "why": {"text": {"type": "plain_text_input", "value": "abc and more"}},
        "kind": {
            "choice": {
                "type": "static_select",
                "selected_option": {"text": {"type": "plain_text", "text": "Hot"}, "value": "hot"},
            }
        },
        "company": {
            "lookup": {
                "type": "external_select",
                "selected_option": {"text": {"type": "plain_text", "text": "Acm"}, "value": "Acm"},
            }
        },
        "who": {"people": {"type": "multi_users_select", "selected_users": [ana.id]}},
        "when": {"day": {"type": "datepicker", "selected_date": "2026-11-01"}},
    }


async def test_errors_for_an_unknown_block_are_trouble(stand: Stand) -> None:
    @stand.app.command("/lead")
    async def open_form(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form())

    @stand.app.view("lead")
    async def save(ack: Any) -> None:
        await ack(response_action="errors", errors={"wrong": "?"})

    ana = stand.acme.person("Ana")
    await ana.types("/lead", stand.acme.channel("leads", members=[ana]))
    await stand.slack.until(lambda: ana.view)
    await ana.submits({"Why": "because"})
    assert "no input block" in ana.troubles[0]
    assert ana.view is not None


async def test_forms_stack_and_close(stand: Stand) -> None:
    closed: list[dict[str, Any]] = []

    @stand.app.command("/lead")
    async def open_form(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form(notify_on_close=True))

    @stand.app.view("lead")
    async def deeper(ack: Any) -> None:
        await ack(response_action="push", view=form(callback_id="deeper", notify_on_close=True))

    @stand.app.view_closed("lead")
    @stand.app.view_closed("deeper")
    async def note(ack: Any, body: dict[str, Any]) -> None:
        closed.append(body)
        await ack()

    ana = stand.acme.person("Ana")
    await ana.types("/lead", stand.acme.channel("leads", members=[ana]))
    await stand.slack.until(lambda: ana.view)
    first = ana.view
    await ana.submits({"Why": "because"})
    assert first is not None
    assert ana.view is not None
    assert (ana.view.content["callback_id"], ana.view.previous_id, ana.view.root_id) == ("deeper", first.id, first.id)
    await ana.closes()
    assert ana.view is first
    await ana.closes()
    assert (ana.view, len(closed)) == (None, 2)


async def test_an_answer_after_the_deadline_is_an_operation_timeout(stand: Stand) -> None:
    @stand.app.command("/slow")
    async def slow(ack: Any) -> None:
        await stand.slack.until(lambda: ana.troubles)
        await ack("too late")

    stand.slack.state.pace = replace(PACE, ack_within=0.3)
    ana = stand.acme.person("Ana")
    await ana.types("/slow", stand.acme.channel("leads", members=[ana]))
    assert ana.troubles == ["operation_timeout"]
    assert not ana.ephemerals


async def test_a_refreshed_socket_is_opened_again(stand: Stand) -> None:
    if not stand.slack.app.socket_mode:
        pytest.skip("HTTP has no connection to refresh")
    ana = stand.acme.person("Ana")
    leads = stand.acme.channel("leads", members=[ana], bot=True)
    [before] = stand.slack.socket.connections
    stand.slack.state.pace = replace(PACE, socket_resend_after=0.3, socket_resends=100)  # the first may be lost
    await stand.slack.socket.disconnect("refresh_requested")
    await stand.slack.until(lambda: stand.slack.socket.connections not in ([], [before]))
    await ana.writes(leads, "still there?")
    await stand.slack.until(lambda: stand.heard)


async def test_the_home_tab_is_published_and_pressed(stand: Stand) -> None:
    pressed: list[dict[str, Any]] = []

    @stand.app.action("accept")
    async def accept(ack: Any, body: dict[str, Any]) -> None:
        pressed.append(body)
        await ack()

    ana = stand.acme.person("Ana")
    await ana.opens_home()
    await stand.slack.settled()
    assert stand.heard[-1]["event"]["channel"] == ana.dm.id
    await stand.app.client.views_publish(user_id=ana.id, view={"type": "home", "blocks": card("One") + card("Two")})
    await ana.presses("Two", ana.home)
    await ana.presses("accept", ana.home, beside="L-1* One")
    assert [body["actions"][0]["text"]["text"] for body in pressed] == ["Two", "One"]
    assert pressed[0]["container"] == {"type": "view", "view_id": ana.home.id if ana.home else None}


async def test_people_of_another_organisation_are_told_apart(stand: Stand) -> None:
    ana, zoe = stand.acme.person("Ana"), stand.acme.person("Zoe", home="T0ELSEWHERE")
    shared = stand.acme.channel("shared", members=[ana, zoe], bot=True)
    message = await zoe.writes(shared, "hello")
    await stand.slack.settled()
    await zoe.reacts(message, "eyes")
    await stand.slack.settled()
    wrote, reacted = stand.heard
    assert (wrote["team_id"], wrote["event"]["user_team"]) == ("T0ELSEWHERE", "T0ELSEWHERE")
    assert (reacted["team_id"], reacted["authorizations"][0]["team_id"]) == ("T0ELSEWHERE", stand.acme.id)
    assert wrote["is_ext_shared_channel"] is True
    await zoe.types("/leadfeedback", shared)
    assert zoe.troubles == ["/leadfeedback is not a valid command"]
    info = await stand.app.client.users_info(user=zoe.id)
    assert (info["user"]["team_id"], info["user"]["is_stranger"]) == ("T0ELSEWHERE", False)
    assert "email" not in info["user"]["profile"]


async def test_choices_on_a_message_carry_its_state(stand: Stand) -> None:
    acted: list[dict[str, Any]] = []

    @stand.app.action(re.compile(".*"))
    async def note(ack: Any, body: dict[str, Any]) -> None:
        acted.append(body)
        await ack()

    ana, ben = stand.acme.person("Ana"), stand.acme.person("Ben")
    menu = [{"text": {"type": "plain_text", "text": word}, "value": word.lower()} for word in ("Snooze", "Drop")]
    message = {
        "channel": ana.dm.id,
        "text": "L-1",
        "blocks": [
            {
                "type": "section",
                "block_id": "lead",
                "text": {"type": "mrkdwn", "text": "Owner"},
                "accessory": {"type": "users_select", "action_id": "owner"},
            },
            {
                "type": "actions",
                "block_id": "more",
                "elements": [
                    {"type": "overflow", "action_id": "menu", "options": menu},
                    {"type": "radio_buttons", "action_id": "size", "options": menu, "initial_option": menu[0]},
                ],
            },
        ],
    }
    await stand.app.client.chat_postMessage(**message)
    [posted] = ana.dm.messages
    await ana.fills(posted, {"Owner": "ben"})
    await ana.presses("Drop", posted)
    chose, pressed = acted
    assert chose["actions"][0]["selected_user"] == ben.id
    assert pressed["actions"][0]["selected_option"]["value"] == "drop"
    assert pressed["state"]["values"] == {
        "lead": {"owner": {"type": "users_select", "selected_user": ben.id}},
        "more": {"size": {"type": "radio_buttons", "selected_option": menu[0]}},
    }
    with pytest.raises(LookupError, match="there is no 'nobody'"):
        await ana.fills(posted, {"Owner": "nobody"})


async def test_a_direct_message_reaches_the_bot(stand: Stand) -> None:
    ana = stand.acme.person("Ana")
    await ana.writes(ana.dm, "help")
    await stand.slack.settled()
    assert [(body["event"]["channel_type"], body["event"]["text"]) for body in stand.heard] == [("im", "help")]


async def test_a_person_of_another_workspace_is_the_same_person(stand: Stand) -> None:
    other = stand.slack.workspace("Other")
    zoe = other.person("Zoe")
    guest = stand.acme.person("Zoe", home=other)
    assert guest.member is zoe.member
    assert stand.acme.channel("both", members=[guest], bot=True).is_ext_shared


async def test_the_bot_is_invited_and_other_apps_post(stand: Stand) -> None:
    ana = stand.acme.person("Ana")
    leads = stand.acme.channel("leads", members=[ana])
    await ana.invites(stand.acme.bot, leads)
    await stand.slack.settled()
    await stand.acme.hears_app(leads, "New lead", attachments=[{"text": "from the web form", "fallback": "x"}])
    await stand.slack.settled()
    await ana.changes(tz="America/New_York")
    await stand.slack.settled()
    joined, posted, changed = [body["event"] for body in stand.heard]
    assert (joined["user"], joined["inviter"], joined["channel_type"]) == (stand.acme.bot.id, ana.id, "C")
    assert (posted["subtype"], posted["bot_id"], posted["attachments"][0]["text"]) == (
        "bot_message",
        "B0OTHERAPP",
        "from the web form",
    )
    assert changed["user"]["tz"] == "America/New_York"
    assert json.dumps(stand.heard)


async def test_an_answer_may_be_seen_by_everybody(stand: Stand) -> None:
    @stand.app.command("/share")
    async def share(ack: Any, respond: Any) -> None:
        await ack(response_type="in_channel", text="Ana shares.")
        await respond("More, for her alone.")

    ana = stand.acme.person("Ana")
    leads = stand.acme.channel("leads", members=[ana], bot=True)
    await ana.types("/share", leads)
    await stand.slack.until(lambda: ana.ephemerals)
    assert [message.text for message in leads.messages] == ["Ana shares."]
    await stand.slack.settled()
    assert stand.heard[0]["event"]["bot_id"] == stand.acme.installation.bot_id


async def test_a_refused_answer_is_trouble(stand: Stand) -> None:
    @stand.app.command("/bad")
    async def bad(ack: Any) -> None:
        await ack(blocks=[{"type": "riddle"}])

    ana = stand.acme.person("Ana")
    await ana.types("/bad", stand.acme.channel("leads", members=[ana]))
    assert ana.troubles[0].startswith("invalid_blocks: [ERROR] unsupported type: riddle")


async def test_only_declared_commands_exist(stand: Stand) -> None:
    texts = []

    @stand.app.command("/plain")
    async def plain(ack: Any, command: dict[str, Any]) -> None:
        texts.append(command["text"])
        await ack()

    stand.slack.app.commands = {"/plain": False}
    ana = stand.acme.person("Ana")
    leads = stand.acme.channel("leads", members=[ana])
    await ana.types("/plain @ana", leads)
    await ana.types("/other", leads)
    assert texts == ["@ana"]
    assert ana.troubles == ["/other is not a valid command"]
