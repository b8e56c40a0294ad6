"""Gemba, job swaps: the rounds, who signed up for them and what for, and who wants to be asked at all."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, delete, func, or_, select, update
from sqlmodel.sql.sqltypes import AutoString

from storage.people import Member, Side
from storage.statements import Query
from storage.tables import Instant, Row, add_if_absent, find


class Stage(StrEnum):
    """How far a round has come."""

    HEADS = "heads"  # only they are asked yet
    OPEN = "open"  # everybody may sign up
    RUNNING = "running"  # matched; who comes or is free again is matched anew
    ENDED = "ended"


class GembaPlan(Row, table=True):
    """How rounds are to be, from the next one on. When they begin by themselves is said by a schedule."""

    __tablename__ = "gemba_plan"
    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    organiser_id: int | None = Field(default=None, foreign_key="member.id")  # beside the admins
    no_repeat: int = 3  # rounds in which two who swapped do not meet again
    sign_up_days: int = 7
    visit_weeks: int = 3
    formats: str  # "ride_along,half_day"


class GembaRound(Row, table=True):
    __tablename__ = "gemba_round"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    number: int
    stage: Stage = Field(default=Stage.HEADS, sa_type=AutoString)
    formats: str
    no_repeat: int
    begun_by: int | None = Field(default=None, foreign_key="member.id")  # None: by its schedule
    begun_at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)  # when it is matched
    first_on: date  # the days on which visits can be
    last_on: date
    version: int = 1  # grows with whatever another matching would take into account

    @property
    def seed(self) -> int:
        """What decides where two matchings are equally good: the same for all of a round, so a preview comes true."""
        return self.number


class Wish(StrEnum):
    """What somebody said to a round."""

    ASKED = "asked"  # nothing yet
    SIGNED_UP = "signed_up"
    EXCUSED = "excused"  # a head who cannot, and says why
    WITHDRAWN = "withdrawn"
    SILENT = "silent"  # signed up, and then said nothing to a swap


class GembaSignUp(Row, table=True):
    """What somebody wants to see in a round, and what they offer as a host. `wish` is a Wish."""

    __tablename__ = "gemba_sign_up"
    __table_args__ = (UniqueConstraint("round_id", "member_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    round_id: int = Field(foreign_key="gemba_round.id")
    member_id: int = Field(foreign_key="member.id", index=True)
    wish: str = Wish.ASKED
    role: str = ""
    level: int = 2  # 1: assistant ... 5: head
    wished_roles: str = ""  # "sdr,events"; so are the others
    wished_themes: str = ""
    offered_themes: str = ""
    formats: str = ""
    languages: str = ""
    free: str = ""  # half-days where the member is: "2026-12-07am,2026-12-08pm"
    curious: str = ""  # in their words
    job: str = ""
    place: str = ""  # where they can be visited; empty: only remotely
    is_remote: bool = True
    capacity: int = 1
    off_limits: str = ""
    excuse: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    left_out_at: datetime | None = Field(default=None, sa_type=Instant)  # by the last matching
    reasons: str = "[]"  # JSON, of being left out
    offer: str | None = None  # the next-best: "ride_along", "other_date", "other_hours", or "asked" once they took it
    offer_host_id: int | None = Field(default=None, foreign_key="member.id")
    offer_begins_at: datetime | None = Field(default=None, sa_type=Instant)
    offer_ends_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)  # its end was noted in their standing


class GembaAvoidance(Row, table=True):
    """Whom somebody would rather not be matched with; nobody else is told."""

    __tablename__ = "gemba_avoidance"
    member_id: int = Field(foreign_key="member.id", primary_key=True)
    avoided_id: int = Field(foreign_key="member.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")


class GembaStanding(Row, table=True):
    """How it has gone for somebody, from round to round."""

    __tablename__ = "gemba_standing"
    member_id: int = Field(foreign_key="member.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    snoozed_until: date | None = None
    silent_rounds: int = 0  # in a row, in which they were asked and said nothing
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    waited: int = 0  # rounds in a row in which they were left out


class GembaProposal(Row, table=True):
    """Some of what a matching proposes, until the people are asked; void once the round has another version."""

    __tablename__ = "gemba_proposal"
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    round_id: int = Field(foreign_key="gemba_round.id")
    version: int
    content: str  # JSON: ids, instants and codes


_ROUNDS = Query(
    select(GembaRound)
    .where(GembaRound.workspace_id == bindparam("workspace_id"))
    .order_by(col(GembaRound.number).desc())
)
_RUNNING = Query(
    select(GembaRound)
    .where(GembaRound.workspace_id == bindparam("workspace_id"), GembaRound.stage != Stage.ENDED)
    .order_by(col(GembaRound.number).desc())
)


def current_round(session: Session, workspace_id: int) -> GembaRound | None:
    """The newest one that has not ended."""
    return _RUNNING.first(session, workspace_id=workspace_id)


def find_round(session: Session, workspace_id: int, round_id: int) -> GembaRound | None:
    return find(session, GembaRound, workspace_id, round_id)


def count_rounds(session: Session, workspace_id: int) -> int:
    query = select(func.count()).select_from(GembaRound).where(GembaRound.workspace_id == workspace_id)
    return session.exec(query).one()


def rounds(session: Session, workspace_id: int) -> Sequence[GembaRound]:
    """All, the newest first."""
    return _ROUNDS.all(session, workspace_id=workspace_id)


def note_change(session: Session, workspace_id: int, round_id: int) -> None:
    """What was matched before no longer holds."""
    of_round = (col(GembaRound.workspace_id) == workspace_id, col(GembaRound.id) == round_id)
    session.exec(update(GembaRound).where(*of_round).values(version=GembaRound.version + 1))


def find_gemba_plan(session: Session, workspace_id: int) -> GembaPlan | None:
    return session.exec(select(GembaPlan).where(GembaPlan.workspace_id == workspace_id)).one_or_none()


# Sign-ups

_OF_ROUND = (GembaSignUp.workspace_id == bindparam("workspace_id"), GembaSignUp.round_id == bindparam("round_id"))
_SIGN_UP = Query(select(GembaSignUp).where(*_OF_ROUND, GembaSignUp.member_id == bindparam("member_id")))
_SIGN_UPS = Query(select(GembaSignUp).where(*_OF_ROUND).order_by(col(GembaSignUp.id)))
_WISHED = Query(
    select(GembaSignUp).where(*_OF_ROUND, GembaSignUp.wish == bindparam("wish")).order_by(col(GembaSignUp.id))
)


def sign_up_of(session: Session, workspace_id: int, round_id: int, member_id: int) -> GembaSignUp | None:
    return _SIGN_UP.first(session, workspace_id=workspace_id, round_id=round_id, member_id=member_id)


def find_sign_up(session: Session, workspace_id: int, sign_up_id: int) -> GembaSignUp | None:
    return find(session, GembaSignUp, workspace_id, sign_up_id)


def sign_ups(session: Session, workspace_id: int, round_id: int, wish: str | None = None) -> Sequence[GembaSignUp]:
    """Those of a round who said this, or all, in the order they were asked or came."""
    if wish is None:
        return _SIGN_UPS.all(session, workspace_id=workspace_id, round_id=round_id)
    return _WISHED.all(session, workspace_id=workspace_id, round_id=round_id, wish=wish)


def count_sign_ups(session: Session, workspace_id: int, round_id: int, wish: str) -> dict[Side, int]:
    """How many of each side said this."""
    query = select(Member.side, func.count()).join(GembaSignUp, col(GembaSignUp.member_id) == col(Member.id))
    of_round = (GembaSignUp.workspace_id == workspace_id, GembaSignUp.round_id == round_id)
    query = query.where(*of_round, GembaSignUp.wish == wish).group_by(col(Member.side))
    return {Side(side): n for side, n in session.exec(query) if side}


def last_sign_up(session: Session, workspace_id: int, member_id: int) -> GembaSignUp | None:
    """The newest of any round in which they took part: what a new form begins with."""
    query = select(GembaSignUp).where(GembaSignUp.workspace_id == workspace_id, GembaSignUp.member_id == member_id)
    return session.exec(query.where(GembaSignUp.free != "").order_by(col(GembaSignUp.id).desc()).limit(1)).first()


def to_invite(
    session: Session, workspace_id: int, last_round_id: int, round_id: int, today: date, limit: int
) -> Sequence[Member]:
    """Who took part in one round, or was asked, and is not yet in another; without those who want to be left alone."""
    asked, state = aliased(GembaSignUp), GembaStanding
    is_in = exists().where(asked.round_id == round_id, asked.member_id == col(Member.id))  # type: ignore[arg-type]
    snoozes = or_(col(state.paused_at).is_not(None), col(state.snoozed_until) > today)
    is_left_alone = exists().where(col(state.member_id) == col(Member.id), snoozes)
    query = select(Member).join(GembaSignUp, col(GembaSignUp.member_id) == col(Member.id))
    query = query.where(Member.workspace_id == workspace_id, GembaSignUp.round_id == last_round_id)
    query = query.where(col(Member.belongs).is_(True), ~is_in, ~is_left_alone)
    return session.exec(query.order_by(col(Member.id)).limit(limit)).all()


def unsettled(session: Session, workspace_id: int, round_id: int, limit: int) -> Sequence[GembaSignUp]:
    """Those of a round that ended whose end was not noted yet."""
    of_round = (GembaSignUp.workspace_id == workspace_id, GembaSignUp.round_id == round_id)
    query = select(GembaSignUp).where(*of_round, col(GembaSignUp.settled_at).is_(None))
    return session.exec(query.order_by(col(GembaSignUp.id)).limit(limit)).all()


# Who wants to be asked, and whom they avoid


_STANDING = Query(
    select(GembaStanding)
    .where(GembaStanding.workspace_id == bindparam("workspace_id"))
    .where(GembaStanding.member_id == bindparam("member_id"))
)
_AVOIDED = Query(
    select(GembaAvoidance.avoided_id)
    .where(GembaAvoidance.workspace_id == bindparam("workspace_id"))
    .where(GembaAvoidance.member_id == bindparam("member_id"))
    .order_by(col(GembaAvoidance.avoided_id))
)


def standing(session: Session, workspace_id: int, member_id: int) -> GembaStanding:
    add_if_absent(session, GembaStanding(member_id=member_id, workspace_id=workspace_id))
    return _STANDING.one(session, workspace_id=workspace_id, member_id=member_id)


def find_standing(session: Session, workspace_id: int, member_id: int) -> GembaStanding | None:
    return _STANDING.first(session, workspace_id=workspace_id, member_id=member_id)


def standings(session: Session, workspace_id: int) -> dict[int, GembaStanding]:
    """By member."""
    query = select(GembaStanding).where(GembaStanding.workspace_id == workspace_id)
    return {found.member_id: found for found in session.exec(query)}


def avoidances(session: Session, workspace_id: int) -> Sequence[tuple[int, int]]:
    """Who would rather not meet whom."""
    query = select(GembaAvoidance.member_id, GembaAvoidance.avoided_id)
    query = query.where(GembaAvoidance.workspace_id == workspace_id)
    return session.exec(query.order_by(col(GembaAvoidance.member_id), col(GembaAvoidance.avoided_id))).all()


def avoided_by(session: Session, workspace_id: int, member_id: int) -> Sequence[int]:
    return _AVOIDED.all(session, workspace_id=workspace_id, member_id=member_id)


def avoid(session: Session, workspace_id: int, member_id: int, avoided_id: int) -> None:
    add_if_absent(session, GembaAvoidance(member_id=member_id, avoided_id=avoided_id, workspace_id=workspace_id))


def avoid_no_more(session: Session, workspace_id: int, member_id: int, avoided_id: int) -> None:
    of_member = (col(GembaAvoidance.workspace_id) == workspace_id, col(GembaAvoidance.member_id) == member_id)
    session.exec(delete(GembaAvoidance).where(*of_member, col(GembaAvoidance.avoided_id) == avoided_id))


def forget_avoidances(session: Session, workspace_id: int, member_id: int) -> None:
    """Of and by a member."""
    theirs = or_(col(GembaAvoidance.member_id) == member_id, col(GembaAvoidance.avoided_id) == member_id)
    session.exec(delete(GembaAvoidance).where(col(GembaAvoidance.workspace_id) == workspace_id, theirs))


# What a matching proposes


def find_proposal(session: Session, workspace_id: int, proposal_id: int) -> GembaProposal | None:
    return find(session, GembaProposal, workspace_id, proposal_id)


def forget_proposals(session: Session, workspace_id: int, round_id: int) -> None:
    of_round = (col(GembaProposal.workspace_id) == workspace_id, col(GembaProposal.round_id) == round_id)
    session.exec(delete(GembaProposal).where(*of_round))


def are_proposals_left(session: Session, workspace_id: int, round_id: int) -> bool:
    of_round = (GembaProposal.workspace_id == workspace_id, GembaProposal.round_id == round_id)
    return session.exec(select(GembaProposal.id).where(*of_round).limit(1)).first() is not None
