"""Whether people act on what Parley sends, and which kinds of messages admins have folded into the daily digest.

A message was acted on at `outbox.acted_at`. Its kind is its subject; of kinds that no feature counts, nothing is noted.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, func, select, update

from storage.outbox import Kind, OutboxRow, State
from storage.statements import Change, Query
from storage.tables import Instant, Row, add_if_absent, find


class NoiseChoice(Row, table=True):
    """What admins were asked about a kind of message, and what one of them decided last."""

    __tablename__ = "noise_choice"
    __table_args__ = (UniqueConstraint("workspace_id", "kind"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    kind: str  # the subject of the messages
    asked_at: datetime | None = Field(default=None, sa_type=Instant)
    sent: int = 0  # what admins were told then: of so many
    acted: int = 0  # people acted on so many
    is_folded: bool = False
    decided_by: int | None = Field(default=None, foreign_key="member.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)


_UNACTED = Query(
    select(OutboxRow.id, OutboxRow.subject)
    .where(OutboxRow.workspace_id == bindparam("workspace_id"), col(OutboxRow.acted_at).is_(None))
    .where(OutboxRow.external_channel == bindparam("channel"), OutboxRow.external_ts == bindparam("ts"))
)
_ACT = Change(
    update(OutboxRow)
    .where(col(OutboxRow.workspace_id) == bindparam("of_workspace"), col(OutboxRow.id) == bindparam("row_id"))
    .where(col(OutboxRow.acted_at).is_(None))
    .values(acted_at=bindparam("now", type_=Instant))
)
_HEED = Change(
    update(OutboxRow)
    .where(col(OutboxRow.workspace_id) == bindparam("of_workspace"), col(OutboxRow.subject) == bindparam("kind"))
    .where(col(OutboxRow.subject_id) == bindparam("about"), col(OutboxRow.member_id) == bindparam("by"))
    .where(col(OutboxRow.created_at) >= bindparam("since", type_=Instant), col(OutboxRow.acted_at).is_(None))
    .values(acted_at=bindparam("now", type_=Instant))
)
_FOLDED = Query(
    select(NoiseChoice.id)
    .where(NoiseChoice.workspace_id == bindparam("workspace_id"), NoiseChoice.kind == bindparam("kind"))
    .where(col(NoiseChoice.is_folded).is_(True))
)


def unacted(session: Session, workspace_id: int, channel: str, ts: str) -> tuple[str, str | None] | None:
    """The id and the kind of our message that stands there, if nobody has acted on it."""
    return _UNACTED.first(session, workspace_id=workspace_id, channel=channel, ts=ts)


def note_act(session: Session, workspace_id: int, row_id: str, now: datetime) -> None:
    """Somebody acted on a message; the first time is kept."""
    _ACT.run(session, of_workspace=workspace_id, row_id=row_id, now=now)


def note_heeded(
    session: Session, workspace_id: int, kind: str, subject_id: int, member_id: int, since: datetime, now: datetime
) -> None:
    """A member did what messages to them of this subject, promised since then, asked for."""
    values = {"of_workspace": workspace_id, "kind": kind, "about": subject_id, "by": member_id}
    _HEED.run(session, **values, since=since, now=now)


def count_acts(
    session: Session, workspace_id: int, kinds: Collection[str], since: datetime, until: datetime
) -> dict[str, tuple[int, int]]:
    """Of each kind: how many messages of that time were sent, and how many of them were acted on."""
    of_kinds = (OutboxRow.workspace_id == workspace_id, col(OutboxRow.subject).in_(kinds))
    sent = (col(OutboxRow.kind).in_((Kind.POST, Kind.FILE)), OutboxRow.state == State.SENT)
    query = select(OutboxRow.subject, func.count(), func.count(col(OutboxRow.acted_at))).where(*of_kinds, *sent)
    query = query.where(col(OutboxRow.created_at).between(since, until)).group_by(col(OutboxRow.subject))
    return {kind: (n, acted) for kind, n, acted in session.exec(query) if kind is not None}


def is_folded(session: Session, workspace_id: int, kind: str) -> bool:
    return _FOLDED.first(session, workspace_id=workspace_id, kind=kind) is not None


def choices(session: Session, workspace_id: int) -> Sequence[NoiseChoice]:
    query = select(NoiseChoice).where(NoiseChoice.workspace_id == workspace_id)
    return session.exec(query.order_by(col(NoiseChoice.id))).all()


def find_choice(session: Session, workspace_id: int, choice_id: int) -> NoiseChoice | None:
    return find(session, NoiseChoice, workspace_id, choice_id)


def choice_about(session: Session, workspace_id: int, kind: str) -> NoiseChoice:
    """The choice about a kind, which may be yet to be made."""
    add_if_absent(session, NoiseChoice(workspace_id=workspace_id, kind=kind))
    of_kind = (NoiseChoice.workspace_id == workspace_id, NoiseChoice.kind == kind)
    return session.exec(select(NoiseChoice).where(*of_kind)).one()
