"""How the pulse is set up: an overview, what comes, its settings, and the bank of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, Form, NumberField, Option, TextField, TimeField
from bot.core.language import N_, _, day, fill, number, weekday_name
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, Code, FormButton, Line, Message, Part, When, line
from bot.features.pulse.actions import (
    WORDING,
    ChangeSettings,
    ChangeStatement,
    ChooseStatement,
    CloseNow,
    OpenAnswers,
    OpenSettings,
    OpenStatements,
    ShowPrivacy,
)
from bot.features.pulse.rotation import Issue
from bot.features.pulse.settings import USUAL_DAY, USUAL_TIME, Wish
from bot.features.pulse.statements import ANCHORS, Statement
from bot.features.pulse.views.cards import turnout_of
from storage.people import Side
from storage.pulse import FEWEST, FEWEST_FOR_COMMENTS, PulseWave, Skipped, WaveState

REASONS = {
    Skipped.NO_SENTENCE: N_("Pulse {n} was skipped: the last result got no sentence from the heads."),
    Skipped.TOO_FEW: N_("Pulse {n} was skipped: neither side has enough people to be shown."),
    Skipped.LATE: N_("Pulse {n} was skipped: Parley was not running."),
}
_SUNDAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Coming:
    """The questions of a week to come."""

    issue: Issue
    questions: Sequence[Statement]


def overview(wave: PulseWave | None, wish: Wish, *, is_asked: bool, is_admin: bool) -> Message:
    """What the pulse is at, to whoever asks."""
    parts: list[Part] = [*_state(wave), _when(wish)]
    buttons: list[Button | FormButton] = []
    if wave and wave.state == WaveState.OPEN:
        buttons += [FormButton(_("Answer..."), OpenAnswers(wave=wave.id))] if is_asked else []
        buttons += [Button(_("Close it now"), CloseNow(wave=wave.id), "grave")] if is_admin else []
    buttons.append(Button(_("What is stored?"), ShowPrivacy()))
    if is_admin:
        buttons += [FormButton(_("Settings..."), OpenSettings()), FormButton(_("Statements..."), OpenStatements())]
    known = line(_("Also: {next} and {results}."), next=Code("/pulse next"), results=Code("/pulse results"))
    return Message(_("Weekly pulse"), *parts, Buttons(*buttons), known)


def _state(wave: PulseWave | None) -> list[Part]:
    if wave is None:
        return []
    if wave.state == WaveState.OPEN:
        return [line(_("{turnout}. Open until {when}."), turnout=turnout_of(wave), when=When(wave.closes_at))]
    if wave.reason:
        return [Line(fill(_(REASONS[wave.reason]), n=number(wave.number)))]
    if wave.closed_at:
        sentence = _("Pulse {n} was closed {when}: {turnout}.")
        return [line(sentence, n=number(wave.number), when=When(wave.closed_at), turnout=turnout_of(wave))]
    return []


def _when(wish: Wish) -> Line:
    if wish.schedule is None:
        return Line(_("No pulse opens by itself."))
    sentence = _("The next one opens {next}: every {day} at {time} until {until} at {closes} ({zone}).")
    return line(
        sentence,
        next=When(wish.schedule.next_at),
        day=_weekday(int(wish.schedule.days)),
        time=wish.schedule.wall,
        until=_weekday(wish.settings.closes_on),
        closes=wish.settings.closes_at,
        zone=wish.schedule.timezone,
    )


def coming(weeks: Sequence[Coming], side: Side) -> Message:
    """What the next weeks ask, in the wording of a side."""
    parts: list[Part] = []
    for week in weeks:
        parts.append(Line(Bold(fill(_("Week of {day}"), day=day(week.issue.week)))))
        if week.issue.has_symptoms:
            parts.append(Line(_("The quarterly check of symptoms")))
        else:
            texts = (each.wording(side) if not each.is_shipped else _(each.wording(side)) for each in week.questions)
            parts += [Line(f"• {text}") for text in texts]
    return Message(_("What the pulse will ask, if no week is skipped"), *parts)


def opened(wave: PulseWave) -> Message:
    return Message(_("The pulse is open."), line(_("It closes {when}."), when=When(wave.closes_at)))


def closed() -> Message:
    return Message(_("The pulse is closed. Its result comes in a moment."))


def saved(wish: Wish) -> Message:
    return Message(_("Saved."), _when(wish))


def nobody_yet() -> list[Part]:
    """At an admin's home, as long as there is no pulse."""
    sentence = _("There is no weekly pulse yet: two or three taps a week tell how sales and marketing see each other.")
    return [Line(sentence), Buttons(FormButton(_("Weekly pulse..."), OpenSettings()))]


