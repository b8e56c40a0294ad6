"""Who is told of which change: every open window, as far as the person it acts as can see it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import asdict

from aiohttp import web

from bot.playground.changes import Change
from bot.playground.page.guide import Guide, Travel
from bot.playground.page.seen import Seen
from bot.playground.page.traffic import Traffic
from bot.playground.person import Person
from bot.playground.records import Payload

GUIDE_AFTER = 0.15  # seconds of quiet after which the tour is asked how far it is
MOST_WAITING = 20_000  # messages for a window that does not read them


class Window:
    """One open page and the person it acts as."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[Payload] = asyncio.Queue(MOST_WAITING)
        self.person: Person | None = None
        self.inspects = False
        self.tour: list[Payload] = []

    def send(self, said: Payload) -> None:
        """Send in order, without waiting; a window that no longer reads is left to its connection's end."""
        with contextlib.suppress(asyncio.QueueFull):
            self._waiting.put_nowait(said)

    async def write(self) -> None:
        """Send what waits, until the connection ends."""
        while not self._socket.closed:
            said = await self._waiting.get()
            with contextlib.suppress(ConnectionError):
                await self._socket.send_json(said)


class Watch:
    """Hears of every change in the workspace and tells the windows."""

    def __init__(self, seen: Seen, guide: Guide | None, travel: Travel | None) -> None:
        self.seen = seen
        self._guide = guide
        self._travel = travel
        self._team = seen.team
        self._later: asyncio.TimerHandle | None = None
        self.traffic = Traffic()
        self.windows: set[Window] = set()
        self.travelling = False

    def hear(self, change: Change) -> None:
        """Tell of one change; the listener of the workspace's state."""
        if change.what == "traffic":
            self._note(change)
        elif self.windows and change.team == self._team.id:
            getattr(self, f"_{change.what}")(change)
        self._guide_soon()

    def guidance(self, person: Person) -> list[Payload]:
        """The steps of the tour, if there is one."""
        return [asdict(step) for step in self._guide.steps(person)] if self._guide else []

    def time(self, person: Person) -> Payload:
        """What time it is, and where one can travel."""
        offers = [asdict(offer) for offer in self._travel.offers(person)] if self._travel else []
        return {"kind": "clock", "clock": self.seen.clock(), "offers": offers, "travelling": self.travelling}

    def tell_time(self) -> None:
        """Tell every window what time it is."""
        self._tell(self.time)

    def tell_tour(self) -> None:
        """Tell every window how far the tour is, where that has changed."""
        for window in self.windows:
            if window.person and (steps := self.guidance(window.person)) != window.tour:
                window.tour = steps
                window.send({"kind": "tour", "steps": steps})

    async def look_at_tour(self) -> None:
        """Have it look how far it is, and tell."""
        if self._guide:
            await self._guide.look()
            self.tell_tour()

    def _guide_soon(self) -> None:
        if not self._guide or not self.windows:
            return
        if self._later:
            self._later.cancel()
        self._later = asyncio.get_running_loop().call_later(GUIDE_AFTER, self.tell_tour)

    def close(self) -> None:
        """Tell nobody anything more."""
        if self._later:
            self._later.cancel()

    def _tell(self, said: Callable[[Person], Payload | None], user: str = "") -> None:
        for window in self.windows:
            if window.person and user in ("", window.person.id) and (message := said(window.person)):
                window.send(message)

    def _note(self, change: Change) -> None:
        if change.entry is None:
            return
        line = {"kind": "traffic", "line": self.traffic.note(change.entry).as_line()}
        for window in self.windows:
            if window.inspects:
                window.send(line)

    def _message(self, change: Change) -> None:
        channel = self._team.channels[change.channel]
        message = channel.log[change.ts]
        touched = [message]
        if message.is_reply and (parent := channel.log.get(str(message.thread_ts))):
            touched.append(parent)
        drawn = [
            {"kind": "gone", "channel": channel.id, "ts": each.ts}
            if each.deleted
            else {"kind": "message", "message": self.seen.message(each, channel.replies(each))}
            for each in touched
        ]
        for window in self.windows:
            if window.person and window.person.id in channel.members:
                for said in drawn:
                    window.send(said)
                window.send({"kind": "channel", "channel": self.seen.channel(window.person, channel)})

    def _ephemeral(self, change: Change) -> None:
        def said(person: Person) -> Payload:
            found = next((each for each in person.ephemerals if each.ts == change.ts), None)
            if found is None:
                return {"kind": "gone", "channel": change.channel, "ts": change.ts}
            return {"kind": "message", "message": self.seen.message(found)}

        self._tell(said, change.user)

    def _modals(self, change: Change) -> None:
        self._tell(lambda person: {"kind": "modals", "modals": self.seen.modals(person)}, change.user)

    def _home(self, change: Change) -> None:
        self._tell(lambda person: {"kind": "home", "home": self.seen.home(person)}, change.user)

    def _channel(self, change: Change) -> None:
        channel = self._team.channels[change.channel]

        def said(person: Person) -> Payload | None:
            if not self.seen.is_known(person, channel):
                return {"kind": "channel_gone", "channel": channel.id}
            return {"kind": "channel", "channel": self.seen.channel(person, channel)}

        self._tell(said)

    def _person(self, change: Change) -> None:
        self._tell(lambda _person: {"kind": "people", "people": self.seen.people()})

    def _trouble(self, change: Change) -> None:
        self._tell(lambda _person: {"kind": "trouble", "text": change.text}, change.user)

    def tell_read(self, person: Person, channel_id: str) -> None:
        """Tell the person's windows that they have read."""
        channel = self._team.channels[channel_id]
        self._tell(lambda them: {"kind": "channel", "channel": self.seen.channel(them, channel)}, person.id)
