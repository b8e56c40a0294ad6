"""The rules of leads: who may change what, and what follows from it."""

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.core.context import Context, UserError
from bot.core.events import ClocksChanged, FeedbackGiven, LeadHeard, MemberActed
from bot.core.language import _, fill
from bot.features.leads import views
from bot.features.leads.actions import Add
from bot.features.leads.intake import new_lead, owner_named, said_anew
from bot.features.leads.log import last_deed, record, record_new
from bot.rules.calendars import back_at, wakes_at, zone_of
from bot.rules.clocks import SALES_CLOCKS, WAKE, policy
from bot.rules.codes import HARD_STOP
from bot.rules.lead_fields import LeadFields
from bot.rules.lead_states import GONE, OPEN, TARGETS, Act, LeadState, after, decides, state_name
from storage.calendars import timetable
from storage.cards import cards
from storage.channels import Channel, Purpose, channel, channel_for
from storage.clocks import Clock, reassign_clocks, start_clock, stop_clocks
from storage.due import Due, set_due
from storage.leads import (
    Lead,
    LeadEvent,
    find_by_key,
    find_by_origin,
    lead_of,
    leads_of_company,
    note_origin,
    waiting_leads,
)
from storage.people import Member
from storage.tables import keep, lock
from storage.workspaces import next_lead_number

AN_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
REPEATED_WITHIN = timedelta(seconds=30)
WAITING_AT_ONCE = 5

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


class AlreadyAdded(Exception):
    """The same member added a lead of this company a moment ago; carries it, and the event of adding it."""

    def __init__(self, lead: Lead, event: LeadEvent) -> None:
        self.lead, self.event = lead, event


def add(ctx: Context, asked: Add) -> tuple[Lead, LeadEvent, list[Lead]]:
    """Add a lead and hand it to sales; also the event of that, and the open leads of a company of that name."""
    if asked.email and not AN_ADDRESS.fullmatch(asked.email):
        raise UserError(_("An e-mail address looks like name@company.com."), "email")
    alike = list(leads_of_company(ctx.session, ctx.workspace.id, asked.company, OPEN))
    for known in alike:
        if ctx.now - known.created_at < REPEATED_WITHIN and (event := last_deed(ctx, known, "add")):
            raise AlreadyAdded(known, event)
    lead, event = _add(ctx, asked, ctx.person(asked.owner) if asked.owner else None)
    ctx.emit(MemberActed(ctx.member.id))
    return lead, event, alike


def take_in(ctx: Context, heard: LeadHeard) -> None:
    """Make a lead of what was announced; of what was announced before, by its origin or its key, change that lead."""
    fields = LeadFields.model_validate(heard.fields)
    lead = None if heard.is_new else find_by_origin(ctx.session, ctx.workspace.id, heard.origin)
    if lead is None and fields.key:
        lead = find_by_key(ctx.session, ctx.workspace.id, fields.key)
    if lead and lead.state == LeadState.WIPED:
        return  # not even where it was announced again is remembered
    if lead:
        owner_id = lead.owner_id
        if changed := said_anew(ctx, lead, fields):
            record(ctx, lead, "update", **changed)
        if lead.owner_id != owner_id:
            _hand_over(ctx, lead, owner_id)
    else:
        where = channel(ctx.session, ctx.workspace.id, heard.channel_id) if heard.channel_id else None
        lead, _event = _add(ctx, fields, owner_named(ctx, fields.owner), where)
        if ctx.actor:
            ctx.emit(MemberActed(ctx.actor.id))
    note_origin(ctx.session, ctx.workspace.id, heard.origin, lead.id)


def note_deleted_message(ctx: Context, origin: str) -> None:
    """The lead stays; its log says that what announced it is gone."""
    lead = find_by_origin(ctx.session, ctx.workspace.id, origin)
    if lead and lead.state not in GONE:
        record(ctx, lead, "deleted_message")


