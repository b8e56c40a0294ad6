"""No unit of work on the writer takes 50 ms, also where much has been stored."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.core.context import Context
from bot.features.leads.importing import CHUNK, Told, import_leads
from storage.campaigns import folded
from storage.cases import FeedbackCase
from storage.channels import Channel
from storage.database import UNIT_LIMIT, UnitTime
from storage.feedback import Feedback
from storage.leads import Lead
from storage.people import Member
from storage.workspaces import Workspace
from tests.features.stories import a_lead
from tests.world import a_world

LEADS, WORDS, MEMBERS, CHANNELS = 20_000, 500, 200, 60


@pytest.fixture
async def world(database):
    async with a_world(database) as world:
        yield world


async def plays_everything(world, workspace):
    """A lead's way, feedback and its answer, reactions, questions, setup."""
    ana = await world.member("Ana", "sales", workspace=workspace)
    ben = await world.member("Ben", "sales", workspace=workspace)
    mo = await world.member("Mo", "marketing", workspace=workspace)
    ada = await world.member("Ada", "other", is_admin=True, workspace=workspace)
    leads = await world.channel("leads", workspace=workspace)
    marketing = await world.channel("marketing", workspace=workspace)
    await ana.opens_home()

    card = await a_lead(world, mo, leads, owner=ana)
    await ana.presses("Accept", on=card)
    accepted = ana.replies.popleft()
    await ana.presses("Undo", on=accepted)
    await ana.reacts("eyes", on=card)
    await ana.reacts("white_check_mark", on=card)
    await ana.reacts("+1", on=card)
    ana.reads_dm()
    await ana.unreacts("+1", on=card)
    await ana.presses("Need info", on=card)
    await ana.fills(text="Which product did they ask for?")
    question = marketing.unread.pop()
    await mo.presses("Answer...", on=question)
    await mo.fills(text="The big pump")
    ana.reads_dm()
    heard = await ana.writes("feedback: they were kind", leads, thread=card)
    await ana.edits(heard, "feedback: they were very kind")
    key = card.text.split(" ")[0]
    await ben.types("/leadfeedback Acme R7 nobody knows them")
    ben.form = None
    await ben.types(f"/leadfeedback {key} R7 nobody knows what they asked for")
    everybodys = next(posted for posted in marketing.messages.values() if "R7" in posted.text)
    await mo.presses("Acknowledge", on=everybodys)
    await ana.types(f"/leadfeedback {key} R8 only three employees")
    case = next(posted for posted in marketing.messages.values() if "R8" in posted.text)
    await mo.presses("Acknowledge", on=case)
    await mo.presses("Decide...", on=case)
    await mo.fills(text="we filter out small firms", due_on="2026-12-04")
    receipt = next(said for said in ana.dm.messages.values() if "we filter out small firms" in said.text)
    await ana.presses("That helps", on=receipt)
    announced = await mo.writes("New lead: Acme Ltd\nSource: webinar\nOwner: Ana\nID: CRM-7", leads)
    await mo.edits(announced, "New lead: Acme Ltd\nSource: fair\nOwner: ben@example.com\nID: CRM-7")
    await mo.deletes(announced)
    await ada.types("/parley patterns", leads)
    await ada.presses("New pattern...", on=ada.replies.pop())
    await ada.fills(called="firm", text="^firm: (?P<company>.+)$")
    await ada.presses("Use it", on=ada.replies.pop())
    for line in ("/lead", "/lead acme", "/parley", "/parley me", "/parley setup"):
        await ada.types(line)
    return mo


