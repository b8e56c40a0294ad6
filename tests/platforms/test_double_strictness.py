"""What the double refuses because Slack refuses it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.blocks import message_findings, view_findings
from bot.playground.errors import SlackError
from bot.playground.request import content_of


def plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def option(label: str, value: str | None = None) -> dict[str, Any]:
    return {"text": plain(label), "value": value or label}


def button(label: str = "Go", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(label)} | more


def section(words: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}} | more


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain("Label"), "element": element} | more


def select(*options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "static_select", "options": list(options)} | more


def bars(**more: Any) -> dict[str, Any]:
    chart = {
        "type": "bar",
        "axis_config": {"categories": ["Mon", "Tue"]},
        "series": [{"name": "Leads", "data": [{"label": "Mon", "value": 1}, {"label": "Tue", "value": 2}]}],
    } | more
    return {"type": "data_visualization", "title": "Week", "chart": chart}


def cells(rows: int, columns: int, words: str = "x") -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": words}] * columns for _ in range(rows)]}


SOUND = [
    section(),
    section("x" * 3000),
    section(accessory=button()),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}]},
    {
        "type": "actions",
        "elements": [button(action_id="a"), select(option("A")), {"type": "overflow", "options": [option("A")]}],
    },
    {"type": "image", "image_url": "https://x.example/x.png", "alt_text": "x"},
    field({"type": "plain_text_input"}),
    field(select(option("A"), initial_option=option("A"))),
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]},
    bars(),
    cells(100, 20),
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "positive_button": {"text": plain("+"), "value": "1"},
                "negative_button": {"text": plain("-"), "value": "0"},
            }
        ],
    },
]

BROKEN = [
    ({"type": "riddle"}, "unsupported type: riddle", "/blocks/0/type"),
    ({}, "missing required field: type", "/blocks/0"),
    ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters", "/blocks/0/text/text"),
    (section(""), "must be more than 0 characters", "/blocks/0/text/text"),
    (section("x" * 3001), "must be less than 3001 characters", "/blocks/0/text/text"),
    ({"type": "section"}, "missing required field: text", "/blocks/0"),
    (section(colour="red"), "invalid additional property: colour", "/blocks/0"),
    (section(fields=[plain("x")] * 11), "no more than 10 items allowed", "/blocks/0/fields"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "valid enum value", "/blocks/0/text/type"),
    (section(block_id="x" * 256), "must be less than 256 characters", "/blocks/0/block_id"),
    (section(accessory=button("x" * 76)), "must be less than 76 characters", "/blocks/0/accessory/text/text"),
    (section(accessory=button(value="x" * 2001)), "must be less than 2001", "/blocks/0/accessory/value"),
    (section(accessory={"type": "plain_text_input"}), "unsupported type", "/blocks/0/accessory/type"),
    ({"type": "actions", "elements": []}, "no fewer than 1 items", "/blocks/0/elements"),
    ({"type": "actions", "elements": [button()] * 26}, "no more than 25 items", "/blocks/0/elements"),
    (
        {"type": "actions", "elements": [button(action_id="a"), button(action_id="a")]},
        "`action_id` a already exists",
        "/blocks/0/elements/1/action_id",
    ),
    (field(select()), "no fewer than 1 items", "/blocks/0/element/options"),
    (field({"type": "static_select"}), "missing required field: options", "/blocks/0/element"),
    (field(select(*[option(str(n)) for n in range(101)])), "no more than 100", "/blocks/0/element/options"),
    (field(select(option("x" * 76))), "must be less than 76", "/blocks/0/element/options/0/text/text"),
    (
        field(select(option("A"), initial_option=option("B"))),
        "must match one of the options",
        "/blocks/0/element/initial_option",
    ),
    (
        field({"type": "checkboxes", "options": [option(str(n)) for n in range(11)]}),
        "no more than 10 items",
        "/blocks/0/element/options",
    ),
    (field({"type": "datepicker", "initial_date": "tomorrow"}), "valid date", "/blocks/0/element/initial_date"),
    (field(button()), "unsupported type: button", "/blocks/0/element/type"),
    (cells(101, 1), "no more than 100 items", "/blocks/0/rows"),
    (cells(1, 21), "no more than 20 items", "/blocks/0/rows/0"),
    (cells(10, 10, "x" * 101), "must be less than 10001 characters in all", "/blocks/0/rows"),
    (
        bars(series=[{"name": "Leads", "data": [{"label": "Mon", "value": 1}]}]),
        "one point per category",
        "/blocks/0/chart/series/0/data",
    ),
    (
        {"type": "data_visualization", "title": "x" * 51, "chart": {"type": "pie", "segments": []}},
        "must be less than 51",
        "/blocks/0/title",
    ),
]


@pytest.mark.parametrize("block", SOUND, ids=lambda block: block["type"])
def test_sound_blocks_are_taken(block: dict[str, Any]) -> None:
    assert message_findings([block]) == []


@pytest.mark.parametrize(("block", "complaint", "pointer"), BROKEN)
def test_broken_blocks_are_refused_by_place(block: dict[str, Any], complaint: str, pointer: str) -> None:
    assert any(complaint in said and said.endswith(f"[json-pointer:{pointer}]") for said in message_findings([block]))


def test_blocks_are_counted_together() -> None:
    assert "no more than 50 items" in message_findings([section()] * 51)[0]
    assert "`block_id` a already exists" in message_findings([section(block_id="a")] * 2)[0]
    assert "no more than 1 table" in message_findings([cells(1, 1)] * 2)[0]
    assert "no more than 2 data_visualization" in message_findings([bars()] * 3)[0]


def test_a_whole_message_has_a_size() -> None:
    class Ids:
        def new_block_id(self) -> str:
            return "b"

    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        content_of(Ids(), "x", [section("x" * 2900)] * 5, None, longest=40_000)  # type: ignore[arg-type]


def view(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("T"), "submit": plain("Save"), "blocks": list(blocks)} | more


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (view(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (view(private_metadata="x" * 3001), "must be less than 3001 characters [json-pointer:/view/private_metadata]"),
        (view(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
        (view(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (view(field({"type": "plain_text_input"}), submit=None), "missing required field: submit [json-pointer:/view]"),
        (view(bars()), "unsupported type: data_visualization [json-pointer:/view/blocks/0/type]"),
        ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
        (
            {"type": "home", "blocks": [], "title": plain("T")},
            "invalid additional property: title [json-pointer:/view]",
        ),
        ({"type": "poster"}, "must be a valid enum value: modal, home [json-pointer:/view/type]"),
        ("view", "must be a valid enum value: modal, home [json-pointer:/view/type]"),
    ],
)
def test_broken_views_are_refused_by_place(content: Any, complaint: str) -> None:
    assert f"[ERROR] {complaint}" in view_findings(content)


def test_sound_views_are_taken() -> None:
    assert view_findings(view(field({"type": "plain_text_input"}), section(accessory=button()))) == []
    assert view_findings({"type": "home", "blocks": [section()]}) == []
