"""Keys that never enter the database: each is a file, and features know it by its name."""

from typing import Protocol


class Keys(Protocol):
    def make(self, name: str) -> None:
        """Have a new key under a name that was never used; when this returns, it survives a crash. Raises OSError."""

    def read(self, name: str) -> bytes | None:
        """The key of this name; None where there is none (any more)."""


class NoKeys:
    """For whoever works on the database without a folder of keys."""

    def make(self, name: str) -> None:
        raise OSError("there is no folder for keys here")

    def read(self, name: str) -> bytes | None:
        return None
