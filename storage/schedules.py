"""Schedules: wall-clock rules, such as the hour of a channel's digest, and when each occurs next."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, delete, func, or_, select, update

from storage.statements import Query
from storage.tables import Instant, Row
from storage.workspaces import Workspace

AHEAD = 100  # schedules that are listed at once


class Schedule(Row, table=True):
    """Every nominal date occurs once at most: `last_on` only grows, whatever becomes of the rule."""

    __table_args__ = (UniqueConstraint("workspace_id", "kind", "subject_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    kind: str  # "digest"
    subject_id: int  # a channel's, or 0
    wall: str  # "09:00"
    timezone: str  # IANA name
    days: str = "1234567"  # ISO weekdays
    weeks: int = 1  # every so many, counted from the week of `since`
    since: date
    last_on: date  # the nominal date that occurred last, or was let go
    next_on: date
    next_at: datetime = Field(sa_type=Instant, index=True)
    failures: int = 0  # after each of them `next_at` is later


_OF_SUBJECT = Query(
    select(Schedule)
    .where(Schedule.workspace_id == bindparam("workspace_id"), Schedule.kind == bindparam("kind"))
    .where(Schedule.subject_id == bindparam("subject_id"))
)


def find_schedule(session: Session, workspace_id: int, kind: str, subject_id: int) -> Schedule | None:
    return _OF_SUBJECT.first(session, workspace_id=workspace_id, kind=kind, subject_id=subject_id)


def schedules_of(session: Session, workspace_id: int, kind: str) -> Sequence[Schedule]:
    query = select(Schedule).where(Schedule.workspace_id == workspace_id, Schedule.kind == kind)
    return session.exec(query.order_by(col(Schedule.id))).all()


def remove_schedule(session: Session, workspace_id: int, kind: str, subject_id: int) -> None:
    of_subject = (
        col(Schedule.workspace_id) == workspace_id,
        col(Schedule.kind) == kind,
        col(Schedule.subject_id) == subject_id,
    )
    session.exec(delete(Schedule).where(*of_subject))


def claim_schedules(
    session: Session, kinds: frozenset[str], now: datetime, limit: int
) -> Sequence[tuple[Schedule, Workspace]]:
    """Those that occur now or should have, the oldest first; no other process takes them until the commit."""
    return _claim(kinds).all(session, now=now, limit=limit)


def coming_schedules(session: Session, kinds: frozenset[str], now: datetime, but: Collection[int]) -> list[int]:
    """The ids of those that have waited longest to occur, without these; others may take them meanwhile."""
    return [found for found in _coming(kinds).all(session, now=now, limit=AHEAD + len(but)) if found not in but]


def coming_schedule(session: Session, schedule_id: int, now: datetime) -> tuple[Schedule, Workspace] | None:
    """This one, if it still is to occur; others may take it meanwhile."""
    return _COMING.first(session, schedule_id=schedule_id, now=now)


def claim_schedule(session: Session, schedule_id: int, now: datetime) -> tuple[Schedule, Workspace] | None:
    """This one, if it still is to occur and no other process is at it; held until the commit."""
    return _CLAIM_ONE.first(session, schedule_id=schedule_id, now=now)


_now = bindparam("now", type_=Instant)
_DUE = select(Schedule, Workspace).join(Workspace).where(col(Schedule.next_at) <= _now)
_ONE = _DUE.where(Schedule.id == bindparam("schedule_id"))
_COMING, _CLAIM_ONE = Query(_ONE), Query(_ONE.with_for_update(skip_locked=True, of=Schedule))


@cache
def _coming(kinds: frozenset[str]) -> Query[int]:
    query = select(Schedule.id).join(Workspace).where(col(Schedule.next_at) <= _now, *_may_occur(kinds))
    return Query(query.order_by(col(Schedule.next_at), col(Schedule.id)).limit(bindparam("limit")))


@cache
def _claim(kinds: frozenset[str]) -> Query[tuple[Schedule, Workspace]]:
    query = _DUE.where(*_may_occur(kinds)).order_by(col(Schedule.next_at)).limit(bindparam("limit"))
    return Query(query.with_for_update(skip_locked=True, of=Schedule))


def go_on(schedule: Schedule, **values: object) -> None:
    """Change a schedule in this unit of work, which then has to `store` it."""
    for name, value in values.items():
        set_committed_value(schedule, name, value)


_PROGRESS = ("last_on", "next_on", "next_at", "failures")
_STORE = (
    update(Schedule)
    .where(col(Schedule.id) == bindparam("schedule_id"))
    .values({name: bindparam(f"its_{name}") for name in _PROGRESS})
)


def store(session: Session, schedules: Sequence[Schedule]) -> None:
    """Write when they occurred and will occur, of all at once: a statement for each costs as much as what occurs."""
    if schedules:
        rows = [{f"its_{name}": getattr(each, name) for name in _PROGRESS} for each in schedules]
        ids = [{"schedule_id": each.id} for each in schedules]
        session.connection().execute(_STORE, [row | by_id for row, by_id in zip(rows, ids, strict=True)])


@cache
def _next(kinds: frozenset[str]) -> Query[Any]:
    later = col(Schedule.next_at) > bindparam("after", type_=Instant)
    return Query(select(func.min(Schedule.next_at)).join(Workspace).where(later, *_may_occur(kinds)))


def next_occurrence(session: Session, kinds: frozenset[str], after: datetime) -> datetime | None:
    """The first instant later than `after` at which some schedule occurs."""
    found: datetime | None = _next(kinds).one(session, after=after)
    return found


def _may_occur(kinds: frozenset[str]) -> tuple[ColumnElement[bool], ...]:
    is_known = or_(false(), *(col(Schedule.kind) == kind for kind in sorted(kinds)))
    return is_known, col(Workspace.uninstalled_at).is_(None)
