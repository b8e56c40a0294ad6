"""digest now and its like."""

from collections.abc import Callable
from typing import Annotated

import typer

from bot.cli.tree import OfWorkspace, answer, commands, read_database_settings

OfChannel = Annotated[str, typer.Option("--channel", help="Its name or id, where several have one.")]


def _now(kind: str, about: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`KIND now`, of a kind of schedules."""
    group = typer.Typer(no_args_is_help=True, help=about)
    commands.add_typer(group, name=kind)
    return group.command("now", help=f"{about} Also beside `run`.")


@_now("digest", "Tell a channel today's digest now, instead of at its hour.")
def digest_now(channel: OfChannel = "", workspace: OfWorkspace = "") -> None:
    _occur("digest", workspace, channel)


@_now("pulse", "Open a pulse now, instead of at its hour.")
def pulse_now(workspace: OfWorkspace = "") -> None:
    _occur("pulse", workspace)


@_now("gemba", "Begin a round of job swaps now, instead of on its day.")
def gemba_now(workspace: OfWorkspace = "") -> None:
    _occur("gemba", workspace)


def _occur(kind: str, workspace: str, channel: str = "") -> None:
    from bot.key_files import KeyFiles
    from bot.now import occur_now

    settings = read_database_settings()
    keys = KeyFiles(settings.key_folder)
    typer.echo(answer(occur_now(settings.database, keys, kind, channel, workspace)))
