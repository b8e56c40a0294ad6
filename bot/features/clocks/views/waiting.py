"""How clocks look: what waits for me, until when, nudges, and the report of both sides; pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.action import PartialAction
from bot.core.language import N_, _, day, fill, ngettext, number
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Message, Part, Table, When, line
from bot.features.clocks.actions import ShowMine
from bot.features.clocks.reporting import DAYS, ClockReport, Figures
from bot.features.clocks.service import Waiting
from storage.clocks import Clock

SHOWN, ALL = 10, 40
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_TO_DO = {
    "S1": N_("accept it, or say why not"),
    "S2": N_("contact them for the first time"),
    "S3": N_("qualify it, disqualify it or keep it for later"),
    "M1": N_("acknowledge it (say that you have seen it)"),
    "M2": N_("decide"),
}
NAMES = {
    "S1": N_("Accept"),
    "S2": N_("First attempt"),
    "S3": N_("Qualify or say why not"),
    "M1": N_("Acknowledge"),
    "M2": N_("Decide"),
    "M3": N_("Send the answer"),
}


@dataclass(frozen=True)
class Shown:
    """One thing that waits, with what it is called."""

    waiting: Waiting
    title: str
    key: str | None  # the lead's, if it is one
    person: str | None  # for whom the reader stands in


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


@dataclass(frozen=True)
class Nudged:
    """All that a nudge shows."""

    clock: Clock
    title: str
    key: str | None  # the lead's, if it is one
    cycle: int  # of the lead
    due_at: datetime | None
    person: str | None  # who is responsible, if it is somebody else than the reader
    is_theirs: bool  # the reader's
    is_over: bool
    is_to_act: bool  # the reader is asked to do it, not only told
    is_able: bool  # the reader may do it


def nudge(shown: Nudged) -> Message:
    """In private: what waits, until when, and the buttons to do it."""
    name = clip(_name(shown.title, shown.key), 90)
    if shown.is_theirs:
        headline = fill(_("{what} waits for you"), what=name)
    elif shown.person:
        headline = fill(_("{what} waits for {who}"), what=name, who=clip(shown.person, 40))
    else:
        headline = fill(_("Nobody has taken {what} yet"), what=name)
    parts: list[Part] = [line(_("To do: {doing}"), doing=_(_TO_DO[shown.clock.kind]))]
    if shown.cycle > 1 and shown.clock.kind == "S1":
        parts.append(Line(_("It was kept for later, and is back.")))
    if shown.due_at:
        sentence = (
            _("The time is over. Deadline: {when}")
            if shown.is_over
            else _("Half of the time is over. Deadline: {when}")
        )
        parts.append(line(sentence, when=When(shown.due_at)))
    if shown.is_to_act and not shown.is_theirs and shown.person:
        sentence = _("You stand in for {who}, so you can do it too.") if shown.is_able else _("You stand in for {who}.")
        parts.append(line(sentence, who=clip(shown.person, 80)))
    elif not shown.is_to_act:
        parts.append(Line(_("You read this, in private, because you lead the side or the person.")))
    deeds = _deeds(shown)
    return Message(headline, *parts, *([Buttons(*deeds)] if deeds else []))


def over(title: str, key: str | None) -> Message:
    """What is left of a nudge once it is done, or is somebody else's."""
    return Message(clip(_name(title, key), 140), Line(_("Nothing to do here any more.")))


def nothing_held() -> Message:
    """What is left of a summary once nothing of it waits."""
    return Message(_("Nothing to do here any more."))


def held(found: Sequence[tuple[str, str | None]]) -> Message:
    """What somebody was not nudged about yesterday, in one message."""
    headline = ngettext("Something more waits for you", "{n} more things wait for you", len(found)).format(n=len(found))
    lines = [Line(clip(_name(*each), 140)) for each in found[:ALL]]
    return Message(headline, *lines, Buttons(Button(_("Until when?"), ShowMine())))


