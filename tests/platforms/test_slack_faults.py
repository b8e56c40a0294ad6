"""Whatever goes wrong on the way to Slack and back, the end is the same, and each message stands once."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import time

import pytest

from bot.features import FEATURES
from tests.platforms.stage import PACE, a_stage, texts

FASTER = 20  # Parley's and Slack's clock, so that looking back does not take a quarter of a minute
PATIENT = replace(PACE, trigger_lives=3.0 * FASTER, response_url_uses=50)
AGAIN = ("please try again", "Please try again", "took too long", "busy")

METHODS = ("chat.postMessage", "chat.update", "conversations.open", "conversations.info", "users.info", "views.publish")
FAULTS = {
    "says 429": lambda faults, method: faults.rate_limits(method, retry_after=3),
    "says 500": lambda faults, method: faults.breaks(method),
    "says internal_error": lambda faults, method: faults.refuses(method, "internal_error"),
    "hangs up before": lambda faults, method: faults.drops_before(method),
    "hangs up after": lambda faults, method: faults.drops_after(method),
}


class Clock:
    def __init__(self) -> None:
        self.began = time()

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.began + (time() - self.began) * FASTER, UTC)


class Story:
    """Two channels, a lead, a no with its reason, marketing's answer; people who are told to try again do."""

    def __init__(self, stage) -> None:
        self.stage, self.acme = stage, stage.acme
        self.ana, self.mo = stage.acme.person("Ana"), stage.acme.person("Mo", is_admin=True)
        self.leads = stage.acme.channel("leads", members=[self.ana, self.mo])
        self.leads.members += [who.id for who in (self.mo,) if who.id not in self.leads.members]
        self.marketing = stage.acme.channel("marketing", members=[self.mo])

    async def plays(self) -> None:
        for channel, purpose in ((self.leads, "Leads"), (self.marketing, "Marketing")):
            await self.mo.invites(self.acme.bot, channel)
            await self.presses(self.mo, purpose, await self.stands(channel, "Hello, I am Parley."))
            await self.stands(channel, "This channel is for")
        await self.ana.opens_home()
        await self.types(self.mo, "/lead add Acme Ltd, webinar, @ana")
        await self.presses(self.ana, "Good lead", await self.stands(self.leads, "Acme Ltd"))
        await self.types(self.ana, "/leadfeedback L-1 R8 only three employees")
        await self.presses(self.mo, "Acknowledge", await self.stands(self.marketing, "R8"))
        await self.stands(self.marketing, "Seen by")
        await self.mo.reacts(await self.stands(self.leads, "Rejected"), "eyes")
        await self.stands(self.leads, "Looking at it")
        await self.stage.settles()

    async def types(self, who, line) -> None:
        for _ in range(4):
            await who.types(line, self.leads)
            if not any(words in texts(who.ephemerals)[-1] for words in AGAIN):
                return
        raise AssertionError(texts(who.ephemerals)[-1])

    async def presses(self, who, label, message) -> None:
        for _ in range(4):
            before = _seen(who, message)
            await who.presses(label, message)
            await self.stage.slack.until(partial(_sees_more, before, who, message), within=10)
            if len(who.ephemerals) == before[0] or not any(words in texts(who.ephemerals)[-1] for words in AGAIN):
                return
        raise AssertionError(texts(who.ephemerals)[-1])

    async def stands(self, channel, words):
        def found():
            return [message for message in channel.messages if words in texts([message])[0]]

        await self.stage.slack.until(found, within=10)
        return found()[-1]

    def end(self):
        """What everybody sees: ids and times differ from one telling to the next."""
        return [
            (where, [_plain(message.blocks) for message in channel.messages])
            for where, channel in (("leads", self.leads), ("marketing", self.marketing), ("ana", self.ana.dm))
        ]


def _seen(who, message):
    return len(who.ephemerals), message.edited


def _sees_more(before, who, message):
    return _seen(who, message) != before


def _plain(blocks):
    """The texts in blocks, in order."""
    if isinstance(blocks, list):
        return [text for block in blocks for text in _plain(block)]
    if not isinstance(blocks, dict):
        return []
    own = [blocks["text"]] if isinstance(blocks.get("text"), str) else []
    return own + [text for key, value in blocks.items() if isinstance(value, dict | list) for text in _plain(value)]


async def tells(database_url, prepare, method=None):
    """The end of the story; the fault must have met a call of the method."""
    clock = Clock()
    async with a_stage(database_url, "http", FEATURES, PATIENT, troubles=True, now=clock) as stage:
        story = Story(stage)
        prepare(stage.slack.faults)
        await story.plays()
        assert method is None or not stage.slack.faults.strikes(method), "nothing called it"
        return story.end()


@pytest.fixture(scope="module")
def undisturbed():
    """The end when nothing goes wrong, told once."""
    return {}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", METHODS)
async def test_one_call_goes_wrong(sqlite, undisturbed, method, fault):
    await same(sqlite, undisturbed, lambda faults: FAULTS[fault](faults, method), method)


async def test_every_event_comes_twice(sqlite, undisturbed):
    await same(sqlite, undisturbed, lambda faults: faults.doubles_events())


async def test_acknowledgements_get_lost(sqlite, undisturbed):
    await same(sqlite, undisturbed, lambda faults: faults.drops_acks(5))


async def same(sqlite, undisturbed, prepare, method=None):
    if not undisturbed:
        with sqlite.migrated() as url:
            undisturbed["end"] = await tells(url, lambda faults: None)
    with sqlite.migrated() as url:
        assert await tells(url, prepare, method) == undisturbed["end"]
