"""`python -m bench`: the table of speed; every figure is measured here and now, side by side."""

import argparse
import asyncio
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import uvloop

from bench import load, node
from bench.cases import CASES, CONNECTIONS, Case, Measured, measure
from bench.company import Company
from bench.load import Verdict
from bench.servers import SENDER_CORE, pin

HEADER = ("case", "req/s", "of a", "of b", "of f", "p99 ms", "half: p50", "p99", "CPU µs", "MB", "busy")
EXPLANATION = f"""\
req/s and p99: {CONNECTIONS} connections, each of which sends when it has its answer. half: p50 and p99 in ms at half
of that rate, sent on a schedule, from when a request was due. Every answer was 2xx, and every row was counted; busy:
refused in words. (b) and (f) deliver nothing; Parley delivers, at the rate Slack allows a workspace."""
WIDTHS = (42, 7, 7, 7, 7, 8, 10, 7, 7, 5, 6)


def main() -> int:
    options = _options()
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # under overload, every late answer is a connection more
    if (os.cpu_count() or 1) < 2 or not hasattr(os, "sched_setaffinity"):
        print("There is one core here, or no way to choose one: nothing is pinned, and the sender slows the server.")
    else:
        pin(SENDER_CORE)
        print("Servers run on core 0; the sender and the stub of Slack on core 1.")
    with (
        tempfile.TemporaryDirectory(prefix="parley-bench-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(_run(options, Path(folder)))


async def _run(options: argparse.Namespace, folder: Path) -> int:
    busy = os.getloadavg()[0]
    print(f"Load of the machine before: {busy:.1f}{' (not quiet: read ratios only)' if busy > 0.5 else ''}")
    wanted = [case for case in CASES if not options.only or case.letter in options.only]
    if any(case.server == "node" for case in wanted) and (missing := node.prepare()):
        print(missing)
        wanted = [case for case in wanted if case.server != "node"]
    if any(case.server == "obvious" for case in wanted) and find_spec("aiosqlite") is None:
        print("aiosqlite is not installed (pip install -e '.[bench]'), so the obvious design is left out")
        wanted = [case for case in wanted if case.server != "obvious"]
    company = Company(folder)
    rounds: list[dict[Case, Measured]] = []
    for number in range(options.rounds):
        measured: dict[Case, Measured] = {}
        for case in wanted:
            _progress(f"round {number + 1} of {options.rounds}: {case.name}")
            measured[case] = await measure(case, company, folder, options.seconds, case.server == "parley")
        rounds.append(measured)
    _progress("")
    if rounds and wanted:
        print(f"\nMedians of {len(rounds)} rounds of {options.seconds:g} s, ratios paired within a round")
        for line in table(rounds):
            print(line)
        print(EXPLANATION)
    verdicts = _at_half(rounds)
    if not options.only or "l" in options.only:
        rates = [run.rate for measured in rounds for case, run in measured.items() if case.letter == "c"]
        maximum = statistics.median(rates) if rates else None
        verdicts += await load.run(company, folder, options.seconds, maximum, options.hour, _progress)
        _progress("")
    if verdicts:
        print("\n/leadfeedback under load, and what Parley costs")
        for verdict in verdicts:
            print(verdict)
    return 0 if all(verdict.is_met for verdict in verdicts) else 1


def _at_half(rounds: list[dict[Case, Measured]]) -> list[Verdict]:
    """The goal of (c) at half of its maximum."""
    halves = [run.half for measured in rounds for case, run in measured.items() if case.letter == "c" and run.half]
    if not halves:
        return []
    p50, p99 = (statistics.median(half.quantile(percent) for half in halves) * 1000 for percent in (50, 99))
    return [Verdict("p50 and p99 at half of its maximum", f"{p50:.1f} and {p99:.1f} ms", "< 100 ms", p99 < 100)]


def table(rounds: list[dict[Case, Measured]]) -> Iterable[str]:
    yield _row(HEADER)
    for case in rounds[0]:
        runs = [measured[case] for measured in rounds]
        halves = [run.half for run in runs if run.half]
        yield _row(
            (
                case.name,
                f"{statistics.median(run.rate for run in runs):,.0f}",
                *(_ratio(rounds, case, letter) for letter in "abf"),
                f"{statistics.median(run.p99 for run in runs) * 1000:.0f}",
                *(
                    f"{statistics.median(half.quantile(q) for half in halves) * 1000:.1f}" if halves else ""
                    for q in (50, 99)
                ),
                f"{statistics.median(run.cpu for run in runs) * 1e6:.0f}",
                f"{statistics.median(run.memory for run in runs):.0f}",
                str(sum(run.refused for run in runs)),
            )
        )


def _ratio(rounds: list[dict[Case, Measured]], case: Case, letter: str) -> str:
    """How many times as fast as the case of this letter with the same requests; the median of each round's ratio."""
    other = next((each for each in rounds[0] if each.letter == letter and each.kind == case.kind), None)
    if other is None or other == case:
        return ""
    ratio = statistics.median(measured[case].rate / measured[other].rate for measured in rounds)
    return f"{ratio:.2f}x"


def _row(cells: Iterable[str]) -> str:
    first, *others = cells
    return first.ljust(WIDTHS[0]) + "".join(cell.rjust(width) for cell, width in zip(others, WIDTHS[1:], strict=True))


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    letters = "letters of cases, a to f, and l for load: c,d"
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set(), help=letters)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--hour", action="store_true", help="an hour's load in an hour, not compressed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
