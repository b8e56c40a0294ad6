"""The migrations make the very tables that the code has, and take the rows of earlier versions along."""

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import create_engine, inspect
from sqlmodel import SQLModel

import storage
from storage.migrate import head, versions


def shape(url):
    """Every table with its columns, keys and indexes, as the database itself describes them."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = inspect(connection)
        tables = {
            table: {
                "columns": {
                    c["name"]: (str(c["type"]), c["nullable"], c["default"], c.get("computed"))
                    for c in found.get_columns(table)
                },
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
