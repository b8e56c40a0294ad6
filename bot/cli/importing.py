"""people import and leads import."""

import asyncio
import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.tree import leads, people, read_database_settings, read_settings, refuse
from bot.settings import Misconfigured, make_folder


@people.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(help="CSV: id, email or name, and what is to be set.")],
    workspace: Annotated[str, typer.Option(help="Its name or id, where Parley is in several.")] = "",
) -> None:
    """Set side, role, manager, stand-in, duties and campaigns from a CSV file; safe to run twice, also beside `run`."""
    from bot.core.context import UserError
    from bot.people_import import import_file

    settings = read_settings(make_folder)
    try:
        content = file.read_bytes()
        report = asyncio.run(import_file(settings, content, workspace))
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}.")
    except (UserError, Misconfigured) as error:
        refuse(str(error))
    for refusal in report.refused:
        typer.echo(f"line {refusal.line}: {refusal.why}", err=True)
    typer.echo(f"{report.applied} applied, {len(report.refused)} refused")
    raise typer.Exit(1 if report.refused else 0)


@leads.command("import")
def import_leads(
    file: Annotated[Path, typer.Argument(help="CSV: an export of any CRM.")],
    map: Annotated[
        list[str], typer.Option(help="FIELD=COLUMN or FIELD=COLUMN+COLUMN, where it is not named like the field.")
    ] = [],  # noqa: B006
    status: Annotated[list[str], typer.Option(help='The CRM\'s word=STATE[:CODE]: "Junk Lead=rejected:R6".')] = [],  # noqa: B006
    dates: Annotated[list[str], typer.Option(help="The form of dates, such as %d-%m-%Y, or FIELD=FORM.")] = [],  # noqa: B006
    encoding: Annotated[str, typer.Option(help="How the file is written, such as cp1251, where it is not found.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    workspace: Annotated[str, typer.Option(help="Its name or id, where Parley is in several.")] = "",
    report: Annotated[Path | None, typer.Option(help="Write every row left out, and why, to this file.")] = None,
) -> None:
    """Add and update leads by their key; posts nothing, safe to run twice, also beside `run`.

    Fields: key, company, contact, email, phone, source, campaign, segment, value, temperature, owner, summary, status,
    handed_off_at, accepted_at, won_at, lost_at.
    """
    from bot.core.context import UserError
    from bot.leads_import import Wanted, import_file
    from bot.leads_import.progress import progress as shown

    logging.getLogger("storage.units").setLevel(logging.ERROR)  # how long its units take is nothing to whoever imports
    settings = read_database_settings()
    wanted = Wanted(map, status, dates, workspace, dry_run, encoding)
    try:
        if report and report.exists() and report.samefile(file):
            refuse(f"--report would overwrite {file} itself. Name another file.")
        with shown(file.name) as progress, ExitStack() as opened:
            left_out = opened.enter_context(report.open("w", encoding="utf-8", newline="")) if report else None
            done = asyncio.run(import_file(settings.database, file, wanted, progress, left_out))
    except OSError as error:
        refuse(f"{error.filename or file} cannot be used: {error.strerror or error}.")
    except UserError as error:
        refuse(str(error))
    for line, why in done.shown:
        typer.echo(f"line {line}: {why}", err=True)
    if (more := done.refused + done.repeated - len(done.shown)) > 0:
        typer.echo(f"and {more} more{'' if report else '; --report FILE keeps them all'}", err=True)
    for remark in done.remarks:
        typer.echo(remark, err=True)
    rows = "1 row" if done.read == 1 else f"{done.read} rows"
    typer.echo(
        f"{'Dry run, nothing was changed: ' if dry_run else ''}{rows} read as {done.encoding} into "
        f"{done.workspace}: {done.added} added, {done.changed} changed, {done.unchanged} unchanged, "
        f"{done.repeated} repeated, {done.refused} refused"
    )
    raise typer.Exit(1 if done.refused else 0)
