"""What stands in the fields of a view or message: initial values, typed values, and what a person may choose."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from bot.playground.blocks import block_elements
from bot.playground.elements import offered
from bot.playground.records import Payload

State = dict[str, dict[str, Payload]]

_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}


def key_of(element: Payload) -> str:
    """The name under which Slack reports this element's value; empty for buttons and the like."""
    return _KEYS.get(element["type"], ("", ""))[0]


def holds_many(element: Payload) -> bool:
    """Whether the element's value is a list."""
    kind = str(element["type"])
    return kind.startswith("multi_") or kind == "checkboxes"


def initial_state(blocks: list[Payload], typed: State | None = None) -> State:
    """The values of fresh blocks; what was typed under the same block_id and action_id is kept."""
    state: State = {}
    for block in blocks:
        for element in block_elements(block):
            if element["type"] not in _KEYS:
                continue
            key, initial = _KEYS[element["type"]]
            value: Payload = {"type": element["type"], key: element.get(initial, [] if holds_many(element) else None)}
            kept = (typed or {}).get(block["block_id"], {}).get(element["action_id"])
            same = kept is not None and kept["type"] == element["type"]
            state.setdefault(block["block_id"], {})[element["action_id"]] = kept if same and kept else value
    return state


def is_empty(element: Payload, value: Payload | None) -> bool:
    """Whether nothing was typed or chosen."""
    return value is None or value.get(key_of(element)) in (None, "", [])


def chosen(element: Payload, wanted: Any, options: list[Payload] | None = None) -> Any:
    """The value Slack would report when a person types or chooses `wanted`; LookupError if it is not offered.

    `options` are those an external menu answered; other menus bring their own.
    """
    kind = element["type"]
    if wanted is None:
        return [] if holds_many(element) else None
    if kind in (
        "static_select",
        "multi_static_select",
        "radio_buttons",
        "checkboxes",
        "overflow",
        "external_select",
        "multi_external_select",
    ):
        choices = offered(element) if options is None else options
        if not holds_many(element):
            return _option(choices, wanted)
        picked = [_option(choices, each) for each in wanted]
        if len(picked) > element.get("max_selected_items", len(picked)):
            raise ValueError(f"no more than {element['max_selected_items']} may be chosen")
        return picked
    if kind == "datepicker":
        return (wanted if isinstance(wanted, date) else date.fromisoformat(wanted)).isoformat()
    if kind == "timepicker":
        return (wanted if isinstance(wanted, time) else time.fromisoformat(wanted)).strftime("%H:%M")
    if kind == "datetimepicker":
        return int(wanted)
    if kind in ("rich_text_input", "file_input") or holds_many(element):
        return wanted
    return str(wanted)


def _option(options: list[Payload], wanted: Any) -> Payload:
    for option in options:
        if str(wanted) in (option["text"]["text"], option["value"]):
            return {"text": option["text"], "value": option["value"]}
    labels = [option["text"]["text"] for option in options]
    raise LookupError(f"{wanted!r} is not offered; offered are {labels}")


def complaint(block: Payload, value: Payload | None) -> str | None:
    """What Slack's client itself says about a field when Submit is pressed, before the app hears of it."""
    element = block["element"]
    if is_empty(element, value):
        return None if block.get("optional") else "Please complete this required field."
    entered = (value or {})[key_of(element)]
    kind = element["type"]
    if kind == "plain_text_input":
        if len(entered) < element.get("min_length", 0):
            return f"Must be at least {element['min_length']} characters."
        if len(entered) > element.get("max_length", 3000):
            return f"Must be at most {element.get('max_length', 3000)} characters."
    if kind == "number_input":
        return _number_complaint(element, entered)
    if kind == "email_text_input" and "@" not in entered:
        return "Please enter a valid email address."
    if kind == "url_text_input" and not entered.startswith(("http://", "https://")):
        return "Please enter a valid URL."
    return None


def _number_complaint(element: Payload, entered: str) -> str | None:
    try:
        number = float(entered)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Must be at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Must be at most {element['max_value']}."
    return None
