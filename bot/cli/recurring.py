"""digest now and its like."""

from typing import Annotated

import typer

from bot.cli.tree import OfWorkspace, answer, commands, read_database_settings

OfChannel = Annotated[str, typer.Option("--channel", help="Its name or id, where several have one.")]


def _add_now(kind: str, about: str) -> None:
    """`KIND now`, of a kind of schedules."""
    group = typer.Typer(no_args_is_help=True, help=about)
    commands.add_typer(group, name=kind)

    @group.command("now", help=f"{about} Also beside `run`.")
    def now(channel: OfChannel = "", workspace: OfWorkspace = "") -> None:
        from bot.now import occur_now

        typer.echo(answer(occur_now(read_database_settings().database, kind, channel, workspace)))


_add_now("digest", "Tell a channel today's digest now, instead of at its hour.")
