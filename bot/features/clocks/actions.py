"""What people can do about clocks; what stops them are the actions of leads and cases."""

from bot.core.action import Action


class ShowMine(Action, name="clocks.mine"):
    """Everything that waits for me."""
