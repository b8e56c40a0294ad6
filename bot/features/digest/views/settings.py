"""How the settings of digests look: which channels have one and when, and the form that changes it."""

from collections.abc import Sequence
from datetime import date, time

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, ChoicesField, Form, Option, TimeField
from bot.core.language import N_, _, fill, listed, weekday_name
from bot.core.limits import clip
from bot.core.recurrence import EVERY_DAY
from bot.core.ui import Bold, Button, Buttons, Code, FormButton, Line, Message, Part, When, line
from bot.features.digest.actions import ChangeSettings, OpenSettings, Preview
from bot.features.digest.facts import SECTIONS, Section
from bot.features.digest.settings import Wish
from storage.channels import Channel

USUAL, WORKING_DAYS = time(9), "12345"
SHOWN = 20  # channels
_SECTIONS: dict[Section, str] = {
    "numbers": N_("Leads by source"),
    "codes": N_("What sellers said"),
    "clocks": N_("What waits on each side"),
    "receipts": N_("You said, marketing answered"),
    "praise": N_("Praise"),
    "items": N_("Open items, to take"),
    "week": N_("A chart of last week"),
}


def overview(wishes: Sequence[Wish], useful: tuple[int, int], *, is_admin: bool) -> Message:
    """Who gets a digest, and when."""
    lines: list[Part] = [_wish(wish) for wish in wishes[:SHOWN]]
    if not lines:
        lines = [Line(_("There is no channel for sales, marketing or both that I may speak in: /parley setup"))]
    if sum(useful):
        sentence = _("The last one: useful, say {yes}; not useful, say {no}.")
        lines.append(Line(fill(sentence, yes=useful[0], no=useful[1])))
    settings = [FormButton(_("Settings..."), OpenSettings())] if is_admin and wishes else []
    return Message(
        _("Daily digest"), *lines, *([Buttons(Button(_("Preview"), Preview()), *settings)] if wishes else [])
    )


def saved(wishes: Sequence[Wish]) -> Message:
    return Message(
        _("Saved."), *map(_wish, wishes[:SHOWN]), Buttons(Button(_("Preview"), Preview(channel=wishes[0].channel.id)))
    )


def unknown(text: str, near: str | None) -> Message:
    known = line(
        _("Type {now}, {settings} or {alone}."),
        now=Code("/digest now"),
        settings=Code("/digest settings"),
        alone=Code("/digest"),
    )
    meant = [line(_("Did you mean {command}?"), command=Code(f"/digest {near}"))] if near else []
    return Message(clip(fill(_("I do not know “{text}”."), text=clip(text, 80)), 150), *meant, known)


def nobody_yet() -> list[Part]:
    """At an admin's home, as long as no channel has one."""
    sentence = _("No channel gets the daily digest yet.")
    return [Line(sentence), Buttons(FormButton(_("Daily digest..."), OpenSettings()))]


def form(meant: Wish, chosen: Sequence[Wish], possible: Sequence[Wish], zone: str) -> Form:
    """The settings of a channel, to be saved for all that are chosen."""
    at = time.fromisoformat(meant.schedule.wall) if meant.schedule else USUAL
    days = meant.schedule.days if meant.schedule else WORKING_DAYS
    return Form(
        _("Daily digest"),
        PartialAction.of(ChangeSettings),
        (
            ChoicesField(
                name="channels",
                label=_("Channels"),
                hint=_("What follows is saved for each of them."),
                options=tuple(Option(str(wish.channel.id), _name(wish.channel, 70)) for wish in possible[:100]),
                initial=tuple(str(wish.channel.id) for wish in chosen),
            ),
            TimeField(name="at", label=_("At"), hint=fill(_("As clocks show it in {zone}."), zone=zone), initial=at),
            ChoicesField(
                name="days",
                label=_("On these days"),
                hint=_("Choose none, and there is no digest. Public holidays are left out."),
                options=tuple(Option(str(n), weekday_name(date(2026, 11, 22 + n))) for n in sorted(EVERY_DAY)),
                initial=tuple(days),
                optional=True,
            ),
            ChoicesField(
                name="sections",
                label=_("What is in it"),
                hint=_("Where people of other organisations read along, only figures are shown."),
                options=tuple(Option(name, _(label)) for name, label in _SECTIONS.items()),
                initial=tuple(name for name in SECTIONS if name in meant.plan.sections.split(",")),
                optional=True,
            ),
            ChoiceField(
                name="empty",
                label=_("When nothing has happened"),
                options=(Option("say", _("Say so in one line")), Option("nothing", _("Say nothing"))),
                initial="say" if meant.plan.says_when_empty else "nothing",
            ),
        ),
        _("Save"),
    )


def _wish(wish: Wish) -> Line:
    name = Bold(_name(wish.channel, 60))
    if wish.schedule is None:
        return line(_("{channel}: no digest"), channel=name)
    days = listed([weekday_name(date(2026, 11, 22 + int(n))) for n in wish.schedule.days])
    when = fill(_("at {time} ({zone}), {days}"), time=wish.schedule.wall, zone=wish.schedule.timezone, days=days)
    note = "" if not wish.channel.is_shared else "  " + _("Figures only, for other organisations read along.")
    return line(
        _("{channel}: {when}; next {next}.{note}"), channel=name, when=when, next=When(wish.schedule.next_at), note=note
    )


def _name(channel: Channel, limit: int) -> str:
    return clip(f"#{channel.name or channel.external_id}", limit)
