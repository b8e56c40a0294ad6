"""What the noise budget answers to: a look each Monday, admins' decisions, `/parley report noise`, and its settings."""

from datetime import time
from functools import partial

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.events import ChannelOpened, HoursChanged
from bot.core.feature import Feature, Usage
from bot.core.language import N_
from bot.core.recurrence import Rule
from bot.core.schedule import Occasion, plan
from bot.features.noise import service, views
from bot.features.noise.actions import ChangeSettings, Decide, OpenSettings
from storage.cards import posts
from storage.people import admins
from storage.schedules import find_schedule

feature = Feature("noise")
KIND = "noise"  # of the schedule, one in a workspace,
CARD = "noise"  # and the subject of the message to admins
MONDAY = frozenset({1})


def look(ctx: Context, occasion: Occasion) -> list[service.Rate]:
    return service.low(ctx)


@feature.schedule(KIND, look=look)
def ask_admins(ctx: Context, occasion: Occasion) -> None:
    asked = admins(ctx.session, ctx.workspace.id)
    for rate in occasion.found if asked else []:
        if shown := service.propose(ctx, rate):
            for admin in asked:
                ctx.post(admin, partial(views.proposal, shown), subject=(CARD, shown.choice.id))


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


def _show(ctx: Context, shown: service.Proposal) -> None:
    """All admins' cards tell who decided."""
    for posted in posts(ctx.session, ctx.workspace.id, CARD, shown.choice.id):
        ctx.update(posted, partial(views.proposal, shown))


def _plan(ctx: Context) -> None:
    plan(ctx, KIND, 0, Rule(time(9), ctx.workspace.timezone, MONDAY))
