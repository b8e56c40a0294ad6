"""What people can do about clocks; what stops them are the actions of leads and cases."""

from typing import Annotated, Literal

from pydantic import Field

from bot.core.action import Action

Kind = Literal["S1", "S2", "S3", "M1", "M2"]  # M3, the answers on their way, is Parley's own
Unit = Literal["m", "h", "d"]  # minutes, working hours, working days
MOST: dict[Unit, int] = {"d": 60, "h": 480, "m": 28_800}  # the same where a working day has eight hours
MOST_DAY_AND_NIGHT = 1440  # hours
Amount = Annotated[int, Field(ge=1, le=max(MOST.values()))]


class ShowMine(Action, name="clocks.mine"):
    """Everything that waits for me."""


class ShowDeadlines(Action, name="clocks.deadlines"):
    """How long each clock runs."""


class OpenDeadlines(Action, name="clocks.open_deadlines"):
    kind: Kind


class ChangeDeadlines(Action, name="clocks.change_deadlines"):
    """How long a clock runs that starts from now on; marketing's clocks are `standard`, whatever the lead."""

    kind: Kind
    hot_amount: Amount | None = None
    hot_unit: Unit = "m"
    standard_amount: Amount
    standard_unit: Unit
    cap: Annotated[int, Field(ge=1, le=MOST_DAY_AND_NIGHT)] | None = None  # real hours, of what has one by itself
    list_amount: Amount | None = None
    list_unit: Unit = "d"

    def allowed(self, temperature: str) -> tuple[int | None, Unit]:
        asked: dict[str, tuple[int | None, Unit]] = {
            "hot": (self.hot_amount, self.hot_unit),
            "standard": (self.standard_amount, self.standard_unit),
            "list": (self.list_amount, self.list_unit),
        }
        return asked[temperature]


class UsualDeadlines(Action, name="clocks.usual_deadlines"):
    """Back to what Parley brings along."""
