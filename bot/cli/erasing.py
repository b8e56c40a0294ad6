"""member erase and lead erase."""

from typing import Annotated, Any

import typer

from bot.cli.tree import OfWorkspace, answer, lead, member, read_database_settings

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

    settings = read_database_settings()
    keys = KeyFiles(settings.key_folder)
    typer.echo(answer(erase(settings.database, keys, find, word, workspace, dry_run, confirm)))
