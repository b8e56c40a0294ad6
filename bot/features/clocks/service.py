"""What waits for somebody, the most urgent first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.context import Context
from bot.core.language import _
from bot.rules.answering import answers
from bot.rules.clocks import MARKETING_CLOCKS, SALES_CLOCKS, due_at, is_paused, late
from bot.rules.codes import vocabulary
from bot.rules.fate import what
from storage.campaigns import campaign_owner
from storage.cases import find_case, first_feedback_in
from storage.clocks import Clock, courses_for
from storage.feedback import own_codes
from storage.leads import lead_of
from storage.people import Member, Side, stood_in_for
from storage.workspaces import Workspace

LOOKED_AT = 500  # clocks of one person; the oldest, of which the most urgent are shown
_OF_SIDE = {Side.SALES: SALES_CLOCKS, Side.MARKETING: MARKETING_CLOCKS}


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for somebody."""

    clock: Clock
    due_at: datetime | None  # None: it is paused, or nobody works who would have to do it
    is_paused: bool
    late: timedelta | None  # working time


def waiting(ctx: Context) -> list[Waiting]:
    """What waits for the member, for those they stand in for, and for whoever of their side is first."""
    member = ctx.member
    responsible = {member.id, *(m.id for m in stood_in_for(ctx.session, ctx.workspace.id, member.id))}
    for_anybody = _OF_SIDE.get(member.side, ()) if member.side else ()
    courses = courses_for(ctx.session, ctx.workspace.id, responsible, for_anybody, LOOKED_AT)
    found = [
        Waiting(course.clock, due_at(course), is_paused(course), late(course, ctx.now))
        for course in courses
        if course.clock.subject in ("lead", "case")  # nobody can do anything about receipts on their way
    ]
    return sorted(found, key=lambda each: (each.due_at is None, each.due_at or ctx.now, each.clock.id))


def may_do(session: Session, workspace: Workspace, clock: Clock, reader: Member, *, is_to_act: bool) -> bool:
    """Whether who is told of a clock may do what stops it: what marketing answers is not everybody's who leads it."""
    if clock.subject == "lead":
        return is_to_act
    case = find_case(session, workspace.id, clock.subject_id)
    return answers(reader, campaign_owner(session, workspace.id, case.campaign_id if case else None))


def called(session: Session, workspace: Workspace, clock: Clock) -> tuple[str, str | None]:
    """What a clock runs for, as people call it; and the key, if it is a lead."""
    if clock.subject == "lead":
        lead = lead_of(session, workspace.id, clock.subject_id)
        return lead.company, lead.key
    case = find_case(session, workspace.id, clock.subject_id)
    first = first_feedback_in(session, workspace.id, clock.subject_id)
    codes = vocabulary(own_codes(session, workspace.id))
    if first:
        return what(first, codes), None
    return (codes[case.code].title if case and case.code else _("a note")), None
