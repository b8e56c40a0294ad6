"""Alembic's entry: imports every storage module, so that no table is forgotten."""

import importlib
import pkgutil
from typing import Any, Literal

from alembic import context
from sqlalchemy import Computed
from sqlmodel import SQLModel

import storage
from storage.tables import Derived

for module in pkgutil.iter_modules(storage.__path__):
    if not module.ispkg:
        importlib.import_module(f"storage.{module.name}")


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """What a draft says of a column that the databases derive, each in its own words; False for all else."""
    if kind == "server_default" and isinstance(item, Computed) and isinstance(item.sqltext, Derived):
        return f"sa.Computed({item.sqltext!r}, persisted=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    render_as_batch=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
