"""Messages: a small closed vocabulary that says what is meant, not how it looks.

Strings are plain text; emphasis, links and members are nouns. Limits are checked at construction,
so a message that can be built can be posted.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Discriminator, TypeAdapter

from bot.core.action import Packable
from bot.core.language import isolate, number
from bot.core.limits import MESSAGE, check, escaped_length

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
        _fill(self, spans=spans, kind="line")


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
        _fill(self, pairs=pairs, kind="facts")


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
        _fill(self, label=label, packed=action.pack(), tone=tone, kind="button")


@dataclass(frozen=True, init=False)
class FormButton:
    """Opens a form: its handler answers with OpenForm. Teams must be told beforehand."""

    label: str
    packed: str
    tone: Tone
    kind: Literal["form_button"]

    def __init__(self, label: str, action: Packable, tone: Tone = "plain") -> None:
        _check_label(label)
        _fill(self, label=label, packed=action.pack(), tone=tone, kind="form_button")


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
        _fill(self, row=row, kind="buttons")


Part = Line | Quote | Facts | Table | Meter | Chart | Buttons | File


@dataclass(frozen=True, init=False)
class Message:
    """A headline (also the notification and the fallback) and the parts below it."""

    headline: str
    parts: tuple[Annotated[Part, Discriminator("kind")], ...]

    def __init__(self, headline: str, *parts: Part) -> None:
        check(escaped_length(headline), 150, "headline")
        check(len(parts), 45, "parts")
        for noun, limit in ((Table, 1), (Chart, 2), (File, 1)):
            check(sum(isinstance(part, noun) for part in parts), limit, f"{noun.__name__} in a message")
        check(sum(map(weight, parts)) + escaped_length(headline), MESSAGE, "message")
        if not visible(headline).strip():
            raise ValueError("a message needs a headline")
        _fill(self, headline=headline, parts=parts)

    @property
    def file(self) -> File | None:
        return next((part for part in self.parts if isinstance(part, File)), None)


def line(sentence: str, **spans: Span | int) -> Line:
    """A line from a translated sentence whose {names} are spans; plain strings are text people wrote."""
    return Line(*spans_of(sentence, spans))


def spans_of(sentence: str, spans: Mapping[str, Span | int]) -> Iterable[Span]:
    """The sentence cut at its {names}, each replaced by its span."""
    for n, piece in enumerate(re.split(r"\{(\w+)\}", sentence)):
        if n % 2 == 0:
            if piece:
                yield piece
        else:
            span = spans[piece]
            yield str(span) if isinstance(span, int) else isolate(visible(span)) if isinstance(span, str) else span


_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def visible(text: str) -> str:
    """The text without what could disturb the text around it: control characters, overrides and isolates left open."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    opened: list[int] = []
    stray: set[int] = set()
    for n, letter in enumerate(text):
        if letter in "\u2066\u2067\u2068":
            opened.append(n)
        elif letter == "\u2069":
            if opened:
                opened.pop()
            else:
                stray.add(n)
    stray.update(opened)
    return "".join(letter for n, letter in enumerate(text) if n not in stray) if stray else text


def weight(part: Part) -> int:
    """At least how many characters the part has once rendered as Slack's blocks, markup included."""
    match part:
        case Line(spans):
            return 120 + sum(_span_weight(span) for span in spans)
        case Quote(text):
            return 120 + _size(text)
        case Facts(pairs):
            return 90 + sum(100 + _size(name) + _size(value) for name, value in pairs)
        case Table(header, rows):
            return 40 + sum(36 + _size(cell) for cell in chain(header, *rows))
        case Meter(label):
            return 250 + _size(label)
        case Chart(title, _, categories, series):
            labels = sum(3 + _size(label) for label in categories)
            points = sum(25 + _size(name) + labels + sum(24 + len(repr(v)) for v in series[name]) for name in series)
            return max(150 + _size(title) + labels + points, weight(part.table()) + 50)
        case Buttons(row):
            return 40 + sum(_button_weight(button) for button in row)
        case File():
            return 0


def _span_weight(span: Span) -> int:
    match span:
        case str():
            return 28 + _size(span)
        case Bold(text) | Code(text):
            return 52 + _size(text)
        case Link(text, url):
            return 38 + _size(text) + _size(url)
        case Mention(external_id, name):
            return 33 + max(_size(external_id), _size(name))
        case When():
            return 160


def _button_weight(button: AnyButton) -> int:
    return 160 + _size(button.label) + _size(button.url if isinstance(button, LinkButton) else button.packed)


def _size(text: str) -> int:
    """Characters once escaped for Slack and for JSON."""
    return escaped_length(text) + sum(text.count(letter) for letter in '"\\\n\r\t')


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


_messages = TypeAdapter(Message)


def to_json(message: Message) -> str:
    """The message as the outbox keeps it."""
    return _messages.dump_json(message).decode()


def from_json(text: str) -> Message:
    return _messages.validate_json(text)


def _fill(noun: object, **values: object) -> None:
    """Set the fields of a frozen dataclass that has an __init__ of its own."""
    for name, value in values.items():
        object.__setattr__(noun, name, value)
