"""What numbers can say: shares with their intervals."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil, sqrt
from typing import NamedTuple, TypeVar

T = TypeVar("T", int, float, timedelta)

Z = 1.959963984540054  # the 97.5 % point of the normal distribution: an interval of 95 %


class Share(NamedTuple):
    """A share of a whole, from 0 to 1, with its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(part: int, whole: int) -> Share | None:
    """The share and its 95 % interval; None where there is nothing to have a share of.

    The score interval of E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), without a correction for continuity.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole}")
    if not whole:
        return None
    share, square = part / whole, Z * Z / whole
    middle = (share + square / 2) / (1 + square)
    half = Z * sqrt(share * (1 - share) / whole + square / whole / 4) / (1 + square)
    return Share(share, max(0.0, middle - half) if part else 0.0, min(1.0, middle + half) if part < whole else 1.0)


def quantile(values: Sequence[T], share: float) -> T | None:
    """The least value that this share of them does not exceed (the nearest rank); None of none."""
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)] if ordered else None


def median(counts: dict[int, int]) -> float | None:
    """The median of values that occur so often; None of none."""
    total, seen, lower = sum(counts.values()), 0, None
    for value in sorted(counts):
        seen += counts[value]
        if lower is None and 2 * seen >= total:
            if 2 * seen > total:
                return float(value)
            lower = value
        elif lower is not None and counts[value]:
            return (lower + value) / 2
    return None
