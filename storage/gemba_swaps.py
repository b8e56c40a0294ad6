"""Swaps: who is to visit whom and when, whether both agree, what they saw, and what they made of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, func, or_, select
from sqlmodel.sql.sqltypes import AutoString

from storage.gemba import GembaRound
from storage.people import Member, Side
from storage.statements import Query
from storage.tables import Instant, Row, find


class SwapState(StrEnum):
    ASKED = "asked"  # the two are
    AGREED = "agreed"
    DECLINED = "declined"  # by one of them, before both agreed
    RELEASED = "released"  # somebody said nothing
    CANCELLED = "cancelled"  # after both agreed, or because somebody left
    OVER = "over"  # its visits are past


STANDING = (SwapState.ASKED, SwapState.AGREED, SwapState.OVER)  # whoever has one of these needs no other
ENDED = (SwapState.DECLINED, SwapState.RELEASED, SwapState.CANCELLED)


class GembaSwap(Row, table=True):
    """Two who visit each other, or `is_one_way`: one who goes along with the other, the host, for a while."""

    __tablename__ = "gemba_swap"
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    round_id: int = Field(foreign_key="gemba_round.id", index=True)
    one_id: int = Field(foreign_key="member.id", index=True)
    other_id: int = Field(foreign_key="member.id", index=True)
    format: str
    is_one_way: bool = False
    state: SwapState = Field(default=SwapState.ASKED, sa_type=AutoString)
    reasons: str = "[]"  # JSON: why these two
    asked_at: datetime = Field(sa_type=Instant)
    agreed_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: int | None = Field(default=None, foreign_key="member.id")

    @property
    def both(self) -> tuple[int, int]:
        return self.one_id, self.other_id

    def partner_of(self, member_id: int) -> int:
        return self.other_id if member_id == self.one_id else self.one_id


class Said(StrEnum):
    """What one of the two said to a swap."""

    NOTHING = "nothing"
    YES = "yes"
    NO = "no"


class GembaConsent(Row, table=True):
    """One of the two, and what they said: their card is drawn from it. `said` is a Said."""

    __tablename__ = "gemba_consent"
    __table_args__ = (UniqueConstraint("swap_id", "member_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    swap_id: int = Field(foreign_key="gemba_swap.id")
    member_id: int = Field(foreign_key="member.id")
    said: str = Said.NOTHING
    times_asked: int = 1
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


class Outcome(StrEnum):
    """What became of a visit."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    DONE = "done"
    MISSED = "missed"  # somebody was not there; told to nobody


