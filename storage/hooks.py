"""Where other programs hand in leads: a name in each workspace, with the secrets that its requests are signed with."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, col, delete, select

from storage.tables import Instant, Row
from storage.workspaces import Workspace

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Hook(Row, table=True):
    """Both secrets are valid, until the next rotation; as "whsec_..." so that they can verify (decision 0007)."""

    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    name: str = Field(primary_key=True)
    secret: str
    earlier_secret: str | None = None
    made_at: datetime = Field(sa_type=Instant)
    rotated_at: datetime | None = Field(default=None, sa_type=Instant)


def hooks_named(session: Session, name: str) -> Sequence[tuple[Hook, str, str]]:
    """The hooks of this name, each with its workspace's platform and external id, where Parley is installed."""
    query = select(Hook, Workspace.platform, Workspace.external_id).join(Workspace)
    query = query.where(Hook.name == name, col(Workspace.uninstalled_at).is_(None))
    return session.exec(query.order_by(col(Hook.workspace_id))).all()


def find_hook(session: Session, workspace_id: int, name: str) -> Hook | None:
    return session.exec(select(Hook).where(Hook.workspace_id == workspace_id, Hook.name == name)).one_or_none()


def hooks_of(session: Session, workspace_id: int) -> Sequence[Hook]:
    return session.exec(select(Hook).where(Hook.workspace_id == workspace_id).order_by(col(Hook.name))).all()


def remove_hook(session: Session, workspace_id: int, name: str) -> None:
    session.exec(delete(Hook).where(Hook.workspace_id == workspace_id, Hook.name == name))  # type: ignore[arg-type]
