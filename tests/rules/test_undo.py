"""What an event changed about a lead, and what was there before, survive as JSON: undoing gives back just that."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, create_engine

from bot.rules.lead_states import LeadState
from storage.leads import Lead, LeadEvent, change_lead, lead_of, undo_change
from storage.tables import add
from storage.workspaces import Workspace

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CHANGES = st.fixed_dictionaries(
    {"state": st.sampled_from(LeadState)},
    optional={
        "wake_on": st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
        "attempted_at": st.none() | INSTANTS,
        "closed_at": st.none() | INSTANTS,
        "must_not_be_contacted": st.booleans(),
        "owner_id": st.none() | st.integers(1, 9),
        "cycle": st.integers(1, 9),
    },
)


@pytest.fixture(scope="module")
def engine():
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


@given(deeds=st.lists(CHANGES, min_size=1, max_size=6))
def test_undoing_everything_in_turn_gives_back_every_column(engine, deeds):
    with Session(engine) as session:
        add(session, Workspace(id=1, platform="test", external_id="W1", name="W1", installed_at=AT))
        new = {"key": "L-1", "key_folded": "l-1", "company": "Acme", "company_folded": "acme", "state": LeadState.NEW}
        add(session, Lead(id=1, workspace_id=1, created_at=AT, **new))
        lead, log, before = lead_of(session, 1, 1), [], []
        for changes in deeds:
            before.append(stored(session))
            log.append(change_lead(session, lead, changes, an_event(lead)))
        for event, expected in zip(reversed(log), reversed(before), strict=True):
            undone = undo_change(session, lead, event, an_event(lead))
            assert stored(session) == expected
            assert (undone.reverses_id, undone.state) == (event.id, expected.state)


def stored(session):
    """The lead's row as the database has it."""
    session.flush()
    return session.connection().execute(Lead.__table__.select()).one()


def an_event(lead):
    return LeadEvent(workspace_id=1, lead_id=1, cycle=lead.cycle, kind="deed", state=lead.state, via="button", at=AT)
