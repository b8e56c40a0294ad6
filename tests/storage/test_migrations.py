"""The migrations make the very tables that the code has, and take the rows of earlier versions along."""

from importlib import import_module
from pkgutil import iter_modules

from alembic import command
from sqlalchemy import create_engine, inspect, text
from sqlmodel import Session, SQLModel

import storage
from storage.leads import find_by_origin, leads_of_company, note_origin
from storage.migrate import _config, head, versions


def upgrade(connection, version):
    """Bring a database to a version that need not be the newest."""
    command.upgrade(_config(connection), version)


def shape(url):
    """Every table with its columns, keys and indexes, as the database itself describes them."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = inspect(connection)
        tables = {
            table: {
                "columns": {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(table)},
                "primary key": found.get_pk_constraint(table),
                "foreign keys": _by_name(found.get_foreign_keys(table)),
                "unique": _by_name(found.get_unique_constraints(table)),
                "checks": _by_name(found.get_check_constraints(table)),
                "indexes": _by_name(found.get_indexes(table)),
            }
            for table in found.get_table_names()
            if table != "alembic_version"
        }
    engine.dispose()
    return tables


def _by_name(found):
    """The condition of a partial index is an object that equals no other: compared is its text."""
    options = [{name: str(value) for name, value in item.get("dialect_options", {}).items()} for item in found]
    described = [{**item, "dialect_options": texts} for item, texts in zip(found, options, strict=True)]
    return sorted(described, key=lambda item: item["name"])


def test_the_newest_version_has_the_tables_that_the_code_has(database_url, databases):
    for module in iter_modules(storage.__path__, "storage."):
        if not module.ispkg:
            import_module(module.name)
    with databases.empty() as url:
        engine = create_engine(url)
        SQLModel.metadata.create_all(engine)
        engine.dispose()
        of_the_code = shape(url)
    assert len(of_the_code) > 10
    assert shape(database_url) == of_the_code


def test_every_migration_of_rows_has_a_test():
    """Named test_0002_... in this module: it brings a database with rows to the version before, and then to this."""
    assert head() is not None
    for version in versions()[1:]:
        assert any(name.startswith(f"test_{version}_") for name in globals()), version


def test_0002_brings_leads_and_channels_along(empty_database_url):
    """Two open leads of one company, as 0001 had them: they stay as they are, and can have origins and patterns."""
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        upgrade(connection, "0001")
        at = 0 if engine.dialect.name == "sqlite" else "2026-11-23 08:00+00"
        connection.execute(
            text(
                "INSERT INTO workspace (id, platform, external_id, name, timezone, language, lead_count, installed_at)"
                " VALUES (1, 'slack', 'T1', 'Acme', 'UTC', 'en', 2, :at)"
            ),
            {"at": at},
        )
        for number in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO lead (id, workspace_id, key, key_folded, company, company_folded, temperature, state,"
                    " cycle, must_not_be_contacted, created_at)"
                    " VALUES (:n, 1, :key, :folded, 'Acme', 'acme', 'hot', 'NEW', 1, :no, :at)"
                ),
                {"n": number, "key": f"L-{number}", "folded": f"l-{number}", "no": False, "at": at},
            )
    with engine.begin() as connection:
        upgrade(connection, "0002")
    with Session(engine) as session:
        note_origin(session, 1, "message:C1:1.0", 2)
        found = find_by_origin(session, 1, "message:C1:1.0")
        assert found
        assert (found.key, found.company) == ("L-2", "Acme")
        assert len(leads_of_company(session, 1, "ACME", {"NEW"})) == 2
    engine.dispose()
