"""What sign-ups answer to: forms and buttons, all in private."""

from datetime import timedelta

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.ui import Message
from bot.features.gemba import reading
from bot.features.gemba.actions import (
    AskAgain,
    AvoidNoMore,
    Excuse,
    OpenExcuse,
    OpenSignUp,
    OpenSnooze,
    ShowAvoided,
    SignUp,
    Snooze,
)
from bot.features.gemba.handlers.gemba import feature
from bot.features.gemba.service import kinds, rounds, sign_ups
from bot.features.gemba.views import sign_ups as views
from bot.features.gemba.views.sign_up_form import form
from storage.due import Due
from storage.gemba import avoided_by, find_sign_up, find_standing
from storage.people import members
from storage.workspaces import Workspace

A_WHILE = timedelta(days=28)


@feature.shortcut("gemba_sign_up")
def sign_up_anywhere(ctx: Context) -> Answer:
    return open_sign_up(ctx, OpenSignUp())


@feature.action(OpenSignUp, query=True)
def open_sign_up(ctx: Context, asked: OpenSignUp) -> Answer:
    gemba = sign_ups.joinable(ctx)
    return OpenForm(form(gemba, ctx.member, sign_ups.previous(ctx, gemba), sign_ups.offered(ctx, gemba)))


@feature.action(SignUp)
def sign_up(ctx: Context, asked: SignUp) -> Answer:
    found = sign_ups.sign_up(ctx, asked)
    return Reply(views.card(reading.mine(ctx.session, ctx.workspace, found)))


@feature.action(OpenExcuse, query=True)
def open_excuse(ctx: Context, asked: OpenExcuse) -> Answer:
    return OpenForm(views.excuse_form(rounds.live(ctx, asked.round)))


@feature.action(Excuse)
def excuse(ctx: Context, asked: Excuse) -> Answer:
    sign_ups.excuse(ctx, asked.round, asked.excuse)
    return Reply(views.excused())


@feature.action(OpenSnooze, query=True)
def open_snooze(ctx: Context, asked: OpenSnooze) -> Answer:
    return OpenForm(views.snooze_form(rounds.today(ctx) + A_WHILE))


@feature.action(Snooze)
def snooze(ctx: Context, asked: Snooze) -> Answer:
    sign_ups.snooze(ctx, asked.until)
    return Reply(views.snoozed(asked.until))


@feature.action(AskAgain)
def ask_again(ctx: Context, asked: AskAgain) -> Answer:
    sign_ups.ask_again(ctx)
    return Reply(views.asked_again())


@feature.action(ShowAvoided, query=True)
def show_avoided(ctx: Context, asked: ShowAvoided) -> Answer:
    ids = avoided_by(ctx.session, ctx.workspace.id, ctx.member.id)
    return Reply(views.avoided(list(members(ctx.session, ctx.workspace.id, ids).values())))


@feature.action(AvoidNoMore)
def avoid_no_more(ctx: Context, asked: AvoidNoMore) -> Answer:
    sign_ups.stop_avoiding(ctx, asked.member)
    return show_avoided(ctx, ShowAvoided())


@feature.due(kinds.WAKE)
def wake(ctx: Context, due: Due) -> None:
    sign_ups.wake(ctx, due)


@feature.card(kinds.SIGN_UP)
def card(session: Session, workspace: Workspace, sign_up_id: int) -> Message | None:
    found = find_sign_up(session, workspace.id, sign_up_id)
    return views.card(reading.mine(session, workspace, found)) if found else None


@feature.card(kinds.LEFT_OUT)
def left_out_card(session: Session, workspace: Workspace, sign_up_id: int) -> Message | None:
    found = find_sign_up(session, workspace.id, sign_up_id)
    return views.left_out(reading.mine(session, workspace, found)) if found else None


@feature.card(kinds.PAUSED)
def paused_card(session: Session, workspace: Workspace, member_id: int) -> Message | None:
    found = find_standing(session, workspace.id, member_id)
    return views.paused(found) if found else None
