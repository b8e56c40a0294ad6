"""Deliveries of the double: signatures, retries, Socket Mode frames, and faults on the way to the app."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession, web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import App, Double, Pace
from tests.platforms.served import served

PACE = Pace(ack_within=30.0, retry_after=(0.0, 0.01, 0.01), socket_resend_after=30.0, socket_resends=2)
IMPATIENT = replace(PACE, ack_within=1.0, socket_resend_after=0.5)


class Endpoint:
    """An app that answers what the test says and remembers what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answers: list[web.Response | float] = []

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {key.lower(): value for key, value in request.headers.items()}
        assert SignatureVerifier("secret").is_valid_request(body, headers)
        payload = json.loads(body)
        self.requests.append((headers, payload))
        if payload["type"] == "url_verification":
            return web.json_response({"challenge": payload["challenge"]})
        answer = self.answers.pop(0) if self.answers else web.Response()
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return web.Response()
        return answer


@pytest.fixture
async def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
async def slack(endpoint: Endpoint) -> AsyncIterator[Double]:
    app = App(signing_secret="secret")
    async with served(endpoint.handle) as app.request_url, Double(app, pace=PACE, seed=7) as slack:
        acme = slack.workspace()
        acme.install()
        acme.channel("leads", members=[acme.person("Ana")], bot=True)
        yield slack


async def write(slack: Double, text: str = "hello") -> None:
    acme = slack.workspace()
    await acme.person("Ana").writes(acme.channel("leads"), text)


async def test_a_request_url_is_verified(slack: Double) -> None:
    assert await slack.verifies_request_url()


