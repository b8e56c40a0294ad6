"""The rules of Block Kit blocks, one by one and together in a message or a view."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bot.playground import data_blocks
from bot.playground.elements import ELEMENTS, IN_ACTIONS, IN_INPUT, IN_SECTION
from bot.playground.records import Payload
from bot.playground.schema import Findings, Rule, anything, each, flag, shape, string, tagged, text, unique

MESSAGE_CHARACTERS = 13_200
MARKDOWN_CHARACTERS = 12_000
_ANY_TEXT = ("plain_text", "mrkdwn")
_URL = string(3000)


def _block(required: dict[str, Rule], optional: dict[str, Rule] | None = None, also: Rule | None = None) -> Rule:
    return shape({"type": anything} | required, {"block_id": string(255)} | (optional or {}), also)


def _section_says_something(block: Payload, pointer: str, findings: Findings) -> None:
    if not block.get("text") and not block.get("fields"):
        findings.add("missing required field: text", pointer)


def _image_has_a_source(block: Payload, pointer: str, findings: Findings) -> None:
    if not block.get("image_url") and not block.get("slack_file"):
        findings.add("missing required field: image_url", pointer)


def _action_ids_differ(block: Payload, pointer: str, findings: Findings) -> None:
    unique(block["elements"], "action_id", f"{pointer}/elements", findings)


_rich = tagged(
    {
        kind: shape(
            {"type": anything, "elements": each(anything, 0, 1000)},
            {"style": anything, "indent": anything, "border": anything, "offset": anything},
        )
        for kind in ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")
    },
    ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"),
)

BLOCKS: dict[str, Rule] = {
    "section": _block(
        {},
        {
            "text": text(3000, *_ANY_TEXT),
            "fields": each(text(2000, *_ANY_TEXT), 1, 10),
            "accessory": tagged(ELEMENTS, IN_SECTION),
            "expand": flag,
        },
        _section_says_something,
    ),
    "header": _block({"text": text(150)}),
    "context": _block({"elements": each(tagged(ELEMENTS, ("mrkdwn", "plain_text", "image")), 1, 10)}),
    "actions": _block({"elements": each(tagged(ELEMENTS, IN_ACTIONS), 1, 25)}, {}, _action_ids_differ),
    "context_actions": _block(
        {"elements": each(tagged(ELEMENTS, ("feedback_buttons", "icon_button")), 1, 5)}, {}, _action_ids_differ
    ),
    "divider": _block({}),
    "image": _block(
        {"alt_text": string(2000)},
        {"image_url": _URL, "slack_file": anything, "title": text(2000)},
        _image_has_a_source,
    ),
    "input": _block(
        {"label": text(2000), "element": tagged(ELEMENTS, IN_INPUT)},
        {"hint": text(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": _block({"elements": each(_rich, 1, 1000)}),
    "markdown": _block({"text": string(MARKDOWN_CHARACTERS)}),
    "table": data_blocks.table,
    "data_table": data_blocks.data_table,
    "data_visualization": data_blocks.data_visualization,
    "video": _block(
        {"alt_text": string(2000), "title": text(199), "thumbnail_url": _URL, "video_url": _URL},
        {
            "author_name": string(50),
            "description": text(200),
            "provider_icon_url": _URL,
            "provider_name": string(50),
            "title_url": _URL,
        },
    ),
    "file": _block({"external_id": string(255), "source": string(20)}),
    # Known by name only: Parley sends none of them.
    "alert": anything,
    "card": anything,
    "carousel": anything,
    "container": anything,
    "plan": anything,
    "task_card": anything,
}
EVERYWHERE = ("section", "header", "context", "actions", "divider", "image", "input", "rich_text", "video")
IN_MESSAGE = (
    *EVERYWHERE,
    "context_actions",
    "markdown",
    "table",
    "data_table",
    "data_visualization",
    "file",
    "card",
    "carousel",
    "container",
    "plan",
    "task_card",
)
IN_VIEW = {"modal": (*EVERYWHERE, "alert"), "home": (*EVERYWHERE, "data_table", "card", "carousel")}
MOST_PER_MESSAGE = {"table": 1, "data_visualization": 2}


def message_findings(blocks: Any) -> list[str]:
    """What Slack finds wrong with the blocks of a message."""
    findings = Findings()
    each(tagged(BLOCKS, IN_MESSAGE), 0, 50)(blocks, "/blocks", findings)
    if not findings.messages:
        unique(blocks, "block_id", "/blocks", findings)
        for kind, most in MOST_PER_MESSAGE.items():
            if sum(block["type"] == kind for block in blocks) > most:
                findings.add(f"no more than {most} {kind} allowed", "/blocks")
        if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MARKDOWN_CHARACTERS:
            findings.add(f"must be less than {MARKDOWN_CHARACTERS + 1} characters of markdown", "/blocks")
    return findings.messages


def message_size(blocks: list[Payload]) -> int:
    """How many characters the blocks take as JSON."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


_COMMON: dict[str, Rule] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}


def view_findings(view: Any) -> list[str]:
    """What Slack finds wrong with a modal or a home view."""
    findings = Findings()
    kind = view.get("type") if isinstance(view, dict) else None
    if kind not in IN_VIEW:
        findings.add("must be a valid enum value: modal, home", "/view/type")
        return findings.messages
    listed = each(tagged(BLOCKS, IN_VIEW[kind]), 0, 100)
    if kind == "modal":
        shape(
            {"type": anything, "title": text(24), "blocks": listed},
            _COMMON
            | {
                "submit": text(24),
                "close": text(24),
                "clear_on_close": flag,
                "notify_on_close": flag,
                "submit_disabled": flag,
            },
        )(view, "/view", findings)
    else:
        shape({"type": anything, "blocks": listed}, _COMMON)(view, "/view", findings)
    if not findings.messages:
        _view_as_a_whole(view, findings)
    return findings.messages


def _view_as_a_whole(view: Payload, findings: Findings) -> None:
    blocks = view["blocks"]
    unique(blocks, "block_id", "/view/blocks", findings)
    has_input = any(block["type"] == "input" for block in blocks)
    if view["type"] == "modal" and has_input and not view.get("submit"):
        findings.add("missing required field: submit", "/view")
    if sum(bool(element.get("focus_on_load")) for block in blocks for element in block_elements(block)) > 1:
        findings.add("only one element may have focus_on_load", "/view/blocks")


def block_elements(block: Payload) -> list[Payload]:
    """The interactive elements of a block, in the order they are shown."""
    if block["type"] == "section":
        return [block["accessory"]] if block.get("accessory") else []
    if block["type"] == "input":
        return [block["element"]]
    if block["type"] in ("actions", "context_actions"):
        elements: list[Payload] = block["elements"]
        return elements
    return []


def with_ids(blocks: list[Payload], new_id: Callable[[], str]) -> list[Payload]:
    """A copy in which every block has a block_id and every interactive element an action_id, as Slack fills in."""
    copied: list[Payload] = json.loads(json.dumps(blocks))
    for block in copied:
        block.setdefault("block_id", new_id())
        for element in block_elements(block):
            if element["type"] != "image":
                element.setdefault("action_id", new_id())
    return copied
