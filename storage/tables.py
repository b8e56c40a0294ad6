"""How rows are written and instants are stored: plain INSERT statements, at once, without the ORM's unit of work.

session.add() and flush() cost several times as much, and hide when the statement runs.
Rows that were selected may be changed in place; the session writes the changes at commit.
"""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Literal, Protocol, Self, TypeVar

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Table, TypeDecorator, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstanceState
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, SQLModel, bindparam, select, update

from storage.statements import Change, Compiled, Query, compiled, driver_of, track

_STATE = "_sa_instance_state"


class _State:
    """What SQLAlchemy knows of a row: made when it first looks."""

    def __get__(self, row: Any, row_type: Any) -> InstanceState[Any]:
        if row is None:
            raise AttributeError(_STATE)
        state: InstanceState[Any] = InstanceState(row, row_type._sa_class_manager)
        row.__dict__[_STATE] = state
        return state


class Row(SQLModel):
    """A row of a table, made of values as they are; fields that are left out have their defaults.

    A new row is these values and no more. What SQLAlchemy and pydantic would note of it, and tell of its changes, only
    matters to a row that a session tracks.
    """

    model_config = {"defer_build": True, "ignored_types": (_State,)}  # pydantic need not make ready to validate
    # Nor has it anything of its own to note of each row.
    __pydantic_fields_set__ = __pydantic_extra__ = __pydantic_private__ = None  # type: ignore[assignment]

    _sa_instance_state = _State()

    def __new__(cls, **_values: Any) -> Self:
        return object.__new__(cls)

    def __init__(self, **values: Any) -> None:
        row, (plain, made) = self.__dict__, _defaults(type(self))
        row.update(plain)
        for name, make in made.items():
            if name not in values:
                row[name] = make()
        row.update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        if _STATE in self.__dict__:
            object.__setattr__(self, name, value)  # which tells SQLAlchemy
        else:
            self.__dict__[name] = value


@event.listens_for(Row, "class_instrument", propagate=True)
def _leave_plain(row_type: Any) -> None:
    """Take away the __init__ by which SQLAlchemy gives every new row a state."""
    del row_type.__init__


