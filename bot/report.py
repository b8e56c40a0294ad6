"""`report` and `export`: figures as a table, as CSV that is safe in a spreadsheet, or as JSON."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session

from bot.core.context import UserError
from bot.features.clocks.reporting import ClockReport, Figures
from bot.features.clocks.reporting import report as clock_report
from bot.features.clocks.views.waiting import remarks as clock_remarks
from bot.features.reports.service import Line, Report, report
from bot.features.reports.views import remarks
from bot.leads_import.run import chosen
from bot.rules.clocks import CAUSES, MARKETING_CLOCKS
from storage.database import Database
from storage.migrate import current, head
from storage.reports import ReportKind
from storage.workspaces import installed_workspaces

T = TypeVar("T")
CLOCKS = "clocks"  # the report that is not about leads
FORMATS = ("table", "csv", "json")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would calculate, were it not escaped


async def read_report(database_url: str, kind: ReportKind, by_month: bool, workspace: str) -> Report:
    """Raises UserError where there is nothing to report on."""
    return await look_at(database_url, workspace, lambda session, found: report(session, found, kind, by_month))


async def read_clocks(database_url: str, workspace: str, now: datetime) -> ClockReport:
    """As read_report, of both sides' clocks."""
    return await look_at(database_url, workspace, lambda session, found: clock_report(session, found, now, limit=None))


async def look_at(database_url: str, workspace: str, look: Callable[[Session, int], T]) -> T:
    """What a look at one workspace finds; raises UserError where there is none, or no database."""
    if (version := current(database_url)) != head():
        raise UserError("There is no database yet." if version is None else "Bring the database up to date: migrate.")
    database = await Database(database_url, readers=1, writers=1).start()

    def work(session: Session) -> T:
        found = chosen(installed_workspaces(session), workspace)
        if found is None:
            raise UserError("There are no leads yet: Parley is in no workspace, and nothing was imported.")
        return look(session, found.id)

    try:
        return await database.read(work)
    finally:
        await database.close()


def written(found: Report, form: str) -> tuple[str, list[str]]:
    """The report, and what must be said beside it."""
    rows = [_figures(line, found.by_month) for line in (*found.lines, found.all)]
    return in_form(rows, form), remarks(found.all)


def written_clocks(found: ClockReport, form: str) -> tuple[str, list[str]]:
    """As `written`; times are hours of working time."""
    return in_form([_clock_figures(figures) for figures in found.figures.values()], form), clock_remarks(found)


def in_form(rows: Sequence[Mapping[str, Any]], form: str) -> str:
    """Rows that have the same columns as json, csv or a table."""
    if form == "json":
        return json.dumps(rows, ensure_ascii=False, indent=1)
    return _csv(rows) if form == "csv" else _table(rows)


def _clock_figures(figures: Figures) -> dict[str, Any]:
    share = figures.share
    return {
        "clock": figures.kind,
        "side": "marketing" if figures.kind in MARKETING_CLOCKS else "sales",
        "n": figures.n,
        "within": figures.within,
        "within_rate": share.value if share else None,
        "within_rate_low": share.low if share else None,
        "within_rate_high": share.high if share else None,
        "median_hours": _hours(figures.median),
        "p90_hours": _hours(figures.p90),
        **{cause: figures.left_out[cause] for cause in CAUSES},
    }


def _hours(time: timedelta | None) -> float | None:
    return None if time is None else round(time / timedelta(hours=1), 3)


def _figures(line: Line, by_month: bool) -> dict[str, Any]:
    rate = line.rate
    return {
        "group": line.group,
        **({"month": line.month} if by_month else {}),
        **{n: getattr(line, n) for n in ("leads", "accepted", "rejected", "recycled", "qualified", "won", "lost")},
        "won_rate": rate.value if rate else None,
        "won_rate_low": rate.low if rate else None,
        "won_rate_high": rate.high if rate else None,
        "won_days_mean": line.days_mean,
        "won_days_median": line.days_median,
    }


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(rows[0] if rows else ())
    writer.writerows([_escaped(cell) for cell in row.values()] for row in rows)
    return out.getvalue().removesuffix("\r\n")


def _escaped(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    texts = [list(rows[0]), *([_text(name, cell) for name, cell in row.items()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join(
        "  ".join(
            c.ljust(w) if n == 0 else c.rjust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in texts
    )


def _text(name: str, cell: Any) -> str:
    if cell is None:
        return "(blank)" if name in ("group", "month") else ""
    if "_rate" in name:
        return f"{100 * cell:.2f} %"
    return f"{cell:.1f}" if isinstance(cell, float) else "".join(c if c.isprintable() else " " for c in str(cell))
