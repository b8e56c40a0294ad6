"""The deadlines of a workspace: everybody sees them, admins change them, and what runs keeps what it began with."""

from asyncio import gather
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest

from bot.core.context import Context
from bot.features.clocks import deadlines
from bot.features.clocks.actions import ChangeDeadlines
from storage.clocks import Clock
from storage.people import who_acts
from storage.workspaces import Workspace
from tests.features.stories import a_lead, on_sqlite, rows
from tests.features.test_clocks import clocks

OVERVIEW = (
    "Sales | Hot | Standard | From a list\n"
    "Accept | 15 minutes | 4 working hours | 1 working day\n"
    "First attempt | 1 working hour | 24 working hours, at most 72 hours day and night | 3 working days\n"
    "Qualify or say why not | 10 working days | 10 working days | 10 working days\n"
    "Marketing, about any lead:\n"
    "Acknowledge: 1 working day\n"
    "Decide: 5 working days\n"
    "Send the answer: as soon as marketing decides\n"
    "All of it is the working time of whoever has to act. What waits already keeps the deadline it began with."
)
CHANGE = "Change:\n[Accept…] [First attempt…] [Qualify or say why not…] [Acknowledge…] [Decide…]"
REFUSED = "Only an admin of Parley can change this. /parley setup says who that is."


@pytest.fixture
async def ana(world):
    """Her day begins at 9:00 in Berlin, which is when the world begins."""
    return await world.member("Ana", "sales", timezone="Europe/Berlin")


@pytest.fixture
async def ada(world):
    return await world.member("Ada", is_admin=True)


def at(hour, minute=0, second=0):
    return datetime(2026, 11, 23, hour, minute, second, tzinfo=UTC)


async def opens(admin, button):
    await admin.types("/parley clocks")
    await admin.presses(button, on=admin.replies.popleft())


async def a_hot_lead(member, leads, company):
    await member.types("/lead add")
    await member.fills(company=company, owner="U_ana", temperature="hot")
    member.reads()
    return leads.reads()


async def test_everybody_sees_the_deadlines_and_only_admins_a_way_to_change_them(world, ana, ada):
    await ana.types("/parley clocks")
    assert ana.reads() == f"Deadlines\n{OVERVIEW}"
    await ada.types("/parley setup")
    await ada.presses("Deadlines…", on=ada.replies.popleft())
    said = ada.replies[0]
    assert ada.reads() == f"Deadlines\n{OVERVIEW}\n{CHANGE}"
    await ana.presses("Accept…", on=said)
    assert ana.reads() == REFUSED


async def test_whoever_is_no_admin_any_more_changes_nothing(world, ada):
    await opens(ada, "Decide…")
    await ada.fills(standard_amount="3")
    changed = ada.replies[0]
    assert "Decide: 3 working days" in ada.reads()
    await opens(ada, "Decide…")
    await world.changes(ada, is_admin=False)
    await ada.fills(standard_amount="2")
    assert ada.errors == {"standard_amount": REFUSED}
    await ada.presses("Back to the defaults", on=changed)
    assert ada.reads() == REFUSED
    await ada.types("/parley clocks")
    assert "Decide: 3 working days" in ada.reads()


@on_sqlite
async def test_what_waits_keeps_its_deadline_and_the_next_lead_has_the_new_one(world, ana, ada, mo, leads):
    before = await a_hot_lead(mo, leads, "Before Ltd")
    assert "To be accepted within 15 minutes of this message." in before.text
    await opens(ada, "Accept…")
    await ada.fills(hot_amount="8")
    assert ada.reads() == (
        f"Saved.\n{OVERVIEW}\nChanged 2026-11-23 08:00 by Ada.\n{CHANGE}\n[Back to the defaults]".replace(
            "15 minutes", "8 minutes"
        )
    )
    after = await a_hot_lead(mo, leads, "After Ltd")
    assert "To be accepted within 8 minutes of this message." in after.text
    due = [each.partition("  ")[0] + each.rpartition(" ")[2] for each in clocks(await ana.opens_home())]
    assert due == ["L-2 · After Ltd09:08", "L-1 · Before Ltd09:15"]

    await world.time_passes(at(8, 4))
    assert "After Ltd waits for you" in ana.reads_dm().text
    await world.time_passes(at(8, 8))
    assert "Before Ltd waits for you" in ana.reads_dm().text
    assert "The time is over. Deadline: 2026-11-23 08:08" in ana.reads_dm().text
    await world.time_passes(at(8, 10))
    for card in (before, after):
        await ana.presses("Accept", on=card)
        ana.reads()
    await ada.types("/parley report clocks")
    assert "Accept | 2 | 50 % (9 to 91) | 10 min | 10 min" in ada.reads()


