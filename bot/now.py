"""`digest now` and its like: what recurs comes at once, for once, and the next time as it is planned."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.core.context import Context, UserError
from bot.core.keys import Keys
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.core.schedule import Occasion, go_on_after
from bot.features import FEATURES
from bot.leads_import.run import chosen
from storage.channels import channels
from storage.database import Database
from storage.migrate import migrate
from storage.schedules import Schedule, schedules_of, store
from storage.tables import lock
from storage.workspaces import Workspace, installed_workspaces

OCCURS = {"digest": "today's digest", "pulse": "a pulse is open", "gemba": "a round of job swaps has begun"}


async def occur_now(
    database_url: str, keys: Keys, kind: str, channel: str, workspace: str, now: datetime | None = None
) -> str:
    """Have the only schedule of a kind occur, or that of a channel, also beside a running Parley: what was done.

    It counts as today's, so the same date does not come again. Raises UserError where it cannot be, or none is meant.
    """
    registry, at = Registry(FEATURES, keys), now or datetime.now(UTC)

    def context(session: Session, of: Workspace) -> Context:
        return Context(session, of, None, at, "system", registry)

    def look(session: Session) -> tuple[Occasion, str]:
        tenant = _workspace(session, workspace)
        schedule, name = _meant(session, tenant.id, kind, channel)
        occasion = Occasion(schedule, _today(schedule, at), at, (), is_wished=True)
        with speaking(tenant.language):
            found = registry.look(context(session, tenant), occasion) if kind in registry.looked_kinds else None
        return replace(occasion, found=found), name

    def work(session: Session) -> None:
        schedule = lock(session, Schedule, seen.schedule.workspace_id, seen.schedule.id)
        if schedule is None or schedule.last_on != seen.schedule.last_on:
            raise UserError(f"The {kind} came by itself just now. Nothing was done.")
        tenant, occasion = session.get_one(Workspace, schedule.workspace_id), replace(seen, schedule=schedule)
        with speaking(tenant.language):
            registry.occur(context(session, tenant), occasion)
        go_on_after(occasion)
        store(session, [schedule])

    await asyncio.to_thread(migrate, database_url)
    database = await Database(database_url, readers=1).start()
    try:
        seen, name = await database.read(look)
        await database.write(work)
    finally:
        await database.close()
    return f"Done: {OCCURS[kind]}{name}. A running Parley sends it now, else it is sent when Parley starts."


def _workspace(session: Session, wanted: str) -> Workspace:
    if found := chosen(installed_workspaces(session), wanted):
        return found
    raise UserError("Parley is in no workspace yet. Start it once: python -m bot run")


def _meant(session: Session, workspace_id: int, kind: str, wanted: str) -> tuple[Schedule, str]:
    """With the channel's name as it stands in a sentence, where it has one."""
    word = wanted.removeprefix("#").casefold()
    of_channel = {found.id: found for found in channels(session, workspace_id)}
    planned = [
        (schedule, of_channel.get(schedule.subject_id)) for schedule in schedules_of(session, workspace_id, kind)
    ]
    found = [
        (schedule, f" in #{here.name}" if here else "")
        for schedule, here in planned
        if not word or (here and word in (here.name.casefold(), here.external_id.casefold()))
    ]
    if len(found) == 1:
        return found[0]
    if not planned:
        raise UserError(f"No {kind} is planned. In your workspace: /{kind} settings")
    names = ", ".join(f"#{here.name} ({here.external_id})" for _schedule, here in planned if here)
    raise UserError(f"Say which {kind} is meant, with --channel: {names}.")


def _today(schedule: Schedule, now: datetime) -> date:
    return now.astimezone(ZoneInfo(schedule.timezone)).date()
