"""The matching of job swaps: the best there is, exactly. `bot/rules/swaps.py` says what is asked and what is answered.

What comes first: as many people as can be; of them, whoever was let down in this round, then whoever waited longest,
then first-timers; as few as can be who met before; then what each swap lacks (`pairs.py`). The order in which people
stand in the question has no part in it: where two matchings are equally good, the seed decides.
"""

from collections.abc import Collection
from random import Random

import numpy as np

from bot.calculations.gemba_matching.assignment import best
from bot.calculations.gemba_matching.offers import offers
from bot.calculations.gemba_matching.pairs import MOST, Pairs, all_pairs, visits, worth
from bot.calculations.gemba_matching.reasons import of_match, why_left_out
from bot.calculations.gemba_matching.times import Span, half_days, iso
from bot.rules.swaps import FORMATS, LeftOut, Match, Matching, Question

Busy = dict[int, list[Span]]


def calculate(question: Question) -> Matching:
    drawn = sorted(question["people"], key=lambda person: person["id"])
    Random(question["seed"]).shuffle(drawn)
    sales, marketing = ([person for person in drawn if person["side"] == side] for side in ("sales", "marketing"))
    pairs = all_pairs(sales, marketing, question["no_repeat"])
    lacks = pairs.lacks
    repeat = MOST * min(lacks.shape) + 1  # more than swaps can lack altogether
    costs = lacks + np.int64(repeat) * (pairs.rounds_ago > 0)
    ours, theirs = (np.array([worth(person) for person in side], dtype=np.int64) for side in (sales, marketing))
    found = best(pairs.may_swap, costs, ours, theirs)
    busy: Busy = {}
    matches = [_match(pairs, row, column, busy) for row, column in found]
    left_out = [
        *_left_out(pairs, {row for row, _column in found}, busy),
        *_left_out(pairs.turned(), {column for _row, column in found}, busy),
    ]
    return {
        "version": question["version"],
        "seed": question["seed"],
        "cost": int(sum(lacks[at] for at in found)),
        "matches": sorted(matches, key=lambda match: match["sales"]),
        "left_out": sorted(left_out, key=lambda left: left["id"]),
    }


def _match(pairs: Pairs, row: int, column: int, busy: Busy) -> Match:
    """Takes note of when they are busy."""
    seller, marketer = pairs.ours[row], pairs.theirs[column]
    of_format = FORMATS[pairs.format[row, column]]
    spans = visits(pairs.our_diaries[row], pairs.their_diaries[column], of_format)
    busy[seller["id"]] = busy[marketer["id"]] = spans
    ways = [(seller["id"], marketer["id"]), (marketer["id"], seller["id"])]
    return {
        "sales": seller["id"],
        "marketing": marketer["id"],
        "format": of_format,
        "legs": [
            {"visitor": ways[number % 2][0], "host": ways[number % 2][1], "begins": iso(begins), "ends": iso(ends)}
            for number, (begins, ends) in enumerate(spans)
        ],
        "reasons": of_match(seller, marketer, half_days(pairs.our_diaries[row], spans)),
    }


def _left_out(pairs: Pairs, matched: Collection[int], busy: Busy) -> list[LeftOut]:
    rows = [row for row, person in enumerate(pairs.ours) if not person["is_matched"] and row not in matched]
    offered = offers(pairs, rows, busy)
    return [
        {"id": pairs.ours[row]["id"], "reasons": [reason], "offer": offered.get(row)}
        for row, reason in zip(rows, why_left_out(pairs, rows), strict=True)
    ]
