"""Messages to post, written in the same transaction as the change they announce.

NEW and RETRY wait for `not_before`; SENDING is claimed until `lease_until`; SENT and DEAD are final.
UNKNOWN means the platform may or may not have it: delivery finds out before it sends again.
BLOCKED was never tried and waits for another row, which frees it when it is final: the one before it in its lane, its
target or its thread. So a claim reads only what can be sent, however long the queue is.

Order within a lane is that of the ids. With one writer (SQLite) it is the order of commits. With several, so it is too
for transactions that do not overlap, as far as the processes' clocks agree; what depends on a row waits for it by name.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Index, TextClause, and_, exists, literal_column, not_, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, func, select, update
from sqlmodel.sql.sqltypes import AutoString

from storage.channels import Channel
from storage.ids import new_id
from storage.lanes import look_in, settle_in
from storage.statements import Query, driver_of
from storage.tables import Instant, Row, add, find
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
    BLOCKED = "BLOCKED"
    SENDING = "SENDING"
    SENT = "SENT"
    RETRY = "RETRY"
    UNKNOWN = "UNKNOWN"
    DEAD = "DEAD"


NOT_BEGUN = (State.NEW, State.BLOCKED, State.RETRY)
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_MET = AT_ONCE + timedelta(microseconds=1)
BEHIND = timedelta(seconds=1)  # for which a row that was tried before waits when another stands before it

# Word for word the conditions of partial indexes. No list has three words: SQLite would make a table of them for every
# row that is written, which takes as long as all the rest. IS TRUE keeps PostgreSQL from taking another index for what
# waits: while its statistics say that nothing does, all seem as good, and it would read all that waits for each
# workspace.
_UNSETTLED = text("outbox.state NOT IN ('SENT', 'DEAD')")
_WAITING = text("(outbox.state = 'RETRY' OR outbox.state IN ('NEW', 'UNKNOWN')) IS TRUE")
_SENDING = text("outbox.state = 'SENDING'")
_CHANGED = text("outbox.state = 'SENT' AND outbox.kind NOT IN ('post', 'file')")
_SPENT = text("(outbox.state = 'DEAD' OR (outbox.state = 'SENT' AND outbox.body IS NOT NULL))")
_MISSED = text("(outbox.error IN ('silent', 'not_in_channel') OR outbox.error IN ('channel_not_found', 'is_archived'))")


def _index(name: str, *columns: str, where: TextClause) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


class OutboxRow(Row, table=True):
    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("workspace_id", "external_channel", "external_ts"),
        _index("ix_outbox_subject", "workspace_id", "subject", "subject_id", where=text("subject IS NOT NULL")),
        _index("ix_outbox_of_kind", "workspace_id", "subject", "created_at", where=text("subject IS NOT NULL")),
        _index("ix_outbox_unsettled", "lane", "id", where=_UNSETTLED),
        _index("ix_outbox_waiting", "workspace_id", "kind", "not_before", "id", where=_WAITING),
        _index("ix_outbox_sending", "lane", where=_SENDING),
        _index("ix_outbox_missed", "id", where=_MISSED),
        _index("ix_outbox_changed", "created_at", where=_CHANGED),
        _index("ix_outbox_spent", "created_at", where=_SPENT),
        _index("ix_outbox_target_id", "target_id", "state", where=text("target_id IS NOT NULL")),
        _index("ix_outbox_thread_id", "thread_id", "state", where=text("thread_id IS NOT NULL")),
    )
    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    channel_id: int | None = Field(default=None, foreign_key="channel.id")  # the recipient: a channel ...
    member_id: int | None = Field(default=None, foreign_key="member.id")  # ... or a member, in private
    lane: str  # first in, first out within it
    kind: Kind = Field(sa_type=AutoString)
    target_id: str | None = Field(default=None, foreign_key="outbox.id")  # what to change
    thread_id: str | None = Field(default=None, foreign_key="outbox.id")  # in whose thread
    thread_ts: str | None = None  # in the thread of a message that is not ours
    subject: str | None = None
    subject_id: int | None = None
    body: str | None = None  # a ui.Message as JSON, or the name of a reaction; None: by subject, when sent
    is_introduction: bool = False  # may be said where Parley may not speak yet
    language: str = "en"
    external_channel: str | None = None
    external_ts: str | None = None
    state: State = Field(default=State.NEW, sa_type=AutoString)
    attempt: int = 0
    created_at: datetime = Field(sa_type=Instant)  # the domain's time; those below are delivery's, which is real
    not_before: datetime = Field(default=AT_ONCE, sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    tried_at: datetime | None = Field(default=None, sa_type=Instant)  # the first attempt
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    acted_at: datetime | None = Field(default=None, sa_type=Instant)  # the domain's time: see storage.noise
    error: str | None = None


class Bucket(NamedTuple):
    """What a platform's limits are counted by: a method in a workspace."""

    workspace_id: int
    kind: Kind


