"""The platform of the tests, as this month needs it: every message that leaves is remembered with its instant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.core import ui
from bot.core.language import prepare
from bot.core.sender import Posted as PostedAt
from bot.core.sender import Target
from bot.holidays import Holidays
from storage.clocks import Clock
from storage.database import Database
from storage.digest import DigestAct
from storage.migrate import migrate
from storage.questions import Question
from tests.world import Posted, World


@dataclass(frozen=True)
class Sent:
    """A message as it left. `row_id` names its row in the outbox, which says what it is about."""

    at: datetime
    channel: str
    thread_ts: str | None
    message: ui.Message
    row_id: str

    @property
    def is_private(self) -> bool:
        return self.channel.startswith("D_")


@dataclass
class Morning:
    """How everything stood when digests were built."""

    at: datetime
    digests: list[int]
    running: list[Clock]  # every clock that ran
    questions: list[Question]  # every one that was ever asked
    acts: list[DigestAct]


@dataclass
class Recorder(World):
    sent: list[Sent] = field(default_factory=list)
    mornings: list[Morning] = field(default_factory=list)
    taken_back: list[tuple[DigestAct, datetime]] = field(default_factory=list)  # what no table remembers, and when

    async def post(self, target: Target, message: ui.Message, row_id: str) -> PostedAt:
        self.sent.append(Sent(self.now, target.channel, target.thread_ts, message, row_id))
        posted: PostedAt = await super().post(target, message, row_id)
        return posted

    def reads_last(self, channel: str) -> Posted:
        """The newest message of a channel, outside threads; what came before it counts as read."""
        unread = self._channel("W1", channel).unread
        newest: Posted = unread.pop()
        unread.clear()
        return newest


@asynccontextmanager
async def a_world(folder: Path, begin: datetime) -> AsyncIterator[Recorder]:
    """On a SQLite file of its own that nobody will miss."""
    url = f"sqlite:///{folder}/month.db"
    migrate(url)
    database = await Database(url, exclusive=True, is_durable=False).start()
    try:
        prepare()
        world = Recorder(database, now=begin, clock=begin)
        await world.workspace()
        yield world
        await world.background.drain()
    finally:
        await database.close()


async def learn_holidays(world: World) -> None:
    await Holidays(world.database, lambda: world.now).look()
