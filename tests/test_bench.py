"""What is measured is done: the bench counts the rows of everything that was answered."""

import pytest

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
