"""People at work in a local Slack while Parley is killed: they announce leads, praise, type feedback and import.

Each thing they do carries words of its own, and everything that was acknowledged is remembered.
"""

import asyncio
import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from bench.servers import ROOT
from bot.playground import Double
from bot.playground.records import Channel, Message
from bot.playground.workspace import Workspace

PEOPLE = ("Ana", "Bo", "Cy", "Di", "Ed")
CODES = ("M1", "M2", "M3", "M4", "M5")
AGAIN_WITHIN = 20.0  # seconds: the same words within 30 s are the same feedback
ROWS = 200  # of an import
WITHIN = 15.0  # seconds in which Parley must have answered at the beginning


@dataclass
class Ledger:
    """What was done, by its own words, and whether it was acknowledged."""

    notes: dict[str, bool] = field(default_factory=dict)
    announced: dict[str, str] = field(default_factory=dict)  # company -> ts of the message
    praised: set[tuple[str, str]] = field(default_factory=set)  # member, ts of the card
    imported: dict[str, bool] = field(default_factory=dict)  # prefix of the keys of one file
    broken: list[str] = field(default_factory=list)  # what should never happen


class Work:
    """`pace`: seconds between two deeds of a kind, on average."""

    def __init__(self, slack: Double, acme: Workspace, database: str, folder: Path, seed: int) -> None:
        self.ledger = Ledger()
        self._slack, self._acme, self._database, self._folder = slack, acme, database, folder
        self._random = random.Random(seed)
        self._numbers = count(1)
        self._people = [acme.person(name) for name in PEOPLE]
        self._mo = acme.person("Mo", is_admin=True)
        everybody = [self._mo, *self._people]
        self._leads = [acme.channel(name, members=everybody) for name in ("leads", "leads-south", "leads-north")]
        self._marketing = acme.channel("marketing", members=[self._mo])
        self._cards: dict[str, Message] = {}  # of leads, by ts
        self._seen: dict[str, int] = defaultdict(int)
        self._is_over = asyncio.Event()

    async def prepare(self) -> None:
        """Mo invites Parley, and says what each channel is for."""
        for channel, purpose in (*((each, "Leads") for each in self._leads), (self._marketing, "Marketing")):
            question = partial(_question, channel, purpose)
            await self._mo.invites(self._acme.bot, channel)
            await self._slack.until(question, within=WITHIN)
            await self._mo.presses(purpose, question())
            await self._slack.until(partial(_is_answered, channel, purpose), within=WITHIN)
        for person in self._people:
            await person.types("/parley help", self._leads[0])

    async def run(self) -> None:
        """Go on until `end`."""
        kinds: tuple[tuple[Callable[[], Coroutine[Any, Any, None]], float], ...] = (
            (self._announce, 0.9),
            (self._give_feedback, 0.5),
            (self._give_feedback, 0.7),
            (self._praise, 1.0),
            (self._import, 4.0),
        )
        await asyncio.gather(*(self._again_and_again(deed, pace) for deed, pace in kinds))

    def end(self) -> None:
        self._is_over.set()

    async def _again_and_again(self, deed: Callable[[], Coroutine[Any, Any, None]], pace: float) -> None:
        while not self._is_over.is_set():
            await deed()
            await asyncio.sleep(self._random.uniform(0.2, 1.8) * pace)

    async def _announce(self) -> None:
        company = f"Firm {next(self._numbers):05}"
        channel = self._random.choice(self._leads)
        said = await self._acme.hears_app(channel, f"New lead: {company}\nSource: web form\nContact: Jo Smith")
        self.ledger.announced[company] = said.ts

    async def _give_feedback(self) -> None:
        """Type it; where no answer comes, type the same again, as people do."""
        if (card := self._some_card()) is None:
            return
        person, words = self._random.choice(self._people), f"words {next(self._numbers):05}"
        self.ledger.notes[words] = False
        line = f"/leadfeedback {_key(card)} {self._random.choice(CODES)} {words}"
        until = asyncio.get_running_loop().time() + AGAIN_WITHIN
        while asyncio.get_running_loop().time() < until:
            answer = await person.types(line, self._leads[0])
            said = json.dumps(answer.body) if answer.ok else ""
            if "ogged: " in said:  # "Logged: " or "Already logged: "
                self.ledger.notes[words] = True
                return
            if "Something went wrong" in said:
                self.ledger.broken.append(f"{line}: {said[:300]}")
            await asyncio.sleep(self._random.uniform(0.3, 1.5))

    async def _praise(self) -> None:
        person, card = self._random.choice(self._people), self._some_card()
        if card and (person.id, card.ts) not in self.ledger.praised:
            self.ledger.praised.add((person.id, card.ts))
            await person.reacts(card, "+1")

    async def _import(self) -> None:
        """Import a file, sometimes killed in the middle, until it is done."""
        prefix = f"I{next(self._numbers):05}"
        table = self._folder / f"{prefix}.csv"
        rows = "".join(f"{prefix}-{n},Import {prefix} {n},fair\n" for n in range(ROWS))
        table.write_text(f"key,company,source\n{rows}")
        self.ledger.imported[prefix] = False
        for attempt in range(8):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "leads", "import", str(table),
                cwd=self._folder, env={"PYTHONPATH": str(ROOT), "DATABASE_URL": self._database},
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            if attempt < 3 and self._random.random() < 0.5:
                await asyncio.sleep(self._random.uniform(0.5, 3.0))
                if process.returncode is None:
                    process.kill()
                await process.communicate()
                continue
            out, _ = await process.communicate()
            if process.returncode == 0:
                self.ledger.imported[prefix] = True
                return
            self.ledger.broken.append(f"an import failed: {out.decode()[-300:]}")

    def _some_card(self) -> Message | None:
        """A lead's card, as people see it in the channels; new ones more often."""
        for channel in self._leads:
            messages = list(channel.log.values())
            for message in messages[self._seen[channel.id] :]:
                if message.user == self._acme.bot.id and "Source" in json.dumps(message.blocks):
                    self._cards[message.ts] = message
            self._seen[channel.id] = len(messages)
        cards = list(self._cards.values())
        return self._random.choice(cards[-30:]) if cards else None


def _question(channel: Channel, purpose: str) -> Message | None:
    """Parley's question what a channel is for, as long as it is open."""
    return next((said for said in channel.messages if f'"text": "{purpose}"' in json.dumps(said.blocks)), None)


def _is_answered(channel: Channel, purpose: str) -> bool:
    return _question(channel, purpose) is None


def _key(card: Message) -> str:
    return next(word for word in card.text.split() if word.startswith("L-"))
