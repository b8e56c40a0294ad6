"""The import itself: two passes over the file, small units of work beside whatever else is running, a report."""

import asyncio
import csv
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import thread_time
from typing import Any, TextIO

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.core.context import Context, UserError
from bot.core.registry import Registry
from bot.features import FEATURES
from bot.features.leads.importing import CHUNK, FIRST_CHUNK, Outcome, Told, import_leads
from bot.leads_import.dates import Column, given_formats
from bot.leads_import.file import CsvFile
from bot.leads_import.mapping import DATES, STATE_NAMES, columns_of, named_by, proposed, statuses_of, unused
from bot.leads_import.rows import Reader
from storage.campaigns import folded
from storage.database import Database
from storage.feedback import own_codes
from storage.lead_imports import owners_by_name
from storage.migrate import migrate
from storage.workspaces import Workspace, find_or_add_local, installed_workspaces

SHOWN = 20  # refusals that are printed
UNIT = 0.025  # seconds of CPU that a chunk should take: half of what a unit of work may
ATTEMPTS = 3  # at a chunk, where somebody adds a lead of the same key at the same moment


@dataclass
class Report:
    """What became of every row: read = added + changed + unchanged + repeated + refused."""

    workspace: str = ""
    encoding: str = ""
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0  # rows whose key comes again further below
    refused: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)  # the first rows left out: line and why
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """What the command line says."""

    mapping: Sequence[str] = ()
    statuses: Sequence[str] = ()
    dates: Sequence[str] = ()
    workspace: str = ""
    dry_run: bool = False
    encoding: str = ""


Progress = Callable[[int, int], None]  # bytes read, of how many in both passes


async def import_file(
    database_url: str,
    path: Path,
    wanted: Wanted,
    progress: Progress = lambda done, of: None,
    left_out: TextIO | None = None,
) -> Report:
    """Import a file into one workspace; `left_out` gets every row that was not taken, as CSV.

    Raises UserError where nothing can be imported, and OSError.
    """
    with closing(CsvFile(path, wanted.encoding, named_by(wanted.mapping))) as file, closing(_Keys()) as keys:
        columns = columns_of(file.columns, wanted.mapping)
        formats = given_formats(wanted.dates, DATES)
        dates = {
            name: Column(name, "+".join(file.columns[place] for place in columns[name]), formats.get(name))
            for name in DATES
            if name in columns
        }
        statuses_of(wanted.statuses)  # what is wrong with them is said before the file is read
        reader = Reader(columns, file.columns, dates)
        for record in file.records():
            if key := reader.look(record):
                keys.note(key, record.line)
            if record.line % 1000 == 0:
                progress(file.position, 2 * file.size)
        for column in dates.values():
            column.decide()
        await asyncio.to_thread(migrate, database_url)
        database = await Database(database_url).start()
        try:
            work = _Import(database, file, reader, keys, wanted, left_out)
            return await work.run(progress)
        finally:
            await database.close()


