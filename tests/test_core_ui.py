"""The vocabulary of messages: what can be built will fit, and text people wrote stays within its sentence."""

import json
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.action import PartialAction
from bot.core.limits import LimitExceeded, check, clip, drawn_length, escaped_length
from bot.core.ui import (
    Bold,
    Button,
    Buttons,
    Chart,
    Code,
    Facts,
    File,
    Line,
    Link,
    LinkButton,
    Mention,
    Message,
    Meter,
    Quote,
    Table,
    When,
    from_json,
    line,
    to_json,
    visible,
)

DO = PartialAction.of("zoo.do")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ANY = Line("x")


@pytest.mark.parametrize(
    ("fits", "build"),
    [
        (150, lambda n: Message("x" * n)),
        (30, lambda n: Message("&" * n)),  # &amp;
        (45, lambda n: Message("x", *[ANY] * n)),
        (2900, lambda n: Line("x" * n)),
        (1450, lambda n: Line("x" * n, Bold("x" * n))),
        (2900, lambda n: Quote("x" * n)),
        (10, lambda n: Facts(*[("a", "b")] * n)),
        (99, lambda n: Table(("a",), (("b",),) * n)),
        (20, lambda n: Table(("a",) * n, ())),
        (40, lambda n: Button("x" * n, DO)),
        (40, lambda n: LinkButton("x" * n, "https://example.com")),
        (6, lambda n: Buttons(*[Button("x", DO)] * n)),
        (1, lambda n: Message("x", *[Table(("a",), ())] * n)),
        (1, lambda n: Message("x", *[File("a", b"")] * n)),
        (12, lambda n: Chart("x", "pie", tuple(map(str, range(n))), {"a": (1.0,) * n})),
        (20, lambda n: Chart("x", "bar", tuple(map(str, range(n))), {"a": (1.0,) * n})),
        (1_000_000, lambda n: File("a", b"x" * n)),
    ],
)
def test_what_fits_can_be_built_and_one_more_cannot(fits, build):
    assert build(fits)
    with pytest.raises(LimitExceeded):
        build(fits + 1)


def test_parts_that_fit_one_by_one_may_be_too_much_together():
    quote = Quote("x" * 2900)
    assert Message("x", *[quote] * 3)
    with pytest.raises(LimitExceeded, match="message"):
        Message("x", *[quote] * 5)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Message("\u202e \x00"),
        lambda: Button("\u202e", DO),
        lambda: Buttons(),
        lambda: Facts(),
        lambda: Table((), ()),
        lambda: Table(("a", "b"), (("c",),)),
        lambda: Meter("x", 3, 2),
        lambda: Meter("x", -1, 2),
        lambda: When(datetime(2026, 11, 23, 8)),  # noqa: DTZ001
        lambda: Link("x", "javascript:alert(1)"),
        lambda: Link("x", "https://example.com/a|b"),
        lambda: LinkButton("x", "example.com"),
        lambda: Chart("x", "bar", (), {"a": ()}),
        lambda: Chart("x", "bar", ("a", "a"), {"a": (1.0, 2.0)}),
        lambda: Chart("x", "bar", ("a",), {"a": (float("nan"),)}),
        lambda: Chart("x", "bar", ("a", "b"), {"a": (1.0,)}),
        lambda: Chart("x", "pie", ("a",), {"a": (0.0,)}),
    ],
)
def test_what_makes_no_sense_cannot_be_built(build):
    with pytest.raises(ValueError, match=r".") as failure:
        build()
    assert not isinstance(failure.value, LimitExceeded)


def test_a_message_survives_the_outbox():
    message = Message(
        "Hello",
        Line("a ", Bold("b"), Code("c"), Link("d", "https://example.com"), Mention("U1", "Ana"), When(NOW, "date")),
        Quote("said"),
        Facts(("a", "b")),
        Table(("a",), (("b",),)),
        Meter("half", 1, 2),
        Chart("c", "line", ("a", "b"), {"s": (1.0, 2.5)}),
        Buttons(Button("Do", DO, "good"), LinkButton("Look", "https://example.com")),
        File("a.ics", b"\x00\xff"),
    )
    assert from_json(to_json(message)) == message


def test_a_meter_is_empty_only_for_nothing_and_full_only_for_all():
    filled = [Meter("x", value, of).tenths for value, of in ((0, 0), (0, 9), (1, 1000), (5, 10), (999, 1000), (7, 7))]
    assert filled == [0, 0, 1, 5, 9, 10]


def test_a_sentence_is_filled_with_spans_and_with_text_that_stays_text():
    who = Mention("U1", "Ana")
    assert line("{who} wrote {n}: {text}", who=who, n=2, text="{who} \u202eevil").spans == (
        who, " wrote ", "2", ": ", "{who} evil",
    )  # fmt: skip


@given(st.text(alphabet=st.sampled_from("ab\u2066\u2067\u2068\u2069\u202e\x07\r\n")))
def test_no_isolate_is_left_open_or_closed_twice(text):
    depth = 0
    for letter in visible(text):
        depth += (letter in "\u2066\u2067\u2068") - (letter == "\u2069")
        assert depth >= 0
    assert depth == 0
    assert not set(visible(text)) & set("\u202e\x07\r")
    assert visible(visible(text)) == visible(text)


@given(st.text(alphabet='a&<>ü"\\\n', max_size=60), st.integers(1, 50))
def test_what_is_clipped_fits_and_says_so(text, limit):
    clipped = clip(text, limit)
    assert escaped_length(clipped) <= drawn_length(clipped) <= limit
    assert drawn_length(clipped) == len(json.dumps(escape(clipped, quote=False), ensure_ascii=False)) - 2
    assert clipped == text if drawn_length(text) <= limit else clipped.endswith("…")
    assert text.startswith(clipped.removesuffix("…"))


def test_the_limit_that_is_exceeded_is_named():
    check(3, 3, "wishes")
    with pytest.raises(LimitExceeded, match="wishes: 4 where 3 fit"):
        check(4, 3, "wishes")
