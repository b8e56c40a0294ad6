"""The database while the month is played: nobody else is there, so nothing waits for a thread or for the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Self

from sqlalchemy.orm import configure_mappers

from storage.database import Database
from storage.groups import Item, raw
from storage.units import T, Work


class AtOnce(Database):
    """A new SQLite file, and one commit for all, which `close` makes. Each unit runs at once, in the caller's thread:
    to hand it to another takes longer than most units do, the more so where the machine is busy.
    """

    async def start(self) -> Self:
        configure_mappers()
        with ExitStack() as opened:
            opened.enter_context(self._held())
            engine = self._engine(1, read_only=False)
            opened.callback(engine.dispose)
            connection = opened.enter_context(engine.connect())
            driver = raw(connection)  # to SQLAlchemy each unit is a transaction
            driver.execute("BEGIN IMMEDIATE")
            opened.callback(driver.execute, "COMMIT")
            self._item, self._opened = Item(connection), opened.pop_all()
        return self

    async def close(self) -> None:
        self._opened.close()

    async def write(self, work: Work[T], *, bulk: bool = False) -> T:
        await asyncio.sleep(0)  # whoever does not want to wait for the month can end it
        with self._item as session:
            return work(session)

    async def read(self, work: Work[T]) -> T:
        return await self.write(work)

    async def wipe(self, tables: Sequence[str]) -> bool:
        return True  # what is deleted before the commit does not come to be in the file
