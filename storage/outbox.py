"""Messages to post, written in the same transaction as the change they announce.

NEW and RETRY wait for `not_before`; SENDING is claimed until `lease_until`; SENT and DEAD are final.
UNKNOWN means the platform may or may not have it: delivery finds out before it sends again.
"""

import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from sqlalchemy import Index, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, func, select, update
from sqlmodel.sql.sqltypes import AutoString

from storage.tables import Instant
from storage.workspaces import Workspace


class Kind(StrEnum):
    POST = "post"
    UPDATE = "update"
    DELETE = "delete"
    REACT = "react"
    FILE = "file"
    HOME = "home"


class State(StrEnum):
    NEW = "NEW"
    SENDING = "SENDING"
    SENT = "SENT"
    RETRY = "RETRY"
    UNKNOWN = "UNKNOWN"
    DEAD = "DEAD"


WAITING = (State.NEW, State.RETRY, State.UNKNOWN)
_UNSETTLED = text("outbox.state NOT IN ('SENT', 'DEAD')")  # word for word the partial index's condition

_last_id = 0
_id_lock = Lock()


def new_id() -> str:
    """A UUID (version 7, as hex): unique, and in the order of creation within this process."""
    global _last_id
    with _id_lock:
        _last_id = max(_last_id + 1, time.time_ns() // 1_000_000 << 12)
        stamp = _last_id
    high = (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF)
    low = int.from_bytes(os.urandom(8)) & (1 << 62) - 1 | 1 << 63
    return f"{high << 64 | low:032x}"


class OutboxRow(SQLModel, table=True):
    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("workspace_id", "external_channel", "external_ts"),
        Index("ix_outbox_subject", "workspace_id", "subject", "subject_id"),
        Index("ix_outbox_unsettled", "lane", "id", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )
    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    channel_id: int | None = Field(default=None, foreign_key="channel.id")  # the recipient: a channel ...
    member_id: int | None = Field(default=None, foreign_key="member.id")  # ... or a member, in private
    lane: str  # first in, first out within it
    kind: Kind = Field(sa_type=AutoString)
    target_id: str | None = Field(default=None, foreign_key="outbox.id", index=True)  # what to change
    thread_id: str | None = Field(default=None, foreign_key="outbox.id", index=True)  # in whose thread
    thread_ts: str | None = None  # in the thread of a message that is not ours
    subject: str | None = None
    subject_id: int | None = None
    body: str | None = None  # a ui.Message as JSON, or the name of a reaction; None: by subject, when sent
    language: str = "en"
    external_channel: str | None = None
    external_ts: str | None = None
    state: State = Field(default=State.NEW, sa_type=AutoString)
    attempt: int = 0
    created_at: datetime = Field(sa_type=Instant)  # the domain's time; those below are delivery's, which is real
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    tried_at: datetime | None = Field(default=None, sa_type=Instant)  # the first attempt
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    error: str | None = None


def claim(
    session: Session, now: datetime, lease_until: datetime, limit: int, delay: Callable[[OutboxRow], timedelta]
) -> list[tuple[OutboxRow, bool]]:
    """Take the oldest due row of each lane, with whether it was UNKNOWN; a lane with a row in flight waits.

    A row whose target or thread is not sent yet waits, and dies with it. `delay` says how long the platform's
    limits ask a row to wait.
    """
    target, thread = aliased(OutboxRow), aliased(OutboxRow)
    oldest = select(func.min(OutboxRow.id)).where(_UNSETTLED).group_by(col(OutboxRow.lane))
    final = (State.SENT, State.DEAD)
    due = (
        select(OutboxRow, target.state, thread.state)
        .outerjoin(target, col(OutboxRow.target_id) == col(target.id))
        .outerjoin(thread, col(OutboxRow.thread_id) == col(thread.id))
        .where(col(OutboxRow.id).in_(oldest), col(OutboxRow.state).in_(WAITING))
        .where(or_(col(OutboxRow.not_before).is_(None), col(OutboxRow.not_before) <= now))
        .where(or_(col(target.id).is_(None), col(target.state).in_(final)))
        .where(or_(col(thread.id).is_(None), col(thread.state).in_(final)))
        .order_by(col(OutboxRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=OutboxRow)
    )
    claimed = []
    for row, target_state, thread_state in session.exec(due).all():
        if State.DEAD in (target_state, thread_state):
            row.state, row.error = State.DEAD, "what it belongs to was never posted"
        elif wait := delay(row):
            row.not_before = now + wait
        else:
            claimed.append((row, row.state == State.UNKNOWN))
            row.state, row.attempt, row.lease_until = State.SENDING, row.attempt + 1, lease_until
            row.tried_at = row.tried_at or now
    return claimed


def settle(session: Session, row: OutboxRow, state: State, **values: object) -> bool:
    """Record the outcome of one attempt; False if it was settled already, or a later attempt has begun."""
    this_attempt = (col(OutboxRow.id) == row.id, col(OutboxRow.attempt) == row.attempt)
    in_flight = col(OutboxRow.state).in_((State.SENDING, State.UNKNOWN))
    statement = update(OutboxRow).where(*this_attempt, in_flight).values(state=state, lease_until=None, **values)
    return session.connection().execute(statement).rowcount == 1


def settle_by_echo(session: Session, workspace_id: int, row_id: str, channel: str, ts: str, now: datetime) -> bool:
    """Our own message came back with its row's id: it is posted, whatever we believed. False if we knew."""
    statement = (
        update(OutboxRow)
        .where(col(OutboxRow.id) == row_id, col(OutboxRow.workspace_id) == workspace_id, _UNSETTLED)
        .values(state=State.SENT, external_channel=channel, external_ts=ts, sent_at=now, lease_until=None)
    )
    return session.connection().execute(statement).rowcount == 1


def doubt_expired(session: Session, before: datetime, now: datetime) -> int:
    """Mark as UNKNOWN what was being sent when its sender stopped: leases that end before; return how many."""
    expired = (col(OutboxRow.state) == State.SENDING, col(OutboxRow.lease_until) < before)
    statement = update(OutboxRow).where(_UNSETTLED, *expired).values(state=State.UNKNOWN, not_before=now)
    return session.connection().execute(statement).rowcount


def row(session: Session, workspace_id: int, row_id: str) -> OutboxRow | None:
    query = select(OutboxRow).where(OutboxRow.workspace_id == workspace_id, OutboxRow.id == row_id)
    return session.exec(query).one_or_none()


def unsettled(session: Session, platform: str, workspace: str, row_id: str) -> OutboxRow | None:
    """The row with this id, unless it is settled or belongs to another workspace than the platform says."""
    query = select(OutboxRow).join(Workspace, col(OutboxRow.workspace_id) == col(Workspace.id))
    of_workspace = (Workspace.platform == platform, Workspace.external_id == workspace)
    return session.exec(query.where(OutboxRow.id == row_id, *of_workspace, _UNSETTLED)).one_or_none()


def posted_as(session: Session, workspace_id: int, channel: str, ts: str) -> OutboxRow | None:
    """Our message with this external channel and timestamp."""
    place = (OutboxRow.external_channel == channel, OutboxRow.external_ts == ts)
    return session.exec(select(OutboxRow).where(OutboxRow.workspace_id == workspace_id, *place)).one_or_none()


def cards(session: Session, workspace_id: int, subject: str, subject_id: int) -> Sequence[OutboxRow]:
    """The newest living post of a subject for each recipient, oldest recipient first."""
    of_subject = (OutboxRow.workspace_id == workspace_id, OutboxRow.subject == subject)
    query = select(OutboxRow).where(*of_subject, OutboxRow.subject_id == subject_id, OutboxRow.kind == Kind.POST)
    living = session.exec(query.where(OutboxRow.state != State.DEAD).order_by(col(OutboxRow.id))).all()
    return list({(found.channel_id, found.member_id): found for found in living}.values())


def queued_change(session: Session, workspace_id: int, target_id: str) -> OutboxRow | None:
    """The update of this row that has not begun: a newer one replaces it."""
    of_target = (OutboxRow.workspace_id == workspace_id, OutboxRow.target_id == target_id)
    waiting = (OutboxRow.kind == Kind.UPDATE, col(OutboxRow.state).in_((State.NEW, State.RETRY)))
    return session.exec(select(OutboxRow).where(*of_target, *waiting)).first()


def has_queued_home(session: Session, workspace_id: int, member_id: int) -> bool:
    of_member = (OutboxRow.workspace_id == workspace_id, OutboxRow.member_id == member_id)
    waiting = (OutboxRow.kind == Kind.HOME, col(OutboxRow.state).in_((State.NEW, State.RETRY)))
    return session.exec(select(OutboxRow.id).where(_UNSETTLED, *of_member, *waiting)).first() is not None
