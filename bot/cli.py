"""The command line: run, check, migrate, people and leads import, report, export, erase, digest now, hooks, demo."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from bot.settings import DatabaseSettings, Misconfigured, Settings, make_folder

commands = typer.Typer(
    name="parley",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Parley, a chat bot.",
)
people = typer.Typer(no_args_is_help=True, help="People and what they do.")
commands.add_typer(people, name="people")
hooks = typer.Typer(no_args_is_help=True, help="Where other programs hand in leads: POST /hooks/leads/NAME.")
commands.add_typer(hooks, name="hooks")
leads = typer.Typer(no_args_is_help=True, help="Leads and their history.")
commands.add_typer(leads, name="leads")
member = typer.Typer(no_args_is_help=True, help="One person.")
commands.add_typer(member, name="member")
lead = typer.Typer(no_args_is_help=True, help="One lead.")
commands.add_typer(lead, name="lead")

T = TypeVar("T")
WRONG = 2  # the exit code for what a person has to mend


@commands.command()
def run() -> None:
    """Serve until stopped: by Socket Mode if SLACK_APP_TOKEN is set, else by HTTP on PORT."""
    from bot.app import main

    raise typer.Exit(main())


@commands.command()
def check() -> None:
    """Say what is missing or wrong, and how to mend it. Exit code 0: all is well, 1: could not tell, 2: mend it."""
    from bot.check import Finding, exit_code, findings

    async def look() -> list[Finding]:
        found = []
        async for finding in findings():
            typer.echo(str(finding))
            found.append(finding)
        return found

    raise typer.Exit(exit_code(asyncio.run(look())))


@commands.command()
def migrate() -> None:
    """Bring the database to the newest version, as `run` does by itself."""
    from sqlalchemy.exc import SQLAlchemyError

    from storage.migrate import UnknownVersion, head
    from storage.migrate import migrate as bring

    settings = _settings(make_folder)
    try:
        changed = bring(settings.database)
    except UnknownVersion as error:
        _refuse(f"This Parley is too old: {error}.")
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        _refuse(f"The database cannot be used: {reason}. Look at DATABASE_URL.")
    typer.echo(f"The database {'is now' if changed else 'was already'} at version {head()}.")


@people.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(help="CSV: id, email or name, and what is to be set.")],
    workspace: Annotated[str, typer.Option(help="Its name or id, where Parley is in several.")] = "",
) -> None:
    """Set side, role, manager, stand-in, duties and campaigns from a CSV file; safe to run twice, also beside `run`."""
    from bot.core.context import UserError
    from bot.people_import import import_file

    settings = _settings(make_folder)
    try:
        content = file.read_bytes()
        report = asyncio.run(import_file(settings, content, workspace))
    except OSError as error:
        _refuse(f"{file} cannot be read: {error.strerror}.")
    except (UserError, Misconfigured) as error:
        _refuse(str(error))
    for refusal in report.refused:
        typer.echo(f"line {refusal.line}: {refusal.why}", err=True)
    typer.echo(f"{report.applied} applied, {len(report.refused)} refused")
    raise typer.Exit(1 if report.refused else 0)


HookName = Annotated[str, typer.Argument(help="The last part of the address.")]
OfWorkspace = Annotated[str, typer.Option("--workspace", help="Its name or id, where Parley is in several.")]


@hooks.command("add")
def add_hook(name: HookName, workspace: OfWorkspace = "") -> None:
    """Make a hook, and show the secret to sign with: once, so keep it."""
    from bot.hook_secrets import add

    typer.echo(_of_hooks(lambda settings: add(settings, name, workspace)))


@hooks.command("rotate")
def rotate_hook(name: HookName, workspace: OfWorkspace = "") -> None:
    """Show a new secret, once. The one before it stays valid until the next rotation."""
    from bot.hook_secrets import rotate

    typer.echo(_of_hooks(lambda settings: rotate(settings, name, workspace)))


@hooks.command("list")
def list_hooks(workspace: OfWorkspace = "") -> None:
    """Show the hooks, without their secrets."""
    from bot.hook_secrets import names

    for sentence in _of_hooks(lambda settings: names(settings, workspace)):
        typer.echo(sentence)


@hooks.command("remove")
def remove_hook(name: HookName, workspace: OfWorkspace = "") -> None:
    """Take nothing more under this name; the leads stay."""
    from bot.hook_secrets import remove

    _of_hooks(lambda settings: remove(settings, name, workspace))
    typer.echo(f"There is no hook {name} any more.")


def _of_hooks(work: Callable[[Settings], Coroutine[Any, Any, T]]) -> T:
    return _answer(work(_settings(make_folder)))


@leads.command("import")
def import_leads(
    file: Annotated[Path, typer.Argument(help="CSV: an export of any CRM.")],
    map: Annotated[list[str], typer.Option(help="FIELD=COLUMN, for columns that are not named like a field.")] = [],  # noqa: B006
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

    settings = _database_settings()
    wanted = Wanted(map, status, dates, workspace, dry_run, encoding)
    try:
        with shown(file.name) as progress, ExitStack() as opened:
            left_out = opened.enter_context(report.open("w", encoding="utf-8", newline="")) if report else None
            done = asyncio.run(import_file(settings.database, file, wanted, progress, left_out))
    except OSError as error:
        _refuse(f"{error.filename or file} cannot be used: {error.strerror or error}.")
    except UserError as error:
        _refuse(str(error))
    for line, why in done.shown:
        typer.echo(f"line {line}: {why}", err=True)
    if (more := done.refused + done.repeated - len(done.shown)) > 0:
        typer.echo(f"and {more} more{'' if report else '; --report FILE keeps them all'}", err=True)
    for remark in done.remarks:
        typer.echo(remark, err=True)
    typer.echo(
        f"{'Dry run, nothing was changed: ' if dry_run else ''}{done.read} rows read as {done.encoding} into "
        f"{done.workspace}: {done.added} added, {done.changed} changed, {done.unchanged} unchanged, "
        f"{done.repeated} repeated, {done.refused} refused"
    )
    raise typer.Exit(1 if done.refused else 0)


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
            _refuse(f"“{given}” is nothing I know for {name}: {', '.join(filter(None, known))}.")
    if kind == CLOCKS:
        clocks = _answer(read_clocks(_database_settings().database, workspace, datetime.now(UTC)))
        text, remarks = written_clocks(clocks, format)
    else:
        found = _answer(read_report(_database_settings().database, ReportKind(kind), by == "month", workspace))
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

    typer.echo(_answer(exported(_database_settings().database, what, format, workspace)))


DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would go, and do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@member.command("erase")
def erase_member(
    who: Annotated[str, typer.Argument(help="Their id, e-mail address or exact name.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    workspace: OfWorkspace = "",
) -> None:
    """Forget a person: who they are and what they wrote; what happened stays counted. Also beside `run`."""
    from bot.erase import find_person

    _erase(find_person, who, dry_run, yes, workspace)


@lead.command("erase")
def erase_lead(
    key: Annotated[str, typer.Argument(help="Its key, such as L-12.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    workspace: OfWorkspace = "",
) -> None:
    """Forget a lead: who it is and what was said of it; how it ended stays counted. Also beside `run`."""
    from bot.erase import find_lead

    _erase(find_lead, key, dry_run, yes, workspace)


def _erase(find: Any, word: str, dry_run: bool, yes: bool, workspace: str) -> None:
    from bot.erase import erase
    from bot.key_files import KeyFiles

    def confirm(question: str) -> bool:
        return yes or typer.confirm(question, err=True)

    settings = _database_settings()
    keys = KeyFiles(settings.key_folder)
    typer.echo(_answer(erase(settings.database, keys, find, word, workspace, dry_run, confirm)))


OfChannel = Annotated[str, typer.Option("--channel", help="Its name or id, where several have one.")]


def _add_now(kind: str, about: str) -> None:
    """`KIND now`, of a kind of schedules."""
    group = typer.Typer(no_args_is_help=True, help=about)
    commands.add_typer(group, name=kind)

    @group.command("now", help=f"{about} Also beside `run`.")
    def now(channel: OfChannel = "", workspace: OfWorkspace = "") -> None:
        from bot.core.context import UserError
        from bot.now import occur_now

        try:
            typer.echo(asyncio.run(occur_now(_database_settings().database, kind, channel, workspace)))
        except UserError as error:
            _refuse(str(error))


_add_now("digest", "Tell a channel today's digest now, instead of at its hour.")


@commands.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is served; 0: any.")] = 4270,
    host: Annotated[str, typer.Option(help="Where to listen; by default nobody else can reach it.")] = "127.0.0.1",
    open: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Keep it in this folder, and go on there the next time.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, also in a folder that was kept.")] = False,
) -> None:
    """Try Parley in your browser, at a company that is made up. Needs no account and no settings."""
    gc.disable()  # until it runs: what is loaded stays anyway
    from bot.demo.run import Wanted, main

    raise typer.Exit(main(Wanted(host, port, keep, fresh, open)))


def _answer(work: Coroutine[Any, Any, T]) -> T:
    """What it comes to; ends with its sentence where it is refused."""
    from bot.core.context import UserError

    try:
        return asyncio.run(work)
    except UserError as error:
        _refuse(str(error))


def _settings(*prepare: Callable[[Settings], None]) -> Settings:
    try:
        settings = Settings.read()
        for step in prepare:
            step(settings)
    except Misconfigured as error:
        _refuse(*error.problems)
    return settings


def _database_settings() -> DatabaseSettings:
    try:
        settings = DatabaseSettings.read()
        make_folder(settings)
    except Misconfigured as error:
        _refuse(*error.problems)
    return settings


def _refuse(*sentences: str) -> NoReturn:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(WRONG)
