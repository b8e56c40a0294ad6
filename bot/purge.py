"""What is forgotten because of its age alone: rows that only guard against repetition, words long delivered, and
workspaces from which Parley was removed."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from storage.database import Database
from storage.digest import forget_digests
from storage.due import forget_done
from storage.events import forget_events
from storage.outbox_purge import forget_changes, forget_spent
from storage.patterns import forget_heard_before
from storage.pulse import forget_asked
from storage.reactions import forget_passing_reactions
from storage.removal import Key, begin_forgetting, end_forgetting, forget_rows, keys, tables

CHUNK = 200  # rows in one unit of work
# Slack repeats an event for 24 hours at most, and a form may stand open for a day.
REPEATED_WITHIN = timedelta(days=7)
WORDS_KEPT = timedelta(days=90)
ASKED_KEPT = timedelta(weeks=8)  # in a pulse: who was asked is compared with the weeks before
STEPS_KEPT = timedelta(days=400)  # of what happened once: longer than anything could ask for the same step anew
REMOVED_KEPT = timedelta(days=30)  # whoever removed Parley by mistake finds everything as it was

Forget = Callable[[Session, datetime, int], int]
PURGED: dict[Forget, timedelta] = {
    forget_events: REPEATED_WITHIN,
    forget_passing_reactions: REPEATED_WITHIN,
    forget_changes: REPEATED_WITHIN,
    forget_spent: WORDS_KEPT,
    forget_heard_before: WORDS_KEPT,
    forget_digests: WORDS_KEPT,
    forget_asked: ASKED_KEPT,
    forget_done: STEPS_KEPT,
}


async def purge(database: Database, now: datetime) -> int:
    """Forget what is old enough, in small units that let everybody else pass; how many rows that were."""
    total = 0
    for forget, age in PURGED.items():
        while forgotten := await database.write(partial(_forget, forget, now - age), bulk=True):
            total += forgotten
    while removed := await database.write(partial(begin_forgetting, before=now - REMOVED_KEPT), bulk=True):
        total += await _forget_workspace(database, removed, now)
    return total


async def _forget_workspace(database: Database, workspace_id: int, now: datetime) -> int:
    total = 0
    for table in tables():
        page = partial(keys, workspace_id=workspace_id, table=table, limit=CHUNK)
        forget = partial(forget_rows, workspace_id=workspace_id, table=table)
        found: Sequence[Key] = ()
        while found := await database.read(partial(page, after=found[-1] if found else None)):
            await database.write(partial(forget, found=found), bulk=True)
            total += len(found)
    await database.write(partial(end_forgetting, workspace_id=workspace_id, now=now), bulk=True)
    return total


def _forget(forget: Forget, before: datetime, session: Session) -> int:
    return forget(session, before, CHUNK)