def _same_lane(alias: type[OutboxRow]) -> ColumnElement[bool]:
    return col(alias.lane) == col(OutboxRow.lane)


def _first_of(kind: Kind) -> Any:
    of_bucket = (col(OutboxRow.workspace_id) == col(Workspace.id), col(OutboxRow.kind) == kind)
    return select(func.min(col(OutboxRow.not_before))).where(*of_bucket, _WAITING).scalar_subquery()


def _is_unsettled(alias: type[OutboxRow]) -> ColumnElement[bool]:
    return col(alias.state).not_in((literal_column("'SENT'"), literal_column("'DEAD'")))


_BEFORE = Query(
    select(OutboxRow.id)
    .where(OutboxRow.lane == bindparam("lane"), col(OutboxRow.id) < bindparam("row_id"), _UNSETTLED)
    .limit(1)
)


def promise(session: Session, row: OutboxRow) -> bool:
    """Add a row; say whether it has to be looked at now, rather than when one before it in its lane is settled.

    PostgreSQL leaves that to `ready`: the one before it may be settled at this moment, by somebody who sees no other.
    """
    if driver_of(session).dialect.name == "sqlite" and _BEFORE.first(session, lane=row.lane, row_id=row.id):
        row.state = State.BLOCKED
    add(session, row)
    return row.state != State.BLOCKED


_FIRST = Query[tuple[Any, ...]](select(col(Workspace.id), *map(_first_of, Kind)))
_LEASE = Query(select(func.min(OutboxRow.lease_until)).where(_SENDING))


def first_due(session: Session) -> dict[Bucket, datetime]:
    """When the first row that waits in each bucket is due; buckets in which nothing waits are left out."""
    found = _FIRST.all(session)
    return {Bucket(row[0], kind): at for row in found for kind, at in zip(Kind, row[1:], strict=True) if at}


def first_lease(session: Session) -> datetime | None:
    """When the first lease on a row that is being sent ends."""
    return _LEASE.one(session)


