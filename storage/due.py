"""What falls due once: wake-ups, nudges, follow-ups. A row each; the scheduler only looks."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, false, text, tuple_
from sqlmodel import Field, Index, Session, bindparam, col, delete, func, or_, select, update

from storage.statements import Change, Query
from storage.tables import Instant, Row, add_if_absent
from storage.workspaces import Workspace

_OPEN, _DONE = text("done_at IS NULL"), text("done_at IS NOT NULL")


class Due(Row, table=True):
    __table_args__ = (
        Index("ix_due_open", "at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_due_done", "done_at", sqlite_where=_DONE, postgresql_where=_DONE),
    )
    workspace_id: int = Field(foreign_key="workspace.id")
    kind: str = Field(primary_key=True)  # "leads.wake"
    subject_id: int = Field(primary_key=True)
    step: int = Field(primary_key=True)  # of several, or the cycle
    at: datetime = Field(sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0  # after each of them `at` is later


def set_due(session: Session, due: Due) -> bool:
    """Remember what falls due; say whether it was new. A step that happened does not happen again, until it is
    forgotten (see bot/purge.py)."""
    return add_if_absent(session, due)


def move_due(session: Session, due: Due) -> None:
    """Let it fall due then, and not when it would have; it may have happened before."""
    if not add_if_absent(session, due):
        same = (col(Due.workspace_id) == due.workspace_id, col(Due.kind) == due.kind)
        row = (*same, col(Due.subject_id) == due.subject_id, col(Due.step) == due.step)
        session.exec(update(Due).where(*row).values(at=due.at, done_at=None, failures=0))


_CANCEL = Change(
    delete(Due)
    .where(col(Due.workspace_id) == bindparam("workspace_id"), col(Due.kind) == bindparam("kind"))
    .where(col(Due.subject_id) == bindparam("subject_id"), col(Due.done_at).is_(None))
)


def cancel_due(session: Session, workspace_id: int, kind: str, subject_id: int) -> None:
    """Forget every step of it that has not happened."""
    _CANCEL.run(session, workspace_id=workspace_id, kind=kind, subject_id=subject_id)


def claim_due(session: Session, kinds: frozenset[str], now: datetime, limit: int) -> Sequence[tuple[Due, Workspace]]:
    """What has fallen due, the oldest first, and where; held until the commit, so that no other process takes it."""
    return _oldest(kinds, is_claim=True).all(session, now=now, limit=limit)


def coming_due(session: Session, kinds: frozenset[str], now: datetime) -> tuple[Due, Workspace] | None:
    """The oldest that has fallen due, and where; nobody is kept from it."""
    return _oldest(kinds).first(session, now=now, limit=1)


def claim_same(session: Session, due: Due, now: datetime) -> tuple[Due, Workspace] | None:
    """What was seen to be due, held until the commit; None if it happened, was moved or is taken by another process."""
    same = (col(Due.kind) == due.kind, col(Due.subject_id) == due.subject_id, col(Due.step) == due.step)
    query = select(Due, Workspace).join(Workspace).where(*same, _OPEN, col(Due.at) <= now)
    query = query.where(col(Due.workspace_id) == due.workspace_id, col(Workspace.uninstalled_at).is_(None))
    return session.exec(query.with_for_update(skip_locked=True, of=Due)).first()


def is_pending(session: Session, workspace_id: int, kind: str, subject_id: int) -> bool:
    """Whether a step of it has not happened, and is not given up."""
    of_subject = (col(Due.workspace_id) == workspace_id, col(Due.kind) == kind, col(Due.subject_id) == subject_id)
    return session.exec(select(Due.step).where(*of_subject, _OPEN)).first() is not None


@cache
def _oldest(kinds: frozenset[str], is_claim: bool = False) -> Query[tuple[Due, Workspace]]:
    now = bindparam("now", type_=Instant)
    query = select(Due, Workspace).join(Workspace).where(_OPEN, col(Due.at) <= now, *_may_fall_due(kinds))
    query = query.order_by(col(Due.at)).limit(bindparam("limit"))
    return Query(query.with_for_update(skip_locked=True, of=Due) if is_claim else query)


@cache
def _next(kinds: frozenset[str]) -> Query[Any]:
    later = col(Due.at) > bindparam("after", type_=Instant)
    return Query(select(func.min(Due.at)).join(Workspace).where(_OPEN, later, *_may_fall_due(kinds)))


def next_due(session: Session, kinds: frozenset[str], after: datetime) -> datetime | None:
    """The first instant later than `after` at which something falls due."""
    found: datetime | None = _next(kinds).one(session, after=after)
    return found


def forget_done(session: Session, before: datetime, limit: int) -> int:
    """Forget the steps that happened before then, the oldest first; how many."""
    key = (col(Due.kind), col(Due.subject_id), col(Due.step))
    oldest = select(*key).where(_DONE, col(Due.done_at) < before).order_by(col(Due.done_at)).limit(limit)
    return session.connection().execute(delete(Due).where(tuple_(*key).in_(oldest))).rowcount


def _may_fall_due(kinds: frozenset[str]) -> tuple[ColumnElement[bool], ...]:
    is_known = or_(false(), *(col(Due.kind) == kind for kind in sorted(kinds)))
    return is_known, col(Workspace.uninstalled_at).is_(None)
