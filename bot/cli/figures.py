"""report and export: figures, and what they are made of."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli.tree import OfWorkspace, answer, commands, read_database_settings, refuse


@commands.command()
def report(
    kind: Annotated[str, typer.Argument(help="sources, campaigns, reasons, owners, statuses or clocks")],
    by: Annotated[str, typer.Option(help="month: of the hand-off")] = "",
    format: Annotated[str, typer.Option(help="table, csv or json")] = "table",
    workspace: Annotated[str, typer.Option(help="Its name or id, where Parley is in several.")] = "",
) -> None:
    """Say what became of leads, by group: counts, the share won with its 95 % interval, days from hand-off to won.

    `clocks` says how often both sides were in time in the last thirty days.
    """
    from bot.report import CLOCKS, FORMATS, read_clocks, read_report, written, written_clocks
    from storage.reports import ReportKind

    for name, given, known in (
        ("report", kind, [*ReportKind, CLOCKS]),
        *([("--by", by, [""])] if kind == CLOCKS else []),
        ("--by", by, ["", "month"]),
        ("--format", format, [*FORMATS]),
    ):
        if given not in known:
            refuse(f"“{given}” is nothing I know for {name}: {', '.join(filter(None, known))}.")
    if kind == CLOCKS:
        clocks = answer(read_clocks(read_database_settings().database, workspace, datetime.now(UTC)))
        text, remarks = written_clocks(clocks, format)
    else:
        found = answer(read_report(read_database_settings().database, ReportKind(kind), by == "month", workspace))
        text, remarks = written(found, format)
    typer.echo(text)
    for remark in remarks:
        typer.echo(remark, err=True)


@commands.command()
def export(
    what: Annotated[str, typer.Argument(help="pulse, gemba (hours of job swaps), gemba-rounds or gemba-ideas")],
    format: Annotated[str, typer.Option(help="csv or json")] = "csv",
    workspace: OfWorkspace = "",
) -> None:
    """Write all figures that were published of pulses; or hours of job swaps by function, their rounds, their ideas."""
    from bot.export import exported

    typer.echo(answer(exported(read_database_settings().database, what, format, workspace)))
