"""From the sealed answers of a wave to what may be published of it, by rules that stand in decision 0018."""

from datetime import date
from typing import Any, TypedDict

from bot.calculations.gaps import flagged, gap_between
from bot.calculations.trends import trends
from bot.rules.disclosure import FOR_COMMENTS, THRESHOLD, Changes, is_changed, show_side
from bot.rules.naming import shuffled
from bot.rules.published import (
    AGREE,
    CHANGED,
    FEW,
    SIDES,
    SYMPTOM,
    Comments,
    Published,
    Record,
    ShownSide,
    ShownStatement,
    Turnout,
    is_shown,
)

LOW_RESPONSE = 0.6


class Statement(TypedDict):
    position: int
    key: str
    reversed: bool
    healthy: bool
    answers: dict[str, list[int]]  # by side, in no order


class Earlier(TypedDict):
    """What was published before, and how many people were added and removed since, by side."""

    published: Published
    changes: dict[str, Changes]


class Question(TypedDict):
    on: str
    kind: str
    threshold: int  # as it was when the wave opened
    comment_threshold: int
    asked: dict[str, int]
    answered: dict[str, int]  # how many answered anything
    statements: list[Statement]
    comments: list[Comments]
    earlier: list[Earlier]  # the oldest first
    records: list[Record]


def calculate(question: Question) -> dict[str, Any]:
    return dict(publish(question))


def publish(question: Question) -> Published:
    """All that leaves the sealed answers."""
    threshold = max(THRESHOLD, question["threshold"])
    published = Published(
        on=question["on"],
        kind=question["kind"],
        threshold=threshold,
        turnout={side: _turnout(question["asked"][side], question["answered"][side]) for side in SIDES},
        statements=[_statement(question, each, threshold) for each in question["statements"]],
        comments=_comments(question),
        trends=[],
        records=question["records"],
    )
    before = [each["published"] for each in question["earlier"] if each["published"]["kind"] == question["kind"]]
    flagged(published, before)
    if question["kind"] == "statements":
        published["trends"] = trends(published, before)
    return published


def _statement(question: Question, statement: Statement, threshold: int) -> ShownStatement:
    sides = {side: _side(question, statement, side, threshold) for side in SIDES}
    sales, marketing = sides["sales"], sides["marketing"]
    has_figures = "mean" in sales and "mean" in marketing
    answers = statement["answers"]
    return ShownStatement(
        position=statement["position"],
        key=statement["key"],
        reversed=statement["reversed"],
        healthy=statement["healthy"],
        sides=sides,
        both=_both(sales, marketing) if has_figures else None,
        gap=gap_between(answers["sales"], answers["marketing"]) if has_figures else None,
    )


def _side(question: Question, statement: Statement, side: str, threshold: int) -> ShownSide:
    answers, before = statement["answers"].get(side, []), _last(question, statement["key"], side)
    if len(answers) < threshold:
        return ShownSide(hidden=FEW)
    if any(
        is_changed(earlier["changes"].get(side), _days(question["on"], earlier["published"]["on"]))
        for earlier, _shown in before
    ):
        return ShownSide(hidden=CHANGED)
    shown = show_side(answers, AGREE if question["kind"] == "statements" else SYMPTOM, statement["reversed"])
    last = before[-1][1] if before else {}
    if "mean" in shown and "mean" in last:
        shown["change"] = round(shown["mean"] - last["mean"], 2)
    return shown


def _last(question: Question, key: str, side: str) -> list[tuple[Earlier, ShownSide]]:
    """Where this side's answers to the statement were shown before, the oldest first."""
    return [
        (earlier, shown)
        for earlier in question["earlier"]
        for statement in earlier["published"]["statements"]
        if statement["key"] == key and is_shown(shown := statement["sides"][side])
    ]


def _comments(question: Question) -> list[Comments]:
    """Of sides in which enough people answered, question by question."""
    least = max(FOR_COMMENTS, question["comment_threshold"])
    found = [
        Comments(position=each["position"], side=each["side"], texts=shuffled(each["texts"]))
        for each in sorted(question["comments"], key=lambda each: (each["position"], SIDES.index(each["side"])))
        if question["answered"][each["side"]] >= least
    ]
    return [each for each in found if each["texts"]]


def _both(sales: ShownSide, marketing: ShownSide) -> float:
    """Made of what is shown of both sides, so that it says nothing more."""
    n = sales["n"] + marketing["n"]
    return round((sales["n"] * sales["score"] + marketing["n"] * marketing["score"]) / n, 2)


def _turnout(asked: int, answered: int) -> Turnout:
    return Turnout(
        asked=asked,
        answered=answered,
        is_low=answered < LOW_RESPONSE * asked,
        is_everyone=0 < asked <= answered,
    )


def _days(on: str, before: str) -> int:
    return (date.fromisoformat(on) - date.fromisoformat(before)).days
