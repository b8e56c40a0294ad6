"""What is measured is done: the bench counts the rows of everything that was answered."""

import re
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import bench
from bench.cases import COMMAND, MESSAGE, WrongRows, check, serving
from bench.company import Company, counts
from bench.sender import Sender, Sent


@pytest.fixture
def company(tmp_path):
    return Company(tmp_path, leads=10)


async def test_every_answer_stands_for_its_rows(company, tmp_path):
    database = company.copy()
    before = counts(database)
    with serving("parley", database, tmp_path) as process:
        sender = Sender(process.port, COMMAND.word)
        typed = await sender.schedule(COMMAND.make(1, 10), rate=10.0)
        between = counts(database)
        await sender.close()
        sender = Sender(process.port)
        heard = await sender.schedule(MESSAGE.make(1, 10), rate=10.0)
        await sender.close()
    assert (len(typed.took), len(heard.took)) == (10, 10)
    check(COMMAND, [typed], before, between, writes=True)
    check(MESSAGE, [heard], between, counts(database), writes=True)


def test_an_answer_without_its_rows_is_noticed(company):
    before = counts(company.copy())
    with pytest.raises(WrongRows, match="0 rows in processedevent for 1 answers"):
        check(COMMAND, [Sent(good=[1])], before, before, writes=True)


def test_bolt_js_fills_the_columns_that_there_are():
    """It names them by hand, in a language that no other check here reads, and Node is not everywhere."""
    inserts = re.findall(r"INSERT INTO (\w+) \(([^)]*)\)", Path(bench.__file__).with_name("bolt.js").read_text())
    assert len(inserts) > 5
    for table, named in inserts:
        columns = [
            column for column in SQLModel.metadata.tables[table].columns if column.name != "id" or table == "outbox"
        ]
        required = {column.name for column in columns if not column.nullable}
        named = set(re.split(r",\s+", named))
        assert required <= named <= {column.name for column in columns}, table
