"""The words of this feature: sides, purposes, languages, days, and names kept short."""

from collections.abc import Sequence

from babel import Locale

from bot.core.forms import Option
from bot.core.language import _, fill, isolate, languages, listed, ngettext
from bot.core.limits import clip
from bot.core.ui import Line
from bot.features.people.actions import USUAL
from storage.channels import Channel, Purpose
from storage.people import Member, Side

NAMED = 5  # names in a list before the rest is counted


def side_name(side: Side | None) -> str:
    match side:
        case Side.SALES:
            return _("sales")
        case Side.MARKETING:
            return _("marketing")
        case Side.OTHER:
            return _("neither side")
        case None:
            return _("no side yet")


def side_options() -> tuple[Option, ...]:
    labels = {Side.SALES: _("Sales"), Side.MARKETING: _("Marketing"), Side.OTHER: _("Neither")}
    return tuple(Option(side.value, label) for side, label in labels.items())


def purpose_label(purpose: Purpose) -> str:
    match purpose:
        case Purpose.LEADS:
            return _("Leads")
        case Purpose.SALES:
            return _("Sales")
        case Purpose.MARKETING:
            return _("Marketing")
        case Purpose.SHARED:
            return _("Both sides")
        case Purpose.INTEL:
            return _("Field intelligence")


def purpose_sentence(purpose: Purpose) -> str:
    match purpose:
        case Purpose.LEADS:
            return _("This channel is for leads: each has a card here, and people answer it.")
        case Purpose.SALES:
            return _("This channel is for sales.")
        case Purpose.MARKETING:
            return _("This channel is for marketing: what sales says of leads arrives here.")
        case Purpose.SHARED:
            return _("This channel is for both sides, sales and marketing.")
        case Purpose.INTEL:
            return _("This channel is for what people notice in the field.")


def language_name(language: str) -> str:
    """A language as its speakers call it."""
    name = Locale.parse(language, sep="-").get_display_name(language) or language
    return name[:1].upper() + name[1:]


def language_options(usual: str | None) -> tuple[Option, ...]:
    """The languages Parley speaks, after "as usual" in these words."""
    options = [Option(language, clip(language_name(language), 75)) for language in languages()]
    return (*([Option(USUAL, usual)] if usual else []), *options)


def day_names() -> dict[str, str]:
    return {
        "mon": _("Mon"), "tue": _("Tue"), "wed": _("Wed"), "thu": _("Thu"), "fri": _("Fri"),
        "sat": _("Sat"), "sun": _("Sun"),
    }  # fmt: skip


def work_days(days: str) -> str:
    """Days of the week as people say them: a run of three or more as its first and last."""
    names, chosen = day_names(), days.split(",")
    numbers = [number for number, name in enumerate(names) if name in chosen]
    shown = [names[name] for name in names if name in chosen]
    if len(numbers) >= 3 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{shown[0]}-{shown[-1]}"
    return listed(shown)


def channel_name(channel: Channel, limit: int = 60) -> str:
    return "#" + clip(channel.name or channel.external_id, limit)


def some_channels(channels: Sequence[Channel]) -> str:
    return some([channel_name(channel) for channel in channels])


def some_members(members: Sequence[Member]) -> str:
    return some([clip(member.name, 40) for member in members])


def some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    shown = [isolate(name) for name in names[:NAMED]]
    if rest := len(names) - len(shown):
        shown.append(ngettext("{n} more", "{n} more", rest).format(n=rest))
    return listed(shown)


def tick(is_done: bool, sentence: str) -> Line:
    return Line(f"{'✓' if is_done else '○'} {sentence}")


def named(sentence: str, name: str) -> str:
    """A sentence about one name people wrote."""
    return fill(sentence, name=name)
