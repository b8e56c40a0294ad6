"""`python -m bench.votes`: 2,000 people answer a pulse within one minute, and each changes their mind once.

Some taps are delivered twice, also after their people have changed their minds. Is every final vote counted, once? How
long does a tap take, how often are the cards drawn again, and what is left in the database's files? Then, as fast as
answers come: taps of Parley's, and votes of a plain poll that keeps who voted what (bench/poll.py).
"""

import argparse
import asyncio
import json
import os
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import create_engine, insert

from bench.cases import free_port
from bench.company import BOT, TEAM
from bench.requests import press, typed
from bench.sender import Sender, Sent
from bench.servers import SENDER_CORE, Process, parley, pin, python, running
from storage.channels import Channel, Purpose
from storage.migrate import migrate
from storage.people import Member, Side
from storage.workspaces import Workspace

PEOPLE, MINUTE = 2000, 60.0
REPEATED = 0.1  # of all taps are delivered twice
TAP_WITHIN, MOST_UPDATES = 0.5, 50  # seconds; in any minute, of a workspace
WARM, FAST_SECONDS, CONNECTIONS = 200, 8.0, 16
PATIENCE = 60.0  # seconds until what happens by itself has happened
CHANNELS = {Purpose.SALES: "C0SALES", Purpose.MARKETING: "C0MARKETING", Purpose.SHARED: "C0SHARED"}
ADMIN = "U0ADMIN"
SLOW = "on the writer"  # what Parley logs of a unit of work that takes over 50 ms of CPU


@dataclass(frozen=True)
class Voter:
    name: str
    side: Side
    first: int
    final: int


def voters(people: int, seed: int) -> list[Voter]:
    chance = random.Random(seed)
    sides = (Side.SALES, Side.MARKETING)
    answers = [chance.sample(range(1, 6), 2) for _ in range(people)]
    return [Voter(f"U0P{n:05}", sides[n % 2], *answer) for n, answer in enumerate(answers)]


def prepare(path: Path, people: Iterable[Voter]) -> None:
    """A workspace with everybody in it, and a channel of each kind."""
    url, now = f"sqlite:///{path}", datetime.now(UTC)
    migrate(url)
    engine = create_engine(url)
    here = {"workspace_id": 1, "is_shared": False}
    person = {"workspace_id": 1, "verified_at": now, "platform_language": "en-US"}
    everybody = [{**person, "external_id": each.name, "name": each.name, "side": each.side} for each in people]
    admin = {**person, "external_id": ADMIN, "name": "Ada", "side": Side.OTHER, "is_admin": True}
    with engine.begin() as connection:
        installed = {"external_id": TEAM, "name": "Acme", "bot_external_id": BOT, "installed_at": now}
        connection.execute(insert(Workspace), [{**installed, "platform": "slack", "admins_asked_at": now}])
        connection.execute(insert(Member), [admin])
        connection.execute(insert(Member), everybody)
        places = [
            {**here, "external_id": place, "name": purpose, "purpose": purpose} for purpose, place in CHANNELS.items()
        ]
        connection.execute(insert(Channel), places)
    engine.dispose()


def taps(people: list[Voter], stub: int, seed: int) -> list[bytes]:
    """In the order in which they are sent: everybody's first and then their final one; some again, a moment later or
    after the final one."""
    chance = random.Random(seed)
    sent: list[tuple[float, bytes]] = []
    for number, voter in enumerate(people):
        first, final = sorted((chance.uniform(0, 1), chance.uniform(0, 1)))
        final += 0.02  # nobody changes their mind within a second
        for place, (at, value) in enumerate(((first, voter.first), (final, voter.final))):
            request = _tap(2 * number + place, voter, value, stub)
            sent.append((at, request))
            if chance.random() < REPEATED:
                sent.append((at + chance.choice((0.005, 0.1, 0.5)), request))
    return [request for _at, request in sorted(sent, key=lambda each: each[0])]


def _tap(n: int, voter: Voter, value: int, stub: int) -> bytes:
    packed = f'["pulse.vote",{{"wave":1,"question":1,"value":{value},"side":"{voter.side}"}}]'
    return press(n, voter.name, CHANNELS[Purpose(voter.side)], packed, f"http://127.0.0.1:{stub}/api/response")


