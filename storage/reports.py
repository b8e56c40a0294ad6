"""What reports count: leads by group, state and month of hand-off, each report read in the order of one index."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import func, literal_column, select
from sqlmodel import Session, SQLModel

from storage.campaigns import Campaign
from storage.leads import Lead
from storage.people import Member

_LEAD: Any = SQLModel.metadata.tables[str(Lead.__tablename__)]


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
    ReportKind.STATUSES: _LEAD.c.state,
}
_ORDERS = dict.fromkeys(
    (ReportKind.REASONS, ReportKind.STATUSES), (_LEAD.c.state, _LEAD.c.reason)
)  # one index for both


class Counted(NamedTuple):
    """Leads alike. `month` is that of the hand-off, in UTC: 201802; None if not asked for, or never handed off."""

    group: Any  # a text, or the id of a campaign or member
    state: str
    won_days: int | None  # whole days of the UTC calendar from hand-off to won; None where not won, or one is unknown
    month: int | None
    leads: int
    accepted: int  # with an instant of acceptance
    qualified: int  # with an instant of qualification


def count_leads(session: Session, workspace_id: int, kind: ReportKind, by_month: bool) -> Iterator[Counted]:
    """Every lead of the workspace, erased ones as what they were; leads alike may come in several parts."""
    group, month = _GROUPS[kind], _LEAD.c.handed_off_month
    alike = (_LEAD.c.wiped_from, _LEAD.c.won_days)
    keys = (*_ORDERS.get(kind, (group, _LEAD.c.state)), *alike, *([month] if by_month else []))
    counts = (func.count(), func.count(_LEAD.c.accepted_at), func.count(_LEAD.c.qualified_at))
    columns = (group, _LEAD.c.state, *alike, month if by_month else literal_column("NULL"), *counts)
    query: Any = select(*columns).where(_LEAD.c.workspace_id == workspace_id).group_by(*keys).order_by(*keys)
    for named, state, wiped_from, *counted in session.connection().execute(query):
        was = wiped_from or state
        yield Counted(was if kind == ReportKind.STATUSES else named, was, *counted)


def group_names(session: Session, workspace_id: int, kind: ReportKind) -> dict[int, str]:
    """What the ids of campaigns or members are called, each differently; nothing where the group is its own name."""
    row_type = {ReportKind.CAMPAIGNS: Campaign, ReportKind.OWNERS: Member}.get(kind)
    if row_type is None:
        return {}
    table: Any = SQLModel.metadata.tables[row_type.__name__.lower()]
    query = select(table.c.id, table.c.name).where(table.c.workspace_id == workspace_id).order_by(table.c.id)
    names: dict[int, str] = {}
    taken: set[str] = set()
    for row_id, name in session.connection().execute(query):
        names[row_id] = name if name not in taken else f"{name} ({row_id})"
        taken.add(names[row_id])
    return names
