"""The sample company, which is fictional: its people, its channels, and how Parley is set up there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from bot.core.context import Context
from bot.demo.rehearsal import Rehearsal
from bot.features.digest.facts import SECTIONS
from bot.playground import Double
from bot.playground.person import Person
from bot.playground.workspace import Workspace
from storage.campaigns import find_or_add_campaign
from storage.channels import Purpose, find_channel
from storage.workspaces import Workspace as Tenant

NAME = "Nordwind Instruments (fictional)"
ADMIN = "robin"
BERLIN, LISBON, NEW_YORK = "Europe/Berlin", "Europe/Lisbon", "America/New_York"


@dataclass(frozen=True)
class Colleague:
    """Somebody of the company; manager and stand-in are named by their handles."""

    handle: str
    name: str
    role: str
    side: str
    zone: str
    manager: str | None = None
    stand_in: str | None = None

    @property
    def is_head(self) -> bool:
        return self.role.startswith("Head")


PEOPLE = (
    Colleague("ana", "Ana Keller", "Account executive", "sales", BERLIN, "ines", "tom"),
    Colleague("ines", "Ines Duarte", "Head of sales", "sales", LISBON),
    Colleague("tom", "Tom Brandt", "Account executive", "sales", BERLIN, "ines", "luis"),
    Colleague("luis", "Luis Prado", "Sales development", "sales", LISBON, "ines", "ines"),
    Colleague("grace", "Grace Miller", "Account executive", "sales", NEW_YORK, "ines", "luis"),
    Colleague("mo", "Mo Lindqvist", "Head of marketing", "marketing", BERLIN),
    Colleague("jonas", "Jonas Weber", "Trade fairs", "marketing", BERLIN, "mo", "clara"),
    Colleague("clara", "Clara Santos", "Webinars and articles", "marketing", LISBON, "mo", "mo"),
    Colleague("priya", "Priya Nair", "Partners", "marketing", NEW_YORK, "mo", "ben"),
    Colleague("ben", "Ben Carter", "Website and search", "marketing", NEW_YORK, "mo", "mo"),
    Colleague(ADMIN, "Robin Vale", "Operations", "other", BERLIN),
)
SELLERS = tuple(each.handle for each in PEOPLE if each.side == "sales" and not each.is_head)
CHANNELS = {  # with what each is for, and whether only one side is there
    "leads": (Purpose.LEADS, None),
    "sales": (Purpose.SALES, "sales"),
    "marketing": (Purpose.MARKETING, "marketing"),
    "alignment": (Purpose.SHARED, None),
}
OWNERS = {  # of the campaigns; that of the last one is left for the admin to choose
    "Calibration webinar": "clara",
    "Measuring fair": "jonas",
    "Partner referrals": "priya",
    "Free sample kit": "ben",
    "Search advertising": None,
}


def build(slack: Double) -> Workspace:
    """The company as it was before Parley came."""
    company = slack.workspace(NAME)
    company.install()
    people = {each: _person(company, each) for each in PEOPLE}
    for name, (_label, side) in CHANNELS.items():
        members = [people[each] for each in PEOPLE if side in (None, each.side) or each.handle == ADMIN]
        company.channel(name, members=members)
    return company


def _person(company: Workspace, each: Colleague) -> Person:
    email = f"{each.handle}@nordwind.example"
    return company.person(
        each.handle,
        real_name=each.name,
        has_display_name=False,
        email=email,
        tz=each.zone,
        title=each.role,
        is_admin=each.handle == ADMIN,
    )


async def set_up(rehearsal: Rehearsal) -> None:
    """The admin invites Parley, says what each channel is for, and who is who."""
    for name, (purpose, _side) in CHANNELS.items():
        await rehearsal.invites_parley(ADMIN, name)
        number = await rehearsal.looks_up(partial(_channel, external_id=rehearsal.channel(name).id))
        await rehearsal.does(ADMIN, "people.purpose", channel=number, purpose=purpose)
    await rehearsal.does(ADMIN, "people.workspace", timezone=BERLIN, language="en")
    for each in PEOPLE:
        await rehearsal.does(
            ADMIN,
            "people.person",
            person=rehearsal.id_of(each.handle),
            side=each.side,
            role=each.role,
            manager=rehearsal.id_of(each.manager),
            stand_in=rehearsal.id_of(each.stand_in),
            duties=("head",) if each.is_head else (),
        )


async def give_campaigns_owners(rehearsal: Rehearsal) -> dict[str, int]:
    """One keeps none, so that the admin's checklist has something to say. Returns the campaigns' numbers."""
    numbers: dict[str, int] = {}

    def add(ctx: Context) -> None:
        for name in OWNERS:
            numbers[name] = find_or_add_campaign(ctx.session, ctx.workspace.id, name).id

    await rehearsal.imports(add)
    for name, owner in OWNERS.items():
        if owner:
            await rehearsal.does(ADMIN, "people.campaign", campaign=numbers[name], owner=rehearsal.id_of(owner))
    return numbers


async def want_digests(rehearsal: Rehearsal) -> None:
    """On every working day, from the next one on."""
    for name in ("alignment", "sales"):
        number = await rehearsal.looks_up(partial(_channel, external_id=rehearsal.channel(name).id))
        days = ("1", "2", "3", "4", "5")
        await rehearsal.does(ADMIN, "digest.settings", channels=(number,), at="09:00", days=days, sections=SECTIONS)


def _channel(session: Session, tenant: Tenant, external_id: str) -> int:
    found = find_channel(session, tenant.id, external_id)
    assert found, "Parley was invited"
    return found.id
