"""Nudges: who is told that a clock runs out, each step once, in private, and only while they work.

The person at half of the time and when it is over, then also their stand-in, and at one and a half times whoever leads
them. What anybody of the clock's side has done meanwhile ends it.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlmodel import Session

from bot.core.context import Context
from bot.core.recurrence import instant
from bot.rules.calendars import works_at, zone_of
from bot.rules.clocks import MARKETING_CLOCKS, SALES_CLOCKS, allowance, due_at, is_paused
from storage.calendars import timetable
from storage.clocks import Clock, Course, course_of, running_clocks
from storage.due import Due, move_due, set_due
from storage.nudges import LOOK, Nudge, count_nudges, has_acted, has_dealt, last_steps, nudges_on, tell_held, told_with
from storage.people import Member, Side, heads, member
from storage.tables import add

REMINDER = "nudge.half"  # the subject of the messages while there is time,
CARD = "nudge"  # and when it is over
HELD = "clocks.held"  # falls due on the morning after a day on which somebody got enough of them; the message, too
A_DAY = 5  # to one person
HALF = 50  # percent of the time allowed
OVER = 100
ESCALATED = 150
NUDGED = (*SALES_CLOCKS, "M1", "M2")  # nobody can do anything about receipts on their way


def follow(ctx: Context, subject: str, subject_id: int) -> None:
    """Look at clocks that began to run before the first step can have come, in anybody's calendar."""
    for clock in running_clocks(ctx.session, ctx.workspace.id, subject, subject_id):
        if clock.kind in NUDGED:
            first = clock.started_at + allowance(clock.policy).least * HALF / 100
            at = max(ctx.now, first)
            move_due(ctx.session, Due(workspace_id=ctx.workspace.id, kind=LOOK, subject_id=clock.id, step=1, at=at))
    for nudge in nudges_on(ctx.session, ctx.workspace.id, subject, subject_id):
        said_in = _message_about(ctx, nudge)
        ctx.heed(*said_in)
        ctx.refresh(*said_in)


def look(ctx: Context, clock_id: int) -> datetime | None:
    """Nudge whom it is time to nudge; when to look again, or None if that depends on something else to happen."""
    course = course_of(ctx.session, ctx.workspace.id, clock_id)
    if course.clock.stopped_at or is_paused(course) or _somebody_acted(ctx.session, ctx.workspace.id, course):
        return None
    told, later = last_steps(ctx.session, ctx.workspace.id, clock_id), list[datetime]()
    for step, person in _chain(ctx, course.clock):
        if told.get(person.id, 0) < step and (at := _when(ctx, course, step, person)):
            if at > ctx.now:
                later.append(at)
            else:
                told[person.id] = step
                _nudge(ctx, course.clock, step, person)
    return min(later, default=None)


def tell(ctx: Context, member: Member) -> None:
    """Promise one message about all that a person was not nudged about on days with too many."""
    first = tell_held(ctx.session, ctx.workspace.id, member.id, _midnight(member, ctx.now), ctx.now)
    if first:
        ctx.post(member, subject=(HELD, first))


def draw_anew(ctx: Context, subject: str, subject_id: int) -> None:
    """The messages that name it."""
    for nudge in nudges_on(ctx.session, ctx.workspace.id, subject, subject_id):
        ctx.refresh(*_message_about(ctx, nudge))


def waiting(session: Session, workspace_id: int, first: int) -> list[Clock]:
    """The clocks such a message is about, as far as they still run; each only once."""
    ids = dict.fromkeys(nudge.clock_id for nudge in told_with(session, workspace_id, first))
    courses = [course_of(session, workspace_id, clock_id) for clock_id in ids]
    return [
        course.clock
        for course in courses
        if not (course.clock.stopped_at or is_paused(course) or _somebody_acted(session, workspace_id, course))
    ]


