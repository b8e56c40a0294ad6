"""Public holidays: looked up in a child process for the zones people live in, and kept in the database."""

import logging
from collections.abc import Callable
from datetime import date, datetime

from bot.calculating import CalculationFailed, calculate
from storage.calendars import HolidayCalendar, keep_holidays, zones_without_holidays
from storage.database import Database

log = logging.getLogger(__name__)


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
        zones, years = sorted({zone for _workspace, zone in missing}), list(range(year - 1, until.year + 1))
        try:
            known = await calculate("holiday_days", {"zones": zones, "years": years})
        except CalculationFailed as failure:
            log.warning("no holidays could be looked up: %s", failure)
            return
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
