"""Forms: what asks a member for the fields an action still lacks. Limits are checked at construction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Discriminator, TypeAdapter

from bot.core.action import PartialAction, action_type
from bot.core.limits import OPTION_VALUE, check
from bot.core.ui import Facts, Line, Quote

Answers = Mapping[str, str | list[str]]  # what was typed or chosen, by the field's name; empty fields are absent


@dataclass(frozen=True)
class Option:
    value: str
    label: str

    def __post_init__(self) -> None:
        check(len(self.value), OPTION_VALUE, f"option value {self.value!r}")
        check(len(self.label), 75, f"option label {self.label!r}")
        if not self.value or not self.label:
            raise ValueError("an option needs a value and a label")


@dataclass(frozen=True)
class Group:
    """Options under a heading."""

    label: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        check(len(self.label), 75, f"group label {self.label!r}")
        check(len(self.options), 100, f"options in {self.label!r}")
        if not self.options:
            raise ValueError("a group needs an option")


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What all fields have. `on_change` names the action that answers a change with UpdateForm."""

    name: str
    label: str
    hint: str | None = None
    optional: bool = False
    on_change: str | None = None

    def __post_init__(self) -> None:
        check(len(self.label), 100, f"label {self.label!r}")
        check(len(self.hint or ""), 300, f"hint {self.hint!r}")
        check(len(self.name), 40, "field name")
        if self.on_change:
            action_type(self.on_change)


@dataclass(frozen=True, kw_only=True)
class TextField(_Asked):
    """One line of text, or several with multiline=True."""

    multiline: bool = False
    limit: int = 2000
    initial: str | None = None
    kind: Literal["text"] = "text"

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self.limit, 3000, "characters asked for")
        check(len(self.initial or ""), self.limit, "initial text")


@dataclass(frozen=True, kw_only=True)
class NumberField(_Asked):
    decimal: bool = False
    at_least: int | None = None
    at_most: int | None = None
    initial: Decimal | None = None
    kind: Literal["number"] = "number"


@dataclass(frozen=True, kw_only=True)
class DateField(_Asked):
    initial: date | None = None
    kind: Literal["date"] = "date"


@dataclass(frozen=True, kw_only=True)
class TimeField(_Asked):
    initial: time | None = None
    kind: Literal["time"] = "time"


@dataclass(frozen=True, kw_only=True)
class ChoiceField(_Asked):
    """One of several options, which may stand in groups."""

    options: tuple[Option | Group, ...]
    initial: str | None = None
    kind: Literal["choice"] = "choice"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_options(self.options, {self.initial} - {None})
        if len({isinstance(option, Group) for option in self.options}) > 1:
            raise ValueError("either all options stand in groups or none")


@dataclass(frozen=True, kw_only=True)
class ChoicesField(_Asked):
    """Any number of several options."""

    options: tuple[Option, ...]
    initial: tuple[str, ...] = ()
    kind: Literal["choices"] = "choices"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_options(self.options, set(self.initial))


@dataclass(frozen=True, kw_only=True)
class PersonField(_Asked):
    """A member of the workspace; the answer is their external id."""

    initial: str | None = None
    kind: Literal["person"] = "person"


@dataclass(frozen=True, kw_only=True)
class LookupField(_Asked):
    """Type-ahead: options come from the feature's lookup of this name while the member types."""

    lookup: str
    initial: Option | None = None
    kind: Literal["lookup"] = "lookup"


Field = TextField | NumberField | DateField | TimeField | ChoiceField | ChoicesField | PersonField | LookupField
Intro = Line | Quote | Facts


@dataclass(frozen=True)
class Form:
    """Asks for the fields an action lacks. The dispatcher gives it a token when it is opened."""

    title: str
    action: PartialAction
    fields: tuple[Annotated[Field, Discriminator("kind")], ...]
    submit: str
    intro: tuple[Annotated[Intro, Discriminator("kind")], ...] = ()
    token: str | None = None

    def __post_init__(self) -> None:
        check(len(self.title), 24, f"form title {self.title!r}")
        check(len(self.submit), 24, "submit label")
        check(len(self.fields) + len(self.intro), 50, "fields")
        self.action.pack(self.token or "0" * 22)
        fields = action_type(self.action.name).model_fields
        known = {field.name for field in self.fields} | set(self.action.given)
        required = {name for name, field in fields.items() if field.is_required()}
        if not required <= known <= set(fields):
            raise TypeError(f"{self.action.name} and its form disagree on {required ^ known}")

    @property
    def packed(self) -> str:
        """The action and the token, as the platform carries them with the form."""
        return self.action.pack(self.token)

    def filled(self, answers: Answers) -> "Form":
        """The form with what was typed as its initial values; what a field no longer offers is left out."""
        return replace(self, fields=tuple(_filled(field, answers.get(field.name)) for field in self.fields))


def _filled(field: Field, answer: Any) -> Field:
    if not answer:
        return field
    try:
        match field:
            case TextField(limit=limit):
                return replace(field, initial=answer[:limit])
            case NumberField():
                number = Decimal(answer)  # neither NaN nor 1e999999 can be shown again
                return replace(field, initial=number) if number.is_finite() and abs(number.adjusted()) < 15 else field
            case DateField():
                return replace(field, initial=date.fromisoformat(answer))
            case TimeField():
                return replace(field, initial=time.fromisoformat(answer))
            case ChoiceField() | PersonField():
                return replace(field, initial=answer)
            case ChoicesField():
                return replace(field, initial=tuple(answer))
            case LookupField():
                return field  # its label is known to the platform only, which keeps the choice itself
    except (ValueError, InvalidOperation):
        return field


def flat(options: tuple[Option | Group, ...]) -> list[Option]:
    """The options without their groups."""
    return [o for item in options for o in (item.options if isinstance(item, Group) else (item,))]


def _check_options(options: tuple[Option | Group, ...], initial: set[str | None]) -> None:
    check(len(options), 100, "options")
    values = [option.value for option in flat(options)]
    if not values or len(set(values)) < len(values):
        raise ValueError("options are missing or repeat")
    if not initial <= set(values):
        raise ValueError(f"{initial} is not offered")


@cache
def _forms() -> TypeAdapter[Form]:
    """Made when it is first used: that takes 10 ms, and only a platform that has forms travel with people needs it."""
    return TypeAdapter(Form)


def form_to_json(form: Form) -> str:
    return _forms().dump_json(form).decode()


def form_from_json(text: str) -> Form:
    return _forms().validate_json(text)
