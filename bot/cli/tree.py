"""What all commands share: how they hang together, what they read first, how they answer and refuse."""

import asyncio
from collections.abc import Callable, Coroutine
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
OfWorkspace = Annotated[str, typer.Option("--workspace", help="Its name or id, where Parley is in several.")]


def answer(work: Coroutine[Any, Any, T]) -> T:
    """What it comes to; ends with its sentence where it is refused."""
    from bot.core.context import UserError

    try:
        return asyncio.run(work)
    except UserError as error:
        refuse(str(error))


def read_settings(*prepare: Callable[[Settings], None]) -> Settings:
    try:
        settings = Settings.read()
        for step in prepare:
            step(settings)
    except Misconfigured as error:
        refuse(*error.problems)
    return settings


def read_database_settings() -> DatabaseSettings:
    try:
        settings = DatabaseSettings.read()
        make_folder(settings)
    except Misconfigured as error:
        refuse(*error.problems)
    return settings


def refuse(*sentences: str) -> NoReturn:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(WRONG)
