"""A whole run: the same for the same seed."""

import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.month import clocked, digested, nudged
from bench.month.hours import DAY
from bench.month.life import Life
from bench.month.log import Log, read
from bench.month.people import team
from bench.month.stage import Stage
from bench.month.world import Sent, a_world

BEGIN = datetime(2026, 10, 5, tzinfo=UTC)  # a Monday: clocks change in Europe on the 25th, in America on 1 November


@dataclass
class Lived:
    log: Log
    sent: Sequence[Sent]
    counts: Counter[str]
    problems: Sequence[str]


async def live(seed: int, begin: datetime, days: int, leads: int, people: int) -> Lived:
    chance = random.Random(seed)
    colleagues = team(chance, people, begin, days)
    with tempfile.TemporaryDirectory(prefix="parley-month-") as folder:
        async with a_world(Path(folder), begin) as world:
            stage = Stage(world, colleagues, chance)
            await Life(stage, begin + days * DAY).lives(leads)
            log = await read(world, colleagues, begin)
            problems = [*clocked.broken(log), *nudged.broken(log, world.sent)]
            problems += digested.broken(log, world.sent, world.mornings)
            return Lived(log, world.sent, stage.counts, problems)
