"""Channels Parley was invited to, and what each is for."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, delete, func, select
from sqlmodel.sql.sqltypes import AutoString

from storage.statements import Query
from storage.tables import Instant, Row, add_if_absent, find_one
from storage.workspaces import Workspace


class Purpose(StrEnum):
    LEADS = "leads"
    SALES = "sales"
    MARKETING = "marketing"
    SHARED = "shared"  # both sides talk here
    INTEL = "intel"


class Channel(Row, table=True):
    __table_args__ = (UniqueConstraint("workspace_id", "external_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    external_id: str
    name: str = ""
    purpose: Purpose | None = Field(default=None, sa_type=AutoString, index=True)
    language: str | None = None
    is_shared: bool = True  # with other organisations; taken for shared until the platform says it is not
    is_allowed: bool = False  # an admin allowed Parley to speak in this shared channel
    introduced_at: datetime | None = Field(default=None, sa_type=Instant)
    left_at: datetime | None = Field(default=None, sa_type=Instant)  # Parley was removed, or the channel archived

    @property
    def is_open(self) -> bool:
        """Whether Parley may speak here."""
        return self.left_at is None and (self.is_allowed or not self.is_shared)


class Membership(Row, table=True):
    """Who is in the channel of a side, as far as the platform told."""

    channel_id: int = Field(foreign_key="channel.id", primary_key=True)
    member_id: int = Field(foreign_key="member.id", primary_key=True, index=True)
    workspace_id: int = Field(foreign_key="workspace.id")


_CHANNEL = Query(
    select(Channel).where(
        Channel.workspace_id == bindparam("workspace_id"), Channel.external_id == bindparam("external_id")
    )
)
_JOINED = Query(
    select(Channel)
    .where(Channel.workspace_id == bindparam("workspace_id"), col(Channel.left_at).is_(None))
    .order_by(col(Channel.id))
)
_FOR = Query(
    select(Channel)
    .where(Channel.workspace_id == bindparam("workspace_id"), Channel.purpose == bindparam("purpose"))
    .where(col(Channel.left_at).is_(None))
    .order_by(col(Channel.id))
)


def find_channel(session: Session, workspace_id: int, external_id: str) -> Channel | None:
    return _CHANNEL.first(session, workspace_id=workspace_id, external_id=external_id)


def channel(session: Session, workspace_id: int, channel_id: int) -> Channel:
    """The channel of this id; raises NoResultFound for another workspace's."""
    return find_one(session, Channel, workspace_id, channel_id)


def channel_for(session: Session, workspace_id: int, purpose: Purpose) -> Channel | None:
    """The first channel with this purpose in which Parley may speak."""
    found = _FOR.all(session, workspace_id=workspace_id, purpose=purpose)
    return next((channel for channel in found if channel.is_open), None)


def channels(session: Session, workspace_id: int) -> Sequence[Channel]:
    """The channels Parley is in, in the order it met them."""
    return _JOINED.all(session, workspace_id=workspace_id)


def find_channels(session: Session, workspace_id: int, text: str, limit: int) -> Sequence[Channel]:
    """The channels Parley is in whose name contains the text, in the order of their names."""
    query = select(Channel).where(Channel.workspace_id == workspace_id, col(Channel.left_at).is_(None))
    if text:
        query = query.where(func.lower(Channel.name).contains(text.lower(), autoescape=True))
    return session.exec(query.order_by(col(Channel.name), col(Channel.id)).limit(limit)).all()


def note_joined(session: Session, workspace_id: int, channel_id: int, member_id: int) -> None:
    add_if_absent(session, Membership(channel_id=channel_id, member_id=member_id, workspace_id=workspace_id))


def note_quit(session: Session, workspace_id: int, channel_id: int, member_id: int) -> None:
    of_member = (Membership.workspace_id == workspace_id, Membership.member_id == member_id)
    session.exec(delete(Membership).where(*of_member, Membership.channel_id == channel_id))  # type: ignore[arg-type]


def forget_memberships(session: Session, workspace_id: int, member_id: int) -> None:
    of_member = (Membership.workspace_id == workspace_id, Membership.member_id == member_id)
    session.exec(delete(Membership).where(*of_member))  # type: ignore[arg-type]


def sides_joined(session: Session, workspace_id: int, member_id: int) -> set[Purpose]:
    """Of the sides' purposes, those whose channels the member is known to be in."""
    query = select(Channel.purpose).join(Membership, col(Membership.channel_id) == col(Channel.id))
    query = query.where(Membership.workspace_id == workspace_id, Membership.member_id == member_id)
    sides = (Purpose.SALES, Purpose.MARKETING)
    here = (col(Channel.left_at).is_(None), col(Channel.purpose).in_(sides))
    return {Purpose(purpose) for purpose in session.exec(query.where(*here)) if purpose}


def watched_channels(session: Session, purposes: set[str]) -> dict[tuple[str, str, str], str]:
    """(platform, workspace, channel) → purpose, for every open channel with one of these purposes."""
    query = select(Workspace.platform, Workspace.external_id, Channel).join(Workspace)
    rows = session.exec(query.where(col(Channel.purpose).in_(purposes), col(Workspace.uninstalled_at).is_(None)))
    return {
        (platform, workspace, channel.external_id): str(channel.purpose)
        for platform, workspace, channel in rows
        if channel.is_open
    }
