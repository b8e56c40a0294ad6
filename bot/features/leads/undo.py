"""Taking back: what a member did to a lead is reversed within a day, unless somebody has built on it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.core.context import Context, UserError
from bot.core.events import ClocksChanged
from bot.core.language import _, fill
from bot.features.leads.log import OPINIONS, new_event, show_change
from bot.rules.clocks import SALES_CLOCKS, WAKE
from bot.rules.lead_states import LeadState
from storage.clocks import reassign_clocks, stop_clocks, undo_clocks
from storage.due import cancel_due
from storage.feedback import feedback_on
from storage.leads import Lead, LeadEvent, change_lead, events_of, find_event, find_lead, undo_change
from storage.questions import newest_question
from storage.tables import lock

UNDO_WITHIN = timedelta(hours=24)
QUIET = OPINIONS | {"undo", "update", "deleted_message"}  # kinds of events that nobody else's deed builds on


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
    lock(ctx.session, Lead, ctx.workspace.id, lead.id)
    if lead.state == LeadState.WIPED:
        raise UserError(_("This lead no longer exists."))
    _require_undoable(ctx, lead, event)
    taking_back = new_event(ctx, lead, "undo")
    if event.kind == "add":
        _withdraw(ctx, lead, event, taking_back)
    else:
        undo_change(ctx.session, lead, event, taking_back)
        undo_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, event.id, ctx.now)
    if event.kind == "take":
        reassign_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, lead.owner_id)
    ctx.emit(ClocksChanged("lead", lead.id))
    if event.kind == "recycle":
        cancel_due(ctx.session, ctx.workspace.id, WAKE, lead.id)
    show_change(ctx, lead, taking_back)


def _withdraw(ctx: Context, lead: Lead, added: LeadEvent, taking_back: LeadEvent) -> None:
    """The lead was added by mistake: nobody is to do anything with it, and it counts nowhere."""
    taking_back.reverses_id = added.id
    change_lead(ctx.session, lead, {"state": LeadState.WITHDRAWN, "waits_for_channel": False}, taking_back)
    stop_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, SALES_CLOCKS, ctx.now, taking_back.id)


def _require_undoable(ctx: Context, lead: Lead, event: LeadEvent) -> None:
    if event.actor_id != ctx.member.id:
        raise UserError(_("Only the one who did this can undo it."))
    if ctx.now - event.at > UNDO_WITHIN:
        raise UserError(_("This can be undone for 24 hours; they are over."))
    log = events_of(ctx.session, ctx.workspace.id, lead.id)
    if event.id in {later.reverses_id for later in log}:
        raise UserError(_("This was undone already."))
    if event.kind in OPINIONS:
        return
    for actor_id in (*_acted_since(log, event), *(_spoke_of(ctx, lead) if event.kind == "add" else ())):
        if actor_id is None:
            raise UserError(_("The lead has changed since, so it cannot be undone."))
        if actor_id != ctx.member.id:
            name = ctx.colleague(actor_id).name
            raise UserError(fill(_("{name} has acted on it since, so it cannot be undone."), name=name))
        raise UserError(_("You did something later with this lead; undo that first."))


def _acted_since(log: Sequence[LeadEvent], event: LeadEvent) -> Iterator[int | None]:
    """Who did something later that stands; None for the system."""
    undone = {later.reverses_id for later in log}
    quiet = QUIET | {"hand_off"} if event.kind == "add" else QUIET  # that a new lead is shown follows by itself
    for later in log:
        if later.id > event.id and later.kind not in quiet and later.id not in undone:
            yield later.actor_id


def _spoke_of(ctx: Context, lead: Lead) -> Iterator[int]:
    """Who said something of a lead that stands, or asked about it."""
    for said in feedback_on(ctx.session, ctx.workspace.id, lead.id):
        if said.withdrawn_at is None:
            yield said.author_id
    if question := newest_question(ctx.session, ctx.workspace.id, lead.id):
        yield question.asker_id