@cache
def _defaults(row_type: type[SQLModel]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """What a row has unless it is given: values, and how values are made."""
    fields = row_type.model_fields.items()
    made = {name: field.default_factory for name, field in fields if field.default_factory}
    plain = {name: None if field.is_required() else field.default for name, field in fields if name not in made}
    return plain, made  # type: ignore[return-value]


class OfWorkspace(Protocol):
    """A row that belongs to a workspace: every one but the workspace itself."""

    workspace_id: Any


R = TypeVar("R", bound=OfWorkspace)
# SQLite keeps the rows in their primary key alone, so not twice, and not in the order in which they came.
WITHOUT_ROW_NUMBER: Mapping[str, Any] = {"sqlite_with_rowid": False}
INSERTS = 2000  # remembered: tables, each with the columns of which values were given
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

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _in_microseconds if dialect.name == "sqlite" else _aware

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        return _from_microseconds if dialect.name == "sqlite" else _in_utc


def _aware(instant: datetime | None) -> datetime | None:
    if instant is not None and instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant


@lru_cache(64)  # a unit of work writes the same one several times
def _in_microseconds(instant: datetime | None) -> int | None:
    aware = _aware(instant)
    return None if aware is None else (aware - _EPOCH) // _MICROSECOND


def _from_microseconds(stored: int | None) -> datetime | None:
    return None if stored is None else _EPOCH + timedelta(microseconds=stored)


def _in_utc(instant: datetime | None) -> datetime | None:
    """psycopg gives it in the connection's time zone."""
    return instant if instant is None or instant.tzinfo is UTC else instant.astimezone(UTC)


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

    The session does not track the row: to change it later in this unit of work, `keep` it, select it or use UPDATE.
    """
    result, key = _inserted(session, row)
    if key:
        row.__dict__[key] = result.lastrowid if isinstance(result, sqlite3.Cursor) else result.fetchone()[0]


def keep(session: Session, row: SQLModel) -> None:
    """As `add`, and the row may be changed in place afterwards, as one that was selected."""
    add(session, row)
    mapper = _mapper(type(row))
    instance_state(row).key = mapper.identity_key_from_primary_key([row.__dict__[c.key] for c in mapper.primary_key])
    track(session, row)


def change(session: Session, row: SQLModel, values: Mapping[str, Any]) -> None:
    """Change a row that the session tracks by an UPDATE at once, without the session looking for what changed."""
    if values:
        mapper = _mapper(type(row))
        key = {f"old_{column.key}": row.__dict__[column.key] for column in mapper.primary_key}
        _update(mapper.local_table, tuple(values)).run(session, **values, **key)
    for name, value in values.items():
        set_committed_value(row, name, value)


def add_if_absent(session: Session, row: SQLModel) -> bool:
    """Insert a row unless one of its unique keys is taken; say whether it was inserted. Sets no id."""
    result, _key = _inserted(session, row, "leave")
    return bool(result.rowcount == 1)


def put(session: Session, row: SQLModel) -> None:
    """Insert a row, or give the one with its primary key these values. Sets no id."""
    _inserted(session, row, "replace")


def find(session: Session, row_type: type[R], workspace_id: int, row_id: int | str) -> R | None:
    """The row of this id, unless it is another workspace's; a unit of work reads it once, however often it asks."""
    row = session.identity_map.get(_mapper(row_type).identity_key_from_primary_key((row_id,)))
    row = row or _by_id(row_type).first(session, id=row_id)
    return row if row is not None and row.workspace_id == workspace_id else None


def find_one(session: Session, row_type: type[R], workspace_id: int, row_id: int | str) -> R:
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


@cache
def _mapper(row_type: type[Any]) -> Any:
    return inspect(row_type)


@cache
def _by_id(row_type: type[R]) -> Query[R]:
    columns: Any = row_type
    return Query(select(row_type).where(columns.id == bindparam("id")))


@cache
def _update(table: Table, columns: tuple[str, ...]) -> Change:
    of_row = [column == bindparam(f"old_{column.key}", type_=column.type) for column in table.primary_key]
    return Change(update(table).where(*of_row).values({name: bindparam(name) for name in columns}))


IfThere = Literal["fail", "leave", "replace"]


def _inserted(session: Session, row: SQLModel, if_there: IfThere = "fail") -> tuple[Any, str | None]:
    """What the driver says, and the column of which the database gave the value.

    What is None is left out: sqlite3 asks several times what each None might be adapted to.
    """
    driver, key = driver_of(session), _own_key(type(row))
    values = {name: value for name, value in row.__dict__.items() if value is not None}
    values.pop(_STATE, None)
    insert = _insert(type(row), driver.dialect, tuple(values), if_there)
    return insert.run(driver, values), None if key in values else key


@cache
def _own_key(row_type: type[SQLModel]) -> str | None:
    """The column whose value the database gives where there is none."""
    column = _mapper(row_type).local_table.autoincrement_column
    return None if column is None else str(column.name)


_inserts: dict[tuple[type[SQLModel], str, tuple[str, ...], IfThere], Compiled] = {}


def _insert(row_type: type[SQLModel], dialect: Dialect, columns: tuple[str, ...], if_there: IfThere) -> Compiled:
    """Of these columns; the others are NULL, or what the database derives."""
    which = (row_type, dialect.name, columns, if_there)
    if (known := _inserts.get(which)) is None:
        table = _mapper(row_type).local_table
        statement: Any = (sqlite.insert if dialect.name == "sqlite" else postgresql.insert)(table)
        if if_there == "leave":
            statement = statement.on_conflict_do_nothing()
        elif if_there == "replace":
            primary, new = table.primary_key.columns, statement.excluded
            own = [c.name for c in table.columns if c.computed is None and c.name not in primary]
            changed = {name: new[name] for name in own}
            statement = statement.on_conflict_do_update(index_elements=list(primary), set_=changed)
        if len(_inserts) >= INSERTS:
            _inserts.clear()
        known = _inserts[which] = compiled(statement, dialect, list(columns))
    return known
