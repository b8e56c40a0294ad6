"""Members of a workspace: who they are, which side they work on, when they work, who stands in for them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, func, or_, select, update
from sqlmodel.sql.sqltypes import AutoString

from storage.statements import Query
from storage.tables import Instant, Row, find, find_one
from storage.workspaces import Workspace

FEW = 8  # rows that are read sooner one by one, by a statement compiled once


class Side(StrEnum):
    SALES = "sales"
    MARKETING = "marketing"
    OTHER = "other"


class Member(Row, table=True):
    """A person the platform vouched for: of the company, and no guest. Nobody else has a row."""

    __table_args__ = (UniqueConstraint("workspace_id", "external_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    external_id: str
    name: str
    email: str | None = None
    side: Side | None = Field(default=None, sa_type=AutoString)
    side_asked_at: datetime | None = Field(default=None, sa_type=Instant)
    role: str | None = None
    timezone: str = "UTC"  # IANA name: of their profile, or the workspace's
    has_own_timezone: bool = False  # their profile names it
    language: str | None = None  # chosen by the member; else the platform's, else the workspace's
    platform_language: str | None = None
    work_days: str = "mon,tue,wed,thu,fri"
    work_starts: str = "09:00"  # local time
    work_ends: str = "17:00"
    stand_in_id: int | None = Field(default=None, foreign_key="member.id")
    manager_id: int | None = Field(default=None, foreign_key="member.id")
    is_head: bool = False
    is_admin: bool = False  # made an admin in Parley
    is_platform_admin: bool = False
    belongs: bool = True  # False once the platform says: deactivated, or now a guest
    verified_at: datetime = Field(sa_type=Instant)  # when the platform last vouched for them
    home_opened_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def administers(self) -> bool:
        return self.is_admin or self.is_platform_admin


_ACTING = Query(
    select(Member, Workspace)
    .join(Workspace)
    .where(Workspace.platform == bindparam("platform"), Workspace.external_id == bindparam("workspace"))
    .where(Member.external_id == bindparam("member"), col(Workspace.uninstalled_at).is_(None))
)
_MEMBER = Query(
    select(Member).where(
        Member.workspace_id == bindparam("workspace_id"), Member.external_id == bindparam("external_id")
    )
)
_CALLED = Query(
    select(Member)
    .where(Member.workspace_id == bindparam("workspace_id"), col(Member.belongs).is_(True))
    .where(or_(col(Member.name) == bindparam("name"), func.lower(Member.email) == bindparam("email")))
    .limit(2)
)


def who_acts(session: Session, platform: str, workspace: str, external_id: str) -> tuple[Member, Workspace] | None:
    """The member behind a platform's ids, whether or not they still belong to the company, and their workspace."""
    return _ACTING.first(session, platform=platform, workspace=workspace, member=external_id)


def find_member(session: Session, workspace_id: int, external_id: str) -> Member | None:
    return _MEMBER.first(session, workspace_id=workspace_id, external_id=external_id)


def member(session: Session, workspace_id: int, member_id: int) -> Member:
    """The member of this id; raises NoResultFound for another workspace's."""
    return find_one(session, Member, workspace_id, member_id)


def members_called(session: Session, workspace_id: int, name: str) -> Sequence[Member]:
    """At most two people of the company who have this e-mail address or, to the letter, this name."""
    return _CALLED.all(session, workspace_id=workspace_id, name=name, email=name.lower())


def people_called(session: Session, workspace_id: int, word: str) -> Sequence[Member]:
    """At most five who have this external id, e-mail address or name, also those who left the company."""
    called = or_(
        col(Member.external_id) == word,
        func.lower(Member.email) == word.lower(),
        col(Member.name) == word,
    )
    query = select(Member).where(Member.workspace_id == workspace_id, called)
    return session.exec(query.order_by(col(Member.id)).limit(5)).all()


def erase_member(session: Session, workspace_id: int, member: Member, name: str) -> None:
    """Leave of a member no more than that there was somebody; the platform's person will be a new member."""
    for link in (col(Member.stand_in_id), col(Member.manager_id)):
        of_workspace = (col(Member.workspace_id) == workspace_id, link == member.id)
        session.connection().execute(update(Member).where(*of_workspace).values({link: None}))
    kept = {"id", "workspace_id", "side", "verified_at"}
    for column, field in Member.model_fields.items():
        if column not in kept:
            setattr(member, column, None if field.is_required() else field.get_default())
    member.external_id, member.name, member.belongs = f"erased-{member.id}", name, False


def members(session: Session, workspace_id: int, ids: Iterable[int]) -> dict[int, Member]:
    wanted = set(ids)
    if len(wanted) <= FEW:
        each = (find(session, Member, workspace_id, member_id) for member_id in sorted(wanted))
        return {found.id: found for found in each if found}
    query = select(Member).where(Member.workspace_id == workspace_id, col(Member.id).in_(wanted))
    return {found.id: found for found in session.exec(query.order_by(col(Member.id)))}


_ADMINS = Query(
    select(Member)
    .where(Member.workspace_id == bindparam("workspace_id"), col(Member.belongs).is_(True))
    .where(or_(col(Member.is_admin).is_(True), col(Member.is_platform_admin).is_(True)))
    .order_by(col(Member.id))
)
_HEADS = Query(
    select(Member)
    .where(Member.workspace_id == bindparam("workspace_id"), Member.side == bindparam("side"))
    .where(col(Member.is_head).is_(True), col(Member.belongs).is_(True))
    .order_by(col(Member.id))
)


def admins(session: Session, workspace_id: int) -> Sequence[Member]:
    return _ADMINS.all(session, workspace_id=workspace_id)


def heads(session: Session, workspace_id: int, side: Side) -> Sequence[Member]:
    return _HEADS.all(session, workspace_id=workspace_id, side=side)


def stood_in_for(session: Session, workspace_id: int, member_id: int) -> Sequence[Member]:
    """Those whom this member stands in for."""
    query = select(Member).where(Member.workspace_id == workspace_id, Member.stand_in_id == member_id)
    return session.exec(query.order_by(col(Member.id))).all()


def members_without_side(session: Session, workspace_id: int) -> int:
    """How many people Parley has met and knows no side of."""
    of_workspace = (Member.workspace_id == workspace_id, col(Member.belongs).is_(True))
    return session.exec(select(func.count()).select_from(Member).where(*of_workspace, col(Member.side).is_(None))).one()


def follow_timezone(session: Session, workspace_id: int, timezone: str) -> None:
    """Give everybody whose profile names no time zone this one, the workspace's."""
    without_own = (col(Member.workspace_id) == workspace_id, col(Member.has_own_timezone).is_(False))
    session.exec(update(Member).where(*without_own).values(timezone=timezone))


class Entry(NamedTuple):
    """A member in the roster."""

    id: int
    external_id: str
    name: str
    manager_id: int | None
    stand_in_id: int | None


def roster(session: Session, workspace_id: int) -> Sequence[Entry]:
    """Everybody of the workspace who belongs to the company, without the weight of whole rows."""
    query = select(Member.id, Member.external_id, Member.name, Member.manager_id, Member.stand_in_id)  # type: ignore[call-overload]
    query = query.where(Member.workspace_id == workspace_id, col(Member.belongs).is_(True))
    return [Entry(*found) for found in session.exec(query)]
