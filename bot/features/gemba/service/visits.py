"""The rules of visits: invitations, preparation, reminders, what is noted on the day, and whether it took place."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.context import Context, UserError
from bot.core.language import _, fill
from bot.features.gemba.actions import Observe
from bot.features.gemba.service import hours, kinds
from bot.features.gemba.views import phrases
from bot.features.gemba.views import visits as views
from bot.features.gemba.words import MOST_FACTS
from bot.rules.calendars import zone_of
from storage.calendars import Timetable
from storage.due import Due, cancel_due, move_due
from storage.gemba import GembaSignUp, sign_up_of
from storage.gemba_swaps import (
    GembaLeg,
    GembaObservation,
    GembaSwap,
    Outcome,
    SwapState,
    consents,
    find_leg,
    find_swap,
    legs_of,
    observations_on,
    reflections_on,
)
from storage.people import Member
from storage.tables import add, lock

PREPARED = 3  # working days before
BEFORE_THE_END = timedelta(hours=2)  # of the last working day before, whoever is reminded still works
BEFORE_THE_VISIT = timedelta(hours=1)  # at the latest; else when the work of that day begins
UNTIL_REMINDED = timedelta(days=2)  # of the slides
OF_A_LEG = (kinds.PREPARE, kinds.REMIND, kinds.OBSERVE, kinds.AFTER)


def plan(ctx: Context, swap: GembaSwap, leg: GembaLeg, work: Mapping[int, Timetable]) -> None:
    """Both have agreed: the visit comes into both calendars, and all that belongs to it is planned.

    `work` says how each of the two works.
    """
    _invite(ctx, swap, leg)
    for number, member_id in enumerate((leg.visitor_id, leg.host_id)):
        theirs = work[member_id]
        before = hours.work_before(theirs, leg.begins_at)
        if member_id == leg.visitor_id:
            _fall_due(ctx, leg, kinds.PREPARE, 1, max(ctx.now, before[-PREPARED:][0][0] if before else ctx.now))
        reminders = [(3, min(hours.begin_of_work(theirs, leg.begins_at), leg.begins_at - BEFORE_THE_VISIT))]
        reminders += [(1, max(opens, closes - BEFORE_THE_END)) for opens, closes in before[-1:]]
        for step, at in reminders:
            if at > ctx.now:
                _fall_due(ctx, leg, kinds.REMIND, step + number, at)
    _fall_due(ctx, leg, kinds.OBSERVE, 1, leg.begins_at)
    _fall_due(ctx, leg, kinds.AFTER, 1, leg.ends_at)


def hold(ctx: Context, leg: GembaLeg) -> None:
    """Another date is proposed: nothing happens until both agree to it."""
    for kind in OF_A_LEG:
        cancel_due(ctx.session, ctx.workspace.id, kind, leg.id)
    ctx.refresh(kinds.PREPARATION, leg.id)


def cancel(ctx: Context, swap: GembaSwap, leg: GembaLeg) -> None:
    if leg.outcome != Outcome.PLANNED:
        return
    leg.outcome = Outcome.CANCELLED
    hold(ctx, leg)
    if leg.invited:
        _invite(ctx, swap, leg)


def prepare(ctx: Context, due: Due) -> None:
    if leg := planned(ctx, due.subject_id):
        ctx.post(ctx.colleague(leg.visitor_id), subject=(kinds.PREPARATION, leg.id))


def remind(ctx: Context, due: Due) -> None:
    """On the last working day before and in the morning: the visitor in odd steps, the host in even ones."""
    leg = planned(ctx, due.subject_id)
    if leg is None or leg.begins_at <= ctx.now:
        return
    is_host = due.step in (2, 4)
    member, other = (
        ctx.colleague(each) for each in ((leg.host_id, leg.visitor_id) if is_host else (leg.visitor_id, leg.host_id))
    )
    zone = zone_of(member.timezone)
    on, said = leg.begins_at.astimezone(zone).date(), _said(ctx, leg)
    days = (on - ctx.now.astimezone(zone).date()).days
    if days or due.step > 2:  # what should have come the day before is not said beside what comes in the morning
        ctx.post(member, lambda: views.reminder(leg, other, phrases.place_of(*said), on, is_host=is_host, days=days))


def ask_to_observe(ctx: Context, due: Due) -> None:
    if leg := planned(ctx, due.subject_id):
        ctx.post(ctx.colleague(leg.visitor_id), subject=(kinds.OBSERVATION, leg.id))


def ask_afterwards(ctx: Context, due: Due) -> None:
    """The visit is over, by the calendar: did it take place? And the three slides, asked for once more if need be."""
    leg = find_leg(ctx.session, ctx.workspace.id, due.subject_id)
    swap = find_swap(ctx.session, ctx.workspace.id, leg.swap_id) if leg else None
    if leg is None or swap is None or swap.state not in (SwapState.AGREED, SwapState.OVER):
        return
    has_told = leg.visitor_id in reflections_on(ctx.session, ctx.workspace.id, swap.id)
    if leg.outcome not in (Outcome.PLANNED, Outcome.DONE) or has_told:
        return
    ctx.post(ctx.colleague(leg.visitor_id), subject=(kinds.AFTERWARDS, leg.id))
    if due.step == 1:
        again = hours.when_at_work(ctx, leg.visitor_id, ctx.now + UNTIL_REMINDED)
        _fall_due(ctx, leg, kinds.AFTER, 2, again)


def observe(ctx: Context, asked: Observe) -> GembaLeg:
    lock(ctx.session, GembaLeg, ctx.workspace.id, asked.leg)
    leg = visited(ctx, asked.leg)
    if len(observations_on(ctx.session, ctx.workspace.id, [leg.id])) >= MOST_FACTS:
        raise UserError(fill(_("At most {n} facts: which were the most telling?"), n=MOST_FACTS), "text")
    observation = GembaObservation(
        workspace_id=ctx.workspace.id,
        leg_id=leg.id,
        kind=asked.kind,
        text=ctx.readable(asked.text),
        is_own=bool(asked.own),
        at=ctx.now,
    )
    add(ctx.session, observation)
    note_outcome(ctx, leg, Outcome.DONE)
    return leg


def tell_outcome(ctx: Context, leg_id: int, *, took_place: bool) -> GembaLeg:
    """Whoever was to visit says whether it took place; if not, nobody is told why, or by whom."""
    lock(ctx.session, GembaLeg, ctx.workspace.id, leg_id)
    leg = visited(ctx, leg_id)
    note_outcome(ctx, leg, Outcome.DONE if took_place else Outcome.MISSED)
    return leg


def note_outcome(ctx: Context, leg: GembaLeg, outcome: Outcome) -> None:
    leg.outcome = outcome
    ctx.session.flush()
    for subject in (kinds.OBSERVATION, kinds.AFTERWARDS, kinds.PREPARATION):
        ctx.refresh(subject, leg.id, every=True)  # it may have been asked for twice
    swap = find_swap(ctx.session, ctx.workspace.id, leg.swap_id)
    assert swap, "a visit is of a swap"
    left = legs_of(ctx.session, ctx.workspace.id, swap.id)
    if swap.state == SwapState.AGREED and all(each.outcome != Outcome.PLANNED for each in left):
        finish(ctx, swap)


def finish(ctx: Context, swap: GembaSwap) -> None:
    """What was agreed has been, and cannot be changed any more."""
    swap.state, swap.ended_at = SwapState.OVER, ctx.now
    for consent in consents(ctx.session, ctx.workspace.id, swap.id).values():
        ctx.refresh(kinds.SWAP, consent.id, every=True)


def visited(ctx: Context, leg_id: int) -> GembaLeg:
    """A visit of the member's that has begun."""
    leg = find_leg(ctx.session, ctx.workspace.id, leg_id)
    if leg is None or leg.visitor_id != ctx.member.id:
        raise UserError(_("This visit is somebody else's."))
    if leg.outcome == Outcome.CANCELLED:
        raise UserError(_("This visit was cancelled."))
    if leg.begins_at > ctx.now:
        raise UserError(_("This visit is still to come."))
    return leg


