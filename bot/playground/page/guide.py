"""What the demo may bring along for the page to show: a tour, and ways to travel in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.playground.person import Person


@dataclass(frozen=True)
class Step:
    """One step of a tour: what to do, in one or two sentences, and where ("take me there").

    `person` is the user id of who does it; `place` a channel id, "home", "messages", or nothing; `message` the ts of
    what it is about there, `thread` that of a message whose thread is to be opened; `travel` the moment at which it can
    be done, if that is not now.
    """

    title: str
    text: str
    done: bool = False
    person: str = ""
    place: str = ""
    message: str = ""
    thread: str = ""
    travel: Offer | None = None


@dataclass(frozen=True)
class Offer:
    """A moment to travel to, such as "tomorrow 9:00"."""

    id: str
    label: str


class Guide(Protocol):
    """A tour through the playground."""

    def steps(self, person: Person) -> Sequence[Step]:
        """The steps as they stand now; asked whenever something has changed."""

    async def look(self) -> None:
        """Find out anew how far it is; asked when somebody has travelled, before they are told that they are there."""


class Travel(Protocol):
    """Moves the workspace's clock."""

    def offers(self, person: Person) -> Sequence[Offer]:
        """Where one can go from now, by the clock on the person's wall."""

    async def go(self, to: str) -> None:
        """Go there; return when everything that was due on the way has happened. LookupError if it is not offered."""
