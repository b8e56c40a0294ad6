"""What members can do with leads. Names here are wire format: add, never rename."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from bot.core.action import Action

Step = Literal["accept", "attempt", "connect", "qualify", "win", "lose"]


class Add(Action, name="leads.add"):
    company: str = Field(min_length=1, max_length=120)
    source: str | None = Field(default=None, max_length=80)
    campaign: str | None = Field(default=None, max_length=80)
    owner: str | None = None  # external id of a member
    contact: str | None = Field(default=None, max_length=120)
    email: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=60)
    segment: str | None = Field(default=None, max_length=80)
    value: Decimal | None = Field(default=None, ge=0, le=1_000_000_000)
    temperature: Literal["hot", "standard", "list"] = "standard"
    summary: str | None = Field(default=None, max_length=1500)


class Move(Action, name="leads.move"):
    """One step of the lead's way; `cycle` tells an old card from a new one."""

    lead: int
    cycle: int
    act: Step


class Undo(Action, name="leads.undo"):
    event: int


class Show(Action, name="leads.show"):
    lead: int