def planned(ctx: Context, leg_id: int) -> GembaLeg | None:
    """The visit, if both have agreed to it and it is not settled yet."""
    leg = lock(ctx.session, GembaLeg, ctx.workspace.id, leg_id)
    if leg is None or leg.outcome != Outcome.PLANNED:
        return None
    swap = find_swap(ctx.session, ctx.workspace.id, leg.swap_id)
    return leg if swap and swap.state == SwapState.AGREED else None


def _invite(ctx: Context, swap: GembaSwap, leg: GembaLeg) -> None:
    """A file for the calendars of both: new, changed or cancelled, by its number."""
    visitor, host = ctx.colleague(leg.visitor_id), ctx.colleague(leg.host_id)
    (offer, wants), number = _said(ctx, leg), leg.invited
    leg.invited += 1
    for member in (visitor, host):
        shown = views.Invitation(
            leg, swap.format, visitor, host, offer, wants, number, ctx.now, ctx.workspace.external_id
        )
        _post_file(ctx, member, shown)


def _post_file(ctx: Context, member: Member, shown: "views.Invitation") -> None:
    ctx.post(member, lambda: views.invitation(shown))


def _said(ctx: Context, leg: GembaLeg) -> tuple[GembaSignUp | None, GembaSignUp | None]:
    """What the host and the visitor said when they signed up."""
    swap = find_swap(ctx.session, ctx.workspace.id, leg.swap_id)
    assert swap, "a visit is of a swap"
    host, visitor = (
        sign_up_of(ctx.session, ctx.workspace.id, swap.round_id, each) for each in (leg.host_id, leg.visitor_id)
    )
    return host, visitor


def _fall_due(ctx: Context, leg: GembaLeg, kind: str, step: int, at: datetime) -> None:
    move_due(ctx.session, Due(workspace_id=ctx.workspace.id, kind=kind, subject_id=leg.id, step=step, at=at))
