"""The command line: each module adds its commands to one tree; what a command needs is imported when it is called."""

from bot.cli import serving, importing, hooks, figures, recurring, erasing  # isort: skip - as help shows them
from bot.cli.tree import commands

__all__ = ["commands", "erasing", "figures", "hooks", "importing", "recurring", "serving"]
