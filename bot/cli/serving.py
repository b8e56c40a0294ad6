"""run, check, migrate and demo."""

import asyncio
import gc
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.tree import commands, read_settings, refuse
from bot.demo import PORT
from bot.settings import make_folder


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

    settings = read_settings(make_folder)
    try:
        changed = bring(settings.database)
    except UnknownVersion as error:
        refuse(f"This Parley is too old: {error}.")
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        refuse(f"The database cannot be used: {reason}. Look at DATABASE_URL.")
    typer.echo(f"The database {'is now' if changed else 'was already'} at version {head()}.")


@commands.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is served; 0: any.")] = PORT,
    host: Annotated[str, typer.Option(help="Where to listen; by default nobody else can reach it.")] = "127.0.0.1",
    open: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Keep it in this folder, and go on there the next time.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, also in a folder that was kept.")] = False,
) -> None:
    """Try Parley in your browser, at a company that is made up. Needs no account and no settings."""
    gc.disable()  # until it runs: what is loaded stays anyway
    from bot.demo.run import Wanted, main

    raise typer.Exit(main(Wanted(host, port, keep, fresh, open)))
