"""People from a file: what is applied, what is refused and why, and that twice is as good as once."""

import pytest

from bot.core.context import Context, UserError
from bot.features.people.service import CHUNK, Refusal, emails_in, import_people, people_columns
from bot.rules.csv_rows import read_rows
from storage.campaigns import find_campaigns
from storage.people import find_member
from storage.workspaces import find_workspace
from tests.features.stories import on_sqlite


@pytest.fixture
async def people(world):
    """Ana is admin; the platform knows the address of everybody."""
    members = {"Ana": await world.member("Ana", is_admin=True)}
    for name in ("Bo", "Cy", "Di"):
        members[name] = await world.member(name)
    return {f"{name.lower()}@example.com": (await member.row()).id for name, member in members.items()}


async def imports(world, text, by_email):
    rows = read_rows(text.encode())
    columns = people_columns(rows.columns)

    def work(session):
        workspace = find_workspace(session, "test", "W1")
        ctx = Context(session, workspace, None, world.now, "import", world.registry)
        return import_people(ctx, list(rows.rows), columns, by_email)

    return await world.database.write(work, bulk=True)


async def member(world, name):
    workspace = await world.workspace()
    return await world.database.read(lambda session: find_member(session, workspace, f"U_{name}"))


FILE = """Email;Side;Role;Manager;Stand-in;Is head;Is admin;Campaigns
bo@example.com;sales;SDR;ana@example.com;Cy;yes;no;Webinar; Spring
CY@example.com;Marketing;;U_bo;;;;
"""


async def test_every_cell_is_applied(world, people):
    text = FILE.replace("Webinar; Spring", '"Webinar; Spring"')
    report = await imports(world, text, people)
    assert (report.applied, report.refused) == (2, ())
    bo, cy = await member(world, "bo"), await member(world, "cy")
    assert (bo.side, bo.role, bo.is_head, bo.is_admin) == ("sales", "SDR", True, False)
    assert (bo.manager_id, bo.stand_in_id) == (people["ana@example.com"], cy.id)
    assert (cy.side, cy.role, cy.manager_id, cy.stand_in_id) == ("marketing", None, bo.id, None)
    workspace = await world.workspace()
    owned = await world.database.read(lambda session: find_campaigns(session, workspace, "", 9))
    assert [(found.name, found.owner_id) for found in owned] == [("Spring", bo.id), ("Webinar", bo.id)]


async def test_twice_is_as_good_as_once(world, people):
    text = FILE.replace("Webinar; Spring", '"Webinar; Spring"')
    first = await imports(world, text, people)
    before = [vars(await member(world, name)) for name in ("bo", "cy")]
    world.passes(days=1)
    assert await imports(world, text, people) == first
    again = [vars(await member(world, name)) for name in ("bo", "cy")]
    assert [{**row, "_sa_instance_state": 0} for row in again] == [{**row, "_sa_instance_state": 0} for row in before]


async def test_an_empty_cell_leaves_things_and_a_dash_takes_them_away(world, people):
    await imports(world, "name,role,manager\nBo,SDR,Ana\nCy,SDR,Ana\n", people)
    await imports(world, "name,role,manager\nBo,,\nCy,-,-\n", people)
    bo, cy = await member(world, "bo"), await member(world, "cy")
    assert (bo.role, bo.manager_id) == ("SDR", people["ana@example.com"])
    assert (cy.role, cy.manager_id) == (None, None)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("eve@other.com,sales,,", "I do not know “eve@other.com”, or they are no member of the company."),
        ("bo@example.com,sails,,", "“sails” is no side. The sides are: sales, marketing, other, neither."),
        ("bo@example.com,sales,bo@example.com,", "Nobody can be their own manager. Please choose somebody else."),
        ("bo@example.com,sales,Nobody,", "I do not know “Nobody”, or they are no member of the company."),
        ("bo@example.com,sales,,perhaps", "“perhaps” in the column is_head is neither yes nor no."),
        (",sales,,yes", "The row does not say whom it is about."),
        ("bo@example.com,sales,,yes,what", "The row has more cells than there are columns."),
    ],
)
@on_sqlite
async def test_a_row_is_refused_whole_with_its_line_and_the_reason(world, people, row, why):
    text = f"email,side,manager,is_head\n\ncy@example.com,marketing,,\n{row}\ndi@example.com,other,,\n"
    report = await imports(world, text, people)
    assert (report.applied, report.refused) == (2, (Refusal(4, why),))
    assert (await member(world, "bo")).side is None
    assert (await member(world, "di")).side == "other"


async def test_of_two_rows_that_close_a_circle_the_later_is_refused(world, people):
    report = await imports(world, "name,manager,stand_in\nBo,Cy,Cy\nCy,Di,Di\nDi,Bo,\nDi,,Bo\n", people)
    assert [(refusal.line, refusal.why.partition(",")[0]) for refusal in report.refused] == [
        (4, "Bo reports"),
        (5, "Bo already leads back to the same person. Please choose somebody else."),
    ]


async def test_the_last_admin_is_not_taken_away(world, people):
    report = await imports(world, "name,is_admin\nAna,no\nBo,yes\n", people)
    assert report.refused == (Refusal(2, "Ana is the only admin. Please make somebody else one first."),)
    report = await imports(world, "name,is_admin\nAna,no\nBo,yes\n", people)
    assert report.refused == ()
    report = await imports(world, "name,is_admin\nCy,yes\nBo,no\nCy,no\n", people)
    assert [refusal.line for refusal in report.refused] == [4]


async def test_a_name_that_several_have_is_not_guessed(world, people):
    bo2, workspace = await world.member("Bo2"), await world.workspace()
    await world.database.write(lambda session: setattr(find_member(session, workspace, "U_bo2"), "name", "BO"))
    report = await imports(world, "name,side\nBo,sales\n", people)
    assert report.refused == (Refusal(2, "Several people are called “Bo”. Please use the id or email."),)
    assert (await bo2.row()).side is None


async def test_a_side_from_a_file_is_as_good_as_said(world, people):
    await imports(world, "name,side\nBo,sales\n", people)
    assert (await member(world, "bo")).side_asked_at


async def test_the_addresses_to_resolve_are_those_of_people_managers_and_stand_ins():
    rows = read_rows(b"E-mail,manager\n")
    with pytest.raises(UserError, match="I do not know the column “E-mail”"):
        people_columns(rows.columns)
    rows = read_rows(b"email,manager,stand in,role\nA@x.com,b@x.com,Cy,d@x.com\n")
    assert emails_in(list(rows.rows), people_columns(rows.columns)) == {"a@x.com", "b@x.com"}


def test_a_file_that_names_nobody_is_refused():
    with pytest.raises(UserError, match="must say whom a row is about"):
        people_columns(["side", "role"])


async def test_a_full_chunk_takes_no_longer_than_a_unit_may(world, people):
    for n in range(CHUNK):
        name = f"P{n:03}"
        people[f"{name}@example.com".casefold()] = (await (await world.member(name)).row()).id
    lines = [f"p{n:03}@example.com,sales,SDR,Ana,P{(n + 1) % CHUNK:03},Campaign {n}" for n in range(CHUNK)]
    report = await imports(world, "\n".join(["email,side,role,manager,stand_in,campaigns", *lines]), people)
    assert (report.applied, len(report.refused)) == (CHUNK - 1, 1)  # the last closes the circle
    with pytest.raises(ValueError, match="26 rows"):
        await imports(world, "email\n" + "bo@example.com\n" * (CHUNK + 1), people)
