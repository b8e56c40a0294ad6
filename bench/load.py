"""`/leadfeedback` beside heavy work and under too much of it, and what Parley costs: its start and its memory."""

import asyncio
import csv
import os
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.cases import CASES, COMMAND, CONNECTIONS, measure, serving
from bench.company import LEADS, Company, add_history, notes
from bench.requests import chatter, commands, messages, note_on, report_command
from bench.sender import Sender, Sent
from bench.servers import ROOT

IMPORTED, REPORTED = 100_000, 1_000_000  # leads
STARTS = 3
IDLE_AFTER = 5.0  # seconds
HOUR = 30_000  # events: the most that Slack sends of one workspace in an hour
SLICE = 60  # parts of the hour, each signed when it begins
OVERLOAD = 3  # times the maximum
OVERLOADED_FOR = 10.0  # seconds
PATIENCE = 3.0  # seconds: Slack's own
LONGEST = 60.0  # seconds that are measured beside an import

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Verdict:
    what: str
    figure: str
    goal: str
    is_met: bool

    def __str__(self) -> str:
        return f"{'met   ' if self.is_met else 'MISSED'}  {self.what:<86} {self.figure:>32}   goal: {self.goal}"


async def run(
    company: Company, folder: Path, seconds: float, rate: float | None, in_real_time: bool, tell: Tell
) -> list[Verdict]:
    """`rate`: the maximum of case (c), measured here where it is not known."""
    if rate is None:
        tell("the maximum of /leadfeedback")
        case = next(case for case in CASES if case.letter == "c")
        rate = (await measure(case, company, folder, seconds, False)).rate
    verdicts = await _costs(company, folder, in_real_time, tell)
    verdicts += await _beside_heavy_work(company, folder, rate / 2, tell)
    verdicts += await _overload(company, folder, rate, tell)
    return verdicts


async def _costs(company: Company, folder: Path, in_real_time: bool, tell: Tell) -> list[Verdict]:
    tell("starts")
    database = company.copy()
    with serving("parley", database, folder):
        pass  # the first start
    starts = []
    for _ in range(STARTS):
        with serving("parley", database, folder) as process:
            starts.append(process.ready_after)
    with serving("parley", database, folder) as process:
        tell("idle")
        await asyncio.sleep(IDLE_AFTER)
        idle = process.memory
        tell("an hour's load")
        began = perf_counter()
        async with _sender(process.port) as sender:
            for part in range(SLICE):
                requests = _hour(part)
                if in_real_time:
                    sent = await sender.schedule(requests, HOUR / 3600)
                else:
                    sent = await sender.saturate(requests, 600.0, CONNECTIONS)
                _insist(sent)
        took, busy = perf_counter() - began, process.memory
    company.remove(database)
    hour = "in an hour" if in_real_time else f"compressed into {took:.0f} s"
    start = statistics.median(starts)
    return [
        Verdict("from exec to /readyz, not the first start", f"{start:.2f} s", "< 1.5 s", start < 1.5),
        Verdict("memory (VmRSS), idle", f"{idle:.0f} MB", "< 120 MB", idle < 120),
        Verdict(f"memory after {HOUR:,} events, {hour}", f"{busy:.0f} MB", "-", True),
    ]


def _hour(part: int) -> list[bytes]:
    """A part of the hour: mostly chatter, some announced leads, some feedback."""
    size = HOUR // SLICE
    first = 1 + part * size
    leads, words = size // 15, size // 30
    mixed = chatter(first, size - leads - words) + messages(first, leads) + commands(1 + part * words, words)
    return [mixed[(n * 7) % size] for n in range(size)]  # 7 and the size have no common divisor


