"""Forms: they ask for what their action lacks, no more and no less, and keep what was typed."""

from datetime import date, time
from decimal import Decimal

import pytest

from bot.core import action as module
from bot.core.action import Action, PartialAction, UnknownAction
from bot.core.forms import (
    ChoiceField,
    ChoicesField,
    DateField,
    Form,
    Group,
    LookupField,
    NumberField,
    Option,
    PersonField,
    TextField,
    TimeField,
    form_from_json,
    form_to_json,
)
from bot.core.limits import LimitExceeded
from bot.core.ui import Line

HAY, OATS = Option("hay", "Hay"), Option("oats", "Oats")


@pytest.fixture(autouse=True, scope="module")
def plan():
    class Plan(Action, name="zoo.plan"):
        animal: int
        food: str
        note: str = ""

    yield Plan
    del module._registry["zoo.plan"]  # it is no action of Parley's


def a_form(*fields, given=None, **more):
    action = PartialAction.of("zoo.plan", **({"animal": 7} if given is None else given))
    return Form(**{"title": "Plan", "action": action, "fields": fields, "submit": "Save", **more})


FOOD = TextField(name="food", label="Food")


def test_a_form_asks_for_what_its_action_lacks():
    assert a_form(FOOD).packed == '["zoo.plan",{"animal":7}]'
    assert a_form(FOOD, TextField(name="note", label="Note", optional=True), token="abc").packed.endswith(',"abc"]')


def test_a_form_that_leaves_something_out_or_asks_too_much_cannot_be_built():
    with pytest.raises(TypeError, match="food"):
        a_form()
    with pytest.raises(TypeError, match="animal"):
        a_form(FOOD, given={})
    with pytest.raises(TypeError):
        a_form(FOOD, TextField(name="colour", label="Colour"))
    with pytest.raises(UnknownAction):
        a_form(FOOD, action=PartialAction.of("zoo.nothing"))
    with pytest.raises(UnknownAction):
        TextField(name="food", label="Food", on_change="zoo.nothing")


@pytest.mark.parametrize(
    "build",
    [
        lambda: a_form(FOOD, title="x" * 25),
        lambda: a_form(FOOD, submit="x" * 25),
        lambda: a_form(FOOD, intro=(Line("x"),) * 50),
        lambda: a_form(FOOD, given={"animal": 7, "note": "x" * 3000}),
        lambda: TextField(name="food", label="x" * 101),
        lambda: TextField(name="food", label="Food", hint="x" * 301),
        lambda: TextField(name="food", label="Food", limit=3001),
        lambda: TextField(name="food", label="Food", limit=3, initial="oats"),
        lambda: Option("x" * 76, "Hay"),
        lambda: Option("hay", "x" * 76),
        lambda: Group("x" * 76, (HAY,)),
        lambda: ChoiceField(name="food", label="Food", options=tuple(Option(str(n), str(n)) for n in range(101))),
    ],
)
def test_what_a_platform_cannot_show_cannot_be_built(build):
    with pytest.raises(LimitExceeded):
        build()


@pytest.mark.parametrize(
    "build",
    [
        lambda: Option("", "Hay"),
        lambda: Option("hay", ""),
        lambda: Group("Good", ()),
        lambda: ChoiceField(name="food", label="Food", options=()),
        lambda: ChoiceField(name="food", label="Food", options=(HAY, HAY)),
        lambda: ChoiceField(name="food", label="Food", options=(HAY, Group("More", (OATS,)))),
        lambda: ChoiceField(name="food", label="Food", options=(HAY,), initial="oats"),
        lambda: ChoicesField(name="food", label="Food", options=(HAY,), initial=("hay", "oats")),
    ],
)
def test_choices_that_make_no_sense_cannot_be_built(build):
    with pytest.raises(ValueError, match=r"needs|missing|offered|groups"):
        build()


GROUPED = ChoiceField(name="food", label="Food", options=(Group("Good", (HAY,)), Group("Better", (OATS,))))


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        (TextField(name="food", label="Food", limit=4), "a lot", "a lo"),
        (NumberField(name="food", label="Food"), "2.50", Decimal("2.50")),
        (NumberField(name="food", label="Food"), "much", None),
        (NumberField(name="food", label="Food"), "NaN", None),
        (NumberField(name="food", label="Food"), "1e999999", None),
        (DateField(name="food", label="Food"), "2026-11-30", date(2026, 11, 30)),
        (DateField(name="food", label="Food"), "soon", None),
        (TimeField(name="food", label="Food"), "09:30", time(9, 30)),
        (TimeField(name="food", label="Food"), "25:00", None),
        (ChoiceField(name="food", label="Food", options=(HAY, OATS)), "oats", "oats"),
        (ChoiceField(name="food", label="Food", options=(HAY, OATS), initial="hay"), "straw", "hay"),
        (GROUPED, "oats", "oats"),
        (ChoicesField(name="food", label="Food", options=(HAY, OATS)), ["oats", "hay"], ("oats", "hay")),
        (PersonField(name="food", label="Food"), "U1", "U1"),
        (LookupField(name="food", label="Food", lookup="zoo.food"), "hay", None),
        (TextField(name="food", label="Food", initial="hay"), "", "hay"),
    ],
)
def test_what_was_typed_is_shown_again_where_it_can_be(field, typed, kept):
    assert a_form(field, given={"animal": 7}).filled({"food": typed}).fields[0].initial == kept


def test_a_form_survives_as_json():
    note = TextField(name="note", label="Note", optional=True, multiline=True)
    form = a_form(FOOD, note, intro=(Line("x"),), token="t")
    assert form_from_json(form_to_json(form)) == form
