"""Whoever settles a message and whoever looks for messages to send take turns in a lane.

Whoever settles a message frees what waits behind it, as far as it is there to be seen. What comes meanwhile would be
blocked by a message that is not settled yet for anybody else, and nobody would free it. With one writer (SQLite)
nothing comes meanwhile.
"""

from collections.abc import Collection

from sqlalchemy import text
from sqlmodel import Session

from storage.statements import driver_of

_SETTLE = text("SELECT pg_advisory_xact_lock(20307, hashtext(:lane))")  # the number tells these locks from others
_LOOK = text(
    "SELECT lane FROM unnest(CAST(:lanes AS text[])) AS lane"
    " WHERE pg_try_advisory_xact_lock_shared(20307, hashtext(lane))"
)


def settle_in(session: Session, lane: str) -> None:
    """Until this commits, nobody looks for messages in the lane."""
    if driver_of(session).dialect.name != "sqlite":
        session.connection().execute(_SETTLE, {"lane": lane})


def look_in(session: Session, lanes: Collection[str]) -> Collection[str]:
    """Those of the lanes in which nobody is settling a message, nor will until this commits."""
    if driver_of(session).dialect.name == "sqlite":
        return lanes
    return set(session.connection().scalars(_LOOK, {"lanes": list(lanes)}))
