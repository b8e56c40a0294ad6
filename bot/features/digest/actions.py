"""What people can do with digests. Names here are wire format: add, never rename."""

from datetime import time
from typing import Literal

from bot.core.action import Action
from bot.features.digest.facts import Section
from storage.digest import Deed

Weekday = Literal["1", "2", "3", "4", "5", "6", "7"]  # ISO: 1 is Monday


class Act(Action, name="digest.act"):
    """Take an open item, call it done, look at it, or put it off until tomorrow."""

    item: int
    kind: Deed


class TakeBack(Action, name="digest.take_back"):
    item: int
    kind: Deed


class Vote(Action, name="digest.vote"):
    digest: int
    useful: bool


class ShowMore(Action, name="digest.more"):
    """A page of what does not fit into the digest's own message."""

    digest: int
    page: int


class Preview(Action, name="digest.preview"):
    channel: int | None = None


class OpenSettings(Action, name="digest.open_settings"):
    channel: int | None = None


class ChangeSettings(Action, name="digest.settings"):
    """`days` empty: no digest."""

    channels: tuple[int, ...] = ()
    at: time
    days: tuple[Weekday, ...] = ()
    sections: tuple[Section, ...] = ()
    empty: Literal["say", "nothing"] = "say"