async def voted_in_a_minute(folder: Path, people: list[Voter], seed: int) -> bool:
    database = folder / "votes.db"
    prepare(database, people)
    with _stub(folder) as stub, _parley(folder, stub, database) as process:
        sender = Sender(process.port)
        await sender.schedule([typed(ADMIN, "/pulse", "now", CHANNELS[Purpose.SHARED])], 1)
        await _until(database, "SELECT count(*) = 3 FROM outbox WHERE state = 'SENT' AND kind = 'post'")
        requests = taps(people, stub, seed)
        sent = await sender.schedule(requests, len(requests) / MINUTE)
        counted = Counter[tuple[str, int]]()
        for side, value in _rows(database, "SELECT side, value FROM pulse_ballot"):
            counted[side, value] += 1
        ballots = [ballot_id for (ballot_id,) in _rows(database, "SELECT id FROM pulse_ballot")]
        await asyncio.sleep(20)  # the last count
        updates = _most_in_a_minute(database)
        close = press(
            0, ADMIN, CHANNELS[Purpose.SHARED], '["pulse.close_now",{"wave":1}]', f"http://127.0.0.1:{stub}/api/r"
        )
        began = perf_counter()
        closed = await sender.schedule([close], 1)
        await _until(database, "SELECT count(*) FROM pulse_result")
        await _until(database, "SELECT wiped_at IS NOT NULL FROM pulse_wave")
        wiped = perf_counter() - began
        await sender.close()
        published = _published(_rows(database, "SELECT body FROM pulse_result")[0][0])
        answered = _rows(database, "SELECT sales_answered + marketing_answered FROM pulse_wave")[0][0]
        files = b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*") if path.is_file())
        left = sum(ballot_id.encode() in files for ballot_id in ballots)
    wanted = Counter((str(voter.side), voter.final) for voter in people)
    slow = _slow_units(folder)
    done = len(sent.good) + len(closed.good)
    print(
        f"{len(people)} people, {len(requests)} taps in a minute, of which {len(requests) - 2 * len(people)} came twice"
    )
    print(f"  answered {len(sent.good)}, refused {len(sent.refused)}, failed {len(sent.failed)}")
    half, p99 = (f"{1000 * sent.quantile(percent):.1f} ms" for percent in (50, 99))
    print(f"  a tap: p50 {half}, p99 {p99} (< {1000 * TAP_WITHIN:.0f} ms)")
    once = f"while open {counted == wanted}, published {published == wanted}"
    print(f"  final votes counted once: {once}; answered {answered}")
    print(f"  updates of cards in the busiest minute: {updates} (at most {MOST_UPDATES})")
    print(
        f"  published and wiped {wiped:.1f} s after the close; of {len(ballots)} ballots {left} are left in the files"
    )
    print(f"  the close: {1000 * closed.slowest:.0f} ms; units of work over 50 ms of CPU: {slow}")
    return (
        done == len(requests) + 1
        and counted == published == wanted
        and answered == len(people)
        and sent.quantile(99) < TAP_WITHIN
        and updates <= MOST_UPDATES
        and left == 0
    )


def _published(body: str) -> Counter[tuple[str, int]]:
    """How often each answer was given by each side, to the first statement."""
    sides = json.loads(body)["statements"][0]["sides"]
    return Counter({(side, n): times for side, shown in sides.items() for n, times in enumerate(shown["counts"], 1)})


def _slow_units(folder: Path) -> int:
    return sum(log.read_text(errors="replace").count(SLOW) for log in folder.glob("*.log"))


def _most_in_a_minute(database: Path) -> int:
    """The most updates that any sixty seconds had."""
    query = "SELECT sent_at FROM outbox WHERE kind = 'update' AND state = 'SENT' ORDER BY sent_at"
    at = [instant / 1e6 for (instant,) in _rows(database, query)]
    return max((sum(begin <= each < begin + 60 for each in at) for begin in at), default=0)


async def as_fast_as_it_goes(folder: Path, people: list[Voter], server: str) -> Sent:
    """The votes of a plain poll, or taps of Parley's, one after the other for each connection."""
    database, port = folder / f"{server}.db", free_port()
    with _stub(folder) as stub:
        if server == "poll":
            requests = [
                press(n, voter.name, "C0SALES", f"1 1 {voter.final}", f"http://127.0.0.1:{stub}/api/r", "button")
                for n, voter in enumerate(people)
            ]
            with running(python("bench.poll", str(port), str(database)), port, folder, "/") as process:
                return await _saturate(process, requests)
        prepare(database, people)
        requests = [_tap(n, voter, voter.final, stub) for n, voter in enumerate(people)]
        with _parley(folder, stub, database) as process:
            sender = Sender(process.port)
            await sender.schedule([typed(ADMIN, "/pulse", "now", CHANNELS[Purpose.SHARED])], 1)
            await sender.close()
            await _until(database, "SELECT count(*) = 3 FROM outbox WHERE state = 'SENT' AND kind = 'post'")
            return await _saturate(process, requests)


async def _saturate(process: Process, requests: list[bytes]) -> Sent:
    sender = Sender(process.port)
    await sender.saturate(requests[:WARM], FAST_SECONDS, CONNECTIONS)
    sent = await sender.saturate(requests[WARM:], FAST_SECONDS, CONNECTIONS)
    await sender.close()
    return sent


async def _until(database: Path, query: str) -> None:
    until = perf_counter() + PATIENCE
    while not _rows(database, query)[0][0]:
        if perf_counter() > until:
            raise TimeoutError(query)
        await asyncio.sleep(0.1)


def _rows(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def _stub(folder: Path) -> Iterator[int]:
    port = free_port()
    with running(python("bench.slack_stub", str(port)), port, folder, "/", core=SENDER_CORE):
        yield port


@contextmanager
def _parley(folder: Path, stub: int, database: Path) -> Iterator[Process]:
    port = free_port()
    with running(python("bot", "run"), port, folder, "/readyz", parley(port, stub, database)) as process:
        yield process


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.votes", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    pin(SENDER_CORE)
    print(f"Load of the machine before: {os.getloadavg()[0]:.1f}")
    people = voters(options.people, options.seed)
    with tempfile.TemporaryDirectory(prefix="parley-votes-") as scratch:
        is_met = asyncio.run(voted_in_a_minute(Path(scratch), people, options.seed))
    many = voters(20_000, options.seed)
    for server, what in (
        ("parley", "taps of Parley's pulse"),
        ("poll", "votes of a plain poll, AsyncSession and aiosqlite"),
    ):
        with tempfile.TemporaryDirectory(prefix="parley-votes-") as scratch:
            sent = asyncio.run(as_fast_as_it_goes(Path(scratch), many, server))
        failed = len(sent.failed) + len(sent.refused)
        print(f"{what}: {sent.rate:.0f}/s, p99 {1000 * sent.quantile(99):.0f} ms, not done {failed}")
    print("all is as it should be" if is_met else "NOT as it should be")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
