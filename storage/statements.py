"""Statements that are built and compiled once, then handed to the driver as they are.

SQLAlchemy needs several times as long to find a statement in its cache, to run it and to make rows of its result. What
is asked now and then needs none of this: `session.exec(select(...))` means the same.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar, TypeVarTuple, overload

from sqlalchemy import ClauseElement, Connection, Delete, Dialect, Update, inspect
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.orm import Mapper, SessionTransaction
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.types import TypeEngine
from sqlmodel import Session
from sqlmodel.sql.expression import Select, SelectOfScalar

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Process = Callable[[Any], Any]
Read = Callable[[Session, tuple[Any, ...]], Any]

_defined: "list[Query[Any] | Change]" = []


def prepare(dialect: Dialect) -> None:
    """Compile all that modules define, so that no unit of work waits for it."""
    for statement in _defined:
        statement.compiled(dialect)


class Driver(NamedTuple):
    """What the statements of a session run on."""

    dialect: Dialect
    connection: Connection
    raw: Any  # the driver's own connection
    transaction: SessionTransaction


def begin(session: Session) -> None:
    """Begin the session's transaction, and remember what its statements run on: to ask takes as long as a statement."""
    session.info[Driver] = _driver(session)


def driver_of(session: Session) -> Driver:
    known: Driver | None = session.info.get(Driver)
    # Within a savepoint SQLAlchemy has to be asked: only then it sets the savepoint that was begun.
    if known is not None and known.transaction.is_active and not session.in_nested_transaction():
        return known
    return _driver(session)


class Compiled(NamedTuple):
    """What the driver needs to know of a statement."""

    sql: str
    constants: Mapping[str, Any]  # parameters whose values stand in the statement, ready for the driver
    processors: Mapping[str, Process]  # of the parameters whose values the driver does not take as they are
    positions: list[str] | None  # the order of parameters, where the driver does not take them by name

    def run(self, driver: Driver, values: dict[str, Any]) -> Any:
        """A cursor of the driver's. Errors are SQLAlchemy's."""
        for name, process in self.processors.items():
            if (value := values[name]) is not None:
                values[name] = process(value)
        values |= self.constants
        parameters = values if self.positions is None else [values[name] for name in self.positions]
        try:
            return driver.raw.execute(self.sql, parameters)
        except driver.dialect.loaded_dbapi.Error as error:
            raise _failed(driver, self.sql, parameters, error) from error


def compiled(statement: ClauseElement, dialect: Dialect, columns: list[str] | None = None) -> Compiled:
    found: Any = statement.compile(dialect=dialect, column_keys=columns)
    if found.post_compile_params:
        raise TypeError("a list cannot be a parameter of a statement that is compiled once")
    if found.insert_prefetch:
        raise TypeError("defaults belong to the fields, not to the columns")
    binds = {name: bind for name, bind in found.binds.items() if name in found.params}
    processors = {name: process for name, bind in binds.items() if (process := _binding(bind.type, dialect))}
    constants = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
    constants = {name: processors[name](v) if name in processors else v for name, v in constants.items()}
    given = {name: process for name, process in processors.items() if name not in constants}
    return Compiled(str(found), constants, given, found.positiontup)


class Query(Generic[T]):
    """A SELECT of rows, columns or both, with a bindparam for each value that is known when it is asked."""

    @overload
    def __init__(self: "Query[T]", statement: SelectOfScalar[T]) -> None: ...
    @overload
    def __init__(self: "Query[tuple[*Ts]]", statement: Select[*Ts]) -> None: ...
    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[Compiled, list[Read]]] = {}
        _defined.append(self)

    def all(self, session: Session, **values: Any) -> list[T]:
        """As session.exec(...).all(): what was changed in place counts, and a row that is known stays what it is."""
        session.flush()
        driver = driver_of(session)
        query, reads = self.compiled(driver.dialect)
        rows = query.run(driver, values).fetchall()
        if len(reads) == 1:
            [read] = reads
            return [read(session, row) for row in rows]
        return [tuple([read(session, row) for read in reads]) for row in rows]  # type: ignore[misc]

    def first(self, session: Session, **values: Any) -> T | None:
        """The first, read with all the others."""
        found = self.all(session, **values)
        return found[0] if found else None

    def one(self, session: Session, **values: Any) -> T:
        """The only one; raises NoResultFound where there is none."""
        found = self.all(session, **values)
        if not found:
            raise NoResultFound("nothing is stored where something must be")
        return found[0]

    def compiled(self, dialect: Dialect) -> tuple[Compiled, list[Read]]:
        """The statement, and what makes of a row's values what was asked for."""
        if (known := self._compiled.get(dialect.name)) is not None:
            return known
        reads, at = list[Read](), 0
        for described in self._statement.column_descriptions:
            mapper: Any = inspect(described["expr"], raiseerr=False)
            if isinstance(mapper, Mapper):
                reads.append(_row_reader(mapper, dialect, at))
                at += len(mapper.columns)
            else:
                reads.append(_column_reader(described["type"], dialect, at))
                at += 1
        self._compiled[dialect.name] = found = (compiled(self._statement, dialect), reads)
        return found


