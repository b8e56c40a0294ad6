"""POST /slack/events: verify the signature, parse once, dispatch through Bolt."""

import asyncio
import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.response import BoltResponse

from bot.slack.adapter import Edge

log = logging.getLogger(__name__)

MAX_AGE = 300  # seconds between Slack's clock and ours, either way
READ_WITHIN = 5.0  # seconds in which a body must have come
MAX_FIELDS = 100  # in a form; Slack sends about fifteen


class EventsEndpoint:
    def __init__(self, app: Edge, signing_secret: str, now: Callable[[], float] = time.time) -> None:
        self._app, self._secret, self._now = app, signing_secret.encode(), now

    async def handle(self, request: web.Request) -> web.Response:
        try:
            body = await _body(request)
        except (TimeoutError, ConnectionError, web.RequestPayloadError):
            return web.Response(status=408)
        if not is_signed(self._secret, request.headers, body, self._now()):
            return web.Response(status=401)
        try:
            payload = parse(request.content_type, body)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        match payload:
            case {"type": "url_verification", "challenge": str(challenge)}:
                return web.json_response({"challenge": challenge})
            case {"ssl_check": _}:
                return web.Response()
            case {"type": "app_rate_limited"}:
                log.error("Slack holds events back: too many in an hour")
                return web.Response()
        answer = await dispatch(self._app, payload)
        headers = {"X-Slack-No-Retry": "1"} if answer.status == 400 else None
        if not answer.body:
            return web.Response(status=answer.status, headers=headers)
        kind = "application/json" if answer.body.startswith("{") else "text/plain"
        return web.Response(status=answer.status, text=answer.body, content_type=kind, headers=headers)


async def _body(request: web.Request) -> bytes:
    """Most come whole, with their heads, and need no clock."""
    if request.content.is_eof():
        return await request.read()
    async with asyncio.timeout(READ_WITHIN):
        return await request.read()


async def dispatch(app: Edge, payload: dict[str, Any]) -> BoltResponse:
    """Hand a verified payload on; Bolt reads more of it than we do, and trusts its shape."""
    try:
        return await app.takes(payload)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:  # none of it is our handlers'
        log.warning("a payload makes no sense: %r", error)
        return BoltResponse(status=400)


def is_signed(secret: bytes, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether Slack signed this body within MAX_AGE; false, never an error, for any garbage."""
    timestamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now - int(timestamp)) > MAX_AGE:
        return False
    # Not hmac.digest: it lets go of the interpreter, for which the event loop would then queue behind units of work.
    expected = "v0=" + hmac.new(secret, b"v0:" + timestamp.encode() + b":" + body, "sha256").hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="surrogateescape"))


def parse(content_type: str, body: bytes) -> dict[str, Any]:
    """Events are JSON, commands are forms, interactions are JSON in a form; all in UTF-8, and NULs are left out."""
    text = body.decode()
    if content_type != "application/json":
        form = dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS))
        if "payload" not in form:
            return {name: storable(value) for name, value in form.items()}
        text = form["payload"]
    payload = json.loads(text)
    if "\\ud" in text.lower():
        json.dumps(payload, ensure_ascii=False).encode()  # half a surrogate pair is no text: a UnicodeError
    if not isinstance(payload, dict):
        raise ValueError("not a JSON object")
    return storable(payload) if "\\u0000" in text else payload


def storable(value: Any) -> Any:
    """Without NULs, which nobody types and PostgreSQL cannot store."""
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [storable(each) for each in value]
        case dict():
            return {storable(name): storable(each) for name, each in value.items()}
        case _:
            return value