def _hand_over(ctx: Context, lead: Lead, before: int | None) -> None:
    """The lead has another owner: what runs on it is theirs now, and whoever had it no longer sees it at home."""
    reassign_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, lead.owner_id)
    ctx.emit(ClocksChanged("lead", lead.id))
    if before:
        ctx.refresh_home(ctx.colleague(before))


def _add(
    ctx: Context, fields: LeadFields, owner: Member | None, where: Channel | None = None
) -> tuple[Lead, LeadEvent]:
    """Add a lead and hand it off; also the event of adding it. Most leads come in this way: the row is written once."""
    place = where or channel_for(ctx.session, ctx.workspace.id, Purpose.LEADS)
    to = place or owner
    is_shown = to is not None and ctx.may_post(to)
    then: dict[str, Any] = {"state": LeadState.HANDED_OFF, "handed_off_at": ctx.now} if is_shown else {}
    key = fields.key or _new_key(ctx)
    lead = new_lead(ctx, fields, key, owner, waits_for_channel=place is None, **then)
    keep(ctx.session, lead)
    added = record_new(ctx, lead, "add", LeadState.NEW)
    if to and is_shown:
        ctx.post(to, subject=("lead", lead.id))
        record_new(ctx, lead, "hand_off", LeadState.HANDED_OFF, state=LeadState.NEW, handed_off_at=None)
    return lead, added


def hand_off(ctx: Context, lead: Lead) -> None:
    """Show a new lead to sales: in the leads channel, else to its owner. Where there is neither, it stays new."""
    place = channel_for(ctx.session, ctx.workspace.id, Purpose.LEADS)
    if lead.waits_for_channel != (place is None):
        lead.waits_for_channel = place is None
    to = place or (ctx.colleague(lead.owner_id) if lead.owner_id else None)
    if to and ctx.post(to, subject=("lead", lead.id)):
        _step(ctx, lead, "hand_off")


def hand_off_waiting(ctx: Context) -> None:
    """Show leads that waited, a few at a time: each card that stands then brings more."""
    place = channel_for(ctx.session, ctx.workspace.id, Purpose.LEADS)
    for lead in waiting_leads(ctx.session, ctx.workspace.id, WAITING_AT_ONCE) if place else []:
        if lead.state == LeadState.NEW:
            hand_off(ctx, lead)
        elif place and ctx.post(place, subject=("lead", lead.id)):
            lead.waits_for_channel = False  # its owner had the card already


def move(ctx: Context, lead_id: int, cycle: int, act: Act) -> tuple[Lead, LeadEvent]:
    """Take one step; refused, with a sentence, for those who may not and where the step does not fit."""
    lead = current(ctx, lead_id, cycle)
    _require_may_act(ctx, lead, act)
    pressed = last_deed(ctx, lead, act) if act == "attempt" else None
    if pressed and ctx.now - pressed.at < REPEATED_WITHIN:
        return lead, pressed  # two quick presses are one attempt
    event = _step(ctx, lead, act)
    ctx.emit(MemberActed(ctx.member.id))
    return lead, event


def take(ctx: Context, lead_id: int, cycle: int) -> None:
    """Become the owner of a lead that nobody has, or that the member decides about for its owner; and accept it."""
    lead = current(ctx, lead_id, cycle)
    _require_may_act(ctx, lead, "accept")
    before = lead.owner_id
    if lead.state == LeadState.HANDED_OFF:
        _step(ctx, lead, "accept", owner_id=ctx.member.id)
    elif before != ctx.member.id:
        record(ctx, lead, "take", owner_id=ctx.member.id)
        _hand_over(ctx, lead, before)
    ctx.emit(MemberActed(ctx.member.id))


def accept_or_say_so(ctx: Context, lead: Lead) -> None:
    """Accept a lead; of those who may not it is an opinion, which its card shows."""
    if may_act(ctx, lead, "accept"):
        move(ctx, lead.id, lead.cycle, "accept")
    else:
        record(ctx, lead, "would_accept")
        ctx.emit(MemberActed(ctx.member.id))


