"""`report`: one report, as a table, as CSV that is safe in a spreadsheet, or as JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from bot.core.context import UserError
from bot.features.reports.service import Line, Report, report
from bot.features.reports.views import remarks
from bot.leads_import.run import chosen
from storage.database import Database
from storage.migrate import current, head
from storage.reports import ReportKind
from storage.workspaces import installed_workspaces

FORMATS = ("table", "csv", "json")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would calculate, were it not escaped


async def read_report(database_url: str, kind: ReportKind, by_month: bool, workspace: str) -> Report:
    """Raises UserError where there is nothing to report on."""
    if (version := current(database_url)) != head():
        raise UserError("There is no database yet." if version is None else "Bring the database up to date: migrate.")
    database = await Database(database_url, readers=1, writers=1).start()

    def work(session: Session) -> Report:
        found = chosen(installed_workspaces(session), workspace)
        if found is None:
            raise UserError("There are no leads yet: Parley is in no workspace, and nothing was imported.")
        return report(session, found.id, kind, by_month)

    try:
        return await database.read(work)
    finally:
        await database.close()


def written(found: Report, form: str) -> tuple[str, list[str]]:
    """The report, and what must be said beside it."""
    rows = [_figures(line, found.by_month) for line in (*found.lines, found.all)]
    if form == "json":
        return json.dumps(rows, ensure_ascii=False, indent=1), remarks(found.all)
    return (_csv(rows) if form == "csv" else _table(rows)), remarks(found.all)


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
    writer.writerow(rows[0])
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
    if name.startswith("won_rate"):
        return f"{100 * cell:.2f} %"
    return f"{cell:.1f}" if isinstance(cell, float) else "".join(c if c.isprintable() else " " for c in str(cell))
