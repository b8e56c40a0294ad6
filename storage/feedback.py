"""What sellers say of leads, campaigns and the market, and the codes they say it with."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, bindparam, col, select

from storage.tables import Instant, find


class FeedbackCode(SQLModel, table=True):
    """A workspace's change to a code, or a code of its own. Never deleted: old feedback refers to it."""

    __tablename__ = "feedback_code"
    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    code: str = Field(primary_key=True)
    label: str
    is_hidden: bool = False


class Feedback(SQLModel, table=True):
    __table_args__ = (
        Index("ix_feedback_author", "workspace_id", "author_id", "given_at"),
        UniqueConstraint("workspace_id", "source_channel", "source_ts"),
    )
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    case_id: int | None = Field(default=None, foreign_key="feedback_case.id", index=True)  # where marketing answers it
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
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


_OWN_CODES = select(FeedbackCode.code, FeedbackCode.label, FeedbackCode.is_hidden).where(
    FeedbackCode.workspace_id == bindparam("workspace_id")
)


def own_codes(session: Session, workspace_id: int) -> list[tuple[str, str, bool]]:
    """The workspace's changes to the codes: code, label, is_hidden."""
    found = session.exec(_OWN_CODES, params={"workspace_id": workspace_id})
    return [(code, label, is_hidden) for code, label, is_hidden in found]


def find_own_code(session: Session, workspace_id: int, code: str) -> FeedbackCode | None:
    query = select(FeedbackCode).where(FeedbackCode.workspace_id == workspace_id, FeedbackCode.code == code)
    return session.exec(query).one_or_none()


def find_feedback(session: Session, workspace_id: int, feedback_id: int) -> Feedback | None:
    return find(session, Feedback, workspace_id, feedback_id)


def find_written_as(session: Session, workspace_id: int, channel: str, ts: str) -> Feedback | None:
    """The feedback that is this message."""
    source = (Feedback.source_channel == channel, Feedback.source_ts == ts)
    return session.exec(select(Feedback).where(Feedback.workspace_id == workspace_id, *source)).one_or_none()


def find_repeated(session: Session, feedback: Feedback, within: timedelta) -> Feedback | None:
    """The same words by the same author about the same thing, a moment ago."""
    same = (
        Feedback.workspace_id == feedback.workspace_id,
        Feedback.author_id == feedback.author_id,
        Feedback.lead_id == feedback.lead_id,
        Feedback.campaign_id == feedback.campaign_id,
        Feedback.code == feedback.code,
        Feedback.note == feedback.note,
        Feedback.given_at >= feedback.given_at - within,
        col(Feedback.withdrawn_at).is_(None),
    )
    return session.exec(select(Feedback).where(*same).order_by(col(Feedback.given_at).desc())).first()


def feedback_on(session: Session, workspace_id: int, lead_id: int) -> Sequence[Feedback]:
    """What was said of a lead, oldest first, withdrawn words too."""
    query = select(Feedback).where(Feedback.workspace_id == workspace_id, Feedback.lead_id == lead_id)
    return session.exec(query.order_by(col(Feedback.id))).all()


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
