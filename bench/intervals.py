"""`python -m bench.intervals`: how many of the intervals that the pulse shows hold the gap that is really there.

Each wave is two sides of n people, whose opinions are normal with deviation 1 and are rounded to an answer from 1 to 5.
"""

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from bot.calculations.gaps import LEVEL, welch

SIZES, GAPS, MIDDLE = (8, 12, 20, 30), (0.0, 0.5, 1.0), 3.0
AIM = (0.93, 0.97)
ANSWERS = np.arange(1, 6)


@dataclass(frozen=True)
class Coverage:
    share: float  # of intervals that hold the true gap
    flagged: float  # of intervals without zero
    half: float  # the median of half of their widths
    without: int  # waves in which a side answered alike: no interval is shown


def coverage(n: int, gap: float, waves: int, seed: int) -> Coverage:
    """`gap` is that of the opinions; the true gap of the answers is a little smaller, as they end at 1 and 5."""
    drawn = np.random.default_rng(seed)
    means = (MIDDLE + gap / 2, MIDDLE - gap / 2)
    sides = [np.clip(np.rint(drawn.normal(mean, 1, (waves, n))), 1, 5) for mean in means]
    has_interval = ~(_alike(sides[0]) | _alike(sides[1]))
    low, high = welch(*(side[has_interval] for side in sides)).confidence_interval(LEVEL)
    true = _mean_answer(means[0]) - _mean_answer(means[1])
    return Coverage(
        share=float(np.mean((low <= true) & (true <= high))),
        flagged=float(np.mean((low > 0) | (high < 0))),
        half=float(np.median(high - low) / 2),
        without=int(waves - has_interval.sum()),
    )


def _alike(answers: Any) -> Any:
    """As `show_side` has it."""
    most = (answers[:, :, None] == ANSWERS).sum(axis=1).max(axis=1)
    return most >= answers.shape[1] - 1


def _mean_answer(mean: float) -> float:
    """Of an opinion that is rounded to an answer: the sum of the chances to answer more than each but the last."""
    return float(1 + norm.sf(ANSWERS[:-1] + 0.5, loc=mean).sum())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.intervals", description=__doc__)
    parser.add_argument("--waves", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    print(f"{options.waves} simulated waves each; of 95 % intervals, {AIM[0]:.0%} to {AIM[1]:.0%} should hold the gap")
    print("n a side  gap   hold it  without 0  half width  no interval")
    is_met = True
    for n in SIZES:
        for gap in GAPS:
            found = coverage(n, gap, options.waves, options.seed)
            is_met &= AIM[0] <= found.share <= AIM[1]
            print(
                f"{n:8}  {gap:3.1f}  {found.share:7.2%}  {found.flagged:9.1%}  {found.half:10.2f}  {found.without:11}"
            )
    return 0 if is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
