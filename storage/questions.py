"""Questions about leads: what sales needs to know from marketing before it can go on."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Index, text, type_coerce
from sqlmodel import Field, Session, bindparam, col, func, select

from storage.statements import Query
from storage.tables import Instant, Row, find

_OPEN = text("answered_at IS NULL AND withdrawn_at IS NULL")


class Question(Row, table=True):
    __table_args__ = (Index("ix_question_open", "workspace_id", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    lead_id: int = Field(foreign_key="lead.id", index=True)
    cycle: int
    asker_id: int = Field(foreign_key="member.id")
    via: str
    text: str | None = None  # None: by a reaction, which says no more than that something is missing
    asked_at: datetime = Field(sa_type=Instant)
    posted_at: datetime | None = Field(default=None, sa_type=Instant)  # None: there was nobody to ask yet
    answerer_id: int | None = Field(default=None, foreign_key="member.id")
    answer: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.withdrawn_at is None


_NEWEST = Query(
    select(Question)
    .where(Question.workspace_id == bindparam("workspace_id"), Question.lead_id == bindparam("lead_id"))
    .where(col(Question.withdrawn_at).is_(None))
    .order_by(col(Question.id).desc())
    .limit(1)
)


def find_question(session: Session, workspace_id: int, question_id: int) -> Question | None:
    return find(session, Question, workspace_id, question_id)


def newest_question(session: Session, workspace_id: int, lead_id: int) -> Question | None:
    """The last question about a lead that was not withdrawn."""
    return _NEWEST.first(session, workspace_id=workspace_id, lead_id=lead_id)


Pause = tuple[datetime, datetime | None]  # None: it lasts


def pauses_of(session: Session, workspace_id: int, lead_ids: Collection[int]) -> dict[int, tuple[Pause, ...]]:
    """When the clocks of these leads waited for marketing's answer."""
    ended_at = func.coalesce(col(Question.answered_at), col(Question.withdrawn_at))
    query = select(Question.lead_id, Question.asked_at, type_coerce(ended_at, Instant))
    query = query.where(Question.workspace_id == workspace_id, col(Question.lead_id).in_(lead_ids))
    pauses: dict[int, tuple[Pause, ...]] = {}
    for lead_id, *pause in session.exec(query.order_by(col(Question.id))):
        pauses[lead_id] = (*pauses.get(lead_id, ()), (pause[0], pause[1]))
    return pauses


def questions_without_card(session: Session, workspace_id: int, limit: int) -> Sequence[Question]:
    """Open questions that could not be put to anybody, oldest first."""
    waiting = (col(Question.posted_at).is_(None), col(Question.answered_at).is_(None))
    query = select(Question).where(Question.workspace_id == workspace_id, *waiting)
    query = query.where(col(Question.withdrawn_at).is_(None)).order_by(col(Question.id)).limit(limit)
    return session.exec(query.with_for_update(skip_locked=True, key_share=True)).all()
