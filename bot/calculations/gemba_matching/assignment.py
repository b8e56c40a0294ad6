"""The best assignment of rows to columns, exactly."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Numbers = NDArray[np.int64]


def best(may: NDArray[np.bool_], costs: Numbers, our_worth: Numbers, their_worth: Numbers) -> list[tuple[int, int]]:
    """Of the assignments within `may` that cover the most and the worthiest, the one whose `costs` sum up to least.

    Costs are 0 or more; a worth is above 0, or 0 for what need not be covered. One who is worth more is never left out
    for others worth less: the sets that can be covered at once are a matroid, where the greatest sum of worths takes as
    many as can be and, of them, the worthiest one by one (Edmonds 1971; Mendelsohn and Dulmage 1958 for both sides). So
    no worth has to outweigh all those below it, and sums stay so small (under 2^53 for 10,000 of each side) that the
    solver's floating-point numbers are whole numbers.
    """
    rows, columns = np.flatnonzero(may.any(axis=1)), np.flatnonzero(may.any(axis=0))
    if not rows.size:
        return []
    some = np.ix_(rows, columns)
    above_all_costs = int(costs[some].max()) * min(rows.size, columns.size) + 1
    most = int(our_worth.max() + their_worth.max())
    together = above_all_costs * (most - our_worth[rows][:, None] - their_worth[columns]) + costs[some]
    chosen = linear_sum_assignment(np.where(may[some], together, above_all_costs * most))
    found = zip(rows[chosen[0]].tolist(), columns[chosen[1]].tolist(), strict=True)
    return [(row, column) for row, column in found if may[row, column]]
