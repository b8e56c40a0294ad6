"""What happened in a workspace between two instants: read from the logs, for digests."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, case, col, func, select

from storage.cases import Decision, Receipt
from storage.feedback import Feedback
from storage.leads import Lead, LeadEvent
from storage.questions import Question

COUNTED = ("add", "accept", "reject", "recycle", "win")  # kinds of events
IMPORT = "import"


class Deeds(NamedTuple):
    """How often something was done to leads of a source."""

    source: str | None
    kind: str
    n: int


def count_deeds(session: Session, workspace_id: int, since: datetime, until: datetime) -> Sequence[Deeds]:
    """What people, messages and programs did, as the log has it, without what was undone and what was imported."""
    later = (LeadEvent.workspace_id == workspace_id, LeadEvent.at >= since)
    undone = select(LeadEvent.reverses_id).where(*later, LeadEvent.kind == "undo")
    query = select(Lead.source, LeadEvent.kind, func.count()).join(Lead, col(LeadEvent.lead_id) == col(Lead.id))
    query = query.where(*later, LeadEvent.at < until, col(LeadEvent.kind).in_(COUNTED), LeadEvent.via != IMPORT)
    query = query.where(col(LeadEvent.id).not_in(undone.where(col(LeadEvent.reverses_id).is_not(None))))
    return [Deeds(*found) for found in session.exec(query.group_by(col(Lead.source), col(LeadEvent.kind)))]


def count_imported(session: Session, workspace_id: int, since: datetime, until: datetime) -> int:
    """How many leads came from files."""
    within = (LeadEvent.workspace_id == workspace_id, LeadEvent.at >= since, LeadEvent.at < until)
    query = select(func.count()).select_from(LeadEvent).where(*within, LeadEvent.kind == "add")
    return session.exec(query.where(LeadEvent.via == IMPORT)).one()


class CodeSaid(NamedTuple):
    """A code, how often it was said, and the newest feedback that says it in somebody's own words."""

    code: str
    n: int
    feedback_id: int | None


def codes_said(session: Session, workspace_id: int, since: datetime, until: datetime) -> Sequence[CodeSaid]:
    """The most frequent first; what was withdrawn does not count."""
    within = (Feedback.workspace_id == workspace_id, Feedback.given_at >= since, Feedback.given_at < until)
    in_words = func.max(case((col(Feedback.note) != "", col(Feedback.id))))
    query = select(Feedback.code, func.count(), in_words).where(*within, col(Feedback.withdrawn_at).is_(None))
    query = query.where(col(Feedback.code).is_not(None)).group_by(col(Feedback.code))
    return [CodeSaid(*found) for found in session.exec(query.order_by(func.count().desc(), col(Feedback.code)))]


class Answered(NamedTuple):
    """A decision, and how many reporters have it as a receipt."""

    decision_id: int
    reporters: int


def decisions_made(session: Session, workspace_id: int, since: datetime, until: datetime) -> Sequence[Answered]:
    """Marketing's answers, the one that concerns most people first."""
    within = (Decision.workspace_id == workspace_id, Decision.decided_at >= since, Decision.decided_at < until)
    reporters = func.count(col(Receipt.id))
    query = select(Decision.id, reporters).join(Receipt, col(Receipt.decision_id) == col(Decision.id), isouter=True)
    query = query.where(*within).group_by(col(Decision.id)).order_by(reporters.desc(), col(Decision.id))
    return [Answered(*found) for found in session.exec(query)]


def open_questions(session: Session, workspace_id: int, limit: int) -> Sequence[Question]:
    """What sellers asked and marketing has not answered, the oldest first."""
    unanswered = (col(Question.answered_at).is_(None), col(Question.withdrawn_at).is_(None))
    query = select(Question).where(Question.workspace_id == workspace_id, *unanswered)
    return session.exec(query.order_by(col(Question.id)).limit(limit)).all()
