"""The HTTP edge: whatever arrives is answered quickly, never with a 5xx, and garbage leaves no traceback in the log."""

import asyncio
import contextlib
import gzip
import io
import itertools
import json
import os
import threading
import time
import tracemalloc
from pathlib import Path
from time import monotonic
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.slack.adapter import MOST_UNDER_WAY
from bot.slack.server import is_signed, parse
from bot.web.server import MAX_BODY
from tests.platforms.stage import FORM

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures" / "slack"
VECTOR = FIXTURES / "signature_test_vector.json"
PROMPT = 1.0  # seconds


async def raw(stage, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.parley.port)
    writer.write(request)
    await writer.drain()
    try:
        async with asyncio.timeout(3):
            return await reader.read(200)
    finally:
        writer.close()


@pytest.fixture
def quiet(caplog):
    """Nothing in the log may be a traceback."""
    yield
    assert not [record for record in caplog.records if record.exc_info], caplog.text
    assert "Traceback" not in caplog.text


async def test_slack_may_check_the_address(http):
    assert (await http.sends(b'{"type":"url_verification","challenge":"c"}'))[:2] == (200, '{"challenge": "c"}')
    assert (await http.sends(b"ssl_check=1&token=x", FORM))[:2] == (200, "")
    assert await http.slack.verifies_request_url()


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=00"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Signature": "v1=" + "0" * 64},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "abc"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": "²"},
        {"X-Slack-Request-Timestamp": str(int(time.time()) - 400)},
        {"X-Slack-Request-Timestamp": str(int(time.time()) + 400)},
    ],
)
async def test_what_slack_did_not_sign_is_refused(http, headers):
    assert (await http.sends(b"{}", **headers))[0] == 401


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff",
        '{"type": "é"}'.encode("latin-1"),
        '{"type": "event_callback"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"type":"event_callback"}',
        b'{"type":"event_callback","event":"text","event_id":"1"}',
        b'{"type":"event_callback","event":{"type":"message"},"event_id":"1"}',
        b'{"type":"event_callback","event":{"type":"message","channel":1,"ts":{}},"event_id":[]}',
        b'{"type":"event_callback","event":{"type":"reaction_added","item":[]},"event_id":"1"}',
        b'{"type":"event_callback","event":{"type":"user_change","user":7},"event_id":"1"}',
        b'{"type":"event_callback","authorizations":"x","event":{"type":"app_home_opened","user":"U"},"event_id":"1"}',
        b'{"type":"url_verification"}',
    ],
)
async def test_what_makes_no_sense_is_refused(http, body):
    began = monotonic()
    status, _, _ = await http.sends(body)
    assert 400 <= status < 500, status
    assert monotonic() - began < PROMPT


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "body",
    [
        b"payload={",
        b"payload=[]",
        b"payload=" + b"[" * 100_000,
        b"\xff\xfe=1",
        b"a=%ff",
        b"&".join(b"a=1" for _ in range(5000)),
        b"command=/probe",
        b"payload=" + json.dumps({"type": "block_actions"}).encode(),
        b"payload=" + json.dumps({"type": "block_actions", "user": "U", "actions": [{}]}).encode(),
        b"payload="
        + json.dumps({"type": "view_submission", "user": {"id": "U"}, "view": {"callback_id": "x"}}).encode(),
        b"payload=" + json.dumps({"type": "block_suggestion", "user": {"id": "U"}}).encode(),
    ],
)
async def test_what_makes_no_sense_as_a_form_is_refused(http, body):
    status, _, _ = await http.sends(body, FORM)
    assert 400 <= status < 500, status


@pytest.mark.usefixtures("quiet")
async def test_a_command_beyond_what_is_done_in_time_is_refused_at_once_and_the_others_are_done(http):
    ana, gate = http.acme.person("Ana"), threading.Event()

    async def types(number):
        whose = {"team_id": http.acme.id, "user_id": ana.id, "channel_id": http.acme.channel("general").id}
        told = {"command": "/probe", "text": f"try {number}", "trigger_id": f"t{number}", **whose}
        status, text, _ = await http.sends(urlencode(told).encode(), FORM)
        assert status == 200
        return text

    assert "You said" in await types(0)
    stuck = asyncio.ensure_future(http.database.write(lambda session: gate.wait()))
    typing = [asyncio.ensure_future(types(number)) for number in range(1, MOST_UNDER_WAY + 21)]
    refused = [await each for each in itertools.islice(asyncio.as_completed(typing), 20)]
    gate.set()
    await stuck
    assert all("Parley is busy" in text for text in refused)
    texts = await asyncio.gather(*typing)
    assert sum("You said" in text for text in texts) == MOST_UNDER_WAY
    assert len(http.feature.commands) == 1 + MOST_UNDER_WAY, "what was refused was not done"


@pytest.mark.usefixtures("quiet")
async def test_a_huge_body_is_refused_without_being_kept(http):
    assert (await http.sends(b"x" * (MAX_BODY - 1)))[0] == 400

    async def endless():
        for _ in range(64):
            yield b"x" * 65536

    url = f"http://127.0.0.1:{http.parley.port}/slack/events"
    tracemalloc.start()
    async with aiohttp.ClientSession() as client:
        for body in (io.BytesIO(b"x" * (MAX_BODY + 1)), endless()):
            async with client.post(url, data=body) as answer:
                assert answer.status == 413
    assert tracemalloc.get_traced_memory()[1] < 8 * MAX_BODY
    tracemalloc.stop()


