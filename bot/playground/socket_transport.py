"""Socket Mode: WebSocket connections the app opens, envelopes it acknowledges."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from time import monotonic
from typing import Any

from aiohttp import WSMsgType, web

from bot.playground.deliveries import Answer, Kind
from bot.playground.faults import Faults
from bot.playground.records import Payload
from bot.playground.state import State

MOST_CONNECTIONS = 10
_ENVELOPE = {"event": "events_api", "command": "slash_commands", "interaction": "interactive", "options": "interactive"}
_ANSWERABLE = ("view_submission", "block_suggestion")


class SocketTransport:
    """The open connections; a payload goes to any one of them."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults
        self._acks: dict[str, asyncio.Future[Any]] = {}
        self._pings: set[asyncio.Task[None]] = set()
        self.connections: list[web.WebSocketResponse] = []

    @property
    def retry_after(self) -> tuple[float, ...]:
        """No delay: waiting for the acknowledgement was the delay."""
        return (0.0,) * self._state.pace.socket_resends

    def ticket_url(self) -> str:
        """A WebSocket URL for one connection, as apps.connections.open answers it."""
        ticket = secrets.token_hex(12)
        self._state.tickets.add(ticket)
        return f"{self._state.url.replace('http', 'ws', 1)}/link?ticket={ticket}&app_id={self._state.app.id}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until either side closes it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._state.tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=404)
        self._state.tickets.discard(ticket)
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        if len(self.connections) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self.connections.append(socket)
        debug = {
            "host": "applink-double",
            "started": "2026-11-21 00:00:00.000",
            "build_number": 1,
            "approximate_connection_time": 18060,
        }
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self.connections),
                "debug_info": debug,
                "connection_info": {"app_id": self._state.app.id},
            }
        )
        ping = asyncio.get_running_loop().create_task(self._ping(socket))
        self._pings.add(ping)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(message.json())
        finally:
            ping.cancel()
            self._pings.discard(ping)
            if socket in self.connections:
                self.connections.remove(socket)
        return socket

    def _hear(self, said: Payload) -> None:
        waiting = self._acks.get(str(said.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(said.get("payload"))

    async def _ping(self, socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            await socket.ping(b"Ping from applink-double")
            await asyncio.sleep(self._state.pace.ping_every)

    async def send(self, kind: Kind, payload: Payload, attempt: int, reason: str) -> Answer:
        """Send one envelope and wait for its acknowledgement."""
        wait = self._state.pace.socket_resend_after if kind == "event" else self._state.pace.ack_within
        began = monotonic()
        alive = [socket for socket in self.connections if not socket.closed]
        if not alive:
            await asyncio.sleep(wait if kind == "event" else 0)
            return Answer("no_connection", status=0, took=monotonic() - began)
        socket = self._faults.random.choice(alive)
        envelope: Payload = {
            "envelope_id": str(uuid.uuid4()),
            "payload": payload,
            "type": _ENVELOPE[kind],
            "accepts_response_payload": kind == "command" or payload.get("type") in _ANSWERABLE,
        }
        if kind == "event":
            envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        ack: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._acks[envelope["envelope_id"]] = ack
        try:
            await socket.send_json(envelope)
            async with asyncio.timeout(wait):
                body = await ack
        except TimeoutError:
            return Answer("http_timeout", status=0, took=monotonic() - began)
        except ConnectionError:
            return Answer("connection_failed", status=0, took=monotonic() - began)
        finally:
            del self._acks[envelope["envelope_id"]]
        if body and not envelope["accepts_response_payload"]:
            self._state.journal.troubles.append(f"{kind}: a payload was answered where none is accepted")
            body = None
        return Answer(body=body or None, took=monotonic() - began)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Send `warning`, `refresh_requested` or `link_disabled` to all connections; only a warning keeps them."""
        for socket in list(self.connections):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-double"}})
            if reason != "warning":
                self.connections.remove(socket)
                await socket.close()

    async def close(self) -> None:
        """Close all connections."""
        for socket in list(self.connections):
            await socket.close()
