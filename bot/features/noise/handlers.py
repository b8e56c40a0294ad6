"""What the noise budget answers to: a look each Monday, admins' decisions, `/parley report noise`, and its settings."""

from datetime import datetime, time
from functools import partial

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.events import ChannelOpened, HoursChanged
from bot.core.feature import Feature, Usage
from bot.core.language import N_
from bot.core.recurrence import Rule
from bot.core.schedule import Occasion, plan
from bot.features.noise import service, views
from bot.features.noise.actions import ChangeSettings, Decide, OpenSettings
from bot.rules.calendars import works_at
from storage.calendars import timetable
from storage.cards import posts
from storage.due import Due, move_due
from storage.noise import find_choice
from storage.people import Member, admins
from storage.schedules import find_schedule

feature = Feature("noise")
KIND = "noise"  # of the schedule, one in a workspace,
CARD = "noise"  # and the subject of the message to admins
ASK = "noise.ask"  # falls due when an admin works who is to be asked, the step
MONDAY = frozenset({1})


def look(ctx: Context, occasion: Occasion) -> list[service.Rate]:
    return service.low(ctx)


@feature.schedule(KIND, look=look)
def ask_admins(ctx: Context, occasion: Occasion) -> None:
    asked = admins(ctx.session, ctx.workspace.id)
    for rate in occasion.found if asked else []:
        if shown := service.propose(ctx, rate):
            for admin in asked:
                if at := _ask(ctx, admin, shown):
                    workspace_id, choice_id = ctx.workspace.id, shown.choice.id
                    due = Due(workspace_id=workspace_id, kind=ASK, subject_id=choice_id, step=admin.id, at=at)
                    move_due(ctx.session, due)


@feature.due(ASK)
def ask_later(ctx: Context, due: Due) -> None:
    """An admin who did not work when the others were asked; unless one of them has decided."""
    admin, choice = ctx.colleague(due.step), find_choice(ctx.session, ctx.workspace.id, due.subject_id)
    if choice and choice.decided_at is None and admin.administers:
        due.at = _ask(ctx, admin, service.proposal(ctx, choice)) or due.at


@feature.on(ChannelOpened)
def begin(ctx: Context, opened: ChannelOpened) -> None:
    if find_schedule(ctx.session, ctx.workspace.id, KIND, 0) is None:
        _plan(ctx)


@feature.on(HoursChanged)
def follow_timezone(ctx: Context, changed: HoursChanged) -> None:
    if changed.member_id is None:
        _plan(ctx)


@feature.action(Decide)
def decide(ctx: Context, asked: Decide) -> Answer:
    shown = service.decide(ctx, asked.choice, is_folded=asked.fold)
    _show(ctx, shown)
    return ctx.replace(partial(views.proposal, shown))


@feature.command(
    "parley report noise", Usage("report noise", N_("which of my messages people act on (admins)")), query=True
)
def show(ctx: Context, text: str) -> Answer:
    service.check_admin(ctx)
    return Reply(views.report(service.rates(ctx), ctx.workspace.folds_below))


@feature.action(OpenSettings, query=True)
def open_settings(ctx: Context, asked: OpenSettings) -> Answer:
    service.check_admin(ctx)
    return OpenForm(views.form(service.foldables(ctx), service.folded_kinds(ctx), ctx.workspace.folds_below))


@feature.action(ChangeSettings)
def change_settings(ctx: Context, asked: ChangeSettings) -> Answer:
    for changed in service.change(ctx, asked):
        _show(ctx, changed)
    return Reply(views.saved())


def _ask(ctx: Context, admin: Member, shown: service.Proposal) -> datetime | None:
    """Ask an admin who works now; else when they work again."""
    at = works_at(timetable(ctx.session, ctx.workspace.id, admin.id), ctx.now)
    if at and at > ctx.now:
        return at
    ctx.post(admin, partial(views.proposal, shown), subject=(CARD, shown.choice.id))
    return None


def _show(ctx: Context, shown: service.Proposal) -> None:
    """All admins' cards tell who decided."""
    for posted in posts(ctx.session, ctx.workspace.id, CARD, shown.choice.id):
        ctx.update(posted, partial(views.proposal, shown))


def _plan(ctx: Context) -> None:
    plan(ctx, KIND, 0, Rule(time(9), ctx.workspace.timezone, MONDAY))
