"""Erasures: who and what is being erased, how far that has come, and afterwards that it was done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, col, select

from storage.tables import Instant, Row, find


class Erasure(Row, table=True):
    """Of a member or a lead. It is done table by table, in the order of their names, and row by row."""

    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    member_id: int | None = Field(default=None, foreign_key="member.id")
    lead_id: int | None = Field(default=None, foreign_key="lead.id")
    words: str = "[]"  # JSON: what tells of them in texts; forgotten when all is done
    at_table: str = ""  # the table that is looked through, ...
    after: str = "null"  # ... and the id, as JSON, of the last row that was
    counts: str = "{}"  # JSON: how many rows of each table were changed
    begun_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


def find_erasure(session: Session, workspace_id: int, erasure_id: int) -> Erasure | None:
    return find(session, Erasure, workspace_id, erasure_id)


def unfinished(session: Session) -> Sequence[Erasure]:
    """Those that have begun and not ended, the oldest first."""
    return session.exec(select(Erasure).where(col(Erasure.ended_at).is_(None)).order_by(col(Erasure.id))).all()


def page(session: Session, workspace_id: int, row_type: Any, after: Any, limit: int) -> tuple[Sequence[Any], Any]:
    """The workspace's rows among the next ones after an id, and the id up to which that is; None: there are no more."""
    key: Any = row_type.id
    query = select(key).order_by(key).limit(limit)
    ids = session.exec(query.where(key > after) if after is not None else query).all()
    if not ids:
        return [], None
    rows = select(row_type).where(key >= ids[0], key <= ids[-1], row_type.workspace_id == workspace_id)
    return session.exec(rows.order_by(key)).all(), ids[-1]