def follow(ctx: Context, given: FeedbackGiven) -> None:
    """Let the lead's state follow a coded word, where its author may decide about the lead."""
    lead = lock(ctx.session, Lead, ctx.workspace.id, given.lead_id) if given.lead_id else None
    if lead is None:
        return
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
        at = wakes_at(timetable(ctx.session, ctx.workspace.id, lead.owner_id), given.wake_on)
        set_due(ctx.session, Due(workspace_id=lead.workspace_id, kind=WAKE, subject_id=lead.id, step=lead.cycle, at=at))


def wake(ctx: Context, lead_id: int, cycle: int) -> datetime | None:
    """A lead that was kept for later begins anew, with a new card; or, where its owner does not work now, then."""
    lead = lock(ctx.session, Lead, ctx.workspace.id, lead_id)
    if lead and lead.cycle == cycle and lead.state == LeadState.RECYCLED:
        owner = ctx.colleague(lead.owner_id) if lead.owner_id else None
        if owner and (at := back_at(timetable(ctx.session, ctx.workspace.id, owner.id), ctx.now)) > ctx.now:
            return at
        begun_anew = {"cycle": cycle + 1, "reason": None, "wake_on": None, "attempted_at": None}
        record(ctx, lead, "wake", state=LeadState.NEW, **begun_anew)
        old = cards(ctx.session, ctx.workspace.id, "lead", lead.id)
        hand_off(ctx, lead)
        on = ctx.now.astimezone(zone_of(owner.timezone if owner else ctx.workspace.timezone)).date()
        for posted in old if lead.state == LeadState.HANDED_OFF else ():
            ctx.update(posted, partial(views.came_back, lead, on))
    return None


def start_accept_clock(ctx: Context, lead_id: int) -> None:
    """The lead is delivered: from now on it waits to be accepted."""
    lead = lead_of(ctx.session, ctx.workspace.id, lead_id)
    if lead.state == LeadState.HANDED_OFF:
        _start_clock(ctx, lead, "S1", None)
        ctx.emit(ClocksChanged("lead", lead.id))


def current(ctx: Context, lead_id: int, cycle: int) -> Lead:
    """The lead, which nobody else changes meanwhile; refused for a card of an earlier cycle."""
    lead = lock(ctx.session, Lead, ctx.workspace.id, lead_id)
    if lead is None or lead.state in GONE:
        raise UserError(_("This lead no longer exists."))
    if lead.cycle != cycle:
        raise UserError(fill(_("{key} has come back since; please use its newest card."), key=lead.key))
    return lead


def may_act(ctx: Context, lead: Lead, act: Act) -> bool:
    return decides(ctx.member, ctx.colleague(lead.owner_id) if lead.owner_id else None, act)


def _require_may_act(ctx: Context, lead: Lead, act: Act) -> None:
    if may_act(ctx, lead, act):
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
    event = record(ctx, lead, act, feedback_id, **changes)
    if act == "accept":
        stop_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, ("S1",), ctx.now, event.id)
        _start_clock(ctx, lead, "S2", event)
    elif act == "attempt":
        stop_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, ("S2",), ctx.now, event.id)
        _start_clock(ctx, lead, "S3", event)
    elif act not in ("hand_off", "connect"):
        stop_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, SALES_CLOCKS, ctx.now, event.id)
    if act not in ("hand_off", "connect"):
        ctx.emit(ClocksChanged("lead", lead.id))
    return event


def _start_clock(ctx: Context, lead: Lead, kind: str, event: LeadEvent | None) -> None:
    clock = Clock(
        workspace_id=lead.workspace_id,
        kind=kind,
        subject="lead",
        subject_id=lead.id,
        cycle=lead.cycle,
        responsible_id=lead.owner_id,
        policy=policy(ctx.workspace, kind, lead.temperature),
        started_at=ctx.now,
        started_by=event.id if event else None,
    )
    start_clock(ctx.session, clock)


def _new_key(ctx: Context) -> str:
    while True:
        key = f"L-{next_lead_number(ctx.session, ctx.workspace.id)}"
        if find_by_key(ctx.session, ctx.workspace.id, key) is None:  # an import may have used it
            return key
