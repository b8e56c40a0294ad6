"""The language sentences are spoken in: set for each recipient, read by `_` and `ngettext`.

English is the source. A sentence is marked where it is written, `_("Accepted by {name}.")`, and is
translated when the view runs, in the language of the person or channel that will read it.
"""

import gettext as _gettext
import re
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path
from unicodedata import bidirectional

import babel.dates
import babel.lists
import babel.numbers

SOURCE = "en"
LOCALES = Path(__file__).parent.parent / "locales"

_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


def _(sentence: str) -> str:
    return _translations(_spoken.get()).gettext(sentence)


def ngettext(one: str, many: str, n: int) -> str:
    return _translations(_spoken.get()).ngettext(one, many, n)


def N_(sentence: str) -> str:
    """Mark a sentence that is kept as data; the view that shows it translates it with `_`."""
    return sentence


class speaking:
    """Speak this language inside the block."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __enter__(self) -> None:
        self._token = _spoken.set(self._language)

    def __exit__(self, *_: object) -> None:
        _spoken.reset(self._token)


def speak(language: str) -> None:
    """Speak this language from here on, in this task and in those it starts."""
    _spoken.set(language)


def spoken() -> str:
    return _spoken.get()


@cache
def _translations(language: str) -> _gettext.NullTranslations:
    return _gettext.translation("parley", LOCALES, [language], fallback=True)


@cache
def languages() -> tuple[str, ...]:
    """The languages Parley has sentences in."""
    return (SOURCE, *sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/parley.mo")))


def choose(*wanted: str | None) -> str:
    """The first wanted language that Parley speaks; locales such as `pt-BR` count as `pt`."""
    for locale in wanted:
        for language in (locale, locale and locale.replace("_", "-").split("-")[0]):
            if language in languages():
                return language
    return SOURCE


def isolate(text: str) -> str:
    """Text people wrote, inside a sentence: kept from disturbing its order where either runs right to left."""
    has_other = not text.isascii() and any(bidirectional(letter) in ("R", "AL") for letter in text)
    if has_other or _runs_right_to_left(_spoken.get()):
        return f"\u2068{text}\u2069"
    return text


def fill(sentence: str, **values: str | int) -> str:
    """A translated sentence with its {names} filled in; strings are text people wrote."""
    return sentence.format(**{k: isolate(v) if isinstance(v, str) else v for k, v in values.items()})


def day(value: date) -> str:
    return babel.dates.format_date(value, "EEE d MMM y", locale=_locale())


def day_and_month(value: date) -> str:
    return babel.dates.format_skeleton("MMMd", value, locale=_locale())


def weekday(value: date) -> str:
    """Its short name and the day of the month: "Mon 23"."""
    return babel.dates.format_skeleton("Ed", value, locale=_locale())


def weekday_name(value: date) -> str:
    return babel.dates.format_date(value, "EEEE", locale=_locale())


def number(value: int | float) -> str:
    return babel.numbers.format_decimal(value, locale=_locale())


def money(cents: int) -> str:
    """An amount without its currency: whole, or with two decimals."""
    return babel.numbers.format_decimal(cents / 100, "#,##0.00" if cents % 100 else "#,##0", locale=_locale())


def listed(items: list[str]) -> str:
    return babel.lists.format_list(items, locale=_locale())


def prepare() -> None:
    """Load what speaking needs, so that the first sentence does not wait for it."""
    for language in languages():
        with speaking(language):
            day(date(2026, 1, 1)), number(1.5), listed(["a", "b"]), _("")


@cache
def _babel_locale(language: str) -> babel.Locale:
    try:
        return babel.Locale.parse(language, sep="-")
    except (babel.UnknownLocaleError, ValueError):
        return babel.Locale.parse(SOURCE)


def _locale() -> babel.Locale:
    return _babel_locale(_spoken.get())


def _runs_right_to_left(language: str) -> bool:
    return _babel_locale(language).text_direction == "rtl"


_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def visible(text: str) -> str:
    """The text without what could disturb the text around it: control characters, overrides and isolates left open."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    opened: list[int] = []
    stray: set[int] = set()
    for n, letter in enumerate(text):
        if letter in "\u2066\u2067\u2068":
            opened.append(n)
        elif letter == "\u2069":
            if opened:
                opened.pop()
            else:
                stray.add(n)
    stray.update(opened)
    return "".join(letter for n, letter in enumerate(text) if n not in stray) if stray else text
