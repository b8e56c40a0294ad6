"""The figures of a gap are those of scipy and of the textbooks, and its interval holds what it promises."""

from math import gamma, sqrt
from statistics import fmean, variance

import numpy as np
import pytest
from scipy.stats import t, ttest_ind

from bench.intervals import coverage
from bot.calculations.gaps import gap_between, hedges
from bot.calculations.trends import pool
from bot.rules.published import ShownSide

SIZES = [(8, 8), (8, 19), (12, 9), (20, 20), (30, 23)]


def waves(sizes, seed=6):
    """Answers of both sides, rounded normal."""
    drawn = np.random.default_rng(seed)
    return [
        [
            np.clip(np.rint(drawn.normal(mean, 1, size)), 1, 5).astype(int).tolist()
            for size, mean in ((n, 3.2 + shift), (m, 3.2))
        ]
        for n, m in sizes
        for shift in (0.0, 0.7, -1.5)
    ]


@pytest.mark.parametrize(("sales", "marketing"), waves(SIZES))
def test_gap_and_interval_are_welchs(sales, marketing):
    gap = gap_between(sales, marketing)
    low, high = ttest_ind(sales, marketing, equal_var=False).confidence_interval(0.95)
    assert (gap["low"], gap["high"]) == (round(low, 2), round(high, 2))
    assert gap["p"] == round(ttest_ind(sales, marketing, equal_var=False).pvalue, 3)
    # and by hand
    of_sales, of_marketing = variance(sales) / len(sales), variance(marketing) / len(marketing)
    free = (of_sales + of_marketing) ** 2 / (of_sales**2 / (len(sales) - 1) + of_marketing**2 / (len(marketing) - 1))
    half, value = t.ppf(0.975, free) * sqrt(of_sales + of_marketing), fmean(sales) - fmean(marketing)
    assert gap["value"] == round(value, 2)
    assert (gap["low"], gap["high"]) == pytest.approx((value - half, value + half), abs=0.0051)
    assert gap["could_be_chance"] == (value - half <= 0 <= value + half)


@pytest.mark.parametrize(("sales", "marketing"), waves([(20, 20), (25, 31), (60, 20)]))
def test_the_effect_size_is_hedges(sales, marketing):
    free = len(sales) + len(marketing) - 2
    pooled = sqrt(((len(sales) - 1) * variance(sales) + (len(marketing) - 1) * variance(marketing)) / free)
    factor = gamma(free / 2) / (sqrt(free / 2) * gamma((free - 1) / 2))
    assert hedges(sales, marketing) == pytest.approx(factor * (fmean(sales) - fmean(marketing)) / pooled)
    assert factor == pytest.approx(1 - 3 / (4 * free - 1), abs=1e-3), "the usual approximation of it"


def test_a_gap_is_told_as_fully_as_the_sides_are_large():
    low, high = [2, 3, 3, 4] * 5, [3, 4, 4, 5] * 5
    assert gap_between(high[:7], low) is None
    middle = gap_between(high[:19], low)
    assert (middle["g"], middle["size"], middle["could_be_chance"]) == (None, None, False)
    large = gap_between(high, low)
    assert (large["value"], large["g"], large["size"]) == (1.0, 1.35, "large")


@pytest.mark.parametrize(
    ("answers", "word"), [([3] * 20, "negligible"), ([3] * 16 + [4] * 4, "small"), ([4] * 20, "large")]
)
def test_effect_sizes_have_words(answers, word):
    answers = [answer + bit for answer, bit in zip(answers, [-1, 0, 0, 1] * 5, strict=True)]
    assert gap_between(answers, [2, 3, 3, 4] * 5)["size"] == word


def test_weeks_are_pooled_without_counting_anybody_twice():
    counts = [1, 2, 3, 4, 2]
    week = ShownSide(n=12, mean=3.33, counts=counts)
    one, four = pool([week, week]), pool([week] * 4)
    assert one["mean"] == four["mean"] == 3.33
    answers = [value for value, count in enumerate(counts, 1) for _ in range(count)]
    half = t.ppf(0.975, 11) * sqrt(variance(answers) / 12)
    for pooled in (one, four):
        width = (pooled["high"] - pooled["low"]) / 2
        assert width == pytest.approx(half, rel=0.05), "as wide as a week's, though four weeks have 48 answers"


@pytest.mark.parametrize("n", [8, 12, 20, 30])
def test_ninety_five_of_a_hundred_intervals_hold_the_true_gap(n):
    for gap in (0.0, 0.5, 1.0):
        found = coverage(n, gap, waves=3000, seed=n)
        assert 0.93 <= found.share <= 0.97, (gap, found)
