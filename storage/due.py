"""What falls due once: wake-ups, nudges, follow-ups. A row each; the scheduler only looks."""

from datetime import datetime

from sqlmodel import Field, Session, col, delete, func, select

from storage.tables import Instant, Row, add_if_absent


class Due(Row, table=True):
    workspace_id: int = Field(foreign_key="workspace.id")
    kind: str = Field(primary_key=True)  # "leads.wake"
    subject_id: int = Field(primary_key=True)
    step: int = Field(primary_key=True)  # of several, or the cycle
    at: datetime = Field(sa_type=Instant, index=True)
    done_at: datetime | None = Field(default=None, sa_type=Instant)


def set_due(session: Session, due: Due) -> bool:
    """Remember what falls due; say whether it was new."""
    return add_if_absent(session, due)


def next_due(session: Session, after: datetime, until: datetime) -> datetime | None:
    """The first instant after `after`, and no later than `until`, at which something falls due."""
    waiting = (col(Due.done_at).is_(None), col(Due.at) > after, col(Due.at) <= until)
    return session.exec(select(func.min(col(Due.at))).where(*waiting)).one()


def cancel_due(session: Session, workspace_id: int, kind: str, subject_id: int) -> None:
    """Forget every step of it that has not happened."""
    of_subject = (col(Due.workspace_id) == workspace_id, col(Due.kind) == kind, col(Due.subject_id) == subject_id)
    session.exec(delete(Due).where(*of_subject, col(Due.done_at).is_(None)))
