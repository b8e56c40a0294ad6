"""A statement over the weeks, of what was published of it and nothing else."""

from collections.abc import Sequence
from datetime import timedelta
from math import sqrt

from bot.rules.published import SIDES, Point, Published, ShownSide, Trend, day_of

MONTH = timedelta(days=28)
SHOWN = 12  # points

Week = tuple[str, ShownSide]


def trends(published: Published, before: Sequence[Published]) -> list[Trend]:
    """Of the statements of this wave that were shown before."""
    found = []
    for statement in published["statements"]:
        weeks = {side: _weeks(statement["key"], side, [*before, published]) for side in SIDES}
        if max(map(len, weeks.values())) < 2:
            continue
        since = (day_of(published) - MONTH).isoformat()
        pooled = {side: pool([shown for on, shown in weeks[side] if on > since]) for side in SIDES}
        found.append(
            Trend(
                key=statement["key"],
                sides={side: [_point(week) for week in weeks[side]] for side in SIDES},
                weeks4={side: point for side, point in pooled.items() if point},
            )
        )
    return found


def pool(weeks: Sequence[ShownSide]) -> Point | None:
    """Several weeks as one. The same people answered each week, so that there are no more of them than in the fullest
    week: adding up would make the band too narrow.
    """
    if len(weeks) < 2:
        return None
    n = sum(week["n"] for week in weeks)
    mean = sum(week["n"] * week["mean"] for week in weeks) / n
    if not all("counts" in week for week in weeks):
        return Point(mean=round(mean, 2))
    counts = [sum(column) for column in zip(*(week["counts"] for week in weeks), strict=True)]
    return _banded(counts, max(week["n"] for week in weeks))


def _point(week: Week) -> Point:
    on, shown = week
    point = _banded(shown["counts"], shown["n"]) if "counts" in shown else Point(mean=shown["mean"])
    return Point(on=on, **point)


def _banded(counts: Sequence[int], people: int) -> Point:
    """A mean with its 95 % band, by Student's t."""
    from scipy.stats import t  # here: see gaps

    n = sum(counts)
    mean = sum(value * count for value, count in enumerate(counts, 1)) / n
    spread = sum(count * (value - mean) ** 2 for value, count in enumerate(counts, 1)) / (n - 1)
    half = float(t.ppf(0.975, people - 1)) * sqrt(spread / people)
    return Point(mean=round(mean, 2), low=round(max(mean - half, 1), 2), high=round(min(mean + half, len(counts)), 2))


def _weeks(key: str, side: str, all_published: Sequence[Published]) -> list[Week]:
    found = []
    for published in all_published:
        for statement in published["statements"]:
            shown = statement["sides"][side]
            if statement["key"] == key and "mean" in shown:
                found.append((published["on"], shown))
    return found[-SHOWN:]
