"""What is published of a pulse, as JSON: all that is kept, shown, exported and computed with once a wave is sealed.

Everything that looks over weeks is made of this, never of sealed answers: what was hidden cannot come back in a sum.
"""

from datetime import date
from typing import TypedDict

SIDES = ("sales", "marketing")
AGREE, SYMPTOM = 5, 3  # answers to a statement: disagree .. agree; to a symptom: no, sometimes, yes
FEW, CHANGED = "few", "changed"  # why a side is hidden


class ShownSide(TypedDict, total=False):
    """One side's answers to one statement: hidden, alike, or in figures."""

    hidden: str  # FEW answered, or the people asked CHANGED by one or two
    n: int
    alike: int  # all, or all but one, gave this answer; nothing more is said then
    mean: float  # of the answers as they were given
    score: float  # the same where more is better: turned around if the statement is reverse-scored
    counts: list[int]  # how many gave each answer, the lowest first
    top_share: float  # of the answers agree and rather agree, or of yes and sometimes
    change: float  # of the mean since it was last asked


class Gap(TypedDict):
    """Sales less marketing, of the answers as they were given, with Welch's 95 % interval."""

    value: float
    low: float
    high: float
    p: float
    could_be_chance: bool
    g: float | None  # Hedges' g, where both sides are large enough
    size: str | None  # ... in words
    flag: str | None  # "twice": also when it was last asked; "month": it stands out of all the gaps of four weeks


class ShownStatement(TypedDict):
    position: int
    key: str
    reversed: bool
    healthy: bool  # differences help here; never bad
    sides: dict[str, ShownSide]
    both: float | None  # the mean score of both sides, each as heavy as its answers
    gap: Gap | None


class Turnout(TypedDict):
    asked: int
    answered: int
    is_low: bool  # under 60 %
    is_everyone: bool


class Point(TypedDict, total=False):
    """A mean on a trend, with its 95 % band where the distribution was shown."""

    on: str
    mean: float
    low: float
    high: float


class Trend(TypedDict):
    """One statement over the weeks; `weeks4` pools the last four weeks of a side, counting nobody twice."""

    key: str
    sides: dict[str, list[Point]]
    weeks4: dict[str, Point]


class Comments(TypedDict):
    """What a side wrote to an open question, or to the wave as a whole (position 0), in no order."""

    position: int
    side: str
    texts: list[str]


class Record(TypedDict):
    """What happened in the four weeks before, beside what is believed of it."""

    key: str  # of the statement it stands beside
    what: str  # "accepted", "attempted" or "decided"
    part: int
    n: int


class Published(TypedDict):
    on: str  # the day it was closed
    kind: str  # of the wave: "statements" or "symptoms"
    threshold: int
    turnout: dict[str, Turnout]
    statements: list[ShownStatement]
    comments: list[Comments]
    trends: list[Trend]
    records: list[Record]


def day_of(published: Published) -> date:
    return date.fromisoformat(published["on"])


def is_shown(side: ShownSide) -> bool:
    return "hidden" not in side


def shows_anything(published: Published) -> bool:
    return any(is_shown(side) for each in published["statements"] for side in each["sides"].values())
