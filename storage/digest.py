"""Digests: what each channel wants to be told daily, what it was told, and what people did with the open items."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from sqlalchemy import Index
from sqlmodel import Field, Session, UniqueConstraint, and_, bindparam, col, delete, func, or_, select, update
from sqlmodel.sql.sqltypes import AutoString

from storage.channels import Channel
from storage.schedules import Schedule
from storage.statements import Query
from storage.tables import Instant, Row, add_if_absent, find


class Outcome(StrEnum):
    """What became of the digest of a date."""

    TOLD = "told"
    QUIET = "quiet"  # there was nothing to tell, and the channel wants no word about that
    SKIPPED = "skipped"  # Parley was down for too long


class DigestPlan(Row, table=True):
    """What a channel wants. When is said by its schedule; without one it gets no digest."""

    __tablename__ = "digest_plan"
    channel_id: int = Field(foreign_key="channel.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    sections: str  # "numbers,codes"
    says_when_empty: bool = True


class Digest(Row, table=True):
    """What a channel was told on a date, about the days before. What people wrote is not in it: see Told."""

    __table_args__ = (UniqueConstraint("channel_id", "local_on"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    channel_id: int = Field(foreign_key="channel.id")
    local_on: date  # the nominal date
    first_on: date  # the first of the days it tells of; the last is the day before `local_on`
    outcome: Outcome = Field(sa_type=AutoString)
    sections: str = ""
    facts: str = "{}"  # JSON: figures, and ids of items and members
    late_minutes: int = 0
    before_id: int | None = Field(default=None, foreign_key="digest.id", index=True)  # whose items it tells the end of
    built_at: datetime = Field(sa_type=Instant, index=True)


class Told(Row, table=True):
    """A word or an answer that a digest repeats, as it stands then: how often a code was said, and one who said it."""

    __table_args__ = (UniqueConstraint("digest_id", "section", "place"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    digest_id: int = Field(default=None, foreign_key="digest.id", nullable=False)  # known once the digest is stored
    section: str
    place: int
    code: str | None = None
    count: int = 1
    feedback_id: int | None = Field(default=None, foreign_key="feedback.id")
    decision_id: int | None = Field(default=None, foreign_key="decision.id")


class Thing(NamedTuple):
    """What an item is about: the same again is the same thing to do."""

    subject: str
    subject_id: int
    cycle: int
    to_do: str


class DigestItem(Row, table=True):
    """An open item: a message of its own in the thread. `to_do`: the clock it stops, or Q: a question to answer."""

    __tablename__ = "digest_item"
    __table_args__ = (
        UniqueConstraint("digest_id", "place"),
        Index("ix_digest_item_subject", "workspace_id", "subject", "subject_id"),
    )
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    digest_id: int = Field(foreign_key="digest.id")
    place: int
    subject: str  # "lead" or "case"
    subject_id: int
    cycle: int
    to_do: str
    at: datetime = Field(sa_type=Instant)

    @property
    def thing(self) -> Thing:
        return Thing(self.subject, self.subject_id, self.cycle, self.to_do)


class Deed(StrEnum):
    """What somebody does with an open item."""

    TAKE = "take"
    DONE = "done"
    LOOK = "look"
    NOT_TODAY = "not_today"


class DigestAct(Row, table=True):
    """A member's deed on an item, as long as it is not taken back. `kind` is a Deed."""

    __tablename__ = "digest_act"
    __table_args__ = (
        UniqueConstraint("item_id", "member_id", "kind"),
        Index("ix_digest_act_kind", "workspace_id", "kind", "at"),
    )
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    item_id: int = Field(foreign_key="digest_item.id")
    member_id: int = Field(foreign_key="member.id")
    kind: str
    at: datetime = Field(sa_type=Instant)
    event_id: int | None = Field(default=None, foreign_key="lead_event.id")  # what it did to the lead


