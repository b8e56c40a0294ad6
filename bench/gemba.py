"""`python -m bench.gemba`: how long the matching of a big round takes, whether it is the best, and twelve rounds."""

import argparse
import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import perf_counter

from bench.cases import COMMAND, serving
from bench.company import Company
from bench.load import Verdict
from bench.sender import Sender, Sent
from bench.servers import ROOT, SENDER_CORE, SERVER_CORE, pin
from bench.sign_ups import THEMES, a_round, among_themselves, question, sign_up, sign_ups
from bench.swap_rounds import at_random, by_parley, live, rounds
from bot.calculations.gemba_matching import calculate
from bot.rules.swaps import Participant, Question
from tests.calculations.exact_swaps import best_by_programming, best_of_all, faults, merit_of

SIGN_UPS = 5_000
WITHIN, MEMORY, PATIENCE = 10.0, 1_000, 0.5  # seconds, MB, seconds
RATE = 50.0  # commands a second, beside the matching
SMALL, MEDIUM = 1_000, 20  # rounds
PEOPLE, ROUNDS = 40, 12


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench.gemba", description=__doc__)
    options.add_argument(
        "part", nargs="?", choices=["big", "beside", "exact", "rounds"], help="all of them if left out"
    )
    options.add_argument("--people", type=int, default=SIGN_UPS)
    chosen = options.parse_args()
    parts: dict[str, Callable[[], Iterator[Verdict]]] = {
        "big": lambda: _big(chosen.people),
        "beside": lambda: _beside(chosen.people),
        "exact": _exact,
        "rounds": _rounds,
    }
    print(f"Load of the machine before: {os.getloadavg()[0]:.1f} (where it is not quiet, read seconds of CPU)")
    are_met = []
    for name, part in parts.items():
        if chosen.part in (None, name):
            for verdict in part():
                print(verdict, flush=True)
                are_met.append(verdict.is_met)
    return 0 if all(are_met) else 1


def _big(people: int) -> Iterator[Verdict]:
    """Each in a process of its own, as the server starts it; what the process costs is told by the one that waits."""
    for name, asked in _big_rounds(people):
        took, cpu, memory, answers = [], [], [], []
        for hash_seed in ("1", "2"):
            seconds, of_cpu, megabytes, answer = _child(asked, hash_seed)
            took.append(seconds)
            cpu.append(of_cpu)
            memory.append(megabytes)
            answers.append(answer)
        matching = json.loads(answers[0])
        what = f"{people:,} people, {name}: {len(matching['matches'])} swaps, {len(matching['left_out'])} left out"
        yield Verdict(what, f"{max(took):.1f} s, {max(cpu):.1f} s of CPU", f"< {WITHIN:g} s", max(took) < WITHIN)
        yield Verdict("   peak memory of the child", f"{max(memory):.0f} MB", f"< {MEMORY} MB", max(memory) < MEMORY)
        same = answers[0] == answers[1]
        told = hashlib.sha256(answers[0]).hexdigest()[:12]
        yield Verdict("   two runs, two orders of hashing, one answer", told if same else "they differ", "same", same)
        wrong = list(faults(asked, matching))
        yield Verdict("   rules that are broken", f"{len(wrong)} {' '.join(wrong[:1])}", "0", not wrong)


def _big_rounds(people: int) -> Iterator[tuple[str, Question]]:
    random = Random(7)
    mixed = sign_ups(people, random)
    among_themselves(mixed, random, apart=1, met=2)
    yield "half of each side", question(mixed)
    uneven = [sign_up(number, "marketing" if number % 5 else "sales", random) for number in range(1, people + 1)]
    among_themselves(uneven, random, apart=1, met=2)
    yield "four of five in marketing", question(uneven)
    yield "all alike", question([_alike(number) for number in range(1, people + 1)])
    yield "all want a full week", question([_weekly(one, random) for one in sign_ups(people, random, half_days=20)])


def _alike(number: int) -> Participant:
    return {**sign_up(number, "sales" if number % 2 else "marketing", Random(1)), "waited": 0}


def _weekly(person: Participant, random: Random) -> Participant:
    return {**person, "formats": ["full_week"], "wished_themes": random.sample(THEMES, 2)}


