"""The demo itself: the sample company, its page and Parley, from start to end."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.app import Parley
from bot.budget import Budget
from bot.core.registry import Registry
from bot.demo import company, keeping
from bot.demo.clock import Clock
from bot.demo.history import Month
from bot.demo.rehearsal import a_rehearsal
from bot.demo.tour import Tour
from bot.demo.travel import Traveller
from bot.features import FEATURES
from bot.playground import App, Double
from bot.playground.page import LOOPBACK, mount
from bot.playground.workspace import Workspace
from bot.settings import Given, Settings

SEED = 7
SETTLED_WITHIN = 30.0  # seconds
LATELY = timedelta(hours=6)
WEDNESDAY, AFTERNOON = 2, time(15)  # in Berlin: everybody is at work, in New York too, and so they are tomorrow
DATABASE = "parley.db"
UNLIMITED = 1e6  # times what Slack allows


@dataclass(frozen=True)
class Demo:
    slack: Double
    company: Workspace
    parley: Parley
    clock: Clock
    traveller: Traveller
    tour: Tour


class _Machinery:
    """What time makes happen, once Parley runs."""

    def __init__(self, slack: Double) -> None:
        self._slack = slack
        self.parley: Parley

    async def next_due(self, after: datetime, until: datetime) -> datetime | None:
        return await self.parley.next_due(after, until)

    async def tick(self) -> None:
        await self.parley.tick()

    async def settle(self) -> None:
        async with asyncio.timeout(SETTLED_WITHIN):
            await self._slack.settled()
            await self.parley.settle()
            await self._slack.settled()


@asynccontextmanager
async def a_demo(folder: Path, host: str = LOOPBACK[0], port: int = 0, seed: int = SEED) -> AsyncIterator[Demo]:
    """The company as it was left in the folder, or with a new month behind it, and Parley at work in it.

    Raises OSError where the port cannot be used, and keeping.Unusable where the folder cannot.
    """
    _check_port(host, port)
    clock, database_url = Clock(), f"sqlite:///{folder / DATABASE}"
    slack = Double(App(), host=host, port=port, now=clock.timestamp)
    nordwind, ahead = keeping.restore(folder, DATABASE, slack, company.NAME) or (None, timedelta(0))
    if nordwind is None:
        nordwind = company.build(slack)
        ahead = begins_at(clock.now()) - clock.now()
        clock.goes(ahead)
        async with a_rehearsal(slack, nordwind, database_url, clock) as rehearsal:
            await Month(rehearsal, clock.now(), seed).passes()
        clock.stands_at(clock.now() - LATELY)  # what was said since then is unread
        gc.freeze()  # what the month was made of is as good as gone: Parley's start need not look through it
    machinery = _Machinery(slack)
    begun_at = datetime.now(UTC) + ahead
    traveller, tour = Traveller(clock, machinery), Tour(slack, nordwind, Registry(FEATURES), clock.now, begun_at)
    page = mount(slack, nordwind, guide=tour, travel=traveller, names=(*LOOPBACK, host))
    clock.goes(ahead)
    slack.app.socket_mode = True
    async with slack:
        settings = _settings(slack, nordwind, database_url)
        machinery.parley = parley = Parley(settings, now=clock.now, budget=Budget(UNLIMITED))
        try:
            await parley.start()
            tour.begin(parley.database, page.watch.tell_tour)
            await tour.look()
            yield Demo(slack, nordwind, parley, clock, traveller, tour)
            await tour.end()
        finally:
            await parley.stop()
            keeping.keep(folder, slack, nordwind, clock)


def _check_port(host: str, port: int) -> None:
    """Raises OSError where it is taken: better now than when the month has been played."""
    with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
        pass


def begins_at(now: datetime) -> datetime:
    """The next Wednesday afternoon: the company looks the same whenever somebody comes to see it."""
    here = now.astimezone(ZoneInfo(company.BERLIN))
    day = here.date() + timedelta(days=(WEDNESDAY - here.weekday()) % 7)
    at = datetime.combine(day, AFTERNOON, tzinfo=here.tzinfo)
    return (at if at >= here else at + timedelta(days=7)).astimezone(UTC)


def _settings(slack: Double, nordwind: Workspace, database_url: str) -> Settings:
    given: dict[str, Any] = {
        "slack_bot_token": nordwind.installation.token,
        "slack_app_token": slack.app.app_token,
        "slack_api_url": slack.api_url,
        "database_url": database_url,
        "host": LOOPBACK[0],
        "port": 0,
    }
    return Given(**given)
