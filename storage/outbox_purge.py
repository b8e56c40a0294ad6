"""What the outbox need not remember for ever: changes that were made, words that stand on the platform, what died."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, func, select, update

from storage.outbox import _CHANGED, _SPENT, NOT_BEGUN, Kind, OutboxRow, State, settle

_other: Any = aliased(OutboxRow)
_FINAL = (State.SENT, State.DEAD)


def forget_changes(session: Session, before: datetime, limit: int) -> int:
    """Forget updates, reactions and deletions made before then, and the messages that were deleted; how many changes.

    Which update came last matters no more: the next one draws the card anew.
    """
    query = select(OutboxRow.id, OutboxRow.kind, OutboxRow.target_id).where(
        _CHANGED, col(OutboxRow.created_at) < before
    )
    made = session.connection().execute(query.order_by(col(OutboxRow.created_at)).limit(limit)).all()
    _delete(session, [row.id for row in made])
    if deleted := {row.target_id for row in made if row.kind == Kind.DELETE}:
        of_them = col(OutboxRow.target_id).in_(deleted)
        session.connection().execute(delete(OutboxRow).where(of_them, col(OutboxRow.state).in_(_FINAL)))
        gone = select(OutboxRow.id).where(col(OutboxRow.id).in_(deleted), ~_is_needed())
        _delete(session, list(session.exec(gone)))
    return len(made)


def forget_spent(session: Session, before: datetime, limit: int) -> int:
    """Of messages posted before then, forget the words; forget wholly those of no subject, and what died; how many.

    Where a card stands is kept as long as its subject: it is updated, and reacted to, whatever its age.
    """
    waits_for_others = (col(OutboxRow.state) == State.DEAD) & _is_needed()
    query = select(OutboxRow.id, OutboxRow.state, OutboxRow.subject, _is_needed().label("is_needed"))
    query = query.where(_SPENT, col(OutboxRow.created_at) < before, ~waits_for_others)
    spent = session.connection().execute(query.order_by(col(OutboxRow.created_at)).limit(limit)).all()
    kept = [row.id for row in spent if row.state == State.SENT and (row.subject or row.is_needed)]
    if kept:
        session.connection().execute(update(OutboxRow).where(col(OutboxRow.id).in_(kept)).values(body=None))
    _delete(session, sorted({row.id for row in spent} - set(kept)))
    return len(spent)


def _is_needed() -> ColumnElement[bool]:
    """Whether another row is about this one, or in its thread."""
    return or_(exists().where(_other.target_id == OutboxRow.id), exists().where(_other.thread_id == OutboxRow.id))


def _delete(session: Session, ids: list[str]) -> None:
    if ids:
        session.connection().execute(delete(OutboxRow).where(col(OutboxRow.id).in_(ids)))


def forget_all_of(session: Session, workspace_id: int, subject: str, subject_id: int, limit: int) -> int:
    """Forget that messages of a subject were sent, and send those no more that have not begun; how many are left."""
    of_subject = (OutboxRow.workspace_id == workspace_id, OutboxRow.subject == subject)
    query = select(OutboxRow).where(*of_subject, OutboxRow.subject_id == subject_id)
    found = session.exec(query.order_by(col(OutboxRow.id)).limit(limit)).all()
    for posted in found:
        if posted.state in NOT_BEGUN:
            settle(session, posted, State.DEAD, error="closed", body=None)
    session.flush()
    _delete(session, [posted.id for posted in found if posted.state in _FINAL])
    left = select(func.count()).select_from(OutboxRow).where(*of_subject, OutboxRow.subject_id == subject_id)
    return session.exec(left).one()
