"""The open items of a digest: what is most worth acting on now, in this order (docs/decisions/0015-the-digest.md).

1. Hot leads that nobody has taken. 2. What is past its deadline, the longest first. 3. Sellers' questions without an
answer: their clocks wait. 4. Other leads that nobody has taken, the oldest first. 5. What is past half of its time, the
next due first. What is on its way is no open item. Where both sides talk, their items take turns.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.features.digest.facts import AtRisk
from bot.rules.clocks import SALES_CLOCKS, due_at, is_paused, late
from storage.channels import Purpose
from storage.clocks import Course, courses_running
from storage.digest import Thing
from storage.digest_facts import open_questions
from storage.leads import lead_of

MOST = 7
QUESTION = "Q"
READ = 1000  # running clocks, the oldest
TO_DO = {
    Purpose.SALES: SALES_CLOCKS,
    Purpose.MARKETING: ("M1", "M2", QUESTION),  # nobody can do anything about receipts on their way
    Purpose.SHARED: (*SALES_CLOCKS, "M1", "M2", QUESTION),
}
_NONE = timedelta()


@dataclass(frozen=True)
class Standing:
    """A running clock at an instant."""

    course: Course
    due_at: datetime | None
    late: timedelta | None  # of working time
    is_half: bool  # more than half of the time is over

    @classmethod
    def of(cls, course: Course, now: datetime) -> "Standing":
        if is_paused(course):
            return cls(course, None, None, False)
        half = due_at(course, 0.5)
        if half is None or half > now:
            return cls(course, None, None, False)
        return cls(course, due_at(course), late(course, now), True)


def standing(session: Session, workspace_id: int, now: datetime) -> tuple[list[Standing], bool]:
    """How the oldest running clocks stand, and whether there are more."""
    courses = courses_running(session, workspace_id, READ)
    return [Standing.of(course, now) for course in courses], len(courses) == READ


def at_risk(clocks: Sequence[Standing], kinds: Collection[str]) -> AtRisk:
    of_side = [each for each in clocks if each.course.clock.kind in kinds and not is_paused(each.course)]
    over = sum(each.late is not None for each in of_side)
    return AtRisk(len(of_side), over, sum(each.is_half for each in of_side) - over)


def choose(
    session: Session,
    workspace_id: int,
    clocks: Sequence[Standing],
    purpose: Purpose,
    aside: Collection[Thing],
    now: datetime,
) -> list[Thing]:
    """The open items of a channel, without those put aside."""
    ranked = [(_rank(session, each, now), _thing(each.course)) for each in clocks]
    for question in open_questions(session, workspace_id, MOST + len(aside)):
        waits = now - question.asked_at
        ranked.append(((3, -waits, question.id), Thing("lead", question.lead_id, question.cycle, QUESTION)))
    wanted = TO_DO[purpose]
    found = [(rank, thing) for rank, thing in ranked if rank and thing.to_do in wanted and thing not in aside]
    found.sort(key=lambda each: each[0])
    turns: Counter[bool] = Counter()  # how many of a side come before
    in_turn = []
    for rank, thing in found:
        is_of_sales = thing.to_do in SALES_CLOCKS
        in_turn.append((turns[is_of_sales], rank, thing))
        turns[is_of_sales] += 1
    return [thing for *_order, thing in sorted(in_turn)[:MOST]]


def _rank(session: Session, each: Standing, now: datetime) -> tuple[int, timedelta, int] | None:
    """A smaller one comes first; None: it is on its way."""
    clock = each.course.clock
    if is_paused(each.course):
        return None
    is_free = clock.kind == "S1" and clock.responsible_id is None
    if is_free and lead_of(session, clock.workspace_id, clock.subject_id).temperature == "hot":
        return 1, -(now - clock.started_at), clock.id
    if each.late is not None:
        return 2, -each.late, clock.id
    if is_free:
        return 4, -(now - clock.started_at), clock.id
    if each.is_half and each.due_at:
        return 5, each.due_at - now, clock.id
    return None


def _thing(course: Course) -> Thing:
    clock = course.clock
    return Thing(clock.subject, clock.subject_id, clock.cycle, clock.kind)
