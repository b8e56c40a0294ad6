"""Many leads at once, for imports: found by their keys, inserted and changed without the weight of single rows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, SQLModel, col

from storage.leads import Lead, erased_key
from storage.people import Member

_LEAD: Any = SQLModel.metadata.tables["lead"]
_EVENT: Any = SQLModel.metadata.tables["lead_event"]
KEPT = {
    "id",
    "workspace_id",
    "key",
    "key_folded",
    "created_at",
    "imported_at",
    "wiped_from",
}  # what an import never changes
CHANGING = tuple(name for name in Lead.model_fields if name not in KEPT)

_UPDATE = (
    update(_LEAD)
    .where(_LEAD.c.id == bindparam("lead_id"), _LEAD.c.workspace_id == bindparam("of_workspace"))
    .values({name: bindparam(f"new_{name}") for name in CHANGING})
)


def leads_with_keys(session: Session, workspace_id: int, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """The columns of every lead that has, or had until it was erased, one of these folded keys, by that key."""
    known = {key: key for key in keys} | {erased_key(workspace_id, key): key for key in keys}
    query = select(_LEAD).where(_LEAD.c.workspace_id == workspace_id, _LEAD.c.key_folded.in_(known))
    return {known[row["key_folded"]]: dict(row) for row in session.connection().execute(query).mappings()}


def add_leads(session: Session, workspace_id: int, leads: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert leads, each with all columns but the id; their ids, by their folded keys."""
    session.connection().execute(insert(_LEAD), leads)
    keys = [lead["key_folded"] for lead in leads]
    query = select(_LEAD.c.key_folded, _LEAD.c.id)
    found = session.connection().execute(
        query.where(_LEAD.c.workspace_id == workspace_id, _LEAD.c.key_folded.in_(keys))
    )
    return {row.key_folded: row.id for row in found}


def change_leads(session: Session, workspace_id: int, leads: Mapping[int, Mapping[str, Any]]) -> None:
    """Give leads, by their ids, these values in all CHANGING columns."""
    rows = [
        {"lead_id": lead_id, "of_workspace": workspace_id, **{f"new_{name}": lead[name] for name in CHANGING}}
        for lead_id, lead in leads.items()
    ]
    if rows:
        session.connection().execute(_UPDATE, rows)


def add_events(session: Session, workspace_id: int, events: Sequence[Mapping[str, Any]]) -> None:
    """Append to the leads' log; every event has the same columns."""
    session.connection().execute(insert(_EVENT), [{**event, "workspace_id": workspace_id} for event in events])


def owners_by_name(session: Session, workspace_id: int) -> dict[str, int]:
    """Members by their casefolded id, address and name, where only one is called so."""
    query = select(col(Member.id), col(Member.external_id), col(Member.email), col(Member.name))
    found: dict[str, set[int]] = {}
    for member_id, *names in session.connection().execute(
        query.where(col(Member.workspace_id) == workspace_id, col(Member.belongs).is_(True))
    ):
        for name in filter(None, names):
            found.setdefault(name.casefold(), set()).add(member_id)
    return {name: min(ids) for name, ids in found.items() if len(ids) == 1}
