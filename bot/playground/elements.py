"""The rules of Block Kit elements: buttons, menus, pickers and text fields."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from bot.playground.records import Payload
from bot.playground.schema import Findings, Rule, anything, each, flag, integer, matching, one_of, shape, string, text

OPTION_LABEL = 75
_ID = string(255)
_URL = string(3000)
_DATE = matching(date.fromisoformat, "date")
_TIME = matching(time.fromisoformat, "time")
_UNIX = integer(1_000_000_000, 9_999_999_999)

confirm = shape(
    {"title": text(100), "text": text(300, "plain_text", "mrkdwn")},
    {"confirm": text(30), "deny": text(30), "style": one_of("primary", "danger")},
)


def _option(*kinds: str, url: bool = False) -> Rule:
    optional: dict[str, Rule] = {"description": text(75, *kinds)}
    if url:
        optional["url"] = _URL
    return shape({"text": text(OPTION_LABEL, *kinds), "value": string(75)}, optional)


option = _option("plain_text")
marked_option = _option("plain_text", "mrkdwn")
option_group = shape({"label": text(75), "options": each(option, 1, 100)})


def identity(choice: Payload) -> tuple[str, str]:
    """What makes two options the same: the label and the value."""
    return choice["text"]["text"], choice["value"]


def offered(element: Payload) -> list[Payload]:
    """All options of a menu, those inside groups too."""
    groups = element.get("option_groups") or []
    return list(element.get("options") or []) + [choice for group in groups for choice in group["options"]]


def _initial_is_offered(element: Payload, pointer: str, findings: Findings) -> None:
    if "options" in element and "option_groups" in element:
        findings.add("only one of options and option_groups is allowed", pointer)
    if not offered(element):
        findings.add("missing required field: options", pointer)
    known = {identity(choice) for choice in offered(element)}
    initial = [element["initial_option"]] if element.get("initial_option") else element.get("initial_options") or []
    key = "initial_option" if element.get("initial_option") else "initial_options"
    for choice in initial:
        if identity(choice) not in known:
            findings.add(f"{key} must match one of the options", f"{pointer}/{key}")


def _element(required: dict[str, Rule], optional: dict[str, Rule], also: Rule | None = None) -> Rule:
    return shape({"type": anything} | required, {"action_id": _ID} | optional, also)


_MENU: dict[str, Rule] = {"placeholder": text(150), "confirm": confirm, "focus_on_load": flag}
_MANY: dict[str, Rule] = _MENU | {"max_selected_items": integer(1, 10_000)}
_STATIC: dict[str, Rule] = {"options": each(option, 1, 100), "option_groups": each(option_group, 1, 100)}
_FIELD: dict[str, Rule] = {
    "placeholder": text(150),
    "focus_on_load": flag,
    "dispatch_action_config": shape(
        {"trigger_actions_on": each(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}
    ),
}
_RESPONSE_URL: dict[str, Rule] = {"response_url_enabled": flag}
_CONVERSATIONS: dict[str, Rule] = {"default_to_current_conversation": flag, "filter": anything}
_ids = each(_ID, 0, 10_000)


def _text_bounds(element: Payload, pointer: str, findings: Findings) -> None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if least > most:
        findings.add("min_length must not be greater than max_length", pointer)


def _number_is_decided(element: Payload, pointer: str, findings: Findings) -> None:
    for key in ("min_value", "max_value", "initial_value"):
        try:
            float(element.get(key) or 0)
        except ValueError:
            findings.add("must be a valid number", f"{pointer}/{key}")


def _picker(rule: Rule, key: str) -> Rule:
    return _element(
        {}, {key: rule, "placeholder": text(150), "confirm": confirm, "focus_on_load": flag, "timezone": string(64)}
    )


ELEMENTS: dict[str, Rule] = {
    "button": _element(
        {"text": text(75)},
        {
            "url": _URL,
            "value": string(2000),
            "style": one_of("primary", "danger"),
            "confirm": confirm,
            "accessibility_label": string(75),
        },
    ),
    "overflow": _element({"options": each(_option("plain_text", url=True), 1, 5)}, {"confirm": confirm}),
    "static_select": _element({}, _MENU | _STATIC | {"initial_option": option}, _initial_is_offered),
    "multi_static_select": _element(
        {}, _MANY | _STATIC | {"initial_options": each(option, 1, 100)}, _initial_is_offered
    ),
    "external_select": _element({}, _MENU | {"initial_option": option, "min_query_length": integer(0, 100)}),
    "multi_external_select": _element(
        {}, _MANY | {"initial_options": each(option, 1, 100), "min_query_length": integer(0, 100)}
    ),
    "users_select": _element({}, _MENU | {"initial_user": _ID}),
    "multi_users_select": _element({}, _MANY | {"initial_users": _ids}),
    "channels_select": _element({}, _MENU | _RESPONSE_URL | {"initial_channel": _ID}),
    "multi_channels_select": _element({}, _MANY | {"initial_channels": _ids}),
    "conversations_select": _element({}, _MENU | _RESPONSE_URL | _CONVERSATIONS | {"initial_conversation": _ID}),
    "multi_conversations_select": _element({}, _MANY | _CONVERSATIONS | {"initial_conversations": _ids}),
    "checkboxes": _element(
        {"options": each(marked_option, 1, 10)},
        {"initial_options": each(marked_option, 1, 10), "confirm": confirm, "focus_on_load": flag},
        _initial_is_offered,
    ),
    "radio_buttons": _element(
        {"options": each(marked_option, 1, 10)},
        {"initial_option": marked_option, "confirm": confirm, "focus_on_load": flag},
        _initial_is_offered,
    ),
    "datepicker": _picker(_DATE, "initial_date"),
    "timepicker": _picker(_TIME, "initial_time"),
    "datetimepicker": _picker(_UNIX, "initial_date_time"),
    "plain_text_input": _element(
        {},
        _FIELD
        | {
            "initial_value": string(3000, 0),
            "multiline": flag,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _text_bounds,
    ),
    "email_text_input": _element({}, _FIELD | {"initial_value": string(3000, 0)}),
    "url_text_input": _element({}, _FIELD | {"initial_value": string(3000, 0)}),
    "number_input": _element(
        {"is_decimal_allowed": flag},
        _FIELD | {"initial_value": string(100), "min_value": string(100), "max_value": string(100)},
        _number_is_decided,
    ),
    "rich_text_input": _element({}, _FIELD | {"initial_value": anything}),
    "file_input": _element({}, {"filetypes": each(string(20), 1, 100), "max_files": integer(1, 10)}),
    "image": shape({"type": anything, "alt_text": string(2000)}, {"image_url": _URL, "slack_file": anything}),
    "mrkdwn": text(3000, "mrkdwn"),
    "plain_text": text(3000),
    "feedback_buttons": _element({"positive_button": anything, "negative_button": anything}, {}),
    "icon_button": _element(
        {"icon": one_of("trash"), "text": text(75)},
        {"value": string(2000), "confirm": confirm, "accessibility_label": string(75), "visible_to_user_ids": _ids},
    ),
    "workflow_button": _element({"text": text(75), "workflow": anything}, {"style": one_of("primary", "danger")}),
}

MENUS = tuple(
    many + kind + "_select"
    for kind in ("static", "external", "users", "channels", "conversations")
    for many in ("", "multi_")
)
CHOICES = ("checkboxes", "radio_buttons", "datepicker", "timepicker")
TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input")
IN_SECTION = ("button", "overflow", "image", "workflow_button", *CHOICES, *MENUS)
IN_ACTIONS = ("button", "overflow", "workflow_button", "datetimepicker", *CHOICES, *MENUS)
IN_INPUT = (*TYPED, "file_input", "datetimepicker", *CHOICES, *MENUS)


def suggestions(answer: Any, pointer: str = "") -> list[str]:
    """What Slack finds wrong with the answer to an options request."""
    findings = Findings()
    if isinstance(answer, dict) and "option_groups" in answer:
        shape({"option_groups": each(option_group, 0, 100)})(answer, pointer, findings)
    else:
        shape({"options": each(option, 0, 100)})(answer, pointer, findings)
    return findings.messages
