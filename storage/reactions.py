"""Reactions on Parley's messages: the newest word of each member, so that late and repeated events change nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, text, tuple_
from sqlmodel import Field, Session, bindparam, col, delete, select

from storage.statements import Query
from storage.tables import Instant, Row, add_if_absent

_PASSING = text("(NOT is_there OR is_parked)")  # what only guards against late events; word for word the index's


class Reaction(Row, table=True):
    """`is_there` False is a tombstone: an older "added" that arrives late must not revive it."""

    __table_args__ = (Index("ix_reaction_passing", "event_at", sqlite_where=_PASSING, postgresql_where=_PASSING),)
    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    channel: str = Field(primary_key=True)  # external id
    ts: str = Field(primary_key=True)  # external id of the message
    member_id: int = Field(foreign_key="member.id", primary_key=True, index=True)
    name: str = Field(primary_key=True)
    is_there: bool
    event_at: datetime = Field(sa_type=Instant)  # the platform's time of the newest event
    is_parked: bool = False  # the message is not known yet: delivery will say


_KEY: tuple[Any, ...] = tuple(
    col(getattr(Reaction, name)) for name in ("workspace_id", "channel", "ts", "member_id", "name")
)


def note_reaction(session: Session, workspace_id: int, reaction: Reaction) -> bool:
    """Remember the newest event; say whether this one changed anything."""
    if add_if_absent(session, reaction):
        return reaction.is_there
    key = (workspace_id, reaction.channel, reaction.ts, reaction.member_id, reaction.name)
    known = session.get_one(Reaction, key, with_for_update=True)
    if reaction.event_at <= known.event_at:
        return False
    changed = reaction.is_there != known.is_there
    known.event_at, known.is_there, known.is_parked = reaction.event_at, reaction.is_there, reaction.is_parked
    return changed


_PARKED_ON = Query(
    select(Reaction)
    .where(Reaction.workspace_id == bindparam("workspace_id"))
    .where(Reaction.channel == bindparam("channel"), Reaction.ts == bindparam("ts"), col(Reaction.is_parked).is_(True))
    .order_by(col(Reaction.event_at))
)


def parked_reactions(session: Session, workspace_id: int, channel: str, ts: str) -> Sequence[Reaction]:
    """Reactions that waited for this message to be known, oldest first."""
    return _PARKED_ON.all(session, workspace_id=workspace_id, channel=channel, ts=ts)


def forget_reactions_by(session: Session, workspace_id: int, member_id: int, limit: int) -> int:
    """Forget a member's reactions; how many there were, up to the limit."""
    of_member = (Reaction.workspace_id == workspace_id, Reaction.member_id == member_id)
    found = session.connection().execute(select(*_KEY).where(*of_member).limit(limit)).all()
    if found:
        session.connection().execute(delete(Reaction).where(tuple_(*_KEY).in_(found)))
    return len(found)


def forget_passing_reactions(session: Session, before: datetime, limit: int) -> int:
    """Forget tombstones, and reactions on messages that never became known, of before then; how many there were."""
    oldest = select(*_KEY).where(_PASSING, col(Reaction.event_at) < before).order_by(col(Reaction.event_at))
    found = session.connection().execute(oldest.limit(limit)).all()
    if found:
        session.connection().execute(delete(Reaction).where(tuple_(*_KEY).in_(found)))
    return len(found)