def key_missing(wave: PulseWave) -> Message:
    """To admins: people cannot answer."""
    return Message(
        _("The pulse cannot take answers"),
        Line(
            _(
                "The file of its key is not where it belongs: the folder PULSE_KEYS on the machine that runs Parley. "
                "Whoever runs Parley should look who took it away, and bring it back. What was answered so far is "
                "counted at the close in any case."
            )
        ),
        line(_("The pulse closes {when}."), when=When(wave.closes_at)),
    )


def form(wish: Wish) -> Form:
    schedule, settings = wish.schedule, wish.settings
    weekdays = tuple(Option(str(n), _weekday(n)) for n in range(1, 8))
    never = _("Leave it empty, and no pulse opens by itself.")
    fewer = _("Fewer than {n} is not possible; it holds from the next pulse on.")
    return Form(
        _("Weekly pulse"),
        PartialAction.of(ChangeSettings),
        (
            ChoiceField(
                name="opens_on",
                label=_("Opens on"),
                hint=never,
                options=weekdays,
                initial=schedule.days if schedule else str(USUAL_DAY),
                optional=True,
            ),
            TimeField(
                name="opens_at",
                label=_("at"),
                initial=time.fromisoformat(schedule.wall) if schedule else USUAL_TIME,
            ),
            ChoiceField(name="closes_on", label=_("Closes on"), options=weekdays, initial=str(settings.closes_on)),
            TimeField(name="closes_at", label=_("at"), initial=time.fromisoformat(settings.closes_at)),
            NumberField(
                name="threshold",
                label=_("Show a side from so many answers on"),
                hint=fill(fewer, n=FEWEST),
                at_least=FEWEST,
                initial=Decimal(settings.threshold),
            ),
            NumberField(
                name="comment_threshold",
                label=_("Show its comments from so many answers on"),
                hint=fill(fewer, n=FEWEST_FOR_COMMENTS),
                at_least=FEWEST_FOR_COMMENTS,
                initial=Decimal(settings.comment_threshold),
            ),
        ),
        _("Save"),
    )


def choice_of_statements(bank: Sequence[Statement]) -> Form:
    """The bank, of which one statement is to be changed."""
    options = tuple(Option(each.code, clip(f"{each.code} · {_(each.topic)}: {_words(each)[0]}", 75)) for each in bank)
    chosen = ChoiceField(name="code", label=_("Statement"), options=options)
    return Form(_("Statements"), PartialAction.of(ChooseStatement), (chosen,), _("Next"))


def statement_form(statement: Statement, is_off: bool) -> Form:
    """One statement of the bank."""
    words = _words(statement)
    empty = _("Leave it empty for the words Parley brings along.")
    return Form(
        clip(f"{statement.code} · {_(statement.topic)}", 24),
        PartialAction.of(ChangeStatement, code=statement.code),
        (
            TextField(name="sales", label=_("To sales"), hint=empty, limit=WORDING, initial=words[0], optional=True),
            TextField(
                name="marketing", label=_("To marketing"), hint=empty, limit=WORDING, initial=words[1], optional=True
            ),
            ChoiceField(
                name="asked",
                label=_("Is it asked?"),
                options=(Option("yes", _("Yes, in its turn")),)
                + ((Option("no", _("No")),) if statement.code not in ANCHORS else ()),
                initial="no" if is_off else "yes",
            ),
        ),
        _("Save"),
    )


def worded(statement: Statement) -> Message:
    words = _words(statement)
    said = _("From the next pulse on, {code} is so: to sales “{sales}”, to marketing “{marketing}”.")
    return Message(
        _("Saved."), line(said, code=statement.code, sales=words[0], marketing=words[1]), *_reversed(statement)
    )


def _words(statement: Statement) -> list[str]:
    """To sales and to marketing, in the language being spoken where the words are Parley's own."""
    return [_(text) if statement.is_shipped else text for text in (statement.sales, statement.marketing)]


def _reversed(statement: Statement) -> list[Part]:
    if not statement.is_reverse:
        return []
    return [Line(_("To agree with this one is bad; please keep it so, for it is counted the other way round."))]


def unknown(text: str, near: str | None) -> Message:
    meant = [line(_("Did you mean {command}?"), command=Code(f"/pulse {near}"))] if near else []
    known = line(
        _("Type {next}, {privacy}, {results} or {alone}."),
        next=Code("/pulse next"),
        privacy=Code("/pulse privacy"),
        results=Code("/pulse results"),
        alone=Code("/pulse"),
    )
    return Message(clip(fill(_("I do not know “{text}”."), text=clip(text, 80)), 150), *meant, known)


def _weekday(number: int) -> str:
    return weekday_name(date.fromordinal(_SUNDAY.toordinal() + number))
