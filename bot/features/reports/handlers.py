"""What reports answer to: `/parley report sources`, and the buttons that lead from one to the next."""

from bot.core.context import Answer, Context, Reply, UserError
from bot.core.feature import Feature, Usage
from bot.core.language import N_
from bot.features.reports import service, views
from bot.features.reports.actions import ShowReport
from storage.reports import ReportKind

feature = Feature("reports")


@feature.command(
    "parley report",
    Usage("report sources", N_("what became of leads: by sources, campaigns, reasons, owners or statuses")),
    query=True,
)
def ask(ctx: Context, text: str) -> Answer:
    word = text.strip().casefold() or ReportKind.SOURCES
    if word not in set(ReportKind):
        raise UserError(views.unknown(text))
    return show(ctx, ShowReport(kind=ReportKind(word)))


@feature.action(ShowReport, query=True)
def show(ctx: Context, asked: ShowReport) -> Answer:
    return Reply(views.report(service.report(ctx.session, ctx.workspace.id, asked.kind)))
