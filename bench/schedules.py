"""`python -m bench.schedules`: thousands of schedules due in one minute; which fire, how soon, and who waits.

PostgreSQL with four processes, then again while two of them are killed in the middle; SQLite with one process, to which
people type commands meanwhile.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, create_engine, func, insert, text, update
from sqlmodel import col, select

from bench.cases import COMMAND, free_port
from bench.company import Company
from bench.daily import DAILY, channel_of, said
from bench.requests import TOKEN
from bench.sender import Sender, Sent
from bench.servers import SENDER_CORE, SERVER_CORE, Process, parley, python, running
from bot.core import ui
from bot.rules.clocks import WAKE
from bot.rules.lead_states import LeadState
from storage.channels import Channel
from storage.due import Due
from storage.ids import new_id
from storage.leads import Lead, LeadEvent
from storage.outbox import Kind, OutboxRow, State
from storage.people import Member
from storage.schedules import Schedule
from storage.workspaces import Workspace
from tests.databases import a_postgresql

MANY, SOME = 10_000, 1000
MANY_WITHIN, SOME_WITHIN, COMMAND_WITHIN = 15.0, 5.0, 0.5  # seconds
PROCESSES, KILLED, KILLED_AT = 4, 2, 0.4  # of all schedules
WORKSPACES = 200
LEADS = 3000
COMMANDS_A_SECOND = 20
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
AHEAD = timedelta(seconds=5)  # what is stored is due later than this
LOOK_EVERY = 0.05  # seconds
GIVE_UP_AFTER = 120.0
SLOW = "on the writer"  # what Parley logs of a unit of work that takes over 50 ms of CPU


@dataclass(frozen=True)
class Planned:
    """What is due at an instant, and how to learn what became of it."""

    at: datetime
    expected: set[Hashable]
    is_waiting: Callable[[Connection], bool]
    happened: Callable[[Connection], Counter[Hashable]]


@dataclass(frozen=True)
class Fired:
    """`after`: seconds from the instant at which all was due until nothing was due any more, and that was stored."""

    what: str
    after: float
    within: float
    missing: int
    doubled: int
    slow_units: int
    commands: Sent | None = None

    @property
    def is_met(self) -> bool:
        sent = self.commands
        nobody_waited = sent is None or (sent.quantile(99) < COMMAND_WITHIN and not sent.failed and not sent.refused)
        return self.after < self.within and not self.missing and not self.doubled and nobody_waited

    def __str__(self) -> str:
        once = f"{self.missing} lost, {self.doubled} twice, {self.slow_units} units over 50 ms"
        verdict = "met   " if self.is_met else "MISSED"
        line = f"{verdict}  {self.what:<62} {self.after:5.2f} s < {self.within:2.0f} s  {once}"
        if (sent := self.commands) is None:
            return line
        figures = (sent.quantile(99), COMMAND_WITHIN, sent.slowest)
        p99, goal, slowest = (f"{1000 * seconds:.0f} ms" for seconds in figures)
        done = f"{len(sent.good)} commands, {len(sent.failed) + len(sent.refused)} not done"
        return f"{line}; {done}, p99 {p99} < {goal}, slowest {slowest}"


def schedules(connection: Connection, count: int) -> Planned:
    """In all workspaces and several zones, each for a channel of its own, which heard it yesterday too."""
    workspaces = list(connection.execute(select(Workspace.id)).scalars())
    at = _next_minute()
    rows = [_schedule(n, workspaces[n % len(workspaces)], ZONES[n % len(ZONES)], at) for n in range(1, count + 1)]
    here = [{"workspace_id": row["workspace_id"], "external_id": channel_of(row["subject_id"])} for row in rows]
    connection.execute(insert(Channel), [{**place, "is_shared": False} for place in here])
    connection.execute(insert(Schedule), rows)
    connection.execute(insert(OutboxRow), [_yesterdays(n, row["workspace_id"], at) for n, row in enumerate(rows)])
    bodies = select(OutboxRow.body).join(Channel, col(OutboxRow.channel_id) == Channel.id)
    bodies = bodies.where(col(Channel.external_id).startswith(channel_of("")), col(OutboxRow.created_at) >= at)
    waiting = select(Schedule.id).where(col(Schedule.next_at) <= at).limit(1)
    return Planned(
        at,
        {ui.to_json(said(row["subject_id"], row["next_on"])) for row in rows},
        lambda connection: connection.execute(waiting).first() is not None,
        lambda connection: Counter(connection.execute(bodies).scalars()),
    )


def _schedule(n: int, workspace_id: int, zone: str, at: datetime) -> dict[str, Any]:
    wall = at.astimezone(ZoneInfo(zone))
    rule = {"wall": f"{wall:%H:%M}", "timezone": zone, "days": "1234567", "weeks": 1, "since": wall.date()}
    state = {"last_on": wall.date() - timedelta(days=1), "next_on": wall.date(), "next_at": at, "failures": 0}
    return {"workspace_id": workspace_id, "kind": DAILY, "subject_id": n, **rule, **state}


def _yesterdays(n: int, workspace_id: int, at: datetime) -> dict[str, Any]:
    """An outbox is never empty; PostgreSQL plans as for small tables where one is."""
    sent = {"state": State.SENT, "attempt": 1, "created_at": at - timedelta(days=1), "sent_at": at - timedelta(days=1)}
    return {"id": new_id(), "workspace_id": workspace_id, "lane": f"old{n}", "kind": Kind.POST, **sent}


def wakes(connection: Connection, count: int) -> Planned:
    """Leads kept for later, which begin anew: of one workspace, those with the highest ids."""
    at = _next_minute()
    leads = list(range(LEADS - count + 1, LEADS + 1))
    kept = update(Lead).where(col(Lead.id).in_(leads)).values(state=LeadState.RECYCLED, wake_on=at.date())
    connection.execute(kept)
    always = {"work_days": "mon,tue,wed,thu,fri,sat,sun", "work_starts": "00:00", "work_ends": "23:59"}
    connection.execute(update(Member).values(always))  # a lead wakes when its owner works
    due = {"workspace_id": 1, "kind": WAKE, "step": 1, "at": at, "failures": 0}
    connection.execute(insert(Due), [{**due, "subject_id": lead} for lead in leads])
    waiting = select(Due.step).where(Due.kind == WAKE, col(Due.done_at).is_(None)).limit(1)
    woken = select(LeadEvent.lead_id).where(LeadEvent.kind == "wake")
    return Planned(
        at,
        set(leads),
        lambda connection: connection.execute(waiting).first() is not None,
        lambda connection: Counter(connection.execute(woken).scalars()),
    )


def _next_minute() -> datetime:
    soon = datetime.now(UTC) + AHEAD
    return soon.replace(second=0, microsecond=0) + timedelta(minutes=1)


def on_postgresql(folder: Path, killed: int) -> Fired:
    tokens = ",".join(f"{TOKEN}{n}" for n in range(WORKSPACES))
    with a_postgresql(is_durable=True) as server, server.migrated() as url, ExitStack() as opened:
        stub = opened.enter_context(_stub(folder))
        processes = [
            opened.enter_context(_parley(folder, stub, "bench.daily", url, tokens, (SERVER_CORE, SENDER_CORE)[n % 2]))
            for n in range(PROCESSES)
        ]
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            planned = schedules(connection, MANY)
            connection.execute(text("ANALYZE"))  # as it does by itself, within a minute
            _sleep_until(planned.at)
            if killed:
                count = select(func.count(col(Schedule.id))).where(col(Schedule.next_at) > planned.at)
                while connection.execute(count).scalar_one() < KILLED_AT * MANY:
                    sleep(LOOK_EVERY)
                for process in processes[:killed]:
                    os.kill(process.pid, signal.SIGKILL)
            after = _until_all_happened(connection, planned)
            what = f"{MANY} schedules, PostgreSQL, {PROCESSES} processes" + (f", {killed} killed" if killed else "")
            fired = _fired(what, after, MANY_WITHIN, connection, planned, folder)
        engine.dispose()
        return fired


def on_sqlite(
    folder: Path, module: str, what: str, plan: Callable[[Connection, int], Planned], arguments: tuple[str, ...] = ()
) -> Fired:
    """Commands are sent from the instant at which all is due, for as long as it may take."""
    company = Company(folder, LEADS)
    database = company.copy()
    url = f"sqlite:///{database}"
    with _stub(folder) as stub, _parley(folder, stub, module, url, TOKEN, SERVER_CORE, *arguments) as process:
        engine = create_engine(url)
        with engine.begin() as connection:
            planned = plan(connection, SOME)
        requests = COMMAND.make(1, int(SOME_WITHIN * COMMANDS_A_SECOND))
        _sleep_until(planned.at)

        async def measure() -> tuple[Sent, float]:
            with engine.connect() as connection:
                sender = Sender(process.port, COMMAND.word)
                looking = asyncio.to_thread(_until_all_happened, connection, planned)
                sent, after = await asyncio.gather(sender.schedule(requests, COMMANDS_A_SECOND), looking)
                await sender.close()
                return sent, after

        sent, after = asyncio.run(measure())
        with engine.connect() as connection:
            fired = _fired(f"{SOME} {what}, SQLite, one process", after, SOME_WITHIN, connection, planned, folder, sent)
        engine.dispose()
        return fired


def _until_all_happened(connection: Connection, planned: Planned) -> float:
    """Seconds from when it was due."""
    while planned.is_waiting(connection) and time() - planned.at.timestamp() < GIVE_UP_AFTER:
        connection.rollback()  # so that the next look sees what was stored since
        sleep(LOOK_EVERY)
    return time() - planned.at.timestamp()


def _fired(
    what: str,
    after: float,
    within: float,
    connection: Connection,
    planned: Planned,
    folder: Path,
    commands: Sent | None = None,
) -> Fired:
    happened = planned.happened(connection)
    missing = len(planned.expected - happened.keys())
    doubled = happened.total() - len(planned.expected & happened.keys())
    slow_units = sum(log.read_text(errors="replace").count(SLOW) for log in folder.glob("*.log"))
    return Fired(what, after, within, missing, doubled, slow_units, commands)


def _sleep_until(at: datetime) -> None:
    sleep(max(0.0, at.timestamp() - time()))


@contextmanager
def _stub(folder: Path) -> Iterator[int]:
    port = free_port()
    with running(python("bench.slack_stub", str(port)), port, folder, "/", core=SENDER_CORE):
        yield port


@contextmanager
def _parley(
    folder: Path, stub: int, module: str, url: str, tokens: str, core: int, *arguments: str
) -> Iterator[Process]:
    port = free_port()
    environment = parley(port, stub, folder) | {"DATABASE_URL": url, "SLACK_BOT_TOKEN": tokens}
    with running(python(module, *arguments), port, folder, "/readyz", environment, core) as process:
        yield process


CASES: dict[str, Callable[[Path], Fired]] = {
    "four": lambda folder: on_postgresql(folder, 0),
    "killed": lambda folder: on_postgresql(folder, KILLED),
    "schedules": lambda folder: on_sqlite(folder, "bench.daily", "schedules", schedules),
    "wakes": lambda folder: on_sqlite(folder, "bot", "leads that wake up", wakes, ("run",)),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.schedules", description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="all of them, unless some are named")
    parser.add_argument("--keep", type=Path, help="a folder for what the processes say")
    options = parser.parse_args()
    is_met = True
    for name in options.cases or CASES:
        with tempfile.TemporaryDirectory(prefix="parley-schedules-") as scratch:
            folder = options.keep / name if options.keep else Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            fired = CASES[name](folder)
            print(fired, flush=True)
            is_met &= fired.is_met
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