async def _beside_heavy_work(company: Company, folder: Path, rate: float, tell: Tell) -> list[Verdict]:
    tell(f"a database of {REPORTED:,} leads")
    database, table = company.copy(), folder / "import.csv"
    add_history(database, REPORTED)
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("key", "company", "source", "status", "handed_off_at"))
        rows.writerows((f"I-{n}", f"Imported {n}", "fair", "rejected", "2026-01-05") for n in range(IMPORTED))
    whole = Sent()
    with serving("parley", database, folder) as process:
        async with _sender(process.port, COMMAND.word) as sender, _sender(process.port) as reporter:
            tell("an import and reports, beside /leadfeedback at half of its maximum")
            began, lead, reports = perf_counter(), 1, 0
            importing = _bot(database, folder, "leads", "import", str(table))
            reporting = _bot(database, folder, "report", "sources")
            while (importing.poll() is None or reporting.poll() is None) and perf_counter() - began < LONGEST:
                count = int(rate * 2)
                if lead + count > LEADS:
                    break
                asked = asyncio.ensure_future(reporter.schedule([report_command()], 1.0))
                _add(whole, await sender.schedule(commands(lead, count), rate))
                _insist(await asked)
                reports, lead = reports + 1, lead + count
            took = perf_counter() - began
            said = [(await asyncio.to_thread(each.communicate))[0].strip() for each in (importing, reporting)]
    if importing.returncode or f"{IMPORTED} added" not in said[0] or reporting.returncode:
        raise RuntimeError(f"the import or the report failed: {said}")
    lost = {note_on(number) for number in _acknowledged(whole)} - notes(database)
    company.remove(database)
    p99, slowest = whole.quantile(99), whole.slowest
    beside = f"an import of {IMPORTED:,} rows and {reports + 1} reports over {REPORTED:,} leads"
    became = f"{len(lost)} lost, {len(whole.failed)} failed, {len(whole.refused)} refused"
    return [
        Verdict(f"p99 beside {beside}", f"{p99 * 1000:.0f} ms", "< 500 ms", p99 < 0.5),
        Verdict("slowest of them", f"{slowest * 1000:.0f} ms", "< 3 s", slowest < PATIENCE),
        Verdict(
            f"{len(whole.took):,} commands at {rate:.0f}/s in {took:.0f} s",
            became,
            "none lost or failed",
            not lost and not whole.failed,
        ),
    ]


async def _overload(company: Company, folder: Path, rate: float, tell: Tell) -> list[Verdict]:
    tell("too much")
    offered = rate * OVERLOAD
    count = min(int(offered * OVERLOADED_FOR), LEADS)
    database = company.copy()
    with serving("parley", database, folder) as process:
        async with _sender(process.port, COMMAND.word) as sender:
            sent = await sender.schedule(commands(1, count), offered)
    stored = notes(database)
    company.remove(database)
    lost = {note_on(1 + n) for n in sent.good} - stored
    extra = {note_on(1 + n) for n in sent.refused} & stored
    what = f"{len(sent.good):,} done, {len(sent.refused):,} refused, {len(sent.failed):,} failed"
    return [
        Verdict(
            f"at {OVERLOAD} times the maximum ({offered:.0f}/s): {count:,} commands",
            what,
            "none failed",
            not sent.failed,
        ),
        Verdict("slowest answer or refusal", f"{sent.slowest * 1000:.0f} ms", "< 3 s", sent.slowest < PATIENCE),
        Verdict(
            "acknowledged and lost, refused and stored", f"{len(lost)}, {len(extra)}", "0, 0", not lost and not extra
        ),
    ]


def _bot(database: Path, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A command of Parley's, on any core."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{database}"}
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, range(os.cpu_count() or 1)),
    )


@asynccontextmanager
async def _sender(port: int, word: bytes = b"") -> AsyncIterator[Sender]:
    sender = Sender(port, word)
    yield sender
    await sender.close()


def _add(whole: Sent, part: Sent) -> None:
    before = len(whole.took) + len(whole.failed)
    whole.took += part.took
    whole.good += [before + n for n in part.good]
    whole.refused += [before + n for n in part.refused]
    whole.failed += part.failed


def _acknowledged(whole: Sent) -> list[int]:
    return [1 + n for n in whole.good]


def _insist(sent: Sent) -> None:
    if sent.failed:
        raise RuntimeError(f"{len(sent.failed)} requests failed, such as: {sent.failed[0]}")
