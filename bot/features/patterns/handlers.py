"""What patterns answer to: messages in leads channels, and `/parley patterns` with its buttons."""

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.feature import Feature, Heard, Usage
from bot.core.language import N_
from bot.features.patterns import erasure, service, views
from bot.features.patterns.actions import Open, Remove, Switch, Try, Use
from storage.channels import Channel, Purpose
from storage.patterns import HeardText

feature = Feature("patterns")
feature.erases(HeardText)(erasure.from_heard)


@feature.message(Purpose.LEADS)
def hear(ctx: Context, heard: Heard) -> None:
    service.hear(ctx, heard)


@feature.command("parley patterns", Usage("patterns", N_("which messages become leads (for admins)")), query=True)
def show(ctx: Context, text: str) -> Answer:
    return _list(ctx, service.leads_channel(ctx))


@feature.action(Open, query=True)
def open_form(ctx: Context, asked: Open) -> Answer:
    return OpenForm(views.form(*service.asked_about(ctx, asked.channel, asked.called)))


@feature.action(Try)
def try_it(ctx: Context, asked: Try) -> Answer:
    return Reply(views.tried(*service.draft(ctx, asked)))


@feature.action(Use)
def use(ctx: Context, asked: Use) -> Answer:
    pattern = service.use(ctx, asked.pattern, asked.version)
    return ctx.replace(lambda: views.used(pattern))


@feature.action(Switch)
def switch(ctx: Context, asked: Switch) -> Answer:
    where = service.switch(ctx, asked.channel, asked.called, asked.is_on)
    known = service.in_force(ctx, where)
    return ctx.replace(lambda: views.patterns(where, known))


@feature.action(Remove)
def remove(ctx: Context, asked: Remove) -> Answer:
    where = service.remove(ctx, asked.pattern)
    known = service.in_force(ctx, where)
    return ctx.replace(lambda: views.patterns(where, known))


def _list(ctx: Context, where: Channel) -> Answer:
    return Reply(views.patterns(where, service.in_force(ctx, where)))
