"""A fresh database for each test, of both kinds: what is stored must be right on SQLite and on PostgreSQL."""

import gc
import sqlite3

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, event

from storage.database import UNIT_LIMIT
from tests.databases import WarmDatabase, a_postgresql, a_sqlite
from tests.months import a_played_month

# How long an example takes says something of the machine, not of Parley.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

COLD = 5
AT_ONCE = {"readers": 2, "writers": 4}  # what stories do at once; each more is a process of PostgreSQL's to start


def pytest_collection_finish():
    """Keep full garbage collections out of the tests: with pytest in memory one takes 100 ms, as a slow unit would."""
    gc.collect()
    gc.freeze()
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, 1_000_000)


@event.listens_for(Engine, "connect")
def give_rows_without_order_backwards(connection, _record):
    """Whoever reads a list without ORDER BY leans on chance: PostgreSQL turns it now and then, SQLite always, here."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON")


@pytest.fixture(scope="session")
def sqlite():
    with a_sqlite() as sqlite:
        yield sqlite


@pytest.fixture(scope="session")
def postgresql():
    with a_postgresql() as postgresql:
        yield postgresql


@pytest.fixture(scope="session")
def played(tmp_path_factory):
    return a_played_month(tmp_path_factory)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request):
    return request.param


@pytest.fixture
def databases(request, database_kind):
    return request.getfixturevalue(database_kind)  # so that the server starts only for tests that need it


@pytest.fixture
def database_url(databases):
    """A database at head, without rows."""
    with databases.migrated() as url:
        yield url


@pytest.fixture
def empty_database_url(databases):
    """A database without tables; on SQLite not even a file."""
    with databases.empty() as url:
        yield url


@pytest.fixture
async def database(database_url):
    """A started database at head.

    Its units are cold: SQLAlchemy compiles each statement when an engine runs it first, which a process pays once and
    every test pays anew. So the bound is loose here; test_unit_time holds warm units to the real one.
    """
    database = await WarmDatabase(database_url, exclusive=True, **AT_ONCE).start()
    yield database
    await database.close()
    assert database.slowest_unit.seconds <= COLD * UNIT_LIMIT, database.slowest_unit
