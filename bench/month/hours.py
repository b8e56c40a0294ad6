"""Working time by the clock on the wall, a quarter of an hour after the other: slow, and nothing to get wrong."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
COUNTRIES = {
    "Europe/Vienna": "AT",
    "Europe/Athens": "GR",
    "Europe/London": "GB",
    "America/New_York": "US",
    "America/Sao_Paulo": "BR",
    "Asia/Kolkata": "IN",
    "Asia/Tokyo": "JP",
    "Australia/Adelaide": "AU",
}


@cache
def holidays_in(zone: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(COUNTRIES[zone], years=[year]))


class Hours:
    """When somebody works between two instants: what a clock on their wall shows decides, at every quarter."""

    def __init__(
        self,
        zone: str,
        days: Collection[int],
        starts: time,
        ends: time,
        off: Collection[date],
        begin: datetime,
        end: datetime,
    ) -> None:
        """`days` by ISO weekday."""
        self.zone = ZoneInfo(zone)
        self.day = timedelta(hours=ends.hour - starts.hour, minutes=ends.minute - starts.minute)
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        at = begin
        while at < end:
            wall = at.astimezone(self.zone)
            on, shown = wall.date(), wall.time()
            is_shown = starts <= shown < ends
            if is_shown and on.isoweekday() in days and on not in off and on not in holidays_in(zone, on.year):
                if self._ends and self._ends[-1] == at:
                    self._ends[-1] = at + QUARTER
                else:
                    self._starts.append(at)
                    self._ends.append(at + QUARTER)
            at += QUARTER
        self._sums = [timedelta()]  # of working time before each span
        for opens, closes in zip(self._starts, self._ends, strict=True):
            self._sums.append(self._sums[-1] + (closes - opens))

    def worked(self, begin: datetime, end: datetime) -> timedelta:
        return self._before(end) - self._before(begin)

    def after(self, begin: datetime, wanted: timedelta) -> datetime | None:
        """The first instant by which so much was worked; None beyond the time that is known."""
        target = self._before(begin) + wanted
        number = bisect_left(self._sums, target)
        if number >= len(self._sums):
            return None
        return self._starts[number - 1] + (target - self._sums[number - 1]) if number else begin

    def next(self, at: datetime) -> datetime | None:
        """The instant itself if it is worked at, else when work begins again."""
        number = bisect_right(self._starts, at)
        if number and at < self._ends[number - 1]:
            return at
        return self._starts[number] if number < len(self._starts) else None

    def are(self, at: datetime) -> bool:
        return self.next(at) == at

    def _before(self, at: datetime) -> timedelta:
        number = bisect_right(self._starts, at)
        if not number:
            return timedelta()
        return self._sums[number - 1] + min(at, self._ends[number - 1]) - self._starts[number - 1]
