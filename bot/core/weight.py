"""How large a message becomes when it is drawn: what keeps one that can be built small enough to be posted."""

from itertools import chain

from bot.core.limits import escaped_length
from bot.core.parts import (
    AnyButton,
    Bold,
    Buttons,
    Chart,
    Code,
    Facts,
    File,
    Line,
    Link,
    LinkButton,
    Mention,
    Meter,
    Part,
    Quote,
    Span,
    Table,
    When,
)


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
