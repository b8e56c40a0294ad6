"""The double's Web API under the real AsyncWebClient: what it does, what it refuses, and its bad days."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.playground import Double
from bot.playground.person import Person
from bot.playground.records import Channel
from bot.playground.state import ALL_SCOPES


class Clock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Scene:
    """A double with a channel, a person in it and a client."""

    def __init__(self, slack: Double, clock: Clock, session: ClientSession) -> None:
        self.slack, self.clock, self.session = slack, clock, session
        self.acme = slack.workspace()
        self.client = self.client_with(ALL_SCOPES)
        self.ana: Person = self.acme.person("Ana")
        self.leads: Channel = self.acme.channel("leads", members=[self.ana], bot=True)

    def client_with(self, scopes: Any) -> AsyncWebClient:
        token = self.acme.install(scopes=scopes).token
        return AsyncWebClient(token, base_url=self.slack.api_url, session=self.session, retry_handlers=[])

    def trigger(self) -> str:
        return self.slack.state.new_trigger(self.acme.team, self.ana.id)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = Clock()
    async with Double(now=clock) as slack, ClientSession() as session:
        yield Scene(slack, clock, session)


async def refused(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as refusal:
        await call
    data = refusal.value.response.data
    assert isinstance(data, dict)
    return data


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]} | more


async def test_tokens_are_checked(scene: Scene) -> None:
    me = await scene.client.auth_test()
    assert (me["team_id"], me["user_id"]) == (scene.acme.id, scene.acme.bot.id)
    assert "chat:write" in me.headers["x-oauth-scopes"]
    stranger = AsyncWebClient("xoxb-wrong", base_url=scene.slack.api_url)
    assert (await refused(stranger.auth_test()))["error"] == "invalid_auth"
    nobody = AsyncWebClient(base_url=scene.slack.api_url)
    assert (await refused(nobody.auth_test()))["error"] == "not_authed"
    assert (await nobody.api_test(foo="bar"))["args"] == {"foo": "bar"}
    assert (await refused(scene.client.api_call("chat.sing")))["error"] == "unknown_method"
    narrow = scene.client_with(["chat:write"])
    missing = await refused(narrow.users_list())
    assert (missing["error"], missing["needed"], missing["provided"]) == ("missing_scope", "users:read", "chat:write")


async def test_a_message_lives_and_dies(scene: Scene) -> None:
    posted = await scene.client.chat_postMessage(
        channel=scene.leads.id, text="one", metadata={"event_type": "lead", "event_payload": {"id": 1}}
    )
    ts = posted["ts"]
    reply = await scene.client.chat_postMessage(channel=scene.leads.id, text="two", thread_ts=ts)
    await scene.client.chat_update(channel=scene.leads.id, ts=ts, text="three")
    history = await scene.client.conversations_history(channel=scene.leads.id, include_all_metadata=True)
    [only] = history["messages"]
    assert (only["text"], only["reply_count"], only["metadata"]["event_payload"]) == ("three", 1, {"id": 1})
    plain = await scene.client.conversations_history(channel=scene.leads.id)
    assert "metadata" not in plain["messages"][0]
    replies = await scene.client.conversations_replies(channel=scene.leads.id, ts=ts)
    assert [each["text"] for each in replies["messages"]] == ["three", "two"]
    link = await scene.client.chat_getPermalink(channel=scene.leads.id, message_ts=reply["ts"])
    assert link["permalink"].endswith(f"?thread_ts={ts}&cid={scene.leads.id}")
    await scene.client.reactions_add(channel=scene.leads.id, timestamp=ts, name="eyes")
    again = scene.client.reactions_add(channel=scene.leads.id, timestamp=ts, name="eyes")
    assert (await refused(again))["error"] == "already_reacted"
    got = await scene.client.reactions_get(channel=scene.leads.id, timestamp=ts)
    assert got["message"]["reactions"] == [{"name": "eyes", "users": [scene.acme.bot.id], "count": 1}]
    await scene.client.reactions_remove(channel=scene.leads.id, timestamp=ts, name="eyes")
    gone = scene.client.reactions_remove(channel=scene.leads.id, timestamp=ts, name="eyes")
    assert (await refused(gone))["error"] == "no_reaction"
    await scene.client.chat_delete(channel=scene.leads.id, ts=ts)
    late = scene.client.chat_update(channel=scene.leads.id, ts=ts, text="x")
    assert (await refused(late))["error"] == "message_not_found"


async def test_a_repeated_client_msg_id_posts_once(scene: Scene) -> None:
    say = {"channel": scene.leads.id, "text": "once", "client_msg_id": "6d6b5d3c"}
    first, second = await scene.client.chat_postMessage(**say), await scene.client.chat_postMessage(**say)
    assert first["ts"] == second["ts"]
    assert len(scene.leads.messages) == 1
    await scene.client.chat_delete(channel=scene.leads.id, ts=first["ts"])
    assert (await refused(scene.client.chat_postMessage(**say)))["error"] == "duplicate_message_not_found"


async def test_places_the_bot_may_not_speak(scene: Scene) -> None:
    outside = scene.acme.channel("outside", members=[scene.ana])
    secret = scene.acme.channel("secret", members=[scene.ana], private=True)
    say = scene.client.chat_postMessage
    assert (await refused(say(channel="C404", text="x")))["error"] == "channel_not_found"
    assert (await refused(say(channel=outside.id, text="x")))["error"] == "not_in_channel"
    assert (await refused(say(channel=secret.id, text="x")))["error"] == "channel_not_found"
    silent = scene.client.api_call("chat.postMessage", json={"channel": scene.leads.id})
    assert (await refused(silent))["error"] == "no_text"
    assert (await refused(say(channel=scene.leads.id, text="x" * 40_001)))["error"] == "msg_too_long"
    await scene.client.conversations_join(channel=outside.id)
    await say(channel=outside.id, text="now it may")
    await scene.acme.archives(scene.leads, scene.ana)
    assert (await refused(say(channel=scene.leads.id, text="x")))["error"] == "is_archived"
    theirs = await scene.ana.writes(outside, "mine")
    foreign = scene.client.chat_update(channel=outside.id, ts=theirs.ts, text="x")
    assert (await refused(foreign))["error"] == "cant_update_message"


async def test_people_and_channels_are_found(scene: Scene) -> None:
    opened = await scene.client.conversations_open(users=scene.ana.id)
    assert opened["channel"]["id"] == scene.ana.dm.id
    assert (await scene.client.conversations_open(users=scene.ana.id))["already_open"] is True
    assert (await refused(scene.client.conversations_open(users="U404")))["error"] == "user_not_found"
    info = await scene.client.users_info(user=scene.ana.id, include_locale=True)
    assert (info["user"]["locale"], info["user"]["tz"]) == ("en-US", "Europe/Berlin")
    found = await scene.client.users_lookupByEmail(email="ANA@acme.example")
    assert found["user"]["id"] == scene.ana.id
    assert (await refused(scene.client.users_lookupByEmail(email="x@y.z")))["error"] == "users_not_found"
    members = await scene.client.conversations_members(channel=scene.leads.id)
    assert members["members"] == [scene.ana.id, scene.acme.bot.id]
    pages = [page["members"][0]["id"] async for page in await scene.client.users_list(limit=1)]
    assert pages == [scene.acme.bot.id, scene.ana.id]
    assert (await scene.client.conversations_info(channel=scene.leads.id))["channel"]["is_member"] is True
    mine = await scene.client.users_conversations(types="public_channel,im")
    assert [each["id"] for each in mine["channels"]] == [scene.leads.id, scene.ana.dm.id]
    assert (await scene.client.bots_info(bot=scene.acme.installation.bot_id))["bot"]["user_id"] == scene.acme.bot.id
    assert (await scene.client.team_info())["team"]["name"] == "Acme"


async def test_history_is_bounded_and_paged(scene: Scene) -> None:
    stamps = [(await scene.ana.writes(scene.leads, str(number))).ts for number in range(5)]
    read = scene.client.conversations_history
    between = await read(channel=scene.leads.id, oldest=stamps[1], latest=stamps[3])
    assert [each["text"] for each in between["messages"]] == ["2"]
    inclusive = await read(channel=scene.leads.id, oldest=stamps[1], latest=stamps[3], inclusive=True)
    assert [each["text"] for each in inclusive["messages"]] == ["3", "2", "1"]
    first = await read(channel=scene.leads.id, limit=3)
    rest = await read(channel=scene.leads.id, limit=3, cursor=first["response_metadata"]["next_cursor"])
    assert (first["has_more"], [each["text"] for each in rest["messages"]]) == (True, ["1", "0"])


async def test_a_trigger_is_good_once_and_for_three_seconds(scene: Scene) -> None:
    trigger = scene.trigger()
    await scene.client.views_open(trigger_id=trigger, view=modal())
    again = scene.client.views_open(trigger_id=trigger, view=modal())
    assert (await refused(again))["error"] == "exchanged_trigger_id"
    stale = scene.trigger()
    scene.clock.ahead = 3.1
    late = scene.client.views_open(trigger_id=stale, view=modal())
    assert (await refused(late))["error"] == "expired_trigger_id"
    unknown = scene.client.views_open(trigger_id="1.2.3", view=modal())
    assert (await refused(unknown))["error"] == "invalid_trigger_id"


async def test_views_stack_three_deep_and_guard_their_hash(scene: Scene) -> None:
    opened = await scene.client.views_open(trigger_id=scene.trigger(), view=modal(external_id="mine"))
    for _ in range(2):
        await scene.client.views_push(trigger_id=scene.trigger(), view=modal())
    deeper = scene.client.views_push(trigger_id=scene.trigger(), view=modal())
    assert (await refused(deeper))["error"] == "push_limit_reached"
    before = opened["view"]["hash"]
    updated = await scene.client.views_update(external_id="mine", hash=before, view=modal(external_id="mine"))
    assert updated["view"]["hash"] != before
    conflict = scene.client.views_update(view_id=opened["view"]["id"], hash=before, view=modal())
    assert (await refused(conflict))["error"] == "hash_conflict"
    assert (await refused(scene.client.views_update(view_id="V404", view=modal())))["error"] == "not_found"


async def test_files_are_uploaded_and_shared(scene: Scene) -> None:
    await scene.client.files_upload_v2(
        channel=scene.leads.id, filename="week.csv", content="a,b\n1,2\n", initial_comment="The week"
    )
    [message] = scene.leads.messages
    assert (message.subtype, message.text, message.files[0].content) == ("file_share", "The week", b"a,b\n1,2\n")
    listed = await scene.client.files_list(channel=scene.leads.id)
    assert listed["files"][0]["name"] == "week.csv"
    about = await scene.client.files_info(file=message.files[0].id)
    url = about["file"]["url_private"]
    async with scene.session.get(url, headers={"Authorization": f"Bearer {scene.client.token}"}) as download:
        assert await download.read() == b"a,b\n1,2\n"
    async with scene.session.get(url) as stranger:
        assert stranger.status == 404


async def test_a_response_url_is_good_five_times(scene: Scene) -> None:
    state = scene.slack.state
    hook = AsyncWebhookClient(state.new_response_url(scene.acme.team, scene.leads.id, scene.ana.id))
    await hook.send(text="only you", response_type="ephemeral")
    await hook.send(text="all of you", response_type="in_channel")
    assert [message.text for message in scene.ana.ephemerals] == ["only you"]
    assert [message.text for message in scene.leads.messages] == ["all of you"]
    assert (await hook.send(text="", blocks=[{"type": "riddle"}])).body == "invalid_blocks"
    for _ in range(3):
        assert (await hook.send(text="more")).status_code == 200
    assert "used_url" in (await hook.send(text="too much")).body
    scene.clock.ahead = 1801
    late = AsyncWebhookClient(state.new_response_url(scene.acme.team, scene.leads.id, scene.ana.id))
    scene.clock.ahead = 3700
    assert "expired_url" in (await late.send(text="x")).body


async def test_an_ephemeral_is_replaced_and_deleted_through_its_url(scene: Scene) -> None:
    shown = await scene.client.chat_postEphemeral(channel=scene.leads.id, user=scene.ana.id, text="?")
    hook = AsyncWebhookClient(
        scene.slack.state.new_response_url(scene.acme.team, scene.leads.id, scene.ana.id, shown["message_ts"])
    )
    await hook.send(text="!", replace_original=True)
    assert [message.text for message in scene.ana.ephemerals] == ["!"]
    await hook.send(delete_original=True)
    assert scene.ana.ephemerals == []


async def test_bad_days_of_a_method(scene: Scene) -> None:
    say, faults = {"channel": scene.leads.id, "text": "x"}, scene.slack.faults
    faults.rate_limits("chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as limited:
        await scene.client.chat_postMessage(**say)
    assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "7")
    faults.breaks("chat.postMessage", status=503)
    with pytest.raises(SlackApiError):
        await scene.client.chat_postMessage(**say)
    faults.refuses("chat.postMessage", "fatal_error")
    assert (await refused(scene.client.chat_postMessage(**say)))["error"] == "fatal_error"
    faults.drops_before("chat.postMessage")
    with pytest.raises(ClientError):
        await scene.client.chat_postMessage(**say)
    assert scene.leads.messages == []
    faults.drops_after("chat.postMessage")
    with pytest.raises(ClientError):
        await scene.client.chat_postMessage(**say)
    assert len(scene.leads.messages) == 1
    faults.delays("chat.postMessage", before=0.05, after=0.05)
    began = time.monotonic()
    await scene.client.chat_postMessage(**say)
    assert time.monotonic() - began >= 0.1
    outcomes = [call.outcome for call in scene.slack.journal.called("chat.postMessage")]
    assert outcomes == ["http 429", "http 503", "fatal_error", "dropped before", "dropped after", "ok"]


async def test_faults_by_chance_come_from_the_seed_and_heal(scene: Scene) -> None:
    scene.slack.faults.refuses(error="internal_error", times=None, chance=0.5)
    outcomes = []
    for _ in range(20):
        response = await scene.session.post(f"{scene.slack.api_url}auth.test", data={"token": scene.client.token})
        outcomes.append((await response.json())["ok"])
    assert 3 < sum(outcomes) < 17
    scene.slack.faults.heal()
    await scene.client.auth_test()
