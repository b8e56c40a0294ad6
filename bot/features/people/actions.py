"""What members can do about themselves and admins about everything else. Names here are wire format: never rename."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.core.action import Action
from storage.channels import Purpose
from storage.people import Side

Role = Annotated[str, StringConstraints(max_length=80)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NONE = "none"  # "no purpose": a choice must have a value
USUAL = "usual"  # the language that holds where none is chosen


class ChoosePurpose(Action, name="people.purpose"):
    channel: int
    purpose: Purpose


class AllowChannel(Action, name="people.allow"):
    """Let Parley speak in a channel shared with other organisations, or no longer."""

    channel: int
    is_allowed: bool = True


class FindChannel(Action, name="people.find_channel"):
    """Open the form of a channel; of which one is asked first, where it is not known."""

    channel: int | None = None


class ChangeChannel(Action, name="people.channel"):
    channel: int
    purpose: Purpose | Literal["none"]
    language: str = USUAL
    speaks: Literal["yes", "no"] | None = None  # asked for in shared channels only


class OpenWorkspace(Action, name="people.open_workspace"):
    pass


class ChangeWorkspace(Action, name="people.workspace"):
    timezone: str
    language: str


class FindPerson(Action, name="people.find_person"):
    """Open the form of a person; of whom is asked first, where it is not known."""

    person: str | None = None


class ChangePerson(Action, name="people.person"):
    person: str
    side: Side | None = None
    role: Role | None = None
    manager: str | None = None
    stand_in: str | None = None
    duties: tuple[Literal["head", "admin"], ...] = ()


class OpenCampaign(Action, name="people.open_campaign"):
    pass


class ChangeCampaign(Action, name="people.campaign"):
    campaign: int
    owner: str | None = None


class TakeSide(Action, name="people.side"):
    side: Side


class OpenMe(Action, name="people.open_me"):
    pass


class ChangeMe(Action, name="people.me"):
    side: Side
    role: Role | None = None
    language: str = USUAL
    work_days: tuple[Weekday, ...] = Field(min_length=1)
    work_starts: time
    work_ends: time
    away_from: date | None = None  # None: today
    away_until: date | None = None  # the last day off
    stand_in: str | None = None


class OpenSetup(Action, name="people.setup"):
    pass
