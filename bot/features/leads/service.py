"""The rules of leads: who may change what, what follows, and what can be undone."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.context import Context, UserError
from bot.core.events import FeedbackGiven, MemberActed
from bot.core.language import _, fill
from bot.features.leads.actions import Add
from bot.rules.clocks import policy
from bot.rules.codes import HARD_STOP
from bot.rules.lead_states import OPEN, TARGETS, Act, LeadState, after, decides, state_name
from storage.campaigns import find_or_add_campaign, folded
from storage.channels import Purpose, channel_for
from storage.clocks import Clock, start_clock, stop_clocks, undo_clocks
from storage.due import Due, cancel_due, set_due
from storage.leads import (
    Lead,
    LeadEvent,
    change_lead,
    events_of,
    find_by_key,
    find_event,
    find_lead,
    lead_of,
    leads_in,
    leads_of_company,
    undo_change,
)
from storage.people import Member
from storage.tables import add as insert
from storage.workspaces import next_lead_number

UNDO_WITHIN = timedelta(hours=24)
REPEATED_WITHIN = timedelta(seconds=30)
WAKE = "leads.wake"
SALES_CLOCKS = ("S1", "S2", "S3")
WAITING_AT_ONCE = 5
QUIET = {"look", "undo"}  # kinds of events that change nothing another member builds on

_STAMPS = {
    "hand_off": "handed_off_at",
    "accept": "accepted_at",
    "attempt": "attempted_at",
    "connect": "connected_at",
    "qualify": "qualified_at",
    "win": "closed_at",
    "lose": "closed_at",
    "reject": "closed_at",
    "disqualify": "closed_at",
}
_BY_FEEDBACK: dict[str, Act] = {"reject": "reject", "disqualify": "disqualify", "recycle": "recycle"}


def add(ctx: Context, asked: Add) -> tuple[Lead, list[Lead]]:
    """Add a lead and hand it to sales; also the open leads of a company of that name."""
    alike = list(leads_of_company(ctx.session, ctx.workspace.id, asked.company, OPEN))
    owner = ctx.person(asked.owner) if asked.owner else None
    campaign = find_or_add_campaign(ctx.session, ctx.workspace.id, asked.campaign) if asked.campaign else None
    key = _new_key(ctx)
    lead = Lead(
        workspace_id=ctx.workspace.id,
        key=key,
        key_folded=folded(key),
        company=asked.company,
        company_folded=folded(asked.company),
        campaign_id=campaign.id if campaign else None,
        owner_id=owner.id if owner else None,
        value_cents=int(asked.value * 100) if asked.value is not None else None,
        state=LeadState.NEW,
        created_at=ctx.now,
        **asked.model_dump(include={"source", "contact", "email", "phone", "segment", "temperature", "summary"}),
    )
    insert(ctx.session, lead)
    lead = lead_of(ctx.session, ctx.workspace.id, lead.id)
    _log(ctx, lead, "add")
    hand_off(ctx, lead)
    ctx.emit(MemberActed(ctx.member.id))
    return lead, alike


def hand_off(ctx: Context, lead: Lead) -> None:
    """Show a new lead to sales: in the leads channel, else to its owner. Where there is neither, it stays new."""
    owner = ctx.colleague(lead.owner_id) if lead.owner_id else None
    place = channel_for(ctx.session, ctx.workspace.id, Purpose.LEADS) or owner
    if place and ctx.post(place, subject=("lead", lead.id)):
        _step(ctx, lead, "hand_off")


def hand_off_waiting(ctx: Context) -> None:
    """Show leads that waited, a few at a time: each card that stands then brings more."""
    for lead in leads_in(ctx.session, ctx.workspace.id, LeadState.NEW, limit=WAITING_AT_ONCE):
        hand_off(ctx, lead)


def move(ctx: Context, lead_id: int, cycle: int, act: Act) -> tuple[Lead, LeadEvent]:
    """Take one step; refused, with a sentence, for those who may not and where the step does not fit."""
    lead = current(ctx, lead_id, cycle)
    _require_may_act(ctx, lead)
    pressed = last_deed(ctx, lead, act) if act == "attempt" else None
    if pressed and ctx.now - pressed.at < REPEATED_WITHIN:
        return lead, pressed  # two quick presses are one attempt
    event = _step(ctx, lead, act)
    ctx.emit(MemberActed(ctx.member.id))
    return lead, event


def follow(ctx: Context, given: FeedbackGiven) -> None:
    """Let the lead's state follow a coded word, where its author may decide about the lead."""
    if given.lead_id is None:
        return
    lead = lead_of(ctx.session, ctx.workspace.id, given.lead_id)
    act = _BY_FEEDBACK.get(given.kind)
    if act is None or not given.moves:
        ctx.refresh("lead", lead.id)
        return
    changes: dict[str, Any] = {"reason": given.code}
    if given.wake_on:
        changes["wake_on"] = given.wake_on
    if given.code == HARD_STOP:
        changes["must_not_be_contacted"] = True
    _step(ctx, lead, act, feedback_id=given.feedback_id, **changes)
    if given.wake_on and lead.owner_id:
        owner = ctx.colleague(lead.owner_id)
        at = _start_of_day(owner, given.wake_on)
        set_due(ctx.session, Due(workspace_id=lead.workspace_id, kind=WAKE, subject_id=lead.id, step=lead.cycle, at=at))


