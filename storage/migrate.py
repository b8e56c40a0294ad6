"""Brings a database to the newest version at start; `python -m storage.migrate new "title"` drafts a migration."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, inspect, make_url, text
from sqlmodel import SQLModel

MIGRATIONS = Path(__file__).parent / "migrations"
LOCKS = {  # what a transaction begins with, so that one process migrates at a time; the others wait for it here
    "sqlite": ("BEGIN IMMEDIATE",),
    # Waiting for each other may take long; waiting for somebody's forgotten transaction must not.
    "postgresql": ("SELECT pg_advisory_xact_lock(123634740946297)", "SET LOCAL lock_timeout = '30s'"),
}

_VERSION_TABLE = """CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)"""  # as Alembic makes it


class UnknownVersion(RuntimeError):
    """The database was migrated by a newer program."""


def versions() -> list[str]:
    """The numbers of all migrations in their order: "0001" for 0001_first_tables.py."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def head() -> str | None:
    """The version that this program works with; None while there is no migration."""
    return max(versions(), default=None)


def current(url: str) -> str | None:
    """The version of a database; None if it is new. Creates nothing."""
    if (path := _file(url)) and not path.exists():
        return None
    with _connect(url) as connection:
        return _version(connection)


def migrate(url: str) -> bool:
    """Bring a database to head, all or nothing; say whether there was anything to do.

    Processes may start together: one migrates, the others wait for it. Creates an SQLite file and its folder.
    Raises UnknownVersion rather than touch a newer database.
    """
    if path := _file(url):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    if current(url) == head():
        return False
    with _connect(url) as connection, connection.begin():
        for statement in LOCKS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        version = _version(connection)
        if version == head():
            return False  # another process was faster
        if version is not None and version not in versions():
            raise UnknownVersion(f"the database is at version {version}, this program knows {head()} at most")
        _upgrade(connection)
    return True


def create(url: str) -> None:
    """Make a new SQLite database at head, from the tables as the code has them: somebody waits, and nobody has rows.

    It takes half as long as to migrate, and a test sees that both make the same.
    """
    with _connect(url) as connection, connection.begin():
        for statement in LOCKS["sqlite"]:
            connection.exec_driver_sql(statement)
        SQLModel.metadata.create_all(connection, checkfirst=False)
        connection.exec_driver_sql(_VERSION_TABLE)
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (head(),))


def new(title: str) -> Path:
    """Draft the migration that leads from head to the tables as the code has them now (for development)."""
    from alembic import command

    number = f"{int(head() or 0) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        migrate(url := f"sqlite:///{folder}/head.db")
        with _connect(url) as connection:
            command.revision(_config(connection), title, autogenerate=True, rev_id=number)
    [path] = (MIGRATIONS / "versions").glob(f"{number}_*.py")
    for command_line in (["check", "--fix", "--quiet", "--select=F401,I001"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command_line, path], check=False)
    return path


def _file(url: str) -> Path | None:
    address = make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


@contextmanager
def _connect(url: str) -> Iterator[Connection]:
    sqlite = _file(url) is not None
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 60} if sqlite else {})
    if sqlite:

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # sqlite3 must not begin transactions by itself
            # Changing a table may mean to copy and replace it, while others refer to it.
            connection.execute("PRAGMA foreign_keys=OFF")

    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _upgrade(connection: Connection) -> None:
    from alembic import command  # imported only when it has something to do

    command.upgrade(_config(connection), "head")
    check = "PRAGMA foreign_key_check"
    if connection.dialect.name == "sqlite" and (orphan := connection.exec_driver_sql(check).first()):
        raise RuntimeError(f"a row refers to a row that does not exist: {tuple(orphan)}")


def _config(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    return config


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["new", title]:
            new(title)
        case _:
            sys.exit('usage: python -m storage.migrate new "title"')
