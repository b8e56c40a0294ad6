"""Waves: how one opens, and reminds. What is due stands in tables; each happens once, also after downtime."""

import secrets
from datetime import date, datetime, time, timedelta

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.core.schedule import Occasion
from bot.features.pulse import bank, rotation
from bot.features.pulse.counting import ballot_id, scored
from bot.features.pulse.results import awaits_sentence
from bot.features.pulse.settings import SHORTEST, closing
from bot.features.pulse.statements import OPEN_QUESTIONS, SYMPTOMS, TRUST, Statement
from bot.rules.calendars import calendar_of, zone_of
from bot.rules.worktime import NeverWorks, next_working
from storage.ballots import answers
from storage.calendars import timetable
from storage.cards import members_told
from storage.channels import Channel, Purpose, channels
from storage.due import Due, set_due
from storage.people import Side, heads
from storage.pulse import (
    PulseQuestion,
    PulseSettings,
    PulseWave,
    QuestionKind,
    Skipped,
    WaveKind,
    WaveState,
    add_wave,
    ask,
    count_askable,
    find_wave,
    last_wave,
    last_waves,
    questions_of,
    settings_of,
    some_asked,
)
from storage.tables import add

CLOSE, REMIND = "pulse.close", "pulse.remind"  # what falls due
UNCLOSED = "pulse.unclosed"  # falls due when a wave should long be closed
SALES_CARD = "pulse.sales"  # subjects: each has a wording of its own
MARKETING_CARD = "pulse.marketing"
SHARED_CARD = "pulse.shared"
CARDS = (SALES_CARD, MARKETING_CARD, SHARED_CARD)
REMINDER = "pulse.reminder"
SIDES = (Side.SALES, Side.MARKETING)
REMINDED_AT_ONCE, REMINDED_EVERY = 25, timedelta(seconds=15)  # people; so that they never are a long queue
LAST_CALL = timedelta(hours=1)  # before the close nobody is reminded any more
PROMPT = timedelta(hours=2)  # in which a wave is closed, or its close has failed each time it was tried
_DAY = timedelta(days=1)


# Opening


def open_by_schedule(ctx: Context, occasion: Occasion) -> None:
    """Open the wave of a week, or remember why there is none."""
    session, workspace_id = ctx.session, ctx.workspace.id
    settings, week = settings_of(session, workspace_id), monday(occasion.local_on)
    newest = last_wave(session, workspace_id)
    if newest and (newest.state == WaveState.OPEN or (newest.week == week and newest.state != WaveState.SKIPPED)):
        return
    wall = time.fromisoformat(occasion.schedule.wall)
    closes_at = closing(ctx, settings, occasion.local_on, wall)
    is_unheeded = _is_unheeded(ctx)
    if closes_at - ctx.now < SHORTEST:
        _skip(ctx, settings, week, closes_at, Skipped.LATE)
    elif is_unheeded and newest and newest.reason != Skipped.NO_SENTENCE:
        _skip(ctx, settings, week, closes_at, Skipped.NO_SENTENCE)
    else:
        _begin(ctx, settings, week, closes_at, is_unheeded)


def open_now(ctx: Context) -> PulseWave:
    """Open a wave because somebody wants it; UserError where none can be."""
    newest, settings = last_wave(ctx.session, ctx.workspace.id), settings_of(ctx.session, ctx.workspace.id)
    if newest and newest.state == WaveState.OPEN:
        raise UserError(_("A pulse is open already. /pulse shows it."))
    wall = ctx.now.astimezone(zone_of(ctx.workspace.timezone))
    closes_at = closing(ctx, settings, wall.date(), wall.time())
    if closes_at - ctx.now < _DAY:
        closes_at = closing(ctx, settings, (wall + _DAY).date(), wall.time())
    wave = _begin(ctx, settings, monday(wall.date()), closes_at, _is_unheeded(ctx))
    if wave is None:
        raise UserError(_("No pulse can open: neither side has enough people whom I know and who are not away."))
    return wave


def monday(day: date) -> date:
    return day - (day.isoweekday() - 1) * _DAY


def _is_unheeded(ctx: Context) -> bool:
    """Whether the last result got no sentence, though there are heads who could say one."""
    of_workspace = (ctx.session, ctx.workspace.id)
    closed = next((each for each in last_waves(*of_workspace, 10) if each.state == WaveState.CLOSED), None)
    if closed is None or not any(heads(*of_workspace, side) for side in SIDES):
        return False
    return awaits_sentence(*of_workspace, closed)


def _wave(ctx: Context, settings: PulseSettings, week: date, closes_at: datetime, state: WaveState) -> PulseWave:
    newest = last_wave(ctx.session, ctx.workspace.id)
    return PulseWave(
        workspace_id=ctx.workspace.id,
        number=newest.number + 1 if newest else 1,
        state=state,
        week=week,
        opens_at=ctx.now,
        closes_at=closes_at,
        threshold=settings.threshold,
        comment_threshold=settings.comment_threshold,
        bank_version=settings.bank_version,
    )


def _skip(ctx: Context, settings: PulseSettings, week: date, closes_at: datetime, reason: Skipped) -> None:
    wave = _wave(ctx, settings, week, closes_at, WaveState.SKIPPED)
    wave.reason = reason
    add_wave(ctx.session, wave)