def _child(asked: Question, hash_seed: str, core: int | None = None) -> tuple[float, float, float, bytes]:
    """Seconds, those of CPU, megabytes at most, and the answer."""
    with tempfile.TemporaryFile() as asks, tempfile.TemporaryFile() as answers:
        asks.write(json.dumps(asked).encode())
        asks.seek(0)
        began = perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "bot.calculations", "gemba_matching"],
            stdin=asks,
            stdout=answers,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            preexec_fn=(lambda: pin(core)) if core is not None else None,
        )
        _pid, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise RuntimeError(f"the matching ended with {child.returncode}")
        answers.seek(0)
        return perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, answers.read()


def _beside(people: int) -> Iterator[Verdict]:
    """The server and the matching on one core: as bad as it gets. What the machine does by itself is told, too."""
    _name, asked = next(_big_rounds(people))
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        alone, beside, took = asyncio.run(_sent(asked, Company(Path(folder)), Path(folder)))
    what = f"p99 of {len(beside.took)} commands at {RATE:.0f}/s beside {took} matchings of {people:,} people"
    figure = f"{beside.quantile(99) * 1000:.0f} ms, alone {alone.quantile(99) * 1000:.0f} ms"
    yield Verdict(what, figure, "< 500 ms", beside.quantile(99) < PATIENCE)
    not_done = [what for sent in (alone, beside) for what in (*sent.failed, *map(str, sent.refused))]
    yield Verdict("   commands that were not done", f"{len(not_done)} {' '.join(not_done[:1])}", "0", not not_done)


async def _sent(asked: Question, company: Company, folder: Path) -> tuple[Sent, Sent, int]:
    """What was sent to a server alone, what beside matchings, and how many these were."""
    pin(SENDER_CORE)
    count, took = int(RATE * 20), 0
    with serving("parley", company.copy(), folder) as process:
        sender = Sender(process.port, COMMAND.word)
        alone = await sender.schedule(COMMAND.make(1, count), RATE)
        sending = asyncio.ensure_future(sender.schedule(COMMAND.make(1 + count, count), RATE))
        while not sending.done():
            await asyncio.to_thread(_child, asked, "1", SERVER_CORE)
            took += 1
        beside = await sending
        await sender.close()
    return alone, beside, took


def _exact() -> Iterator[Verdict]:
    less, wrong = 0, 0
    for seed in range(SMALL):
        random = Random(seed)
        asked = a_round(random, random.randint(6, 16))
        matching = calculate(asked)
        less += merit_of(asked, matching) != best_of_all(asked)
        wrong += len(list(faults(asked, matching)))
    yield Verdict(f"{SMALL:,} small rounds, and all that could be tried", f"{less} less good", "0", not less)
    for seed in range(MEDIUM):
        asked = a_round(Random(seed), 120)
        matching = calculate(asked)
        less += merit_of(asked, matching) != best_by_programming(asked)
        wrong += len(list(faults(asked, matching)))
    yield Verdict(f"{MEDIUM} rounds of 120 people, and an integer programme", f"{less} less good", "0", not less)
    yield Verdict("rules that are broken in them", f"{wrong}", "0", not wrong)


def _rounds() -> Iterator[Verdict]:
    for sales, half_days, no_repeat in ((PEOPLE // 2, 20, ROUNDS), (PEOPLE // 2 + 1, 20, 2), (PEOPLE // 2, 7, 4)):
        lived = {}
        for match in (by_parley, at_random):
            random = Random(1)
            people = [sign_up(one, "sales" if one <= sales else "marketing", random) for one in range(1, PEOPLE + 1)]
            for person in people:
                person["languages"], person["is_remote"] = ["en"], True
                person["waited"], person["is_first_timer"] = 0, True
            lived[match] = live(people, rounds(people, ROUNDS, half_days, 1, no_repeat), match)
        ours, theirs = lived[by_parley], lived[at_random]
        print(
            f"{ROUNDS} rounds, {sales} of {PEOPLE} in sales, {half_days} half-days each, no repeat within {no_repeat}"
        )
        print(f"        matched: {ours}\n        at random: {theirs}")
        better = ours.matched >= theirs.matched and ours.twice <= theirs.twice and ours.repeated <= theirs.repeated
        yield Verdict("   no worse than at random in any of it", "yes" if better else "no", "yes", better)


if __name__ == "__main__":
    sys.exit(main())
