"""Tables and queries: one module per subject, plain functions over a Session."""

from sqlmodel import SQLModel

# Named constraints: a migration can only change what it can name.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
