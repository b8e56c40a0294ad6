"""What sellers say of leads, campaigns and the market, and the codes they say it with."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Index
from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, select

from storage.statements import Query
from storage.tables import Instant, Row, find


class FeedbackCode(Row, table=True):
    """A workspace's change to a code, or a code of its own. Never deleted: old feedback refers to it."""

    __tablename__ = "feedback_code"
    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    code: str = Field(primary_key=True)
    label: str
    is_hidden: bool = False


class Feedback(Row, table=True):
    __table_args__ = (
        Index("ix_feedback_author", "workspace_id", "author_id", "given_at"),
        Index("ix_feedback_given", "workspace_id", "given_at"),
        Index("ix_feedback_lead", "lead_id", "author_id", "code", "given_at"),
        UniqueConstraint("workspace_id", "source_channel", "source_ts"),
    )
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    case_id: int | None = Field(default=None, foreign_key="feedback_case.id", index=True)  # where marketing answers it
    lead_id: int | None = Field(default=None, foreign_key="lead.id")
    cycle: int | None = None
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")  # of the lead, or the one it is about
    code: str | None = None
    meaning: str | None = None  # the workspace's own wording then; None: the code's standard label
    note: str = ""
    quote: str | None = None  # the message it was given on
    link: str | None = None
    wake_on: date | None = None
    author_id: int = Field(foreign_key="member.id")
    via: str
    reaction: str | None = None  # the reaction that prompted it; taking it away withdraws it
    is_opinion: bool = False  # the lead's state did not follow
    given_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    source_channel: str | None = None  # the thread reply it was written as
    source_ts: str | None = None


_OWN_CODES = Query(
    select(FeedbackCode.code, FeedbackCode.label, FeedbackCode.is_hidden)
    .where(FeedbackCode.workspace_id == bindparam("workspace_id"))
    .order_by(col(FeedbackCode.code))
)
_WRITTEN_AS = Query(
    select(Feedback)
    .where(Feedback.workspace_id == bindparam("workspace_id"))
    .where(Feedback.source_channel == bindparam("channel"), Feedback.source_ts == bindparam("ts"))
)
_REPEATED = Query(
    select(Feedback)
    .where(Feedback.workspace_id == bindparam("workspace_id"), Feedback.author_id == bindparam("author_id"))
    .where(col(Feedback.lead_id).is_not_distinct_from(bindparam("lead_id")))
    .where(col(Feedback.campaign_id).is_not_distinct_from(bindparam("campaign_id")))
    .where(col(Feedback.code).is_not_distinct_from(bindparam("code")), Feedback.note == bindparam("note"))
    .where(Feedback.given_at >= bindparam("since"), col(Feedback.withdrawn_at).is_(None))
    .order_by(col(Feedback.given_at).desc(), col(Feedback.id).desc())
    .limit(1)
)
_ON_LEAD = Query(
    select(Feedback)
    .where(Feedback.workspace_id == bindparam("workspace_id"), Feedback.lead_id == bindparam("lead_id"))
    .order_by(col(Feedback.id))
)


def own_codes(session: Session, workspace_id: int) -> list[tuple[str, str, bool]]:
    """The workspace's changes to the codes: code, label, is_hidden."""
    return _OWN_CODES.all(session, workspace_id=workspace_id)


def find_own_code(session: Session, workspace_id: int, code: str) -> FeedbackCode | None:
    query = select(FeedbackCode).where(FeedbackCode.workspace_id == workspace_id, FeedbackCode.code == code)
    return session.exec(query).one_or_none()


def find_feedback(session: Session, workspace_id: int, feedback_id: int) -> Feedback | None:
    return find(session, Feedback, workspace_id, feedback_id)


def find_written_as(session: Session, workspace_id: int, channel: str, ts: str) -> Feedback | None:
    """The feedback that is this message."""
    return _WRITTEN_AS.first(session, workspace_id=workspace_id, channel=channel, ts=ts)


def find_repeated(session: Session, feedback: Feedback, within: timedelta) -> Feedback | None:
    """The same words by the same author about the same thing, a moment ago."""
    said = {name: getattr(feedback, name) for name in ("workspace_id", "author_id", "lead_id", "campaign_id", "code")}
    return _REPEATED.first(session, **said, note=feedback.note, since=feedback.given_at - within)


def feedback_on(session: Session, workspace_id: int, lead_id: int) -> Sequence[Feedback]:
    """What was said of a lead, oldest first, withdrawn words too."""
    return _ON_LEAD.all(session, workspace_id=workspace_id, lead_id=lead_id)


def prompted_by(session: Session, workspace_id: int, lead_id: int, author_id: int, reaction: str) -> Feedback | None:
    """The feedback that this member's reaction led to, if it stands."""
    of_author = (Feedback.workspace_id == workspace_id, Feedback.author_id == author_id)
    of_lead = (Feedback.lead_id == lead_id, Feedback.reaction == reaction, col(Feedback.withdrawn_at).is_(None))
    return session.exec(select(Feedback).where(*of_author, *of_lead).order_by(col(Feedback.id).desc())).first()


def feedback_by(session: Session, workspace_id: int, author_id: int, limit: int) -> Sequence[Feedback]:
    """What a member said, newest first, without what they withdrew."""
    of_author = (Feedback.workspace_id == workspace_id, Feedback.author_id == author_id)
    query = select(Feedback).where(*of_author, col(Feedback.withdrawn_at).is_(None))
    return session.exec(query.order_by(col(Feedback.given_at).desc(), col(Feedback.id).desc()).limit(limit)).all()