def look(ctx: Context, lead: Lead) -> None:
    """Somebody is looking: worth knowing, and no change of state."""
    _log(ctx, lead, "look")


def undo(ctx: Context, event_id: int) -> Lead:
    """Reverse what the member did, within a day and unless somebody else has acted on it."""
    event = find_event(ctx.session, ctx.workspace.id, event_id)
    lead = find_lead(ctx.session, ctx.workspace.id, event.lead_id) if event else None
    if event is None or lead is None:
        raise UserError(_("This lead no longer exists."))
    reverse(ctx, lead, event)
    return lead


def reverse(ctx: Context, lead: Lead, event: LeadEvent) -> None:
    """Append the event that takes another one back; raises UserError where that is not possible any more."""
    if event.actor_id != ctx.member.id:
        raise UserError(_("Only the one who did this can undo it."))
    if ctx.now - event.at > UNDO_WITHIN:
        raise UserError(_("This can be undone for 24 hours; they are over."))
    log = events_of(ctx.session, ctx.workspace.id, lead.id)
    undone = {later.reverses_id for later in log}
    if event.id in undone:
        raise UserError(_("This was undone already."))
    for later in log:
        if later.id > event.id and later.kind not in QUIET and later.id not in undone:
            if later.actor_id not in (None, ctx.member.id):
                who = ctx.colleague(later.actor_id).name if later.actor_id else ""
                raise UserError(fill(_("{name} has acted on it since, so it cannot be undone."), name=who))
            raise UserError(_("You did something later with this lead; undo that first."))
    taken_back = undo_change(ctx.session, lead, event, _event(ctx, lead, "undo"))
    undo_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, event.id)
    if event.kind == "recycle":
        cancel_due(ctx.session, ctx.workspace.id, WAKE, lead.id)
    _show_change(ctx, lead, taken_back)


def last_deed(ctx: Context, lead: Lead, kind: str) -> LeadEvent | None:
    """The member's newest event of this kind that was not undone."""
    log = events_of(ctx.session, ctx.workspace.id, lead.id)
    undone = {event.reverses_id for event in log}
    mine = [e for e in log if e.actor_id == ctx.member.id and e.kind == kind and e.id not in undone]
    return mine[-1] if mine else None


def deed_of(ctx: Context, lead: Lead, feedback_id: int) -> LeadEvent | None:
    """The event by which the lead followed this feedback, unless it was undone."""
    log = events_of(ctx.session, ctx.workspace.id, lead.id)
    undone = {event.reverses_id for event in log}
    return next((e for e in log if e.feedback_id == feedback_id and e.id not in undone), None)


def start_accept_clock(ctx: Context, lead_id: int) -> None:
    """The lead is delivered: from now on it waits to be accepted."""
    lead = lead_of(ctx.session, ctx.workspace.id, lead_id)
    if lead.state == LeadState.HANDED_OFF:
        _start_clock(ctx, lead, "S1", None)


