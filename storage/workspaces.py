"""Workspaces: the tenants. Every other row belongs to one."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, select, update

from storage.statements import Change, Query
from storage.tables import Instant, Row, add_if_absent

LOCAL = "local"  # the platform of the workspace that the first installation adopts


class Workspace(Row, table=True):
    __table_args__ = (UniqueConstraint("platform", "external_id"),)
    id: int = Field(default=None, primary_key=True)
    platform: str  # "slack", "teams"
    external_id: str  # the platform's id of the team, enterprise or tenant
    name: str
    bot_external_id: str | None = None  # Parley's own user there
    timezone: str = "UTC"  # IANA name
    language: str = "en"
    folds_below: int = 10  # percent of a kind's messages acted on, below which admins are asked; 0: never
    clock_policies: str | None = None  # JSON: those it has changed, such as {"S1.hot": "10m"}
    clock_policies_set_by: int | None = None  # the member who was the last to change them
    clock_policies_set_at: datetime | None = Field(default=None, sa_type=Instant)
    lead_count: int = 0  # how many keys such as L-7 were given out
    admins_asked_at: datetime | None = Field(default=None, sa_type=Instant)  # when the platform told its own admins
    installed_at: datetime = Field(sa_type=Instant)
    uninstalled_at: datetime | None = Field(default=None, sa_type=Instant)
    forgotten_at: datetime | None = Field(default=None, sa_type=Instant)  # nothing of it is left but ids


_WORKSPACE = Query(
    select(Workspace).where(
        Workspace.platform == bindparam("platform"), Workspace.external_id == bindparam("external_id")
    )
)
_BY_ID = Query(select(Workspace).where(Workspace.id == bindparam("workspace_id")))
_COUNT_LEAD = Change(
    update(Workspace)
    .where(col(Workspace.id) == bindparam("workspace_id"))
    .values({col(Workspace.lead_count): col(Workspace.lead_count) + 1})
    .returning(col(Workspace.lead_count))
)


def find_workspace(session: Session, platform: str, external_id: str) -> Workspace | None:
    """The workspace, unless Parley was removed from it."""
    found = _WORKSPACE.first(session, platform=platform, external_id=external_id)
    return None if found is None or found.uninstalled_at else found


def workspace_of(session: Session, workspace_id: int) -> Workspace:
    """The workspace that a row belongs to."""
    return _BY_ID.one(session, workspace_id=workspace_id)


def lock_workspace(session: Session, workspace_id: int) -> Workspace:
    """As `workspace_of`, and nobody else changes it until the commit: for what is decided by looking at it. SQLite has
    one writer."""
    if session.connection().dialect.name == "sqlite":
        return workspace_of(session, workspace_id)
    session.flush()
    return session.get_one(Workspace, workspace_id, with_for_update={"key_share": True}, populate_existing=True)


def installed_workspaces(session: Session) -> Sequence[Workspace]:
    """Those Parley is in, in the order it met them."""
    query = select(Workspace).where(col(Workspace.uninstalled_at).is_(None))
    return session.exec(query.order_by(col(Workspace.id))).all()


def find_or_add_local(session: Session, now: datetime) -> Workspace:
    """The workspace of what was imported before Parley was installed anywhere."""
    add_if_absent(session, Workspace(platform=LOCAL, external_id=LOCAL, name=LOCAL, installed_at=now))
    return _WORKSPACE.one(session, platform=LOCAL, external_id=LOCAL)


def install(session: Session, workspace: Workspace) -> Workspace:
    """The workspace, created if it is new, revived if Parley was removed; its name and bot are brought up to date.

    A new one takes over what was imported before Parley was installed anywhere.
    """
    values = {"platform": workspace.platform, "external_id": workspace.external_id}
    if _WORKSPACE.first(session, **values) is None:
        local = update(Workspace).where(col(Workspace.platform) == LOCAL).values(**values)
        session.connection().execute(local)
        add_if_absent(session, workspace)
    found = _WORKSPACE.one(session, **values)
    found.name, found.bot_external_id, found.uninstalled_at = workspace.name, workspace.bot_external_id, None
    return found


def next_lead_number(session: Session, workspace_id: int) -> int:
    """A number never given before in this workspace, starting at 1."""
    number: int = _COUNT_LEAD.returned(session, workspace_id=workspace_id)
    return number
