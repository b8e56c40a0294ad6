"""Handing things to the app: events with their wrapper, retries and faults; commands and interactions once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.playground.faults import Faults
from bot.playground.journal import Delivery
from bot.playground.records import Channel, Payload
from bot.playground.state import State, Team

Kind = Literal["event", "command", "interaction", "options"]


@dataclass(frozen=True)
class Answer:
    """How the app answered: `reason` is empty when it acknowledged in time, `body` is its JSON, text or None."""

    reason: str = ""
    status: int = 200
    body: Any = None
    took: float = 0.0
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged in time."""
        return not self.reason


class Transport(Protocol):
    """A way to the app."""

    @property
    def retry_after(self) -> tuple[float, ...]:
        """The delay before each retry of an event."""

    async def send(self, kind: Kind, payload: Payload, attempt: int, reason: str) -> Answer:
        """Hand over one payload; `attempt` above 0 and `reason` tell of a retry."""


class Deliveries:
    """The stage on which things happen: sends the app what it subscribed to, in tasks that end with `close`."""

    def __init__(self, state: State, faults: Faults, http: Transport, socket: Transport) -> None:
        self._state = state
        self._faults = faults
        self._http = http
        self._socket = socket
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Payload] = []

    def announce(
        self,
        team: Team,
        subscription: str,
        event: Payload,
        *,
        channel: Channel | None = None,
        source_team: str | None = None,
    ) -> None:
        """Send an event if the app has subscribed to it and its bot is where it happened."""
        installation = team.installation
        if installation is None or not installation.hears(subscription):
            return
        if channel is not None and not self._state.bot_is_in(team, channel):
            return
        self._schedule(self._wrapped(team, event, channel, source_team or team.id))

    def _wrapped(self, team: Team, event: Payload, channel: Channel | None, source_team: str) -> Payload:
        state = self._state
        installation = state.installed(team)
        shared = channel is not None and channel.is_ext_shared
        wrapper: Payload = {"token": state.app.verification_token, "team_id": source_team if shared else team.id}
        if team.enterprise_id:
            wrapper["enterprise_id"] = team.enterprise_id
        return wrapper | {
            "context_team_id": team.id,
            "context_enterprise_id": team.enterprise_id,
            "api_app_id": state.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": state.new_id("Ev"),
            "event_time": int(state.now()),
            "authorizations": [
                {
                    "enterprise_id": team.enterprise_id,
                    "team_id": team.id,
                    "user_id": installation.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": shared,
            "event_context": f"1-{event['type']}-{team.id}-{channel.id if channel else 'none'}",
        }

    def _schedule(self, payload: Payload) -> None:
        if self._faults.window > 1:
            self._held.append(payload)
            if len(self._held) < self._faults.window:
                return
        else:
            self._held.append(payload)
        self.release()

    def release(self) -> None:
        """Send the events held back by a fault; with more than one of them the order is another one."""
        held, self._held = self._held, []
        if len(held) > 1:
            before = list(held)
            while held == before:
                self._faults.random.shuffle(held)
        for payload in held:
            for _ in range(2 if self._faults.doubles_next() else 1):
                self._start(self._send_event(payload))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_event(self, payload: Payload) -> None:
        transport = self._transport()
        if transport is None:
            return
        await asyncio.sleep(self._faults.lateness)
        delays = transport.retry_after
        reason = ""
        for attempt in range(len(delays) + 1):
            if attempt:
                await asyncio.sleep(delays[attempt - 1])
            answer = await transport.send("event", payload, attempt, reason)
            if answer.ok and self._faults.drops_next_ack():
                answer = Answer("http_timeout", took=answer.took)
            self._note("event", payload, attempt, answer)
            if answer.ok or answer.no_retry:
                return
            reason = answer.reason
        self._state.journal.troubles.append(f"event {payload['event']['type']} given up: {reason}")

    async def ask(self, kind: Kind, payload: Payload) -> Answer:
        """Hand over a command, interaction or options request; nobody repeats those."""
        transport = self._transport()
        if transport is None:
            return Answer("no_request_url", status=0)
        answer = await transport.send(kind, payload, 0, "")
        self._note(kind, payload, 0, answer)
        return answer

    async def idle(self) -> None:
        """Return when every event has been acknowledged or given up."""
        self.release()
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def close(self) -> None:
        """Stop all deliveries under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _transport(self) -> Transport | None:
        if self._state.app.socket_mode:
            return self._socket
        return self._http if self._state.app.request_url else None

    def _note(self, kind: Kind, payload: Payload, attempt: int, answer: Answer) -> None:
        self._state.note(Delivery(self._state.now(), kind, payload, attempt, answer.reason or "ok"))
