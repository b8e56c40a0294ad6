"""From what is said of a lead to its row: who is meant as its owner, and what a later word changes."""

import re
from typing import Any

from bot.core.context import Context
from bot.rules.lead_fields import LeadFields
from bot.rules.lead_states import GONE, LeadState
from storage.campaigns import find_or_add_campaign, folded
from storage.leads import Lead
from storage.people import Member, find_member, members_called

AS_THEY_ARE = {"source", "contact", "email", "phone", "segment", "temperature", "summary"}
UNTAKEN = (LeadState.NEW, LeadState.HANDED_OFF)

_MENTION = re.compile(r"<@([A-Z0-9_a-z]+)>")


def new_lead(ctx: Context, fields: LeadFields, key: str, owner: Member | None, **more: Any) -> Lead:
    """The row of a new lead, not stored yet; `more` says what is not so of every new one."""
    values = {name: getattr(fields, name) for name in AS_THEY_ARE} | {"state": LeadState.NEW} | more
    return Lead(
        workspace_id=ctx.workspace.id,
        key=key,
        key_folded=folded(key),
        company=fields.company,
        company_folded=folded(fields.company),
        campaign_id=_campaign(ctx, fields),
        owner_id=owner.id if owner else None,
        value_cents=int(fields.value * 100) if fields.value is not None else None,
        created_at=ctx.now,
        **values,
    )


def said_anew(ctx: Context, lead: Lead, fields: LeadFields) -> dict[str, Any]:
    """What a later word on a lead changes: what it says and is not so; the owner only while nobody has taken it."""
    if lead.state in GONE:
        return {}
    said = fields.model_dump(include=AS_THEY_ARE & fields.model_fields_set, exclude_none=True)
    said |= {"company": fields.company, "company_folded": folded(fields.company)}
    if fields.campaign:
        said["campaign_id"] = _campaign(ctx, fields)
    if fields.value is not None:
        said["value_cents"] = int(fields.value * 100)
    if lead.state in UNTAKEN and (owner := owner_named(ctx, fields.owner)):
        said["owner_id"] = owner.id
    return {name: value for name, value in said.items() if getattr(lead, name) != value}


def owner_named(ctx: Context, text: str | None) -> Member | None:
    """Whom a text means, by mention, e-mail address, exact name or id; nobody where that is not certain."""
    if not text:
        return None
    if mentioned := _MENTION.search(text):
        if ctx.via == "message":
            return ctx.person(mentioned[1])
        known = find_member(ctx.session, ctx.workspace.id, mentioned[1])
        return known if known and known.belongs else None
    if found := members_called(ctx.session, ctx.workspace.id, text.removeprefix("@")):
        return found[0] if len(found) == 1 else None
    known = find_member(ctx.session, ctx.workspace.id, text)
    return known if known and known.belongs else None


def _campaign(ctx: Context, fields: LeadFields) -> int | None:
    return find_or_add_campaign(ctx.session, ctx.workspace.id, fields.campaign).id if fields.campaign else None
