"""What clocks answer to: my own, at home and in `/lead`."""

from collections.abc import Sequence

from bot.core.context import Answer, Context, Reply
from bot.core.feature import Feature
from bot.core.ui import Part
from bot.features.clocks import service, views
from bot.features.clocks.actions import ShowMine
from bot.rules.calendars import zone_of

feature = Feature("clocks")


@feature.home(15, is_mine=True)
def home(ctx: Context) -> Sequence[Part]:
    return views.mine(_mine(ctx, views.SHOWN))


@feature.action(ShowMine, query=True)
def show_mine(ctx: Context, asked: ShowMine) -> Answer:
    return Reply(views.everything(_mine(ctx, views.ALL)))


def _mine(ctx: Context, limit: int) -> views.Mine:
    found = service.waiting(ctx)
    shown = [views.Shown(each, *service.called(ctx, each.clock)) for each in found[:limit]]
    return views.Mine(shown, len(found[limit:]), ctx.now, zone_of(ctx.member.timezone))
