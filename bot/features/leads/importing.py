"""Leads from a file: what its rows say, merged into what is known; safe to run twice.

A row changes only what it says. Its status, or else the furthest of its instants, sets the lead's state directly:
the order of steps binds people, not history. Nothing is announced; a card that stands already is brought up to date.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.core.context import Context
from bot.core.events import ClocksChanged
from bot.core.language import _
from bot.rules.clocks import SALES_CLOCKS
from bot.rules.codes import HARD_STOP
from bot.rules.lead_states import TARGETS, LeadState
from storage.campaigns import find_or_add_campaigns, folded
from storage.cards import subjects_shown
from storage.clocks import reassign_clocks, stop_clocks, subjects_with_clocks
from storage.lead_imports import CHANGING, add_events, add_leads, change_leads, leads_with_keys
from storage.leads import Lead

FIRST_CHUNK, CHUNK = 50, 150  # rows of the first unit of work, whose statements are all new, and of any
_ACTS = {state: act for act, state in TARGETS.items() if act != "wake"} | {LeadState.NEW: "reopen"}
_BLANK = {name: field.get_default() for name, field in Lead.model_fields.items() if name != "id"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says of a lead. What it does not say is absent, or None."""

    line: int
    key: str
    columns: Mapping[str, Any]  # of Lead: texts, value_cents, temperature, owner_id, handed_off_at, accepted_at
    campaign: str | None = None
    won_at: datetime | None = None
    lost_at: datetime | None = None
    state: LeadState | None = None
    reason: str | None = None  # the code of that state


@dataclass
class Outcome:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)  # line and why


def import_leads(ctx: Context, rows: Sequence[Told]) -> Outcome:
    """Add or change the leads that at most CHUNK rows of different keys are about."""
    if len(rows) > CHUNK:
        raise ValueError(f"{len(rows)} rows where a unit of work takes {CHUNK}")
    workspace_id, outcome = ctx.workspace.id, Outcome()
    known = leads_with_keys(ctx.session, workspace_id, [folded(row.key) for row in rows])
    campaigns = find_or_add_campaigns(ctx.session, workspace_id, (row.campaign for row in rows if row.campaign))
    added: list[dict[str, Any]] = []
    changed: dict[int, dict[str, Any]] = {}
    events: list[dict[str, Any]] = []
    all_changes: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        campaign_id = campaigns[folded(row.campaign)].id if row.campaign else None
        before = known.get(folded(row.key))
        if before is None:
            added.append(_new(ctx, row, campaign_id))
        elif before["state"] == LeadState.WIPED:
            outcome.refused.append((row.line, _("This lead was erased; it is not brought back.")))
        elif before["state"] == LeadState.WITHDRAWN:
            outcome.refused.append((row.line, _("This lead was withdrawn; it is not brought back.")))
        elif changes := _changes(before, row, campaign_id):
            after = changed[before["id"]] = {**{name: before[name] for name in CHANGING}, **changes}
            kind = _ACTS[LeadState(after["state"])] if "state" in changes else "update"
            replaced = {name: _plain(before[name]) for name in changes}
            events.append(_event(ctx, before["id"], before["cycle"], kind, after["state"], replaced))
            all_changes[before["id"]] = changes
        else:
            outcome.unchanged += 1
    outcome.added, outcome.changed = len(added), len(changed)
    if added:
        ids = add_leads(ctx.session, workspace_id, added)
        events += [_event(ctx, ids[lead["key_folded"]], 1, "add", lead["state"], {}) for lead in added]
    change_leads(ctx.session, workspace_id, changed)
    _keep_up(ctx, all_changes)
    if events:
        add_events(ctx.session, workspace_id, events)
    return outcome


def _new(ctx: Context, row: Told, campaign_id: int | None) -> dict[str, Any]:
    """The columns of a lead, plain: a row's object would cost more than storing it."""
    blank = {
        **_BLANK,
        "workspace_id": ctx.workspace.id,
        "key": row.key,
        "key_folded": folded(row.key),
        "company": row.key,
        "company_folded": folded(row.key),
        "state": LeadState.NEW,
        "created_at": ctx.now,
        "imported_at": ctx.now,
    }
    return {**blank, **_changes(blank, row, campaign_id)}


def _changes(before: Mapping[str, Any], row: Told, campaign_id: int | None) -> dict[str, Any]:
    """The columns that become something else."""
    after = {**row.columns, **_ending(before, row)}
    if "company" in after:
        after["company_folded"] = folded(after["company"])
    if campaign_id is not None:
        after["campaign_id"] = campaign_id
    return {name: value for name, value in after.items() if before[name] != value}


def _ending(before: Mapping[str, Any], row: Told) -> dict[str, Any]:
    """The state a row leaves its lead in, with its reason and its end; nothing where the lead keeps its own."""
    if row.state:
        is_same = before["state"] == row.state
        at = {LeadState.WON: row.won_at, LeadState.LOST: row.lost_at}.get(row.state)
        after: dict[str, Any] = {
            "state": row.state,
            "closed_at": at or (before["closed_at"] if is_same else None),
            "reason": row.reason or (before["reason"] if is_same else None),
        }
        return {**after, "must_not_be_contacted": True} if row.reason == HARD_STOP else after
    ends = [(at, state) for at, state in ((row.lost_at, LeadState.LOST), (row.won_at, LeadState.WON)) if at]
    if ends:
        at, state = max(ends, key=lambda end: end[0])
        is_newest = before["closed_at"] is None or before["closed_at"] <= at
        return {"state": state, "closed_at": at, "reason": None} if is_newest or before["state"] == state else {}
    if row.columns.get("accepted_at") and before["state"] in (LeadState.NEW, LeadState.HANDED_OFF):
        return {"state": LeadState.ACCEPTED}
    if row.columns.get("handed_off_at") and before["state"] == LeadState.NEW:
        return {"state": LeadState.HANDED_OFF}
    return {}


def _keep_up(ctx: Context, all_changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Leads that people work on: their cards show it, and nobody is nudged about what is over or not theirs."""
    for lead_id in sorted(subjects_shown(ctx.session, ctx.workspace.id, "lead", all_changes.keys())):
        ctx.refresh("lead", lead_id)
    touched = [lead_id for lead_id, changes in all_changes.items() if {"owner_id", "state"} & changes.keys()]
    for lead_id in sorted(subjects_with_clocks(ctx.session, ctx.workspace.id, "lead", touched)):
        changes = all_changes[lead_id]
        if "owner_id" in changes:
            reassign_clocks(ctx.session, ctx.workspace.id, "lead", lead_id, changes["owner_id"])
        if "state" in changes:
            stop_clocks(ctx.session, ctx.workspace.id, "lead", lead_id, SALES_CLOCKS, ctx.now, None)
        ctx.emit(ClocksChanged("lead", lead_id))


def _event(
    ctx: Context, lead_id: int, cycle: int, kind: str, state: str, replaced: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "lead_id": lead_id,
        "cycle": cycle,
        "kind": kind,
        "state": state,
        "via": ctx.via,
        "at": ctx.now,
        "replaced": json.dumps(replaced),
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