def _begin(
    ctx: Context, settings: PulseSettings, week: date, closes_at: datetime, is_unheeded: bool
) -> PulseWave | None:
    session, workspace_id, zone = ctx.session, ctx.workspace.id, zone_of(ctx.workspace.timezone)
    days = ctx.now.astimezone(zone).date(), closes_at.astimezone(zone).date()
    askable = count_askable(session, workspace_id, *days)
    asked = {side: askable.get(side, 0) for side in SIDES if askable.get(side, 0) >= settings.threshold}
    if not asked:
        _skip(ctx, settings, week, closes_at, Skipped.TOO_FEW)
        return None
    chosen = rotation.choose(bank.bank_of(session, workspace_id), bank.history(session, workspace_id), week)
    wave = _wave(ctx, settings, week, closes_at, WaveState.OPEN)
    wave.kind = WaveKind.SYMPTOMS if chosen.has_symptoms else WaveKind.STATEMENTS
    wave.key_name, wave.is_unheeded = secrets.token_hex(16), is_unheeded
    wave.sales_asked, wave.marketing_asked = asked.get(Side.SALES, 0), asked.get(Side.MARKETING, 0)
    if not add_wave(session, wave):
        raise UserError(_("A pulse is open already. /pulse shows it."))
    ctx.keys.make(wave.key_name)
    for position, code in enumerate(chosen.codes, 1):
        add(session, _question(wave, position, bank.statement(session, workspace_id, code)))
    for side in asked:
        ask(session, workspace_id, wave.id, side, *days)
    _plan(ctx, wave)
    for channel in channels(session, workspace_id):
        _post(ctx, wave, channel, set(asked))
    return wave


def _question(wave: PulseWave, position: int, statement: Statement) -> PulseQuestion:
    kinds = {TRUST: QuestionKind.TRUST} | dict.fromkeys(OPEN_QUESTIONS, QuestionKind.OPEN)
    kinds |= dict.fromkeys(SYMPTOMS, QuestionKind.SYMPTOM)
    return PulseQuestion(
        workspace_id=wave.workspace_id,
        wave_id=wave.id,
        position=position,
        kind=kinds.get(statement, QuestionKind.STATEMENT),
        code=statement.code,
        topic=statement.topic,
        sales=statement.sales,
        marketing=statement.marketing,
        is_shipped=statement.is_shipped,
        is_reverse=statement.is_reverse,
        is_healthy=statement.is_healthy,
    )


def _plan(ctx: Context, wave: PulseWave) -> None:
    """Its close, and one reminder for each so many people, from the middle of the wave on."""
    set_due(ctx.session, _due(wave, CLOSE, 0, wave.closes_at))
    set_due(ctx.session, _due(wave, UNCLOSED, 1, wave.closes_at + PROMPT))
    middle = wave.opens_at + (wave.closes_at - wave.opens_at) / 2
    for step in range(-(-(wave.sales_asked + wave.marketing_asked) // REMINDED_AT_ONCE)):
        set_due(ctx.session, _due(wave, REMIND, step, middle + step * REMINDED_EVERY))


def _due(wave: PulseWave, kind: str, step: int, at: datetime) -> Due:
    return Due(workspace_id=wave.workspace_id, kind=kind, subject_id=wave.id, step=step, at=at)


def _post(ctx: Context, wave: PulseWave, channel: Channel, sides: set[Side]) -> None:
    """Its card, where those who are asked talk, and nobody of another organisation reads along."""
    if channel.is_shared:
        return
    if channel.purpose == Purpose.SALES and Side.SALES in sides:
        ctx.post(channel, subject=(SALES_CARD, wave.id))
    elif channel.purpose == Purpose.MARKETING and Side.MARKETING in sides:
        ctx.post(channel, subject=(MARKETING_CARD, wave.id))
    elif channel.purpose == Purpose.SHARED:
        ctx.post(channel, subject=(SHARED_CARD, wave.id))


# While it is open


def show(ctx: Context, wave: PulseWave) -> None:
    """Have its cards drawn as it is now."""
    for subject in CARDS:
        ctx.refresh(subject, wave.id)


def remind(ctx: Context, due: Due) -> None:
    """Remind so many people of those who have answered nothing, everybody in their working hours and once.

    That somebody was reminded is known by the message itself, which is forgotten at the close.
    """
    wave = find_wave(ctx.session, ctx.workspace.id, due.subject_id)
    if wave is None or wave.state != WaveState.OPEN or ctx.now > wave.closes_at - LAST_CALL:
        return
    key = ctx.keys.read(wave.key_name or "")
    if key is None:
        return
    positions = [each.position for each in scored(questions_of(ctx.session, ctx.workspace.id, wave.id))]
    first, later = due.step * REMINDED_AT_ONCE, []
    people = some_asked(ctx.session, ctx.workspace.id, wave.id, first, REMINDED_AT_ONCE)
    reminded = members_told(ctx.session, ctx.workspace.id, REMINDER, wave.id, people)
    for member_id in people:
        ids = [ballot_id(key, member_id, position) for position in positions]
        if member_id in reminded or answers(ctx.session, ctx.workspace.id, wave.id, ids):
            continue
        try:
            at = next_working(calendar_of(timetable(ctx.session, ctx.workspace.id, member_id)), ctx.now)
        except NeverWorks:
            continue
        if at <= ctx.now:
            ctx.post(ctx.colleague(member_id), subject=(REMINDER, wave.id))
        elif at <= wave.closes_at - LAST_CALL:
            later.append(at)
    if later:
        due.at = min(later)
