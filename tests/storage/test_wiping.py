"""Nothing is left of deleted rows in a database's own files, and that is not said before it is so."""

from sqlalchemy import create_engine, delete, make_url, text
from sqlmodel import Session

from storage.ballots import Ballot
from storage.people import Side
from storage.tables import add
from storage.wiping import truncate_log, vacuum


def wipe(database_url):
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return truncate_log(url.database)
    return vacuum(url, [Ballot.__tablename__])


def test_rows_that_somebody_may_still_see_are_not_called_destroyed(database_url):
    """Somebody began to read something else, such as a report, before they were deleted, and reads on."""
    engine = create_engine(database_url)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # as it is when Parley runs
    with Session(engine) as session:
        add(session, Ballot(wave_id=1, id="code", workspace_id=1, position=1, side=Side.SALES, value=3, turn="sealed"))
        session.commit()
    with engine.connect() as reading:
        if engine.dialect.name == "sqlite":
            reading.exec_driver_sql("BEGIN")
        else:
            reading = reading.execution_options(isolation_level="REPEATABLE READ")
        reading.execute(text("SELECT count(*) FROM workspace"))
        with Session(engine) as session:
            session.execute(delete(Ballot))
            session.commit()
        assert not wipe(database_url)
    assert wipe(database_url)
    engine.dispose()
