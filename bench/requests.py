"""What Slack sends, as the bytes of whole HTTP requests, signed before the clock runs."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

from bench.company import APP, LEADS_CHANNEL, OTHER_CHANNEL, SELLERS, TEAM

SECRET = "bench-signing-secret"
TOKEN = "xoxb-bench"
FORM = "application/x-www-form-urlencoded"


def commands(first: int, count: int, words: str = "") -> list[bytes]:
    """`/leadfeedback` in one line, each about another lead, by the seller who owns it, in other words."""
    return [_command(n, f"L-{n} R8 {note_on(n, words)}") for n in range(first, first + count)]


def note_on(lead: int, words: str = "") -> str:
    """What the command about this lead says."""
    return f"only {lead} employees{words}"


def typed(member: str, name: str, text: str, channel: str = LEADS_CHANNEL) -> bytes:
    """Somebody types a command."""
    return _typed(time.time_ns(), member, channel, name, text)


def press(n: int, member: str, channel: str, value: str, response_url: str, action_id: str = "parley:0:0") -> bytes:
    """Somebody presses a button of a message in a channel; `n` numbers the press."""
    now = time.time_ns() // 1000
    body = {
        "type": "block_actions",
        "user": {"id": member, "username": member.lower(), "team_id": TEAM},
        "api_app_id": APP,
        "token": "legacy",
        "team": {"id": TEAM, "domain": "acme"},
        "enterprise": None,
        "is_enterprise_install": False,
        "container": {"type": "message", "message_ts": "1.0", "channel_id": channel, "is_ephemeral": False},
        "trigger_id": f"{n}.{time.time_ns()}.pressed",
        "channel": {"id": channel, "name": "pulse"},
        "response_url": response_url,
        "actions": [
            {
                "type": "button",
                "action_id": action_id,
                "block_id": "b",
                "action_ts": f"{now // 10**6}.{now % 10**6:06}",
                "value": value,
            }
        ],
    }
    return _signed(urlencode({"payload": json.dumps(body)}).encode(), FORM)


def report_command() -> bytes:
    return _command(1, "sources", "/parley report")


def messages(first: int, count: int) -> list[bytes]:
    """An app announces leads in the leads channel."""
    return [
        _message(n, LEADS_CHANNEL, _announced(n), {"app_id": "A0CRM", "bot_id": "B0CRM"}) for n in _range(first, count)
    ]


def chatter(first: int, count: int) -> list[bytes]:
    """People talk in a channel nobody listens to; the words are as long as those that announce a lead."""
    return [_message(n, OTHER_CHANNEL, _announced(n), {"user": SELLERS[0]}) for n in _range(first, count)]


def _announced(n: int) -> str:
    return f"New lead: Firm {n}\nSource: web form\nContact: Jo Smith\nEmail: jo{n}@firm{n}.example\nNote: Please call."


def _range(first: int, count: int) -> range:
    return range(first, first + count)


def _command(n: int, text: str, name: str = "/leadfeedback") -> bytes:
    name, _, word = name.partition(" ")
    return _typed(n, SELLERS[n % len(SELLERS)], LEADS_CHANNEL, name, f"{word} {text}".strip())


def _typed(n: int, member: str, channel: str, name: str, text: str) -> bytes:
    form = {
        "token": "legacy",
        "team_id": TEAM,
        "team_domain": "acme",
        "channel_id": channel,
        "channel_name": "leads",
        "user_id": member,
        "user_name": member.lower(),
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": f"https://hooks.slack.com/commands/{TEAM}/{n}/secret",
        "trigger_id": f"{n}.{time.time_ns()}.abcdef",
    }
    return _signed(urlencode(form).encode(), FORM)


def _message(n: int, channel: str, text: str, author: dict[str, str]) -> bytes:
    ts = f"{int(time.time())}.{n:06}"
    event = {"type": "message", "channel": channel, "channel_type": "channel", "ts": ts, "event_ts": ts, "team": TEAM}
    granted = {"enterprise_id": None, "team_id": TEAM, "user_id": "U0PARLEY", "is_bot": True}
    body = {
        "token": "legacy",
        "team_id": TEAM,
        "api_app_id": APP,
        "event": {**event, "text": text, **author},
        "type": "event_callback",
        "event_id": f"Ev{time.time_ns()}{n}",
        "event_time": int(time.time()),
        "authorizations": [{**granted, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": "4-eyJldCI6Im1lc3NhZ2UifQ",
    }
    return _signed(json.dumps(body).encode(), "application/json")


def _signed(body: bytes, content_type: str) -> bytes:
    stamp = str(int(time.time()))
    digest = hmac.digest(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hex()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Slackbot 1.0\r\nAccept: */*\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={digest}\r\n\r\n"
    )
    return head.encode() + body
