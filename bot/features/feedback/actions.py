"""What members can do with feedback. Names here are wire format: add, never rename."""

from datetime import date

from pydantic import Field

from bot.core.action import Action
from bot.rules.codes import CodeKind

About = Field(pattern=r"^(lead:\d+|campaign:\d+|general)$")  # as the lookup `leads.find` offers it


class Give(Action, name="feedback.give"):
    """Say something with a code. `cycle` tells an old card from a new one; `in_days` is a wake-up in one tap."""

    about: str = About
    code: str = Field(max_length=8)
    note: str = Field(default="", max_length=1000)
    wake_on: date | None = None
    in_days: int | None = None
    cycle: int | None = None
    reaction: str | None = None
    quote: str | None = Field(default=None, max_length=600)
    link: str | None = Field(default=None, max_length=500)


class Change(Action, name="feedback.change"):
    """Another lead was chosen in the open form: offer the codes that its state allows."""

    about: str = About
    note: str = ""
    quote: str | None = None
    link: str | None = None


class Open(Action, name="feedback.open"):
    """Opens the form about one lead or about none, with the codes of one kind or of all that fit."""

    lead: int | None = None
    cycle: int | None = None
    kind: CodeKind | None = None
    note: str = ""
    reaction: str | None = None
    code: str | None = None
    wake_on: date | None = None


class Praise(Action, name="feedback.praise"):
    lead: int
    cycle: int


class Refine(Action, name="feedback.refine"):
    """Say which praise it was."""

    feedback: int
    code: str = Field(max_length=8)


class Undo(Action, name="feedback.undo"):
    feedback: int


class OpenCode(Action, name="feedback.open_code"):
    """Opens the form that changes a code, or adds one."""


class SaveCode(Action, name="feedback.save_code"):
    code: str = Field(max_length=4)
    label: str = Field(min_length=3, max_length=60)
    hidden: str = Field(default="no", pattern="^(yes|no)$")