async def fill(world, workspace):
    """A workspace after years of work, with a case about which everybody said something."""
    workspace_id = await world.workspace(workspace)

    def insert(session, row_type, rows):
        values = [
            row_type(workspace_id=workspace_id, **row).model_dump(exclude_none=True, warnings=False) for row in rows
        ]
        session.connection().execute(row_type.__table__.insert(), values)
        return session.exec(select(row_type.id).where(row_type.workspace_id == workspace_id)).all()

    def work(session):
        people = insert(session, Member, (
            {"external_id": f"U{n}", "name": f"Member {n}", "verified_at": world.now, "side": "sales"}
            for n in range(MEMBERS)
        ))  # fmt: skip
        insert(session, Channel, (
            {"external_id": f"C{n}", "name": f"place-{n}", "is_shared": False} for n in range(CHANNELS)
        ))  # fmt: skip
        leads = insert(session, Lead, (
            {"key": f"L-{n}", "key_folded": f"l-{n}", "company": f"Company {n % 5000}",
             "company_folded": folded(f"Company {n % 5000}"), "owner_id": people[n % MEMBERS], "state": "ACCEPTED",
             "created_at": world.now, "handed_off_at": world.now, "accepted_at": world.now}
            for n in range(1, LEADS + 1)
        ))  # fmt: skip
        session.get_one(Workspace, workspace_id).lead_count = LEADS
        return people, leads

    people, leads = await world.database.write(work, bulk=True)

    def say(session):
        case = insert(session, FeedbackCase, [{"code": "R7", "opened_at": world.now}])[0]
        insert(session, Feedback, (
            {"case_id": case, "lead_id": leads[n], "code": "R7", "note": f"too small {n}", "via": "command",
             "author_id": people[n % MEMBERS], "given_at": world.now}
            for n in range(WORDS)
        ))  # fmt: skip

    await world.database.write(say, bulk=True)


async def decides_what_many_said(world, workspace, mo):
    """One answer to everything that stands in a case: a receipt is written for every reporter."""
    marketing = world.place("marketing", workspace=workspace)
    case = next(posted for posted in marketing.messages.values() if "R7" in posted.text)
    await mo.presses("Decide...", on=case)
    await mo.fills(text="we ask for it in the form", due_on="2026-12-04")


async def imports(world, workspace):
    """A chunk of a CRM's export, about leads that people work on."""
    workspace_id = await world.workspace(workspace)

    def work(session):
        tenant = session.get_one(Workspace, workspace_id)
        ctx = Context(session, tenant, None, world.now, "import", world.registry)
        rows = [
            Told(line, key, {"source": "fair"}, campaign="Spring", won_at=world.now) for line, key in enumerate(keys)
        ]
        return import_leads(ctx, rows)

    def some(session):
        return session.exec(select(Lead.key).where(Lead.workspace_id == workspace_id).limit(CHUNK)).all()

    keys = await world.database.read(some)
    assert (await world.database.write(work, bulk=True)).changed == len(keys)


async def reads_digests(world, workspace):
    """Each of three channels is told of the day before, and somebody acts on an item."""
    channels = [await world.channel(purpose, workspace=workspace) for purpose in ("shared", "sales", "marketing")]
    ada = next(member for member in world.members if (member.name, member.workspace) == ("Ada", workspace))
    ana = next(member for member in world.members if (member.name, member.workspace) == ("Ana", workspace))
    await ada.types("/digest settings")
    await ada.fills(channels=[option.value for option in ada.form.fields[0].options])
    world.now = world.now.replace(hour=10) + timedelta(days=2)
    await world.timekeeper.run()
    await world.deliver()
    digest = channels[0].unread[-1]
    await ana.presses("Looking", on=digest.unread_replies[0])
    await ana.reacts("raising_hand", on=digest.unread_replies[0])
    await ana.types("/digest now", channels[0])


async def plays_all(world, workspace):
    mo = await plays_everything(world, workspace)
    await decides_what_many_said(world, workspace, mo)
    await imports(world, workspace)
    await reads_digests(world, workspace)
    await world.deliver()
    for member in world.members:
        member.replies.clear()
    for channel in world.channels.values():
        channel.unread.clear()
        for posted in channel.messages.values():
            posted.unread_replies.clear()


async def test_units_stay_short_once_the_process_is_warm(world, database):
    await plays_all(world, "W1")
    await fill(world, "W2")
    database._writes.slowest_unit = UnitTime("", 0.0)
    await plays_all(world, "W2")
    assert database.slowest_unit.seconds < UNIT_LIMIT, database.slowest_unit
