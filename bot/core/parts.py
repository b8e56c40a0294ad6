"""The nouns of messages: spans of a line, parts of a message, buttons. Limits are checked at construction."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Discriminator

from bot.core.action import Packable
from bot.core.language import number, visible
from bot.core.limits import check, escaped_length

Tone = Literal["plain", "good", "grave"]


@dataclass(frozen=True)
class Bold:
    text: str
    kind: Literal["bold"] = "bold"


@dataclass(frozen=True)
class Code:
    """Text to be typed or copied exactly."""

    text: str
    kind: Literal["code"] = "code"


@dataclass(frozen=True)
class Link:
    text: str
    url: str
    kind: Literal["link"] = "link"

    def __post_init__(self) -> None:
        check(len(self.url), 2000, "link")
        if not re.match(r"https?://[^\s<>|]+$", self.url):
            raise ValueError(f"not a web address: {self.url!r}")


@dataclass(frozen=True)
class Mention:
    """A member of the workspace the message is posted in; the platform tells them."""

    external_id: str
    name: str
    kind: Literal["mention"] = "mention"


@dataclass(frozen=True)
class When:
    """An instant, shown in the reader's own time zone where the platform can."""

    at: datetime
    show: Literal["date", "time", "both"] = "both"
    kind: Literal["when"] = "when"

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an instant needs a time zone")


Span = str | Bold | Code | Link | Mention | When


@dataclass(frozen=True, init=False)
class Line:
    spans: tuple[Span, ...]
    kind: Literal["line"]

    def __init__(self, *spans: Span) -> None:
        check(sum(map(_length, spans)), 2900, "line")
        fill_frozen(self, spans=spans, kind="line")


@dataclass(frozen=True)
class Quote:
    """What somebody wrote, word for word."""

    text: str
    kind: Literal["quote"] = "quote"

    def __post_init__(self) -> None:
        check(escaped_length(self.text) + 5 * self.text.count("\n"), 2900, "quote")


@dataclass(frozen=True, init=False)
class Facts:
    """Names and their values, at most ten."""

    pairs: tuple[tuple[str, str], ...]
    kind: Literal["facts"]

    def __init__(self, *pairs: tuple[str, str]) -> None:
        check(len(pairs), 10, "facts")
        if not pairs:
            raise ValueError("facts need at least one pair")
        for name, value in pairs:
            check(escaped_length(name) + escaped_length(value), 1990, f"fact {name!r}")
        fill_frozen(self, pairs=pairs, kind="facts")


@dataclass(frozen=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"

    def __post_init__(self) -> None:
        if not self.header:
            raise ValueError("a table needs a column")
        check(len(self.rows), 99, "table rows")
        check(len(self.header), 20, "table columns")
        check(sum(map(len, chain(self.header, *self.rows))), 9000, "table text")
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError("every row needs one cell for each column")


@dataclass(frozen=True)
class Meter:
    """How much of a whole is reached."""

    label: str
    value: int
    of: int
    kind: Literal["meter"] = "meter"

    def __post_init__(self) -> None:
        check(escaped_length(self.label), 200, "meter label")
        if not 0 <= self.value <= self.of:
            raise ValueError(f"{self.value} of {self.of}")

    @property
    def tenths(self) -> int:
        """Tenths reached: none only for nothing, ten only for everything."""
        return max(10 * self.value // self.of, 1) if self.value else 0


@dataclass(frozen=True)
class Chart:
    """One or more series of numbers over the same categories; a pie has one series, all positive."""

    title: str
    type: Literal["bar", "line", "pie"]
    categories: tuple[str, ...]
    series: Mapping[str, tuple[float, ...]]
    kind: Literal["chart"] = "chart"

    def __post_init__(self) -> None:
        check(len(self.title), 50, "chart title")
        check(len(self.categories), 12 if self.type == "pie" else 20, "chart categories")
        check(len(self.series), 1 if self.type == "pie" else 6, "chart series")
        if not self.categories or not self.series:
            raise ValueError("a chart needs a category and a series")
        for labels in (self.categories, tuple(self.series)):
            for label in labels:
                check(len(label), 20, f"chart label {label!r}")
            if len(set(map(visible, labels)) - {""}) < len(labels):
                raise ValueError("chart labels are empty or repeat")
        if not all(math.isfinite(value) for values in self.series.values() for value in values):
            raise ValueError("a chart needs finite numbers")
        if any(len(values) != len(self.categories) for values in self.series.values()):
            raise ValueError("every series needs one value for each category")
        if self.type == "pie" and any(value <= 0 for values in self.series.values() for value in values):
            raise ValueError("the slices of a pie are positive")

    def table(self) -> Table:
        """The same numbers, for where the chart cannot be drawn."""
        rows = zip(self.categories, *(map(_readable, values) for values in self.series.values()), strict=True)
        return Table((self.title, *self.series), tuple(rows))


@dataclass(frozen=True)
class File:
    """A file to keep, such as a calendar invitation; posted as a file where the message is posted."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    name: str
    content: bytes
    kind: Literal["file"] = "file"

    def __post_init__(self) -> None:
        check(len(self.name), 100, "file name")
        check(len(self.content), 1_000_000, "file")


@dataclass(frozen=True, init=False)
class Button:
    """Does something at once."""

    label: str
    packed: str
    tone: Tone
    kind: Literal["button"]

    def __init__(self, label: str, action: Packable, tone: Tone = "plain") -> None:
        _check_label(label)
        fill_frozen(self, label=label, packed=action.pack(), tone=tone, kind="button")


@dataclass(frozen=True, init=False)
class FormButton:
    """Opens a form: its handler answers with OpenForm. Teams must be told beforehand."""

    label: str
    packed: str
    tone: Tone
    kind: Literal["form_button"]

    def __init__(self, label: str, action: Packable, tone: Tone = "plain") -> None:
        _check_label(label)
        fill_frozen(self, label=label, packed=action.pack(), tone=tone, kind="form_button")


@dataclass(frozen=True)
class LinkButton:
    """Opens a web page."""

    label: str
    url: str
    kind: Literal["link_button"] = "link_button"

    def __post_init__(self) -> None:
        _check_label(self.label)
        Link(self.label, self.url)


AnyButton = Button | FormButton | LinkButton


@dataclass(frozen=True, init=False)
class Buttons:
    row: tuple[Annotated[AnyButton, Discriminator("kind")], ...]
    kind: Literal["buttons"]

    def __init__(self, *row: AnyButton) -> None:
        check(len(row), 6, "buttons in a row")
        if not row:
            raise ValueError("a row needs a button")
        fill_frozen(self, row=row, kind="buttons")


Part = Line | Quote | Facts | Table | Meter | Chart | Buttons | File


def _length(span: Span) -> int:
    match span:
        case str():
            return escaped_length(span)
        case Bold(text) | Code(text) | Link(text):
            return escaped_length(text)
        case Mention(external_id, name):
            return max(len(external_id), escaped_length(name))
        case When():
            return 60


def _readable(value: float) -> str:
    return number(value) if value == 0 or 0.001 <= abs(value) < 1e12 else f"{value:g}"


def _check_label(label: str) -> None:
    check(len(label), 40, "button label")
    if not visible(label).strip():
        raise ValueError("a button needs a label")


def fill_frozen(noun: object, **values: object) -> None:
    """Set the fields of a frozen dataclass that has an __init__ of its own."""
    for name, value in values.items():
        object.__setattr__(noun, name, value)
