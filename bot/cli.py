"""The command line: run, check, migrate, people import, hooks and demo."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from bot.settings import Misconfigured, Settings, make_folder

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
    from bot.core.context import UserError

    settings = _settings(make_folder)
    try:
        return asyncio.run(work(settings))
    except UserError as error:
        _refuse(str(error))


@commands.command()
def demo() -> None:
    """Play the lead feedback loop against a local Slack, as a transcript. Needs no account and no settings."""
    from bot.app import Parley
    from bot.playground.demo import play

    asyncio.run(play(Parley, typer.echo))


def _settings(*prepare: Callable[[Settings], None]) -> Settings:
    try:
        settings = Settings.read()
        for step in prepare:
            step(settings)
    except Misconfigured as error:
        _refuse(*error.problems)
    return settings


def _refuse(*sentences: str) -> NoReturn:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(WRONG)
