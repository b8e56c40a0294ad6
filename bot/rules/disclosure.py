"""What may be shown of one side's answers to one statement. What is hidden is computed with nowhere."""

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

from bot.rules.published import AGREE, ShownSide

THRESHOLD = 5  # answers; a workspace may raise it
FOR_COMMENTS = 8
WHOLE = 10  # answers from which all of their distribution is shown
RECENT = 28  # days in which people rarely change their minds, so that a difference would tell of who came or went


class Changes(TypedDict):
    """In who was asked, between two waves."""

    added: int
    removed: int


def is_changed(changes: Changes | None, days: int) -> bool:
    """Whether the levels of two weeks, side by side, would tell of one or two people."""
    if changes is None or days >= RECENT:
        return False
    return changes["added"] in (1, 2) or changes["removed"] in (1, 2)


def show_side(answers: Sequence[int], highest: int, is_reversed: bool) -> ShownSide:
    """The figures of enough answers.

    Where all answered alike, a distribution, a share and an interval would say what everybody answered, and so would
    their absence: all but one therefore look the same as all.
    """
    n, counts = len(answers), Counter(answers)
    [(most, times)] = counts.most_common(1)
    if times >= n - 1:
        return ShownSide(n=n, alike=most)
    shown = ShownSide(n=n)
    if highest == AGREE:
        mean = sum(answers) / n
        shown["mean"] = round(mean, 2)
        shown["score"] = round(highest + 1 - mean if is_reversed else mean, 2)
    if n >= WHOLE:
        shown["counts"] = [counts[value] for value in range(1, highest + 1)]
    else:
        shown["top_share"] = round(sum(counts[value] for value in (highest - 1, highest)) / n, 2)
    return shown
