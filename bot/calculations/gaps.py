"""The gap between two sides: its interval, its size, and when it is more than chance.

scipy is imported where it is needed: what small sides answered needs none of it, and it takes half a second.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import exp, sqrt
from statistics import fmean, variance
from typing import Any

from bot.rules.published import Gap, Published, ShownStatement, day_of

FOR_INTERVAL, FOR_SIZE = 8, 20  # answers of each side
LEVEL, RATE = 0.95, 0.05
MONTH = timedelta(days=28)
SIZES = ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"))


def welch(sales: Any, marketing: Any) -> Any:
    """The test of B. L. Welch, "The generalization of Student's problem when several different population variances
    are involved", Biometrika 34 (1947); of many waves at once where the answers of each are a row.
    """
    from scipy.stats import ttest_ind

    return ttest_ind(sales, marketing, axis=-1, equal_var=False)


def gap_between(sales: Sequence[int], marketing: Sequence[int]) -> Gap | None:
    """None where a side has too few answers, and levels are all that can be shown."""
    smaller = min(len(sales), len(marketing))
    if smaller < FOR_INTERVAL:
        return None
    tested = welch(sales, marketing)
    low, high = tested.confidence_interval(LEVEL)
    g = hedges(sales, marketing) if smaller >= FOR_SIZE else None
    return Gap(
        value=round(fmean(sales) - fmean(marketing), 2),
        low=round(float(low), 2),
        high=round(float(high), 2),
        p=round(float(tested.pvalue), 3),
        could_be_chance=bool(low <= 0 <= high),
        g=None if g is None else round(g, 2),
        size=None if g is None else next((word for below, word in SIZES if abs(g) < below), "large"),
        flag=None,
    )


def hedges(sales: Sequence[int], marketing: Sequence[int]) -> float:
    """The standardised difference without the bias of small samples: L. V. Hedges, "Distribution theory for Glass's
    estimator of effect size and related estimators", Journal of Educational Statistics 6 (1981), with the exact factor.
    """
    from scipy.special import gammaln

    free = len(sales) + len(marketing) - 2
    pooled = ((len(sales) - 1) * variance(sales) + (len(marketing) - 1) * variance(marketing)) / free
    factor = exp(gammaln(free / 2) - gammaln((free - 1) / 2)) / sqrt(free / 2)
    return float(factor * (fmean(sales) - fmean(marketing)) / sqrt(pooled))


def flagged(published: Published, before: Sequence[Published]) -> None:
    """Flag the gaps of a wave that are unlikely to be chance, though there are several to look at each week.

    A statement's gap, the same way, the last two times it was asked; or Y. Benjamini and Y. Hochberg, "Controlling the
    false discovery rate", Journal of the Royal Statistical Society B 57 (1995), over all gaps of four weeks.
    Tensions that help are never flagged.
    """
    month = [each for each in before if day_of(each) > date.fromisoformat(published["on"]) - MONTH]
    of_month = [gap["p"] for each in month for statement in each["statements"] if (gap := _tested(statement))]
    tested = [(statement, gap) for statement in published["statements"] if (gap := _tested(statement))]
    if not tested:
        return
    from scipy.stats import false_discovery_control

    adjusted = false_discovery_control([gap["p"] for _, gap in tested] + of_month)
    for (statement, gap), rate in zip(tested, adjusted, strict=False):
        if _was_so(statement["key"], gap, before):
            gap["flag"] = "twice"
        elif rate <= RATE and not gap["could_be_chance"]:
            gap["flag"] = "month"


def _was_so(key: str, gap: Gap, before: Sequence[Published]) -> bool:
    asked = [statement for each in before for statement in each["statements"] if statement["key"] == key]
    last = asked[-1]["gap"] if asked else None
    if last is None or last["could_be_chance"] or gap["could_be_chance"]:
        return False
    return (last["value"] > 0) == (gap["value"] > 0)


def _tested(statement: ShownStatement) -> Gap | None:
    return None if statement["healthy"] else statement["gap"]
