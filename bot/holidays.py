"""Public holidays: looked up in a child process for the zones people live in, and kept in the database."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from datetime import date, datetime

from storage.calendars import HolidayCalendar, keep_holidays, zones_without_holidays
from storage.database import Database

log = logging.getLogger(__name__)
WITHIN = 30.0  # seconds


class Holidays:
    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    async def look(self) -> None:
        """Learn those of zones that are new, and of the year that has come into sight."""
        year = self._now().year
        until = date(year + 2, 12, 31)
        missing = await self._database.read(lambda session: zones_without_holidays(session, until))
        if not missing:
            return
        known = await ask(sorted({zone for _workspace, zone in missing}), list(range(year - 1, until.year + 1)))
        learned = [
            HolidayCalendar(
                workspace_id=workspace_id,
                timezone=zone,
                country=known[zone][0],
                days=",".join(known[zone][1]),
                until=until,
            )
            for workspace_id, zone in missing
            if zone in known
        ]
        await self._database.write(lambda session: keep_holidays(session, learned), bulk=True)


async def ask(zones: list[str], years: list[int]) -> dict[str, tuple[str | None, list[str]]]:
    """The country and the holidays of each zone; nothing if the child process fails, for it is asked again later."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.holiday_days",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    asked = json.dumps({"zones": zones, "years": years}).encode()
    try:
        async with asyncio.timeout(WITHIN):
            answer, trouble = await child.communicate(asked)
    except TimeoutError:
        child.kill()
        await child.wait()
        answer, trouble = b"", b"it took too long"
    if not answer:
        log.warning("no holidays could be looked up: %s", trouble.decode(errors="replace").strip()[-300:])
        return {}
    known: dict[str, tuple[str | None, list[str]]] = json.loads(answer)
    return known
