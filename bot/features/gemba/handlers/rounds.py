"""What rounds answer to: `/gemba`, the organiser's buttons and forms, the dates of a round."""

from collections.abc import Sequence
from difflib import get_close_matches

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.events import ChannelOpened, HoursChanged
from bot.core.feature import Usage
from bot.core.language import N_
from bot.core.schedule import Occasion
from bot.core.ui import Message, Part
from bot.features.gemba import reading
from bot.features.gemba.actions import (
    Begin,
    ChangeSettings,
    MatchNow,
    OpenForAll,
    OpenRound,
    OpenSettings,
    Preview,
)
from bot.features.gemba.handlers.gemba import feature
from bot.features.gemba.service import kinds, rounds, settings
from bot.features.gemba.views import rounds as views
from bot.features.gemba.views import status
from storage.due import Due, move_due
from storage.gemba import current_round
from storage.workspaces import Workspace

WORDS, NEAR = ("now", "settings", "ideas", "ledger", "help"), 0.6


@feature.command("gemba", Usage("", N_("job swaps: the round, and how it stands with you")), bare=True, query=True)
def show(ctx: Context, text: str) -> Answer:
    return Reply(status.overview(reading.status(ctx)))


@feature.command("gemba", query=True)
def unknown(ctx: Context, text: str) -> Answer:
    near = get_close_matches(text.split()[0].lower(), WORDS, n=1, cutoff=NEAR)
    return Reply(status.unknown(text, near[0] if near else None))


@feature.command("gemba now", Usage("now", N_("begin a round of job swaps (organiser)")), query=True)
def begin_now(ctx: Context, text: str) -> Answer:
    return open_round(ctx, OpenRound())


@feature.action(OpenRound, query=True)
def open_round(ctx: Context, asked: OpenRound) -> Answer:
    rounds.check_organiser(ctx)
    if gemba := current_round(ctx.session, ctx.workspace.id):
        shown = reading.round_card(ctx.session, ctx.workspace, gemba.id)
        return Reply(views.organiser(shown)) if shown else None
    return OpenForm(views.round_form(rounds.proposed(ctx), ctx.workspace.timezone))


@feature.action(Begin)
def begin(ctx: Context, asked: Begin) -> Answer:
    rounds.check_organiser(ctx)
    return Reply(views.begun(rounds.begin(ctx, asked)))


@feature.action(OpenForAll)
def open_for_all(ctx: Context, asked: OpenForAll) -> Answer:
    rounds.check_organiser(ctx)
    rounds.open_for_all(ctx, rounds.live(ctx, asked.round))
    return Reply(views.opened())


@feature.action(MatchNow)
def match_now(ctx: Context, asked: MatchNow) -> Answer:
    rounds.check_organiser(ctx)
    rounds.run(ctx, rounds.live(ctx, asked.round))
    return Reply(views.matching())


@feature.action(Preview)
def preview(ctx: Context, asked: Preview) -> Answer:
    rounds.check_organiser(ctx)
    gemba = rounds.live(ctx, asked.round)
    due = Due(workspace_id=ctx.workspace.id, kind=kinds.PREVIEW, subject_id=gemba.id, step=ctx.member.id, at=ctx.now)
    move_due(ctx.session, due)
    return Reply(views.previewing())


@feature.command("gemba settings", Usage("settings", N_("when rounds begin, and how they are (organiser)")), query=True)
def show_settings(ctx: Context, text: str) -> Answer:
    return open_settings(ctx, OpenSettings())


@feature.action(OpenSettings, query=True)
def open_settings(ctx: Context, asked: OpenSettings) -> Answer:
    rounds.check_organiser(ctx)
    plan = rounds.plan_of(ctx)
    organiser = ctx.colleague(plan.organiser_id).external_id if plan.organiser_id else None
    return OpenForm(views.settings_form(plan, organiser, *settings.rhythm(ctx)))


@feature.action(ChangeSettings)
def change_settings(ctx: Context, asked: ChangeSettings) -> Answer:
    rounds.check_organiser(ctx)
    settings.change(ctx, asked)
    return Reply(views.saved())


@feature.schedule(settings.KIND)
def begin_by_schedule(ctx: Context, occasion: Occasion) -> None:
    if occasion.is_wished or current_round(ctx.session, ctx.workspace.id) is None:
        rounds.begin(ctx, rounds.proposed(ctx))


@feature.on(HoursChanged)
def follow_timezone(ctx: Context, changed: HoursChanged) -> None:
    if changed.member_id is None:
        settings.follow_timezone(ctx)


@feature.on(ChannelOpened)
def show_where_missing(ctx: Context, opened: ChannelOpened) -> None:
    rounds.show_where_missing(ctx)


@feature.due(kinds.HEADS)
def remind_heads(ctx: Context, due: Due) -> None:
    rounds.remind_heads(ctx, due)


@feature.due(kinds.INVITE)
def invite_some(ctx: Context, due: Due) -> None:
    rounds.invite_some(ctx, due)


@feature.due(kinds.ASK_TO_SIGN_UP)
def ask_to_sign_up(ctx: Context, due: Due) -> None:
    rounds.ask_at_work(ctx, due)


@feature.due(kinds.CLOSE)
def close(ctx: Context, due: Due) -> None:
    rounds.close(ctx, due)


@feature.card(kinds.ROUND)
def card(session: Session, workspace: Workspace, round_id: int) -> Message | None:
    shown = reading.round_card(session, workspace, round_id)
    return views.card(shown) if shown else None


@feature.card(kinds.ORGANISER)
def organisers_card(session: Session, workspace: Workspace, round_id: int) -> Message | None:
    shown = reading.round_card(session, workspace, round_id)
    return views.organiser(shown) if shown else None


@feature.home(40)
def home(ctx: Context) -> Sequence[Part]:
    return status.home(reading.status(ctx), ctx.now) if ctx.member.side in rounds.SIDES else []


feature.counts(kinds.SIGN_UP, N_("Job swaps: who is asked to sign up"))
feature.counts(kinds.SWAP, N_("Job swaps: who is asked whether a pair suits them"))
feature.counts(kinds.ASKED, N_("Job swaps: what became of ideas"))
