"""Two workspaces never meet: every query, found by its signature, is asked in one with the identifiers of another."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from importlib import import_module
from itertools import count, product
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from sqlalchemy import Column, Table, UniqueConstraint, create_engine, event
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlmodel import Session, SQLModel

import storage

NO_QUERIES = {"database", "lanes", "migrate", "statements", "tables"}
SERVE_ALL = {
    "calendars.keep_holidays": "writes what was learned of every workspace; each row says of which it is",
    "calendars.zones_without_holidays": "serves whoever learns them; each zone comes with its workspace",
    "channels.watched_channels": "says of each channel which workspace it belongs to",
    "digest.forget_digests": "purging serves every workspace; only a count comes back",
    "due.claim_due": "the timekeeper serves every workspace; each row comes with its own",
    "due.coming_due": "the calculator serves every workspace; the row comes with its own",
    "due.forget_done": "purging serves every workspace; only a count comes back",
    "due.next_due": "the timekeeper serves every workspace; only an instant comes back",
    "erasures.unfinished": "serves whoever finishes them; each row says of which workspace it is",
    "events.forget_events": "purging serves every workspace; only a count comes back",
    "hooks.hooks_named": "says of each which workspace it belongs to",
    "outbox.first_due": "delivery serves every workspace; it says of each which it is",
    "outbox.first_lease": "delivery serves every workspace; only an instant comes back",
    "outbox.missed": "delivery serves every workspace; each row says of which it is",
    "outbox.doubt_expired": "delivery serves every workspace; only a count comes back",
    "outbox_purge.forget_changes": "purging serves every workspace; only a count comes back",
    "outbox_purge.forget_spent": "purging serves every workspace; only a count comes back",
    "patterns.forget_heard_before": "purging serves every workspace; only a count comes back",
    "pulse.forget_asked": "purging serves every workspace; only a count comes back",
    "pulse.open_waves": "serves whoever counts; each comes with its workspace",
    "pulse.unwiped_waves": "serves whoever wipes; each row says of which workspace it is",
    "reactions.forget_passing_reactions": "purging serves every workspace; only a count comes back",
    "schedules.claim_schedule": "the timekeeper serves every workspace; the row comes with its own",
    "schedules.coming_schedule": "the timekeeper serves every workspace; the row comes with its own",
    "schedules.coming_schedules": "the timekeeper serves every workspace; nothing but ids",
    "schedules.claim_schedules": "the timekeeper serves every workspace; each row comes with its own",
    "schedules.next_occurrence": "the timekeeper serves every workspace; only an instant comes back",
    "schedules.store": "writes rows that claim_schedules chose",
    "workspaces.installed_workspaces": "serves the operator, who has them all",
    "removal.begin_forgetting": "finds the workspace itself",
    "workspaces.find_workspace": "finds the workspace itself",
    "workspaces.find_or_add_local": "makes the workspace itself",
}
NO_QUESTION = {
    "calendars.set_absence": "inserts what it is given; calendars.absence says what it changes",
    "cases.add_receipts": "inserts what it is given",
    "channels.note_joined": "inserts what it is given",
    "clocks.start_clock": "inserts what it is given",
    "digest.is_in_digest": "asks for schedules by a name, which no row here has; what it tells is yes or no",
    "digest.keep_plan": "writes what it is given",
    "digest.put_aside": "asks for deeds by their names, which no row here has; what it tells are ids",
    "digest.vote": "writes what it is given",
    "digest_facts.count_answered": "asks between two instants; tests/features/test_pulse/test_results.py asks it",
    "digest_facts.codes_said": "asks between two instants, and here all is at one; tests/features/test_digest asks",
    "digest_facts.count_deeds": "asks between two instants, and here all is at one; tests/features/test_digest asks",
    "digest_facts.count_imported": "asks between two instants; tests/features/test_digest asks it",
    "digest_facts.decisions_made": "asks between two instants; tests/features/test_digest asks it",
    "due.move_due": "writes what it is given",
    "erasures.page": "is asked with a table; tests/test_erasure.py has two workspaces",
    "events.is_new_event": "the platforms' ids of events are unique over all workspaces",
    "gemba.avoid": "inserts what it is given",
    "gemba.to_invite": "asks who is in one round and not in another; tests/features/test_gemba asks it",
    "gemba.standing": "makes what is not there",
    "gemba_ideas.vote_for": "inserts what it is given",
    "gemba_swaps.pairs_before": "asks from a number on, which no round here has; tests/features/test_gemba asks it",
    "lead_imports.add_leads": "inserts what it is given",
    "lead_imports.change_leads": "what it is given is chosen by leads_with_keys",
    "lead_imports.add_events": "inserts what it is given",
    "leads.change_lead": "changes the row it is given",
    "leads.forget_origins_by_key": "looks for the end of an origin, which no row here has; by the id of a lead",
    "leads.log_event": "inserts what it is given",
    "leads.undo_change": "changes the row it is given",
    "outbox.hold_posts_in_doubt": "locks rows, and tells and changes nothing",
    "nudges.has_acted": "asks what came later, and here all is at one instant; tests/features/test_nudges.py asks it",
    "nudges.has_dealt": "asks what came later, and here all is at one instant; tests/features/test_digest asks it",
    "nudges.look_anew": "changes one kind of what falls due; tests/features/test_nudges.py has two workspaces",
    "nudges.tell_held": "changes what came before, and here all is at one instant; test_nudges.py has two workspaces",
    "nudges.told_with": "asks for what came before it was told; tests/features/test_nudges.py asks it",
    "outbox.promise": "inserts what it is given",
    "outbox.settle": "changes the row it is given",
    "ballots.while_casting": "locks, and tells and changes nothing",
    "ballots.while_closing": "locks, and tells and changes nothing",
    "ballots.while_open": "locks, and tells and changes nothing",
    "pulse.find_numbered": "asks for a number, which no wave here has; test_pulse/test_results.py has two workspaces",
    "pulse.some_asked": "asks from the hundredth on; people_asked asks the same of all",
    "pulse.ask": "inserts those whom count_askable counts; what it is given is a new wave",
    "pulse_results.sentences_before": "asks what came before a wave, and here is one; test_pulse/test_words.py asks it",
    "removal.forget_rows": "is asked with a table; tests/storage/test_removal.py has two workspaces",
    "removal.keys": "is asked with a table; tests/storage/test_removal.py has two workspaces",
    "workspaces.install": "makes the workspace itself",
}

# Every text, number and instant of every row is the same in all workspaces, so that only ids and the workspace tell
# them apart. Of each table there is a row with everything in it, one with nothing that can be left out, and one on
# which nothing has ended yet; each for every value of its enums.
INSTANT = datetime(2026, 11, 23, 8, tzinfo=UTC)
VALUES: dict[Any, Any] = {str: "same", int: 7, bool: True, date: INSTANT.date(), datetime: INSTANT}
READ_AS = {"hours": "UTC|mon|09:00|17:00"}  # of several parts
FALSE, NEVER = (
    {"is_shared", "has_own_timezone", "is_void", "is_quiet", "is_one_way"},
    {"left_at", "uninstalled_at", "done_at", "posted_at", "sent_at", "lost_at", "acted_at", "settled_at"},
)  # else there is little to be found
ANOTHER = {"timezone": "UTC"}  # what is asked to be changed to is not what stands there
ID_OF = {  # what is an id, and no foreign key tells of what
    "workspace_id": "workspace",
    "subject_id": "subject",
    "subject_ids": "subject",
    "lead_ids": "lead",
    "event_id": "lead_event",
    "started_by": "lead_event",
    "stopped_by": "lead_event",
    "feedback_id": "feedback",
    "receipt_id": "receipt",
    "question_id": "question",
    "item_ids": "digest_item",
    "nudge_id": "nudge",
    "choice_id": "noise_choice",
    "people": "member",
    "responsible": "member",
    "pattern_id": "pattern",
    "erasure_id": "erasure",
    "sign_up_id": "gemba_sign_up",
    "proposal_id": "gemba_proposal",
    "consent_id": "gemba_consent",
    "swap_ids": "gemba_swap",
    "leg_ids": "gemba_leg",
    "follow_up_id": "gemba_follow_up",
    "row_id": "outbox",
    "ids": "member",
    "ballot_ids": "pulse_ballot",
    "comment_id": "pulse_staged_comment",
    "owners": "member",
}

MODULES = [
    import_module(f"storage.{module.name}")
    for module in pkgutil.iter_modules(storage.__path__)
    if not module.ispkg and module.name not in NO_QUERIES
]
ROW_TYPES = {
    row.__table__.name: row
    for module in MODULES
    for row in vars(module).values()
    if inspect.isclass(row) and issubclass(row, SQLModel) and hasattr(row, "__table__")
}
HINTS = {name: get_type_hints(row_type) for name, row_type in ROW_TYPES.items()}
TABLES = [table for table in SQLModel.metadata.sorted_tables if table.name in ROW_TYPES]
ID_OF |= {c.name: key.column.table.name for table in TABLES for c in table.c for key in c.foreign_keys}

Query = Callable[..., Any]


def queries() -> dict[str, Query]:
    """Every public function of storage over a session, by its module and name."""
    return {
        f"{module.__name__.removeprefix('storage.')}.{name}": function
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and next(iter(inspect.signature(function).parameters), None) == "session"
    }


QUERIES = queries()


def asked_for(query: Query) -> dict[str, Any]:
    """The parameters that have no default, without the session, and their types."""
    hints = get_type_hints(query)
    parameters = list(inspect.signature(query).parameters.values())[1:]
    return {parameter.name: hints[parameter.name] for parameter in parameters if parameter.default is parameter.empty}


def is_row(hint: Any) -> bool:
    return inspect.isclass(hint) and issubclass(hint, SQLModel)


class Rows:
    """What stands in one workspace."""

    def __init__(self, workspace_id: int) -> None:
        self.workspace_id, self._numbers = workspace_id, count(1000 * workspace_id)
        self._ids = {table.name: self._new_id(table) for table in TABLES if "id" in table.c}
        self._ids |= {"workspace": workspace_id, "subject": next(self._numbers)}
        self.of_table = {table.name: list(self._variants(table)) for table in TABLES}
        owners = {table: table.c.id if table.name == "workspace" else table.c.workspace_id for table in TABLES}
        self._seen = [
            f"SELECT * FROM {table.name} WHERE {owner.name} = {workspace_id}" for table, owner in owners.items()
        ]

    def insert(self, session: Session) -> None:
        for table in TABLES:
            for values in self.of_table[table.name]:
                session.connection().execute(table.insert().values(values))

    def seen_in(self, session: Session) -> list[Any]:
        """All rows of this workspace, as the database has them now."""
        session.flush()
        connection: Any = session.connection().connection.driver_connection
        return sorted(repr(row) for seen in self._seen for row in connection.execute(seen))

    def argument(self, name: str, hint: Any) -> Any:
        """What a query is asked with: ids of these rows, and what stands in them."""
        if is_row(hint):
            return hint(**self.of_table[hint.__table__.name][0])
        if name == "workspace":
            return self._workspace_name()
        if name in ANOTHER:
            return ANOTHER[name]
        if get_origin(hint) in (Mapping, dict):
            return {}
        if get_origin(hint) not in (None, *UNIONS):
            return (self.argument(name, get_args(hint)[0]),)
        if name in ID_OF:
            return self._ids[ID_OF[name]]
        kind = _kind(hint)
        if issubclass(kind, Enum):
            return _members(kind)[0]
        return {**VALUES, int: 100, timedelta: timedelta(days=1)}[kind]  # a number asked for is a limit

    def _variants(self, table: Table) -> Iterator[dict[str, Any]]:
        hints = HINTS[table.name]
        enums = {c.name: _members(kind) for c in _own(table) if issubclass(kind := _kind(hints[c.name]), Enum)}
        is_link = any(all(c.foreign_keys for c in key.columns) for key in _keys(table))
        shapes = ("full",) if table.name == "workspace" or is_link else ("full", "bare", "open")
        values = [members[:1] if is_link else members for members in enums.values()]
        for number, (shape, *chosen) in enumerate(product(shapes, *values)):
            yield self._row(table, shape, number, dict(zip(enums, chosen, strict=True)))

    def _row(self, table: Table, shape: str, number: int, enums: Mapping[str, Any]) -> dict[str, Any]:
        unique = {c.name for key in _keys(table) for c in key.columns}
        hints = HINTS[table.name]

        def value(column: Column[Any]) -> Any:
            name, kind = column.name, _kind(hints[column.name])
            if name == "id":
                return self._new_id(table) if number else self._ids[table.name]
            if column.nullable and (shape == "bare" or name in NEVER or (shape == "open" and kind is datetime)):
                return None
            if table.name == "workspace" and name == "external_id":
                return self._workspace_name()
            if name in enums:
                return enums[name]
            if name in ID_OF:
                return self._ids[ID_OF[name]]
            if name == "dedupe_key":
                return f"{self.workspace_id}.{number}"
            if kind is str and name in unique and number:
                return f"{VALUES[str]}{number}"
            if kind is int and name in unique:
                return VALUES[int] + number
            if kind is date and name in unique:
                return VALUES[date] + timedelta(days=number)
            return name not in FALSE if kind is bool else READ_AS.get(name, VALUES[kind])

        return {column.name: value(column) for column in _own(table)}

    def _new_id(self, table: Table) -> Any:
        return HINTS[table.name]["id"](next(self._numbers))

    def _workspace_name(self) -> str:
        return f"W{self.workspace_id}"


UNIONS = (type(int | None),)


def _own(table: Table) -> list[Column[Any]]:
    """The columns that the database does not derive from others."""
    return [column for column in table.c if column.computed is None]


def _members(enum: Any) -> list[Any]:
    """With another than the first in front, which means the most general in some."""
    first, *others = enum
    return [*others, first]


def _keys(table: Table) -> list[Any]:
    return [table.primary_key, *(key for key in table.constraints if isinstance(key, UniqueConstraint))]


def _kind(hint: Any) -> type:
    """The type without None."""
    kinds = [kind for kind in get_args(hint) if kind is not type(None)] if get_origin(hint) in UNIONS else [hint]
    return kinds[0] if inspect.isclass(kinds[0]) else object


def plain(result: Any) -> Any:
    """What came back, to be compared."""
    if isinstance(result, SQLModel):
        return type(result), {name: getattr(result, name) for name in type(result).model_fields}
    if is_dataclass(result):
        return [plain(getattr(result, field.name)) for field in fields(result)]
    if isinstance(result, dict):
        return {key: plain(value) for key, value in result.items()}
    return [plain(item) for item in result] if isinstance(result, list | tuple | Iterator) else result


OURS, THEIRS = Rows(1), Rows(2)
OF_WORKSPACE = ("workspace_id", "platform", "workspace")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engines(request):
    """Two databases: in one they stand alone, in the other beside us, who are as the third says. Every test leaves them
    as they are.
    """
    databases = request.getfixturevalue(request.param)
    with databases.migrated() as one, databases.migrated() as other:
        alone, beside = _engine(one), _engine(other)
        for engine, standing in ((alone, [THEIRS]), (beside, [THEIRS, OURS])):
            with Session(engine) as session:
                for rows in standing:
                    rows.insert(session)
                session.commit()
        with Session(beside) as session:
            before = OURS.seen_in(session)
        yield alone, beside, before
        alone.dispose(), beside.dispose()


def _engine(url: str):
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    return engine


def ask(session: Session, query: Query, asker: Rows, about: Rows) -> Any:
    """Ask in a workspace with identifiers of another: what comes back."""
    arguments = {
        name: (asker if name in OF_WORKSPACE or is_row(hint) else about).argument(name, hint)
        for name, hint in asked_for(query).items()
    }
    try:
        return plain(query(session, **arguments))
    except (NoResultFound, IntegrityError) as error:
        session.rollback()
        return type(error).__name__


def test_a_query_takes_the_workspace():
    """By its id, by the platform's names for it, or with a row; or it stands among the few exceptions."""

    def takes(query: Query) -> bool:
        asked = asked_for(query)
        return "workspace_id" in asked or {"platform", "workspace"} <= asked.keys() or any(map(is_row, asked.values()))

    assert [name for name, query in QUERIES.items() if not takes(query)] == [
        name for name in QUERIES if name in SERVE_ALL
    ]


def test_the_exceptions_are_queries_that_exist():
    assert QUERIES.keys() >= SERVE_ALL.keys() | NO_QUESTION.keys()


@pytest.mark.parametrize("name", [name for name in QUERIES if name not in SERVE_ALL | NO_QUESTION])
def test_what_stands_in_one_workspace_is_neither_seen_nor_changed_from_another(engines, name):
    alone, beside, before = engines
    query = QUERIES[name]
    with Session(alone) as session:
        expected = ask(session, query, THEIRS, OURS)
    with Session(beside) as session:
        assert ask(session, query, THEIRS, OURS) == expected, "our rows make a difference to them"
        assert OURS.seen_in(session) == before, "they changed our rows"

    with Session(alone) as session:
        nothing = ask(session, query, OURS, OURS)
    with Session(beside) as session:
        found = ask(session, query, OURS, OURS)
        is_shown = found != nothing or OURS.seen_in(session) != before
    assert is_shown, "the query finds nothing even for us, so this test shows nothing"
