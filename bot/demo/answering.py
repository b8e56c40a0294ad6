"""How the sample company's marketing answers what sellers say: seen on the day, decided later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.demo import company
from bot.demo.rehearsal import Rehearsal
from bot.demo.words import ANSWERS
from storage.cases import FeedbackCase, open_case

Said = tuple[str, str | None]  # a code and the campaign that it was said of


class Marketing:
    def __init__(self, rehearsal: Rehearsal, campaigns: dict[str, int]) -> None:
        self._rehearsal, self._campaigns = rehearsal, campaigns

    async def sees(self, said: Said) -> None:
        """Whoever answers has read it."""
        case = await self._case(said)
        if case and case.acknowledged_at is None:
            await self._rehearsal.does(_who_answers(said), "cases.acknowledge", case=case.id)

    async def decides(self, said: Said) -> int | None:
        """The case that was decided; None where it is answered already."""
        if (case := await self._case(said)) is None or case.examples_wanted:
            return None
        answer, text = ANSWERS[said[0]]
        more: dict[str, Any] = {"examples": 2} if answer == "need_more" else {}
        if answer == "change":
            more = {"due_on": str((self._rehearsal.clock.now() + timedelta(days=10)).date())}
        await self._rehearsal.does(_who_answers(said), "cases.decide", case=case.id, answer=answer, text=text, **more)
        return case.id

    async def _case(self, said: Said) -> FeedbackCase | None:
        code, campaign = said
        number = self._campaigns[campaign] if campaign else None
        return await self._rehearsal.looks_up(lambda session, tenant: open_case(session, tenant.id, code, number))


def _who_answers(said: Said) -> str:
    return (company.OWNERS[said[1]] if said[1] else None) or "mo"
