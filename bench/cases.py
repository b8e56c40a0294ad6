"""The cases of the table, and one measurement of one of them."""

import contextlib
import itertools
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import node
from bench.company import Company, counts
from bench.requests import chatter, commands, messages
from bench.sender import Sender, Sent
from bench.servers import SENDER_CORE, Process, parley, python, running

WARM_UP = 1.0  # seconds
CONNECTIONS = 16
FASTEST = 3000  # requests a second that write; more are not prepared
SHOWN = 12_000  # requests that write nothing, sent again and again


@dataclass(frozen=True)
class Kind:
    """What is sent, and the rows that each answered request must have written."""

    make: Callable[[int, int], list[bytes]]
    rows: dict[str, int]
    word: bytes = b""  # in every good answer


COMMAND = Kind(
    commands, {"processedevent": 1, "feedback": 1, "lead_event": 1, "outbox": 1}, b"Logged: outside the agreed"
)
MESSAGE = Kind(messages, {"processedevent": 1, "lead": 1, "lead_event": 2, "lead_origin": 1, "outbox": 1})
CHATTER = Kind(chatter, {"processedevent": 0, "lead": 0, "heard_text": 0, "outbox": 0})
KINDS = {"command": COMMAND, "lead": MESSAGE, "unwatched": CHATTER}


@dataclass(frozen=True)
class Case:
    letter: str
    server: str
    kind: str
    words: str

    @property
    def name(self) -> str:
        return f"{self.letter} {self.words}"


CASES = (
    Case("a", "ceiling", "command", "ceiling for c"),
    Case("a", "ceiling", "lead", "ceiling for d"),
    Case("a", "ceiling", "unwatched", "ceiling for e"),
    Case("b", "obvious", "command", "obvious design, the rows of c"),
    Case("b", "obvious", "lead", "obvious design, the rows of d"),
    Case("c", "parley", "command", "Parley: /leadfeedback in one line"),
    Case("d", "parley", "lead", "Parley: a message that is a lead"),
    Case("e", "parley", "unwatched", "Parley: an unwatched message"),
    Case("f", "node", "command", "bolt-js, better-sqlite3, the rows of c"),
    Case("f", "node", "lead", "bolt-js, better-sqlite3, the rows of d"),
)


@dataclass(frozen=True)
class Measured:
    """One round of one case; `half` is the open loop at half of the rate that the closed loop reached."""

    rate: float
    half: Sent | None
    p99: float  # seconds, in the closed loop
    cpu: float  # seconds for one request
    memory: float  # megabytes
    refused: int = 0  # requests that were refused in words


class WrongRows(AssertionError):
    """A server did not store what it answered for."""


@contextlib.contextmanager
def serving(server: str, database: Path, folder: Path) -> Iterator[Process]:
    port = free_port()
    match server:
        case "ceiling":
            with running(python("bench.ceiling", str(port)), port, folder, "/") as process:
                yield process
        case "obvious":
            with running(python("bench.obvious", str(port), str(database)), port, folder, "/") as process:
                yield process
        case "node":
            with running(node.command(port, database), port, folder, "/") as process:
                yield process
        case _:
            stub = free_port()
            with (
                running(python("bench.slack_stub", str(stub)), stub, folder, "/", core=SENDER_CORE),
                running(python("bot", "run"), port, folder, "/readyz", parley(port, stub, database)) as process,
            ):
                yield process


async def measure(case: Case, company: Company, folder: Path, seconds: float, at_half: bool) -> Measured:
    """Warm up, saturate, and where it is wanted send at half of that rate; then count the rows."""
    kind, database = KINDS[case.kind], company.copy()
    before = counts(database)
    writes = case.server != "ceiling" and any(kind.rows.values())
    with serving(case.server, database, folder) as process:
        fresh = itertools.count(1)

        def some(count: int) -> list[bytes]:
            first = next(fresh)
            for _ in range(count - 1):
                next(fresh)
            if writes and first + count > company.leads + 1:
                raise ValueError(f"there are {company.leads} leads, too few for this long a run")
            return kind.make(first, count)

        sender = Sender(process.port, kind.word if writes else b"")
        if writes:
            warm = await sender.saturate(some(int(WARM_UP * FASTEST)), WARM_UP, CONNECTIONS)
            ready = some(int(seconds * FASTEST))
            used = process.cpu
            sent = await sender.saturate(ready, seconds, CONNECTIONS)
        else:
            again = some(SHOWN)
            warm = await sender.saturate(itertools.cycle(again), WARM_UP, CONNECTIONS)
            used = process.cpu
            sent = await sender.saturate(itertools.cycle(again), seconds, CONNECTIONS)
        cpu = (process.cpu - used) / max(1, len(sent.took))
        runs = [warm, sent]
        half = None
        if at_half:
            half = await sender.schedule(some(int(seconds * sent.rate / 2)), sent.rate / 2)
            runs.append(half)
        memory = process.memory
        await sender.close()
    check(kind, runs, before, counts(database), writes)
    company.remove(database)
    return Measured(sent.rate, half, sent.quantile(99), cpu, memory, sum(len(run.refused) for run in runs))


def check(kind: Kind, runs: list[Sent], before: dict[str, int], after: dict[str, int], writes: bool) -> None:
    """Raise WrongRows unless every request was answered well and has written its rows, and nothing else has."""
    if failed := [what for run in runs for what in run.failed]:
        raise WrongRows(f"{len(failed)} requests failed, such as: {failed[0]}")
    answered = sum(len(run.good) for run in runs) if writes else 0
    for table, each in kind.rows.items():
        stored, more = after[table] - before[table], 0
        if table == "outbox" and each:
            more = after["feedback_case"] * 100  # the cards of cases, and as often as those are delivered their updates
        if not answered * each <= stored <= answered * each + more:
            raise WrongRows(f"{stored} rows in {table} for {answered} answers that need {each} each")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
