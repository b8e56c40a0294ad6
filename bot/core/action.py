"""Actions: what a member can do. Names are wire format; a button outlives a deploy."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.core import limits
from bot.core.language import _, ngettext

LARGEST = 2**31 - 1  # id

_registry: dict[str, type["Action"]] = {}


class UnknownAction(LookupError):
    """No action has this name any more, or the packed text is not an action."""


class Packable(Protocol):
    """What a button can carry."""

    def pack(self) -> str: ...


class Action(BaseModel):
    """Something a member can do: a frozen model whose bounds serve every way it is asked for."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True, defer_build=True)
    name: ClassVar[str]

    def __init_subclass__(cls, name: str, **config: Any) -> None:
        super().__init_subclass__(**config)
        if name in _registry:
            raise TypeError(f"two actions are called {name!r}")
        cls.name, _registry[name] = name, cls

    def pack(self) -> str:
        """The action as text for a button; raises LimitExceeded where a button cannot hold it."""
        return _pack([self.name, self.model_dump(mode="json", exclude_defaults=True)], limits.BUTTON_VALUE)


class PartialAction(BaseModel):
    """An action whose other fields a form asks for, or an action of another feature, by its wire name."""

    model_config = ConfigDict(frozen=True)
    name: str
    given: dict[str, Any]

    @classmethod
    def of(cls, action: "type[Action] | str", **given: Any) -> Self:
        """Fields that are None are left out, so that the action's defaults hold."""
        name = action if isinstance(action, str) else action.name
        return cls(name=name, given={key: value for key, value in given.items() if value is not None})

    def pack(self, token: str | None = None) -> str:
        """The action as text for a button, or for a form when it has the form's token."""
        limit = limits.FORM_METADATA if token else limits.BUTTON_VALUE
        return _pack([self.name, self.given, *([token] if token else [])], limit)


def _pack(values: list[Any], limit: int) -> str:
    packed = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)
    limits.check(len(packed), limit, f"packed {values[0]}")
    return packed


class Unpacked:
    """A packed action as it came back: its type, what it carried and, for a form, the form's token."""

    def __init__(self, packed: str) -> None:
        try:
            name, given, *rest = json.loads(packed)
            self.type = _registry[name]
            self.given: dict[str, Any] = dict(given)
            self.token: str | None = str(rest[0]) if rest else None
            if any(isinstance(value, int) and abs(value) > LARGEST for value in self.given.values()):
                raise ValueError("no id is so large")
            if "\\u0000" in packed:
                raise ValueError("no database stores a NUL")
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise UnknownAction(packed[:80]) from error

    def complete(self, answers: Mapping[str, Any]) -> Action:
        """The action; answers fill in what it lacks but replace nothing. Raises ValidationError."""
        return self.type(**{**answers, **self.given})


def action_type(name: str) -> type[Action]:
    """The action of this wire name; raises UnknownAction."""
    if name not in _registry:
        raise UnknownAction(name)
    return _registry[name]


def wire_names() -> frozenset[str]:
    return frozenset(_registry)


def explain(error: ValidationError) -> dict[str, str]:
    """Field name → a sentence that says what is wrong with what was typed and how to mend it."""
    return {str(problem["loc"][0]): _sentence(problem) for problem in error.errors() if problem["loc"]}


def _sentence(problem: Any) -> str:
    context = problem.get("ctx") or {}
    match problem["type"]:
        case "string_too_short":
            n = context["min_length"]
            return ngettext("Please write something here.", "Please write at least {n} characters.", n).format(n=n)
        case "string_too_long":
            return _("Please write at most {n} characters.").format(n=context["max_length"])
        case "missing" | "string_type":
            return _("Please fill this in.")
        case "int_parsing" | "int_from_float" | "decimal_parsing" | "float_parsing":
            return _("Please write a number.")
        case "greater_than_equal":
            return _("Please write a number of at least {n}.").format(n=context["ge"])
        case "less_than_equal":
            return _("Please write a number of at most {n}.").format(n=context["le"])
        case "date_from_datetime_parsing" | "date_parsing":
            return _("Please write a date such as 2026-11-30.")
        case "value_error":
            return str(context["error"])
        case _:
            return _("This cannot be right. Please check it.")
