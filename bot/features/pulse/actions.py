"""What people can do with the pulse. Names here are wire format: add, never rename."""

from pydantic import Field

from bot.core.action import Action


class OpenSentence(Action, name="pulse.open_sentence"):
    """Opens the form in which a head says what they will do about a result."""

    wave: int


class SaySentence(Action, name="pulse.say_sentence"):
    wave: int
    text: str = Field(min_length=5, max_length=300)
