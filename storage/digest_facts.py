"""What happened in a workspace between two instants: read from the logs, for digests."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, and_, bindparam, case, col, func, or_, select

from storage.cases import Decision, Receipt
from storage.feedback import Feedback
from storage.leads import Lead, LeadEvent
from storage.questions import Question
from storage.statements import Query
from storage.tables import Instant

COUNTED = ("add", "accept", "reject", "recycle", "win")  # kinds of events
IMPORT = "import"


class Deeds(NamedTuple):
    """How often something was done to leads of a source."""

    source: str | None
    kind: str
    n: int


_since, _until = (bindparam(name, type_=Instant) for name in ("since", "until"))
_LATER = (LeadEvent.workspace_id == bindparam("workspace_id"), LeadEvent.at >= _since)
_UNDONE = select(LeadEvent.reverses_id).where(*_LATER, LeadEvent.kind == "undo")
_DEEDS = Query(
    select(Lead.source, LeadEvent.kind, func.count())
    .join(Lead, col(LeadEvent.lead_id) == col(Lead.id))
    .where(*_LATER, LeadEvent.at < _until, or_(*(col(LeadEvent.kind) == kind for kind in COUNTED)))
    .where(LeadEvent.via != IMPORT)
    .where(col(LeadEvent.id).not_in(_UNDONE.where(col(LeadEvent.reverses_id).is_not(None))))
    .group_by(col(Lead.source), col(LeadEvent.kind))
)
_IMPORTED = Query(
    select(func.count())
    .select_from(LeadEvent)
    .where(*_LATER, LeadEvent.at < _until, LeadEvent.kind == "add", LeadEvent.via == IMPORT)
)


def count_deeds(session: Session, workspace_id: int, since: datetime, until: datetime) -> Sequence[Deeds]:
    """What people, messages and programs did, as the log has it, without what was undone and what was imported."""
    return [Deeds(*found) for found in _DEEDS.all(session, workspace_id=workspace_id, since=since, until=until)]


def count_answered(session: Session, workspace_id: int, since: datetime, until: datetime) -> tuple[int, int]:
    """How many leads were accepted then, and how many rejected, wherever it was said first: here or in a CRM."""
    accepted, closed = col(Lead.accepted_at), col(Lead.closed_at)
    was = func.coalesce(col(Lead.wiped_from), col(Lead.state))
    counts = (
        func.count(case((and_(accepted >= since, accepted < until), 1))),
        func.count(case((and_(was == "REJECTED", closed >= since, closed < until), 1))),
    )
    n, rejected = session.exec(select(*counts).where(Lead.workspace_id == workspace_id)).one()
    return n, rejected


def count_imported(session: Session, workspace_id: int, since: datetime, until: datetime) -> int:
    """How many leads came from files."""
    return _IMPORTED.one(session, workspace_id=workspace_id, since=since, until=until)


class CodeSaid(NamedTuple):
    """A code, how often it was said, and the newest feedback that says it in somebody's own words."""

    code: str
    n: int
    feedback_id: int | None


_SAID = Query(
    select(Feedback.code, func.count(), func.max(case((col(Feedback.note) != "", col(Feedback.id)))))
    .where(Feedback.workspace_id == bindparam("workspace_id"), Feedback.given_at >= _since, Feedback.given_at < _until)
    .where(col(Feedback.withdrawn_at).is_(None), col(Feedback.code).is_not(None))
    .group_by(col(Feedback.code))
    .order_by(func.count().desc(), col(Feedback.code))
)


def codes_said(session: Session, workspace_id: int, since: datetime, until: datetime) -> Sequence[CodeSaid]:
    """The most frequent first; what was withdrawn does not count."""
    return [CodeSaid(*found) for found in _SAID.all(session, workspace_id=workspace_id, since=since, until=until)]


class Answered(NamedTuple):
    """A decision, and how many reporters have it as a receipt."""

    decision_id: int
    reporters: int


_reporters = func.count(col(Receipt.id))
_MADE = Query(
    select(Decision.id, _reporters)
    .join(Receipt, col(Receipt.decision_id) == col(Decision.id), isouter=True)
    .where(Decision.workspace_id == bindparam("workspace_id"))
    .where(Decision.decided_at >= _since, Decision.decided_at < _until)
    .group_by(col(Decision.id))
    .order_by(_reporters.desc(), col(Decision.id))
)
_UNANSWERED = Query(
    select(Question)
    .where(Question.workspace_id == bindparam("workspace_id"))
    .where(col(Question.answered_at).is_(None), col(Question.withdrawn_at).is_(None))
    .order_by(col(Question.id))
    .limit(bindparam("limit"))
)


def decisions_made(session: Session, workspace_id: int, since: datetime, until: datetime) -> Sequence[Answered]:
    """Marketing's answers, the one that concerns most people first."""
    return [Answered(*found) for found in _MADE.all(session, workspace_id=workspace_id, since=since, until=until)]


def open_questions(session: Session, workspace_id: int, limit: int) -> Sequence[Question]:
    """What sellers asked and marketing has not answered, the oldest first."""
    return _UNANSWERED.all(session, workspace_id=workspace_id, limit=limit)
