"""What the pulse answers to: its hours, `/pulse`, taps and forms, and what its cards show."""

from collections.abc import Sequence
from datetime import timedelta
from difflib import get_close_matches

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.events import HoursChanged
from bot.core.feature import Feature, Usage
from bot.core.language import N_
from bot.core.schedule import Occasion
from bot.core.ui import Message, Part
from bot.features.pulse import bank, erasure, rotation, sealing, service, settings, waves
from bot.features.pulse.actions import (
    Answers,
    ChangeSettings,
    ChangeStatement,
    ChooseStatement,
    CloseNow,
    Comment,
    OpenAnswers,
    OpenComment,
    OpenSettings,
    OpenStatements,
    ShowPrivacy,
    Vote,
)
from bot.features.pulse.views import answers as forms
from bot.features.pulse.views import cards
from bot.features.pulse.views import privacy as privacy_views
from bot.features.pulse.views import settings as views
from bot.rules.calendars import zone_of
from storage.ballots import SealedComment, StagedComment, is_sealed
from storage.due import Due
from storage.people import Side
from storage.pulse import (
    PulseAsked,
    PulseQuestion,
    PulseStatement,
    WaveState,
    find_wave,
    last_wave,
    last_waves,
    questions_of,
    settings_of,
    side_asked,
)
from storage.pulse_results import sentences_before
from storage.workspaces import Workspace

feature = Feature("pulse")
feature.erases(PulseAsked)(erasure.from_asked)
feature.erases(PulseStatement)(erasure.from_wording)
feature.erases(PulseQuestion)(erasure.from_wording)
feature.erases(StagedComment)(erasure.from_comment)
feature.erases(SealedComment)(erasure.from_comment)

WORDS, NEAR = ("now", "settings", "privacy", "next", "results", "statements", "help"), 0.6
WEEKS_AHEAD = 6


@feature.schedule(settings.KIND)
def open_wave(ctx: Context, occasion: Occasion) -> None:
    if occasion.is_wished:
        waves.open_now(ctx)
    else:
        waves.open_by_schedule(ctx, occasion)


@feature.due(waves.REMIND)
def remind(ctx: Context, due: Due) -> None:
    waves.remind(ctx, due)


@feature.due(waves.CLOSE)
def close_wave(ctx: Context, due: Due) -> None:
    sealing.close(ctx, due.subject_id)


# Cards


@feature.card(waves.SALES_CARD)
def sales_card(session: Session, workspace: Workspace, wave_id: int) -> Message | None:
    return _side_card(session, workspace, wave_id, Side.SALES)


@feature.card(waves.MARKETING_CARD)
def marketing_card(session: Session, workspace: Workspace, wave_id: int) -> Message | None:
    return _side_card(session, workspace, wave_id, Side.MARKETING)


def _side_card(session: Session, workspace: Workspace, wave_id: int, side: Side) -> Message | None:
    wave = find_wave(session, workspace.id, wave_id)
    if wave is None:
        return None
    promised = sentences_before(session, workspace.id, wave_id)
    return cards.side_card(wave, questions_of(session, workspace.id, wave_id), side, promised)


@feature.card(waves.SHARED_CARD)
def shared_card(session: Session, workspace: Workspace, wave_id: int) -> Message | None:
    wave = find_wave(session, workspace.id, wave_id)
    return cards.shared_card(wave, sentences_before(session, workspace.id, wave_id)) if wave else None


@feature.card(waves.REMINDER)
def reminder(session: Session, workspace: Workspace, wave_id: int) -> Message | None:
    wave = find_wave(session, workspace.id, wave_id)
    return cards.reminder(wave) if wave else None


# Answering: of this nothing is noted but the ballot


@feature.action(Vote, confidential=True)
def vote(ctx: Context, asked: Vote) -> Answer:
    try:
        told = service.answer(ctx, asked.wave, {asked.question: asked.value}, side=Side(asked.side))
    except service.OtherSide as other:
        return Reply(forms.other_side(asked.wave, other.side))
    message = forms.told(told)
    return Reply(message) if message else None


@feature.action(OpenAnswers, query=True, confidential=True)
def open_answers(ctx: Context, asked: OpenAnswers) -> Answer:
    part = service.part_of(ctx, asked.wave)
    given, words = service.earlier(ctx, part), service.words_of(ctx, part)
    return OpenForm(forms.form(part.wave, part.side, part.questions, given, words))


@feature.action(Answers, confidential=True)
def answer(ctx: Context, asked: Answers) -> Answer:
    service.answer(ctx, asked.wave, asked.given, asked.words)
    return Reply(forms.saved())


@feature.action(OpenComment, query=True, confidential=True)
def open_comment(ctx: Context, asked: OpenComment) -> Answer:
    part = service.part_of(ctx, asked.wave)
    question, words = service.open_question(part), service.words_of(ctx, part)
    return OpenForm(forms.comment_form(part.wave, part.side, question, words))


@feature.action(Comment, confidential=True)
def comment(ctx: Context, asked: Comment) -> Answer:
    service.answer(ctx, asked.wave, {}, asked.words)
    return Reply(forms.saved())


