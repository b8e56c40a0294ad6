"""The rows of a CSV file as programs and offices write it: any usual encoding and delimiter, lines counted."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.core.context import UserError
from bot.core.language import _, fill
from bot.core.limits import clip

DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header; blank rows are none."""

    line: int  # where it begins in the file; the header begins at line 1
    cells: Mapping[str, str]  # by column, trimmed; a cell the row does not have is ""
    surplus: int = 0  # how many cells it has beyond the header: it was not written as it was meant


@dataclass(frozen=True)
class Rows:
    columns: tuple[str, ...]  # trimmed; in the file's own words and case
    rows: Iterator[Row]  # read on demand; raises UserError where the file cannot be understood


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 where it says so, else what Windows writes in Western countries."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_rows(content: bytes) -> Rows:
    """The rows of a file whose first row names the columns. Raises UserError where it does not."""
    text = decoded(content)
    records = _records(text)
    _line, header = next(records, (1, []))
    columns = tuple(cell.strip() for cell in header)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if not columns:
        raise UserError(_("The file is empty. Its first line must name the columns."))
    if not all(columns):
        raise UserError(_("A column has no name. The first line must name every column."))
    [(name, times)] = Counter(column.casefold() for column in columns).most_common(1)
    if times > 1:
        raise UserError(fill(_("Two columns are called “{name}”."), name=clip(name, 80)))
    return Rows(columns, (_row(line, columns, cells) for line, cells in records))


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, each with the line it begins at."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UserError(fill(_("Line {line} cannot be read: {why}"), line=line, why=str(error))) from error
        if any(cell.strip() for cell in cells):
            yield line, cells


def _row(line: int, columns: tuple[str, ...], cells: list[str]) -> Row:
    surplus = sum(1 for cell in cells[len(columns) :] if cell.strip())
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    return Row(line, {column: cell.strip() for column, cell in zip(columns, padded, strict=False)}, surplus)


def _delimiter(text: str) -> str:
    """What stands most often between the names of the columns; quoted text does not count."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    unquoted = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=unquoted.count)
