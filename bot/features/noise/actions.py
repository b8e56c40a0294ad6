"""What admins can do about Parley's own messages. Names here are wire format: add, never rename."""

from typing import Literal

from bot.core.action import Action

Percent = Literal["0", "5", "10", "20", "30"]


class Decide(Action, name="noise.decide"):
    """Fold a kind of message into the daily digest, or send it on its own."""

    choice: int
    fold: bool


class OpenSettings(Action, name="noise.open_settings"):
    pass


class ChangeSettings(Action, name="noise.settings"):
    """`below`: the percentage acted on, below which admins are asked; 0: never."""

    below: Percent
    folded: tuple[str, ...] = ()
