"""Cases: similar feedback that marketing answers once, its decisions, and the receipts that go back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Index
from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, func, insert, select

from storage.feedback import Feedback
from storage.statements import Query
from storage.tables import Instant, Row, find, find_one


class FeedbackCase(Row, table=True):
    """Similar feedback (same code, same campaign) that marketing answers once. Open until a decision closes it."""

    __tablename__ = "feedback_case"
    __table_args__ = (Index("ix_feedback_case_open", "workspace_id", "code", "campaign_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    code: str | None = None  # None: a note in somebody's own words, which is like no other
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    opened_at: datetime = Field(sa_type=Instant)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledged_by: int | None = Field(default=None, foreign_key="member.id")
    examples_wanted: int | None = None  # marketing asked for this many in all before it decides
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    posted_at: datetime | None = Field(default=None, sa_type=Instant)  # None: there was nobody to post it to yet


class Decision(Row, table=True):
    """Marketing's answer to a case. `answer`: change, no_change or need_more."""

    __table_args__ = (Index("ix_decision_decided", "workspace_id", "decided_at"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    case_id: int = Field(foreign_key="feedback_case.id", index=True)
    answer: str
    text: str
    due_on: date | None = None
    examples: int | None = None  # how many more are wanted
    decided_by: int = Field(foreign_key="member.id")
    decided_at: datetime = Field(sa_type=Instant)


class Receipt(Row, table=True):
    """One reporter's receipt of one decision, and whether it helps them."""

    __table_args__ = (UniqueConstraint("decision_id", "member_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    decision_id: int = Field(foreign_key="decision.id")
    member_id: int = Field(foreign_key="member.id", index=True)
    posted_at: datetime | None = Field(default=None, sa_type=Instant)  # promised
    sent_at: datetime | None = Field(default=None, sa_type=Instant)  # it stands in their private conversation
    lost_at: datetime | None = Field(default=None, sa_type=Instant)  # or the platform would not take it
    helps: bool | None = None
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


def find_case(session: Session, workspace_id: int, case_id: int) -> FeedbackCase | None:
    return find(session, FeedbackCase, workspace_id, case_id)


_OPEN = Query(
    select(FeedbackCase)
    .where(FeedbackCase.workspace_id == bindparam("workspace_id"), FeedbackCase.code == bindparam("code"))
    .where(func.coalesce(FeedbackCase.campaign_id, 0) == bindparam("campaign"), col(FeedbackCase.closed_at).is_(None))
    .with_for_update(key_share=True)
)


def open_case(session: Session, workspace_id: int, code: str, campaign_id: int | None) -> FeedbackCase | None:
    """The case that similar feedback joins."""
    return _OPEN.first(session, workspace_id=workspace_id, code=code, campaign=campaign_id or 0)


_WITHOUT_CARD = Query(
    select(FeedbackCase)
    .where(FeedbackCase.workspace_id == bindparam("workspace_id"))
    .where(col(FeedbackCase.posted_at).is_(None), col(FeedbackCase.closed_at).is_(None))
    .order_by(col(FeedbackCase.id))
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True, key_share=True)
)


def cases_without_card(session: Session, workspace_id: int, limit: int) -> Sequence[FeedbackCase]:
    """Open cases that could not be posted to anybody, oldest first."""
    return _WITHOUT_CARD.all(session, workspace_id=workspace_id, at_most=limit)


def waiting_cases(session: Session, workspace_id: int) -> tuple[int, int]:
    """How many cases wait to be acknowledged, and how many to be decided; not those that wait for more examples."""
    still_open = (FeedbackCase.workspace_id == workspace_id, col(FeedbackCase.closed_at).is_(None))
    query = select(func.count(), func.count(col(FeedbackCase.acknowledged_at))).where(*still_open)
    query = query.where(col(FeedbackCase.examples_wanted).is_(None))
    total, acknowledged = session.exec(query).one()
    return total - acknowledged, acknowledged


def _stands_in(workspace_id: Any, case_id: Any) -> tuple[ColumnElement[bool], ...]:
    of_case = (col(Feedback.workspace_id) == workspace_id, col(Feedback.case_id) == case_id)
    return (*of_case, col(Feedback.withdrawn_at).is_(None))


_IN_CASE = _stands_in(bindparam("workspace_id"), bindparam("case_id"))
_NEWEST = Query(select(Feedback).where(*_IN_CASE).order_by(col(Feedback.id).desc()).limit(bindparam("at_most")))
_AUTHORS = Query(
    select(Feedback).where(*_IN_CASE, Feedback.author_id == bindparam("author_id")).order_by(col(Feedback.id).desc())
)
_FIRST = Query(select(Feedback).where(*_IN_CASE).order_by(col(Feedback.id)).limit(1))
_COUNT = Query(select(func.count()).select_from(Feedback).where(*_IN_CASE))
_REPORTERS = Query(
    select(Feedback.author_id).where(*_IN_CASE).group_by(col(Feedback.author_id)).order_by(func.min(col(Feedback.id)))
)
_OF_CASE = (Decision.workspace_id == bindparam("workspace_id"), Decision.case_id == bindparam("case_id"))
_HELPED = Query(
    select(Receipt.helps, func.count())
    .join(Decision, col(Receipt.decision_id) == col(Decision.id))
    .where(*_OF_CASE, col(Receipt.helps).is_not(None))
    .group_by(col(Receipt.helps))
)
_DECISIONS = Query(select(Decision).where(*_OF_CASE).order_by(col(Decision.id).desc()))


def feedback_in(session: Session, workspace_id: int, case_id: int, limit: int) -> Sequence[Feedback]:
    """What stands in a case, newest first, without what was withdrawn."""
    return _NEWEST.all(session, workspace_id=workspace_id, case_id=case_id, at_most=limit)


def feedback_of_in(session: Session, workspace_id: int, case_id: int, author_id: int) -> Sequence[Feedback]:
    """What one member said of it, newest first."""
    return _AUTHORS.all(session, workspace_id=workspace_id, case_id=case_id, author_id=author_id)


def first_feedback_in(session: Session, workspace_id: int, case_id: int) -> Feedback | None:
    return _FIRST.first(session, workspace_id=workspace_id, case_id=case_id)


def count_in(session: Session, workspace_id: int, case_id: int) -> int:
    """How many words stand in a case."""
    return _COUNT.one(session, workspace_id=workspace_id, case_id=case_id)


def count_helped(session: Session, workspace_id: int, case_id: int) -> dict[bool, int]:
    """How many reporters say of marketing's answers to a case that they help, and that they do not."""
    found = _HELPED.all(session, workspace_id=workspace_id, case_id=case_id)
    return {bool(helps): count for helps, count in found}


def decisions_on(session: Session, workspace_id: int, case_id: int) -> Sequence[Decision]:
    """Marketing's answers to a case, newest first."""
    return _DECISIONS.all(session, workspace_id=workspace_id, case_id=case_id)


def find_receipt(session: Session, workspace_id: int, receipt_id: int) -> Receipt | None:
    return find(session, Receipt, workspace_id, receipt_id)


def add_receipts(session: Session, workspace_id: int, decision_id: int, member_ids: Iterable[int]) -> None:
    """One for each of these reporters, in one statement."""
    of_decision = {"workspace_id": workspace_id, "decision_id": decision_id}
    rows = [{**of_decision, "member_id": member_id} for member_id in member_ids]
    if rows:
        session.connection().execute(insert(Receipt), rows)


def reporters_in(session: Session, workspace_id: int, case_id: int) -> Sequence[int]:
    """Whose words stand in a case, the first first."""
    return _REPORTERS.all(session, workspace_id=workspace_id, case_id=case_id)


_OF_DECISION = (
    col(Receipt.workspace_id) == bindparam("workspace_id"),
    col(Receipt.decision_id) == bindparam("decision_id"),
)
_RECEIPTS = Query(select(Receipt).where(*_OF_DECISION).order_by(col(Receipt.id)))
_OLDEST = select(Receipt).where(*_OF_DECISION).order_by(col(Receipt.id)).limit(bindparam("at_most"))
_UNPOSTED = Query(_OLDEST.where(col(Receipt.posted_at).is_(None)))
_OPEN_RECEIPT = Query(_OLDEST.where(col(Receipt.sent_at).is_(None), col(Receipt.lost_at).is_(None)))


def unposted_receipts(session: Session, workspace_id: int, decision_id: int, limit: int) -> Sequence[Receipt]:
    return _UNPOSTED.all(session, workspace_id=workspace_id, decision_id=decision_id, at_most=limit)


def is_receipt_open(session: Session, workspace_id: int, decision_id: int) -> bool:
    """Whether a reporter may still get theirs."""
    return _OPEN_RECEIPT.first(session, workspace_id=workspace_id, decision_id=decision_id, at_most=1) is not None


_TOLD = (
    select(Feedback.lead_id)
    .join(Receipt, col(Receipt.member_id) == col(Feedback.author_id))
    .where(*_IN_CASE, Receipt.decision_id == bindparam("decision_id"))
    .where(col(Receipt.posted_at).is_not(None), col(Feedback.lead_id).is_not(None))
)
_TO_TELL = Query(
    select(Feedback.lead_id)
    .where(*_IN_CASE, Feedback.author_id == bindparam("member_id"))
    .where(col(Feedback.lead_id).is_not(None), col(Feedback.lead_id).not_in(_TOLD))
    .distinct()
    .order_by(col(Feedback.lead_id))
)


def leads_to_tell(session: Session, workspace_id: int, decision: Decision, member_id: int) -> Sequence[int]:
    """The leads a reporter spoke of, without those in whose threads a reporter before them had the answer told."""
    of_decision = {"workspace_id": workspace_id, "case_id": decision.case_id, "decision_id": decision.id}
    return [lead_id for lead_id in _TO_TELL.all(session, **of_decision, member_id=member_id) if lead_id]


def receipts_of(session: Session, workspace_id: int, decision_id: int) -> Sequence[Receipt]:
    return _RECEIPTS.all(session, workspace_id=workspace_id, decision_id=decision_id)


def receipts_on(session: Session, workspace_id: int, case_id: int, member_id: int) -> Sequence[Receipt]:
    """A member's receipts of the answers to a case."""
    query = select(Receipt).join(Decision, col(Receipt.decision_id) == col(Decision.id))
    of_member = (Receipt.workspace_id == workspace_id, Receipt.member_id == member_id)
    return session.exec(query.where(*of_member, Decision.case_id == case_id).order_by(col(Receipt.id))).all()


def decision_of(session: Session, workspace_id: int, decision_id: int) -> Decision:
    """The decision of this id; raises NoResultFound for another workspace's."""
    return find_one(session, Decision, workspace_id, decision_id)


@dataclass(frozen=True)
class Fate:
    """A word of feedback and what became of it."""

    feedback: Feedback
    case: FeedbackCase | None
    decision: Decision | None  # the newest


def fates(session: Session, workspace_id: int, said: Sequence[Feedback]) -> list[Fate]:
    """What became of these words, in their order."""
    case_ids = {feedback.case_id for feedback in said if feedback.case_id}
    cases_query = select(FeedbackCase).where(FeedbackCase.workspace_id == workspace_id)
    cases = {case.id: case for case in session.exec(cases_query.where(col(FeedbackCase.id).in_(case_ids)))}
    decided = select(Decision).where(Decision.workspace_id == workspace_id, col(Decision.case_id).in_(case_ids))
    decisions = {decision.case_id: decision for decision in session.exec(decided.order_by(col(Decision.id)))}
    return [Fate(f, cases.get(f.case_id or 0), decisions.get(f.case_id or 0)) for f in said]
