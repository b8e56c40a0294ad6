"""Messages as Adaptive Cards 1.5: pure, without client, clock or database.

Text people wrote stands in TextRuns, which have no markdown. Only a line with a mention has to be a TextBlock, as
Teams resolves mentions nowhere else; there markdown is escaped.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, assert_never

from bot.core import ui
from bot.core.forms import Answers, Form, form_to_json
from bot.core.language import isolate, number
from bot.teams.fields import Sign, answers, field_elements, options, run, shown, signed, without_dates

__all__ = ["Sign", "answers", "card", "dialog", "form_invitation", "options"]

Element = dict[str, Any]
Tags = Mapping[str, str]
FETCH = {"msteams": {"type": "task/fetch"}}
TONES: dict[ui.Tone, Element] = {"good": {"style": "positive"}, "grave": {"style": "destructive"}, "plain": {}}
CHARTS = {"bar": "Chart.VerticalBar.Grouped", "line": "Chart.Line", "pie": "Chart.Pie"}


def card(message: ui.Message, sign: Sign) -> Element:
    """The message as a card; `sign` makes the HMAC of what the client carries and sends back."""
    mentions = [span for part in message.parts if isinstance(part, ui.Line) for span in part.spans]
    tags = _tags(span for span in mentions if isinstance(span, ui.Mention))
    below = [_part(part, sign, tags) for part in message.parts]
    title = {"weight": "Bolder", "size": "Medium"} if below else {}  # one sentence alone is not a title
    drawn = _card([_rich(run(message.headline, **title)), *below])
    teams: Element = {}
    if any(isinstance(part, ui.Table | ui.Chart) for part in message.parts):
        teams["width"] = "Full"
    if tags:
        teams["entities"] = [_entity(id_, tag) for id_, tag in tags.items()]
    return drawn | {"fallbackText": shown(message.headline)} | ({"msteams": teams} if teams else {})


def dialog(
    form: Form, errors: Mapping[str, str], answers: Answers, sign: Sign, labels: Mapping[str, str] | None = None
) -> Element:
    """The form as a card that carries itself, so that errors are shown without server memory.

    `labels` says how people and looked-up options among the answers are called; Teams sends back ids only.
    """
    carried = signed("form", form_to_json(form), sign)
    lost = [text for name, text in errors.items() if name not in {field.name for field in form.fields}]
    body = [
        *(_rich(run(text, color="Attention")) for text in lost),
        *(_part(part, sign, {}) for part in form.intro),
        *field_elements(form, errors, answers, carried, labels or {}),
    ]
    submit = {"type": "Action.Submit", "title": shown(form.submit), "data": {"parley": carried}}
    return _card(body, [submit])


def form_invitation(form: Form, sign: Sign) -> Element:
    """Teams cannot open a dialog in answer to a message; it can show a button that opens one."""
    data = {"parley": signed("form", form_to_json(form), sign), **FETCH}
    button = {"type": "Action.Submit", "title": shown(form.title), "data": data}
    return _card([_rich(run(form.title, weight="Bolder"))], [button])


def _part(part: ui.Part, sign: Sign, tags: Tags) -> Element:
    match part:
        case ui.Line(spans):
            return _line(spans, tags)
        case ui.Quote(text):
            return {"type": "Container", "style": "emphasis", "items": [_rich(run(text))]}
        case ui.Facts(pairs):
            return _rich(*(piece for n, pair in enumerate(pairs) for piece in _fact(*pair, is_first=n == 0)))
        case ui.Table(header, rows):
            return {
                "type": "Table",
                "columns": [{"width": 1} for _column in header],
                "rows": [_row(header, weight="Bolder"), *(_row(cells) for cells in rows)],
            }
        case ui.Meter(label, value, of):
            bar = "█" * part.tenths + "░" * (10 - part.tenths)
            return _rich(run(f"{label}\n"), run(bar, fontType="Monospace"), run(f" {number(value)} / {number(of)}"))
        case ui.Chart():
            return _chart(part, _part(part.table(), sign, tags))
        case ui.Buttons(row):
            return {"type": "ActionSet", "actions": [_button(button, sign) for button in row]}
        case ui.File(name):
            return _rich(run(f"📎 {name}"))
        case _:
            assert_never(part)


def _line(spans: tuple[ui.Span, ...], tags: Tags) -> Element:
    if any(isinstance(span, ui.Mention) for span in spans):
        marked = "".join(_marked(span, tags) for span in spans)
        return {"type": "TextBlock", "text": _without_blocks(marked), "wrap": True}
    return _rich(*(_run(span) for span in spans if not isinstance(span, ui.Mention)))


def _run(span: str | ui.Bold | ui.Code | ui.Link | ui.When) -> Element:
    match span:
        case str():
            return run(span)
        case ui.Bold(text):
            return run(text, weight="Bolder")
        case ui.Code(text):
            return run(text, fontType="Monospace")
        case ui.Link(text, url):
            return run(text, color="Accent", underline=True, selectAction={"type": "Action.OpenUrl", "url": url})
        case ui.When():
            return {"type": "TextRun", "text": _when(span)}
        case _:
            assert_never(span)


def _marked(span: ui.Span, tags: Tags) -> str:
    match span:
        case str():
            return _escape(span)
        case ui.Bold(text):
            words = _escape(" ".join(text.split()))  # spaces inside the signs, or line breaks, would undo them
            before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
            return f"{before}**{words}**{after}" if words else ""
        case ui.Code(text):
            return _escape(text)  # Teams has no code in markdown
        case ui.Link(text, url):
            address = url.replace("\\", "%5C").replace("(", "%28").replace(")", "%29")
            return f"[{_escape(' '.join(text.split())) or address}]({address})"
        case ui.Mention(external_id):
            return tags[external_id]
        case ui.When():
            return _when(span)
        case _:
            assert_never(span)


def _escape(text: str) -> str:
    """Text as markdown that shows just this text, once its lines are kept from opening blocks."""
    return re.sub(r"([\\`*_~\[\]<>]|&(?=#?\w+;))", r"\\\1", without_dates(ui.visible(text)))


def _without_blocks(marked: str) -> str:
    """The paragraphs, none of which starts a list, a heading, a rule or code."""
    marked = re.sub(r"(?m)^[ \t]+", " ", marked)
    marked = re.sub(r"(?m)^( ?)([-+=#])", r"\1\\\2", marked)
    return re.sub(r"(?m)^( ?\d+)([.)])", r"\1\\\2", marked).replace("\n", "\n\n")


def _when(when: ui.When) -> str:
    """The instant as Teams' clients put it into the reader's zone and language."""
    at = f"{when.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    date, time = f"{{{{DATE({at},SHORT)}}}}", f"{{{{TIME({at})}}}}"
    return {"date": date, "time": time, "both": f"{date} {time}"}[when.show]


def _fact(name: str, value: str, *, is_first: bool) -> list[Element]:
    label = run(name if is_first else f"\n{name}", weight="Bolder")
    return [label, run(f": {isolate(ui.visible(value))}")]


def _chart(chart: ui.Chart, fallback: Element) -> Element:
    drawn = {"type": CHARTS[chart.type], "title": shown(chart.title), "fallback": fallback}
    if chart.type == "pie":
        (slices,) = chart.series.values()
        data: list[Element] = [
            {"legend": shown(category), "value": value}
            for category, value in zip(chart.categories, slices, strict=True)
        ]
    else:
        data = [
            {
                "legend": shown(name),
                "values": [{"x": shown(c), "y": value} for c, value in zip(chart.categories, values, strict=True)],
            }
            for name, values in chart.series.items()
        ]
    return {**drawn, "data": data}


def _button(button: ui.AnyButton, sign: Sign) -> Element:
    face: Element = {"title": shown(button.label)}
    match button:
        case ui.Button(_, packed, tone):
            data = {"parley": signed("action", packed, sign)}
            return {"type": "Action.Execute", "verb": "parley", "data": data, **face, **TONES[tone]}
        case ui.FormButton(_, packed, tone):
            data = {"parley": signed("action", packed, sign), **FETCH}
            return {"type": "Action.Submit", "data": data, **face, **TONES[tone]}
        case ui.LinkButton(_, url):
            return {"type": "Action.OpenUrl", "url": url, **face}
        case _:
            assert_never(button)


def _row(cells: tuple[str, ...], **style: str) -> Element:
    drawn = [{"type": "TableCell", "items": [_rich(run(text, **style))]} for text in cells]
    return {"type": "TableRow", "cells": drawn}


def _rich(*runs: Element) -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs) or [run("")]}


def _tags(mentions: Iterable[ui.Mention]) -> dict[str, str]:
    """The tag of each member mentioned; Teams tells people apart by it, so members of one name need two."""
    tags: dict[str, str] = {}
    for mention in mentions:
        name = " ".join(re.sub(r"[\\`*_~\[\]<>{}]", " ", ui.visible(mention.name)).split()) or "-"
        while mention.external_id not in tags:
            tag = f"<at>{name}</at>"
            if tag not in tags.values():
                tags[mention.external_id] = tag
            name += "\u2060"
    return tags


def _entity(external_id: str, tag: str) -> Element:
    name = tag.removeprefix("<at>").removesuffix("</at>")
    return {"type": "mention", "text": tag, "mentioned": {"id": external_id, "name": name}}


def _card(body: list[Element], actions: list[Element] | None = None) -> Element:
    return {"type": "AdaptiveCard", "version": "1.5", "body": body} | ({"actions": actions} if actions else {})
