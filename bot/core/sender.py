"""The port delivery posts through; each platform implements it.

Of a call that raises neither RetryAfter nor Rejected, nobody knows whether the platform did it. After Failed it is at
least done with it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.ui import File, Message, Part


class RetryAfter(Exception):
    """Nothing was done; try again after `seconds`. `is_limit`: the platform's rate limit, which holds others too."""

    def __init__(self, seconds: float, *, is_limit: bool = False) -> None:
        super().__init__(f"retry after {seconds} s")
        self.seconds, self.is_limit = seconds, is_limit


class Rejected(Exception):
    """Nothing was done and trying again cannot help; the text is the platform's word for why."""


class Failed(Exception):
    """The platform answered that it failed: what it did before that, if anything, can be seen now."""


class CannotLookBack(Exception):
    """The platform does not let Parley read what stands in this channel."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands, in the platform's own ids."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: a channel, and a thread in it, in the platform's own ids."""

    workspace: str
    channel: str
    thread_ts: str | None = None


class Sender(Protocol):
    async def open_dm(self, workspace: str, member: str) -> str:
        """The channel of Parley's private conversation with a member; opening it twice is harmless."""
        ...

    async def post(self, target: Target, message: Message, row_id: str) -> Posted:
        """Post a message that carries `row_id`, by which it is recognised later."""
        ...

    async def upload(self, target: Target, message: Message, file: File, row_id: str) -> Posted | None:
        """Post a message with its file; None where the platform will not say where it stands."""
        ...

    async def update(self, workspace: str, posted: Posted, message: Message, row_id: str) -> None: ...

    async def delete(self, workspace: str, posted: Posted) -> None: ...

    async def react(self, workspace: str, posted: Posted, name: str) -> None: ...

    async def show_home(self, workspace: str, member: str, parts: list[Part]) -> None: ...

    async def find(self, target: Target, row_id: str, since: datetime) -> Posted | None:
        """The message with this id among those posted since; None if it is not there. Raises CannotLookBack."""
        ...
