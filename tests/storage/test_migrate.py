"""Migrations: a database comes to head by itself, once, with its rows, or stays what it was."""

import re
import shutil
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, text
from sqlmodel import SQLModel

from storage import migrate as module
from storage.migrate import UnknownVersion, create, current, head, migrate, new, versions

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = {number!r}
down_revision = {previous!r}


def upgrade():
    {upgrade}
"""

FIRST = """op.create_table("person", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String))
    op.create_table(
        "pet",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("person.id", name="fk_pet_owner_id"), nullable=False),
    )"""
SECOND = """with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("legs", sa.Integer, nullable=False, server_default="2"))
        table.alter_column("name", existing_type=sa.String, nullable=False)"""

MIGRATE = """
import os, sys
from multiprocessing import get_context
from pathlib import Path
from storage import migrate
migrate.MIGRATIONS = Path(sys.argv[1])

def bring(ready):
    ready.wait()
    done = migrate.migrate(sys.argv[2])
    os.write(1, f"{done} {'alembic' in sys.modules}\\n".encode())  # at once, so that two lines never mix

for count in 2, 1:
    together = get_context("fork")  # so that what all need is loaded once
    ready = together.Barrier(count)
    processes = [together.Process(target=bring, args=(ready,)) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
"""


@pytest.fixture
def migrations(tmp_path, monkeypatch):
    """A folder for other migrations than the real ones."""
    folder = tmp_path / "100%" / "migrations"
    shutil.copytree(module.MIGRATIONS, folder, ignore=shutil.ignore_patterns("[0-9]*", "__pycache__"))
    monkeypatch.setattr(module, "MIGRATIONS", folder)
    return folder


def write(migrations, number, upgrade):
    previous = f"{number - 1:04}" if number > 1 else None
    script = MIGRATION.format(number=f"{number:04}", previous=previous, upgrade=upgrade)
    (migrations / "versions" / f"{number:04}_some_change.py").write_text(script)


def execute(url, statement):
    with create_engine(url, poolclass=NullPool).begin() as connection:
        result = connection.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


def drift(url):
    """What the tables as the code has them would change in a database (migrating it has imported them all)."""
    engine = create_engine(url)
    with engine.connect() as connection:
        changes = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), SQLModel.metadata
        )
    engine.dispose()
    return changes


# The real migrations


def test_the_migrations_are_numbered_in_one_line():
    assert versions() == [f"{number:04}" for number in range(1, len(versions()) + 1)]
    for path in (module.MIGRATIONS / "versions").glob("*.py"):
        number = path.name[:4]
        previous = f'"{int(number) - 1:04}"' if number != "0001" else "None"
        assert re.findall(r"^(?:down_)?revision = (.*)$", path.read_text(), re.M) == [f'"{number}"', previous], path


@pytest.mark.skipif(head() is None, reason="there is no migration yet")
def test_the_migrations_make_the_tables_that_the_code_has(database_url):
    assert current(database_url) == head()
    assert drift(database_url) == []


def test_a_database_that_is_made_at_once_is_the_same_as_one_that_was_migrated(tmp_path):
    made, migrated = (f"sqlite:///{tmp_path / name}.db" for name in ("made", "migrated"))
    migrate(migrated)
    create(made)
    assert current(made) == current(migrated) == head()
    assert (tables := shape(made)) == shape(migrated)
    assert len(tables) > 50


def shape(url):
    """What SQLite was told of each table and index; the order of their lines tells nothing."""
    found = execute(url, "SELECT type, name, sql FROM sqlite_master")
    return {(kind, name): sorted(line.strip(" \t,") for line in (sql or "").splitlines()) for kind, name, sql in found}


# The machinery


def test_a_database_comes_to_head_with_its_rows(empty_database_url, migrations):
    url = empty_database_url
    assert (head(), current(url), migrate(url)) == (None, None, False)
    write(migrations, 1, FIRST)
    assert (head(), migrate(url), current(url)) == ("0001", True, "0001")
    execute(url, "INSERT INTO person VALUES (1, 'Ada')")
    execute(url, "INSERT INTO pet VALUES ('Rex', 1)")
    write(migrations, 2, SECOND)
    assert (migrate(url), migrate(url), current(url)) == (True, False, "0002")
    assert execute(url, "SELECT person.*, pet.name FROM person JOIN pet ON owner_id = id") == [(1, "Ada", 2, "Rex")]


def test_the_current_version_is_found_without_creating_a_file(tmp_path):
    assert current(f"sqlite:///{tmp_path}/new/test.db") is None
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_an_sqlite_file_is_created(tmp_path, migrations):
    write(migrations, 1, FIRST)
    assert migrate(f"sqlite:///{tmp_path}/a/b/test.db")
    assert (tmp_path / "a" / "b" / "test.db").exists()


@pytest.mark.parametrize("failing", ["op.execute('nonsense')", "raise RuntimeError('syntax')"])
def test_a_failing_migration_undoes_all_that_ran_with_it(empty_database_url, migrations, failing):
    write(migrations, 1, FIRST)
    migrate(empty_database_url)
    write(migrations, 2, SECOND)
    write(migrations, 3, failing)
    with pytest.raises(Exception, match="syntax"):
        migrate(empty_database_url)
    assert current(empty_database_url) == "0001"
    assert execute(empty_database_url, "SELECT * FROM person") == []
    with pytest.raises(Exception, match="legs"):
        execute(empty_database_url, "SELECT legs FROM person")


def test_a_migration_may_not_orphan_rows(empty_database_url, migrations):
    write(migrations, 1, FIRST)
    migrate(empty_database_url)
    execute(empty_database_url, "INSERT INTO person VALUES (1, 'Ada')")
    execute(empty_database_url, "INSERT INTO pet VALUES ('Rex', 1)")
    write(migrations, 2, "op.execute('DELETE FROM person')")
    with pytest.raises(Exception, match="pet"):
        migrate(empty_database_url)
    assert execute(empty_database_url, "SELECT name FROM person") == [("Ada",)]


def test_a_newer_database_is_refused(empty_database_url, migrations):
    write(migrations, 1, FIRST)
    migrate(empty_database_url)
    execute(empty_database_url, "UPDATE alembic_version SET version_num = '0007'")
    with pytest.raises(UnknownVersion, match=r"0007.*0001"):
        migrate(empty_database_url)


def test_of_processes_that_start_together_one_migrates(empty_database_url, migrations):
    write(migrations, 1, FIRST)
    migrate(empty_database_url)
    execute(empty_database_url, "INSERT INTO person VALUES (1, 'Ada')")
    write(migrations, 2, SECOND)

    arguments = [sys.executable, "-c", MIGRATE, str(migrations), empty_database_url]
    said = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.splitlines()
    two, alone = sorted(line.split()[0] for line in said[:2]), said[2:]
    assert two == ["False", "True"]
    assert execute(empty_database_url, "SELECT * FROM person") == [(1, "Ada", 2)]
    assert alone == ["False False"], "alembic is imported only to migrate"


def test_a_new_migration_leads_from_head_to_the_code(empty_database_url, migrations):
    assert new("First tables").name == "0001_first_tables.py"
    migrate(empty_database_url)
    assert drift(empty_database_url) == []
    assert new("Nothing").name == "0002_nothing.py"
    assert migrate(empty_database_url)


def test_the_command_wants_a_title():
    command = subprocess.run([sys.executable, "-m", "storage.migrate"], capture_output=True, text=True, check=False)
    assert command.returncode == 1
    assert 'new "title"' in command.stderr
