"""The last days in the sample company, deed by deed: leads are handed over, answered, asked about and talked of."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.demo import company
from bot.demo.answering import Marketing, Said
from bot.demo.rehearsal import Rehearsal
from bot.demo.words import ACHES, NOTES, SOURCES, TALK
from bot.playground.records import Message
from bot.playground.surface import words
from bot.rules.lead_states import OPEN
from storage.leads import leads_of_company
from storage.questions import newest_question
from storage.workspaces import Workspace

Deed = tuple[datetime, Callable[[], Awaitable[None]]]
TOUR = "ana"  # the seller with whom the tour begins, to whom the last lead of all goes
FATES: tuple[
    tuple[str | None, tuple[str, ...]], ...
] = (  # of the leads, in their order: what their owners do, hours after they came
    ("ana", ("accept", "attempt", "connect", "W1")),
    ("tom", ("R8",)),
    ("grace", ("accept", "attempt", "N3")),
    ("luis", ("accept", "question")),
    ("grace", ("R8",)),
    ("tom", ("accept", "attempt", "connect", "qualify")),
    ("ana", ("accept", "N1")),
    ("tom", ()),  # late
    (None, ()),  # hot, and nobody has taken it: the first open item of the digest
    (TOUR, ()),
)
FRESH = 2  # of them have come in the last hours
SLOW = "N1"  # the word that marketing has not looked at yet
ANSWERED = ("W1", "R8", "M5")  # on the same day
NOTE = {
    "W1": "spoke to the head of quality at once",
    "R8": "two people and a dog",
    "N1": "moves to a new hall first",
    "N3": "under contract elsewhere until spring",
}


class LastDays:
    def __init__(
        self, rehearsal: Rehearsal, marketing: Marketing, chance: random.Random, companies: Iterator[str]
    ) -> None:
        self._rehearsal, self._marketing, self._random, self._companies = rehearsal, marketing, chance, companies
        self._numbers: dict[str, int] = {}  # of leads, by their company

    def deeds(self, days: Sequence[datetime]) -> list[Deed]:
        """What happens on these days, which begin at nine; not in order."""
        found: list[Deed] = []
        for number, (owner, fate) in enumerate(FATES):
            begins = days[number * len(days) // len(FATES)] + timedelta(minutes=50 * (number % 4))
            if number >= len(FATES) - FRESH:
                begins += timedelta(hours=4)
            found += self._lead(begins, owner, fate)
        for number, (channel, who, text) in enumerate(TALK):
            found.append(
                (days[number % len(days)] + timedelta(hours=3, minutes=number), self._talk(channel, who, text))
            )
        for number, (who, code, text) in enumerate(NOTES):
            at = days[number % len(days)] + timedelta(hours=5)
            found += [(at, self._note(who, code, text)), *self._answered(at, (code, None))]
        return found

    def _lead(self, begins: datetime, owner: str | None, fate: Sequence[str]) -> Iterator[Deed]:
        name, campaign = next(self._companies), self._random.choice([name for name, by in company.OWNERS.items() if by])
        by = company.OWNERS[campaign] or "mo"
        yield begins, self._add(by, name, campaign, owner)
        for hours, act in enumerate(fate if owner else (), start=1):
            at = begins + timedelta(hours=hours, minutes=7)
            yield at, self._act(owner or "", by, name, act)
            if act in NOTE:
                yield from self._answered(at, (act, campaign))

    def _answered(self, at: datetime, said: Said) -> Iterator[Deed]:
        if said[0] != SLOW:
            yield at + timedelta(hours=2), lambda: self._marketing.sees(said)
        if said[0] in ANSWERED:
            yield at + timedelta(hours=3), lambda: self._decide(said)

    async def _decide(self, said: Said) -> None:
        await self._marketing.decides(said)

    def _add(self, by: str, name: str, campaign: str, owner: str | None) -> Callable[[], Awaitable[None]]:
        ache, source = self._random.choice(ACHES), SOURCES[campaign]

        async def do() -> None:
            if owner is None:
                told = {"company": name, "source": source, "campaign": campaign, "summary": ache, "temperature": "hot"}
                await self._rehearsal.does(by, "leads.add", "leads", **told)
            else:
                line = f"{name}, {source}, {campaign}, <@{self._rehearsal.id_of(owner)}>, {ache}"
                await self._rehearsal.types(by, "lead", f"add {line}", "leads")
            await self._rehearsal.delivers()  # its clock runs from when it is seen

        return do

    def _act(self, owner: str, by: str, name: str, act: str) -> Callable[[], Awaitable[None]]:
        async def do() -> None:
            match act:
                case "accept":
                    await self._rehearsal.reacts(owner, self._card(name), "white_check_mark")
                case "question":
                    await self._ask(owner, by, name)
                case "attempt" | "connect" | "qualify":
                    number = await self._number(name)
                    await self._rehearsal.does(owner, "leads.move", lead=number, cycle=1, act=act)
                case code:
                    await self._give(owner, name, code)

        return do

    async def _give(self, owner: str, name: str, code: str) -> None:
        number = await self._number(name)
        more = {"wake_on": str((self._rehearsal.clock.now() + timedelta(days=6)).date())} if code[0] == "N" else {}
        about = f"lead:{number}"
        await self._rehearsal.does(owner, "feedback.give", "leads", about=about, code=code, note=NOTE[code], **more)

    async def _ask(self, owner: str, by: str, name: str) -> None:
        number = await self._number(name)
        text = "What did they ask for at the stand?"
        await self._rehearsal.does(owner, "questions.ask", lead=number, cycle=1, text=text)

        def asked(session: Session, tenant: Workspace) -> int:
            question = newest_question(session, tenant.id, number)
            assert question, "it was just asked"
            return question.id

        question = await self._rehearsal.looks_up(asked)
        self._rehearsal.clock.stands_at(self._rehearsal.clock.now() + timedelta(minutes=40))
        text = "A gauge for hot surfaces; they have seen ours on the demonstration day."
        await self._rehearsal.does(by, "questions.answer", question=question, text=text)

    def _talk(self, channel: str, who: str, text: str) -> Callable[[], Awaitable[None]]:
        return lambda: self._rehearsal.writes(who, channel, text)

    def _note(self, who: str, code: str, text: str) -> Callable[[], Awaitable[None]]:
        return lambda: self._rehearsal.does(who, "feedback.give", about="general", code=code, note=text)

    def _card(self, name: str) -> Message:
        """The lead's card in its channel."""
        said = self._rehearsal.channel("leads").messages
        return next(message for message in said if not message.is_reply and name in words(message.blocks))

    async def _number(self, name: str) -> int:
        if name not in self._numbers:
            look = partial(_look_up, name)
            self._numbers[name] = await self._rehearsal.looks_up(look)
        return self._numbers[name]


def _look_up(name: str, session: Session, tenant: Workspace) -> int:
    return leads_of_company(session, tenant.id, name, OPEN)[0].id