async def test_marketing_has_its_own(world, ana, ada, mo, leads, marketing):
    await opens(ada, "Acknowledge…")
    await ada.fills(standard_amount="90", standard_unit="m")
    assert "Acknowledge: 90 minutes" in ada.reads()
    of_lead = await a_lead(world, mo, leads, owner=ana)
    await ana.types("/leadfeedback L-1 R8 only three employees")
    ana.reads()
    assert "Deadline: 2026-11-23 10:30" in marketing.reads().text
    assert "within 4 working hours" not in of_lead.text


async def test_the_defaults_come_back(world, ana, ada, mo, leads):
    await opens(ada, "Accept…")
    await ada.fills(standard_amount="2", standard_unit="d")
    await ada.presses("Back to the defaults", on=ada.replies.popleft())
    assert ada.reads() == f"Saved.\n{OVERVIEW}\nChanged 2026-11-23 08:00 by Ada.\n{CHANGE}"
    assert "within 4 working hours" in (await a_lead(world, mo, leads, owner=ana)).text
    assert [workspace.clock_policies for workspace in await rows(world, Workspace)] == [None]


async def test_to_save_what_is_usual_changes_nothing(world, ada):
    await opens(ada, "First attempt…")
    await ada.fills()
    assert ada.reads() == f"Saved.\n{OVERVIEW}\n{CHANGE}"


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"hot_amount": "0"}, {"hot_amount": "Please write a number of at least 1."}),
        ({"hot_amount": "soon"}, {"hot_amount": "Please write a number."}),
        (
            {"list_amount": "61"},
            {"list_amount": "At most 60 working days, 480 working hours or 28,800 minutes."},
        ),
        ({"cap": "1441"}, {"cap": "Please write a number of at most 1440."}),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field_and_stays_typed(world, ada, typed, errors):
    await opens(ada, "First attempt…")
    await ada.fills(standard_amount="20", **typed)
    assert ada.errors == errors
    assert ada.typed.items() >= {"standard_amount": "20", **typed}.items()
    await ada.types("/parley clocks")
    assert OVERVIEW in ada.reads()


async def test_nights_count_up_to_as_many_hours_as_admins_want(world, ana, ada, mo, leads):
    await opens(ada, "First attempt…")
    await ada.fills(cap="10")
    assert "24 working hours, at most 10 hours day and night" in ada.reads()
    await ana.presses("Accept", on=await a_lead(world, mo, leads, owner=ana))
    ana.reads()
    await world.time_passes(at(13))
    assert "Half of the time is over. Deadline: 2026-11-23 18:00" in ana.reads_dm().text
    await opens(ada, "First attempt…")
    await ada.fills(cap=None)
    assert "First attempt | 1 working hour | 24 working hours | 3 working days" in ada.reads()
    await ana.presses("Accept", on=await a_lead(world, mo, leads, owner=ana, company="Second Ltd"))
    ana.reads()
    assert [clock.policy for clock in await rows(world, Clock) if clock.kind == "S2"] == ["24h<10h", "24h"]


async def test_two_workspaces_have_their_own(world, ana, ada, mo, leads):
    other = await world.member("Olga", is_admin=True, workspace="W2")
    await opens(other, "Accept…")
    await other.fills(standard_amount="30", standard_unit="m")
    assert "30 minutes" in other.reads()
    await ada.types("/parley clocks")
    assert ada.reads() == f"Deadlines\n{OVERVIEW}\n{CHANGE}"
    assert "within 4 working hours" in (await a_lead(world, mo, leads, owner=ana)).text


async def test_two_admins_change_two_clocks_at_once_and_neither_is_lost(world, ada):
    both_have_read = Barrier(2)

    def change(session, **asked):
        member, workspace = who_acts(session, "test", "W1", "U_ada")
        ctx = Context(session, workspace, member, world.now, "form", world.registry)
        with suppress(BrokenBarrierError):  # SQLite has one writer: there the other waits
            both_have_read.wait(0.1)
        deadlines.change(ctx, ChangeDeadlines(**asked))

    await gather(
        world.database.write(partial(change, kind="M1", standard_amount=3, standard_unit="h")),
        world.database.write(partial(change, kind="M2", standard_amount=4, standard_unit="d")),
    )
    await ada.types("/parley clocks")
    assert "Acknowledge: 3 working hours\nDecide: 4 working days" in ada.reads()
