"""Roles, formats, half-days and the like as people say them."""

from collections.abc import Iterable, Mapping

from bot.core.forms import Option
from bot.core.language import _, day, fill, listed
from bot.core.limits import clip
from bot.core.ui import Line
from bot.features.gemba.half_days import HalfDay
from bot.features.gemba.words import FORMATS, ROLES, THEMES, codes, folded
from storage.gemba import GembaSignUp


def role(code: str) -> str:
    return _(ROLES[code]) if code in ROLES else _("something else")


def theme(code: str) -> str:
    return _(THEMES[code]) if code in THEMES else _("something else")


def format_of(code: str) -> str:
    return _(FORMATS[code]) if code in FORMATS else _("something else")


def roles(text: str) -> str:
    return listed([role(code) for code in codes(text)])


def themes(text: str) -> str:
    return listed([theme(code) for code in codes(text)])


def shown_by(host: GembaSignUp) -> str:
    """What a visitor would see with somebody."""
    return f"{role(host.role)}. {clip(host.job, 400)}".strip()


def place_of(host: GembaSignUp | None, visitor: GembaSignUp | None) -> str:
    """Whoever works elsewhere need not travel to a host who can be visited remotely, too."""
    if host is None or not host.place:
        return _("remotely")
    place = clip(host.place, 80)
    if not host.is_remote or (visitor and folded(visitor.place) == folded(host.place)):
        return place
    return fill(_("{place}, or remotely"), place=place)


def formats(text: str) -> str:
    return listed([format_of(code) for code in codes(text)])


def half_day(found: HalfDay) -> str:
    """ "Mon 7 Dec 2026, 09:00 to 13:00": as the clocks of whoever it belongs to show it."""
    times = {"opens": f"{found.opens:%H:%M}", "closes": f"{found.closes:%H:%M}"}
    return fill(_("{day}, {opens} to {closes}"), day=day(found.on), **times)


def drawn_with(seed: int) -> Line:
    """To whoever organises it."""
    return Line(fill(_("Draw {seed}. The same sign-ups always make the same pairs."), seed=seed))


def options(words: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(code, clip(_(label), 70)) for code, label in words.items())


def half_day_options(found: Iterable[HalfDay]) -> tuple[Option, ...]:
    return tuple(Option(each.label, clip(half_day(each), 70)) for each in found)[:100]
