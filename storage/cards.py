"""Cards: the messages that stand for a subject, and the changes of messages that wait to be sent."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, bindparam, col, or_, select

from storage.outbox import _UNSETTLED, NOT_BEGUN, Kind, OutboxRow, State
from storage.statements import Query

_has_not_begun = or_(*(col(OutboxRow.state) == state for state in NOT_BEGUN))
_CARDS = Query(
    select(OutboxRow)
    .where(OutboxRow.workspace_id == bindparam("workspace_id"), OutboxRow.subject == bindparam("subject"))
    .where(OutboxRow.subject_id == bindparam("subject_id"), OutboxRow.kind == Kind.POST, OutboxRow.state != State.DEAD)
    .order_by(col(OutboxRow.id))
)


def cards(session: Session, workspace_id: int, subject: str, subject_id: int) -> Sequence[OutboxRow]:
    """The newest living post of a subject for each recipient, oldest recipient first."""
    found = _CARDS.all(session, workspace_id=workspace_id, subject=subject, subject_id=subject_id)
    return list({(card.channel_id, card.member_id): card for card in found}.values())


def posts(session: Session, workspace_id: int, subject: str, subject_id: int) -> Sequence[OutboxRow]:
    """Every living post of a subject, oldest first."""
    return _CARDS.all(session, workspace_id=workspace_id, subject=subject, subject_id=subject_id)


def members_told(
    session: Session, workspace_id: int, subject: str, subject_id: int, people: Collection[int]
) -> set[int]:
    """Which of these members were sent a message of a subject, or will be."""
    of_subject = (OutboxRow.workspace_id == workspace_id, OutboxRow.subject == subject)
    query = select(OutboxRow.member_id).where(*of_subject, OutboxRow.subject_id == subject_id)
    found = session.exec(query.where(OutboxRow.kind == Kind.POST, col(OutboxRow.member_id).in_(people)))
    return {member_id for member_id in found if member_id is not None}


def is_taken_back(session: Session, workspace_id: int, target_id: str) -> bool:
    """Whether a message is to be deleted, or was."""
    of_target = (OutboxRow.workspace_id == workspace_id, OutboxRow.target_id == target_id)
    query = select(OutboxRow.id).where(*of_target, OutboxRow.kind == Kind.DELETE, OutboxRow.state != State.DEAD)
    return session.exec(query).first() is not None


def subjects_shown(session: Session, workspace_id: int, subject: str, subject_ids: Collection[int]) -> set[int]:
    """Which of these subjects have living posts."""
    of_subject = (OutboxRow.workspace_id == workspace_id, OutboxRow.subject == subject)
    living = (OutboxRow.kind == Kind.POST, OutboxRow.state != State.DEAD, col(OutboxRow.subject_id).in_(subject_ids))
    found = session.exec(select(OutboxRow.subject_id).where(*of_subject, *living))
    return {subject_id for subject_id in found if subject_id is not None}


_QUEUED = Query(
    select(OutboxRow)
    .where(OutboxRow.workspace_id == bindparam("workspace_id"), OutboxRow.target_id == bindparam("target_id"))
    .where(OutboxRow.kind == Kind.UPDATE, _has_not_begun)
    .with_for_update(key_share=True)
)
_NOT_BEGUN = Query(
    select(OutboxRow.id)
    .where(OutboxRow.workspace_id == bindparam("workspace_id"), OutboxRow.id == bindparam("row_id"), _has_not_begun)
    .with_for_update(key_share=True)
)
_QUEUED_HOME = Query(
    select(OutboxRow.id)
    .where(OutboxRow.workspace_id == bindparam("workspace_id"), OutboxRow.lane == bindparam("lane"))
    .where(_UNSETTLED, _has_not_begun)
    .order_by(col(OutboxRow.id))
    .with_for_update(key_share=True)
)


def queued_change(session: Session, workspace_id: int, target_id: str) -> OutboxRow | None:
    """The update of this row that has not begun: a newer one replaces it. It does not begin before this commits."""
    return _QUEUED.first(session, workspace_id=workspace_id, target_id=target_id)


def has_not_begun(session: Session, workspace_id: int, row_id: str) -> bool:
    """Whether a row has yet to be drawn and sent. If so, it does not begin before this commits."""
    return _NOT_BEGUN.first(session, workspace_id=workspace_id, row_id=row_id) is not None


def queued_home(session: Session, workspace_id: int, lane: str) -> str | None:
    """The drawing of a home that has not begun. It does not begin before this commits."""
    return _QUEUED_HOME.first(session, workspace_id=workspace_id, lane=lane)
