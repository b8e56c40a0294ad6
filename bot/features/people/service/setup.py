"""What is set up and what is still missing, and the settings of the workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy.exc import NoResultFound

from bot.core.context import Context, UserError
from bot.core.events import HoursChanged
from bot.core.language import _, languages
from bot.features.people.actions import ChangeCampaign, ChangeWorkspace
from bot.features.people.service.admins import check_admin
from bot.features.people.service.channels import PURPOSES
from storage.campaigns import Campaign, campaign, campaigns_without_owner
from storage.channels import Channel, Purpose, channels
from storage.people import Member, Side, admins, follow_timezone, heads, members_without_side
from storage.workspaces import Workspace

UTC = "UTC"
SIDES = (Side.SALES, Side.MARKETING)
ZONES = 100  # offered at once


@dataclass(frozen=True)
class Setup:
    """The checklist."""

    workspace: Workspace
    has_timezone: bool  # somebody has chosen one: nobody's wall clock shows UTC
    by_purpose: Mapping[Purpose, Sequence[Channel]]  # of every purpose; where Parley may speak
    unassigned: Sequence[Channel]
    silent: Sequence[Channel]  # shared with other organisations, and not allowed
    admins: Sequence[Member]
    heads: Mapping[Side, Sequence[Member]]
    without_side: int
    campaigns_without_owner: int


def checklist(ctx: Context) -> Setup:
    session, workspace_id = ctx.session, ctx.workspace.id
    known = channels(session, workspace_id)
    opened = [channel for channel in known if channel.is_open]
    return Setup(
        workspace=ctx.workspace,
        has_timezone=ctx.workspace.timezone != UTC,
        by_purpose={purpose: [c for c in opened if c.purpose == purpose] for purpose in PURPOSES},
        unassigned=[channel for channel in opened if channel.purpose is None],
        silent=[channel for channel in known if not channel.is_open],
        admins=admins(session, workspace_id),
        heads={side: heads(session, workspace_id, side) for side in SIDES},
        without_side=members_without_side(session, workspace_id),
        campaigns_without_owner=campaigns_without_owner(session, workspace_id),
    )


def show_progress(ctx: Context) -> None:
    """The admins' homes show what is left to do."""
    ctx.session.flush()
    for admin in admins(ctx.session, ctx.workspace.id):
        ctx.refresh_home(admin)


def change_workspace(ctx: Context, change: ChangeWorkspace) -> Workspace:
    check_admin(ctx)
    if change.timezone not in _zones():
        raise UserError(_("I do not know this time zone. Please choose one from the list."), "timezone")
    if change.language not in languages():
        raise UserError(_("Please choose one of the languages offered."), "language")
    ctx.workspace.timezone, ctx.workspace.language = change.timezone, change.language
    follow_timezone(ctx.session, ctx.workspace.id, change.timezone)
    ctx.emit(HoursChanged(None))
    return ctx.workspace


def change_campaign(ctx: Context, change: ChangeCampaign) -> tuple[Campaign, Member | None]:
    check_admin(ctx)
    try:
        changed = campaign(ctx.session, ctx.workspace.id, change.campaign)
    except NoResultFound:
        raise UserError(_("This campaign does not exist any more."), "campaign") from None
    owner = ctx.person(change.owner) if change.owner else None
    changed.owner_id = owner.id if owner else None
    return changed, owner


def find_zones(text: str) -> list[str]:
    """Time zones whose name contains the text; those where a place begins with it come first."""
    wanted = "_".join(text.split()).casefold()
    found = [zone for zone in _zones() if wanted in zone.casefold()]
    return sorted(found, key=lambda zone: (f"/{wanted}" not in f"/{zone.casefold()}", zone))[:ZONES]


@cache
def _zones() -> frozenset[str]:
    """IANA names that people use: a place, or UTC."""
    return frozenset({"UTC", *(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))})
