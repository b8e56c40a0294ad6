"""Nudges: who was told that a clock runs out, at which step; and when the next look at a clock is due."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, UniqueConstraint, and_, bindparam, col, func, or_, select, update

from storage.clocks import Clock
from storage.digest import DigestAct, DigestItem
from storage.due import Due
from storage.feedback import Feedback
from storage.leads import LeadEvent
from storage.people import Member, Side
from storage.statements import Query
from storage.tables import Instant, Row, find

LOOK = "clocks.look"  # falls due when somebody may have to be nudged about a clock


class Nudge(Row, table=True):
    """One of each step for each person. `step`: the share of the allowed time that has passed, in percent."""

    __table_args__ = (UniqueConstraint("clock_id", "member_id", "step"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    clock_id: int = Field(foreign_key="clock.id")
    member_id: int = Field(foreign_key="member.id", index=True)
    step: int
    at: datetime = Field(sa_type=Instant)
    told_at: datetime | None = Field(default=None, sa_type=Instant)  # None: held until morning, being too many that day
    is_quiet: bool = False  # folded into the daily digest: the step has come, and nobody was told


_ON_SUBJECT = Query(
    select(Nudge)
    .join(Clock)
    .where(Nudge.workspace_id == bindparam("workspace_id"), col(Nudge.told_at).is_not(None))
    .where(Clock.workspace_id == bindparam("workspace_id"), Clock.subject == bindparam("subject"))
    .where(Clock.subject_id == bindparam("subject_id"))
    .order_by(col(Nudge.id))
)
_OF_CLOCK = Query(
    select(Nudge).where(Nudge.workspace_id == bindparam("workspace_id"), Nudge.clock_id == bindparam("clock_id"))
)


def find_nudge(session: Session, workspace_id: int, nudge_id: int) -> Nudge | None:
    return find(session, Nudge, workspace_id, nudge_id)


def nudges_on(session: Session, workspace_id: int, subject: str, subject_id: int) -> Sequence[Nudge]:
    """Those that were sent about any clock of a subject."""
    return _ON_SUBJECT.all(session, workspace_id=workspace_id, subject=subject, subject_id=subject_id)


def last_steps(session: Session, workspace_id: int, clock_id: int) -> dict[int, int]:
    """The last step at which each person was nudged about a clock."""
    steps: dict[int, int] = {}
    for nudge in _OF_CLOCK.all(session, workspace_id=workspace_id, clock_id=clock_id):
        steps[nudge.member_id] = max(nudge.step, steps.get(nudge.member_id, 0))
    return steps


def count_nudges(session: Session, workspace_id: int, member_id: int, since: datetime) -> int:
    """How many a person got since then."""
    of_member = (Nudge.workspace_id == workspace_id, Nudge.member_id == member_id, col(Nudge.told_at).is_not(None))
    query = select(func.count()).select_from(Nudge).where(*of_member, col(Nudge.is_quiet).is_(False))
    return session.exec(query.where(Nudge.at >= since)).one()


def tell_held(session: Session, workspace_id: int, member_id: int, before: datetime, now: datetime) -> int | None:
    """Those of before then that wait for the morning are told now, all at once; the first of them."""
    held = (col(Nudge.workspace_id) == workspace_id, col(Nudge.member_id) == member_id, col(Nudge.told_at).is_(None))
    told = update(Nudge).where(*held, col(Nudge.at) < before).values(told_at=now).returning(col(Nudge.id))
    return min(session.connection().execute(told).scalars(), default=None)


def told_with(session: Session, workspace_id: int, nudge_id: int) -> Sequence[Nudge]:
    """The held ones that were told at once with this one, the oldest first."""
    first, each = aliased(Nudge), Nudge
    same = (col(each.member_id) == first.member_id, col(each.told_at) == first.told_at, each.at < col(each.told_at))
    query = select(each).join(first, and_(*same)).where(first.id == nudge_id, first.workspace_id == workspace_id)
    return session.exec(query.where(each.workspace_id == workspace_id).order_by(col(each.id))).all()


_UNDONE = select(LeadEvent.reverses_id).where(
    LeadEvent.lead_id == bindparam("lead_id"), col(LeadEvent.reverses_id).is_not(None)
)
_DID = (
    select(LeadEvent.actor_id)
    .where(LeadEvent.workspace_id == bindparam("workspace_id"), LeadEvent.lead_id == bindparam("lead_id"))
    .where(LeadEvent.at > bindparam("since", type_=Instant))
    .where(LeadEvent.kind != "undo", col(LeadEvent.id).not_in(_UNDONE))
)
_SAID = (
    select(Feedback.author_id)
    .where(Feedback.workspace_id == bindparam("workspace_id"), Feedback.lead_id == bindparam("lead_id"))
    .where(Feedback.given_at > bindparam("since", type_=Instant), col(Feedback.withdrawn_at).is_(None))
)
_ACTED = Query(
    select(Member.id, Member.side).where(
        Member.workspace_id == bindparam("workspace_id"), col(Member.id).in_(_DID.union(_SAID))
    )
)
_DEALT = Query(
    select(Member.id, Member.side)
    .join(DigestAct, col(DigestAct.member_id) == col(Member.id))
    .join(DigestItem, col(DigestAct.item_id) == col(DigestItem.id))
    .join(
        Clock,
        and_(
            DigestItem.workspace_id == Clock.workspace_id,
            DigestItem.subject == Clock.subject,
            DigestItem.subject_id == Clock.subject_id,
            DigestItem.cycle == Clock.cycle,
            DigestItem.to_do == Clock.kind,
        ),
    )
    .where(DigestAct.workspace_id == bindparam("workspace_id"), Clock.workspace_id == bindparam("workspace_id"))
    .where(Clock.id == bindparam("clock_id"), DigestAct.at > Clock.started_at)
)


def has_acted(
    session: Session, workspace_id: int, lead_id: int, since: datetime, side: Side, people: Collection[int]
) -> bool:
    """Whether one of these people, or of a side, did something with a lead after that, or said something of it.

    What was undone or withdrawn does not count. Nor does a question: it pauses the clock, and then it runs on.
    """
    did = _ACTED.all(session, workspace_id=workspace_id, lead_id=lead_id, since=since)
    return any(member_side == side or member_id in people for member_id, member_side in did)


def has_dealt(session: Session, workspace_id: int, clock_id: int, side: Side, people: Collection[int]) -> bool:
    """Whether one of these people, or of a side, did something since a clock started with the open item of a digest
    that asks to stop it. What was taken back does not count."""
    did = _DEALT.all(session, workspace_id=workspace_id, clock_id=clock_id)
    return any(member_side == side or member_id in people for member_id, member_side in did)


def look_anew(session: Session, workspace_id: int, responsible_id: int | None, at: datetime) -> None:
    """Look now at every clock that runs for a member, or at all: when they work has changed. Also at those of which no
    look was due any more, for nobody worked within sight."""
    running = [col(Clock.workspace_id) == workspace_id, col(Clock.stopped_at).is_(None)]
    if responsible_id is not None:
        running.append(col(Clock.responsible_id) == responsible_id)
    looks = and_(col(Due.workspace_id) == workspace_id, col(Due.kind) == LOOK)
    later = or_(col(Due.at) > at, col(Due.done_at).is_not(None))
    clocks = select(Clock.id).where(*running)
    session.exec(update(Due).where(looks, later, col(Due.subject_id).in_(clocks)).values(at=at, done_at=None))
