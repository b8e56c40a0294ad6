"""Work that nobody waits for: tracked, limited in time, and finished before the process ends."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Background:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, object], within: float) -> None:
        """Run work for at most `within` seconds; its failure is logged, never raised."""
        task = asyncio.get_running_loop().create_task(self._run(work, within))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Wait until all of it is finished; each ends within its own limit."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _run(self, work: Coroutine[Any, Any, object], within: float) -> None:
        try:
            async with asyncio.timeout(within):
                await work
        except Exception as error:
            log.warning("%s failed: %r", work, error)
