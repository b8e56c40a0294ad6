"""`digest now` as a process: today's digest comes at once, and does not come again at its hour."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, create_engine, select

from storage.channels import Channel, Purpose
from storage.digest import Digest, DigestPlan, Outcome
from storage.outbox import OutboxRow
from storage.schedules import Schedule
from storage.tables import add
from storage.workspaces import Workspace, install
from tests.processes import finished

TODAY = datetime.now(UTC).date()  # as the process sees it
DAY = timedelta(days=1)


@pytest.fixture
def session(database_url):
    engine = create_engine(database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def shared(session):
    """Two channels that get a digest: at an hour of today that has passed, and one that comes tomorrow."""
    now = datetime.now(UTC)
    workspace = Workspace(platform="slack", external_id="T1", name="Acme", installed_at=now)
    workspace_id = install(session, workspace).id
    for name in ("shared", "sales"):
        channel = Channel(workspace_id=workspace_id, external_id=f"C_{name}", name=name, is_shared=False)
        channel.purpose = Purpose(name)
        add(session, channel)
        add(session, DigestPlan(channel_id=channel.id, workspace_id=workspace_id, sections="numbers"))
        schedule = Schedule(
            workspace_id=workspace_id,
            kind="digest",
            subject_id=channel.id,
            wall="00:00",
            timezone="UTC",
            since=TODAY - DAY,
            last_on=TODAY,
            next_on=TODAY + DAY,
            next_at=datetime.combine(TODAY + DAY, datetime.min.time(), UTC),
        )
        add(session, schedule)
    session.commit()


async def test_the_digest_of_a_channel_comes_when_it_is_wanted_and_once(session, shared, database_url):
    environment = {"DATABASE_URL": database_url}
    code, said = await finished(environment, "digest", "now")
    assert (code, said) == (
        2, "Say which digest is meant, with --channel: #shared (C_shared), #sales (C_sales).\n"
    )  # fmt: skip
    code, said = await finished(environment, "digest", "now", "--channel", "#shared")
    assert code == 0, said
    assert (
        said == "Done: today's digest in #shared. A running Parley sends it now, else it is sent when Parley starts.\n"
    )
    [told] = session.exec(select(Digest)).all()
    [promised] = session.exec(select(OutboxRow)).all()
    assert (told.local_on, told.outcome) == (TODAY, Outcome.TOLD), "an empty one, too, since somebody wants to see it"
    assert (promised.subject, promised.subject_id, promised.channel_id) == ("digest", told.id, told.channel_id)
    schedule = session.exec(select(Schedule).where(Schedule.subject_id == told.channel_id)).one()
    assert (schedule.last_on, schedule.next_on) == (TODAY, TODAY + DAY)

    code, said = await finished(environment, "digest", "now", "--channel", "C_shared")
    assert (code, said) == (2, "Today's digest has come to this channel already.\n")
