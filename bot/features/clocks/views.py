"""How clocks look: what waits for me, until when; pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.action import PartialAction
from bot.core.language import N_, _, day, fill, ngettext
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Message, Part
from bot.features.clocks.actions import ShowMine
from bot.features.clocks.service import Waiting

SHOWN, ALL = 10, 40
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_TO_DO = {
    "S1": N_("accept it, or say why not"),
    "S2": N_("contact them for the first time"),
    "S3": N_("qualify it, disqualify it or keep it for later"),
    "M1": N_("acknowledge it"),
    "M2": N_("decide"),
}


@dataclass(frozen=True)
class Shown:
    """One thing that waits, with what it is called."""

    waiting: Waiting
    title: str
    key: str | None  # the lead's, if it is one


@dataclass(frozen=True)
class Mine:
    """What waits for somebody, the most urgent first, and how much more does."""

    shown: Sequence[Shown]
    more: int
    now: datetime
    zone: ZoneInfo  # the reader's


def mine(found: Mine) -> list[Part]:
    """For the member's home; nothing where nothing waits."""
    if not found.shown:
        return []
    parts = [Line(Bold(_("My clocks"))), *_lines(found), *_buttons(found.shown)]
    return [*parts, Buttons(Button(_("Show all"), ShowMine()))] if found.more else parts


def everything(found: Mine) -> Message:
    return Message(_("My clocks"), *_lines(found)) if found.shown else Message(_("Nothing waits for you."))


def _lines(found: Mine) -> list[Part]:
    lines: list[Part] = [_line(each, found.now, found.zone) for each in found.shown]
    return [*lines, *([Line(fill(_("... and {n} more."), n=found.more))] if found.more else [])]


def _line(shown: Shown, now: datetime, zone: ZoneInfo) -> Line:
    name = f"{clip(shown.key, 40)} · {clip(shown.title, 90)}" if shown.key else clip(shown.title, 130)
    doing, due = _(_TO_DO[shown.waiting.clock.kind]), _due(shown.waiting, now, zone)
    return Line(Bold(name), f"  {doing} · {due}")


def _due(waiting: Waiting, now: datetime, zone: ZoneInfo) -> str:
    if waiting.is_paused:
        return _("waits for marketing's answer")
    if waiting.due_at is None:
        return _("without a deadline")
    if waiting.late is not None:
        return _late(waiting.late)
    at, today = waiting.due_at.astimezone(zone), now.astimezone(zone).date()
    when = f"{at:%H:%M}"
    if at.date() == today:
        return fill(_("due today {time}"), time=when)
    if at.date() == today + _DAY:
        return fill(_("due tomorrow {time}"), time=when)
    return fill(_("due {day} {time}"), day=day(at.date()), time=when)


def _late(late: timedelta) -> str:
    minutes, hours = late // _MINUTE, late // _HOUR
    if minutes == 0:
        return _("due now")
    if hours == 0:
        return fill(ngettext("{n} minute late", "{n} minutes late", minutes), n=minutes)
    return fill(ngettext("{n} working hour late", "{n} working hours late", hours), n=hours)


def _buttons(shown: Sequence[Shown]) -> list[Buttons]:
    """To each lead's card, and to the decision about each case."""
    row: list[Button | FormButton] = []
    for each in shown:
        subject_id = each.waiting.clock.subject_id
        if each.key:
            row.append(Button(clip(each.key, 40), PartialAction.of("leads.show", lead=subject_id)))
        else:
            label = _("Decide: {what}").format(what=each.title)
            row.append(FormButton(clip(label, 40), PartialAction.of("cases.open_decision", case=subject_id)))
    return [Buttons(*row[start : start + 5]) for start in range(0, len(row), 5)]
