"""The company that is measured: one workspace, its sellers, and leads whose cards stand in the leads channel."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert
from sqlmodel import SQLModel

import bot.features  # noqa: F401  # so that every table is known
from storage.campaigns import Campaign
from storage.channels import Channel, Purpose
from storage.clocks import Clock
from storage.ids import new_id
from storage.leads import Lead, LeadEvent
from storage.migrate import migrate
from storage.outbox import Kind, OutboxRow, State
from storage.people import Member, Side
from storage.workspaces import Workspace

TEAM, BOT, APP = "T0ACME", "U0PARLEY", "A0PARLEY"
LEADS_CHANNEL, MARKETING_CHANNEL, OTHER_CHANNEL = "C0LEADS", "C0MARKETING", "C0CHATTER"
SELLERS = [f"U0SELLER{n:02}" for n in range(20)]
LEADS = 40_000  # a fresh one for every command of a run, so that each command writes the same rows
CAMPAIGNS = 10
TABLES = (
    "processedevent", "feedback", "feedback_case", "lead", "lead_event", "lead_origin", "heard_text", "clock", "due",
    "outbox",
)  # fmt: skip
_AT_ONCE = 5000


class Company:
    """A template is made once; every measurement gets a copy."""

    def __init__(self, folder: Path, leads: int = LEADS) -> None:
        self.leads = leads
        self._folder, self._template, self._copies = folder, folder / "template.db", 0
        url = f"sqlite:///{self._template}"
        migrate(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            for table, rows in _rows(leads, datetime.now(UTC) - timedelta(hours=1)):
                connection.execute(insert(table), rows)
        engine.dispose()
        with closing(sqlite3.connect(self._template)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy(self) -> Path:
        """A fresh file, which nobody has opened."""
        self._copies += 1
        path = self._folder / f"company{self._copies}.db"
        shutil.copyfile(self._template, path)
        return path

    @staticmethod
    def remove(path: Path) -> None:
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink()


def counts(path: Path) -> dict[str, int]:
    """How many rows stand in each table that a command or a message may write."""
    with closing(sqlite3.connect(path)) as connection:
        return {table: int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in TABLES}


def notes(path: Path) -> set[str]:
    """The words of all feedback."""
    with closing(sqlite3.connect(path)) as connection:
        return {note for (note,) in connection.execute("SELECT note FROM feedback")}


def add_history(path: Path, leads: int) -> None:
    """Fill up with imported leads, of several sources and states, until there are so many."""
    states, sources = (
        ("WON", "LOST", "REJECTED", "QUALIFIED", "ACCEPTED"),
        ("webinar", "trade fair", "web form", "list"),
    )
    state = "CASE n % 5 " + " ".join(f"WHEN {i} THEN '{name}'" for i, name in enumerate(states)) + " END"
    source = "CASE n % 4 " + " ".join(f"WHEN {i} THEN '{name}'" for i, name in enumerate(sources)) + " END"
    with closing(sqlite3.connect(path)) as connection, connection:
        (last,) = connection.execute("SELECT max(id) FROM lead").fetchone()
        connection.execute(
            f"""
            WITH RECURSIVE number(n) AS (SELECT ? + 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
            INSERT INTO lead (workspace_id, key, key_folded, company, company_folded, source, campaign_id, temperature,
                state, waits_for_channel, cycle, must_not_be_contacted, created_at, imported_at, handed_off_at,
                accepted_at, qualified_at, closed_at, owner_id)
            SELECT 1, 'H-' || n, 'h-' || n, 'Old firm ' || n, 'old firm ' || n, {source}, 1 + n % {CAMPAIGNS},
                'standard', {state}, 0, 1, 0, at, at, at, at + 3600000000, at + 7200000000,
                CASE WHEN n % 5 < 3 THEN at + 864000000000 END, 1 + n % {len(SELLERS)}
            FROM (SELECT n, 1700000000000000 + n * 60000000 AS at FROM number)
            """,
            (last, leads),
        )


def _rows(leads: int, at: datetime) -> Iterator[tuple[type[SQLModel], list[dict[str, Any]]]]:
    here = {"workspace_id": 1}
    workspace = {"platform": "slack", "external_id": TEAM, "name": "Acme", "bot_external_id": BOT}
    yield Workspace, [{**workspace, "lead_count": leads, "admins_asked_at": at, "installed_at": at}]
    person = {**here, "side": Side.SALES, "verified_at": datetime.now(UTC), "platform_language": "en-US"}
    yield Member, [{**person, "external_id": seller, "name": f"Seller {n}"} for n, seller in enumerate(SELLERS)]
    purposes = {LEADS_CHANNEL: Purpose.LEADS, MARKETING_CHANNEL: Purpose.MARKETING}
    yield (
        Channel,
        [
            {**here, "external_id": channel, "name": purpose, "purpose": purpose, "is_shared": False}
            for channel, purpose in purposes.items()
        ],
    )
    campaigns = [f"Campaign {n}" for n in range(CAMPAIGNS)]
    yield Campaign, [{**here, "name": name, "name_folded": name.casefold()} for name in campaigns]
    for first in range(1, leads + 1, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, leads + 1))
        yield Lead, [_lead(n, at) for n in numbers]
        yield LeadEvent, [event for n in numbers for event in _events(n, at)]
        yield OutboxRow, [_card(n, at) for n in numbers]
        yield Clock, [_clock(n, at) for n in numbers]


def _lead(n: int, at: datetime) -> dict[str, Any]:
    named = {"key": f"L-{n}", "key_folded": f"l-{n}", "company": f"Company {n}", "company_folded": f"company {n}"}
    about = {"source": "webinar", "campaign_id": 1 + n % CAMPAIGNS, "owner_id": 1 + n % len(SELLERS)}
    return {"id": n, "workspace_id": 1, **named, **about, "state": "HANDED_OFF", "created_at": at, "handed_off_at": at}


def _events(n: int, at: datetime) -> Iterator[dict[str, Any]]:
    event = {"workspace_id": 1, "lead_id": n, "cycle": 1, "via": "message", "at": at}
    yield {**event, "kind": "add", "state": "NEW", "replaced": "{}"}
    replaced = json.dumps({"state": "NEW", "handed_off_at": None})
    yield {**event, "kind": "hand_off", "state": "HANDED_OFF", "replaced": replaced}


def _card(n: int, at: datetime) -> dict[str, Any]:
    where = {"workspace_id": 1, "channel_id": 1, "lane": "c1", "external_channel": LEADS_CHANNEL}
    posted = {"external_ts": f"1700000000.{n:06}", "state": State.SENT, "attempt": 1, "tried_at": at, "sent_at": at}
    return {"id": new_id(), **where, **posted, "kind": Kind.POST, "subject": "lead", "subject_id": n, "created_at": at}


def _clock(n: int, at: datetime) -> dict[str, Any]:
    about = {"subject": "lead", "subject_id": n, "responsible_id": 1 + n % len(SELLERS)}
    return {"workspace_id": 1, "kind": "S1", **about, "policy": "4h", "started_at": at}
