"""Finding what a person means on a message or view: the button with this label, the field with that one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.playground.blocks import block_elements
from bot.playground.data_blocks import characters
from bot.playground.records import Message, Payload, View
from bot.playground.values import initial_state, key_of


@dataclass(frozen=True)
class Spot:
    """An element in its block; `option` is the entry chosen in an overflow menu."""

    block: Payload
    element: Payload
    option: Payload | None = None

    @property
    def tells_at_once(self) -> bool:
        """Whether the app hears of what is entered here before anything is submitted."""
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action"))


def button(blocks: list[Payload], label: str, beside: str | None = None) -> Spot:
    """The button or overflow entry with this visible label or action_id.

    `beside` picks among several: the text of its block, or of the text block above it, contains those words.
    LookupError if there is none or more than one.
    """
    found, shown = [], []
    heading = ""
    for block in blocks:
        if characters(block) and block["type"] in ("section", "header", "context", "rich_text", "markdown"):
            heading = words(_without_controls(block))
        if beside is not None and beside not in heading:
            continue
        for spot, text in _pressable(block):
            shown.append(text)
            if label in (text, spot.element.get("action_id")):
                found.append(spot)
    return _only(found, f"button {label!r}", shown)


def enter(place: Message | View, spot: Spot, value: Any) -> None:
    """Put a value into a field; the app hears of it with the next thing done there."""
    if isinstance(place, Message):
        place.state = initial_state(place.blocks, place.state)
    values = place.values if isinstance(place, View) else place.state
    values[spot.block["block_id"]][spot.element["action_id"]] = {
        "type": spot.element["type"],
        key_of(spot.element): value,
    }


def field(blocks: list[Payload], label: str) -> Spot:
    """The field with this label, block_id or action_id; outside input blocks a menu's placeholder is its label."""
    found, shown = [], []
    for block in blocks:
        for element in block_elements(block):
            if not key_of(element):
                continue
            names = [block["block_id"], element["action_id"], (element.get("placeholder") or {}).get("text")]
            if block["type"] == "input":
                names[0:0] = [block["label"]["text"]]
            elif block["type"] == "section":
                names[0:0] = [(block.get("text") or {}).get("text")]
            shown.append(str(names[0]))
            if label in names:
                found.append(Spot(block, element))
    return _only(found, f"field {label!r}", shown)


def words(part: Any) -> str:
    """All text inside a block or a whole message, as one line per text."""
    if isinstance(part, list):
        return "\n".join(filter(None, map(words, part)))
    if isinstance(part, dict):
        return "\n".join(
            filter(
                None, (item if key == "text" and isinstance(item, str) else words(item) for key, item in part.items())
            )
        )
    return ""


def _pressable(block: Payload) -> list[tuple[Spot, str]]:
    spots = []
    for element in block_elements(block):
        if element["type"] in ("button", "workflow_button", "icon_button"):
            spots.append((Spot(block, element), str(element["text"]["text"])))
        elif element["type"] == "overflow":
            spots += [(Spot(block, element, option), str(option["text"]["text"])) for option in element["options"]]
        elif element["type"] == "feedback_buttons":
            spots += [
                (Spot(block, element, element[side]), str(element[side]["text"]["text"]))
                for side in ("positive_button", "negative_button")
            ]
    return spots


def _without_controls(block: Payload) -> Payload:
    return {key: value for key, value in block.items() if key != "accessory"}


def _only(found: list[Spot], wanted: str, shown: list[str]) -> Spot:
    if not found:
        raise LookupError(f"no {wanted}; shown are {shown}")
    if len(found) > 1:
        raise LookupError(f"{len(found)} times {wanted}; say which")
    return found[0]
