"""Getting to know people and channels: asks the platform before a row is made. Unknown means from outside."""

import asyncio
import logging
from collections import OrderedDict
from datetime import datetime
from time import monotonic

from sqlmodel import Session

from bot.core.context import ComeAgain, Unacquainted, UserError
from bot.core.directory import Directory, NotFound, Person, Place
from bot.core.language import _
from storage.channels import Channel, find_channel
from storage.database import Database
from storage.people import Member, find_member
from storage.tables import add_if_absent
from storage.workspaces import find_workspace

log = logging.getLogger(__name__)

ASK_WITHIN = 1.5  # seconds the platform has to say who somebody is
OUTSIDER_FOR = 600.0  # seconds for which "no member of this workspace" is remembered
OUTSIDERS = 10_000  # remembered at most


class Outsider(UserError):
    """The person is not of the company; they change nothing and see nothing internal."""

    def __init__(self, text: str | None = None) -> None:
        super().__init__(text or _("This is for members of the company that installed Parley."))


class NoColleague(Outsider):
    """Somebody was named who is not of the company."""

    def __init__(self, person: str) -> None:
        super().__init__(_("Only people of your company can be chosen here; guests cannot."))
        self.person = person


class Unreachable(ComeAgain):
    """The platform could not be asked who somebody is; asking again later may help."""

    def __init__(self) -> None:
        super().__init__(_("I could not check who is asking. Nothing was changed; please try again."))


class Acquaintance:
    def __init__(self, database: Database, directories: dict[str, Directory]) -> None:
        self._database, self._directories = database, directories
        self._outsiders: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    def refuse_known_outsider(self, platform: str, workspace: str, person: str) -> None:
        """Raise Outsider if the platform said so a short while ago."""
        if self._outsiders.get((platform, workspace, person), 0.0) > monotonic():
            raise Outsider

    async def make(self, platform: str, workspace: str, unknown: Unacquainted, now: datetime) -> None:
        """Ask the platform and make the row. Raises UserError for outsiders and when the platform cannot be asked."""
        directory = self._directories[platform]
        try:
            async with asyncio.timeout(ASK_WITHIN):
                if unknown.admins:
                    found = await directory.admins(workspace)
                elif unknown.person:
                    person = await directory.person(workspace, unknown.person)
                elif unknown.channel:
                    place = await directory.place(workspace, unknown.channel)
        except NotFound:
            if unknown.channel:
                raise UserError(_("I cannot see this channel. Invite me first: /invite @Parley")) from None
            person = Person(unknown.person or "", "", belongs=False)
        except Exception as error:
            log.warning("could not ask %s about %s: %r", platform, unknown, error)
            raise Unreachable from error
        if unknown.admins:
            await self._database.write(lambda session: keep_admins(session, platform, workspace, found, now))
            return
        if unknown.channel:
            await self._database.write(lambda session: keep_place(session, platform, workspace, place))
            return
        if not person.belongs:
            self._remember_outsider(platform, workspace, person.external_id)
        await self._database.write(lambda session: keep_person(session, platform, workspace, person, now))
        if not person.belongs:
            raise Outsider

    def _remember_outsider(self, *key: str) -> None:
        self._outsiders[key] = monotonic() + OUTSIDER_FOR  # type: ignore[index]
        while len(self._outsiders) > OUTSIDERS:
            self._outsiders.popitem(last=False)


def keep_person(session: Session, platform: str, workspace: str, person: Person, now: datetime) -> None:
    """Bring a member's row up to date with the platform; only those who belong get a new one."""
    tenant = find_workspace(session, platform, workspace)
    if tenant is None:
        return
    if person.belongs:
        new = Member(
            workspace_id=tenant.id,
            external_id=person.external_id,
            name=person.name,
            timezone=tenant.timezone,
            verified_at=now,
        )
        add_if_absent(session, new)
    member = find_member(session, tenant.id, person.external_id)
    if member is None:
        return
    member.belongs, member.verified_at = person.belongs, now
    if person.belongs:
        member.name, member.email, member.is_platform_admin = person.name, person.email, person.is_admin
        if person.timezone:
            member.timezone, member.has_own_timezone = person.timezone, True
        member.platform_language = person.language or member.platform_language


def keep_admins(session: Session, platform: str, workspace: str, found: list[Person], now: datetime) -> None:
    """Remember the workspace's own admins, and that the platform was asked for them."""
    for admin in found:
        keep_person(session, platform, workspace, admin, now)
    tenant = find_workspace(session, platform, workspace)
    if tenant:
        tenant.admins_asked_at = now


def keep_place(session: Session, platform: str, workspace: str, place: Place) -> None:
    """Bring a channel's row up to date with the platform, made if it is new."""
    tenant = find_workspace(session, platform, workspace)
    if tenant is None:
        return
    add_if_absent(session, Channel(workspace_id=tenant.id, external_id=place.external_id))
    channel = find_channel(session, tenant.id, place.external_id)
    if channel:
        channel.name, channel.is_shared, channel.left_at = place.name, place.is_shared, None
