"""The double's payloads have the keys of Slack's recorded ones."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.playground import App, Double
from bot.playground.workspace import Workspace
from tests.platforms.served import served

RECORDED = Path(__file__).parents[3] / "shared/fixtures/slack"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded payloads are not here")

INSIDE = (
    "event",
    "container",
    "team",
    "user",
    "channel",
    "view",
    "item",
    "message",
    "previous_message",
    "root",
    "bot_profile",
)
# What Slack no longer sends, what only some apps (workflows, unfurls) get, and what depends on the person's doing.
OTHER = (
    "authed_users",
    "enterprise_name",
    "icons",
    "attachment",
    "unfurl",
    "team.enterprise",
    "ssl_check",
    "message.edited",
)


def paths(value: dict[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for key, item in value.items():
        found.add(prefix + key)
        if key in INSIDE and isinstance(item, dict):
            found |= paths(item, f"{prefix}{key}.")
    return found


class Recorder:
    """An app that acknowledges everything and keeps it."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []

    async def handle(self, request: web.Request) -> web.Response:
        if request.content_type == "application/json":
            self.payloads.append(await request.json())
        else:
            form = {key: str(value) for key, value in (await request.post()).items()}
            self.payloads.append(json.loads(form["payload"]) if "payload" in form else form)
        return web.Response()

    def last(self) -> dict[str, Any]:
        return self.payloads[-1]


@pytest.fixture
async def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def slack(recorder: Recorder) -> AsyncIterator[Double]:
    async with served(recorder.handle) as url, Double(App(request_url=url)) as slack:
        yield slack


@pytest.fixture
async def acme(slack: Double) -> Workspace:
    acme = slack.workspace(enterprise_id="E111")
    acme.install()
    acme.channel("leads", members=[acme.person("Ana")], bot=True)
    return acme


def assert_shaped(payload: dict[str, Any], recorded: str) -> None:
    [path] = RECORDED.glob(f"*/{recorded}.json")
    expected = json.loads(path.read_text())
    missing = paths(expected.get("_parsed", expected)) - paths(payload)
    assert not {each for each in missing if not any(other in each for other in OTHER)}


async def test_events(slack: Double, acme: Workspace, recorder: Recorder) -> None:
    ana, leads = acme.person("Ana"), acme.channel("leads")

    async def check(recorded: str) -> None:
        await slack.settled()
        assert_shaped(recorder.last(), recorded)

    message = await ana.writes(leads, "This is a message")
    await check("event.message__message_bot_L79")
    await ana.reacts(message, "heart_eyes")
    await check("event.reaction_added__events_shared_channels_L137")
    await ana.writes(leads, "in thread", thread=message, broadcast=True)
    await check("event.message.thread_broadcast__message_thread_broadcast_L74")
    await ana.edits(message, "updated message")
    await check("event.message.message_changed__message_changed_L68")
    await ana.deletes(message)
    await check("event.message.message_deleted__message_deleted_L68")
    await acme.hears_app(leads, "Hi there!")
    await check("event.message.bot_message__message_bot_L173")
    await ana.leaves(leads)
    await check("event.member_left_channel__events_shared_channels_L290")
    await ana.invites(ana, leads)
    await check("event.member_joined_channel__events_L167")
    await ana.opens_home()
    await check("event.app_home_opened__events_org_apps_L153")
    await acme.revokes_tokens()
    await check("event.tokens_revoked__events_shared_channels_L458")


async def test_interactions(slack: Double, acme: Workspace, recorder: Recorder) -> None:
    ana, leads = acme.person("Ana"), acme.channel("leads")
    press = {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]}
    headers = {"Authorization": f"Bearer {acme.installation.token}"}

    async def call(method: str, **arguments: Any) -> None:
        async with session.post(f"{slack.api_url}{method}", json=arguments, headers=headers) as answer:
            assert (await answer.json())["ok"]

    async with ClientSession() as session:
        await call("chat.postMessage", channel=leads.id, text="x", blocks=[press])
        await ana.presses("Go", leads.messages[-1])
        assert_shaped(recorder.last(), "block_actions__block_actions_respond_L118")
        await ana.types("/weather 94070", leads)
        assert_shaped(recorder.last(), "slash_command__SlashCommandTest_L49")
        await ana.uses_shortcut("note", leads.messages[-1])
        assert_shaped(recorder.last(), "message_action__MessageShortcutPayloadTest_L13")
        await ana.uses_shortcut("test-shortcut")
        assert_shaped(recorder.last(), "shortcut__GlobalShortcutPayloadTest_L13")
        search = {
            "type": "input",
            "optional": True,
            "label": {"type": "plain_text", "text": "L"},
            "element": {"type": "external_select"},
        }
        form = {
            "type": "modal",
            "title": {"type": "plain_text", "text": "T"},
            "notify_on_close": True,
            "submit": {"type": "plain_text", "text": "S"},
            "blocks": [search],
        }
        await call("views.open", trigger_id=recorder.last()["trigger_id"], view=form)
        await ana.searches("L", "This is a test")
        assert_shaped(recorder.last(), "block_suggestion__block_suggestion_L208")
        await ana.submits()
        assert_shaped(recorder.last(), "view_submission__view_submission_L17")
        await call("views.open", trigger_id=recorder.last()["trigger_id"], view=form)
        await ana.closes()
        assert_shaped(recorder.last(), "view_closed__view_closed_L140")
        await call("views.publish", user_id=ana.id, view={"type": "home", "blocks": [press]})
        await ana.presses("Go", ana.home)
        assert_shaped(recorder.last(), "block_actions__BlockActionTest_L52")
