"""Kinds of messages of which it is counted whether people act on them. What no feature declares is never counted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InDigest:
    """The daily digest can stand in for a kind: by one of its sections, as a sentence marked with N_ tells admins."""

    section: str
    about: str


@dataclass(frozen=True)
class Counted:
    """A kind, as admins know it; marked with N_."""

    about: str
    in_digest: InDigest | None = None  # None: it cannot be folded into it
