"""Rules for JSON from an app, and the complaints Slack makes when it breaks them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from bot.playground.records import Payload


class Findings:
    """The complaints about one payload, worded and placed as Slack words and places them."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, complaint: str, pointer: str) -> None:
        """Note a complaint about the place named by a JSON pointer."""
        self.messages.append(f"[ERROR] {complaint} [json-pointer:{pointer}]")


Rule = Callable[[Any, str, Findings], None]


def string(most: int, least: int = 1) -> Rule:
    """A string of `least` to `most` characters."""

    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, str):
            findings.add("must provide a string", pointer)
        elif len(value) > most:
            findings.add(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            findings.add(f"must be more than {least - 1} characters", pointer)

    return check


def flag(value: Any, pointer: str, findings: Findings) -> None:
    """A boolean."""
    if not isinstance(value, bool):
        findings.add("must provide a boolean", pointer)


def integer(least: int, most: int) -> Rule:
    """A whole number within bounds."""

    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            findings.add(f"must be an integer between {least} and {most}", pointer)

    return check


def number(value: Any, pointer: str, findings: Findings) -> None:
    """A number of either kind."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        findings.add("must provide a number", pointer)


def one_of(*allowed: str) -> Rule:
    """One of a few words."""

    def check(value: Any, pointer: str, findings: Findings) -> None:
        if value not in allowed:
            findings.add(f"must be a valid enum value: {', '.join(allowed)}", pointer)

    return check


def anything(value: Any, pointer: str, findings: Findings) -> None:
    """No rule: a value the double does not look into."""


def matching(check_value: Callable[[str], object], name: str) -> Rule:
    """A string that the parser `check_value` accepts (it raises ValueError otherwise)."""

    def check(value: Any, pointer: str, findings: Findings) -> None:
        try:
            check_value(str(value))
        except ValueError:
            findings.add(f"must be a valid {name}", pointer)

    return check


def each(rule: Rule, least: int, most: int) -> Rule:
    """A list of `least` to `most` items, every one by the rule."""

    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, list):
            findings.add("must provide an array", pointer)
            return
        if len(value) > most:
            findings.add(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            findings.add(f"no fewer than {least} items allowed", pointer)
        for index, item in enumerate(value):
            rule(item, f"{pointer}/{index}", findings)

    return check


def shape(required: dict[str, Rule], optional: dict[str, Rule] | None = None, also: Rule | None = None) -> Rule:
    """An object with these keys and no others; `also` looks at it as a whole when its keys are sound."""
    known = required | (optional or {})

    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.add("must provide an object", pointer)
            return
        before = len(findings.messages)
        for key in required:
            if value.get(key) is None:
                findings.add(f"missing required field: {key}", pointer)
        for key, item in value.items():
            if key not in known:
                findings.add(f"invalid additional property: {key}", pointer)
            elif item is not None:
                known[key](item, f"{pointer}/{key}", findings)
        if also is not None and len(findings.messages) == before:
            also(value, pointer, findings)

    return check


def text(most: int, *kinds: str) -> Rule:
    """A text object; plain_text unless other kinds are named."""
    allowed = kinds or ("plain_text",)
    plain = shape({"type": one_of(*allowed), "text": string(most)}, {"emoji": flag})
    mrkdwn = shape({"type": one_of(*allowed), "text": string(most)}, {"verbatim": flag})

    def check(value: Any, pointer: str, findings: Findings) -> None:
        rule = mrkdwn if isinstance(value, dict) and value.get("type") == "mrkdwn" else plain
        rule(value, pointer, findings)

    return check


def tagged(rules: dict[str, Rule], allowed: Collection[str]) -> Rule:
    """An object whose `type` picks its rule; types that are not allowed here are refused."""

    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.add("must provide an object", pointer)
        elif "type" not in value:
            findings.add("missing required field: type", pointer)
        elif value["type"] not in allowed:
            findings.add(f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            rules[value["type"]](value, pointer, findings)

    return check


def unique(items: list[Payload], key: str, pointer: str, findings: Findings) -> None:
    """Complain about every later item that repeats an earlier one's key."""
    seen: set[Any] = set()
    for index, item in enumerate(items):
        value = item.get(key) if isinstance(item, dict) else None
        if value is not None and value in seen:
            findings.add(f"`{key}` {value} already exists", f"{pointer}/{index}/{key}")
        seen.add(value)
