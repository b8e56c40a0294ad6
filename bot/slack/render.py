"""Messages as Block Kit: pure, without client, clock or database.

Text people wrote stands in rich_text, plain_text and raw_text only, which Slack does not parse: it can neither
mention nor link nor format (docs/decisions/0001-rich-text.md).
"""

import re
from collections.abc import Sequence
from datetime import UTC
from typing import Any, assert_never
from unicodedata import east_asian_width

from bot.core import ui
from bot.core.forms import Form
from bot.core.language import _, day, isolate, number
from bot.core.limits import clip
from bot.slack.fields import answers, error_blocks, field_blocks, field_name, is_member, options, plain

__all__ = [
    "answers", "blocks", "confirmation", "content", "error_blocks", "field_name", "home", "options", "view",
    "without_charts",
]  # fmt: skip

Block = dict[str, Any]
TONES: dict[ui.Tone, Block] = {"good": {"style": "primary"}, "grave": {"style": "danger"}, "plain": {}}
DATES = {"date": "{date_short_pretty}", "time": "{time}", "both": "{date_short_pretty} {time}"}
BOLD = {"style": {"bold": True}}
CODE = {"style": {"code": True}}
HOME_BLOCKS = 100
WIDEST_COLUMN = 40


def content(message: ui.Message, marker: str | None = None) -> Block:
    """What chat.postMessage, chat.update and a response_url take: the blocks, and the text notifications show."""
    return {"text": _notification(message.headline), "blocks": blocks(message, marker)}


def blocks(message: ui.Message, marker: str | None = None) -> list[Block]:
    """The message as blocks; the marker becomes the first block's id."""
    below = [block for row, part in enumerate(message.parts) for block in _part(part, row)]
    # A message of one sentence is a sentence, not a title.
    top = {"type": "header", "text": plain(message.headline)} if below else _rich(_text(message.headline))
    return [top | ({"block_id": marker} if marker else {}), *below]


def without_charts(message: ui.Message) -> ui.Message:
    """The same message for a workspace that cannot draw charts yet and answers invalid_blocks."""
    has_table = any(isinstance(part, ui.Table) for part in message.parts)
    parts: list[ui.Part] = []
    for part in message.parts:
        if not isinstance(part, ui.Chart):
            parts.append(part)
        elif has_table:  # Slack takes one table in a message
            parts.append(_numbers(part))
        else:
            parts.append(part.table())
            has_table = True
    return ui.Message(message.headline, *parts)


def view(form: Form) -> Block:
    """The form as a modal."""
    return {
        "type": "modal",
        "callback_id": form.action.name,
        "private_metadata": form.packed,
        "title": plain(form.title),
        "submit": plain(form.submit),
        "blocks": [*_in_view(form.intro), *field_blocks(form.fields)],
    }


def confirmation(message: ui.Message) -> Block:
    """A modal that takes the place of a submitted form."""
    drawn = [{"type": "header", "text": plain(message.headline)}, *_in_view(message.parts)]
    return {"type": "modal", "title": plain("Parley"), "close": plain(_("Close")), "blocks": drawn}


def home(parts: Sequence[ui.Part]) -> Block:
    """The App Home view; what does not fit is cut off visibly."""
    drawn = _in_view(parts)
    if len(drawn) > HOME_BLOCKS:
        drawn[HOME_BLOCKS - 1 :] = [_rich(_text("…"))]
    return {"type": "home", "blocks": drawn}


def _in_view(parts: Sequence[ui.Part]) -> list[Block]:
    """Modals and App Home have no tables and charts: both become aligned text there."""
    drawn: list[Block] = []
    for row, part in enumerate(parts):
        match part:
            case ui.Table():
                drawn.append(_aligned(part))
            case ui.Chart():
                drawn.append(_aligned(part.table()))
            case _:
                drawn += _part(part, row)
    return drawn


