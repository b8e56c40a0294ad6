"""Actions on the wire: packed into a button, unpacked whole, and what is wrong with what was typed, in words."""

from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from pydantic import Field, ValidationError

from bot.core import action as module
from bot.core.action import Action, PartialAction, UnknownAction, Unpacked, action_type, explain
from bot.core.limits import BUTTON_VALUE, FORM_METADATA, LimitExceeded


@pytest.fixture(scope="module")
def feed():
    class Feed(Action, name="zoo.feed"):
        animal: int
        food: str = Field(min_length=3, max_length=2000)
        grams: Decimal | None = Field(default=None, ge=1, le=500)
        again: int | None = Field(default=None, le=9)
        on: date | None = None
        how: Literal["slowly", "quickly"] = "slowly"

    yield Feed
    del module._registry["zoo.feed"]  # it is no action of Parley's


def test_an_action_comes_back_as_it_was_packed(feed):
    packed = feed(animal=7, food="hay & <straw>", grams=Decimal("2.50"), on=date(2026, 11, 30))
    assert Unpacked(packed.pack()).complete({}) == packed
    assert packed.pack() == '["zoo.feed",{"animal":7,"food":"hay & <straw>","grams":"2.50","on":"2026-11-30"}]'


def test_what_was_typed_fills_in_what_lacks_and_replaces_nothing(feed):
    form = PartialAction.of("zoo.feed", animal=7, grams=None).pack(token="abc")
    unpacked = Unpacked(form)
    assert (unpacked.type, unpacked.given, unpacked.token) == (feed, {"animal": 7}, "abc")
    assert unpacked.complete({"food": "  hay ", "animal": "8"}) == feed(animal=7, food="hay")
    assert PartialAction.of(feed, animal=7) == PartialAction.of("zoo.feed", animal=7)


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "nonsense",
        "[]",
        '"zoo.feed"',
        "7",
        '["zoo.feed"]',
        '["zoo.gone",{}]',
        '["zoo.feed",7]',
        '["zoo.feed",{"animal":3000000000}]',
        '["zoo.feed",{"animal":7,"food":"hay\\u0000"}]',
        "[[],{}]",
        "[" * 9999,
    ],
)
def test_what_is_no_action_of_ours_is_unknown(feed, packed):
    with pytest.raises(UnknownAction):
        Unpacked(packed)
    with pytest.raises(UnknownAction):
        action_type(packed)


def test_an_action_that_a_platform_would_cut_is_refused_when_it_is_packed(feed):
    overhead = len(feed(animal=7, food="hay").pack()) - len("hay")
    feed(animal=7, food="h" * (BUTTON_VALUE - overhead)).pack()
    with pytest.raises(LimitExceeded):
        feed(animal=7, food="h" * (BUTTON_VALUE - overhead + 1)).pack()
    longer = PartialAction.of("zoo.feed", food="h" * (FORM_METADATA - overhead - 20))
    with pytest.raises(LimitExceeded):
        longer.pack()
    assert longer.pack(token="abc"), "a form holds more than a button"


def test_an_action_cannot_be_changed_and_a_name_is_taken_once(feed):
    with pytest.raises(ValidationError):
        feed(animal=7, food="hay").animal = 8
    with pytest.raises(TypeError, match=r"zoo\.feed"):

        class Again(Action, name="zoo.feed"):
            pass


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Please fill this in."),
        ({"food": None}, "Please fill this in."),
        ({"food": "x"}, "Please write at least 3 characters."),
        ({"food": "x" * 2001}, "Please write at most 2000 characters."),
        ({"grams": "much"}, "Please write a number."),
        ({"grams": "0"}, "Please write a number of at least 1."),
        ({"grams": "501"}, "Please write a number of at most 500."),
        ({"again": "2.5"}, "Please write a number."),
        ({"on": "tomorrow"}, "Please write a date such as 2026-11-30."),
        ({"how": "never"}, "This cannot be right. Please check it."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(feed, typed, said):
    wrong = next(iter(typed), "food")
    with pytest.raises(ValidationError) as failure:
        feed(**{"animal": 7, **({} if wrong == "food" else {"food": "hay"}), **typed})
    assert explain(failure.value) == {wrong: said}
