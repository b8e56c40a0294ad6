"""What people and apps wrote, as plain text: Slack's markup taken away once, at the edge. Pure."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

LONGEST = 12_000  # characters of a message that features get to see

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_TOKEN = re.compile(r"<([^\s<>][^<>\n]*)>")
# What must not stand before the mark is looked for behind it: an expression that begins with letters is found faster.
_EMPHASIS = re.compile(r"([*_~`])(?<![\w*_~][*_~`])(?=\S)([^\n]*?\S)\1(?![\w*_~])")


def clean(text: object) -> str:
    """The text without what no database stores; no text at all is an empty one."""
    return _UNSTORABLE.sub("", text) if isinstance(text, str) else ""


def unescaped(text: object) -> str:
    """Message or command text as it was typed; `<@U1|ana>` becomes `<@U1>`, `<#C1|leads>` becomes `#leads`."""
    cleaned = clean(text)
    return unescape(_TOKEN.sub(_readable, cleaned) if "<" in cleaned else cleaned)


def flat(message: Mapping[str, Any]) -> str:
    """A message's text; an app's message counts with its blocks and attachments, each line once."""
    text = unescaped(message.get("text"))
    if text and not message.get("bot_id"):
        return text[:LONGEST]
    lines: dict[str, None] = dict.fromkeys(_without_emphasis(text).splitlines())
    for drawn in (_blocks(message.get("blocks")), _attachments(message.get("attachments"))):
        for piece in drawn:
            lines.update(dict.fromkeys(piece.splitlines()))
    return "\n".join(line for line in lines if line.strip())[:LONGEST]


def _readable(token: re.Match[str]) -> str:
    target, _, label = token[1].partition("|")
    match target[0]:
        case "@":
            return f"<{target}>"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or "@" + target[1:].partition("^")[0]
    return label or target.removeprefix("mailto:").removeprefix("tel:")


def _without_emphasis(text: str) -> str:
    return _EMPHASIS.sub(r"\2", text)


def _blocks(blocks: object) -> Iterator[str]:
    for block in _dicts(blocks):
        match block.get("type"):
            case "section" | "header":
                yield _object(block.get("text"))
                yield from (_labelled(_object(field)) for field in _dicts(block.get("fields")))
            case "context":
                yield " ".join(filter(None, (_object(element) for element in _dicts(block.get("elements")))))
            case "rich_text":
                yield from (_rich(element) for element in _dicts(block.get("elements")))
            case "markdown":
                yield _without_emphasis(clean(block.get("text")))
            case "table":
                rows = block.get("rows")
                for row in rows if isinstance(rows, list) else []:
                    yield " | ".join(_rich(cell) for cell in _dicts(row))


def _attachments(attachments: object) -> Iterator[str]:
    for attachment in _dicts(attachments):
        if attachment.get("from_url") or attachment.get("original_url"):
            continue  # the preview of a link, which nobody wrote
        told = [_without_emphasis(unescaped(attachment.get(key))) for key in ("pretext", "title", "text")]
        drawn = list(_blocks(attachment.get("blocks")))
        fields = [_named(field.get("title"), field.get("value")) for field in _dicts(attachment.get("fields"))]
        yield from (told + drawn + fields) if any(told + drawn + fields) else [unescaped(attachment.get("fallback"))]


def _object(text: object) -> str:
    """A text object: mrkdwn is markup, plain_text is not."""
    if not isinstance(text, Mapping):
        return ""
    if text.get("type") == "plain_text":
        return clean(text.get("text"))
    return _without_emphasis(unescaped(text.get("text")))


def _named(name: object, value: object) -> str:
    return f"{_without_emphasis(unescaped(name)).rstrip(': ')}: {_without_emphasis(unescaped(value))}"


def _labelled(field: str) -> str:
    """A field of two lines is a name and its value: "Company: Acme"."""
    name, newline, value = field.partition("\n")
    return f"{name.rstrip(': ')}: {value}" if newline and len(name) <= 40 and "\n" not in value.strip() else field


def _rich(element: Mapping[str, Any]) -> str:
    match element.get("type"):
        case "text" | "raw_text":
            return clean(element.get("text"))
        case "link":
            return clean(element.get("text") or element.get("url"))
        case "user":
            return f"<@{clean(element.get('user_id'))}>"
        case "emoji":
            return f":{clean(element.get('name'))}:"
        case "rich_text_list":
            return "\n".join(_rich(item) for item in _dicts(element.get("elements")))
    return "".join(_rich(part) for part in _dicts(element.get("elements")))


def _dicts(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of what ought to be a list of objects."""
    yield from (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()
