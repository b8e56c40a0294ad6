"""What members can do with leads. Names here are wire format: add, never rename."""

from typing import Literal

from bot.core.action import Action
from bot.rules.lead_fields import LeadFields

Step = Literal["accept", "attempt", "connect", "qualify", "win", "lose"]


class Add(LeadFields, Action, name="leads.add"):
    """`owner` is the external id of a member."""


class Move(Action, name="leads.move"):
    """One step of the lead's way; `cycle` tells an old card from a new one."""

    lead: int
    cycle: int
    act: Step


class Undo(Action, name="leads.undo"):
    event: int


class Show(Action, name="leads.show"):
    lead: int