# Words


@feature.command(
    "pulse", Usage("", N_("how the weekly pulse stands, and when the next one opens")), bare=True, query=True
)
def overview(ctx: Context, text: str) -> Answer:
    wave = last_wave(ctx.session, ctx.workspace.id)
    is_asked = bool(wave and side_asked(ctx.session, ctx.workspace.id, wave.id, ctx.member.id))
    is_admin = ctx.member.administers
    return Reply(views.overview(wave, settings.wish(ctx), is_asked=is_asked, is_admin=is_admin))


@feature.command("pulse", query=True)
def unknown(ctx: Context, text: str) -> Answer:
    near = get_close_matches(text.split()[0].lower(), WORDS, n=1, cutoff=NEAR)
    return Reply(views.unknown(text, near[0] if near else None))


@feature.command("pulse now", Usage("now", N_("open a pulse at once (admins)")))
def open_now(ctx: Context, text: str) -> Answer:
    settings.check_admin(ctx)
    return Reply(views.opened(waves.open_now(ctx)))


@feature.action(CloseNow)
def close_now(ctx: Context, asked: CloseNow) -> Answer:
    sealing.close_now(ctx, asked.wave)
    return Reply(views.closed())


@feature.command("pulse next", Usage("next", N_("what the next six weeks will ask")), query=True)
def show_next(ctx: Context, text: str) -> Answer:
    session, workspace_id = ctx.session, ctx.workspace.id
    known, statements = bank.history(session, workspace_id), bank.bank_of(session, workspace_id)
    this = waves.monday(ctx.now.astimezone(zone_of(ctx.workspace.timezone)).date())
    first = this + timedelta(weeks=1) if known and known[-1].week >= this else this
    weeks = [first + timedelta(weeks=n) for n in range(WEEKS_AHEAD)]
    found = [
        views.Coming(issue, [bank.statement(session, workspace_id, code) for code in issue.codes])
        for issue in rotation.coming(statements, known, weeks)
    ]
    side = Side.MARKETING if ctx.member.side == Side.MARKETING else Side.SALES
    return Reply(views.coming(found, side))


@feature.command(
    "pulse privacy", Usage("privacy", N_("what is stored of your answers, and what was destroyed")), query=True
)
def privacy(ctx: Context, text: str) -> Answer:
    return show_privacy(ctx, ShowPrivacy())


@feature.action(ShowPrivacy, query=True)
def show_privacy(ctx: Context, asked: ShowPrivacy) -> Answer:
    found = last_waves(ctx.session, ctx.workspace.id, 10)
    wave = next((each for each in found if each.state != WaveState.SKIPPED), None)
    chosen = wave if wave and wave.state == WaveState.OPEN else settings_of(ctx.session, ctx.workspace.id)
    has_counts = bool(wave and is_sealed(ctx.session, ctx.workspace.id, wave.id))
    return Reply(privacy_views.privacy(wave, ctx.now, has_counts, chosen.threshold, chosen.comment_threshold))


# Settings


@feature.command("pulse settings", Usage("settings", N_("when it opens and closes (admins)")), query=True)
def change(ctx: Context, text: str) -> Answer:
    return open_settings(ctx, OpenSettings())


@feature.action(OpenSettings, query=True)
def open_settings(ctx: Context, asked: OpenSettings) -> Answer:
    settings.check_admin(ctx)
    return OpenForm(views.form(settings.wish(ctx)))


@feature.action(ChangeSettings)
def change_settings(ctx: Context, asked: ChangeSettings) -> Answer:
    return Reply(views.saved(settings.change(ctx, asked)))


@feature.command("pulse statements", Usage("statements", N_("the bank of statements (admins)")), query=True)
def statements(ctx: Context, text: str) -> Answer:
    return open_statements(ctx, OpenStatements())


@feature.action(OpenStatements, query=True)
def open_statements(ctx: Context, asked: OpenStatements) -> Answer:
    settings.check_admin(ctx)
    return OpenForm(views.choice_of_statements(bank.all_of(ctx.session, ctx.workspace.id)))


@feature.action(ChooseStatement, query=True)
def choose_statement(ctx: Context, asked: ChooseStatement) -> Answer:
    settings.check_admin(ctx)
    shown = bank.statement(ctx.session, ctx.workspace.id, asked.code)
    return OpenForm(views.statement_form(shown, bank.is_off(ctx.session, ctx.workspace.id, asked.code)))


@feature.action(ChangeStatement)
def change_statement(ctx: Context, asked: ChangeStatement) -> Answer:
    return Reply(views.worded(bank.change(ctx, asked)))


@feature.on(HoursChanged)
def follow_timezone(ctx: Context, changed: HoursChanged) -> None:
    if changed.member_id is None:
        settings.follow_timezone(ctx)


@feature.home(13)
def home(ctx: Context) -> Sequence[Part]:
    if not ctx.member.administers or settings.wish(ctx).schedule or last_wave(ctx.session, ctx.workspace.id):
        return []
    return views.nobody_yet()