def _deeds(shown: Nudged) -> list[Button | FormButton]:
    """What stops the clock, linked by wire name; whoever is only told can have a look."""
    subject_id = shown.clock.subject_id
    lead = {"lead": subject_id, "cycle": shown.cycle}
    see: list[Button | FormButton] = [Button(_("Show the lead"), PartialAction.of("leads.show", lead=subject_id))]
    match shown.clock.kind:
        case "M1" | "M2" if not shown.is_able:
            return []
        case "M1":
            return [
                Button(_("Acknowledge"), PartialAction.of("cases.acknowledge", case=subject_id), "good"),
                FormButton(_("Decide..."), PartialAction.of("cases.open_decision", case=subject_id)),
            ]
        case "M2":
            return [FormButton(_("Decide..."), PartialAction.of("cases.open_decision", case=subject_id), "good")]
        case _ if not shown.is_able:
            return see
        case "S1":
            act, label, kind, other = "accept", _("Accept"), "reject", _("Reject...")
        case "S2":
            act, label, kind, other = "attempt", _("I tried to reach them"), "recycle", _("Not now...")
        case _:
            return [FormButton(_("Not now..."), PartialAction.of("feedback.open", kind="recycle", **lead)), *see]
    return [
        Button(label, PartialAction.of("leads.move", act=act, **lead), "good"),
        FormButton(other, PartialAction.of("feedback.open", kind=kind, **lead)),
        *see,
    ]


def _name(title: str, key: str | None) -> str:
    return f"{clip(key, 40)} · {clip(title, 90)}" if key else clip(title, 130)


def _lines(found: Mine) -> list[Part]:
    lines: list[Part] = [_line(each, found.now, found.zone) for each in found.shown]
    return [*lines, *([Line(fill(_("... and {n} more."), n=found.more))] if found.more else [])]


def _line(shown: Shown, now: datetime, zone: ZoneInfo) -> Line:
    doing, due = _(_TO_DO[shown.waiting.clock.kind]), _due(shown.waiting, now, zone)
    whose = [fill(_("waits for {who}"), who=clip(shown.person, 80))] if shown.person else []
    return Line(Bold(_name(shown.title, shown.key)), "  ", " · ".join([doing, due, *whose]))


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


def report(found: ClockReport) -> Message:
    """Both sides side by side, and what was left out."""
    title = fill(_("Clocks of the last {n} days"), n=DAYS)
    if not any(figures.n or figures.left_out for figures in found.figures.values()):
        return Message(title, Line(_("No clock was started.")))
    header = (_("Sales"), *_columns(), _("Marketing"), *_columns())
    kinds = (("S1", "M1"), ("S2", "M2"), ("S3", "M3"))
    rows = tuple((*_cells(found.figures[sales]), *_cells(found.figures[marketing])) for sales, marketing in kinds)
    return Message(title, Table(header, rows), *(Line(sentence) for sentence in remarks(found)))


def remarks(found: ClockReport) -> list[str]:
    """What is not in the figures, and why."""
    causes = {
        "running": _("Not counted, as there is still time: {n}"),
        "paused": _("Not counted, as they wait for marketing's answer: {n}"),
        "undone": _("Not counted, as what started them was undone: {n}"),
        "unworked": _("Not counted, as nobody responsible has working hours: {n}"),
    }
    counts = {cause: sum(f.left_out[cause] for f in found.figures.values()) for cause in causes}
    said = [_("In time: the share, and its 95 % interval. Median: half were done within so much working time.")]
    said += [fill(causes[cause], n=n) for cause, n in counts.items() if n]
    return [*said, *([_("There were more; these are the newest.")] if found.is_cut else [])]


def _columns() -> tuple[str, ...]:
    return (_("n"), _("In time"), _("Median"), _("90 % within"))


def _cells(figures: Figures) -> tuple[str, ...]:
    name = _(NAMES[figures.kind])
    if figures.share is None:
        return (name, "0", "-", "-", "-")
    share, low, high = (number(round(100 * value)) for value in figures.share)
    in_time = fill(_("{share} % ({low} to {high})"), share=share, low=low, high=high)
    return (name, number(figures.n), in_time, _took(figures.median), _took(figures.p90))


def _took(time: timedelta | None) -> str:
    if time is None:
        return "-"
    if time < _MINUTE:
        return _("under 1 min")
    if time < _HOUR:
        return fill(_("{n} min"), n=time // _MINUTE)
    return fill(_("{n} h"), n=number(round(time / _HOUR, 1)))
