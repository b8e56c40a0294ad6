"""Clocks: running deadlines, recorded as they start, stop and pause; each keeps the policy it started with."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from storage.tables import Instant, add


class Clock(SQLModel, table=True):
    """`kind`: S1 accept, S2 first attempt, S3 disposition, M1 acknowledge, M2 decide, M3 close the loop."""

    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", index=True)
    kind: str
    subject: str  # "lead", "case" or "decision"
    subject_id: int = Field(index=True)
    cycle: int = 1
    responsible_id: int | None = Field(default=None, foreign_key="member.id")  # None: whoever of the side acts first
    policy: str  # the deadline in working time, such as "4h"
    started_at: datetime = Field(sa_type=Instant)
    started_by: int | None = None  # the event that started it, so that undoing the event undoes the start
    stopped_at: datetime | None = Field(default=None, sa_type=Instant)
    stopped_by: int | None = None
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    paused_seconds: int = 0  # of pauses that have ended


def start_clock(session: Session, clock: Clock) -> None:
    """Start a clock, unless one of its kind already runs or ran for this subject and cycle."""
    same = (Clock.workspace_id == clock.workspace_id, Clock.kind == clock.kind, Clock.subject == clock.subject)
    query = select(Clock.id).where(*same, Clock.subject_id == clock.subject_id, Clock.cycle == clock.cycle)
    if session.exec(query).first() is None:
        add(session, clock)


def stop_clocks(
    session: Session,
    workspace_id: int,
    subject: str,
    subject_id: int,
    kinds: tuple[str, ...],
    at: datetime,
    event_id: int | None = None,
) -> None:
    """Stop those of these kinds that run."""
    running = (*_of(workspace_id, subject, subject_id), col(Clock.stopped_at).is_(None), col(Clock.kind).in_(kinds))
    for clock in session.exec(select(Clock).where(*running)):
        _end_pause(clock, at)
        clock.stopped_at, clock.stopped_by = at, event_id


def pause_clocks(session: Session, workspace_id: int, subject: str, subject_id: int, at: datetime) -> None:
    """Pause all that run."""
    running = (col(Clock.stopped_at).is_(None), col(Clock.paused_at).is_(None))
    session.exec(update(Clock).where(*_of(workspace_id, subject, subject_id), *running).values(paused_at=at))


def resume_clocks(session: Session, workspace_id: int, subject: str, subject_id: int, at: datetime) -> None:
    """Let all that are paused run on."""
    query = select(Clock).where(*_of(workspace_id, subject, subject_id), col(Clock.paused_at).is_not(None))
    for clock in session.exec(query):
        _end_pause(clock, at)


def reassign_clocks(
    session: Session, workspace_id: int, subject: str, subject_id: int, responsible_id: int | None
) -> None:
    """Make somebody else responsible for all that run; the time that has passed stays passed."""
    running = (*_of(workspace_id, subject, subject_id), col(Clock.stopped_at).is_(None))
    session.exec(update(Clock).where(*running).values(responsible_id=responsible_id))


def _end_pause(clock: Clock, at: datetime) -> None:
    if clock.paused_at:
        clock.paused_seconds += int((at - clock.paused_at).total_seconds())
        clock.paused_at = None


def undo_clocks(session: Session, workspace_id: int, subject: str, subject_id: int, event_id: int) -> None:
    """Take back what an event did to the clocks: those it started never ran, those it stopped run on."""
    of_subject = _of(workspace_id, subject, subject_id)
    session.exec(delete(Clock).where(*of_subject, col(Clock.started_by) == event_id))
    stopped = update(Clock).where(*of_subject, col(Clock.stopped_by) == event_id)
    session.exec(stopped.values(stopped_at=None, stopped_by=None))


def clocks_of(session: Session, workspace_id: int, subject: str, subject_id: int) -> list[Clock]:
    query = select(Clock).where(*_of(workspace_id, subject, subject_id)).order_by(col(Clock.id))
    return list(session.exec(query))


def _of(workspace_id: int, subject: str, subject_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Clock.workspace_id) == workspace_id,
        col(Clock.subject) == subject,
        col(Clock.subject_id) == subject_id,
    )
