"""How large a message becomes when it is drawn: what keeps one that can be built small enough to be posted."""

from itertools import chain

from bot.core.limits import drawn_length
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
            return 120 + drawn_length(text)
        case Facts(pairs):
            return 90 + sum(100 + drawn_length(name) + drawn_length(value) for name, value in pairs)
        case Table(header, rows):
            return 40 + sum(36 + drawn_length(cell) for cell in chain(header, *rows))
        case Meter(label):
            return 250 + drawn_length(label)
        case Chart(title, _, categories, series):
            labels = sum(3 + drawn_length(label) for label in categories)
            points = sum(
                25 + drawn_length(name) + labels + sum(24 + len(repr(v)) for v in series[name]) for name in series
            )
            return max(150 + drawn_length(title) + labels + points, weight(part.table()) + 50)
        case Buttons(row):
            return 40 + sum(_button_weight(button) for button in row)
        case File():
            return 0


def _span_weight(span: Span) -> int:
    match span:
        case str():
            return 28 + drawn_length(span)
        case Bold(text) | Code(text):
            return 52 + drawn_length(text)
        case Link(text, url):
            return 38 + drawn_length(text) + drawn_length(url)
        case Mention(external_id, name):
            return 33 + max(drawn_length(external_id), drawn_length(name))
        case When():
            return 160


def _button_weight(button: AnyButton) -> int:
    return (
        160 + drawn_length(button.label) + drawn_length(button.url if isinstance(button, LinkButton) else button.packed)
    )
