"""The ticker: wakes what has to look regularly. It remembers nothing; tables say what is due."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Task = Callable[[], Coroutine[Any, Any, object]]


class Ticker:
    """Calls each task every so many seconds, never twice at once. It holds no schedule of ours."""

    def __init__(self, tasks: Mapping[Task, float]) -> None:
        self._tasks = tuple(tasks)
        self._running: set[asyncio.Future[object]] = set()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        for task, seconds in tasks.items():
            self._scheduler.add_job(self._call, "interval", [task], seconds=seconds, **options)

    def start(self) -> None:
        self._scheduler.start()

    async def tick(self) -> None:
        """Call each task now, in their order."""
        for task in self._tasks:
            await task()

    async def stop(self) -> None:
        """Start nothing more; wait for what runs."""
        self._scheduler.shutdown(wait=False)
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _call(self, task: Task) -> None:
        running = asyncio.ensure_future(task())
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        with suppress(asyncio.CancelledError):  # APScheduler cancels its jobs at shutdown; ours finish
            await asyncio.shield(running)