class Change:
    """An UPDATE or DELETE, with a bindparam for each value that is known when it is made. Rows that the session knows
    are not told."""

    def __init__(self, statement: Update | Delete) -> None:
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}
        _defined.append(self)

    def run(self, session: Session, **values: Any) -> int:
        """How many rows it changed."""
        count: int = self._run(session, values).rowcount
        return count

    def returned(self, session: Session, **values: Any) -> Any:
        """What the statement returns of the row that it changed; raises NoResultFound where there is none."""
        found = self._run(session, values).fetchall()
        if not found:
            raise NoResultFound("nothing is stored where something must be")
        return found[0][0]

    def _run(self, session: Session, values: dict[str, Any]) -> Any:
        session.flush()
        driver = driver_of(session)
        return self.compiled(driver.dialect).run(driver, values)

    def compiled(self, dialect: Dialect) -> Compiled:
        if (known := self._compiled.get(dialect.name)) is None:
            known = self._compiled[dialect.name] = compiled(self._statement, dialect)
        return known


def track(session: Session, row: object) -> None:
    """Have the session know a row that is stored, as SQLAlchemy does with those it reads itself.

    session.add() also looks for rows to add with it, which costs more than the rest: there are no relationships
    between tables here.
    """
    state = instance_state(row)
    state.session_id = session.hash_key
    session.identity_map.add(state)


def _driver(session: Session) -> Driver:
    connection, transaction = session.connection(), session.get_transaction()
    assert transaction
    return Driver(connection.dialect, connection, connection.connection.driver_connection, transaction)


def _failed(driver: Driver, sql: str, parameters: Any, error: Exception) -> BaseException:
    """As SQLAlchemy tells of it, after it has let go of a connection that is lost."""
    any_error = driver.dialect.loaded_dbapi.Error
    if is_lost := driver.dialect.is_disconnect(error, driver.raw, None):  # type: ignore[arg-type]
        driver.connection.invalidate(error)
    told: dict[str, Any] = {"hide_parameters": True, "connection_invalidated": is_lost, "dialect": driver.dialect}
    failed: BaseException = DBAPIError.instance(sql, parameters, error, any_error, **told)
    return failed


def _binding(type_: TypeEngine[Any], dialect: Dialect) -> Process | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _reading(type_: TypeEngine[Any], dialect: Dialect) -> Process | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _column_reader(type_: TypeEngine[Any], dialect: Dialect, at: int) -> Read:
    process = _reading(type_, dialect)
    if process is None:
        return lambda _session, values: values[at]
    return lambda _session, values: None if values[at] is None else process(values[at])


def _row_reader(mapper: Mapper[Any], dialect: Dialect, at: int) -> Read:
    """Makes rows that the session tracks, as SQLAlchemy's own are."""
    columns = list(mapper.columns)
    names, end = [column.name for column in columns], at + len(columns)
    places = {name: at + place for place, name in enumerate(names)}
    keys = [places[column.name] for column in mapper.primary_key]
    processed = [(c.name, places[c.name], process) for c in columns if (process := _reading(c.type, dialect))]
    row_type: Any = mapper.class_
    new_row = row_type.__new__

    def read(session: Session, values: tuple[Any, ...]) -> Any:
        identity = mapper.identity_key_from_primary_key(tuple([values[place] for place in keys]))
        if (known := session.identity_map.get(identity)) is not None:
            return known
        row = new_row(row_type)
        given = row.__dict__
        given.update(zip(names, values[at:end], strict=True))
        for name, place, process in processed:
            if (value := values[place]) is not None:
                given[name] = process(value)
        instance_state(row).key = identity
        track(session, row)
        return row

    return read
