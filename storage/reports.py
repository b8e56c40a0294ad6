"""What reports count: leads by group, state and month of hand-off, read from one index."""

from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Date, Integer, cast, func, literal_column, select
from sqlmodel import Session, SQLModel

from storage.campaigns import Campaign
from storage.leads import Lead
from storage.people import Member

DAY = 86_400_000_000  # microseconds
_LEAD: Any = SQLModel.metadata.tables[str(Lead.__tablename__)]
_STATE = func.coalesce(_LEAD.c.wiped_from, _LEAD.c.state)  # an erased lead counts as what it was


class ReportKind(StrEnum):
    SOURCES = "sources"
    CAMPAIGNS = "campaigns"
    REASONS = "reasons"
    OWNERS = "owners"
    STATUSES = "statuses"


_GROUPS = {
    ReportKind.SOURCES: _LEAD.c.source,
    ReportKind.CAMPAIGNS: _LEAD.c.campaign_id,
    ReportKind.REASONS: _LEAD.c.reason,
    ReportKind.OWNERS: _LEAD.c.owner_id,
    ReportKind.STATUSES: _STATE,
}


class Counted(NamedTuple):
    """Leads alike. `day` is the day of hand-off in days since 1970, UTC; None if not asked for, or never handed off."""

    group: str | None
    state: str
    day: int | None
    leads: int
    accepted: int  # with an instant of acceptance
    qualified: int  # with an instant of qualification


class Ended(NamedTuple):
    """Leads alike: `days` are whole days of the UTC calendar from hand-off to the end; None where one is unknown."""

    group: str | None
    day: int | None
    days: int | None
    leads: int


def count_leads(session: Session, workspace_id: int, kind: ReportKind, by_day: bool) -> list[Counted]:
    group, day = _GROUPS[kind], _day(session, _LEAD.c.handed_off_at) if by_day else literal_column("NULL")
    keys = [group, _STATE, *([day] if by_day else [])]
    counts = (func.count(), func.count(_LEAD.c.accepted_at), func.count(_LEAD.c.qualified_at))
    query: Any = select(group, _STATE, day, *counts).where(_LEAD.c.workspace_id == workspace_id).group_by(*keys)
    names = _names(session, workspace_id, kind)
    return [Counted(_name(names, row[0]), *row[1:]) for row in session.connection().execute(query)]


def count_days(session: Session, workspace_id: int, kind: ReportKind, state: str, by_day: bool) -> list[Ended]:
    group, handed_off = _GROUPS[kind], _day(session, _LEAD.c.handed_off_at)
    day, days = handed_off if by_day else literal_column("NULL"), _day(session, _LEAD.c.closed_at) - handed_off
    keys = [group, days, *([day] if by_day else [])]
    query = select(group, day, days, func.count()).group_by(*keys)
    here: Any = (_LEAD.c.workspace_id == workspace_id, state == _STATE)
    names = _names(session, workspace_id, kind)
    return [Ended(_name(names, row[0]), *row[1:]) for row in session.connection().execute(query.where(*here))]


def _day(session: Session, instant: Any) -> ColumnElement[Any]:
    """Days since 1970 in UTC; no instant here is older."""
    if session.connection().dialect.name == "sqlite":
        return cast(instant, BigInteger).op("/")(literal_column(str(DAY)))
    day: ColumnElement[Any] = cast(func.timezone("UTC", instant), Date) - literal_column("DATE '1970-01-01'", Date)
    return cast(day, Integer)


def _names(session: Session, workspace_id: int, kind: ReportKind) -> dict[int, str] | None:
    """What the ids of the groups are called, each differently; None where the group is its own name."""
    row_type = {ReportKind.CAMPAIGNS: Campaign, ReportKind.OWNERS: Member}.get(kind)
    if row_type is None:
        return None
    table: Any = SQLModel.metadata.tables[row_type.__name__.lower()]
    query = select(table.c.id, table.c.name).where(table.c.workspace_id == workspace_id).order_by(table.c.id)
    names: dict[int, str] = {}
    taken: set[str] = set()
    for row_id, name in session.connection().execute(query):
        names[row_id] = name if name not in taken else f"{name} ({row_id})"
        taken.add(names[row_id])
    return names


def _name(names: dict[int, str] | None, group: Any) -> str | None:
    return group if names is None or group is None else names[group]
