"""The migrations make the very tables that the code has, and take the rows of earlier versions along."""

from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules

from alembic import command
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

import storage
from storage.migrate import _config, head, migrate, versions


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


def test_0002_gives_each_lead_the_reason_that_stands(databases):
    with databases.empty() as url:
        engine = create_engine(url)
        with engine.connect() as connection, connection.begin():
            command.upgrade(_config(connection), "0001")
            for statement in ROWS_OF_0001:
                now = {"now": 0 if connection.dialect.name == "sqlite" else datetime(2026, 1, 1, tzinfo=UTC)}
                connection.execute(text(statement), now if ":now" in statement else {})
        migrate(url)
        with engine.connect() as connection:
            found = list(connection.execute(text("SELECT key, reason, imported_at FROM lead ORDER BY id")))
        engine.dispose()
    assert found == [("L-1", "R8", None), ("L-2", None, None), ("L-3", None, None)]


_AT = "(SELECT installed_at FROM workspace)"
_LEAD = "INSERT INTO lead (id, workspace_id, key, key_folded, company, company_folded, temperature, state, cycle,"
_FEEDBACK = "INSERT INTO feedback (id, workspace_id, lead_id, code, note, author_id, via, is_opinion, given_at"
_EVENT = "INSERT INTO lead_event (workspace_id, lead_id, cycle, kind, state, via, at, feedback_id, replaced)"
ROWS_OF_0001 = [
    "INSERT INTO workspace (id, platform, external_id, name, timezone, language, lead_count, installed_at)"
    " VALUES (1, 'slack', 'T1', 'Acme', 'UTC', 'en', 3, :now)",
    "INSERT INTO member (id, workspace_id, external_id, name, timezone, work_days, work_starts, work_ends, is_head,"
    " is_admin, is_platform_admin, belongs, verified_at)"
    f" VALUES (1, 1, 'U1', 'Ana', 'UTC', 'mon', '09:00', '17:00', FALSE, FALSE, FALSE, TRUE, {_AT})",
    *(
        f"{_LEAD} must_not_be_contacted, created_at)"
        f" VALUES ({n}, 1, 'L-{n}', 'l-{n}', 'Acme', 'acme', 'standard', '{state}', 1, FALSE, {_AT})"
        for n, state in ((1, "REJECTED"), (2, "ACCEPTED"), (3, "RECYCLED"))
    ),
    f"{_FEEDBACK}) VALUES (1, 1, 1, 'R4', '', 1, 'form', FALSE, {_AT})",
    f"{_FEEDBACK}) VALUES (2, 1, 1, 'R8', '', 1, 'form', FALSE, {_AT})",
    f"{_FEEDBACK}, withdrawn_at) VALUES (3, 1, 3, 'N1', '', 1, 'form', FALSE, {_AT}, {_AT})",
    *(
        f"{_EVENT} VALUES (1, {lead}, 1, '{kind}', 'X', 'form', {_AT}, {feedback}, '{{}}')"
        for lead, kind, feedback in ((1, "reject", 1), (1, "reject", 2), (2, "reject", 1), (3, "recycle", 3))
    ),
]


def test_every_migration_of_rows_has_a_test():
    """Named test_0002_... in this module: it brings a database with rows to the version before, and then to this."""
    assert head() is not None
    for version in versions()[1:]:
        assert any(name.startswith(f"test_{version}_") for name in globals()), version
