"""`python -m bench.month`: live a month, count what happened, and say what was not as promised."""

import argparse
import asyncio
import gc
import sys
from collections import Counter
from datetime import UTC, datetime
from time import process_time

from bench.month.lived import BEGIN, Lived, live

SHOWN = 60  # problems


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.month", description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--begin", type=lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC), default=BEGIN)
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--leads", type=int, default=200, help="a day")
    asked.add_argument("--people", type=int, default=60)
    gc.disable()  # all that happens is kept for the checks: a collector would walk through it within some unit
    lived = asyncio.run(live(**vars(asked.parse_args())))
    _summarise(lived)
    for problem in lived.problems[:SHOWN]:
        print(problem)
    print(f"{len(lived.problems)} problems; {process_time():.0f} s of processor time")
    return 1 if lived.problems else 0


def _summarise(lived: Lived) -> None:
    log = lived.log
    print(f"{len(log.leads)} leads, {len(lived.sent)} messages, {len(log.clocks)} clocks")
    for title, counts in (
        ("deeds", lived.counts),
        ("clocks", Counter(clock.kind for clock in log.clocks.values())),
        ("nudges at %", Counter(str(nudge.step) for nudge in log.nudges)),
        ("told", Counter("alone" if nudge.told_at == nudge.at else "in a summary" for nudge in log.nudges)),
        (
            "digests",
            Counter(name for digest in log.digests for name, id in log.channels.items() if id == digest.channel_id),
        ),
        ("their items", Counter(item.to_do for item in log.items)),
    ):
        print(f"{title}: {', '.join(f'{n} {name}' for name, n in sorted(counts.items()))}")


if __name__ == "__main__":
    sys.exit(main())
