"""What members can do with cases. Names here are wire format: add, never rename."""

from datetime import date
from typing import Literal

from pydantic import Field

from bot.core.action import Action

Answers = Literal["change", "no_change", "need_more"]


class Acknowledge(Action, name="cases.acknowledge"):
    case: int


class OpenDecision(Action, name="cases.open_decision"):
    """Opens the form in which marketing decides."""

    case: int


class ChangeDecision(Action, name="cases.change_decision"):
    """Another answer was chosen in the open form: ask what belongs to it."""

    case: int
    answer: Answers = "change"


class Decide(Action, name="cases.decide"):
    case: int
    answer: Answers
    text: str = Field(min_length=3, max_length=1000)
    due_on: date | None = None
    examples: int | None = Field(default=None, ge=1, le=50)


class Helps(Action, name="cases.helps"):
    receipt: int
    helps: bool
