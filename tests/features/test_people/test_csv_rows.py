"""The rows of a file, however it was written."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.context import UserError
from bot.rules.csv_rows import read_rows

HEADER, CELLS = ("Firma", "Größe"), {"Firma": "Müller, Söhne", "Größe": "12"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_usual_encoding_delimiter_and_line_end_is_read(delimiter, encoding, end):
    text = end.join([delimiter.join(HEADER), delimiter.join(['"Müller, Söhne"', " 12 "]), ""])
    rows = read_rows(text.encode(encoding))
    assert rows.columns == HEADER
    assert [(row.line, row.cells, row.surplus) for row in rows.rows] == [(2, CELLS, 0)]


def test_lines_are_counted_as_an_editor_counts_them():
    rows = read_rows(b'\nname,note\n\nAna,"two\nlines"\n,\nBo\nCy,x,,y\n')
    assert [(row.line, row.cells["name"], row.cells["note"], row.surplus) for row in rows.rows] == [
        (4, "Ana", "two\nlines", 0),
        (7, "Bo", "", 0),
        (8, "Cy", "x", 1),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The file is empty"),
        (b"\n , \n", "The file is empty"),
        (b"a,,b\n", "A column has no name"),
        (b"Side,role, SIDE\n", "Two columns are called “side”"),
    ],
)
def test_a_header_that_names_no_columns_is_refused(content, why):
    with pytest.raises(UserError, match=why):
        read_rows(content)


def test_a_cell_without_end_is_refused_with_its_line():
    content = b'name\nAna\n"' + b"x" * 1_100_000
    with pytest.raises(UserError, match="Line 3 cannot be read"):
        list(read_rows(content).rows)


def test_empty_columns_at_the_end_are_none():
    rows = read_rows(b"name,side,,\nAna,sales,,\n")
    assert rows.columns == ("name", "side")
    assert [row.surplus for row in rows.rows] == [0]


@given(st.binary(max_size=300))
def test_no_file_breaks_it(content):
    with suppress(UserError):
        list(read_rows(content).rows)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=12).map(str.strip)


@given(st.lists(st.tuples(CELL, CELL).filter(any), max_size=8))
def test_what_a_program_wrote_is_read_as_it_was_meant(written):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("left", "right"), *written])
    rows = list(read_rows(out.getvalue().encode()).rows)
    assert [(row.cells["left"], row.cells["right"]) for row in rows] == written
