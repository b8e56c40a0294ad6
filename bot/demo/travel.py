"""Time travel: the domain's clock moves on and stops wherever something is due, and everything is delivered there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.core.recurrence import instant
from bot.demo.clock import Clock
from bot.playground.page import Offer
from bot.playground.person import Person

log = logging.getLogger(__name__)

TUESDAY, SATURDAY = 1, 5
FARTHEST = timedelta(days=60)


class Machinery(Protocol):
    """What time makes happen."""

    async def next_due(self, after: datetime, until: datetime) -> datetime | None:
        """The first instant after `after` at which something is due, if that is no later than `until`."""

    async def tick(self) -> None:
        """Do what is due by now."""

    async def settle(self) -> None:
        """Return when everybody has heard everything and everything promised is delivered."""


class Traveller:
    """Travels forward, for one at a time."""

    def __init__(self, clock: Clock, machinery: Machinery) -> None:
        self._clock, self._machinery, self._travelling = clock, machinery, asyncio.Lock()

    def offers(self, person: Person) -> Sequence[Offer]:
        """The next hour, and mornings as the person's clock on the wall shows them."""
        now, zone = self._clock.now(), ZoneInfo(person.member.tz)
        today = now.astimezone(zone).date()
        tomorrow = today + timedelta(days=1)
        return [
            _offer("Next hour", now + timedelta(hours=1)),
            _offer(f"Tomorrow 9:00 ({_day(tomorrow)})", instant(tomorrow, time(9), zone)),
            tuesday(now, zone),
        ]

    async def go(self, to: str) -> None:
        """Travel to the instant of an offer; LookupError where it is none."""
        try:
            until = datetime.fromisoformat(to).astimezone(UTC)
        except ValueError:
            raise LookupError("nobody can travel there") from None
        async with self._travelling:
            if not timedelta(0) < until - self._clock.now() <= FARTHEST:
                raise LookupError("one can travel forward only, and not so far")
            await self._travel(until)

    async def _travel(self, until: datetime) -> None:
        try:
            await self._stop_at(self._clock.now())
            while (due := await self._machinery.next_due(self._clock.now(), until)) is not None:
                await self._stop_at(due)
            await self._stop_at(until)
        finally:
            self._clock.goes_on()

    async def _stop_at(self, at: datetime) -> None:
        """Do what is due then; what cannot be delivered holds nobody up."""
        self._clock.stands_at(at)
        await self._machinery.tick()
        try:
            await self._machinery.settle()
        except TimeoutError:
            log.warning("not everything was delivered at %s", at)


def tuesday(now: datetime, zone: ZoneInfo, skipped: int = 0) -> Offer:
    """Ten o'clock of the next Tuesday after today, or of one after it."""
    today = now.astimezone(zone).date()
    day = today + timedelta(days=(TUESDAY - today.weekday()) % 7 or 7, weeks=skipped)
    return _offer(f"{'Tuesday' if skipped else 'Next Tuesday'} 10:00 ({_day(day)})", instant(day, time(10), zone))


def working_morning(now: datetime, zone: ZoneInfo, skipped: int = 0) -> Offer:
    """The next nine o'clock of a working day: none is skipped."""
    today = now.astimezone(zone).date()
    mornings = ((day, instant(day, time(9), zone)) for day in (today + timedelta(days=n) for n in range(4)))
    day, at = next((day, at) for day, at in mornings if at > now and day.weekday() < SATURDAY)
    return _offer({0: "today 9:00", 1: "tomorrow 9:00"}.get((day - today).days, f"{_day(day)}, 9:00"), at)


def _offer(label: str, at: datetime) -> Offer:
    return Offer(at.isoformat(timespec="seconds"), label)


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
