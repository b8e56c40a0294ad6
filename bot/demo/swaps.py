"""The sample company's job swaps: one that has led to an idea, and a round for which people sign up just now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from bot.demo import company
from bot.demo.rehearsal import Rehearsal
from bot.features.gemba import feature
from storage.gemba import rounds
from storage.gemba_ideas import ideas
from storage.gemba_swaps import consents, reflections_on, swaps_in
from storage.people import find_member
from storage.workspaces import Workspace

DAY = timedelta(days=1)
FORMATS = ("ride_along", "half_day")
SELLER, MARKETER = "luis", "clara"  # who have swapped
JOBS = {  # who shows what, as which role
    "luis": ("sdr", "My first calls of the day, and what people ask"),
    "clara": ("content", "How a webinar is made, from the topic to the list of leads"),
    "jonas": ("events", "The evening before a fair, and the list we hand over"),
    "ines": ("sales_head", "The Monday round over all open deals"),
    "mo": ("marketing_head", "How we share out the budget of a quarter"),
}
SLIDES = {  # what they did, what they had thought, what they would change
    "luis": (
        "I sat beside Clara while she sorted 212 registrations by hand, and wrote two invitations with her.",
        "I thought that the list comes out of the webinar as it is. Half the people on it are students and suppliers.",
        "We say which three questions the registration form should ask.",
    ),
    "clara": (
        "I listened to six first calls. Four of them asked what we had already asked in the form.",
        "I thought that sellers read what people wrote when they registered. They never get to see it.",
        "What people wrote in the form stands on the lead's card.",
    ),
}
IDEA = {
    "title": "What people wrote stands on the card",
    "background": "Four of six callers were asked again what they had written in the form.",
    "current": "The form's last field ends in the webinar tool; nobody in sales can open it.",
    "why": "Nobody told marketing that it is what a first call begins with.",
    "countermeasure": "Clara puts the field into the summary of each lead.",
    "measure": "First calls that need not ask again",
    "before": "2 of 6",
}
FOR_IT = ("luis", "ana", "tom", "mo", "ben")


@dataclass(frozen=True)
class Swap:
    id: int
    consents: dict[str, int]  # by who is asked
    reflections: dict[str, int]  # by who wrote them


class Swaps:
    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal

    async def begin(self, visits: Sequence[date]) -> None:
        """A round for visits on these days; the heads have no time, and two people do."""
        gemba = await self._begin(self._today() + 7 * DAY, visits)
        for head in ("ines", "mo"):
            await self._rehearsal.does(head, "gemba.excuse", round=gemba, excuse="Budget week; next time I am in.")
        for handle in (SELLER, MARKETER):
            await self._sign_up(handle, gemba, visits)

    async def match(self) -> None:
        """They are asked, and both accept."""
        gemba = await self._newest()
        await self._rehearsal.does(company.ADMIN, "gemba.match_now", round=gemba)
        await self._rehearsal.computes()
        self._rehearsal.clock.stands_at(self._rehearsal.clock.now() + timedelta(minutes=1))
        await self._rehearsal.falls_due_in(feature)
        swap = await self._swap()
        for handle in (SELLER, MARKETER):
            await self._rehearsal.does(handle, "gemba.accept", consent=swap.consents[handle])

    async def tell(self) -> None:
        """Both visits took place: three slides each, which the host finds right."""
        swap = await self._swap()
        for visitor, host in ((SELLER, MARKETER), (MARKETER, SELLER)):
            did, wrong, change = SLIDES[visitor]
            await self._rehearsal.does(visitor, "gemba.reflect", swap=swap.id, did=did, wrong=wrong, change=change)
            written = (await self._swap()).reflections[visitor]
            await self._rehearsal.does(host, "gemba.approve", reflection=written)

    async def propose(self) -> None:
        """One of the slides becomes an idea, which some are for."""
        slides = (await self._swap()).reflections[MARKETER]
        more: dict[str, Any] = {"owner": self._rehearsal.id_of(MARKETER), "due_on": str(self._today() + 21 * DAY)}
        await self._rehearsal.does(MARKETER, "gemba.propose", reflection=slides, **IDEA, **more)
        idea = await self._rehearsal.looks_up(lambda session, tenant: ideas(session, tenant.id)[0].id)
        for handle in FOR_IT:
            await self._rehearsal.does(handle, "gemba.vote", idea=idea)

    async def begin_anew(self) -> None:
        """With a week to sign up; the heads go first."""
        closes_on = self._today() + 8 * DAY
        monday = closes_on + (7 - closes_on.weekday()) * DAY
        visits = [monday + n * DAY for n in range(12) if (monday + n * DAY).weekday() < 5]
        gemba = await self._begin(closes_on, visits)
        for handle in ("ines", "mo", "jonas"):
            await self._sign_up(handle, gemba, visits)

    async def _begin(self, closes_on: date, visits: Sequence[date]) -> int:
        days = {"closes_on": str(closes_on), "first_on": str(visits[0]), "last_on": str(visits[-1])}
        await self._rehearsal.does(company.ADMIN, "gemba.begin", **days, formats=FORMATS)
        return await self._newest()

    async def _sign_up(self, handle: str, gemba: int, days: Sequence[date]) -> None:
        role, job = JOBS[handle]
        how: dict[str, Any] = {"level": "2", "where": "remote", "capacity": 1, "formats": FORMATS, "languages": ("en",)}
        await self._rehearsal.does(
            handle, "gemba.sign_up", round=gemba, role=role, job=job, free=tuple(_half_days(days)), **how
        )

    async def _newest(self) -> int:
        return await self._rehearsal.looks_up(lambda session, tenant: rounds(session, tenant.id)[0].id)

    async def _swap(self) -> Swap:
        """The one of the first round."""

        def look(session: Session, tenant: Workspace) -> Swap:
            of = (session, tenant.id)
            [swap] = swaps_in(*of, round_id=rounds(*of)[-1].id)
            both = {h: find_member(*of, self._rehearsal.person(h).id) for h in (SELLER, MARKETER)}
            ids = {handle: member.id for handle, member in both.items() if member}
            asked, written = consents(*of, swap.id), reflections_on(*of, swap.id)
            return Swap(
                swap.id,
                {handle: asked[member_id].id for handle, member_id in ids.items()},
                {handle: written[member_id].id for handle, member_id in ids.items() if member_id in written},
            )

        return await self._rehearsal.looks_up(look)

    def _today(self) -> date:
        return self._rehearsal.clock.now().date()


def _half_days(days: Sequence[date]) -> Iterator[str]:
    for day in days:
        yield from (f"{day}am", f"{day}pm")
