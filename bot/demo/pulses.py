"""The sample company's pulses: what both sides answer each week, what it comes to, and what the heads say to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session

from bot.demo import company
from bot.demo.last_days import TOUR
from bot.demo.rehearsal import Rehearsal
from storage.pulse import last_wave
from storage.workspaces import Workspace

TUESDAY, THURSDAY = 1, 3  # it opens, and closes
Answers = Sequence[Sequence[int]]  # of each of a side, to each question
WEEKS: tuple[tuple[Answers, Answers], ...] = (  # of sales and marketing, five people each
    (((2, 3), (3, 2), (2, 4), (1, 2), (3, 3)), ((4, 3), (5, 4), (4, 2), (3, 3), (4, 2))),
    (((4, 3), (3, 4), (5, 2), (4, 3), (4, 4)), ((2, 4), (3, 3), (2, 3), (1, 2), (3, 4))),
    (((3, 2, 3), (3, 1, 2), (2, 3, 4), (4, 2, 3), (2, 3, 2)), ((4, 3, 3), (4, 4, 4), (3, 3, 3), (5, 4, 5), (3, 2, 4))),
    (((4, 3), (4, 4), (3, 4), (5, 2), (3, 3)), ((3, 4), (2, 3), (4, 5), (3, 4), (2, 3))),
)
NOW: tuple[Answers, Answers] = (  # in the one that is open; the first of sales is asked by the tour
    ((), (4, 3), (3, 2), (4, 3), (3, 4)),
    ((4, 3), (4, 4), (3, 3), (5, 3), (4, 2)),
)
SENTENCES = (  # what a head says to the result of each week
    ("mo", "We look at every rejected lead of the week with two sellers, on Fridays at two."),
    ("ines", "Whoever accepts a lead calls within two hours, or hands it to their stand-in."),
    ("mo", "Firms under ten people go to the shop and no longer to sales."),
    ("ines", "We write down the three questions every lead should answer, with marketing, by Friday."),
)


class Pulses:
    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal, self._closed = rehearsal, 0

    async def opens(self) -> None:
        """At an admin's word: until somebody wants it to open by itself, nothing does."""
        await self._rehearsal.types(company.ADMIN, "pulse", "now", "sales")
        self._rehearsal.clock.stands_at(self._rehearsal.clock.now() + timedelta(minutes=20))
        await self._answered(WEEKS[self._closed])

    async def closes(self) -> None:
        """It is published at once, and a head says something to it an hour later."""
        await self._rehearsal.does(company.ADMIN, "pulse.close_now", wave=await self._newest())
        await self._rehearsal.computes()
        self._rehearsal.clock.stands_at(self._rehearsal.clock.now() + timedelta(hours=1))
        who, text = SENTENCES[self._closed]
        await self._rehearsal.does(who, "pulse.say_sentence", wave=await self._newest(), text=text)
        self._closed += 1

    async def become_a_habit(self) -> None:
        """On Tuesdays at ten, until Thursdays at five."""
        hours = {"opens_on": "2", "opens_at": "10:00", "closes_on": "4", "closes_at": "17:00"}
        await self._rehearsal.does(company.ADMIN, "pulse.settings", **hours, threshold=5, comment_threshold=8)

    async def most_answer(self) -> None:
        """All but the one with whom the tour begins."""
        await self._answered(NOW)
        await self._rehearsal.counts()

    async def _answered(self, given: tuple[Answers, Answers]) -> None:
        wave = await self._newest()
        for side, people in zip(("sales", "marketing"), given, strict=True):
            for handle, values in zip(_of(side), people, strict=True):
                answers = {f"a{position}": str(value) for position, value in enumerate(values, start=1)}
                if answers:
                    await self._rehearsal.does(handle, "pulse.answer", wave=wave, **answers)

    async def _newest(self) -> int:
        def look(session: Session, tenant: Workspace) -> int:
            wave = last_wave(session, tenant.id)
            assert wave, "one was opened"
            return wave.id

        return await self._rehearsal.looks_up(look)


def _of(side: str) -> list[str]:
    """Everybody on a side, whom the tour begins with first."""
    return sorted((each.handle for each in company.PEOPLE if each.side == side), key=lambda handle: handle != TOUR)
