"""The fields of a form as Block Kit inputs, and what was typed into them read back. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, assert_never

from bot.core import forms, ui

Block = dict[str, Any]
MENU_OPTIONS = 100
CHECKBOXES = 10


def field_blocks(fields: Iterable[forms.Field]) -> list[Block]:
    return [_input(field) for field in fields]


def field_name(block_id: str) -> str:
    """The name of the field a block asks for."""
    return block_id.partition(":")[0]


def lookup_name(action_id: str) -> str:
    """The lookup whose options a block_suggestion with this action_id asks for."""
    return action_id.split(":")[1]


def changed_action(action_id: str) -> str | None:
    """The wire name of the action that answers a change of the element with this action_id."""
    kind, *rest = action_id.split(":")
    return rest[-1] if kind == "change" or (kind == "lookup" and len(rest) == 2) else None


def answers(view: Mapping[str, Any]) -> forms.Answers:
    """What was typed and chosen in a view, by field name."""
    found: dict[str, str | list[str]] = {}
    for block_id, elements in view.get("state", {}).get("values", {}).items():
        for element in elements.values():
            if answer := _answer(element):
                found[field_name(block_id)] = answer
    return found


def error_blocks(view: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, str]:
    """The errors by block_id; what concerns no field the view asks for stands at its first one, so that it is read."""
    inputs = {field_name(block["block_id"]): block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    placed = {inputs[name]: text for name, text in errors.items() if name in inputs}
    lost = [text for name, text in errors.items() if name not in inputs]
    if lost and inputs:
        first = next(iter(inputs.values()))
        placed[first] = " ".join([*([placed[first]] if first in placed else []), *lost])
    return placed


def options(found: Sequence[forms.Option | forms.Group]) -> Block:
    """The answer to a block_suggestion: at most a hundred options, or groups of them."""
    groups = [item for item in found if isinstance(item, forms.Group)]
    if groups and len(groups) == len(found):
        return {"option_groups": [_group(group) for group in groups[:MENU_OPTIONS]]}
    return {"options": [_option(option) for option in forms.flat(tuple(found))[:MENU_OPTIONS]]}


def plain(text: str) -> Block:
    """A text object that Slack shows letter by letter."""
    return {"type": "plain_text", "text": " ".join(ui.visible(text).split()) or "-", "emoji": False}


def is_member(external_id: str) -> bool:
    return re.fullmatch("[UW][A-Z0-9]+", external_id) is not None


def _input(field: forms.Field) -> Block:
    block: Block = {
        "type": "input",
        "block_id": _block_id(field),
        "label": plain(field.label),
        "optional": field.optional,
        "element": _element(field) | {"action_id": _action_id(field)},
    }
    if field.hint:
        block["hint"] = plain(field.hint)
    if field.on_change:
        block["dispatch_action"] = True
    return block


def _block_id(field: forms.Field) -> str:
    """Slack keeps what was chosen for a block of the same id, so other options need another id."""
    if not isinstance(field, forms.ChoiceField | forms.ChoicesField):
        return field.name
    offered = [(option.value, option.label) for option in forms.flat(field.options)]
    return f"{field.name}:{sha256(json.dumps(offered).encode()).hexdigest()[:8]}"


def _action_id(field: forms.Field) -> str:
    changed = [field.on_change] if field.on_change else []
    if isinstance(field, forms.LookupField):
        return ":".join(["lookup", field.lookup, *changed])
    return ":".join(["change", *changed]) if changed else "field"


def _element(field: forms.Field) -> Block:
    match field:
        case forms.TextField(multiline=multiline, limit=limit, initial=initial):
            element = {"type": "plain_text_input", "multiline": multiline, "max_length": limit}
            return _with(element, initial_value=initial and ui.visible(initial))
        case forms.NumberField():
            return _number(field)
        case forms.DateField(initial=initial):
            return _with({"type": "datepicker"}, initial_date=initial and initial.isoformat())
        case forms.TimeField(initial=initial):
            return _with({"type": "timepicker"}, initial_time=initial and f"{initial:%H:%M}")
        case forms.ChoiceField(options=offered, initial=initial):
            chosen = [_option(option) for option in forms.flat(offered) if option.value == initial]
            return _with({"type": "static_select", **options(offered)}, initial_option=next(iter(chosen), None))
        case forms.ChoicesField(options=offered, initial=initial):
            kind = "checkboxes" if len(offered) <= CHECKBOXES else "multi_static_select"
            chosen = [_option(option) for option in offered if option.value in initial]
            return _with({"type": kind, **options(offered)}, initial_options=chosen)
        case forms.PersonField(initial=initial):
            return _with({"type": "users_select"}, initial_user=initial if initial and is_member(initial) else None)
        case forms.LookupField(initial=initial):
            element = {"type": "external_select", "min_query_length": 0}
            return _with(element, initial_option=initial and _option(initial))
        case _:
            assert_never(field)


def _number(field: forms.NumberField) -> Block:
    return {"type": "number_input", "is_decimal_allowed": field.decimal} | {
        key: f"{value:f}" if key == "initial_value" else str(value)
        for key, value in (
            ("min_value", field.at_least),
            ("max_value", field.at_most),
            ("initial_value", field.initial),
        )
        if value is not None
    }


def _with(element: Block, **initial: Any) -> Block:
    return element | {key: value for key, value in initial.items() if value}


def _option(option: forms.Option) -> Block:
    return {"text": plain(option.label), "value": option.value}


def _group(group: forms.Group) -> Block:
    return {"label": plain(group.label), "options": [_option(option) for option in group.options[:MENU_OPTIONS]]}


def _answer(element: Mapping[str, Any]) -> str | list[str] | None:
    match element:
        case {"type": "plain_text_input" | "number_input", "value": str(typed)}:
            return typed
        case {"type": "datepicker", "selected_date": str(chosen)}:
            return chosen
        case {"type": "timepicker", "selected_time": str(chosen)}:
            return chosen
        case {"type": "users_select", "selected_user": str(chosen)}:
            return chosen
        case {"type": "static_select" | "external_select", "selected_option": {"value": str(chosen)}}:
            return chosen
        case {"type": "checkboxes" | "multi_static_select", "selected_options": list(chosen)}:
            return [option["value"] for option in chosen]
        case _:
            return None
