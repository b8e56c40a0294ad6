"""What is left of deleted rows in a database's own files, and how it is taken away."""

import sqlite3
from collections.abc import Sequence

from sqlalchemy import URL, create_engine, text

PATIENCE_MS = 200  # for others to let go of SQLite's log


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


def vacuum(url: URL, tables: Sequence[str]) -> None:
    """Take dead rows out of tables of PostgreSQL. Its log, and what replicas and archives hold, is not ours."""
    engine = create_engine(url, hide_parameters=True, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for table in tables:
                connection.execute(text(f'VACUUM "{table}"'))
    finally:
        engine.dispose()