class GembaLeg(Row, table=True):
    """One visit."""

    __tablename__ = "gemba_leg"
    __table_args__ = (Index("ix_gemba_leg_outcome", "workspace_id", "outcome"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    swap_id: int = Field(foreign_key="gemba_swap.id", index=True)
    visitor_id: int = Field(foreign_key="member.id")
    host_id: int = Field(foreign_key="member.id")
    begins_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    outcome: Outcome = Field(default=Outcome.PLANNED, sa_type=AutoString)
    invited: int = 0  # invitations that were sent: the next one has this number


class GembaObservation(Row, table=True):
    """A fact the visitor noted on the day."""

    __tablename__ = "gemba_observation"
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    leg_id: int = Field(foreign_key="gemba_leg.id", index=True)
    kind: str
    text: str
    is_own: bool = False  # they did it themselves
    at: datetime = Field(sa_type=Instant)


class GembaReflection(Row, table=True):
    """Three slides by a visitor: seen by the host first, then by all."""

    __tablename__ = "gemba_reflection"
    __table_args__ = (UniqueConstraint("swap_id", "author_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    swap_id: int = Field(foreign_key="gemba_swap.id")
    author_id: int = Field(foreign_key="member.id")
    host_id: int = Field(foreign_key="member.id")
    did: str
    wrong: str
    change: str
    correction: str = ""  # by the host
    written_at: datetime = Field(sa_type=Instant)
    published_at: datetime | None = Field(default=None, sa_type=Instant)


_SWAPS = Query(
    select(GembaSwap)
    .where(GembaSwap.workspace_id == bindparam("workspace_id"), GembaSwap.round_id == bindparam("round_id"))
    .where(or_(col(GembaSwap.one_id) == bindparam("member_id"), col(GembaSwap.other_id) == bindparam("member_id")))
    .order_by(col(GembaSwap.id).desc())
)
_CONSENTS = Query(
    select(GembaConsent)
    .where(GembaConsent.workspace_id == bindparam("workspace_id"), GembaConsent.swap_id == bindparam("swap_id"))
    .order_by(col(GembaConsent.id))
)
_LEGS = Query(
    select(GembaLeg)
    .where(GembaLeg.workspace_id == bindparam("workspace_id"), GembaLeg.swap_id == bindparam("swap_id"))
    .order_by(col(GembaLeg.begins_at), col(GembaLeg.id))
)


def find_swap(session: Session, workspace_id: int, swap_id: int) -> GembaSwap | None:
    return find(session, GembaSwap, workspace_id, swap_id)


def swaps_of(session: Session, workspace_id: int, round_id: int, member_id: int) -> Sequence[GembaSwap]:
    """All of a member in a round, the newest first."""
    return _SWAPS.all(session, workspace_id=workspace_id, round_id=round_id, member_id=member_id)


def swaps_in(session: Session, workspace_id: int, round_id: int) -> Sequence[GembaSwap]:
    query = select(GembaSwap).where(GembaSwap.workspace_id == workspace_id, GembaSwap.round_id == round_id)
    return session.exec(query.order_by(col(GembaSwap.id))).all()


def count_swaps(session: Session, workspace_id: int, round_id: int) -> dict[SwapState, int]:
    query = select(GembaSwap.state, func.count()).where(GembaSwap.workspace_id == workspace_id)
    return {
        SwapState(state): n
        for state, n in session.exec(query.where(GembaSwap.round_id == round_id).group_by(col(GembaSwap.state)))
    }


def pairs_before(session: Session, workspace_id: int, number: int) -> Sequence[tuple[int, int, int]]:
    """Who swapped in a round of this number or a later one, and in which: agreed swaps, also those that are over."""
    query = select(GembaSwap.one_id, GembaSwap.other_id, GembaRound.number)
    query = query.join(GembaRound, col(GembaRound.id) == col(GembaSwap.round_id))
    query = query.where(GembaSwap.workspace_id == workspace_id, GembaRound.number >= number)
    met = (col(GembaSwap.state).in_((SwapState.AGREED, SwapState.OVER)), col(GembaSwap.is_one_way).is_(False))
    return session.exec(query.where(*met).order_by(col(GembaSwap.id))).all()


def have_met(session: Session, workspace_id: int) -> set[int]:
    """Who ever swapped; to go along with somebody is less."""
    query = select(GembaSwap.one_id, GembaSwap.other_id).where(GembaSwap.workspace_id == workspace_id)
    met = query.where(
        col(GembaSwap.state).in_((SwapState.AGREED, SwapState.OVER)), col(GembaSwap.is_one_way).is_(False)
    )
    return {member_id for both in session.exec(met) for member_id in both}


def consents(session: Session, workspace_id: int, swap_id: int) -> dict[int, GembaConsent]:
    """Of both, by member."""
    return {found.member_id: found for found in _CONSENTS.all(session, workspace_id=workspace_id, swap_id=swap_id)}


def said_in(session: Session, workspace_id: int, round_id: int) -> dict[tuple[int, int], str]:
    """What was said to the swaps of a round, by swap and member."""
    query = select(GembaConsent.swap_id, GembaConsent.member_id, GembaConsent.said)
    query = query.join(GembaSwap, col(GembaSwap.id) == col(GembaConsent.swap_id))
    query = query.where(GembaConsent.workspace_id == workspace_id, GembaSwap.round_id == round_id)
    return {(swap_id, member_id): said for swap_id, member_id, said in session.exec(query)}


def find_consent(session: Session, workspace_id: int, consent_id: int) -> GembaConsent | None:
    return find(session, GembaConsent, workspace_id, consent_id)


def unanswered(session: Session, workspace_id: int, round_id: int, limit: int) -> Sequence[GembaSwap]:
    """Swaps of a round about which its two are still asked."""
    of_round = (GembaSwap.workspace_id == workspace_id, GembaSwap.round_id == round_id)
    query = select(GembaSwap).where(*of_round, GembaSwap.state == SwapState.ASKED)
    return session.exec(query.order_by(col(GembaSwap.id)).limit(limit)).all()


def who_said(session: Session, workspace_id: int, round_id: int, people: Collection[int]) -> set[int]:
    """Of these members, those who answered some swap of a round."""
    query = select(GembaConsent.member_id).join(GembaSwap, col(GembaSwap.id) == col(GembaConsent.swap_id))
    of_round = (GembaSwap.workspace_id == workspace_id, GembaSwap.round_id == round_id)
    query = query.where(*of_round, GembaConsent.said != Said.NOTHING)
    return set(session.exec(query.where(col(GembaConsent.member_id).in_(people))))


# Visits, and what was seen


def find_leg(session: Session, workspace_id: int, leg_id: int) -> GembaLeg | None:
    return find(session, GembaLeg, workspace_id, leg_id)


def legs_of(session: Session, workspace_id: int, swap_id: int) -> Sequence[GembaLeg]:
    """The visits of a swap, the first first."""
    return _LEGS.all(session, workspace_id=workspace_id, swap_id=swap_id)


def legs_of_swaps(session: Session, workspace_id: int, swap_ids: Collection[int]) -> Sequence[GembaLeg]:
    query = select(GembaLeg).where(GembaLeg.workspace_id == workspace_id, col(GembaLeg.swap_id).in_(swap_ids))
    return session.exec(query.order_by(col(GembaLeg.begins_at), col(GembaLeg.id))).all()


def legs_done(session: Session, workspace_id: int) -> Sequence[tuple[GembaLeg, int, Side | None, Side | None]]:
    """Every visit that took place, with the round's number, the visitor's side and the host's."""
    visitor, host = aliased(Member), aliased(Member)
    query = select(GembaLeg, GembaRound.number, visitor.side, host.side)
    query = query.join(GembaSwap, col(GembaSwap.id) == col(GembaLeg.swap_id))
    query = query.join(GembaRound, col(GembaRound.id) == col(GembaSwap.round_id))
    query = query.join(visitor, col(visitor.id) == col(GembaLeg.visitor_id))
    query = query.join(host, col(host.id) == col(GembaLeg.host_id))
    query = query.where(GembaLeg.workspace_id == workspace_id, GembaLeg.outcome == Outcome.DONE)
    found = session.exec(query.order_by(col(GembaLeg.id)))
    return [
        (leg, number, Side(one) if one else None, Side(other) if other else None) for leg, number, one, other in found
    ]


def count_untold(session: Session, workspace_id: int, now: datetime) -> int:
    """Visits that should have taken place, of which nobody has said whether they did."""
    query = select(func.count()).select_from(GembaLeg).join(GembaSwap, col(GembaSwap.id) == col(GembaLeg.swap_id))
    query = query.where(GembaLeg.workspace_id == workspace_id, GembaLeg.outcome == Outcome.PLANNED)
    agreed = col(GembaSwap.state).in_((SwapState.AGREED, SwapState.OVER))
    return session.exec(query.where(agreed, GembaLeg.ends_at <= now)).one()


def observations_on(session: Session, workspace_id: int, leg_ids: Collection[int]) -> Sequence[GembaObservation]:
    of_legs = (GembaObservation.workspace_id == workspace_id, col(GembaObservation.leg_id).in_(leg_ids))
    return session.exec(select(GembaObservation).where(*of_legs).order_by(col(GembaObservation.id))).all()


def find_reflection(session: Session, workspace_id: int, reflection_id: int) -> GembaReflection | None:
    return find(session, GembaReflection, workspace_id, reflection_id)


def reflections_on(session: Session, workspace_id: int, swap_id: int) -> dict[int, GembaReflection]:
    """By author."""
    of_swap = (GembaReflection.workspace_id == workspace_id, GembaReflection.swap_id == swap_id)
    return {found.author_id: found for found in session.exec(select(GembaReflection).where(*of_swap))}
