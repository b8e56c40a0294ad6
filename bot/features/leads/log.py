"""A lead's log: every change is written down as an event, and what somebody did is found there again."""

from typing import Any

from bot.core.context import Context
from bot.rules.lead_states import LeadState
from storage.leads import Lead, LeadEvent, change_lead, events_of, log_event

OPINIONS = {"look", "would_accept"}  # kinds of events that say what somebody thinks, and change nothing


def record(ctx: Context, lead: Lead, kind: str, feedback_id: int | None = None, **changes: Any) -> LeadEvent:
    """Change a lead's columns, write it down, and show it."""
    event = change_lead(ctx.session, lead, changes, new_event(ctx, lead, kind, feedback_id))
    show_change(ctx, lead, event)
    return event


def record_new(ctx: Context, lead: Lead, kind: str, then: LeadState, **replaced: Any) -> LeadEvent:
    """Write down what led to a lead's row as it was stored, and show it."""
    event = log_event(ctx.session, new_event(ctx, lead, kind, state=then), replaced)
    show_change(ctx, lead, event)
    return event


def new_event(
    ctx: Context, lead: Lead, kind: str, feedback_id: int | None = None, state: str | None = None
) -> LeadEvent:
    """What happens now, not stored yet."""
    return LeadEvent(
        workspace_id=lead.workspace_id,
        lead_id=lead.id,
        cycle=lead.cycle,
        kind=kind,
        state=state or lead.state,
        actor_id=ctx.actor.id if ctx.actor else None,
        via=ctx.via,
        at=ctx.now,
        feedback_id=feedback_id,
    )


def show_change(ctx: Context, lead: Lead, event: LeadEvent) -> None:
    if event.kind not in ("add", "hand_off", "wake"):  # else a new card is promised
        ctx.refresh("lead", lead.id)
    if lead.owner_id and event.kind not in OPINIONS:
        ctx.refresh_home(ctx.colleague(lead.owner_id))


def last_deed(ctx: Context, lead: Lead, *kinds: str, via: str | None = None) -> LeadEvent | None:
    """The member's newest event of these kinds, done in this way if one is named, that was not undone."""
    log = events_of(ctx.session, ctx.workspace.id, lead.id)
    undone = {event.reverses_id for event in log}
    mine = [e for e in log if e.actor_id == ctx.member.id and e.kind in kinds and e.id not in undone]
    done = [event for event in mine if via in (None, event.via)]
    return done[-1] if done else None


def deed_of(ctx: Context, lead: Lead, feedback_id: int) -> LeadEvent | None:
    """The event by which the lead followed this feedback, unless it was undone."""
    log = events_of(ctx.session, ctx.workspace.id, lead.id)
    undone = {event.reverses_id for event in log}
    return next((e for e in log if e.feedback_id == feedback_id and e.id not in undone), None)
