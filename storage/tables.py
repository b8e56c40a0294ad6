"""How rows are written and instants are stored: plain INSERT statements, at once, without the ORM's unit of work.

session.add() and flush() cost several times as much, and hide when the statement runs.
Rows that were selected may be changed in place; the session writes the changes at commit.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Table, TypeDecorator, inspect, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, SQLModel


class OfWorkspace(Protocol):
    """A row that belongs to a workspace: every one but the workspace itself."""

    workspace_id: Any


R = TypeVar("R", bound=OfWorkspace)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment: zone-aware in Python, always UTC when read. Use it as `at: datetime = Field(sa_type=Instant)`.

    SQLite keeps whole microseconds since 1970 in an integer (8 bytes, sorts as time does; `datetime(at / 1e6,
    'unixepoch')` shows it), PostgreSQL a `timestamp with time zone`. Naive datetimes are refused with ValueError,
    which a query wraps in StatementError.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return _EPOCH + timedelta(microseconds=value)
        instant: datetime = value  # psycopg gives it in the connection's time zone
        return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


class Derived(ColumnElement[Any]):
    """What the database itself derives from other columns of a row, in the words of each: for sa.Computed."""

    inherit_cache = False

    def __init__(self, *, sqlite: str, postgresql: str) -> None:
        self.words = {"sqlite": sqlite, "postgresql": postgresql}

    def __repr__(self) -> str:
        return f"storage.tables.Derived({', '.join(f'{name}={words!r}' for name, words in self.words.items())})"


@compiles(Derived)
def _in_its_words(derived: Derived, compiler: SQLCompiler, **_options: Any) -> str:
    return derived.words[compiler.dialect.name]


def add(session: Session, row: SQLModel) -> None:
    """Insert a row and set the id the database gave it.

    The session does not track the row: to change it later in this unit of work, select it or use UPDATE.
    """
    table, connection, values = _table(type(row)), session.connection(), _values(row)
    insert = _insert(table, tuple(values), connection.dialect, False)
    result = connection.exec_driver_sql(insert.sql, insert.parameters(values))
    if (key := table.autoincrement_column) is not None and key.name not in values:
        setattr(row, key.name, result.scalar() if insert.returning else result.lastrowid)


def find(session: Session, row_type: type[R], workspace_id: int, row_id: int) -> R | None:
    """The row of this id, unless it is another workspace's; a unit of work reads it once, however often it asks."""
    row = session.get(row_type, row_id)
    return row if row is not None and row.workspace_id == workspace_id else None


def find_one(session: Session, row_type: type[R], workspace_id: int, row_id: int) -> R:
    """As `find`, where the row must be there: raises NoResultFound."""
    if (row := find(session, row_type, workspace_id, row_id)) is None:
        raise NoResultFound(f"no {row_type.__name__} {row_id} in this workspace")
    return row


def lock(session: Session, row_type: type[R], workspace_id: int, row_id: int) -> R | None:
    """As `find`, and nobody else changes the row until the commit: for what is decided by looking at it.

    On PostgreSQL it lets others refer to the row meanwhile, since every unit does so by its foreign keys. SQLite has
    one writer.
    """
    if session.connection().dialect.name == "sqlite":
        return find(session, row_type, workspace_id, row_id)
    session.flush()
    row = session.get(row_type, row_id, with_for_update={"key_share": True}, populate_existing=True)
    return row if row is not None and row.workspace_id == workspace_id else None


def add_if_absent(session: Session, row: SQLModel) -> bool:
    """Insert a row unless one of its unique keys is taken; say whether it was inserted. Sets no id."""
    connection, values = session.connection(), _values(row)
    insert = _insert(_table(type(row)), tuple(values), connection.dialect, True)
    return connection.exec_driver_sql(insert.sql, insert.parameters(values)).first() is not None


# A statement is compiled once for each table, set of columns and dialect, and then handed to the driver as it is:
# half the cost of finding it in SQLAlchemy's own cache.


class _Insert(NamedTuple):
    sql: str
    processors: Mapping[str, Callable[[Any], Any]]  # of the columns whose values the driver does not take as they are
    positions: list[str] | None  # the order of parameters, where the driver does not take them by name
    returning: bool

    def parameters(self, values: dict[str, Any]) -> Any:
        for name, process in self.processors.items():
            values[name] = process(values[name])
        return values if self.positions is None else tuple([values[name] for name in self.positions])


def _values(row: SQLModel) -> dict[str, Any]:
    state = "_sa_instance_state"
    return {name: value for name, value in row.__dict__.items() if value is not None and name != state}


@cache
def _table(row_type: type[SQLModel]) -> Table:
    table: Table = inspect(row_type).local_table
    return table


@lru_cache(maxsize=1000)  # bounded, because every engine has a dialect of its own
def _insert(table: Table, columns: tuple[str, ...], dialect: Dialect, if_absent: bool) -> _Insert:
    statement: Any = table.insert()
    if if_absent:
        insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
        # RETURNING, because the count of rows is not right with every driver
        statement = insert(table).on_conflict_do_nothing().returning(literal_column("1"))
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
    if compiled.insert_prefetch:
        raise TypeError(f"{table.name}: defaults belong to the fields, not to the columns")
    types = {name: table.columns[name].type.dialect_impl(dialect) for name in columns}
    processors = {name: process for name in columns if (process := types[name].bind_processor(dialect))}
    return _Insert(str(compiled), processors, compiled.positiontup, bool(compiled.effective_returning))
