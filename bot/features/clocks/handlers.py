"""What clocks answer to: my own, at home and in `/lead`; deadlines; what starts and stops them; what falls due."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.counting import InDigest
from bot.core.events import ClocksChanged, HoursChanged, LeadErased, PersonChanged
from bot.core.feature import Feature, Usage
from bot.core.language import N_
from bot.core.ui import Message, Part
from bot.features.clocks import deadlines, nudging, reporting, service
from bot.features.clocks.actions import (
    ChangeDeadlines,
    OpenDeadlines,
    ShowDeadlines,
    ShowMine,
    UsualDeadlines,
)
from bot.features.clocks.views import deadlines as deadline_views
from bot.features.clocks.views import waiting as views
from bot.rules.calendars import works_at, zone_of
from bot.rules.clocks import due_at
from storage.calendars import timetable
from storage.cards import cards
from storage.clocks import Clock, course_of
from storage.due import Due
from storage.leads import lead_of
from storage.nudges import LOOK, find_nudge, look_anew
from storage.outbox import State
from storage.people import find_member, member
from storage.tables import change
from storage.workspaces import Workspace

feature = Feature("clocks")
feature.counts(nudging.CARD, N_("Nudges when the time is over"))
feature.counts(nudging.HELD, N_("Nudges of a day with too many, next morning"))
feature.counts(
    nudging.REMINDER,
    N_("Reminders at half of the time"),
    InDigest("clocks", N_("It says what waits on each side. When the time is over, people are told as before.")),
)


@feature.home(15, is_mine=True)
def home(ctx: Context) -> Sequence[Part]:
    return views.mine(_mine(ctx, views.SHOWN))


@feature.action(ShowMine, query=True)
def show_mine(ctx: Context, asked: ShowMine) -> Answer:
    return Reply(views.everything(_mine(ctx, views.ALL)))


@feature.command("parley report clocks", Usage("report clocks", N_("how often both sides were in time")), query=True)
def show_report(ctx: Context, text: str) -> Answer:
    return Reply(views.report(reporting.report(ctx.session, ctx.workspace.id, ctx.now)))


@feature.command("parley clocks", Usage("clocks", N_("the deadlines of both sides; admins change them")), query=True)
def show_deadlines_in_words(ctx: Context, text: str) -> Answer:
    return show_deadlines(ctx, ShowDeadlines())


@feature.action(ShowDeadlines, query=True)
def show_deadlines(ctx: Context, asked: ShowDeadlines) -> Answer:
    return Reply(deadline_views.overview(deadlines.deadlines(ctx), is_admin=ctx.member.administers))


@feature.action(OpenDeadlines, query=True)
def open_deadlines(ctx: Context, asked: OpenDeadlines) -> Answer:
    deadlines.check_admin(ctx)
    return OpenForm(deadline_views.form(deadlines.deadlines(ctx), asked.kind))


@feature.action(ChangeDeadlines)
def change_deadlines(ctx: Context, asked: ChangeDeadlines) -> Answer:
    return Reply(deadline_views.saved(deadlines.change(ctx, asked)))


@feature.action(UsualDeadlines)
def usual_deadlines(ctx: Context, asked: UsualDeadlines) -> Answer:
    return Reply(deadline_views.saved(deadlines.usual(ctx)))


@feature.on(ClocksChanged)
def follow(ctx: Context, changed: ClocksChanged) -> None:
    nudging.follow(ctx, changed.subject, changed.subject_id)


@feature.on(HoursChanged)
def look_anew_at_clocks(ctx: Context, changed: HoursChanged) -> None:
    look_anew(ctx.session, ctx.workspace.id, changed.member_id, ctx.now)


@feature.on(PersonChanged)
def follow_person(ctx: Context, changed: PersonChanged) -> None:
    if known := find_member(ctx.session, ctx.workspace.id, changed.person.external_id):
        look_anew(ctx.session, ctx.workspace.id, known.id, ctx.now)


@feature.due(LOOK)
def look(ctx: Context, due: Due) -> None:
    if at := nudging.look(ctx, due.subject_id):
        change(ctx.session, due, {"at": at})


@feature.due(nudging.HELD)
def tell_what_was_held(ctx: Context, due: Due) -> None:
    to = ctx.colleague(due.subject_id)
    at = works_at(timetable(ctx.session, ctx.workspace.id, to.id), ctx.now)
    if at != ctx.now:  # they have taken days off since, or work other hours
        due.at = at or due.at
        return
    nudging.tell(ctx, to)


@feature.card(nudging.HELD)
def held_card(session: Session, workspace: Workspace, first: int) -> Message | None:
    """Drawn beside the writer: there may be many. Nothing to somebody who has not read it, once nothing waits."""
    if waiting := nudging.waiting(session, workspace.id, first):
        return views.held([service.called(session, workspace, clock) for clock in waiting])
    is_read = any(posted.state == State.SENT for posted in cards(session, workspace.id, nudging.HELD, first))
    return views.nothing_held() if is_read else None


@feature.on(LeadErased)
def forget_lead(ctx: Context, erased: LeadErased) -> None:
    nudging.draw_anew(ctx, "lead", erased.lead_id)


@feature.card(nudging.REMINDER)
@feature.card(nudging.CARD)
def card(session: Session, workspace: Workspace, nudge_id: int) -> Message | None:
    """Nothing to somebody who has not read it, once there is nothing to do."""
    nudge = find_nudge(session, workspace.id, nudge_id)
    if nudge is None:
        return None
    course = course_of(session, workspace.id, nudge.clock_id)
    clock = course.clock
    person = member(session, workspace.id, clock.responsible_id) if clock.responsible_id else None
    reader = member(session, workspace.id, nudge.member_id)
    title, key = service.called(session, workspace, clock)
    is_to_act = person is not None and nudge.member_id in (person.id, person.stand_in_id)
    if clock.stopped_at or not (is_to_act or nudge.step == nudging.ESCALATED):
        is_read = any(c.state == State.SENT for c in cards(session, workspace.id, *nudging.subject_of(nudge)))
        return views.over(title, key) if is_read else None
    shown = views.Nudged(
        clock=clock,
        title=title,
        key=key,
        cycle=lead_of(session, workspace.id, clock.subject_id).cycle if key else 1,
        due_at=due_at(course),
        person=person.name if person and person.id != nudge.member_id else None,
        is_theirs=person is not None and person.id == nudge.member_id,
        is_over=nudge.step >= nudging.OVER,
        is_to_act=is_to_act,
        is_able=service.may_do(session, workspace, clock, reader, is_to_act=is_to_act),
    )
    return views.nudge(shown)


def _mine(ctx: Context, limit: int) -> views.Mine:
    found = service.waiting(ctx)
    shown = [
        views.Shown(each, *service.called(ctx.session, ctx.workspace, each.clock), _for_whom(ctx, each.clock))
        for each in found[:limit]
    ]
    return views.Mine(shown, len(found[limit:]), ctx.now, zone_of(ctx.member.timezone))


def _for_whom(ctx: Context, clock: Clock) -> str | None:
    """Whom the member stands in for, as far as this clock goes."""
    if clock.responsible_id in (None, ctx.member.id):
        return None
    return ctx.colleague(clock.responsible_id).name
