"""Messages of every kind, as large as they can be built."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.core import ui
from bot.core.limits import LimitExceeded
from tests.platforms.cards import HOSTILE, Thank

PIECES = [HOSTILE, "<!channel>", "<@U1>", "&&&&", '"\\', "\n", "*b*", "[x](y)", "\u202e", "\u2068", "नमस्ते", "שלום"]


def texts(limit):
    pieces = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=12).map("".join)
    long = st.builds(lambda text, times: text * times, st.sampled_from(PIECES), st.integers(1, 3000))
    return st.one_of(pieces, pieces, long).map(lambda text: text[:limit])


def parts_of_any_kind():
    urls = st.integers(1, 1900).map(lambda n: "https://example.com/" + "a" * n)
    floats = st.floats(allow_nan=False, allow_infinity=False)
    instants = st.integers(0, 7_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
    spans = st.one_of(
        texts(400),
        st.builds(ui.Bold, texts(400)),
        st.builds(ui.Code, texts(400)),
        st.builds(ui.Link, texts(100), urls),
        st.builds(ui.Mention, st.sampled_from(["U1", "W2", "import 3", "<!here>"]), texts(40)),
        st.builds(ui.When, instants, st.sampled_from(["date", "time", "both"])),
    )
    actions = st.builds(Thank, times=st.integers(), note=texts(500))
    buttons = st.one_of(
        st.builds(built(ui.Button), texts(40), actions, st.sampled_from(["plain", "good", "grave"])),
        st.builds(built(ui.FormButton), texts(40), actions),
        st.builds(built(ui.LinkButton), texts(40), urls),
    ).filter(bool)
    return st.one_of(
        st.lists(spans, max_size=12).map(lambda spans: built(ui.Line)(*spans)),
        st.builds(built(ui.Quote), texts(2900)),
        st.lists(st.tuples(texts(60), texts(900)), min_size=1, max_size=10).map(lambda pairs: built(ui.Facts)(*pairs)),
        st.integers(1, 20).flatmap(tables),
        st.builds(built(ui.Meter), texts(200), st.integers(0, 10**9), st.integers(0, 10**9)),
        st.builds(
            built(chart),
            texts(50),
            st.sampled_from(["bar", "line", "pie"]),
            st.lists(texts(20), min_size=1, max_size=20, unique=True),
            st.dictionaries(texts(20), st.lists(floats, min_size=20, max_size=20), min_size=1, max_size=6),
        ),
        st.lists(buttons, min_size=1, max_size=6).map(lambda row: ui.Buttons(*row)),
        st.just(ui.File("<at>a</at>.ics", b"x")),
    ).filter(lambda part: part is not None)


def tables(width):
    row = st.lists(texts(60), min_size=width, max_size=width).map(tuple)
    return st.builds(built(ui.Table), row, st.lists(row, max_size=99).map(tuple))


def chart(title, kind, categories, series):
    if kind == "pie":
        categories, series = categories[:12], dict(list(series.items())[:1])
        series = {name: [abs(value) or 1.0 for value in values] for name, values in series.items()}
    return ui.Chart(title, kind, tuple(categories), {n: tuple(v[: len(categories)]) for n, v in series.items()})


def built(noun):
    def build(*values):
        try:
            return noun(*values)
        except ValueError:
            return None

    return build


def messages():
    return st.builds(largest, texts(150), st.lists(parts_of_any_kind(), max_size=20))


def largest(headline, parts):
    """The message of as many of the parts as it takes."""
    message = built(ui.Message)(headline) or ui.Message("Hello")
    for part in parts:
        message = built(ui.Message)(message.headline, *message.parts, part) or message
    return message


def parts():
    """Nouns to fill a message with."""
    hostile = ui.visible(HOSTILE)
    categories = tuple(f"category {n:02d}" for n in range(20))
    return [
        ui.Line("a"),
        ui.Line(*["a"] * 50),
        ui.Line(*[ui.Bold("&")] * 50),
        ui.Line(*[ui.When(datetime(2026, 9, 30, 12, tzinfo=UTC))] * 40),
        ui.Line(*[ui.Mention("U0123456789", "Ana")] * 100),
        ui.Line(*[ui.Link("x", "https://example.com/" + '"' * 900)] * 2),
        ui.Line("x" * 2900),
        ui.Quote('"\\' * 1450),
        ui.Quote("\n" * 480),
        ui.Quote(hostile),
        ui.Facts(*[("n", "שלום")] * 10),
        ui.Facts(*[(hostile, hostile)] * 3),
        ui.Table(("a",) * 20, (("b",) * 20,) * 12),
        ui.Table(("a",), (("x" * 90,),) * 80),
        ui.Meter("Goal", 999_999_999, 999_999_999),
        ui.Chart("c" * 50, "bar", categories, {str(n): (1 / 3,) * 20 for n in "abc"}),
        ui.Chart("c", "pie", tuple("abcdefghijkl"), {"s": (0.123456789,) * 12}),
        ui.Buttons(*[ui.Button("x" * 40, Thank(note='"' * 300), "grave")] * 6),
        ui.Buttons(*[ui.FormButton("Go", Thank())] * 6),
        ui.Buttons(*[ui.LinkButton("Go", "https://example.com/")] * 6),
    ]


def crowded(part):
    """A message with as many of the part as it takes."""
    message = ui.Message("h" * 150)
    try:
        while True:
            message = ui.Message(message.headline, *message.parts, part)
    except LimitExceeded:
        return message