def people_of(session: Session, workspace_id: int, clock: Clock) -> list[Member]:
    """Who is to act: the person responsible, and their stand-in."""
    if clock.responsible_id is None:
        return []
    person = member(session, workspace_id, clock.responsible_id)
    return [person, *([member(session, workspace_id, person.stand_in_id)] if person.stand_in_id else [])]


def _chain(ctx: Context, clock: Clock) -> Iterator[tuple[int, Member]]:
    """Who is told at which step, the last step first: whoever is told of it need not hear of those before."""
    people = people_of(ctx.session, ctx.workspace.id, clock)
    chain = [(ESCALATED, leader) for leader in _leaders(ctx, clock, people)]
    chain += [(OVER, person) for person in people]
    chain += [(HALF, person) for person in people[:1]]
    yield from ((step, member) for step, member in chain if member.belongs)


def _leaders(ctx: Context, clock: Clock, people: list[Member]) -> list[Member]:
    """The person's manager, else the heads of their side."""
    if people and people[0].manager_id and (manager := ctx.colleague(people[0].manager_id)).belongs:
        return [manager]
    found = heads(ctx.session, ctx.workspace.id, side_of(clock))
    return [head for head in found if not people or head.id != people[0].id]


def side_of(clock: Clock) -> Side:
    return Side.MARKETING if clock.kind in MARKETING_CLOCKS else Side.SALES


def _when(ctx: Context, course: Course, step: int, member: Member) -> datetime | None:
    """When a person hears of a step: when it comes, or when they work again after that."""
    at = due_at(course, step / 100)
    return works_at(timetable(ctx.session, ctx.workspace.id, member.id), max(at, ctx.now)) if at else None


def _somebody_acted(session: Session, workspace_id: int, course: Course) -> bool:
    clock, side = course.clock, side_of(course.clock)
    people = [person.id for person in people_of(session, workspace_id, clock)]
    if has_dealt(session, workspace_id, clock.id, side, people):
        return True
    return clock.subject == "lead" and has_acted(
        session, workspace_id, clock.subject_id, clock.started_at, side, people
    )


def _nudge(ctx: Context, clock: Clock, step: int, member: Member) -> None:
    """Tell a person; on a day on which they were told enough, tomorrow. What is folded comes to pass in silence."""
    midnight = _midnight(member, ctx.now)
    is_quiet = step == HALF and ctx.is_folded(REMINDER)
    is_enough = not is_quiet and count_nudges(ctx.session, ctx.workspace.id, member.id, midnight) >= A_DAY
    nudge = Nudge(
        workspace_id=ctx.workspace.id,
        clock_id=clock.id,
        member_id=member.id,
        step=step,
        at=ctx.now,
        told_at=None if is_enough else ctx.now,
        is_quiet=is_quiet,
    )
    add(ctx.session, nudge)
    if is_enough:
        tomorrow = _midnight(member, midnight + timedelta(hours=36))
        day = tomorrow.astimezone(zone_of(member.timezone)).toordinal()  # a morning of too many puts no other one off
        if at := works_at(timetable(ctx.session, ctx.workspace.id, member.id), tomorrow):
            set_due(ctx.session, Due(workspace_id=ctx.workspace.id, kind=HELD, subject_id=member.id, step=day, at=at))
    else:
        ctx.post(member, subject=subject_of(nudge))


def subject_of(nudge: Nudge) -> tuple[str, int]:
    """Of its message."""
    return REMINDER if nudge.step == HALF else CARD, nudge.id


def _message_about(ctx: Context, nudge: Nudge) -> tuple[str, int]:
    """The subject of the message in which somebody was told: its own, or the one of what was held."""
    if nudge.told_at == nudge.at:
        return subject_of(nudge)
    return HELD, told_with(ctx.session, ctx.workspace.id, nudge.id)[0].id


def _midnight(member: Member, at: datetime) -> datetime:
    """When the day began where the member is."""
    zone = zone_of(member.timezone)
    return instant(at.astimezone(zone).date(), time(), zone)
