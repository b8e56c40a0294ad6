"""Erasing leads, and people from leads: personal data goes, what happened and how it ended stays countable."""

import re
from datetime import datetime

from bot.core.context import Context
from bot.core.erasing import NAME, Erased, retract
from bot.core.events import ClocksChanged, LeadErased
from bot.core.language import _
from bot.rules.lead_states import OPEN, LeadState
from storage.channels import find_channel
from storage.clocks import reassign_clocks, stop_clocks
from storage.due import cancel_due
from storage.leads import (
    Lead,
    LeadEvent,
    change_lead,
    forget_origins_by_key,
    leads_of_company,
    origins_of,
    wipe_lead,
)
from storage.patterns import forget_heard

OWN_KEY = re.compile(r"l-\d+")
REFUSED = "lead.refused"  # the subject of what somebody was told whose reaction could not be followed
TELLING = 4  # letters from which on a word is looked for in texts


def wipe(ctx: Context, lead: Lead) -> list[str]:
    """Take away who the lead is; its state becomes WIPED. Returns the words that tell of it in texts."""
    words = _words(ctx, lead)
    for origin in origins_of(ctx.session, ctx.workspace.id, lead.id):
        kind, _colon, place = origin.partition(":")
        if kind == "message" and (where := find_channel(ctx.session, ctx.workspace.id, place.partition(":")[0])):
            forget_heard(ctx.session, ctx.workspace.id, where.id, place.partition(":")[2])
    if not OWN_KEY.fullmatch(lead.key_folded):
        forget_origins_by_key(ctx.session, ctx.workspace.id, lead.id, lead.key_folded)
    wipe_lead(lead, key=lead.key if OWN_KEY.fullmatch(lead.key_folded) else None, gone=_("(erased)"))
    change_lead(ctx.session, lead, {"state": LeadState.WIPED}, _event(lead, "erase", ctx.now))
    stop_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, ("S1", "S2", "S3"), ctx.now)
    ctx.emit(ClocksChanged("lead", lead.id))
    cancel_due(ctx.session, ctx.workspace.id, "leads.wake", lead.id)
    ctx.refresh("lead", lead.id)
    retract(ctx, REFUSED, lead.id)
    ctx.emit(LeadErased(lead.id))
    if lead.owner_id:
        ctx.refresh_home(ctx.colleague(lead.owner_id))
    return words


def from_lead(ctx: Context, erased: Erased, lead: Lead) -> bool:
    """Open leads of an erased person wait for whoever takes them; closed ones stay counted as somebody's."""
    summary = erased.without(lead.summary)
    is_theirs = lead.owner_id is not None and lead.owner_id == erased.member_id
    if summary == lead.summary and not is_theirs:
        return False
    lead.summary = summary
    if is_theirs and lead.state in OPEN:
        change_lead(ctx.session, lead, {"owner_id": None}, _event(lead, "update", ctx.now))
        reassign_clocks(ctx.session, ctx.workspace.id, "lead", lead.id, None)
        ctx.emit(ClocksChanged("lead", lead.id))
    if is_theirs:
        retract(ctx, REFUSED, lead.id)
    ctx.refresh("lead", lead.id)
    return True


def from_event(ctx: Context, erased: Erased, event: LeadEvent) -> bool:
    """What was there before a change, and who is looking."""
    before = event.replaced
    event.replaced = "{}" if event.lead_id == erased.lead_id else erased.without_in_json(before)
    if event.kind == "look" and event.actor_id == erased.member_id:
        ctx.refresh("lead", event.lead_id)
        return True
    return event.replaced != before


def _words(ctx: Context, lead: Lead) -> list[str]:
    """A company's name only where no other lead is of that company: it would be erased from what is said of those."""
    alike = leads_of_company(ctx.session, ctx.workspace.id, lead.company, set(LeadState) - {LeadState.WIPED})
    contact = lead.contact if lead.contact and NAME.search(lead.contact) else None
    company = lead.company if len(alike) == 1 else None
    key = None if OWN_KEY.fullmatch(lead.key_folded) else lead.key
    found = (contact, lead.email, lead.phone, company, key)
    return [word for word in found if word and len(word) >= TELLING]


def _event(lead: Lead, kind: str, now: datetime) -> LeadEvent:
    return LeadEvent(
        workspace_id=lead.workspace_id,
        lead_id=lead.id,
        cycle=lead.cycle,
        kind=kind,
        state=lead.state,
        via="system",
        at=now,
    )
