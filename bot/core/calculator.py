"""The calculator: does what has fallen due and must be computed first, which happens beside the writer.

A snapshot is read, a calculation made of it elsewhere, and what follows from its answer is one short unit of work. It
remembers nothing: tables say what is due. What fails is tried again later, as the timekeeper does.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bot.core.context import Context
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.core.timekeeper import raise_if_the_databases_own, settle
from storage.database import Database
from storage.due import Due, claim_same, coming_due

log = logging.getLogger(__name__)

Calculate = Callable[[str, Any], Awaitable[Any]]


class Calculator:
    """`calculate` asks a calculation by name; `wake` is called after a commit that put something into the outbox."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        calculate: Calculate,
    ) -> None:
        self._registry, self._database, self._now, self._wake = registry, database, now, wake
        self._calculate = calculate

    async def run(self) -> None:
        """Compute all that is due, one after the other; return when nothing is."""
        while asked := await self._database.read(self._ask):
            answer, error = None, asked.error
            try:
                if asked.calculation and not error:
                    answer = await self._calculate(asked.calculation, asked.question)
            except Exception as failure:
                error = failure
            follow = partial(self._follow, asked=asked, answer=answer, error=error)
            if await self._database.write(follow, bulk=True):
                self._wake()

    def _ask(self, session: Session) -> "_Asked | None":
        """The oldest that is due, and the question its feature has; None as a question: there is nothing to do."""
        coming = coming_due(session, self._registry.calculated_kinds, self._now())
        if coming is None:
            return None
        due, workspace = coming
        ctx = Context(session, workspace, None, self._now(), "system", self._registry)
        try:
            with speaking(workspace.language):
                name, question = self._registry.question(ctx, due)
        except OperationalError:
            raise
        except Exception as error:
            return _Asked(due, error=error)
        return _Asked(due, name if question is not None else None, question)

    def _follow(self, session: Session, asked: "_Asked", answer: Any, error: Exception | None) -> bool:
        """Do what follows, unless another process was faster; whether something was posted."""
        now = self._now()
        claimed = claim_same(session, asked.due, now)
        if claimed is None:
            return False
        due, workspace = claimed
        ctx = Context(session, workspace, None, now, "system", self._registry)
        has_failed = False
        try:
            with session.begin_nested(), speaking(workspace.language):
                if error:
                    raise error
                if asked.calculation:
                    self._registry.follow(ctx, due, answer)
        except Exception as failure:
            raise_if_the_databases_own(failure)
            log.error("%s failed in workspace %s", due.kind, workspace.id, exc_info=failure)
            has_failed = True
        settle(session, due, now, has_failed)
        return ctx.has_posted and not has_failed


@dataclass(frozen=True, slots=True)
class _Asked:
    due: Due
    calculation: str | None = None
    question: Any = None
    error: Exception | None = None
