"""What reports answer to: `/parley report sources`, and the buttons that lead from one to the next."""

import re

from bot.core.context import Answer, Context, Reply, UserError
from bot.core.feature import Feature, Usage
from bot.core.language import N_
from bot.features.reports import service, views
from bot.features.reports.actions import ShowReport
from storage.reports import ReportKind

feature = Feature("reports")
_ASKED = re.compile(r"(?P<kind>[a-z]*) ?(?P<by>(?:--)?by[ =]month)?")


@feature.command(
    "parley report",
    Usage(
        "report sources by month",
        N_("what became of leads: by sources, campaigns, reasons, owners or statuses; also by month"),
    ),
    query=True,
)
def ask(ctx: Context, text: str) -> Answer:
    asked = _ASKED.fullmatch(" ".join(text.casefold().split()))
    kind = (asked["kind"] if asked else text) or ReportKind.SOURCES
    if asked is None or kind not in set(ReportKind):
        raise UserError(views.unknown(text))
    return show(ctx, ShowReport(kind=ReportKind(kind), by_month=bool(asked["by"])))


@feature.action(ShowReport, query=True)
def show(ctx: Context, asked: ShowReport) -> Answer:
    return Reply(views.report(service.report(ctx.session, ctx.workspace.id, asked.kind, asked.by_month)))
