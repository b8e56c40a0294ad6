"""What is forgotten of a workspace from which Parley was removed, row by row, whatever tables there are.

Rows that every table may refer to stay without anything in them: to delete one, the database would have to look for its
id in tables of millions of rows that have no index for this alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, Table, UniqueConstraint, and_, cast, literal, null
from sqlmodel import Session, SQLModel, col, delete, select, tuple_, update
from sqlmodel.sql.sqltypes import AutoString

from storage.workspaces import Workspace

EMPTIED = {"campaign", "channel", "member", "workspace"}  # tables; the rows of all others are deleted

Key = tuple[Any, ...]


def begin_forgetting(session: Session, before: datetime) -> int | None:
    """The id of a workspace from which Parley was removed before then. If it is installed again from now on, that is a
    workspace of its own.
    """
    removed = (col(Workspace.uninstalled_at) < before, col(Workspace.forgotten_at).is_(None))
    query = select(Workspace).where(*removed).order_by(col(Workspace.id)).limit(1)
    found = session.exec(query.with_for_update()).first()
    if found:
        found.external_id = f"removed:{found.id}"
    return found.id if found else None


def end_forgetting(session: Session, workspace_id: int, now: datetime) -> None:
    session.get_one(Workspace, workspace_id).forgotten_at = now


def tables() -> list[Table]:
    """All, those first that others do not refer to."""
    return SQLModel.metadata.sorted_tables[::-1]


def keys(session: Session, workspace_id: int, table: Table, after: Key | None, limit: int) -> Sequence[Key]:
    """The next primary keys of the workspace's rows in a table."""
    key = tuple(table.primary_key)
    query = select(*key).where(_workspace_of(table) == workspace_id).order_by(*key).limit(limit)
    found = session.connection().execute(query if after is None else query.where(tuple_(*key) > after))
    return [tuple(row) for row in found]


def forget_rows(session: Session, workspace_id: int, table: Table, found: Sequence[Key]) -> None:
    """Delete rows, or empty them where rows of this table stay."""
    these = and_(tuple_(*table.primary_key).in_(found), _workspace_of(table) == workspace_id)
    if table.name in EMPTIED:
        session.connection().execute(update(table).where(these).values(_nothing(table)))
        return
    for column in table.c:
        if any(key.column.table is table for key in column.foreign_keys):  # a message, and those in its thread
            ids = [key[0] for key in found]
            session.connection().execute(update(table).where(column.in_(ids)).values({column: None}))
    session.connection().execute(delete(table).where(these))


def _workspace_of(table: Table) -> ColumnElement[int]:
    return table.c.id if table.name == "workspace" else table.c.workspace_id


def _nothing(table: Table) -> dict[Any, Any]:
    """What stands in an emptied row: no text, and nobody."""
    unique = {c.name for key in table.constraints if isinstance(key, UniqueConstraint) for c in key.columns}
    removed = literal("removed:") + cast(table.c.id, String)
    values: dict[Any, Any] = {}
    for column in table.c:
        if column.foreign_keys and column.nullable:
            values[column] = null()
        elif isinstance(column.type, AutoString):
            values[column] = removed if column.name in unique else null() if column.nullable else ""
    return values
