"""What falls due once: wake-ups, nudges, follow-ups. A row each; the scheduler only looks."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, text
from sqlmodel import Field, Index, Session, col, delete, func, select, update

from storage.tables import Instant, Row, add_if_absent
from storage.workspaces import Workspace

_OPEN = text("done_at IS NULL")


class Due(Row, table=True):
    __table_args__ = (Index("ix_due_open", "at", sqlite_where=_OPEN, postgresql_where=_OPEN),)
    workspace_id: int = Field(foreign_key="workspace.id")
    kind: str = Field(primary_key=True)  # "leads.wake"
    subject_id: int = Field(primary_key=True)
    step: int = Field(primary_key=True)  # of several, or the cycle
    at: datetime = Field(sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0  # after each of them `at` is later


def set_due(session: Session, due: Due) -> bool:
    """Remember what falls due; say whether it was new."""
    return add_if_absent(session, due)


def move_due(session: Session, due: Due) -> None:
    """Let it fall due then, and not when it would have; it may have happened before."""
    if not add_if_absent(session, due):
        same = (col(Due.workspace_id) == due.workspace_id, col(Due.kind) == due.kind)
        row = (*same, col(Due.subject_id) == due.subject_id, col(Due.step) == due.step)
        session.exec(update(Due).where(*row).values(at=due.at, done_at=None, failures=0))


def cancel_due(session: Session, workspace_id: int, kind: str, subject_id: int) -> None:
    """Forget every step of it that has not happened."""
    of_subject = (col(Due.workspace_id) == workspace_id, col(Due.kind) == kind, col(Due.subject_id) == subject_id)
    session.exec(delete(Due).where(*of_subject, col(Due.done_at).is_(None)))


def claim_due(session: Session, kinds: Collection[str], now: datetime, limit: int) -> Sequence[tuple[Due, Workspace]]:
    """What has fallen due, the oldest first, and where; held until the commit, so that no other process takes it."""
    query = select(Due, Workspace).join(Workspace).where(_OPEN, col(Due.at) <= now, *_may_fall_due(kinds))
    query = query.order_by(col(Due.at)).limit(limit).with_for_update(skip_locked=True, of=Due)
    return session.exec(query).all()


def next_due(session: Session, kinds: Collection[str], after: datetime) -> datetime | None:
    """The first instant later than `after` at which something falls due."""
    query = select(func.min(Due.at)).join(Workspace).where(_OPEN, col(Due.at) > after, *_may_fall_due(kinds))
    return session.exec(query).one()


def _may_fall_due(kinds: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return col(Due.kind).in_(kinds), col(Workspace.uninstalled_at).is_(None)
