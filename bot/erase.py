"""`member erase` and `lead erase`: who is meant, what would go, and then that it has gone."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from bot.core.context import UserError
from bot.core.keys import Keys
from bot.core.registry import Registry
from bot.erasure import Erasing
from bot.features import FEATURES
from bot.leads_import.run import chosen
from bot.rules.lead_states import LeadState
from storage.database import Database
from storage.leads import Lead, find_called, keys_at_address
from storage.migrate import migrate
from storage.people import Member, people_called
from storage.workspaces import installed_workspaces

_WORDS = {
    "decision": "answers of marketing",
    "feedback": "words of feedback",
    "feedback_case": "cards of feedback",
    "heard_text": "messages heard in leads channels",
    "lead": "leads",
    "lead_event": "entries in the logs of leads",
    "outbox": "messages of Parley's",
    "pulse_result": "results of pulses",
    "pulse_sentence": "sentences of heads",
    "question": "questions",
    "receipt": "receipts",
}


@dataclass(frozen=True)
class Found:
    """Who or what is meant."""

    workspace_id: int
    kind: type[Member] | type[Lead]
    row_id: int
    name: str
    is_erased: bool = False


Find = Callable[[Session, str, str], Found]


async def erase(
    database_url: str, keys: Keys, find: Find, word: str, workspace: str, dry_run: bool, confirm: Callable[[str], bool]
) -> str:
    """Erase whom `find` finds, after `confirm` was told what would go: what became of it, as a sentence.

    Raises UserError where nobody, or more than one, is meant.
    """
    async with _open(database_url, keys) as (database, erasing):
        finished = 0 if dry_run else await erasing.finish_all()
        found = await _found(database, find, word, workspace, finished)
        if found is None:
            return "The erasure that had been interrupted is finished."
        if found.is_erased:
            return f"{found.name} was erased already."
        would_go = _summary(await erasing.rehearse(found.workspace_id, found.kind, found.row_id))
        if dry_run:
            return f"Dry run, nothing was changed. Of {found.name} would be erased or changed: {would_go}."
        if not confirm(f"{found.name} is erased for ever, and with them is erased or changed: {would_go}. Go on?"):
            return "Nothing was changed."
        begun = await erasing.begin(found.workspace_id, found.kind, found.row_id)
        done = _summary(await erasing.finish(found.workspace_id, begun))
        return f"Erased. Erased or changed with it: {done}. A running Parley now takes it from what it has posted."


def find_person(session: Session, word: str, workspace: str) -> Found:
    workspace_id = _workspace(session, workspace)
    found = people_called(session, workspace_id, word)
    if not found:
        raise UserError(f"I know nobody called “{word}”. Name them by their id, e-mail address or exact name.")
    if len(found) > 1:
        raise UserError(f"“{word}” may be any of these: {', '.join(map(_called, found))}. Name one by the id.")
    is_erased = found[0].external_id == f"erased-{found[0].id}"
    return Found(workspace_id, Member, found[0].id, found[0].external_id if is_erased else _called(found[0]), is_erased)


def find_lead(session: Session, word: str, workspace: str) -> Found:
    workspace_id = _workspace(session, workspace)
    lead = find_called(session, workspace_id, word)
    if lead is None:
        keys = keys_at_address(session, workspace_id, word, limit=20)
        known = f" Leads with this address or number: {', '.join(keys)}." if keys else ""
        raise UserError(f"There is no lead “{word}”. Name it by its key, such as L-12.{known}")
    is_erased = lead.state == LeadState.WIPED
    return Found(workspace_id, Lead, lead.id, lead.key if is_erased else f"{lead.key} ({lead.company})", is_erased)


async def _found(database: Database, find: Find, word: str, workspace: str, finished: int) -> Found | None:
    """None where the one who was meant has gone, because an interrupted erasure was just finished."""
    try:
        return await database.read(lambda session: find(session, word, workspace))
    except UserError:
        if finished:
            return None
        raise


@asynccontextmanager
async def _open(database_url: str, keys: Keys) -> AsyncIterator[tuple[Database, Erasing]]:
    await asyncio.to_thread(migrate, database_url)
    database = await Database(database_url, readers=1).start()
    try:
        yield database, Erasing(Registry(FEATURES, keys), database, lambda: datetime.now(UTC))
    finally:
        await database.close()


def _workspace(session: Session, wanted: str) -> int:
    if found := chosen(installed_workspaces(session), wanted):
        return found.id
    raise UserError("There is nobody to erase: Parley is in no workspace, and nothing was imported.")


def _called(member: Member) -> str:
    known = ", ".join(filter(None, (member.external_id, member.email)))
    return f"{member.name} ({known})"


def _summary(changed: Counter[str]) -> str:
    return ", ".join(f"{changed[table]} {_WORDS[table]}" for table in sorted(changed)) or "nothing else"
