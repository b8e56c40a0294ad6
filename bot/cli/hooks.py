"""hooks: the addresses where other programs hand in leads."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from bot.cli.tree import OfWorkspace, T, answer, hooks, read_settings
from bot.settings import Settings, make_folder

HookName = Annotated[str, typer.Argument(help="The last part of the address.")]


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
    return answer(work(read_settings(make_folder)))
