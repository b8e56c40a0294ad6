"""What is left of deleted rows in a database's own files, and how it is taken away."""

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import OperationalError

PATIENCE_MS = 200  # for others to let go of SQLite's log, or of a table


def truncate_log(file: str) -> bool:
    """Move all of SQLite's log into its file and empty the log; False as long as somebody reads what is in it.

    Deleted rows are overwritten in the file, but the log has its pages as they were before.
    """
    connection = sqlite3.connect(file, timeout=PATIENCE_MS / 1000, isolation_level=None)
    try:
        [(is_busy, _pages, _moved)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()
    return not is_busy


def vacuum(url: URL, tables: Sequence[str]) -> bool:
    """Write small tables of PostgreSQL anew, so that nothing of dead rows is left in their files; False as long as
    somebody holds one, or may still see a dead row, as a backup does that began before. Its log, and what replicas and
    archives have, is not ours.
    """
    engine = create_engine(url, hide_parameters=True, isolation_level="AUTOCOMMIT")
    left: list[int] = []
    try:
        with engine.connect() as connection:
            connection.connection.driver_connection.add_notice_handler(lambda notice: left.extend(_kept(notice)))  # type: ignore[union-attr]
            connection.execute(text(f"SET lock_timeout = {PATIENCE_MS}"))
            for table in tables:
                connection.execute(text(f'VACUUM (FULL, VERBOSE) "{table}"'))
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return not any(left)


def _kept(notice: Any) -> list[int]:
    """How many dead rows were kept: "3 dead row versions cannot be removed yet", in the server's language."""
    return [int(number) for number in re.findall(r"\d+", (notice.message_detail or "").partition("\n")[0])]
