"""Alembic's entry: imports every storage module, so that no table is forgotten."""

import importlib
import pkgutil

from alembic import context
from sqlmodel import SQLModel

import storage

for module in pkgutil.iter_modules(storage.__path__):
    if not module.ispkg:
        importlib.import_module(f"storage.{module.name}")

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