_DUE = Query(
    select(OutboxRow)
    .where(OutboxRow.workspace_id == bindparam("workspace_id"), OutboxRow.kind == bindparam("kind"), _WAITING)
    .where(col(OutboxRow.not_before).between(bindparam("since", type_=Instant), bindparam("until", type_=Instant)))
    .order_by(col(OutboxRow.not_before), col(OutboxRow.id))
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_before, _sending, _target, _thread = (aliased(OutboxRow) for _ in range(4))
_OBSTACLES = (
    select(
        col(OutboxRow.id),
        or_(
            exists().where(_same_lane(_before), col(_before.id) < OutboxRow.id, _is_unsettled(_before)),
            exists().where(_same_lane(_sending), col(_sending.state) == literal_column("'SENDING'")),
        ),
        _target.state,
        _thread.state,
    )
    .outerjoin(_target, col(OutboxRow.target_id) == _target.id)
    .outerjoin(_thread, col(OutboxRow.thread_id) == _thread.id)
    .where(col(OutboxRow.id).in_(bindparam("ids", expanding=True)))
)
_some = col(OutboxRow.id).in_(bindparam("ids", expanding=True))
_BLOCK = update(OutboxRow).where(_some).values(state=State.BLOCKED)
_next = aliased(OutboxRow)
_first_in_lane = select(func.min(_next.id)).where(_next.lane == bindparam("its_lane"), _is_unsettled(_next))
_depends = (col(OutboxRow.target_id) == bindparam("row_id"), col(OutboxRow.thread_id) == bindparam("row_id"))
_FREE = (
    update(OutboxRow)
    .where(or_(*_depends, col(OutboxRow.id) == _first_in_lane.scalar_subquery()))
    .where(col(OutboxRow.state).in_((State.NEW, State.BLOCKED)))
    .values(state=State.NEW)
)


def ready(session: Session, workspace_id: int, kind: Kind, now: datetime, limit: int) -> tuple[list[OutboxRow], bool]:
    """Rows of a bucket that may be sent now, and whether there may be more; they are this transaction's alone.

    Rows behind another are blocked; those whose target or thread is dead die.
    """
    due: list[OutboxRow] = []
    for since, until in ((_MET, now), (AT_ONCE, AT_ONCE)):  # what was looked at before goes first
        values = {"workspace_id": workspace_id, "kind": kind, "since": since, "until": until}
        due += _DUE.all(session, **values, limit=limit - len(due))
    if not due:
        return [], False
    lanes = look_in(session, {row.lane for row in due})
    is_more = len(due) == limit and all(row.lane in lanes for row in due)
    due = [row for row in due if row.lane in lanes]  # whoever settles something in the others looks again
    # Another statement, because only now, with rows and lanes locked, can nobody free them before they are blocked.
    obstacles = session.connection().execute(_OBSTACLES, {"ids": [row.id for row in due]}).all()
    known = {row_id: (is_behind, states) for row_id, is_behind, *states in obstacles}
    free, blocked = [], []
    for row in due:
        is_behind, states = known[row.id]
        if State.DEAD in states:
            settle(session, row, State.DEAD, error="what it belongs to was never posted")
        elif not is_behind and all(state in (None, State.SENT) for state in states):
            free.append(row)
        elif row.state == State.NEW:
            blocked.append(row.id)
        else:
            row.not_before = now + BEHIND
    if blocked:
        session.connection().execute(_BLOCK, {"ids": blocked})
    return free, is_more


def begin(row: OutboxRow, now: datetime, lease_until: datetime) -> None:
    """Claim a row for one attempt."""
    row.state, row.attempt, row.lease_until = State.SENDING, row.attempt + 1, lease_until
    row.tried_at = row.tried_at or now


def settle(session: Session, row: OutboxRow, state: State, **values: object) -> bool:
    """Record the outcome of one attempt; False if it was settled already, or a later attempt has begun."""
    settle_in(session, row.lane)
    this_attempt = (col(OutboxRow.id) == row.id, col(OutboxRow.attempt) == row.attempt, _UNSETTLED)
    statement = update(OutboxRow).where(*this_attempt).values(state=state, lease_until=None, **values)
    is_settled = session.connection().execute(statement).rowcount == 1
    if is_settled and state in (State.SENT, State.DEAD):
        _free(session, row)
    return is_settled


def settle_by_echo(session: Session, workspace_id: int, row_id: str, channel: str, ts: str, now: datetime) -> bool:
    """Our own message came back with its row's id: it is posted, whatever we believed. False if we knew."""
    known = row(session, workspace_id, row_id)
    if known is None:
        return False
    settle_in(session, known.lane)
    statement = (
        update(OutboxRow)
        .where(col(OutboxRow.id) == row_id, col(OutboxRow.workspace_id) == workspace_id, _UNSETTLED)
        .values(state=State.SENT, external_channel=channel, external_ts=ts, sent_at=now, lease_until=None)
    )
    is_settled = session.connection().execute(statement).rowcount == 1
    if is_settled:
        _free(session, known)
    return is_settled


def _free(session: Session, final: OutboxRow) -> None:
    """Let those that waited for a row be looked at again; NEW ones too, which another transaction may just block."""
    session.connection().execute(_FREE, {"row_id": final.id, "its_lane": final.lane})


def doubt_expired(session: Session, before: datetime, now: datetime, but: Collection[str] = ()) -> int:
    """Mark as UNKNOWN what was sent under leases that end before, `but` for what is still being sent; how many."""
    statement = update(OutboxRow).where(_SENDING, col(OutboxRow.lease_until) <= before, col(OutboxRow.id).not_in(but))
    return session.connection().execute(statement.values(state=State.UNKNOWN, not_before=now)).rowcount


def missed(session: Session, limit: int) -> Sequence[OutboxRow]:
    """Cards and their updates that died because Parley could not speak in a channel in which it can speak again."""
    query = select(OutboxRow).join(Channel, col(OutboxRow.channel_id) == col(Channel.id))
    is_open = and_(col(Channel.left_at).is_(None), or_(col(Channel.is_allowed), not_(col(Channel.is_shared))))
    is_card = or_(col(OutboxRow.subject).is_not(None), col(OutboxRow.kind) == Kind.UPDATE)
    return session.exec(query.where(_MISSED, is_open, is_card).order_by(col(OutboxRow.id)).limit(limit)).all()


_OF_PLATFORM = Query(
    select(OutboxRow)
    .join(Workspace, col(OutboxRow.workspace_id) == col(Workspace.id))
    .where(Workspace.platform == bindparam("platform"), Workspace.external_id == bindparam("workspace"))
    .where(OutboxRow.id == bindparam("row_id"), _UNSETTLED)
)
_POSTED_AS = Query(
    select(OutboxRow)
    .where(OutboxRow.workspace_id == bindparam("workspace_id"))
    .where(OutboxRow.external_channel == bindparam("channel"), OutboxRow.external_ts == bindparam("ts"))
)


def row(session: Session, workspace_id: int, row_id: str) -> OutboxRow | None:
    return find(session, OutboxRow, workspace_id, row_id)


def unsettled(session: Session, platform: str, workspace: str, row_id: str) -> OutboxRow | None:
    """The row with this id, unless it is settled or belongs to another workspace than the platform says."""
    return _OF_PLATFORM.first(session, platform=platform, workspace=workspace, row_id=row_id)


def posted_as(session: Session, workspace_id: int, channel: str, ts: str) -> OutboxRow | None:
    """Our message with this external channel and timestamp."""
    return _POSTED_AS.first(session, workspace_id=workspace_id, channel=channel, ts=ts)


def has_post_in_doubt(session: Session, workspace_id: int, channel_id: int) -> bool:
    """Whether a message to this channel may stand there already, nobody knows where."""
    query = select(OutboxRow.id).where(_UNSETTLED, OutboxRow.workspace_id == workspace_id, OutboxRow.kind == Kind.POST)
    in_doubt = (OutboxRow.channel_id == channel_id, col(OutboxRow.state).in_((State.SENDING, State.UNKNOWN)))
    return session.exec(query.where(*in_doubt).limit(1)).first() is not None


_IN_DOUBT = (
    select(col(OutboxRow.id))
    .where(OutboxRow.workspace_id == bindparam("workspace_id"), OutboxRow.kind == Kind.POST)
    .where(text("outbox.state IN ('SENDING', 'UNKNOWN')"))
    .with_for_update(read=True)
)


def hold_posts_in_doubt(session: Session, workspace_id: int) -> None:
    """Until this commits, nobody settles a message that may stand nobody knows where; who is just at it goes first."""
    session.connection().execute(_IN_DOUBT, {"workspace_id": workspace_id})
