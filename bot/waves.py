"""What has to be done from time to time about pulses: count who has answered while one is open, and destroy its key and
what lies about of it once it is closed. Whoever comes next goes on where this was interrupted.

A tap changes no card: that would be a trace of it. So here it is counted anew every so often, and where the count has
changed, the cards are drawn again: two thousand taps in a minute are a few updates.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlmodel import Session

from bot.core.context import Context
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.features.pulse.counting import turnout, who_answered
from bot.features.pulse.sealing import end
from bot.features.pulse.views.settings import key_missing
from bot.features.pulse.waves import REMINDER, show
from bot.key_files import KeyFiles
from storage.ballots import Ballot, SealedAnswer, SealedComment, StagedComment
from storage.database import Database
from storage.outbox_purge import forget_all_of
from storage.people import admins
from storage.pulse import PulseWave, WaveState, find_wave, open_waves, unwiped_waves
from storage.tables import lock
from storage.workspaces import Workspace

log = logging.getLogger(__name__)

FORGOTTEN_AT_ONCE = 100  # reminders
WIPED = tuple(str(table.__tablename__) for table in (Ballot, StagedComment, SealedAnswer, SealedComment))


class Waves:
    """`wake` is called after a commit that put something into the outbox."""

    def __init__(
        self,
        registry: Registry,
        keys: KeyFiles,
        database: Database,
        now: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._registry, self._keys, self._database, self._now, self._wake = registry, keys, database, now, wake

    async def look(self) -> None:
        for workspace_id, wave_id, counts in await self._database.read(self._count):
            work = partial(self._note, workspace_id=workspace_id, wave_id=wave_id, counts=counts)
            if await self._database.write(work, bulk=True):
                self._wake()
        await self._wipe(await self._database.read(_unwiped))

    def _count(self, session: Session) -> "list[tuple[int, int, tuple[int, int] | None]]":
        """Of every open wave of which there is something to note: how many of sales and of marketing have answered;
        None where its key is missing, or Parley was removed."""
        found = []
        for wave, workspace in open_waves(session):
            key = None if workspace.uninstalled_at else self._keys.read(wave.key_name or "")
            counts = turnout(who_answered(session, wave, key)) if key is not None else None
            is_known_missing = counts is None and wave.key_missed_at and not workspace.uninstalled_at
            if counts != (wave.sales_answered, wave.marketing_answered) and not is_known_missing:
                found.append((wave.workspace_id, wave.id, counts))
        return found

    def _note(self, session: Session, workspace_id: int, wave_id: int, counts: tuple[int, int] | None) -> bool:
        """Whether something is to be sent."""
        wave = lock(session, PulseWave, workspace_id, wave_id)
        workspace = session.get_one(Workspace, workspace_id)
        if wave is None or wave.state != WaveState.OPEN:
            return False
        ctx = Context(session, workspace, None, self._now(), "system", self._registry)
        with speaking(workspace.language):
            if workspace.uninstalled_at:
                end(ctx, wave, WaveState.VOID)
            elif counts is None:
                self._miss(ctx, wave)
            else:
                wave.sales_answered, wave.marketing_answered = counts
                session.flush()
                show(ctx, wave)
        return ctx.has_posted

    def _miss(self, ctx: Context, wave: PulseWave) -> None:
        if wave.key_missed_at is None:
            wave.key_missed_at = ctx.now
            log.error("the key of an open pulse is missing in workspace %s", ctx.workspace.id)
            for admin in admins(ctx.session, ctx.workspace.id):
                ctx.post(admin, lambda: key_missing(wave))

    async def _wipe(self, waves: list[tuple[int, int, str | None]]) -> None:
        """First the keys, then what they could have linked."""
        for _workspace_id, _wave_id, key_name in waves:
            if key_name:
                self._keys.destroy(key_name)
        forgotten = [
            (workspace_id, wave_id) for workspace_id, wave_id, _ in waves if await self._forget(workspace_id, wave_id)
        ]
        if waves and await self._database.wipe(WIPED):
            for workspace_id, wave_id in forgotten:
                await self._database.write(partial(_note_wiped, workspace_id, wave_id, self._now()), bulk=True)

    async def _forget(self, workspace_id: int, wave_id: int) -> bool:
        """Whether nothing is left of its reminders."""
        forget = partial(forget_all_of, workspace_id=workspace_id, subject=REMINDER, subject_id=wave_id)
        before, left = None, await self._database.write(partial(forget, limit=FORGOTTEN_AT_ONCE), bulk=True)
        while left and left != before:  # what is being sent at this moment is forgotten when it has been
            before, left = left, await self._database.write(partial(forget, limit=FORGOTTEN_AT_ONCE), bulk=True)
        return not left


def _unwiped(session: Session) -> list[tuple[int, int, str | None]]:
    return [(wave.workspace_id, wave.id, wave.key_name) for wave in unwiped_waves(session)]


def _note_wiped(workspace_id: int, wave_id: int, now: datetime, session: Session) -> None:
    if wave := find_wave(session, workspace_id, wave_id):
        wave.key_name, wave.wiped_at = None, now
