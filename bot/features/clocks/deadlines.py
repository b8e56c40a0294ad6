"""The deadlines of a workspace: how long each clock runs. They hold for clocks that start from now on."""

import json
from dataclasses import dataclass

from bot.core.context import Context, UserError
from bot.core.language import _, fill, number
from bot.features.clocks.actions import MOST, ChangeDeadlines, Kind
from bot.rules.clocks import SALES_CLOCKS, allowance, own_policies, policy, usual_policy, written
from bot.rules.lead_fields import TEMPERATURES
from storage.people import Member
from storage.workspaces import Workspace, lock_workspace


@dataclass(frozen=True)
class Deadlines:
    """What holds in a workspace, and who was the last to change it."""

    workspace: Workspace
    set_by: Member | None

    def policy(self, kind: Kind, temperature: str = "standard") -> str:
        return policy(self.workspace, kind, temperature)

    @property
    def are_usual(self) -> bool:
        return not own_policies(self.workspace)


def deadlines(ctx: Context) -> Deadlines:
    by = ctx.workspace.clock_policies_set_by
    return Deadlines(ctx.workspace, ctx.colleague(by) if by else None)


def temperatures(kind: Kind) -> tuple[str, ...]:
    """Those of leads by which the deadline differs: marketing's do not."""
    return tuple(TEMPERATURES) if kind in SALES_CLOCKS else ("standard",)


def has_cap(kind: Kind, temperature: str) -> bool:
    """Whether nights and days off count too, up to a number of hours."""
    return allowance(usual_policy(kind, temperature)).cap is not None


def check_admin(ctx: Context) -> None:
    if not ctx.member.administers:
        raise UserError(_("Only an admin of Parley can change this. /parley setup says who that is."))


def change(ctx: Context, asked: ChangeDeadlines) -> Deadlines:
    """Let this clock run so long from now on; those that run keep what they began with."""
    check_admin(ctx)
    own = own_policies(lock_workspace(ctx.session, ctx.workspace.id))
    for temperature in temperatures(asked.kind):
        amount, unit = asked.allowed(temperature)
        if amount is None:
            continue
        if amount > MOST[unit]:
            sentence = _("At most {days} working days, {hours} working hours or {minutes} minutes.")
            most = fill(sentence, days=MOST["d"], hours=MOST["h"], minutes=number(MOST["m"]))
            raise UserError(most, f"{temperature}_amount")
        cap = asked.cap if has_cap(asked.kind, temperature) else None
        own[f"{asked.kind}.{temperature}"] = written(amount, unit, cap)
    return _keep(ctx, own)


def usual(ctx: Context) -> Deadlines:
    """Back to what Parley brings along, for clocks that start from now on."""
    check_admin(ctx)
    lock_workspace(ctx.session, ctx.workspace.id)
    return _keep(ctx, {})


def _keep(ctx: Context, own: dict[str, str]) -> Deadlines:
    """Store only what differs from what is usual, and by whom, if anything has changed."""
    own = {which: kept for which, kept in own.items() if kept != usual_policy(*which.split("."))}
    if own != own_policies(ctx.workspace):
        ctx.workspace.clock_policies = json.dumps(own) if own else None
        ctx.workspace.clock_policies_set_by, ctx.workspace.clock_policies_set_at = ctx.member.id, ctx.now
    return deadlines(ctx)