@pytest.mark.usefixtures("quiet")
async def test_a_small_body_that_unpacks_to_a_huge_one_is_never_unpacked(http):
    bomb = gzip.compress(b"0" * 50 * MAX_BODY)
    status, _, _ = await http.sends(bomb, **{"Content-Encoding": "gzip"})
    assert status == 400
    status, _, _ = await http.sends(b"no gzip", **{"Content-Encoding": "gzip", "X-Slack-Signature": "v0=0"})
    assert status == 401


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "request_bytes",
    [
        os.urandom(500),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,  # TLS
        b"POST /slack/events HTTP/1.1\r\nContent-Length: nonsense\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /slack/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused(http, request_bytes):
    answer = await raw(http, request_bytes)
    assert answer[:10].startswith(b"HTTP/1.1 4") or answer[:10].startswith(b"HTTP/1.0 4") or not answer, answer


@pytest.mark.usefixtures("quiet")
async def test_a_body_that_never_comes_holds_nobody_up(http):
    _, writer = await asyncio.open_connection("127.0.0.1", http.parley.port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    assert (await http.sends(b'{"type":"url_verification","challenge":"c"}'))[0] == 200
    writer.close()
    await http.settles()


@given(body=st.binary(max_size=300), kind=st.sampled_from(["application/json", FORM, "text/plain"]))
def test_random_bytes_are_read_or_refused(body, kind):
    with contextlib.suppress(ValueError, RecursionError):
        assert isinstance(parse(kind, body), dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["event", "user", "team", "view", "channel", "container", "message", "actions", "authorizations", "event_id",
     "team_id", "enterprise", "callback_id", "trigger_id", "response_url", "state", "private_metadata"],
)  # fmt: skip
TYPES = st.sampled_from(
    ["event_callback", "block_actions", "view_submission", "view_closed", "block_suggestion", "shortcut",
     "message_action", "interactive_message", "dialog_submission", "workflow_step_edit", "app_rate_limited"],
)  # fmt: skip
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["message", "reaction_added", "member_joined_channel", "app_home_opened", "user_change"])},
    optional=dict.fromkeys(("user", "channel", "item", "text", "ts", "blocks", "bot_id", "subtype", "tab"), JSON),
)


ITEM = {"type": "message", "channel": "C1", "ts": "1.1"}


class TestSignedNonsense:
    """What only Slack could send, and never would."""

    @pytest.mark.parametrize(
        ("event", "event_id"),
        [
            ({"type": "app_home_opened", "user": "U1", "channel": "D1"}, "Ev\ud800"),
            ({"type": "reaction_added", "user": "U1", "reaction": "+1", "item": ITEM, "event_ts": "1e400"}, "Ev1"),
            ({"type": "reaction_added", "user": {"id": "U1"}, "reaction": "+1", "item": ITEM, "event_ts": "1"}, "Ev1"),
            ({"type": "message", "user": "U1", "channel": {"id": "C1"}, "ts": "1.1", "text": "x"}, "Ev1"),
            ({"type": "app_home_opened", "user": None, "channel": "D1"}, "Ev1"),
        ],
    )
    async def test_a_misshapen_event_is_refused(self, http, event, event_id):
        status, _text, _headers = await http.event(event, event_id)
        assert status == 400

    @pytest.mark.usefixtures("quiet")
    async def test_is_never_a_server_error(self, http):
        @settings(max_examples=150, suppress_health_check=list(HealthCheck))
        @given(kind=TYPES, more=st.dictionaries(KEYS, JSON, max_size=6), event=st.none() | EVENTS)
        def examples(kind, more, event):
            payloads.append({**more, "type": kind, **({"event": event} if event else {})})

        payloads: list = []
        await asyncio.to_thread(examples)
        for payload in payloads:
            status, text, _ = await http.interaction(payload)
            assert status < 500, (payload, text)
            status, text, _ = await http.sends(json.dumps(payload).encode())
            assert status < 500, (payload, text)


@given(
    headers=st.dictionaries(st.sampled_from(["X-Slack-Request-Timestamp", "X-Slack-Signature"]), st.text()),
    body=st.binary(),
)
def test_a_signature_of_garbage_is_wrong_and_no_error(headers, body):
    assert not is_signed(b"secret", headers, body, 1000.0)


@pytest.mark.skipif(not VECTOR.exists(), reason="the recorded payloads are not here")
def test_slacks_published_example_of_a_signature_holds():
    vector = json.loads(VECTOR.read_text())
    secret, body = vector["signing_secret"].encode(), vector["body"].encode()
    at = float(vector["headers"]["X-Slack-Request-Timestamp"])
    assert is_signed(secret, vector["headers"], body, at + 299)
    assert not is_signed(secret, vector["headers"], body, at + 301)
    assert not is_signed(secret, vector["headers"], body + b" ", at)


def test_what_no_database_stores_is_left_out():
    assert parse("application/json", b'{"event_id": "Ev\\u0000", "event": {"users": ["U1\\u0000"]}}') == {
        "event_id": "Ev",
        "event": {"users": ["U1"]},
    }
    assert parse("application/x-www-form-urlencoded", b"command=%2Flead&text=a%00b") == {
        "command": "/lead",
        "text": "ab",
    }
    payload = b"payload=%7B%22type%22%3A%22block_actions%22%2C%22team%22%3A%22T%5Cu0000%22%7D"
    assert parse("application/x-www-form-urlencoded", payload) == {"type": "block_actions", "team": "T"}
