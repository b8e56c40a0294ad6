"""`member erase` and `lead erase` as a process: they ask, say plainly what they did, and are safe to run twice."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, create_engine, select

from storage.leads import Lead
from storage.people import Member
from storage.tables import add
from storage.workspaces import Workspace, install
from tests.processes import finished

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def environment(database_url):
    engine = create_engine(database_url)
    with Session(engine) as session:
        workspace = Workspace(platform="slack", external_id="T1", name="Acme", installed_at=NOW)
        workspace_id = install(session, workspace).id
        for external_id, name in (("U1", "Ana Zubrowka"), ("U2", "Bo"), ("U3", "Bo")):
            member = Member(workspace_id=workspace_id, external_id=external_id, name=name, verified_at=NOW)
            member.email = f"{external_id.lower()}@example.com"
            add(session, member)
        lead = {"key": "L-1", "key_folded": "l-1", "company": "Vogelfrei", "company_folded": "vogelfrei"}
        lead |= {"email": "Eva@Vogelfrei.example", "phone": "+49 30 1"}
        add(session, Lead(workspace_id=workspace_id, state="WON", owner_id=1, created_at=NOW, **lead))
        session.commit()
    engine.dispose()
    return {"DATABASE_URL": database_url}


@pytest.fixture
def stored(database_url):
    def names():
        engine = create_engine(database_url)
        with Session(engine) as session:
            found = [*session.exec(select(Member.name).order_by(Member.id)), *session.exec(select(Lead.company))]
        engine.dispose()
        return found

    return names


EVERYBODY = ["Ana Zubrowka", "Bo", "Bo", "Vogelfrei"]


async def test_a_person_and_a_lead_are_erased_and_twice_is_as_good_as_once(environment, stored):
    code, said = await finished(environment, "member", "erase", "U1@example.com", "--dry-run")
    assert (code, stored()) == (0, EVERYBODY)
    assert "Of Ana Zubrowka (U1, u1@example.com) would be erased or changed: 1 leads" in said

    code, said = await finished(environment, "member", "erase", "Ana Zubrowka", "--yes")
    assert (code, stored()) == (0, ["someone who left", "Bo", "Bo", "Vogelfrei"])
    assert said.startswith("Erased.")
    code, said = await finished(environment, "member", "erase", "Ana Zubrowka", "--yes")
    assert (code, said) == (
        2, "I know nobody called “Ana Zubrowka”. Name them by their id, e-mail address or exact name.\n"
    )  # fmt: skip

    code, said = await finished(environment, "lead", "erase", "1", "--yes")
    assert (code, stored()[-1]) == (0, "(erased)")
    code, said = await finished(environment, "lead", "erase", "L-1", "--yes")
    assert (code, said) == (0, "L-1 was erased already.\n")


async def test_nothing_is_erased_without_a_yes_or_where_several_may_be_meant(environment, stored):
    code, said = await finished(environment, "member", "erase", "U1")  # nobody is there to answer
    assert code != 0
    assert "Ana Zubrowka (U1, u1@example.com) is erased for ever" in said
    code, said = await finished(environment, "member", "erase", "Bo", "--yes")
    assert (code, said) == (
        2, "“Bo” may be any of these: Bo (U2, u2@example.com), Bo (U3, u3@example.com). Name one by the id.\n"
    )  # fmt: skip
    code, said = await finished(environment, "lead", "erase", "L-9", "--yes")
    assert (code, said) == (2, "There is no lead “L-9”. Name it by its key, such as L-12.\n")
    code, said = await finished(environment, "lead", "erase", "eva@vogelfrei.example", "--yes")
    assert code == 2
    assert said.endswith("such as L-12. Leads with this address or number: L-1.\n")
    assert stored() == EVERYBODY