class DigestVote(Row, table=True):
    """Whether a digest was of use to a member."""

    __tablename__ = "digest_vote"
    digest_id: int = Field(foreign_key="digest.id", primary_key=True)
    member_id: int = Field(foreign_key="member.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    is_useful: bool


_IN_DIGEST = Query(
    select(DigestPlan.channel_id)
    .join(Schedule, (col(Schedule.subject_id) == DigestPlan.channel_id) & (col(Schedule.kind) == "digest"))
    .join(Channel, col(Channel.id) == DigestPlan.channel_id)
    .where(DigestPlan.workspace_id == bindparam("workspace_id"), Schedule.workspace_id == bindparam("workspace_id"))
    .where(col(Channel.left_at).is_(None), col(Channel.is_shared).is_(False), col(Channel.purpose).is_not(None))
    .where(("," + col(DigestPlan.sections) + ",").contains(bindparam("section")))
)


def is_in_digest(session: Session, workspace_id: int, section: str) -> bool:
    """Whether some channel, in which no other organisation reads along, gets a digest with this section."""
    return _IN_DIGEST.first(session, workspace_id=workspace_id, section=f",{section},") is not None


_PLAN = Query(
    select(DigestPlan)
    .where(DigestPlan.workspace_id == bindparam("workspace_id"))
    .where(DigestPlan.channel_id == bindparam("channel_id"))
)


def find_plan(session: Session, workspace_id: int, channel_id: int) -> DigestPlan | None:
    return _PLAN.first(session, workspace_id=workspace_id, channel_id=channel_id)


def keep_plan(session: Session, plan: DigestPlan) -> None:
    """Remember what a channel wants from now on."""
    if not add_if_absent(session, plan) and (known := find_plan(session, plan.workspace_id, plan.channel_id)):
        known.sections, known.says_when_empty = plan.sections, plan.says_when_empty


def find_digest(session: Session, workspace_id: int, digest_id: int) -> Digest | None:
    return find(session, Digest, workspace_id, digest_id)


_OF_CHANNEL = select(Digest).where(
    Digest.workspace_id == bindparam("workspace_id"), Digest.channel_id == bindparam("channel_id")
)
_ON = Query(_OF_CHANNEL.where(Digest.local_on == bindparam("local_on")))
_SKIPPED = Query(
    _OF_CHANNEL.where(Digest.outcome == Outcome.SKIPPED, Digest.local_on > bindparam("after")).order_by(
        col(Digest.local_on)
    )
)


@cache
def _last(*outcomes: Outcome) -> Query[Digest]:
    became = or_(*(col(Digest.outcome) == outcome for outcome in outcomes))
    return Query(_OF_CHANNEL.where(became).order_by(col(Digest.local_on).desc()).limit(1))


def digest_on(session: Session, workspace_id: int, channel_id: int, local_on: date) -> Digest | None:
    return _ON.first(session, workspace_id=workspace_id, channel_id=channel_id, local_on=local_on)


def last_digest(session: Session, workspace_id: int, channel_id: int, outcomes: tuple[Outcome, ...]) -> Digest | None:
    """The newest of a channel of which that became."""
    return _last(*outcomes).first(session, workspace_id=workspace_id, channel_id=channel_id)


def skipped_since(session: Session, workspace_id: int, channel_id: int, after: date | None) -> Sequence[Digest]:
    """Those of later dates that were skipped."""
    return _SKIPPED.all(session, workspace_id=workspace_id, channel_id=channel_id, after=after or date.min)


def told_in(session: Session, workspace_id: int, digest_id: int) -> Sequence[Told]:
    query = select(Told).where(Told.workspace_id == workspace_id, Told.digest_id == digest_id)
    return session.exec(query.order_by(col(Told.section), col(Told.place))).all()


def find_item(session: Session, workspace_id: int, item_id: int) -> DigestItem | None:
    return find(session, DigestItem, workspace_id, item_id)


def items_of(session: Session, workspace_id: int, digest_id: int) -> Sequence[DigestItem]:
    query = select(DigestItem).where(DigestItem.workspace_id == workspace_id, DigestItem.digest_id == digest_id)
    return session.exec(query.order_by(col(DigestItem.place))).all()


_ABOUT = Query(
    select(DigestItem.id)
    .where(DigestItem.workspace_id == bindparam("workspace_id"), DigestItem.subject == bindparam("subject"))
    .where(DigestItem.subject_id == bindparam("subject_id"), DigestItem.at >= bindparam("since", type_=Instant))
    .order_by(col(DigestItem.id))
)


def items_about(session: Session, workspace_id: int, subject: str, subject_id: int, since: datetime) -> Sequence[int]:
    """The ids of the items about this that were posted since then."""
    return _ABOUT.all(session, workspace_id=workspace_id, subject=subject, subject_id=subject_id, since=since)


def acts_on(session: Session, workspace_id: int, item_ids: Collection[int]) -> Sequence[DigestAct]:
    """What was done with these items, the first first."""
    query = select(DigestAct).where(DigestAct.workspace_id == workspace_id, col(DigestAct.item_id).in_(item_ids))
    return session.exec(query.order_by(col(DigestAct.id))).all()


def did_anybody(session: Session, workspace_id: int, kind: str, since: datetime) -> bool:
    """Whether anybody has done this with an open item since then."""
    deeds = (DigestAct.workspace_id == workspace_id, DigestAct.kind == kind, DigestAct.at >= since)
    return session.exec(select(DigestAct.id).where(*deeds).limit(1)).first() is not None


def find_act(session: Session, workspace_id: int, item_id: int, member_id: int, kind: str) -> DigestAct | None:
    of_item = (DigestAct.workspace_id == workspace_id, DigestAct.item_id == item_id)
    query = select(DigestAct).where(*of_item, DigestAct.member_id == member_id, DigestAct.kind == kind)
    return session.exec(query).one_or_none()


_ASIDE = Query(
    select(DigestItem.subject, DigestItem.subject_id, DigestItem.cycle, DigestItem.to_do)
    .join(DigestAct, col(DigestAct.item_id) == col(DigestItem.id))
    .where(DigestAct.workspace_id == bindparam("workspace_id"))
    .where(
        or_(
            DigestAct.kind == Deed.DONE,
            and_(DigestAct.kind == Deed.NOT_TODAY, DigestAct.at >= bindparam("since", type_=Instant)),
        )
    )
)


def put_aside(session: Session, workspace_id: int, today_since: datetime) -> set[Thing]:
    """What somebody says is done, or said since the day began that it is not for today."""
    return {Thing(*found) for found in _ASIDE.all(session, workspace_id=workspace_id, since=today_since)}


def vote(session: Session, workspace_id: int, digest_id: int, member_id: int, is_useful: bool) -> None:
    """The newest word of a member counts."""
    row = DigestVote(workspace_id=workspace_id, digest_id=digest_id, member_id=member_id, is_useful=is_useful)
    if not add_if_absent(session, row):
        of_member = (DigestVote.workspace_id == workspace_id, DigestVote.digest_id == digest_id)
        session.exec(
            select(DigestVote).where(*of_member, DigestVote.member_id == member_id)
        ).one().is_useful = is_useful


def take_vote_back(session: Session, workspace_id: int, digest_id: int, member_id: int, is_useful: bool) -> None:
    """Forget a member's vote, if it still is this one."""
    of_member = (col(DigestVote.workspace_id) == workspace_id, col(DigestVote.digest_id) == digest_id)
    this = (col(DigestVote.member_id) == member_id, col(DigestVote.is_useful).is_(is_useful))
    session.exec(delete(DigestVote).where(*of_member, *this))


def count_votes(session: Session, workspace_id: int, digest_id: int) -> dict[bool, int]:
    """How many found it useful, and how many not."""
    of_digest = (DigestVote.workspace_id == workspace_id, DigestVote.digest_id == digest_id)
    query = select(DigestVote.is_useful, func.count()).where(*of_digest).group_by(col(DigestVote.is_useful))
    return {bool(is_useful): count for is_useful, count in session.exec(query)}


def digests_after(session: Session, workspace_id: int, digest_id: int) -> Sequence[int]:
    """The ids of those that tell what became of this one's items."""
    query = select(Digest.id).where(Digest.workspace_id == workspace_id, Digest.before_id == digest_id)
    return session.exec(query.order_by(col(Digest.id))).all()


def forget_digests(session: Session, before: datetime, limit: int) -> int:
    """Forget digests that were built before then, with all that belongs to them; how many."""
    oldest = select(Digest.id).where(Digest.built_at < before).order_by(col(Digest.built_at)).limit(max(limit // 20, 1))
    gone = session.exec(oldest).all()
    if not gone:
        return 0
    connection = session.connection()
    items = select(DigestItem.id).where(col(DigestItem.digest_id).in_(gone))
    connection.execute(delete(DigestAct).where(col(DigestAct.item_id).in_(items)))
    for table in (DigestItem, Told, DigestVote):
        connection.execute(delete(table).where(col(table.digest_id).in_(gone)))
    connection.execute(update(Digest).where(col(Digest.before_id).in_(gone)).values(before_id=None))
    connection.execute(delete(Digest).where(col(Digest.id).in_(gone)))
    return len(gone)