async def test_a_failed_event_is_retried_with_its_number_and_reason(slack: Double, endpoint: Endpoint) -> None:
    slack.state.pace = IMPATIENT
    endpoint.answers = [web.Response(status=500), 5.0, web.Response()]
    await write(slack)
    await slack.settled()
    retries = [
        (headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")) for headers, _ in endpoint.requests
    ]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_timeout")]
    assert len({payload["event_id"] for _, payload in endpoint.requests}) == 1


async def test_an_event_is_given_up_after_three_retries(slack: Double, endpoint: Endpoint) -> None:
    endpoint.answers = [web.Response(status=500) for _ in range(9)]
    await write(slack)
    await slack.settled()
    assert len(endpoint.requests) == 4
    assert slack.journal.troubles == ["event message given up: http_error"]


async def test_an_app_may_refuse_retries(slack: Double, endpoint: Endpoint) -> None:
    endpoint.answers = [web.Response(status=500, headers={"x-slack-no-retry": "1"})]
    await write(slack)
    await slack.settled()
    assert len(endpoint.requests) == 1


async def test_an_unreachable_app_is_a_failed_connection(slack: Double) -> None:
    slack.app.request_url = "http://127.0.0.1:9/"
    await write(slack)
    await slack.settled()
    assert {each.outcome for each in slack.journal.delivered("message")} == {"connection_failed"}


async def test_events_arrive_twice_on_demand(slack: Double, endpoint: Endpoint) -> None:
    slack.faults.doubles_events(times=1)
    await write(slack)
    await write(slack)
    await slack.settled()
    ids = [payload["event_id"] for _, payload in endpoint.requests]
    assert (len(ids), len(set(ids))) == (3, 2)


async def test_events_arrive_out_of_order_on_demand(slack: Double, endpoint: Endpoint) -> None:
    slack.faults.shuffles_events(window=4)
    for number in range(3):
        await write(slack, str(number))
    await asyncio.sleep(0.02)
    assert not endpoint.requests
    await write(slack, "3")
    await slack.settled()
    texts = [payload["event"]["text"] for _, payload in endpoint.requests]
    assert sorted(texts) == ["0", "1", "2", "3"]
    assert texts != sorted(texts)


async def test_a_lost_acknowledgement_is_a_retry(slack: Double, endpoint: Endpoint) -> None:
    slack.faults.drops_acks(times=1)
    await write(slack)
    await slack.settled()
    assert [headers.get("x-slack-retry-num") for headers, _ in endpoint.requests] == [None, "1"]


async def test_stopping_waits_for_no_retry() -> None:
    began = asyncio.get_running_loop().time()
    async with Double(App(request_url="http://127.0.0.1:9/")) as slack:
        acme = slack.workspace()
        acme.install()
        await acme.person("Ana").writes(acme.channel("leads", members=[acme.person("Ana")], bot=True), "hello")
        await slack.until(lambda: len(slack.journal.deliveries) == 2)
        with pytest.raises(TimeoutError):
            await slack.settled(within=0.01)
    assert asyncio.get_running_loop().time() - began < 2
    assert len(asyncio.all_tasks()) == 1


async def test_any_socket_takes_a_payload(slack: Double) -> None:
    slack.app.socket_mode = True
    client = AsyncWebClient(base_url=slack.api_url)
    taken = []
    async with ClientSession() as session:
        sockets = []
        for _ in range(2):
            opened = await client.apps_connections_open(app_token=slack.app.app_token)
            sockets.append(await session.ws_connect(opened["url"]))

        async def serve(number: int) -> None:
            async for message in sockets[number]:
                said = message.json()
                if "envelope_id" in said:
                    taken.append(number)
                    await sockets[number].send_json({"envelope_id": said["envelope_id"]})

        serving = [asyncio.ensure_future(serve(number)) for number in range(2)]
        await slack.until(lambda: len(slack.socket.connections) == 2)
        for _ in range(20):
            await write(slack)
        await slack.settled()
        for socket in sockets:
            await socket.close()
        await asyncio.gather(*serving)
    assert len(taken) == 20
    assert set(taken) == {0, 1}


async def test_only_subscribed_events_are_sent(slack: Double, endpoint: Endpoint) -> None:
    slack.workspace().install(events=["reaction_added"])
    await write(slack)
    await slack.settled()
    assert not endpoint.requests


async def test_events_need_their_scope(slack: Double, endpoint: Endpoint) -> None:
    slack.workspace().install(scopes=["chat:write"])
    await write(slack)
    await slack.settled()
    assert not endpoint.requests


async def test_uninstalling_is_told_and_ends_the_token(slack: Double, endpoint: Endpoint) -> None:
    token = slack.workspace().installation.token
    await slack.workspace().uninstalls()
    await slack.settled()
    assert [payload["event"]["type"] for _, payload in endpoint.requests] == ["tokens_revoked", "app_uninstalled"]
    async with ClientSession() as session:
        answer = await session.post(f"{slack.api_url}auth.test", data={"token": token})
        assert (await answer.json())["error"] == "token_revoked"


async def test_socket_mode_says_hello_resends_and_disconnects(slack: Double) -> None:
    slack.app.socket_mode = True
    opened = await AsyncWebClient(base_url=slack.api_url).apps_connections_open(app_token=slack.app.app_token)
    async with ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        slack.state.pace = IMPATIENT
        await write(slack)
        first = await socket.receive_json()
        slack.state.pace = PACE
        again = await socket.receive_json()
        assert (first["type"], first["retry_attempt"], first["accepts_response_payload"]) == ("events_api", 0, False)
        assert (again["retry_attempt"], again["retry_reason"]) == (1, "timeout")
        assert first["payload"]["event_id"] == again["payload"]["event_id"]
        await socket.send_json({"envelope_id": again["envelope_id"]})
        await slack.settled()
        asking = asyncio.ensure_future(slack.workspace().person("Ana").types("/x", slack.workspace().channel("leads")))
        command = await socket.receive_json()
        assert (command["type"], command["accepts_response_payload"]) == ("slash_commands", True)
        await socket.send_json({"envelope_id": command["envelope_id"], "payload": {"text": "hi"}})
        assert (await asking).body == {"text": "hi"}
        await slack.socket.disconnect("refresh_requested")
        assert (await socket.receive_json())["reason"] == "refresh_requested"
    refused = await ClientSession.get(session := ClientSession(), opened["url"].replace("ws:", "http:"))
    assert refused.status == 404
    await session.close()


async def test_at_most_ten_sockets(slack: Double) -> None:
    slack.app.socket_mode = True
    client = AsyncWebClient(base_url=slack.api_url)
    async with ClientSession() as session:
        sockets = []
        for _ in range(11):
            opened = await client.apps_connections_open(app_token=slack.app.app_token)
            sockets.append(await session.ws_connect(opened["url"]))
        said = [await socket.receive_json() for socket in sockets]
        assert [each["type"] for each in said] == ["hello"] * 10 + ["disconnect"]
        for socket in sockets:
            await socket.close()
