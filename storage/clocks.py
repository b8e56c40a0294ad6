"""Clocks: running deadlines, recorded as they start, stop and pause; each keeps the policy it started with."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index
from sqlmodel import Field, Session, bindparam, col, delete, select, update

from storage.statements import Query
from storage.tables import Instant, Row, add, change


class Clock(Row, table=True):
    """`kind`: S1 accept, S2 first attempt, S3 disposition, M1 acknowledge, M2 decide, M3 close the loop."""

    __table_args__ = (Index("ix_clock_subject", "workspace_id", "subject", "subject_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    kind: str
    subject: str  # "lead", "case" or "decision"
    subject_id: int
    cycle: int = 1
    responsible_id: int | None = Field(default=None, foreign_key="member.id")  # None: whoever of the side acts first
    policy: str  # the deadline in working time, such as "4h"
    started_at: datetime = Field(sa_type=Instant)
    started_by: int | None = None  # the event that started it, so that undoing the event undoes the start
    stopped_at: datetime | None = Field(default=None, sa_type=Instant)
    stopped_by: int | None = None
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    paused_seconds: int = 0  # of pauses that have ended


_OF_SUBJECT = (
    Clock.workspace_id == bindparam("workspace_id"),
    Clock.subject == bindparam("subject"),
    Clock.subject_id == bindparam("subject_id"),
)
_SAME = Query(select(Clock.id).where(*_OF_SUBJECT, Clock.kind == bindparam("kind"), Clock.cycle == bindparam("cycle")))
_RUNNING = Query(select(Clock).where(*_OF_SUBJECT, col(Clock.stopped_at).is_(None)))


def start_clock(session: Session, clock: Clock) -> None:
    """Start a clock, unless one of its kind already runs or ran for this subject and cycle."""
    same = {name: getattr(clock, name) for name in ("workspace_id", "subject", "subject_id", "kind", "cycle")}
    if _SAME.first(session, **same) is None:
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
    for clock in _RUNNING.all(session, workspace_id=workspace_id, subject=subject, subject_id=subject_id):
        if clock.kind in kinds:
            change(session, clock, {**_end_of_pause(clock, at), "stopped_at": at, "stopped_by": event_id})


def subjects_with_clocks(session: Session, workspace_id: int, subject: str, subject_ids: Collection[int]) -> set[int]:
    """For which of these subjects a clock runs."""
    of_subject = (Clock.workspace_id == workspace_id, Clock.subject == subject, col(Clock.subject_id).in_(subject_ids))
    return set(session.exec(select(Clock.subject_id).where(*of_subject, col(Clock.stopped_at).is_(None))))


def pause_clocks(session: Session, workspace_id: int, subject: str, subject_id: int, at: datetime) -> None:
    """Pause all that run."""
    running = (col(Clock.stopped_at).is_(None), col(Clock.paused_at).is_(None))
    session.exec(update(Clock).where(*_of(workspace_id, subject, subject_id), *running).values(paused_at=at))


def resume_clocks(session: Session, workspace_id: int, subject: str, subject_id: int, at: datetime) -> None:
    """Let all that are paused run on."""
    query = select(Clock).where(*_of(workspace_id, subject, subject_id), col(Clock.paused_at).is_not(None))
    for clock in session.exec(query):
        change(session, clock, _end_of_pause(clock, at))


def reassign_clocks(
    session: Session, workspace_id: int, subject: str, subject_id: int, responsible_id: int | None
) -> None:
    """Make somebody else responsible for all that run; the time that has passed stays passed."""
    running = (*_of(workspace_id, subject, subject_id), col(Clock.stopped_at).is_(None))
    session.exec(update(Clock).where(*running).values(responsible_id=responsible_id))


def _end_of_pause(clock: Clock, at: datetime) -> dict[str, Any]:
    """What changes when a pause ends; nothing for a clock that runs."""
    if clock.paused_at is None:
        return {}
    paused = int((at - clock.paused_at).total_seconds())
    return {"paused_seconds": clock.paused_seconds + paused, "paused_at": None}


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
