"""Erasing people and leads: begun in one unit of work, then table by table, in small ones; it can stop anywhere.

Whoever runs it next, the command line or the server, goes on where it stopped.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlmodel import Session

from bot.core.context import Context
from bot.core.erasing import Erased, Eraser, take_back
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.features.leads.erasure import wipe
from bot.features.people.erasure import forget
from storage.database import Database
from storage.erasures import Erasure, find_erasure, page, unfinished
from storage.leads import Lead
from storage.outbox import Kind, OutboxRow, row
from storage.people import Member
from storage.reactions import forget_reactions_by
from storage.tables import add, lock
from storage.workspaces import Workspace

T = TypeVar("T")
PAGE = 100  # rows that one unit of work looks at,
CHANGES = 5  # and changes


@dataclass(frozen=True)
class Place:
    """Where an erasure has come to: the table, and the last row that was looked at."""

    table: str = ""
    after: Any = None


@dataclass(frozen=True)
class Step:
    """What one unit of work did; `place` None: there is nothing more to look at."""

    place: Place | None
    changed: Counter[str]  # rows by table
    has_posted: bool = False


class _Rehearsed(Exception):
    """Takes back what a rehearsal did."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


class Erasing:
    """`wake` is called after a commit that put something into the outbox."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        now: Callable[[], datetime],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._registry, self._database, self._now, self._wake = registry, database, now, wake
        erasers: dict[Any, Eraser] = {**registry.erasers, OutboxRow: _from_message}
        self._tables = {str(table.__tablename__): (table, eraser) for table, eraser in erasers.items()}

    async def begin(self, workspace_id: int, whom: type[Member | Lead], row_id: int) -> int:
        """Take away who a member or a lead is, and remember what has to follow: the id of the erasure."""

        def work(session: Session) -> int:
            ctx = self._context(session, workspace_id)
            return _begin(ctx, _row(session, whom, row_id)).id

        begun = await self._database.write(work, bulk=True)
        self._wake()
        return begun

    async def finish(self, workspace_id: int, erasure_id: int) -> Counter[str]:
        """Do what is left to do; how many rows of each table were changed in all."""
        while await self._database.write(partial(_forget_reactions, workspace_id, erasure_id), bulk=True):
            pass
        while True:
            step = await self._database.write(partial(self._go_on, workspace_id, erasure_id), bulk=True)
            if step.has_posted:
                self._wake()
            if step.place is None:
                return step.changed

    async def finish_all(self) -> int:
        """Finish what was begun and interrupted; how many erasures."""
        found = await self._database.read(lambda session: [(e.workspace_id, e.id) for e in unfinished(session)])
        for workspace_id, erasure_id in found:
            await self.finish(workspace_id, erasure_id)
        return len(found)

    async def rehearse(self, workspace_id: int, whom: type[Member | Lead], row_id: int) -> Counter[str]:
        """How many rows of each table would be changed; nothing is."""
        erasure = await self._undone(lambda ctx: _begin(ctx, _row(ctx.session, whom, row_id)), workspace_id)
        changed, place = Counter[str](), Place()
        while True:
            step = await self._undone(partial(self._look, erasure=erasure, place=place), workspace_id)
            changed += step.changed
            if step.place is None:
                return changed
            place = step.place

    async def _undone(self, do: Callable[[Context], T], workspace_id: int) -> T:
        """What it returns, after what it did was taken back."""

        def work(session: Session) -> None:
            raise _Rehearsed(do(self._context(session, workspace_id)))

        try:
            await self._database.write(work, bulk=True)
        except _Rehearsed as rehearsed:
            result: T = rehearsed.result
        return result

    def _go_on(self, workspace_id: int, erasure_id: int, session: Session) -> Step:
        erasure = lock(session, Erasure, workspace_id, erasure_id)
        assert erasure, "an erasure is never deleted"
        counts = Counter(json.loads(erasure.counts))
        if erasure.ended_at:
            return Step(None, counts)
        ctx = self._context(session, workspace_id)
        step = self._look(ctx, erasure, Place(erasure.at_table, json.loads(erasure.after)))
        counts += step.changed
        erasure.counts = json.dumps(counts)
        if step.place:
            erasure.at_table, erasure.after = step.place.table, json.dumps(step.place.after)
        else:
            erasure.ended_at, erasure.words = ctx.now, "[]"
        return Step(step.place, counts, ctx.has_posted)

    def _look(self, ctx: Context, erasure: Erasure, place: Place) -> Step:
        """Look at a page of a table; the tables follow each other by their names."""
        left = [name for name in sorted(self._tables) if name >= place.table]
        if not left:
            return Step(None, Counter())
        name, changed = left[0], 0
        table, erase = self._tables[name]
        with speaking(ctx.workspace.language):
            erased = Erased.of(json.loads(erasure.words), erasure.member_id, erasure.lead_id)
        after = place.after if name == place.table else None
        rows, last = page(ctx.session, ctx.workspace.id, table, after, PAGE)
        for found in rows:
            changed += erase(ctx, erased, found)
            if changed == CHANGES:
                last = found.id
                break
        following = Place(name, last) if last is not None else Place(left[1]) if left[1:] else None
        return Step(following, Counter({name: changed} if changed else {}))

    def _context(self, session: Session, workspace_id: int) -> Context:
        workspace = session.get_one(Workspace, workspace_id)
        return Context(session, workspace, None, self._now(), "system", self._registry)


def _forget_reactions(workspace_id: int, erasure_id: int, session: Session) -> int:
    erasure = find_erasure(session, workspace_id, erasure_id)
    if erasure is None or erasure.member_id is None:
        return 0
    return forget_reactions_by(session, workspace_id, erasure.member_id, PAGE)


def _row(session: Session, whom: type[Member | Lead], row_id: int) -> Member | Lead:
    return session.get_one(Member, row_id) if whom is Member else session.get_one(Lead, row_id)


def _begin(ctx: Context, whom: Member | Lead) -> Erasure:
    with speaking(ctx.workspace.language):
        words = forget(ctx, whom) if isinstance(whom, Member) else wipe(ctx, whom)
    erasure = Erasure(workspace_id=ctx.workspace.id, words=json.dumps(words), begun_at=ctx.now)
    if isinstance(whom, Member):
        erasure.member_id = whom.id
    else:
        erasure.lead_id = whom.id
    ctx.session.flush()
    add(ctx.session, erasure)
    return erasure


def _from_message(ctx: Context, erased: Erased, posted: OutboxRow) -> bool:
    """Parley's private messages to an erased person, and messages that keep words which tell of who is erased.

    Cards keep no words: they are drawn anew.
    """
    is_message = posted.kind in (Kind.POST, Kind.FILE)
    is_to_them = is_message and posted.member_id is not None and posted.member_id == erased.member_id
    if not is_to_them and not erased.is_named_in(posted.body):
        return False
    if not is_message and posted.target_id and (target := row(ctx.session, ctx.workspace.id, posted.target_id)):
        return take_back(ctx, target) | take_back(ctx, posted)
    return take_back(ctx, posted)
