"""The port through which Parley asks a platform who somebody is and what a channel is; each platform implements it."""

from dataclasses import dataclass
from typing import Protocol


class NotFound(LookupError):
    """The platform knows no such person or channel, or does not show it to Parley."""


@dataclass(frozen=True, slots=True)
class Person:
    external_id: str
    name: str
    belongs: bool  # a home member of this workspace, active and no guest; unknown means False
    is_admin: bool = False
    email: str | None = None
    timezone: str | None = None  # IANA name; None, as for the language: the platform does not say
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A channel as the platform describes it."""

    external_id: str
    name: str
    is_shared: bool  # with other organisations; unknown means True


class Directory(Protocol):
    async def person(self, workspace: str, external_id: str) -> Person:
        """Raises NotFound; any other exception means that the platform could not be asked."""
        ...

    async def admins(self, workspace: str) -> list[Person]:
        """The admins of the workspace itself; none where the platform does not tell."""
        ...

    async def place(self, workspace: str, external_id: str) -> Place:
        """Raises NotFound; any other exception means that the platform could not be asked."""
        ...
