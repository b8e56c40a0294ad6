"""What `/leadfeedback` in one line costs Parley itself: units of work on an SQLite file, without HTTP and Slack.

Run it with `make bench`; it prints one row per concurrency: commands a second, and milliseconds at p50 and p99.
"""

import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlmodel import Session

from bot.core.acquaintance import Acquaintance, keep_person
from bot.core.background import Background
from bot.core.directory import Person
from bot.core.dispatcher import Dispatcher
from bot.core.language import prepare
from bot.core.registry import Registry
from bot.core.unit import Origin
from bot.features import FEATURES
from storage.database import Database
from storage.migrate import migrate
from storage.workspaces import Workspace, install

LEADS, COMMANDS = 200, 2000
SELLER = Origin("bench", "W1", "U1")


def now() -> datetime:
    return datetime.now(UTC)


def a_company(session: Session) -> None:
    install(session, Workspace(platform="bench", external_id="W1", name="Acme", installed_at=now()))
    keep_person(session, "bench", "W1", Person("U1", "Ana", belongs=True), now())


async def measure(dispatcher: Dispatcher, concurrency: int, numbers: "count[int]") -> tuple[float, float, float]:
    """Commands a second, and seconds at p50 and p99."""
    took: list[float] = []

    async def seller() -> None:
        while (n := next(numbers)) % COMMANDS:
            began = time.perf_counter()
            await dispatcher.command(SELLER, "leadfeedback", f"L-{n % LEADS + 1} W1 word number {n}", f"trigger-{n}")
            took.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(seller() for _ in range(concurrency)))
    rate = len(took) / (time.perf_counter() - began)
    cuts = statistics.quantiles(took, n=100)
    return rate, cuts[49], cuts[98]


async def main() -> None:
    prepare()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/bench.db"
        migrate(url)
        database = await Database(url).start()
        await database.write(a_company)
        registry, background = Registry(FEATURES), Background()
        dispatcher = Dispatcher(registry, database, Acquaintance(database, {}), now, lambda: None, background)
        for n in range(LEADS):
            await dispatcher.command(SELLER, "lead", f"add Company {n}, webinar, <@U1>", f"lead-{n}")
        numbers = count(1)
        print(f"{'at once':>8} {'commands/s':>11} {'p50 ms':>8} {'p99 ms':>8}")  # noqa: T201
        for concurrency in (1, 16, 64):
            rate, p50, p99 = await measure(dispatcher, concurrency, numbers)
            print(f"{concurrency:>8} {rate:>11.0f} {p50 * 1000:>8.1f} {p99 * 1000:>8.1f}")  # noqa: T201
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
