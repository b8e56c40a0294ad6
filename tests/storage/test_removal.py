"""A workspace from which Parley was removed leaves nothing but ids, and its neighbour nothing less."""

import pytest
from sqlmodel import Session

from storage.removal import EMPTIED, forget_rows, keys, tables
from tests.storage.test_isolation import VALUES, Rows, _engine

REMOVED, NEIGHBOUR = Rows(1), Rows(2)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request):
    """Rows of every table, with everything that may stand in them."""
    with request.getfixturevalue(request.param).migrated() as url:
        engine = _engine(url)
        with Session(engine) as session:
            for rows in (REMOVED, NEIGHBOUR):
                rows.insert(session)
            session.commit()
        yield engine
        engine.dispose()


def test_nothing_but_ids_is_left_of_one_workspace_and_all_of_the_other(engine):
    with Session(engine) as session:
        before = NEIGHBOUR.seen_in(session)
        for table in tables():
            after = None
            while found := keys(session, REMOVED.workspace_id, table, after, limit=2):
                forget_rows(session, REMOVED.workspace_id, table, found)
                after = found[-1]
        assert NEIGHBOUR.seen_in(session) == before
        left = REMOVED.seen_in(session)
    assert len(left) == sum(len(REMOVED.of_table[name]) for name in EMPTIED)
    assert not [row for row in left if VALUES[str] in row]
