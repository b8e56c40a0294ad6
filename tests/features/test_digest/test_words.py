"""What does not fit, what others read along, what is taken back or erased, and what is forgotten."""

from datetime import timedelta

from sqlmodel import select

from bot.core.context import Context
from bot.core.events import ChannelChanged
from bot.erasure import Erasing
from bot.features.leads.importing import Told, import_leads
from bot.purge import WORDS_KEPT, purge
from storage.digest import Digest, DigestAct, DigestItem
from storage.leads import Lead
from storage.workspaces import Workspace
from tests.features.stories import a_lead, on_sqlite, rows
from tests.features.test_digest.mornings import TUESDAY, WEDNESDAY, forget_private, item, reads_items, sets, tells
from tests.world import plain


@on_sqlite
async def test_a_long_day_goes_on_on_further_pages(world, ada, mo, leads, marketing, shared):
    await sets(world, ada, shared, sections=["numbers", "codes"])
    sellers = [await world.member(f"Seller {n}", "sales") for n in range(3)]
    codes = ["M1", "M2", "M3", "M4", "M5", "M6", "M0"]
    for number, code in enumerate(codes):
        for seller in sellers:
            note = f"{seller.name} said of {number} " + '"&<' * 300
            await seller.types(f"/leadfeedback general {code} {note[:900]}")
            seller.reads()
    for number in range(8):
        await mo.types(f"/lead add Company {number}, source {number}")
        mo.reads()
    await world.time_passes(TUESDAY)
    digest = tells(shared, items=False)
    assert digest.text.count(" 3 times") == 5
    assert "others | 3 | 0 | 0 | 0 | 0" in digest.text
    assert digest.buttons == ["Useful", "Not useful", "Show more"]
    ana = sellers[0]
    await ana.presses("Show more", on=digest)
    page = ana.replies.popleft()
    text = plain(page)
    assert "All sources" in text
    assert "source 7 | 1" in text
    assert text.count(" 3 times") == 2
    marketing.unread.clear(), leads.unread.clear()
    forget_private(mo, *sellers)


async def test_where_others_read_along_only_figures_stand(world, ada, mo, ana, leads, marketing):
    open_to_all = await world.channel("shared", "with-agency", is_shared=True, is_allowed=True)
    await sets(world, ada, open_to_all)
    await a_lead(world, mo, leads, owner=ana, company="Acme Ltd")
    await ana.types("/leadfeedback L-1 R8 only three employees")
    marketing.unread.clear()
    await world.time_passes(TUESDAY)
    digest = tells(open_to_all)
    assert "Rejected: 1" in digest.text
    assert "three employees" not in digest.text
    assert "Marketing  1 to do: 1 with less than half of its time left" in digest.text
    assert not digest.unread_replies
    agent = world.newcomer("Agent", belongs=False)
    await agent.presses("Useful", on=digest)
    assert "This is for members of the company" in agent.reads()
    forget_private(ana, mo)


async def test_where_parley_must_not_speak_there_is_no_digest(world, ada, shared):
    await sets(world, ada, shared)
    agency = await world.channel("shared", "with-agency", is_shared=True, is_allowed=False)
    await ada.types("/digest settings", shared)
    assert [option.label for option in ada.form.fields[0].options] == ["#alignment"]
    ada.form = None
    await world.tells(ada, ChannelChanged(shared.external_id, is_shared=True))
    await world.time_passes(TUESDAY)
    assert not shared.unread
    assert not agency.unread
    assert await rows(world, Digest) == []
    forget_private(ada)