def current(ctx: Context, lead_id: int, cycle: int) -> Lead:
    """The lead, refused for a card of an earlier cycle."""
    lead = find_lead(ctx.session, ctx.workspace.id, lead_id)
    if lead is None or lead.state == LeadState.WIPED:
        raise UserError(_("This lead no longer exists."))
    if lead.cycle != cycle:
        raise UserError(fill(_("{key} has come back since; please use its newest card."), key=lead.key))
    return lead


def may_act(ctx: Context, lead: Lead) -> bool:
    return decides(ctx.member, ctx.colleague(lead.owner_id) if lead.owner_id else None)


def _require_may_act(ctx: Context, lead: Lead) -> None:
    if may_act(ctx, lead):
        return
    if lead.owner_id is None:
        raise UserError(_("Leads are accepted by sales. You can still say what you think of it: /leadfeedback"))
    owner = ctx.colleague(lead.owner_id).name
    sentence = _("{key} is with {owner}, who decides about it. You can still say what you think: /leadfeedback")
    raise UserError(fill(sentence, key=lead.key, owner=owner))


def _step(ctx: Context, lead: Lead, act: Act, feedback_id: int | None = None, **more: Any) -> LeadEvent:
    then = after(LeadState(lead.state), act)
    if then is None:
        state = state_name(lead.state)
        is_done = lead.state == TARGETS[act]
        sentence = _("{key} is {state} already.") if is_done else _("{key} is {state}; that does not fit any more.")
        raise UserError(fill(sentence, key=lead.key, state=state))
    changes: dict[str, Any] = {"state": then, **more}
    if lead.reason and "reason" not in more:
        changes["reason"] = None  # it is no longer true of the state the lead is in
    stamp = _STAMPS.get(act)
    if stamp and not (act == "attempt" and lead.attempted_at):
        changes[stamp] = ctx.now
    if lead.owner_id is None and act != "hand_off" and ctx.actor:
        changes["owner_id"] = ctx.actor.id  # acting on an unowned lead takes it
    event = _log(ctx, lead, act, feedback_id, **changes)
    if act == "accept":
        stop_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, ("S1",), ctx.now, event.id)
        _start_clock(ctx, lead, "S2", event)
    elif act == "attempt":
        stop_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, ("S2",), ctx.now, event.id)
        _start_clock(ctx, lead, "S3", event)
    elif act not in ("hand_off", "connect"):
        stop_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, SALES_CLOCKS, ctx.now, event.id)
    return event


def _start_clock(ctx: Context, lead: Lead, kind: str, event: LeadEvent | None) -> None:
    clock = Clock(
        workspace_id=lead.workspace_id,
        kind=kind,
        subject="lead",
        subject_id=lead.id,
        cycle=lead.cycle,
        responsible_id=lead.owner_id,
        policy=policy(kind, lead.temperature),
        started_at=ctx.now,
        started_by=event.id if event else None,
    )
    start_clock(ctx.session, clock)


def _log(ctx: Context, lead: Lead, kind: str, feedback_id: int | None = None, **changes: Any) -> LeadEvent:
    event = change_lead(ctx.session, lead, changes, _event(ctx, lead, kind, feedback_id))
    _show_change(ctx, lead, event)
    return event


def _event(ctx: Context, lead: Lead, kind: str, feedback_id: int | None = None) -> LeadEvent:
    return LeadEvent(
        workspace_id=lead.workspace_id,
        lead_id=lead.id,
        cycle=lead.cycle,
        kind=kind,
        state=lead.state,
        actor_id=ctx.actor.id if ctx.actor else None,
        via=ctx.via,
        at=ctx.now,
        feedback_id=feedback_id,
    )


def _show_change(ctx: Context, lead: Lead, event: LeadEvent) -> None:
    ctx.refresh("lead", lead.id)
    if lead.owner_id and event.kind != "look":
        ctx.refresh_home(ctx.colleague(lead.owner_id))


def _start_of_day(member: Member, day: date) -> datetime:
    """When the member's working day begins on a local date, in UTC."""
    begins = time.fromisoformat(member.work_starts)
    return datetime.combine(day, begins, tzinfo=ZoneInfo(member.timezone)).astimezone(ZoneInfo("UTC"))


def _new_key(ctx: Context) -> str:
    while True:
        key = f"L-{next_lead_number(ctx.session, ctx.workspace.id)}"
        if find_by_key(ctx.session, ctx.workspace.id, key) is None:  # an import may have used it
            return key
