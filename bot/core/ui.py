"""Messages: a small closed vocabulary that says what is meant, not how it looks.

Strings are plain text; emphasis, links and members are nouns. Limits are checked at construction,
so a message that can be built can be posted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Discriminator, TypeAdapter

from bot.core.language import isolate, visible
from bot.core.limits import MESSAGE, check, escaped_length
from bot.core.parts import (
    AnyButton,
    Bold,
    Button,
    Buttons,
    Chart,
    Code,
    Facts,
    File,
    FormButton,
    Line,
    Link,
    LinkButton,
    Mention,
    Meter,
    Part,
    Quote,
    Span,
    Table,
    Tone,
    When,
    fill_frozen,
)
from bot.core.weight import weight

__all__ = [
    "AnyButton",
    "Bold",
    "Button",
    "Buttons",
    "Chart",
    "Code",
    "Facts",
    "File",
    "FormButton",
    "Line",
    "Link",
    "LinkButton",
    "Mention",
    "Message",
    "Meter",
    "Part",
    "Quote",
    "Span",
    "Table",
    "Tone",
    "When",
    "from_json",
    "line",
    "spans_of",
    "to_json",
    "visible",
    "weight",
]


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
        fill_frozen(self, headline=headline, parts=parts)

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


_messages = TypeAdapter(Message)


def to_json(message: Message) -> str:
    """The message as the outbox keeps it."""
    return _messages.dump_json(message).decode()


def from_json(text: str) -> Message:
    return _messages.validate_json(text)
