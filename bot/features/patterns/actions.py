"""What admins can do with a channel's patterns. Names here are wire format: add, never rename."""

from pydantic import Field

from bot.core.action import Action
from bot.rules.lead_patterns import LONGEST_PATTERN


class Open(Action, name="patterns.open"):
    """Open the form: of the pattern that is called so, else of a new one."""

    channel: int
    called: str | None = None


class Try(Action, name="patterns.try"):
    """Show what the channel's last messages would become; nothing is in force yet."""

    channel: int
    called: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=LONGEST_PATTERN)


class Use(Action, name="patterns.use"):
    """Put into force what was tried; `version` tells an old answer from a new one."""

    pattern: int
    version: int


class Switch(Action, name="patterns.switch"):
    channel: int
    called: str
    is_on: bool


class Remove(Action, name="patterns.remove"):
    """Take a channel's own pattern away: the shipped one of its name holds again."""

    pattern: int
