"""Ideas for improvement: what is proposed, who is for it, and what became of it after 30, 60 and 90 days."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Session, UniqueConstraint, col, delete, func, select
from sqlmodel.sql.sqltypes import AutoString

from storage.tables import Instant, Row, add_if_absent, find


class Fate(StrEnum):
    """How it stands with an idea."""

    PROPOSED = "proposed"
    TESTING = "testing"
    ADOPTED = "adopted"
    DROPPED = "dropped"
    FORGOTTEN = "forgotten"  # nobody could say, after 90 days


class GembaIdea(Row, table=True):
    """A small A3: background, how it works now, why so, countermeasure, owner, date, measure before and after."""

    __tablename__ = "gemba_idea"
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    reflection_id: int | None = Field(default=None, foreign_key="gemba_reflection.id")
    author_id: int = Field(foreign_key="member.id")
    owner_id: int = Field(foreign_key="member.id")
    title: str
    background: str
    current: str
    why: str
    countermeasure: str
    due_on: date
    measure: str
    before: str
    after: str = ""
    fate: Fate = Field(default=Fate.PROPOSED, sa_type=AutoString)
    dropped_because: str = ""
    proposed_at: datetime = Field(sa_type=Instant)


class GembaVote(Row, table=True):
    __tablename__ = "gemba_vote"
    idea_id: int = Field(foreign_key="gemba_idea.id", primary_key=True)
    member_id: int = Field(foreign_key="member.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")


class GembaFollowUp(Row, table=True):
    """What the owner was asked so many days after an idea was proposed, and what they said."""

    __tablename__ = "gemba_follow_up"
    __table_args__ = (UniqueConstraint("idea_id", "day"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    idea_id: int = Field(foreign_key="gemba_idea.id")
    day: int  # 30, 60 or 90
    fate: str | None = None  # None: not answered
    asked_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


def find_idea(session: Session, workspace_id: int, idea_id: int) -> GembaIdea | None:
    return find(session, GembaIdea, workspace_id, idea_id)


def ideas(session: Session, workspace_id: int) -> Sequence[GembaIdea]:
    """All, the newest first."""
    query = select(GembaIdea).where(GembaIdea.workspace_id == workspace_id)
    return session.exec(query.order_by(col(GembaIdea.id).desc())).all()


def ideas_owned(session: Session, workspace_id: int, owner_id: int) -> Sequence[GembaIdea]:
    query = select(GembaIdea).where(GembaIdea.workspace_id == workspace_id, GembaIdea.owner_id == owner_id)
    return session.exec(query.order_by(col(GembaIdea.id).desc())).all()


def vote_for(session: Session, workspace_id: int, idea_id: int, member_id: int) -> bool:
    """Whether it is their first word for it."""
    return add_if_absent(session, GembaVote(idea_id=idea_id, member_id=member_id, workspace_id=workspace_id))


def take_vote_back(session: Session, workspace_id: int, idea_id: int, member_id: int) -> None:
    of_idea = (col(GembaVote.workspace_id) == workspace_id, col(GembaVote.idea_id) == idea_id)
    session.exec(delete(GembaVote).where(*of_idea, col(GembaVote.member_id) == member_id))


def count_votes_for(session: Session, workspace_id: int) -> dict[int, int]:
    """By idea."""
    query = select(GembaVote.idea_id, func.count()).where(GembaVote.workspace_id == workspace_id)
    return dict(session.exec(query.group_by(col(GembaVote.idea_id))).all())


def follow_ups_on(session: Session, workspace_id: int, idea_id: int) -> Sequence[GembaFollowUp]:
    """What was asked of an idea, the first first."""
    query = select(GembaFollowUp).where(GembaFollowUp.workspace_id == workspace_id, GembaFollowUp.idea_id == idea_id)
    return session.exec(query.order_by(col(GembaFollowUp.day))).all()


def find_follow_up(session: Session, workspace_id: int, follow_up_id: int) -> GembaFollowUp | None:
    return find(session, GembaFollowUp, workspace_id, follow_up_id)
