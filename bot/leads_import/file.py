"""A CSV file of any size: its encoding and delimiter found, its records read one by one, its changes noticed."""

import codecs
import csv
import io
import os
import re
import stat
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from bot.core.context import UserError

SAMPLE = 65_536  # bytes that show what kind of file it is
PREVIEW = 20  # records among which the header is looked for
LINE = 1_000_000  # characters of a line, and of a record that spans several
DELIMITERS = ",;\t|"
_NO_TEXT = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
}
_CONTROLS = bytes(code for code in range(32) if chr(code) not in "\t\n\v\f\r\x1a")  # a few may stand in any text
_ADVICE = "Export it as CSV and import that."


csv.field_size_limit(LINE)


class Record(NamedTuple):
    line: int  # where it begins
    cells: list[str]
    wrong: str = ""  # a sentence on why its cells cannot be told apart; there are none then


class CsvFile:
    """An open file whose first record names the columns. Raises UserError where it cannot be understood."""

    def __init__(self, path: Path, encoding: str = "", named: Collection[str] = ()) -> None:
        """`named` are columns that the header is known to have: there may be lines above it."""
        _check_encoding(encoding)
        self._name, self._file = path.name, path.open("rb")
        try:
            if not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
                raise UserError(f"{self._name} is no file that can be read twice. Save it as a file first.")
            self._stamp = self._state()
            sample = self._file.read(SAMPLE)
            self._refuse_what_is_no_text(sample)
            self.encoding = encoding or _marked_encoding(sample) or self._unmarked_encoding()
            self._skipped, self.delimiter = 0, ","
            self.delimiter = self._found_delimiter()
            self.above, header = self._found_header({name.casefold() for name in named})
        except BaseException:
            self._file.close()
            raise
        self.columns = [clean(cell) for cell in header]
        while self.columns and not self.columns[-1]:
            self.columns.pop()
        if not self.columns:
            self._file.close()
            raise UserError("The file is empty. Its first line must name the columns.")

    def close(self) -> None:
        self._file.close()

    @property
    def size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    @property
    def position(self) -> int:
        """Bytes read so far in this pass."""
        return 0 if self._file.closed else self._file.raw.tell()

    def records(self) -> Iterator[Record]:
        """The records below the header that are not blank, from the start. Raises UserError if the file changes."""
        records = islice(self._records(), self.above + 1, None)
        for number, record in enumerate(records):
            if number % 1000 == 0:
                self.check_unchanged()
            yield record
        self.check_unchanged()

    def _found_header(self, named: set[str]) -> tuple[int, list[str]]:
        """How many records stand above the header, such as a report's title, and the header."""
        first = list(islice(self._records(), PREVIEW))
        filled = [sum(1 for cell in record.cells if clean(cell)) for record in first]
        number = next((n for n, count in enumerate(filled) if count > 1), 0) if max(filled, default=0) >= 3 else 0
        for n, record in enumerate(first):
            if named and named <= {clean(cell).casefold() for cell in record.cells}:
                number = n
                break
        for record in first[: number + 1]:
            if record.wrong:
                raise UserError(f"Line {record.line}: {record.wrong}")
        return number, first[number].cells if first else []

    def check_unchanged(self) -> None:
        if self._state() != self._stamp:
            raise UserError(
                f"{self._name} changed while it was read. What was stored before stays; "
                "import it again once it is complete."
            )

    def _state(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns

    def _records(self) -> Iterator[Record]:
        lines = _Lines(self)
        reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True, strict=True)
        while True:
            line = reader.line_num + 1 + self._skipped
            lines.begin_record(line)
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                if lines.are_over:
                    raise UserError(
                        f"Line {line} opens a quotation mark that is never closed. Nothing after it can be read."
                    ) from None
                yield Record(line, [], _misquoted(line, reader.line_num + self._skipped))
                continue
            if any(cell and not cell.isspace() for cell in cells):
                yield Record(line, cells)

    def lines(self) -> Iterator[str]:
        """The lines with their ends, each checked against LINE."""
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, self.encoding, errors="replace", newline="")
        try:
            for _ in range(self._skipped):
                text.readline(LINE)
            number = self._skipped
            while line := text.readline(LINE + 1):
                number += 1
                if len(line) > LINE:
                    raise UserError(f"Line {number} is longer than {LINE:,} characters. That is no table of leads.")
                yield line
        finally:
            if not self._file.closed:
                text.detach()

    def _refuse_what_is_no_text(self, sample: bytes) -> None:
        for magic, what in _NO_TEXT.items():
            if sample.startswith(magic):
                raise UserError(f"{self._name} is {what}, not a CSV file. {_ADVICE}")
        controls = len(sample) - len(sample.translate(None, _CONTROLS))
        if _marked_encoding(sample) is None and controls > max(2, len(sample) // 20):
            raise UserError(f"{self._name} is a binary file, not a CSV file. {_ADVICE}")
        if sample.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<html", b"<table", b"<!doctype", b"<?xml")):
            raise UserError(f"{self._name} is a web page or XML, not a CSV file. {_ADVICE}")

    def _unmarked_encoding(self) -> str:
        """UTF-8 where most letters beyond ASCII are; else what Windows writes in Western countries."""
        decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._file.seek(0)
        letters = unreadable = 0
        block = b"first"
        while block:
            block = self._file.read(1 << 20)
            if not (text := decoder.decode(block, final=not block)).isascii():
                letters += len(text) - len(text.encode("ascii", "ignore"))
                unreadable += text.count("\ufffd") - block.count("\ufffd".encode())
        if 2 * unreadable > letters:
            self._refuse_other_letters()
            return "cp1252"
        return "utf-8-sig"

    def _refuse_other_letters(self) -> None:
        """Western texts have single letters beyond ASCII; whole words of them are written in another alphabet."""
        self._file.seek(0)
        sample = self._file.read(SAMPLE)
        words = re.findall(rb"[\x80-\xff]+", sample)
        if 2 * sum(len(word) for word in words if len(word) > 2) > sum(map(len, words)):
            raise UserError(
                f"{self._name} is not written in UTF-8, and its letters are not Western. Say in what it is written: "
                "--encoding cp1251 (Cyrillic), cp1253 (Greek), cp1256 (Arabic), cp932 (Japanese), gb18030 (Chinese)."
            )

    def _found_delimiter(self) -> str:
        """What stands most often in the first line that has several cells; or what Excel's own first line says."""
        for number, line in enumerate(self.lines()):
            words = line.strip()
            if number == 0 and words.strip('"').lower().startswith("sep=") and len(words.strip('"')) <= 5:
                self._skipped = 1
                said = line.strip(' "\r\n')[4:]
                return said if said and said in DELIMITERS else self._found_delimiter()
            unquoted = "".join(line.split('"')[::2])
            delimiter = max(DELIMITERS, key=unquoted.count)
            if number > PREVIEW or delimiter in unquoted:
                return delimiter
        return ","


class _Lines:
    """The lines of a file as csv.reader takes them, with what it does not tell of the record it is in."""

    def __init__(self, file: CsvFile) -> None:
        self._lines = file.lines()
        self.are_over = False

    def begin_record(self, line: int) -> None:
        self._begins, self._size = line, 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines, "")
        self.are_over, self._size = not line, self._size + len(line)
        if self.are_over:
            raise StopIteration
        if self._size > LINE:
            raise UserError(
                f"What begins in line {self._begins} is longer than {LINE:,} characters. "
                "Is there a quotation mark that is never closed?"
            )
        return line


