"""`python -m bench.crash`: kill Parley again and again while people work and Slack is unwell; then settle the accounts.

The seed decides what is done and when; how far the processes come by then is the machine's doing.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import aiohttp
from sqlalchemy import create_engine, make_url, text

from bench.accounts import HEADER, Account, accounts
from bench.cases import free_port
from bench.servers import ROOT
from bench.workload import Work
from bot.playground import App, Double, Pace
from tests.databases import a_postgresql, a_sqlite

RETRY_AFTER = (0.0, 10.0, 50.0)  # seconds between Slack's attempts to tell an event: its own, six times as fast
KILLED_WHILE_STARTING = 0.25  # of all kills
STARTING, AT_WORK = 1.5, 3.0  # seconds after exec, and after it was ready, before which a kill comes
READY_WITHIN = 30.0
SETTLED_WITHIN = 300.0
ENDED_WITHIN = 30.0
DOUBT = 0.05  # of all calls, for each of the faults


class Bot:
    """The real program, which is started, killed and started again; what it says stands in one file."""

    def __init__(self, slack: Double, token: str, database: str, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "bot.log"
        self._folder, self._database, self._token, self._slack = folder, database, token, slack
        self._process: asyncio.subprocess.Process | None = None
        self.ended_alone: list[int] = []

    async def start(self) -> None:
        environment = {
            "SLACK_BOT_TOKEN": self._token,
            "SLACK_SIGNING_SECRET": self._slack.app.signing_secret,
            "SLACK_API_URL": self._slack.api_url,
            "DATABASE_URL": self._database,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
        }
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", env=environment, cwd=self._folder, stdout=log, stderr=log
            )

    async def becomes_ready(self) -> bool:
        """False where it ended before, or takes too long."""
        until = monotonic() + READY_WITHIN
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client:
            while monotonic() < until and self._process and self._process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with client.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if answer.status == 200:
                            return True
                await asyncio.sleep(0.03)
        return False

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        assert self._process
        if self._process.returncode is not None:
            self.ended_alone.append(self._process.returncode)
            return
        self._process.send_signal(how)
        await asyncio.wait_for(self._process.wait(), ENDED_WITHIN)


async def run(database: str, folder: Path, seed: int, kills: int) -> int:
    dice = random.Random(seed)
    app = App()
    async with Double(app, pace=Pace(retry_after=RETRY_AFTER), seed=seed) as slack:
        acme = slack.workspace("Acme")
        bot = Bot(slack, acme.install().token, database, folder)
        app.request_url = f"http://127.0.0.1:{bot.port}/slack/events"
        await bot.start()
        if not await bot.becomes_ready():
            raise RuntimeError(bot.log.read_text()[-3000:])
        work = Work(slack, acme, database, folder, seed)
        await work.prepare()
        _make_unwell(slack)
        working = asyncio.ensure_future(work.run())
        began, starting = monotonic(), 0
        for number in range(kills):
            if dice.random() < KILLED_WHILE_STARTING:
                starting += 1
                await asyncio.sleep(dice.uniform(0, STARTING))
            else:
                await bot.becomes_ready()
                await asyncio.sleep(dice.uniform(0, AT_WORK))
            if dice.random() < 0.3:
                slack.faults.drops_acks(1)
            if dice.random() < 0.3:
                slack.faults.doubles_events(1)
            await bot.kill()
            if number % 10 == 9:
                print(f"{number + 1} kills in {monotonic() - began:.0f} s", flush=True)
            await bot.start()
        work.end()
        await bot.becomes_ready()
        slack.faults.heal()
        await working
        settled_after = await _settle(slack, database)
        await bot.stop()
        print(f"\nseed {seed}: {kills} kills, {starting} of them while it started, in {monotonic() - began:.0f} s")
        print(_troubles(slack), f"settled {settled_after:.0f} s after the last kill")
        books = accounts(database, slack, acme, work.ledger)
        return _verdict(books, bot, work.ledger.broken, database)


def _make_unwell(slack: Double) -> None:
    """From now on connections drop, before and after the effect, calls take long, and 429 and 500 are answered."""
    faults = slack.faults
    faults.rate_limits(chance=DOUBT, times=None)
    faults.breaks(status=500, chance=DOUBT, times=None)
    faults.drops_before(chance=DOUBT, times=None)
    faults.drops_after(chance=DOUBT, times=None)
    faults.delays(before=0.2, after=0.2, chance=2 * DOUBT, times=None)


async def _settle(slack: Double, database: str) -> float:
    """Wait until Slack has told everything and everything is delivered."""
    began = monotonic()
    engine = create_engine(database)
    query = text("SELECT count(*) FROM outbox WHERE state NOT IN ('SENT', 'DEAD')")

    def waiting() -> int:
        with engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    while monotonic() < began + SETTLED_WITHIN:
        await slack.settled(within=SETTLED_WITHIN)
        if await asyncio.to_thread(waiting) == 0:
            break
        await asyncio.sleep(0.5)
    engine.dispose()
    return monotonic() - began


def _troubles(slack: Double) -> str:
    outcomes = [call.outcome for call in slack.journal.calls]
    counted = {what: sum(what in outcome for outcome in outcomes) for what in ("429", "500", "dropped")}
    events = sum(1 for each in slack.journal.deliveries if each.kind == "event" and each.attempt)
    struck = ", ".join(f"{count} times {what}" for what, count in counted.items())
    return f"Slack's answers: {struck} of {len(outcomes)} calls; {events} repeated events;"


def _verdict(books: list[Account], bot: Bot, broken: list[str], database: str) -> int:
    print(HEADER)
    for account in books:
        print(account)
    wrong = [f"{account.what}: {each}" for account in books for each in (*account.missing, *account.doubled)]
    wrong += broken
    wrong += [f"Parley ended by itself, with {code}" for code in bot.ended_alone]
    if database.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(make_url(database).database or "")) as connection:
            if (health := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                wrong.append(f"the database is damaged: {health}")
    for each in wrong[:30]:
        print(f"WRONG: {each}")
    if tracebacks := bot.log.read_text(errors="replace").count("Traceback"):
        print(f"Parley logged {tracebacks} tracebacks")
    print("Nothing was lost and nothing stands twice." if not wrong else f"{len(wrong)} violations.")
    return 1 if wrong else 0


@contextlib.contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        with a_sqlite() as sqlite, sqlite.migrated() as url:
            yield url
    else:
        with a_postgresql() as postgresql, postgresql.migrated() as url:
            yield url


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.crash", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the log of the program")
    options = parser.parse_args()
    with _database(options.database) as url, tempfile.TemporaryDirectory(prefix="parley-crash-") as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        return asyncio.run(run(url, folder, options.seed, options.kills))


if __name__ == "__main__":
    sys.exit(main())
