"""How results of a pulse look: figures of both sides, what can be said of the gap, and what heads will do. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.core.language import N_, _, day, day_and_month, fill, listed, number
from bot.core.limits import MESSAGE, clip
from bot.core.ui import Bold, Chart, Line, Message, Part, Table, line, weight
from bot.features.pulse.views import comments
from bot.features.pulse.views.cards import ANSWERS, SYMPTOM_ANSWERS, sentences, wording
from bot.features.pulse.views.shown import NAMES, WORDING, Shown
from bot.rules.published import (
    CHANGED,
    FEW,
    SIDES,
    Gap,
    Point,
    Published,
    Record,
    ShownSide,
    ShownStatement,
    Trend,
    shows_anything,
)
from storage.people import Side

ROOM = MESSAGE - 800  # a headline, and that there are more comments
_SIZES = {
    "negligible": N_("Effect: negligible (g = {g})."),
    "small": N_("Effect: small (g = {g})."),
    "medium": N_("Effect: medium (g = {g})."),
    "large": N_("Effect: large (g = {g})."),
}


def result(shown: Shown) -> Message:
    """In the channels, and to whoever asks."""
    if shown.published["kind"] == "symptoms":
        return _symptoms(shown)
    headline = fill(_("Pulse {n} of {day}"), n=shown.number, day=day(shown.on))
    published = shown.published
    if not shows_anything(published):
        return Message(headline, *_turnout(published), _hidden(published))
    said: list[Part] = [
        *_turnout(published),
        *(_statement(shown, each) for each in published["statements"]),
        _figures(shown),
        *_gaps(shown),
        *_charts(shown),
        *(_record(shown, each) for each in published["records"]),
    ]
    return _with_comments(shown, headline, said)


def _with_comments(shown: Shown, headline: str, said: Sequence[Part]) -> Message:
    """As many comments as there is room for, then what heads will do."""
    last = [*sentences(shown.sentences), _hidden(shown.published)]
    room = ROOM - sum(map(weight, (*said, *last)))
    return Message(headline, *said, *comments.beside_figures(shown, room), *last)


def _statement(shown: Shown, statement: ShownStatement) -> Line:
    """In the words of both sides."""
    question = shown.questions[statement["position"]]
    wordings = {side: clip(wording(question, Side(side)), WORDING) for side in SIDES}
    name = Bold(_(question.topic))
    if wordings["sales"] == wordings["marketing"]:
        said = line(_("{topic}: “{text}”"), topic=name, text=wordings["sales"])
    else:
        said = line(_("{topic}: sales was asked “{sales}”, marketing “{marketing}”"), topic=name, **wordings)
    remark = _remark(statement)
    return Line(*said.spans, f" {remark}") if remark else said


def _remark(statement: ShownStatement) -> str:
    if statement["healthy"]:
        return _("(differences help here)")
    return _("(less is better)") if statement["reversed"] else ""


def _turnout(published: Published) -> list[Part]:
    """What to bear in mind beforehand."""
    low = [
        fill(_("{side} {answered} of {asked}"), side=_(NAMES[side]), answered=each["answered"], asked=each["asked"])
        for side, each in published["turnout"].items()
        if each["is_low"]
    ]
    everyone = [_(NAMES[side]) for side, each in published["turnout"].items() if each["is_everyone"]]
    parts: list[Part] = []
    if low:
        parts.append(Line(Bold(fill(_("Few answered ({sides}): this may not represent them."), sides=listed(low)))))
    if everyone:
        sentence = _("Everyone answered in {sides}.")
        if any(each["gap"] for each in published["statements"]):
            sentence = _(
                "Everyone answered in {sides}; an interval then says how much answers change from week to week."
            )
        parts.append(Line(fill(sentence, sides=listed(everyone))))
    return parts


def _figures(shown: Shown) -> Table:
    header = (_("Statement"), _("Side"), _("Answered"), _("Level, 1 to 5"), _("Answers"))
    rows = [
        (
            _name(shown, statement),
            _(NAMES[side]),
            fill(_("{n} of {asked}"), n=each["n"], asked=shown.published["turnout"][side]["asked"])
            if "n" in each
            else "-",
            _level(each),
            _answers(each, shown.published["threshold"]),
        )
        for statement in shown.published["statements"]
        for side, each in statement["sides"].items()
    ]
    return Table(header, tuple(rows))


def _level(side: ShownSide) -> str:
    if "mean" not in side:
        return "-"
    mean = number(round(side["mean"], 1))
    if "change" not in side:
        return mean
    return fill(_("{mean} ({change} since it was last asked)"), mean=mean, change=_signed(side["change"], 1))


def _answers(side: ShownSide, threshold: int) -> str:
    if side.get("hidden") == FEW:
        return fill(_("fewer than {n} answered: hidden"), n=threshold)
    if side.get("hidden") == CHANGED:
        return _("one or two people came or went: hidden this time")
    if "alike" in side:
        return fill(_("nearly all or all: {answer}"), answer=_(ANSWERS[side["alike"] - 1]))
    if "counts" in side:
        return " · ".join(f"{value}: {number(count)}" for value, count in enumerate(side["counts"], 1))
    return fill(_("{share} % agree or rather agree"), share=_percent(side["top_share"]))


def _gaps(shown: Shown) -> list[Part]:
    """What the gaps say; where there are levels only, that."""
    gaps = [(each, each["gap"]) for each in shown.published["statements"]]
    parts: list[Part] = [_gap(_name(shown, each), gap, each["healthy"]) for each, gap in gaps if gap]
    if any("mean" in side for each, gap in gaps if not gap for side in each["sides"].values()):
        parts.append(Line(_("Where fewer than 8 of a side answered, a gap may well be chance.")))
    return parts


def _gap(name: str, gap: Gap, is_healthy: bool) -> Line:
    sentence = _("sales less marketing is {gap}, 95 % interval {low} to {high}.")
    said = [fill(sentence, gap=_signed(gap["value"], 2), low=_signed(gap["low"], 2), high=_signed(gap["high"], 2))]
    if gap["g"] is not None and gap["size"]:
        said.append(fill(_(_SIZES[gap["size"]]), g=number(gap["g"])))
    if gap["could_be_chance"]:
        said.append(_("This could be chance."))
    elif is_healthy:
        said.append(_("A difference that helps."))
    elif gap["flag"] == "twice":
        said.append(_("It was so the last time, too: worth talking about."))
    elif gap["flag"] == "month":
        said.append(_("It stands out of all gaps of four weeks: worth talking about."))
    else:
        said.append(_("One week says little: see whether it comes again."))
    return Line(Bold(f"{name}: "), " ".join(said))


def _charts(shown: Shown) -> list[Part]:
    """Of the first statement that has one: the anchor, as a rule."""
    return [part for trend in shown.published["trends"][:1] for part in _trend(shown, trend)]


def _trend(shown: Shown, trend: Trend) -> list[Part]:
    """Where both sides have points; and four weeks as one with their band, or this week with its own."""
    [name] = [_name(shown, each) for each in shown.published["statements"] if each["key"] == trend["key"]]
    points = {side: {point["on"]: point["mean"] for point in trend["sides"][side]} for side in SIDES}
    days = sorted(points["sales"].keys() & points["marketing"].keys())
    labelled = {day_and_month(date.fromisoformat(on)): on for on in days}  # of the same date in two years the later
    parts: list[Part] = []
    if len(labelled) > 1:
        series = {_(NAMES[side]): tuple(round(points[side][on], 1) for on in labelled.values()) for side in SIDES}
        parts.append(Chart(clip(fill(_("Trend: {topic}"), topic=name), 50), "line", tuple(labelled), series))
    pooled, on = trend["weeks4"], shown.published["on"]
    newest = {side: of[-1] for side, of in trend["sides"].items() if of and of[-1]["on"] == on and "low" in of[-1]}
    bands = [
        fill(_("{side} {level}"), side=_(NAMES[side]), level=_banded(point))
        for side, point in (pooled or newest).items()
    ]
    if bands:
        together = _("{topic}, four weeks together, nobody counted twice: {sides}.")
        sentence = together if pooled else _("{topic}, this week with its 95 % band: {sides}.")
        parts.append(Line(fill(sentence, topic=name, sides=listed(bands))))
    return parts


def _banded(point: Point) -> str:
    mean = number(round(point["mean"], 1))
    if "low" not in point:
        return mean
    band = {"low": number(round(point["low"], 1)), "high": number(round(point["high"], 1))}
    return fill(_("{mean} ({low} to {high})"), mean=mean, **band)


def _record(shown: Shown, record: Record) -> Line:
    """What is believed, and beside it what happened."""
    [statement] = [each for each in shown.published["statements"] if each["key"] == record["key"]]
    means = {side: number(round(each["mean"], 1)) for side, each in statement["sides"].items() if "mean" in each}
    name = _name(shown, statement)
    match sorted(means):
        case ["marketing", "sales"]:
            sentence = _("{topic}: sellers say {sales}, marketers {marketing}; {record}.")
        case ["sales"]:
            sentence = _("{topic}: sellers say {sales}; {record}.")
        case ["marketing"]:
            sentence = _("{topic}: marketers say {marketing}; {record}.")
        case _:
            sentence = _("{topic}: {record}.")
    happened = {
        "attempted": _("{share} % of accepted leads were attempted in time (n = {n})"),
        "decided": _("{share} % of acknowledged feedback was decided on in time (n = {n})"),
        "accepted": _("{share} % of answered leads were accepted (n = {n})"),
    }
    said = fill(happened[record["what"]], share=_percent(record["part"] / record["n"]), n=number(record["n"]))
    return Line(Bold(_("What people say, and what happened. ")), fill(sentence, topic=name, record=said, **means))


def _hidden(published: Published) -> Line:
    sentence = _("Parley keeps no link from answers to people. Sides with fewer than {n} answers are hidden.")
    return Line(fill(sentence, n=published["threshold"]))


def _symptoms(shown: Shown) -> Message:
    """A list with the most reported first, and no index."""
    published = shown.published
    ordered = sorted(published["statements"], key=_reported, reverse=True)
    rows = tuple(
        (
            _name(shown, each),
            *(_symptom(each["sides"][side], published) for side in SIDES),
        )
        for each in ordered
    )
    headline = fill(_("Symptom check {n} of {day}"), n=shown.number, day=day(shown.on))
    table = Table((_("Symptom"), *(_(NAMES[side]) for side in SIDES)), rows)
    return _with_comments(shown, headline, [*_turnout(published), table])


def _symptom(side: ShownSide, published: Published) -> str:
    if "hidden" in side:
        return _answers(side, published["threshold"])
    if "alike" in side:
        said = fill(_("nearly all or all: {answer}"), answer=_(SYMPTOM_ANSWERS[side["alike"] - 1]))
    elif "counts" in side:
        no, sometimes, yes = map(number, side["counts"])
        said = fill(_("yes {yes}, sometimes {sometimes}, no {no}"), yes=yes, sometimes=sometimes, no=no)
    else:
        said = fill(_("{share} % yes or sometimes"), share=_percent(side["top_share"]))
    return fill(_("{answers} (n = {n})"), answers=said, n=number(side["n"]))


def _reported(statement: ShownStatement) -> float:
    """The larger of the sides' shares that see it at least sometimes."""
    return max(map(_share, statement["sides"].values()))


def _share(side: ShownSide) -> float:
    if "counts" in side:
        return 1 - side["counts"][0] / side["n"]
    return side.get("top_share", float(side.get("alike", 0) > 1))


def _name(shown: Shown, statement: ShownStatement) -> str:
    return _(shown.questions[statement["position"]].topic)


def _signed(value: float, digits: int) -> str:
    rounded = round(value, digits)
    return f"{'+' if rounded > 0 else '-' if rounded < 0 else ''}{number(abs(rounded))}"


def _percent(share: float) -> str:
    return number(round(100 * share))
