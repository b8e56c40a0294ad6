"""`digest now` and its like, as processes: what recurs comes at once, and not a second time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, create_engine, select

from bot.core.context import UserError
from bot.core.keys import NoKeys
from bot.key_files import KeyFiles
from bot.now import occur_now
from storage.channels import Channel, Purpose
from storage.digest import Digest, DigestPlan, Outcome
from storage.gemba import GembaRound
from storage.outbox import OutboxRow
from storage.people import Member, Side
from storage.pulse import PulseWave, WaveState
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


@pytest.fixture
def planned(session):
    """A workspace of six sellers where a pulse opens, and a round of job swaps begins, the day after tomorrow."""
    now = datetime.now(UTC)
    workspace_id = install(session, Workspace(platform="slack", external_id="T1", name="Acme", installed_at=now)).id
    for n in range(6):
        seller = Member(workspace_id=workspace_id, external_id=f"U{n}", name=f"Seller {n}", side=Side.SALES)
        seller.verified_at = now
        add(session, seller)
    on = TODAY + 2 * DAY
    for kind in ("pulse", "gemba"):
        schedule = Schedule(
            workspace_id=workspace_id, kind=kind, subject_id=0, wall="10:00", timezone="UTC",
            days=str(on.isoweekday()), weeks=1, since=TODAY, last_on=on - 7 * DAY, next_on=on,
            next_at=datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=10),
        )  # fmt: skip
        add(session, schedule)
    session.commit()


async def test_a_pulse_opens_when_it_is_wanted(session, planned, database_url, tmp_path):
    environment = {"DATABASE_URL": database_url, "PULSE_KEYS": str(tmp_path / "keys")}
    code, said = await finished(environment, "pulse", "now")
    assert code == 0, said
    assert said.startswith("Done: a pulse is open.")
    [wave] = session.exec(select(PulseWave)).all()
    assert (wave.state, wave.sales_asked, wave.marketing_asked) == (WaveState.OPEN, 6, 0)
    assert KeyFiles(tmp_path / "keys").read(wave.key_name), "where the running Parley finds it"
    with pytest.raises(UserError, match="A pulse is open already"):
        await occur_now(database_url, KeyFiles(tmp_path / "keys"), "pulse", "", "")


async def test_a_round_of_job_swaps_begins_when_it_is_wanted(session, planned, database_url):
    code, said = await finished({"DATABASE_URL": database_url}, "gemba", "now")
    assert code == 0, said
    assert said.startswith("Done: a round of job swaps has begun.")
    assert [gemba.number for gemba in session.exec(select(GembaRound)).all()] == [1]
    schedule = session.exec(select(Schedule).where(Schedule.kind == "gemba")).one()
    assert (schedule.last_on, schedule.next_on) == (TODAY, TODAY + 2 * DAY), "the next one as it is planned"
    with pytest.raises(UserError, match="Round 1 still runs, until"):
        await occur_now(database_url, NoKeys(), "gemba", "", "")
