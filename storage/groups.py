"""SQLite's writer: the units that wait are committed together, so that one fsync is for all of them.

For a savepoint SQLite copies every page that a unit changes, which takes a sixth of the unit's time. So there is none,
until a unit fails that has changed something: then nothing of its group stays, and those before it are run once more,
each in a savepoint of its own. Bulk work has one from the start: it takes long to run again.
"""

import sqlite3
from contextlib import AbstractContextManager
from time import sleep
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session

from storage.statements import begin, driver_of
from storage.units import Queue, Unit

LARGEST = 32  # units in one commit, at most: the first is answered after the last
POLL = 0.002  # seconds between two looks whether another process still writes; SQLite's own grow to 0.1


class GroupConnection(sqlite3.Connection):
    """The writer's connection, of which SQLAlchemy only sees units: what it rolls back is one of them."""

    has_savepoint = False  # there is one at the unit's beginning
    must_undo = False  # SQLAlchemy has rolled back where there is none

    def rollback(self) -> None:
        if not self.in_transaction:
            return
        if self.has_savepoint:
            self.execute("ROLLBACK TO item")
            self.execute("RELEASE item")
        else:
            self.must_undo = True


class Item(AbstractContextManager[Session]):
    """A unit in the group's transaction. One session serves all, until a unit fails."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.raw: GroupConnection = raw(connection)
        self._session: Session | None = None
        self.raw.has_savepoint = True

    def __enter__(self) -> Session:
        if self.raw.has_savepoint:
            self.raw.execute("SAVEPOINT item")
        if self._session is None:
            self._session = Session(self._connection, expire_on_commit=False)
            begin(self._session)
        return self._session

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        assert self._session
        if failed is None:
            try:
                driver_of(self._session)  # raises, if the unit went on after SQLAlchemy gave it up
                self._session.flush()
                if self.raw.has_savepoint:
                    self.raw.execute("RELEASE item")
                elif self.raw.must_undo:
                    raise RuntimeError("a unit cannot roll back by itself and go on")
                self._session.expunge_all()
            except BaseException:
                self.forget()
                raise
        else:
            self.forget()

    def forget(self) -> None:
        """Undo what was not released, and let the next unit have another session."""
        if self._session is not None:
            self._session.close()
            self._session = None


def commit_groups(connection: Connection, queue: Queue) -> None:
    item = Item(connection)
    item.raw.has_savepoint = False
    while queue.wait():
        _commit_group(item, queue)


def _commit_group(item: Item, queue: Queue) -> None:
    """One commit for what waits and what comes meanwhile."""
    raw, group = item.raw, list[Unit]()
    try:
        raw.execute("BEGIN IMMEDIATE")
        while len(group) < LARGEST and (unit := queue.take(bulk=not group)):
            group.append(unit)
            raw.has_savepoint |= unit.is_bulk
            raw.must_undo, before = False, raw.total_changes
            unit.attempt(item)
            if not raw.in_transaction:  # a full disk makes SQLite roll back everything
                raise RuntimeError("the transaction was lost") from unit.error
            if raw.must_undo and raw.total_changes != before:
                raw.execute("ROLLBACK")
                queue.put_back(group[:-1])
                queue.answer([unit])
                raw.has_savepoint = True
                return
        raw.execute("COMMIT")
        raw.has_savepoint = False
    except Exception as error:  # nothing of this group is stored
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        if not group:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                sleep(POLL)  # another process writes; the units go on waiting
                return
            if unit := queue.take(bulk=True):
                group.append(unit)
        for unit in group:
            unit.error = error
    queue.answer(group)


def raw(connection: Connection) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection
