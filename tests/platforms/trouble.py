"""People at work in a Slack that has a bad day: whoever is told to try again does; the end is what they all see."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import time

import aiohttp

from bot.playground.double import PATIENCE
from bot.playground.faults import Fault
from bot.playground.surface import words
from tests.platforms.stage import PACE, a_stage

FASTER = 20  # Parley's and Slack's clock: looking back takes no seconds, and still longer than what comes late
PATIENT = replace(PACE, ack_within=PATIENCE, trigger_lives=PATIENCE * FASTER, response_url_uses=50)
TIMEOUT = 0.6  # seconds of real time that Parley waits for an answer of Slack's
AGAIN = ("please try again", "Please try again", "choose again", "busy")

FAULTS: dict[str, Callable[[str], Fault]] = {
    "says 429": lambda method: Fault(method, "status", status=429, retry_after=1),
    "says 500": lambda method: Fault(method, "status", status=500),
    "does it and says 500": lambda method: Fault(method, "status_after", status=500),
    "says internal_error": lambda method: Fault(method, "refuse", error="internal_error"),
    "hangs up": lambda method: Fault(method, "drop_before"),
    "does it and hangs up": lambda method: Fault(method, "drop_after"),
    "is slow": lambda method: Fault(method, "delay", before=0.05, after=0.05),
    "does it when nobody waits any more": lambda method: Fault(method, "delay", before=TIMEOUT + 0.1),
    "is used up": lambda method: Fault(method, "status", status=404),
}
LATE = 2.0  # seconds of real time in which a form may open that was given up
SPELLED = {"response_url", "upload"}  # whose answer is a status alone


class Clock:
    def __init__(self) -> None:
        self.began = time()

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.began + (time() - self.began) * FASTER, UTC)


class Plan:
    """Strikes call number k of a method with the fault that `choose` names; remembers how often each was called."""

    def __init__(self, choose: Callable[[str, int], str | None]) -> None:
        self._choose, self.calls = choose, Counter[str]()

    def __call__(self, method: str, number: int) -> Fault | None:
        self.calls[method] = number
        fault = self._choose(method, number)
        if fault == "says internal_error" and method in SPELLED:
            fault = "says 500"
        return FAULTS[fault](method) if fault else None


class Office:
    """Ana in sales, who is an admin, and Mo in marketing, with their channels."""

    def __init__(self, stage) -> None:
        self.stage, self.slack, self.acme = stage, stage.slack, stage.acme
        self.ana, self.mo = self.acme.person("Ana"), self.acme.person("Mo")
        self.leads = self.acme.channel("leads", members=[self.ana])
        self.leads.members.append(self.mo.id)
        self.marketing = self.acme.channel("marketing", members=[self.ana, self.mo])
        self._read: dict[int, tuple[list, str]] = {}

    async def types(self, who, line, answer) -> None:
        """Type a command until this is its answer."""
        told = len(self.told(who))
        done = lambda: any(answer in said for said in self.told(who)[told:])  # noqa: E731
        await self.until_done(who, lambda: who.types(line, self.leads), done)

    async def presses(self, who, label, where, done) -> None:
        await self.until_done(who, lambda: who.presses(label, where), done)

    async def opens(self, who, act, field) -> None:
        """Have the form opened that has this field."""
        await self.until_done(who, act, lambda: who.view and field in words(who.view.blocks))

    async def until_done(self, who, act, done) -> None:
        for _ in range(6):
            told = len(self.told(who))
            await act()
            await self.slack.until(lambda told=told: done() or self._must_repeat(who, told))
            if any("took too long" in said for said in self.told(who)[told:]):
                with suppress(TimeoutError):  # it may come yet
                    await self.slack.until(done, LATE)
            if done():
                return
        raise AssertionError(f"it never worked: {self.told(who)[-1]}")

    async def chooses(self, who, values, changed) -> None:
        """Choose in an open form; who is told to choose again closes what said so."""
        form = who.view
        for _ in range(6):
            await who.fills(None, values)
            await self.slack.until(lambda: changed in words(form.blocks) or who.view is not form)
            if who.view is form:
                return
            await who.closes()
        raise AssertionError("the form was never changed")

    async def hears(self, who, said) -> None:
        await self.slack.until(lambda: any(said in each for each in self.told(who)))

    def told(self, who) -> list[str]:
        """What only they were told, what stands before them in a modal last."""
        return [self._words(said.blocks) for said in (*who.ephemerals, *([who.view] if who.view else []))]

    def _words(self, blocks) -> str:
        """Whoever waits asks over and over; blocks are replaced by others, never changed."""
        if id(blocks) not in self._read:
            self._read[id(blocks)] = blocks, words(blocks)
        return self._read[id(blocks)][1]

    def _must_repeat(self, who, told) -> bool:
        return any(any(word in said for word in AGAIN) for said in self.told(who)[told:])

    def find(self, channel, said):
        """The newest message that says this."""
        return next((message for message in reversed(standing(channel)) if said in self._words(message.blocks)), None)

    async def stands(self, channel, said):
        await self.slack.until(lambda: self.find(channel, said))
        return self.find(channel, said)

    def end(self):
        """What everybody sees: ids and times differ from one telling to the next."""
        places = {"leads": self.leads, "marketing": self.marketing, "ana": self.ana.dm, "mo": self.mo.dm}
        return {place: sorted(map(_seen, standing(channel))) for place, channel in places.items()}


def standing(channel):
    return [message for message in channel.messages if message.bot_id]


def _seen(message):
    files = [(file.title, file.content) for file in message.files]
    return re.sub(r"\s+", " ", words(message.blocks)), files, sorted(message.reactions), message.is_reply


@asynccontextmanager
async def an_office(database_url, features, prepare, transport="http"):
    """`prepare` gets the double before Parley starts."""
    patience = aiohttp.ClientTimeout(total=TIMEOUT)
    async with a_stage(
        database_url, transport, features, PATIENT, troubles=True, now=Clock(), patience=patience, prepare=prepare
    ) as stage:
        hurry = asyncio.create_task(_hurry(stage.parley))
        yield Office(stage)
        hurry.cancel()


async def _hurry(parley) -> None:
    """Delivery looks every second, which is a third of a minute here."""
    while True:
        await asyncio.sleep(0.05)
        parley.delivery.wake()
