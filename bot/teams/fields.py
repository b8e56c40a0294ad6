"""The fields of a form as Adaptive Card inputs, and what was typed into them read back. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, assert_never
from urllib.parse import unquote

from bot.core import forms, ui
from bot.core.language import _

Element = dict[str, Any]
Sign = Callable[[str], str]
PEOPLE = "graph.microsoft.com/users"
MENU_OPTIONS = 100


def field_elements(
    form: forms.Form,
    errors: Mapping[str, str],
    answers: forms.Answers,
    carried: Element,
    labels: Mapping[str, str],
) -> list[Element]:
    """The inputs of a form with what was typed, each below its error; `carried` travels with an update."""
    # A required input that is empty would keep the update button from being pressed: then only the server insists.
    insists = not any(field.on_change for field in form.fields)
    drawn: list[Element] = []
    for field in form.filled(answers).fields:
        if field.name in errors:
            drawn.append({"type": "RichTextBlock", "inlines": [run(errors[field.name], color="Attention")]})
        face: Element = {"id": field.name, "label": shown(field.label)}
        if insists and not field.optional:
            face |= {"isRequired": True, "errorMessage": _("Please fill this in.")}
        answer = answers.get(field.name)
        drawn.append(_input(field, answer if isinstance(answer, str) else None, labels) | face)
        if field.hint:
            hint = run(field.hint, size="Small", isSubtle=True)
            drawn.append({"type": "RichTextBlock", "spacing": "Small", "inlines": [hint]})
        if field.on_change:
            drawn.append(_update_button(field.name, carried))
    return drawn


def answers(form: forms.Form, data: Mapping[str, Any]) -> forms.Answers:
    """What was typed and chosen, by field name, from the data of a submitted dialog."""
    found: dict[str, str | list[str]] = {}
    for field in form.fields:
        value = data.get(field.name)
        typed = value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
        if typed:
            is_many = isinstance(field, forms.ChoicesField)
            found[field.name] = [unquote(chosen) for chosen in typed.split(",")] if is_many else typed
    return found


def options(found: Sequence[forms.Option | forms.Group]) -> Element:
    """The answer to a Data.Query."""
    results = _choices(tuple(found))[:MENU_OPTIONS]
    return {"type": "application/vnd.microsoft.search.searchResponse", "value": {"results": results}}


def signed(key: str, carried: str, sign: Sign) -> Element:
    """What travels through the client, and its HMAC."""
    return {key: carried, "mac": sign(carried)}


def run(text: str, **style: Any) -> Element:
    return {"type": "TextRun", "text": shown(text), **style}


def shown(text: str) -> str:
    """Text in which Teams finds neither a mention nor a date to fill in."""
    return re.sub("<(?=/?at)", "<\u2060", without_dates(ui.visible(text))) or " "


def without_dates(text: str) -> str:
    """Text without anything Teams takes for a {{DATE(...)}} to fill in."""
    return re.sub(r"{(?={)", "{\u2060", text)


def _input(field: forms.Field, answer: str | None, labels: Mapping[str, str]) -> Element:
    match field:
        case forms.TextField(multiline=multiline, limit=limit, initial=initial):
            return _with({"type": "Input.Text", "isMultiline": multiline, "maxLength": limit}, value=initial)
        case forms.NumberField(at_least=least, at_most=most, initial=number):
            return _with({"type": "Input.Number"}, min=least, max=most, value=_json_number(number))
        case forms.DateField(initial=date):
            return _with({"type": "Input.Date"}, value=date and date.isoformat())
        case forms.TimeField(initial=time):
            return _with({"type": "Input.Time"}, value=time and f"{time:%H:%M}")
        case forms.ChoiceField(options=offered, initial=initial):
            return _with({"type": "Input.ChoiceSet", "choices": _choices(offered)}, value=initial)
        case forms.ChoicesField(options=offered, initial=chosen):
            # Teams joins what is chosen with commas.
            choices = [choice | {"value": _quoted(choice["value"])} for choice in _choices(offered)]
            several = {"type": "Input.ChoiceSet", "isMultiSelect": True, "choices": choices}
            return _with(several, value=",".join(map(_quoted, chosen)) or None)
        case forms.PersonField(initial=initial):
            return _looked_up(PEOPLE, initial, labels)
        case forms.LookupField(lookup=lookup, initial=option):
            known = {option.value: option.label} if option else {}
            return _looked_up(lookup, answer or next(iter(known), None), {**known, **labels})
        case _:
            assert_never(field)


def _looked_up(dataset: str, chosen: str | None, labels: Mapping[str, str]) -> Element:
    choices = [{"title": shown(labels.get(chosen, chosen)), "value": chosen}] if chosen else []
    query = {"type": "Data.Query", "dataset": dataset}
    element = {"type": "Input.ChoiceSet", "style": "filtered", "choices": choices, "choices.data": query}
    return _with(element, value=chosen)


def _update_button(name: str, carried: Element) -> Element:
    """Asks for the form as this field's answer changes it.

    Card schema 1.5 reports no change to a bot. Teams' later valueChangedAction only resets inputs or queries a data
    set again; it cannot bring other fields. So the member presses a button, and the answer is the next dialog.
    """
    update = {"type": "Action.Submit", "title": _("Update the form"), "data": {"parley": {**carried, "change": name}}}
    return {"type": "ActionSet", "spacing": "Small", "actions": [update]}


def _choices(offered: tuple[forms.Option | forms.Group, ...]) -> list[Element]:
    """A choice set has no groups: the group's name goes in front."""
    choices: list[Element] = []
    for item in offered:
        if isinstance(item, forms.Group):
            choices += [_choice(option, f"{item.label} · {option.label}") for option in item.options]
        else:
            choices.append(_choice(item, item.label))
    return choices


def _choice(option: forms.Option, title: str) -> Element:
    return {"title": shown(title), "value": option.value}


def _quoted(value: str) -> str:
    return value.replace("%", "%25").replace(",", "%2C")


def _json_number(number: Decimal | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _with(element: Element, **given: Any) -> Element:
    return element | {key: value for key, value in given.items() if value is not None}