def _part(part: ui.Part, row: int) -> list[Block]:
    match part:
        case ui.Line(spans):
            return [_rich(*map(_span, spans))]
        case ui.Quote(text):
            return [_rich(_text(text), kind="rich_text_quote")]
        case ui.Facts(pairs):
            return [_rich(*(element for n, pair in enumerate(pairs) for element in _fact(*pair, is_first=n == 0)))]
        case ui.Table(header, rows):
            return [{"type": "table", "rows": [[_cell(text) for text in cells] for cells in (header, *rows)]}]
        case ui.Meter(label, value, of):
            bar = "█" * part.tenths + "░" * (10 - part.tenths)
            reached = f" {number(value)} / {number(of)}"
            return [_rich(_text(label), _text("\n"), _text(bar, CODE), _text(reached))]
        case ui.Chart():
            return [{"type": "data_visualization", "title": _shown(part.title), "chart": _chart(part)}]
        case ui.Buttons(buttons):
            return [{"type": "actions", "elements": [_button(button, row, n) for n, button in enumerate(buttons)]}]
        case ui.File():
            return []  # posted as a file, next to the message
        case _:
            assert_never(part)


def _span(span: ui.Span) -> Block:
    match span:
        case str():
            return _text(span)
        case ui.Bold(text):
            return _text(text, BOLD)
        case ui.Code(text):
            return _text(text, CODE)
        case ui.Link(text, url):
            return {"type": "link", "url": url, "text": _shown(text)}
        case ui.Mention(external_id, name):
            # Slack refuses the whole message for an id that is none, such as one from an import.
            return {"type": "user", "user_id": external_id} if is_member(external_id) else _text(name)
        case ui.When(at, show):
            date = {"type": "date", "timestamp": int(at.timestamp()), "format": DATES[show]}
            return {**date, "fallback": _in_utc(span)}
        case _:
            assert_never(span)


def _in_utc(when: ui.When) -> str:
    at = when.at.astimezone(UTC)
    said = {"date": day(at.date()), "time": f"{at:%H:%M}", "both": f"{day(at.date())} {at:%H:%M}"}
    return f"{said[when.show]} UTC"


def _fact(name: str, value: str, *, is_first: bool) -> list[Block]:
    return [_text(name if is_first else f"\n{name}", BOLD), _text(f": {isolate(ui.visible(value))}")]


def _chart(chart: ui.Chart) -> Block:
    labels = [ui.visible(category) for category in chart.categories]
    drawn = [
        {
            "name": ui.visible(name),
            "data": [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)],
        }
        for name, values in chart.series.items()
    ]
    if chart.type == "pie":
        return {"type": "pie", "segments": drawn[0]["data"]}
    return {"type": chart.type, "series": drawn, "axis_config": {"categories": labels}}


def _numbers(chart: ui.Chart) -> ui.Line:
    table = chart.table()
    rows = "\n".join(f"{cells[0]}: {' / '.join(cells[1:])}" for cells in table.rows)
    return ui.Line(ui.Bold(chart.title), clip(f" ({' / '.join(table.header[1:])})\n{rows}", 2600))


def _button(button: ui.AnyButton, row: int, n: int) -> Block:
    face = {"type": "button", "text": plain(button.label)}
    match button:
        case ui.Button() | ui.FormButton():
            return {**face, "action_id": f"parley:{row}:{n}", "value": button.packed, **TONES[button.tone]}
        case ui.LinkButton():
            return {**face, "action_id": f"link:{row}:{n}", "url": button.url}
        case _:
            assert_never(button)


def _aligned(table: ui.Table) -> Block:
    lines = [[ui.visible(cell).replace("\n", " ") for cell in cells] for cells in (table.header, *table.rows)]
    widths = [min(max(map(_width, column)), WIDEST_COLUMN) for column in zip(*lines, strict=True)]
    drawn = "\n".join("  ".join(map(_padded, cells, widths)).rstrip() for cells in lines)
    return _rich(_text(drawn), kind="rich_text_preformatted")


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": _shown(text)}


def _rich(*elements: Block, kind: str = "rich_text_section") -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements) or [_text("")]}]}


def _text(text: str, style: Block | None = None) -> Block:
    return {"type": "text", "text": _shown(text), **(style or {})}


def _shown(text: str) -> str:
    return ui.visible(text) or " "  # Slack refuses empty text


def _notification(text: str) -> str:
    """Slack does parse this text, and unlike blocks it cannot be told not to in every method."""
    escaped = ui.visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub("@(?=here|channel|everyone)", "@\u2060", escaped, flags=re.IGNORECASE)
