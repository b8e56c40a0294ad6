"""Clocks: running deadlines, recorded as they start and stop; each keeps the policy it started with."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Index, text
from sqlmodel import Field, Session, and_, bindparam, col, or_, select, update

from storage.calendars import Timetable, hours_of, timetable
from storage.questions import Pause, pauses_of
from storage.statements import Query
from storage.tables import Instant, Row, add, change, find_one

_RUNS = text("stopped_at IS NULL")


class Clock(Row, table=True):
    """`kind`: S1 accept, S2 first attempt, S3 disposition, M1 acknowledge, M2 decide, M3 close the loop.

    What pauses the clocks of a lead are the questions about it.
    """

    __table_args__ = (
        Index("ix_clock_subject", "workspace_id", "subject", "subject_id"),
        Index("ix_clock_oldest", "workspace_id", "started_at", "id", sqlite_where=_RUNS, postgresql_where=_RUNS),
        Index("ix_clock_running", "workspace_id", "responsible_id", "kind", sqlite_where=_RUNS, postgresql_where=_RUNS),
    )
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
    hours: str | None = None  # those it was measured by until it stopped: who works others since was not late by them
    is_void: bool = False  # what started it was undone, so it never ran


_OF_SUBJECT = (
    Clock.workspace_id == bindparam("workspace_id"),
    Clock.subject == bindparam("subject"),
    Clock.subject_id == bindparam("subject_id"),
)
_SAME = Query(
    select(Clock.id)
    .where(*_OF_SUBJECT, Clock.kind == bindparam("kind"), Clock.cycle == bindparam("cycle"))
    .where(col(Clock.is_void).is_(False))
)
_RUNNING = Query(select(Clock).where(*_OF_SUBJECT, col(Clock.stopped_at).is_(None)).order_by(col(Clock.id)))
_OLDEST = Query(
    select(Clock)
    .where(Clock.workspace_id == bindparam("workspace_id"), col(Clock.stopped_at).is_(None))
    .order_by(col(Clock.started_at), col(Clock.id))
    .limit(bindparam("limit"))
)


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
            hours = hours_of(session, workspace_id, clock.responsible_id)
            change(session, clock, {"stopped_at": at, "stopped_by": event_id, "hours": hours})


def subjects_with_clocks(session: Session, workspace_id: int, subject: str, subject_ids: Collection[int]) -> set[int]:
    """For which of these subjects a clock runs."""
    of_subject = (Clock.workspace_id == workspace_id, Clock.subject == subject, col(Clock.subject_id).in_(subject_ids))
    return set(session.exec(select(Clock.subject_id).where(*of_subject, col(Clock.stopped_at).is_(None))))


def reassign_clocks(
    session: Session, workspace_id: int, subject: str, subject_id: int, responsible_id: int | None
) -> None:
    """Make somebody else responsible for all that run; the time that has passed stays passed."""
    running = (*_of(workspace_id, subject, subject_id), col(Clock.stopped_at).is_(None))
    session.exec(update(Clock).where(*running).values(responsible_id=responsible_id))


def undo_clocks(
    session: Session, workspace_id: int, subject: str, subject_id: int, event_id: int, at: datetime
) -> None:
    """Take back what an event did to the clocks: those it started never ran, those it stopped run on."""
    of_subject = _of(workspace_id, subject, subject_id)
    started = update(Clock).where(*of_subject, col(Clock.started_by) == event_id)
    session.exec(started.values(stopped_at=at, is_void=True))
    stopped = update(Clock).where(*of_subject, col(Clock.stopped_by) == event_id)
    session.exec(stopped.values(stopped_at=None, stopped_by=None, hours=None))


def running_clocks(session: Session, workspace_id: int, subject: str, subject_id: int) -> Sequence[Clock]:
    return _RUNNING.all(session, workspace_id=workspace_id, subject=subject, subject_id=subject_id)


class Course(NamedTuple):
    """All that says how a clock runs."""

    clock: Clock
    timetable: Timetable  # of the one responsible, as it was until it stopped; of the workspace where it is anybody
    pauses: tuple[Pause, ...] = ()


def courses_on(session: Session, workspace_id: int, subject: str, subject_id: int) -> list[Course]:
    """The clocks that run for a subject."""
    return _courses(session, workspace_id, running_clocks(session, workspace_id, subject, subject_id))


def course_of(session: Session, workspace_id: int, clock_id: int) -> Course:
    """How this clock runs or ran; raises NoResultFound for another workspace's."""
    return _courses(session, workspace_id, [find_one(session, Clock, workspace_id, clock_id)])[0]


def courses_for(
    session: Session, workspace_id: int, responsible: Collection[int], for_anybody: Collection[str], limit: int
) -> list[Course]:
    """The clocks that run for these members, and those of these kinds for which nobody is responsible yet."""
    nobodys = and_(col(Clock.responsible_id).is_(None), col(Clock.kind).in_(for_anybody))
    query = select(Clock).where(Clock.workspace_id == workspace_id, col(Clock.stopped_at).is_(None))
    query = query.where(or_(col(Clock.responsible_id).in_(responsible), nobodys))
    query = query.order_by(col(Clock.started_at), col(Clock.id)).limit(limit)
    return _courses(session, workspace_id, session.exec(query).all())


def courses_running(session: Session, workspace_id: int, limit: int) -> list[Course]:
    """The clocks that run, those that were started first."""
    return _courses(session, workspace_id, _OLDEST.all(session, workspace_id=workspace_id, limit=limit))


def courses_since(session: Session, workspace_id: int, since: datetime, limit: int | None) -> list[Course]:
    """The clocks that were started since then, the newest first; those that run, those that stopped, void ones too."""
    query = select(Clock).where(Clock.workspace_id == workspace_id, Clock.started_at >= since)
    return _courses(session, workspace_id, session.exec(query.order_by(col(Clock.id).desc()).limit(limit)).all())


def _courses(session: Session, workspace_id: int, clocks: Sequence[Clock]) -> list[Course]:
    leads = {clock.subject_id for clock in clocks if clock.subject == "lead"}
    pauses = pauses_of(session, workspace_id, leads) if leads else {}
    timetables = {
        (responsible_id, hours): timetable(session, workspace_id, responsible_id, hours)
        for responsible_id, hours in {(clock.responsible_id, clock.hours) for clock in clocks}
    }
    return [
        Course(
            clock,
            timetables[clock.responsible_id, clock.hours],
            pauses.get(clock.subject_id, ()) if clock.subject == "lead" else (),
        )
        for clock in clocks
    ]


def _of(workspace_id: int, subject: str, subject_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Clock.workspace_id) == workspace_id,
        col(Clock.subject) == subject,
        col(Clock.subject_id) == subject_id,
    )
