"""Signed HTTP: the app's request URL, as the Events API and interactivity use it."""

from __future__ import annotations

import hashlib
import hmac
import json
from time import monotonic
from urllib.parse import urlencode

import aiohttp

from bot.playground.deliveries import Answer, Kind
from bot.playground.records import Payload
from bot.playground.state import State


class HttpTransport:
    """Posts to the request URL; signatures always carry the real time, whatever the workspace's clock says."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._session: aiohttp.ClientSession | None = None

    @property
    def retry_after(self) -> tuple[float, ...]:
        """The delay before each retry of an event."""
        return self._state.pace.retry_after

    def open(self) -> None:
        """Open the one client session."""
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        """Close the client session."""
        if self._session is not None:
            await self._session.close()

    def signed(self, body: bytes) -> dict[str, str]:
        """The two headers that prove a request comes from Slack."""
        timestamp = str(int(self._state.real_time()))
        signature = hmac.new(
            self._state.app.signing_secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256
        ).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={signature}"}

    async def verify_url(self, challenge: str) -> bool:
        """Ask the app to prove it owns its request URL, as the settings page does."""
        payload = {"token": self._state.app.verification_token, "challenge": challenge, "type": "url_verification"}
        answer = await self.send("event", payload, 0, "")
        said = answer.body.get("challenge") if isinstance(answer.body, dict) else answer.body
        return answer.ok and said == challenge

    async def send(self, kind: Kind, payload: Payload, attempt: int, reason: str) -> Answer:
        """Post one payload in the encoding of its kind and wait for the acknowledgement."""
        if self._session is None or self._state.app.request_url is None:
            return Answer("connection_failed", status=0)
        if kind == "event":
            body, content_type = json.dumps(payload).encode(), "application/json"
        else:
            form = payload if kind == "command" else {"payload": json.dumps(payload)}
            body, content_type = urlencode(form).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        headers |= self.signed(body)
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        url, within = self._state.app.request_url, aiohttp.ClientTimeout(total=self._state.pace.ack_within)
        began = monotonic()
        try:
            async with self._session.post(url, data=body, headers=headers, timeout=within) as response:
                raw = await response.read()
        except TimeoutError:
            return Answer("http_timeout", status=0, took=monotonic() - began)
        except aiohttp.ClientError:
            return Answer("connection_failed", status=0, took=monotonic() - began)
        took = monotonic() - began
        if response.status != 200:
            return Answer("http_error", response.status, None, took, response.headers.get("X-Slack-No-Retry") == "1")
        return Answer(body=_parsed(raw), took=took)


def _parsed(raw: bytes) -> object:
    text = raw.decode("utf-8", "replace")
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
