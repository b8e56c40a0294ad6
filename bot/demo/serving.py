"""The demo itself: the sample company, its page and Parley, from start to end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import Parley
from bot.budget import Budget
from bot.demo import company
from bot.demo.clock import Clock
from bot.demo.history import Month
from bot.demo.rehearsal import UNLIMITED, a_rehearsal
from bot.playground import App, Double
from bot.playground.workspace import Workspace
from bot.settings import Given, Settings

SEED = 7


@dataclass(frozen=True)
class Demo:
    slack: Double
    company: Workspace
    parley: Parley
    clock: Clock


@asynccontextmanager
async def a_demo(folder: Path, port: int = 0, seed: int = SEED) -> AsyncIterator[Demo]:
    """The company with a month behind it, and Parley at work in it."""
    clock = Clock()
    slack = Double(App(), port=port, now=clock.timestamp)
    nordwind = company.build(slack)
    async with slack:
        database_url = f"sqlite:///{folder}/parley.db"
        async with a_rehearsal(slack, nordwind, database_url, clock) as rehearsal:
            await Month(rehearsal, clock.now(), seed).passes()
        clock.ahead = timedelta(0)
        slack.app.socket_mode = True
        parley = Parley(_settings(slack, nordwind, database_url), domain_now=clock.now, budget=Budget(UNLIMITED))
        await parley.start()
        try:
            yield Demo(slack, nordwind, parley, clock)
        finally:
            await parley.stop()


def _settings(slack: Double, nordwind: Workspace, database_url: str) -> Settings:
    given: dict[str, Any] = {
        "slack_bot_token": nordwind.installation.token,
        "slack_app_token": slack.app.app_token,
        "slack_api_url": slack.api_url,
        "database_url": database_url,
        "host": "127.0.0.1",
        "port": 0,
    }
    return Given(**given)
