"""How the sample company's marketing answers what sellers say: seen on the day, decided later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from bot.demo import company
from bot.demo.rehearsal import Rehearsal
from bot.demo.words import ANSWERS
from storage.cases import FeedbackCase, open_case
from storage.workspaces import Workspace

Said = tuple[str, str | None]  # a code and the campaign that it was said of


class Marketing:
    def __init__(self, rehearsal: Rehearsal, campaigns: dict[str, int]) -> None:
        self._rehearsal, self._campaigns = rehearsal, campaigns

    async def sees(self, *said: Said) -> None:
        """Whoever answers has read it."""
        for case, each in await self._open(said):
            if case.acknowledged_at is None:
                await self._rehearsal.does(_who_answers(each), "cases.acknowledge", case=case.id)

    async def decides(self, *said: Said) -> list[int]:
        """The cases that were decided: not those that are answered already."""
        waiting = [(case, each) for case, each in await self._open(said) if not case.examples_wanted]
        for case, each in waiting:
            answer, text = ANSWERS[each[0]]
            more: dict[str, Any] = {"examples": 2} if answer == "need_more" else {}
            if answer == "change":
                more = {"due_on": str((self._rehearsal.clock.now() + timedelta(days=10)).date())}
            await self._rehearsal.does(
                _who_answers(each), "cases.decide", case=case.id, answer=answer, text=text, **more
            )
        return [case.id for case, _each in waiting]

    async def _open(self, said: Sequence[Said]) -> list[tuple[FeedbackCase, Said]]:
        """The open cases of what was said, each once."""

        def look(session: Session, tenant: Workspace) -> list[tuple[FeedbackCase, Said]]:
            found: dict[int, tuple[FeedbackCase, Said]] = {}
            for each in said:
                code, campaign = each
                if case := open_case(session, tenant.id, code, self._campaigns[campaign] if campaign else None):
                    found.setdefault(case.id, (case, each))
            return list(found.values())

        return await self._rehearsal.looks_up(look)


def _who_answers(said: Said) -> str:
    return (company.OWNERS[said[1]] if said[1] else None) or "mo"