async def test_the_words_of_somebody_erased_disappear(world, ada, mo, ana, bo, leads, marketing, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Acme Ltd")
    await ana.types("/leadfeedback general M2 nobody pays that")
    marketing.unread.clear()
    await world.time_passes(TUESDAY)
    digest = tells(shared)
    acme = item(digest, "Acme")
    await ana.presses("Looking", on=acme)
    ana.reads()
    reads_items(digest)
    assert "> nobody pays that" in digest.text
    erasing = Erasing(world.registry, world.database, lambda: world.now, lambda: world.delivery.wake())
    row = await ana.row()
    await erasing.finish(1, await erasing.begin(1, type(row), row.id))
    await world.deliver()
    assert "nobody pays that" not in digest.text
    assert "price objection (market note M2)  once" in digest.text, "it is still counted"
    assert "Ana" not in acme.text
    [lead] = await rows(world, Lead)
    await erasing.finish(1, await erasing.begin(1, Lead, lead.id))
    await world.deliver()
    assert acme.message.headline == "L-1"
    assert "not there any more" in acme.text
    forget_private(ana, mo)


async def test_words_that_are_taken_back_are_not_repeated(world, ada, ana, marketing, shared):
    await sets(world, ada, shared)
    world.now = TUESDAY - timedelta(hours=2)
    await ana.types("/leadfeedback general M2 nobody pays that")
    said = ana.replies.popleft()
    marketing.unread.clear()
    await world.time_passes(TUESDAY)
    tells(shared, items=False)
    await world.time_passes(TUESDAY + timedelta(hours=1))
    await ana.types("/digest now", shared)
    assert "nobody pays that" in ana.reads()
    await ana.presses("Undo", on=said)
    ana.replies.clear()
    await ana.types("/digest now", shared)
    assert "M2" not in ana.reads()


async def test_whether_it_was_useful_is_counted_once_for_everybody(world, ada, ana, bo, shared):
    await sets(world, ada, shared)
    await world.time_passes(TUESDAY)
    digest = tells(shared)
    await ana.reacts("+1", on=digest)
    await bo.presses("Useful", on=digest)
    assert bo.reads() == "Thank you, noted."
    await bo.reacts("-1", on=digest)
    await ana.types("/digest", shared)
    assert "The last one: useful, say 1; not useful, say 1." in ana.reads()
    await bo.unreacts("-1", on=digest)
    await ana.types("/digest", shared)
    assert "useful, say 1; not useful, say 0." in ana.reads()


async def test_old_digests_are_forgotten_with_all_that_belongs_to_them(world, ada, mo, ana, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, owner=ana, company="Acme Ltd")
    await world.time_passes(TUESDAY)
    digest = tells(shared)
    acme = item(digest, "Acme")
    await ana.reacts("raising_hand", on=acme)
    await ana.reacts("+1", on=digest)
    await world.time_passes(WEDNESDAY)
    shared.unread.clear()
    digest.unread_replies.clear()
    world.now += WORDS_KEPT + timedelta(minutes=1)
    await purge(world.database, world.now)
    for table in (Digest, DigestItem, DigestAct):
        assert await rows(world, table) == []
    forget_private(ana)
    await ana.reacts("eyes", on=acme)
    assert ana.reads_dm().text == "This item is too old."
    forget_private(ana, mo)


async def test_workspaces_do_not_meet(world, ada, mo, ana, leads, marketing, shared):
    """What happens in one is not told, and not put aside, in the other."""
    await sets(world, ada, shared)
    await world.workspace("W2")
    people = [await world.member(name, side, workspace="W2") for name, side in (("Cy", "sales"), ("Di", "marketing"))]
    cy, di = people
    eve = await world.member("Eve", "other", workspace="W2", is_admin=True)
    theirs = [await world.channel(purpose, workspace="W2") for purpose in ("leads", "marketing", "shared")]
    await cy.types("/lead add Their Ltd, fair")
    await cy.types("/leadfeedback general M2 nobody pays that")
    await di.presses("Decide...", on=theirs[1].reads())
    await di.fills(text="We change the price", due_on="2026-12-01")

    def imports(session):
        tenant = session.exec(select(Workspace).where(Workspace.external_id == "W2")).one()
        ctx = Context(session, tenant, None, world.now, "import", world.registry)
        import_leads(ctx, [Told(1, "CRM-1", {"source": "list"})])

    await world.database.write(imports)
    await eve.types("/digest settings", theirs[2])
    await eve.fills()
    await world.time_passes(TUESDAY)
    ours, other = tells(shared), tells(theirs[2])
    assert "quiet time" in ours.text
    assert "Leads in: 1" in other.text
    assert "Not counted: 1 lead imported" in other.text
    assert (
        "price objection (market note M2) (1): We will change this by Tue 1 Dec 2026: We change the price" in other.text
    )
    await cy.presses("Done", on=item(other, "Their Ltd"))
    reads_items(other)
    await a_lead(world, mo, leads, owner=ana, company="Our Ltd")
    await world.time_passes(WEDNESDAY)
    assert [each.message.headline for each in reads_items(tells(shared))] == ["L-1 · Our Ltd"]
    for channel in theirs:
        channel.unread.clear()
    forget_private(ana, mo, cy, di, eve)