def _misquoted(first: int, last: int) -> str:
    if last > first:
        what = (
            f"A quoted cell that begins here ends in the middle of line {last}: lines {first} to {last} were left out."
        )
    else:
        what = "A quoted cell ends in the middle of its text."
    return f'{what} A quotation mark inside of one is written twice: "".'


_WITHOUT_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 65279, 8203))


def clean(cell: str) -> str:
    """The cell without space around it, and without what no cell is meant to hold."""
    return cell.translate(_WITHOUT_CONTROLS).strip() if not cell.isalnum() else cell


def _check_encoding(name: str) -> None:
    try:
        is_text = not name or codecs.lookup(name)._is_text_encoding
    except LookupError:
        is_text = False
    if not is_text:
        raise UserError(f"There is no encoding “{name}”. Some that are: utf-8, cp1252, iso8859-15, cp1251, gb18030.")


def _marked_encoding(sample: bytes) -> str | None:
    """What the file says itself, or UTF-16 without a mark: every other byte of Latin letters is zero."""
    if sample.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = max(len(sample) // 2, 1)
    for encoding, zeros, letters in (
        ("utf-16-le", sample[1::2], sample[::2]),
        ("utf-16-be", sample[::2], sample[1::2]),
    ):
        if zeros.count(0) > 0.4 * half and letters.count(0) == 0:
            return encoding
    return None
