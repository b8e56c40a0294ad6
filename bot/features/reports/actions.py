"""What members can do with reports. Names here are wire format: add, never rename."""

from bot.core.action import Action
from storage.reports import ReportKind


class ShowReport(Action, name="reports.show"):
    kind: ReportKind
    by_month: bool = False