class _Rehearsed(Exception):
    """Takes back what a dry run did."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class _Import:
    def __init__(
        self, database: Database, file: CsvFile, reader: Reader, keys: "_Keys", wanted: Wanted, left_out: TextIO | None
    ) -> None:
        self._database, self._file, self._reader, self._keys, self._wanted = database, file, reader, keys, wanted
        self._registry, self._report = Registry(FEATURES), Report(encoding=file.encoding.removesuffix("-sig"))
        self._size = FIRST_CHUNK
        self._left_out: Any = csv.writer(left_out) if left_out else None

    async def run(self, progress: Progress) -> Report:
        report, size = self._report, self._file.size
        if self._left_out:
            self._left_out.writerow(("line", "why"))
        await self._prepare()
        for rows in self._chunks():
            outcome = await self._store(rows)
            report.added += outcome.added
            report.changed += outcome.changed
            report.unchanged += outcome.unchanged
            for line, why in outcome.refused:
                self._refuse(line, why)
            progress(size + self._file.position, 2 * size)
        self._remark()
        return report

    async def _prepare(self) -> None:
        def look(session: Session) -> None:
            workspace = chosen(installed_workspaces(session), self._wanted.workspace)
            own = own_codes(session, workspace.id) if workspace else []
            self._reader.statuses = statuses_of(self._wanted.statuses, own)
            self._reader.owners = owners_by_name(session, workspace.id) if workspace else {}
            self._report.workspace = workspace.name if workspace else "local"

        await self._database.read(look)

    def _chunks(self) -> Iterator[list[Told]]:
        """Rows that say something, as many as a unit of work takes, of different keys."""
        rows: list[Told] = []
        for record in self._file.records():
            self._report.read += 1
            try:
                told = self._reader.told(record)
            except UserError as error:
                self._refuse(record.line, str(error))
                continue
            if (again := self._keys.repeated(told.key, record.line)) is not None:
                self._report.repeated += 1
                self._leave_out(record.line, again)
                continue
            rows.append(told)
            if len(rows) >= self._size:
                yield rows
                rows = []
        if rows:
            yield rows

    async def _store(self, rows: Sequence[Told]) -> Outcome:
        def work(session: Session) -> Outcome:
            now, began = datetime.now(UTC), thread_time()
            workspace = chosen(installed_workspaces(session), self._wanted.workspace) or find_or_add_local(session, now)
            outcome = import_leads(Context(session, workspace, None, now, "import", self._registry), rows)
            self._size = _next_size(len(rows), thread_time() - began)
            if self._wanted.dry_run:
                raise _Rehearsed(outcome)
            return outcome

        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._database.write(work, bulk=True)
            except _Rehearsed as rehearsed:
                return rehearsed.outcome
            except IntegrityError:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError

    def _refuse(self, line: int, why: str) -> None:
        self._report.refused += 1
        self._leave_out(line, why)

    def _leave_out(self, line: int, why: str) -> None:
        if len(self._report.shown) < SHOWN:
            self._report.shown.append((line, why))
        if self._left_out:
            self._left_out.writerow((line, why))

    def _remark(self) -> None:
        unknown, remarks = self._reader.unknown_owners, self._report.remarks
        if above := self._file.above:
            remarks.append(f"{above} rows above the names of the columns were left out.")
        if words := self._reader.unknown_statuses:
            counted = ", ".join(f"“{word}” ({n})" for word, n in words.most_common() if word)
            remarks.append(
                f"Nobody said what these statuses mean, in so many rows: {counted}. "
                f'For each: --status "{next(iter(words))}=STATE", or STATE:CODE. The states are: {STATE_NAMES}.'
            )
        if left := unused(self._file.columns, self._reader.columns):
            more = f", and {len(left) - 30} more" if len(left) > 30 else ""
            perhaps = f" Perhaps: {likely}." if (likely := proposed(self._file.columns, self._reader.columns)) else ""
            remarks.append(f"Columns that were not used: {', '.join(left[:30])}{more}.{perhaps}")
        if unknown:
            names = ", ".join(name for name in unknown if name)
            remarks.append(
                f"{_rows(unknown.total(), 'names', 'name')} an owner who is no member known to Parley, "
                f"such as {names}: the owner was left out."
            )
        if contradicting := self._reader.contradicting:
            remarks.append(
                f"{_rows(contradicting, 'has', 'have')} a day on which the lead was won or lost, and a status that "
                "says otherwise: the status counts, the day was left out."
            )
        if lacking := self._reader.lacking:
            remarks.append(
                f"{_rows(lacking, 'has', 'have')} fewer cells than there are columns: what is missing counts as blank."
            )
        if shortened := self._reader.shortened:
            remarks.append(f"{_rows(shortened, 'has', 'have')} a summary that was too long, and was shortened.")


def _next_size(rows: int, seconds: float) -> int:
    """How many rows the next chunk should have, where this one took so long; it at most doubles."""
    return max(FIRST_CHUNK, min(CHUNK, 2 * rows, int(rows * UNIT / max(seconds, 0.001))))


def _rows(number: int, one: str, many: str) -> str:
    return f"1 row {one}" if number == 1 else f"{number} rows {many}"


class _Keys:
    """In which line each key stands last: on disk, because a file may have more keys than there is memory."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA cache_size = -16000")
        self._database.execute("CREATE TABLE key (folded TEXT PRIMARY KEY, line INT, written TEXT) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def close(self) -> None:
        self._database.close()

    def note(self, key: str, line: int) -> None:
        self._database.execute("INSERT OR REPLACE INTO key VALUES (?, ?, ?)", (folded(key), line, key))

    def repeated(self, key: str, line: int) -> str | None:
        """A sentence where the key comes again further below."""
        query = "SELECT line, written FROM key WHERE folded = ?"
        last, written = self._database.execute(query, (folded(key),)).fetchone() or (line, key)
        if last <= line:
            return None
        case = "" if written == key else f", as {written} (upper and lower case tell no keys apart)"
        return f"The key {key} comes again in line {last}{case}; that row counts."


def chosen(workspaces: Sequence[Workspace], wanted: str) -> Workspace | None:
    """The workspace of this name or id, or the only one; None where there is none at all. Raises UserError."""
    found = [w for w in workspaces if not wanted or wanted.casefold() in (w.name.casefold(), w.external_id.casefold())]
    if len(found) == 1:
        return found[0]
    if not workspaces and not wanted:
        return None
    known = ", ".join(f"{w.name} ({w.external_id})" for w in workspaces) or "none yet"
    raise UserError(f"Say which workspace is meant, with --workspace: {known}.")
