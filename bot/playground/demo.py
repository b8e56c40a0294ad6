"""`make demo`: the lead feedback loop, played by people in a local Slack against the real bot, as a transcript."""

import json
import logging
import re
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from bot.playground import App, Double
from bot.playground.person import Person
from bot.playground.records import Channel, Message, View
from bot.playground.workspace import Workspace
from bot.settings import Given, Settings

WITHIN = 10.0  # seconds in which Parley must have answered
REASON = "R8 outside the agreed customer profile"


class Bot(Protocol):
    """Parley, which the command line brings along."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


async def play(parley: Callable[[Settings], Bot], say: Callable[[str], None]) -> None:
    """Play it; raises where Parley does not do what it should."""
    logging.basicConfig(level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="parley-demo-") as folder:
        async with Double(App(socket_mode=True)) as slack:
            acme = slack.workspace("Acme")
            bot = parley(_settings(slack, acme.install().token, Path(folder)))
            await bot.start()
            try:
                await _Play(slack, acme, say).run()
            finally:
                await bot.stop()
            if slack.journal.troubles:
                raise RuntimeError("; ".join(slack.journal.troubles))


def _settings(slack: Double, token: str, folder: Path) -> Settings:
    given: dict[str, Any] = {
        "slack_bot_token": token,
        "slack_app_token": slack.app.app_token,
        "slack_api_url": slack.api_url,
        "database_url": f"sqlite:///{folder}/demo.db",
        "host": "127.0.0.1",
        "port": 0,
    }
    return Given(**given)


class _Play:
    def __init__(self, slack: Double, acme: Workspace, say: Callable[[str], None]) -> None:
        self._slack, self._acme, self._say = slack, acme, say
        self._ana, self._mo = (
            acme.person("Ana", has_display_name=False),
            acme.person("Mo", is_admin=True, has_display_name=False),
        )
        self._leads = acme.channel("leads", members=[self._mo, self._ana])
        self._marketing = acme.channel("marketing", members=[self._mo])
        self._seen: set[tuple[str, str, str]] = set()

    async def run(self) -> None:
        self._title("Mo, an admin in marketing, invites Parley and says what each channel is for")
        for channel, purpose in ((self._leads, "Leads"), (self._marketing, "Marketing")):
            await self._does(self._mo, f"invites @Parley to #{channel.name}", self._mo.invites(self._acme.bot, channel))
            hello = await self._hears(channel, "Hello, I am Parley.")
            await self._presses(self._mo, purpose, hello)

        self._title("Mo hands a lead over to Ana, who sells")
        await self._types(self._mo, "/lead add Acme Ltd, webinar, @ana", self._leads)
        card = await self._hears(self._leads, "Acme Ltd")

        self._title("Ana does not take it, and says why")
        await self._presses(self._ana, "Reject...", card)
        await self._fills(self._ana, {"code": REASON, "note": "They have three employees."})

        await self._hears(self._leads, "Rejected")

        self._title("Marketing sees it, and decides")
        case = await self._hears(self._marketing, REASON)
        await self._presses(self._mo, "Acknowledge", case)
        await self._hears(self._marketing, "Seen by")
        await self._presses(self._mo, "Decide...", case)
        await self._fills(self._mo, {"text": "We filter out firms under ten people.", "due_on": _in_two_weeks()})
        await self._hears(self._leads, "Marketing answered")

        self._title("Ana gets a receipt: you said, we did")
        receipt = await self._hears(self._ana.dm, "You said about")
        await self._presses(self._ana, "That helps", receipt)
        await self._hears(self._marketing, "That helps: 1.")
        await self._types(self._ana, "/lead", self._leads)
        self._say("\nThat is the loop. Nothing was lost, and nothing stood twice.")

    async def _types(self, who: Person, line: str, channel: Channel) -> None:
        before = len(who.ephemerals)
        await self._does(who, f"types in #{channel.name}: {line}", who.types(line, channel))
        await self._until(lambda: len(who.ephemerals) > before)
        self._show(f"only {_name(who)} sees", who.ephemerals[-1].blocks)

    async def _presses(self, who: Person, label: str, where: Message) -> None:
        def seen() -> tuple[object, ...]:
            return len(who.ephemerals), who.view, where.edited

        before, heard = seen(), len(who.ephemerals)
        await self._does(who, f"presses [{label}]", who.presses(label, where))
        await self._until(lambda: seen() != before)
        if len(who.ephemerals) > heard:
            self._show(f"only {_name(who)} sees", who.ephemerals[-1].blocks)

    async def _fills(self, who: Person, values: dict[str, str]) -> None:
        view = who.view
        assert view
        self._say(f"  a form opens: {view.content['title']['text']}")
        for label, value in values.items():
            self._say(f"  {_name(who)} enters: {value}")
            await who.fills(None, {_block(view, label): value})
        await self._does(who, "submits it", who.submits())
        if who.errors:
            raise RuntimeError(f"the form has errors: {who.errors}")
        if who.view:
            self._show(f"only {_name(who)} sees", who.view.blocks)
            await who.closes()

    async def _hears(self, channel: Channel, words: str) -> Message:
        """The newest message with these words; a message that was shown already is shown again when it changed."""

        def found() -> Message | None:
            return next((said for said in reversed(channel.messages) if words in " ".join(_lines(said.blocks))), None)

        await self._until(found)
        message = found()
        assert message
        key = message.channel, message.ts, json.dumps(message.blocks)
        if key not in self._seen:
            where = f"in #{channel.name}" if not channel.is_im else "in private"
            where += ", in the thread" if message.is_reply else ""
            self._show(f"Parley {where}{', changed' if message.edited else ''}", message.blocks)
            self._seen.add(key)
        return message

    async def _does(self, who: Person, what: str, act: Any) -> None:
        self._say(f"\n{_name(who)} {what}")
        await act
        await self._slack.settled()

    async def _until(self, condition: Callable[[], object]) -> None:
        await self._slack.until(condition, within=WITHIN)

    def _title(self, title: str) -> None:
        self._say(f"\n== {title}")

    def _show(self, who: str, blocks: Iterable[Any]) -> None:
        self._say(f"  {who}:")
        for line in _lines(blocks):
            self._say("  | " + re.sub(r"@(U0\w+)", self._mention, line))

    def _mention(self, user: re.Match[str]) -> str:
        return "@" + self._acme.team.members[user[1]].real_name


def _in_two_weeks() -> str:
    """A day on which people work."""
    day = (datetime.now(UTC) + timedelta(days=14)).date()
    return (day - timedelta(days=max(0, day.weekday() - 4))).isoformat()


def _name(who: Person) -> str:
    return who.member.real_name


def _block(view: View, name: str) -> str:
    """The id of the block that asks for a field."""
    ids = (str(block["block_id"]) for block in view.blocks if block["type"] == "input")
    return next(block_id for block_id in ids if block_id.partition(":")[0] == name)


def _lines(blocks: Iterable[Any]) -> list[str]:
    """What a reader sees of blocks: their text, and their buttons in brackets."""
    return [line for block in blocks for line in _text(block).splitlines() if line.strip()]


def _text(drawn: Any) -> str:
    if isinstance(drawn, list):
        return "".join(_text(each) for each in drawn)
    match drawn:
        case {"type": "actions", "elements": elements}:
            return " ".join(f"[{each['text']['text']}]" for each in elements)
        case {"type": "rich_text_quote", "elements": elements}:
            return "\n".join(f"> {line}" for line in _text(elements).splitlines()) + "\n"
        case {"type": "rich_text" | "rich_text_section", "elements": elements}:
            return _text(elements) + "\n"
        case {"type": "user", "user_id": str(user)}:
            return f"@{user}"
        case {"type": "date", "fallback": str(fallback)}:
            return fallback
        case {"text": {"text": str(text)}}:
            return text
        case {"text": str(text)}:
            return re.sub(r"[\u2066-\u2069]", "", text)
    return ""
