"""`hooks add|rotate|list|remove`: names under which other programs hand in leads, and the secrets they sign with."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlmodel import Session

from bot.core.context import UserError
from bot.settings import Settings
from storage.database import Database
from storage.hooks import NAME, Hook, find_hook, hooks_of, remove_hook
from storage.migrate import migrate
from storage.tables import add_if_absent
from storage.workspaces import Workspace, installed_workspaces

T = TypeVar("T")


async def add(settings: Settings, name: str, workspace: str = "") -> str:
    """The secret of a new hook. Raises UserError, as all of these do, where that is not possible."""
    if not NAME.fullmatch(name):
        raise UserError("A name has at most 40 small letters, digits, - and _, such as hubspot.")
    secret = new_secret()

    def work(session: Session) -> str:
        hook = Hook(workspace_id=_chosen(session, workspace).id, name=name, secret=secret, made_at=datetime.now(UTC))
        if not add_if_absent(session, hook):
            raise UserError(f"There is a hook {name} already. For a new secret: python -m bot hooks rotate {name}")
        return secret

    return await _write(settings, work)


async def rotate(settings: Settings, name: str, workspace: str = "") -> str:
    """A new secret; the one before it stays valid until the next rotation, any earlier one does not."""
    secret = new_secret()

    def work(session: Session) -> str:
        hook = _existing(session, _chosen(session, workspace), name)
        hook.secret, hook.earlier_secret, hook.rotated_at = secret, hook.secret, datetime.now(UTC)
        return secret

    return await _write(settings, work)


async def remove(settings: Settings, name: str, workspace: str = "") -> None:
    def work(session: Session) -> None:
        hook = _existing(session, _chosen(session, workspace), name)
        remove_hook(session, hook.workspace_id, name)

    await _write(settings, work)


async def names(settings: Settings, workspace: str = "") -> list[str]:
    """A line for each hook, without its secrets."""

    def work(session: Session) -> list[str]:
        return [
            f"{hook.name}: made {hook.made_at:%Y-%m-%d}"
            + (f", rotated {hook.rotated_at:%Y-%m-%d}" if hook.rotated_at else "")
            for hook in hooks_of(session, _chosen(session, workspace).id)
        ]

    return await _write(settings, work)


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


async def _write(settings: Settings, work: Callable[[Session], T]) -> T:
    await asyncio.to_thread(migrate, settings.database)
    database = await Database(settings.database).start()
    try:
        return await database.write(work)
    finally:
        await database.close()


def _chosen(session: Session, wanted: str) -> Workspace:
    known = installed_workspaces(session)
    word = wanted.casefold()
    found = [each for each in known if not word or word in (each.name.casefold(), each.external_id.casefold())]
    if len(found) == 1:
        return found[0]
    if not known:
        raise UserError("Parley is in no workspace yet. Start it once: python -m bot run")
    names = ", ".join(f"{each.name} ({each.external_id})" for each in known)
    raise UserError(f"Say which workspace is meant, with --workspace: {names}.")


def _existing(session: Session, workspace: Workspace, name: str) -> Hook:
    if hook := find_hook(session, workspace.id, name):
        return hook
    raise UserError(f"There is no hook {name}. Make it: python -m bot hooks add {name}")
