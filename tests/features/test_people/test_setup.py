"""/parley setup: what is set up, what is missing, and the forms that change it."""

from functools import partial

import pytest

from bot.core.ui import Message
from storage.campaigns import campaign, find_or_add_campaign
from storage.channels import Channel, Purpose, find_channel
from storage.people import Side
from storage.tables import add
from storage.workspaces import find_workspace
from tests.features.stories import on_sqlite


@pytest.fixture
async def ana(world):
    return await world.member("Ana", "marketing", is_admin=True)


async def opens(admin, button, channel=None):
    """Open a form of the setup."""
    await admin.types("/parley setup", channel)
    setup = admin.replies[0]
    admin.reads()
    await admin.presses(button, on=setup)


async def opens_person(admin, external_id):
    await opens(admin, "A person…")
    await admin.fills(person=external_id)


async def test_an_empty_workspace_shows_everything_that_is_missing(world, ana):
    await ana.types("/parley setup")
    assert ana.reads() == (
        "Setting up Parley\n"
        "Channels\n"
        "○ Leads: no channel yet. Invite me to it: /invite @Parley\n"
        "○ Sales: no channel yet. Invite me to it: /invite @Parley\n"
        "○ Marketing: no channel yet. Invite me to it: /invite @Parley\n"
        "○ Both sides: no channel yet. Invite me to it: /invite @Parley\n"
        "[A channel…]\n"
        "Workspace\n"
        "○ Time zone: UTC. Language: English. Please choose your own.\n"
        "[Time zone and language…] [Deadlines…]\n"
        "People\n"
        "Admins: Ana\n"
        "○ Head of sales: nobody yet\n"
        "○ Head of marketing: nobody yet\n"
        "✓ Everybody I have met has a side.\n"
        "✓ Every campaign has an owner.\n"
        "[A person…] [Owner of a campaign…]"
    )


async def test_what_is_set_up_is_ticked(world, ana):
    await world.channel("leads")
    await world.channel("shared", "partners", is_shared=True)
    await world.member("Bo", "sales", is_head=True)
    await world.member("Cy")
    workspace = await world.workspace()
    await world.database.write(lambda session: find_or_add_campaign(session, workspace, "Webinar"))
    await ana.types("/parley setup")
    text = ana.reads()
    assert "✓ Leads: #leads\n" in text
    assert "○ Both sides: #partners, where I stay silent until you allow me to speak\n" in text
    assert "1 channel is shared with other organisations and waits for your word: #partners\n" in text
    assert "[Allow #partners]" in text
    assert "✓ Head of sales: Bo\n" in text
    assert "○ 1 person I have met has no side yet.\n" in text
    assert "○ 1 campaign has no owner.\n" in text

    home = await ana.opens_home()
    assert "no channel yet for: Sales and Marketing" in home.replace(", ", " and ")
    assert "waits for your word: #partners" in home


async def test_who_is_no_admin_is_told_whom_to_ask(world, ana):
    await world.member("Dan", is_platform_admin=True)
    bo = await world.member("Bo", "sales")
    await bo.types("/parley setup")
    assert bo.reads() == "Only an admin of Parley can do this. Please ask one of them: Ana and Dan."


async def test_the_first_who_sets_up_becomes_the_admin_and_is_told_so(world):
    bo, cy = world.newcomer("Bo"), world.newcomer("Cy")
    await bo.types("/parley setup")
    assert "You are the first admin of Parley here: you can change its settings, and make others" in bo.reads()
    await cy.types("/parley setup")
    assert cy.reads() == "Only an admin of Parley can do this. Please ask Bo."
    await bo.types("/parley setup")
    assert "first admin" not in bo.reads()


async def test_an_admin_of_the_platform_is_one_of_parleys(world):
    dan = world.newcomer("Dan", is_admin=True)
    await dan.types("/parley setup")
    text = dan.reads()
    assert "Admins: Dan" in text
    assert "first admin" not in text
    bo = await world.member("Bo")
    await bo.types("/parley setup")
    assert "Please ask Dan" in bo.reads()


@pytest.mark.parametrize(
    "button", ["A channel…", "This channel…", "Time zone and language…", "A person…", "Owner of a campaign…"]
)
@on_sqlite
async def test_buttons_give_nobody_rights(world, ana, button):
    bo, channel = await world.member("Bo", "sales"), await world.channel("sales")
    await ana.types("/parley setup", channel)
    await bo.presses(button, on=ana.replies[0])
    assert ana.reads()
    assert bo.reads() == "Only an admin of Parley can do this. Please ask Ana."


@on_sqlite
async def test_forms_give_nobody_rights(world, ana):
    bo, channel = await world.member("Bo", "sales"), await world.channel("sales")
    workspace = await world.workspace()
    await world.database.write(lambda session: find_or_add_campaign(session, workspace, "Webinar"))
    for button, first, answers in (
        ("This channel…", {}, {"purpose": "marketing"}),
        ("Time zone and language…", {}, {"timezone": "Asia/Tokyo"}),
        ("A person…", {"person": "U_bo"}, {"duties": ["admin"]}),
        ("Owner of a campaign…", {}, {"campaign": "1", "owner": "U_bo"}),
    ):
        await opens(ana, button, channel)
        if first:
            await ana.fills(**first)
        bo.form, bo.typed = ana.form, {}
        await bo.fills(**answers)
        assert list(bo.errors.values()) == ["Only an admin of Parley can do this. Please ask Ana."]
    assert not (await bo.row()).is_admin


async def test_this_channel_gets_its_purpose_and_its_language(world, ana):
    channel = world.place("new")
    await ana.invites_parley(channel)
    card = channel.reads()
    await opens(ana, "This channel…", channel)
    await ana.fills(purpose="leads", language="en")
    assert ana.reads().startswith("Saved: #new\nThis channel is for leads")
    assert "This channel is for leads" in card.text
    workspace = await world.workspace()
    row = await world.database.read(lambda session: find_channel(session, workspace, channel.external_id))
    assert (row.purpose, row.language) == ("leads", "en")


async def test_another_channel_is_found_by_its_name_and_shows_what_it_is(world, ana):
    await world.channel("sales", "sales-north")
    await world.channel("marketing")
    await opens(ana, "A channel…")
    [found] = await ana.searches("channel", "#NORTH")
    assert found.label == "#sales-north"
    await ana.fills(channel=found.value)
    assert [field.initial for field in ana.form.fields] == ["sales", "usual"]
    await ana.fills(purpose="shared")
    assert ana.reads() == "Saved: #sales-north\nThis channel is for both sides, sales and marketing."


async def test_a_shared_channel_is_allowed_from_the_setup(world, ana):
    channel = await world.channel("sales", is_shared=True)
    await ana.types("/parley setup")
    await ana.presses("Allow #sales", on=ana.replies[0])
    assert "Setting up" in ana.reads()
    assert ana.reads() == "I speak in #sales from now on."
    await opens(ana, "This channel…", channel)
    await ana.fills(speaks="no")
    assert ana.reads() == "Saved. I stay silent in #sales."


async def test_a_channel_parley_has_left_cannot_be_changed(world, ana):
    channel = await world.channel("sales")
    await opens(ana, "This channel…", channel)
    await world.channel("sales", left_at=world.now)
    await ana.fills(purpose="leads")
    assert ana.errors == {"purpose": "I am not in this channel any more. Invite me again: /invite @Parley"}


async def test_the_workspace_gets_its_time_zone_by_typing_a_city(world, ana):
    await opens(ana, "Time zone and language…")
    assert [found.value for found in await ana.searches("timezone", "ho chi")] == ["Asia/Ho_Chi_Minh"]
    assert (await ana.searches("timezone", "york"))[0].value == "America/New_York"
    assert len(await ana.searches("timezone", "")) == 100
    await ana.fills(timezone="Asia/Ho_Chi_Minh")
    assert ana.reads() == "Saved.\nTime zone: Asia/Ho_Chi_Minh. Language: English."


@pytest.mark.parametrize(
    ("answers", "field"), [({"timezone": "Mars/Olympus"}, "timezone"), ({"language": "tlh"}, "language")]
)
async def test_zones_and_languages_that_do_not_exist_are_refused(world, ana, answers, field):
    await opens(ana, "Time zone and language…")
    await ana.fills(**answers)
    assert list(ana.errors) == [field]
    workspace = await world.database.read(lambda session: find_workspace(session, "test", "W1"))
    assert (workspace.timezone, workspace.language) == ("UTC", "en")


async def test_an_admin_says_who_somebody_is(world, ana):
    bo = world.newcomer("Bo")
    await opens_person(ana, "U_bo")
    await ana.fills(side="sales", role="head of sales", manager="U_ana", stand_in="U_ana", duties=["head", "admin"])
    assert ana.reads() == "Saved: Bo\nsales · head of sales · head · admin"
    row, boss = await bo.row(), await ana.row()
    assert (row.side, row.manager_id, row.stand_in_id) == (Side.SALES, boss.id, boss.id)
    await bo.types("/parley setup")
    assert "Admins: Ana and Bo" in bo.reads()


async def test_the_form_of_a_person_shows_what_is_known_so_that_nothing_is_lost(world, ana):
    await world.member("Bo", "sales", role="SDR", manager_id=(await ana.row()).id, is_head=True)
    await opens_person(ana, "U_bo")
    assert [field.initial for field in ana.form.fields] == ["sales", "SDR", "U_ana", None, ("head",)]
    await ana.fills(manager=None)
    assert ana.reads() == "Saved: Bo\nsales · SDR · head"


async def test_managers_do_not_run_in_a_circle(world, ana):
    await world.member("Bo", "sales", manager_id=(await ana.row()).id)
    await opens_person(ana, "U_ana")
    await ana.fills(manager="U_bo")
    assert ana.errors == {"manager": "Bo reports, in the end, to the same person. Please choose somebody else."}
    await ana.fills(manager="U_ana")
    assert ana.errors == {"manager": "Nobody can be their own manager. Please choose somebody else."}


async def test_the_last_admin_stays_until_there_is_another(world, ana):
    bo = await world.member("Bo", "sales")
    await opens_person(ana, "U_ana")
    await ana.fills(duties=[], role="head")
    assert ana.errors == {"duties": "Ana is the only admin. Please make somebody else one first."}
    assert (await ana.row()).role is None
    await opens_person(ana, "U_bo")
    await ana.fills(duties=["admin"])
    assert ana.reads()
    await opens_person(ana, "U_ana")
    await ana.fills(duties=[])
    assert ana.reads() == "Saved: Ana\nmarketing"
    await bo.types("/parley setup")
    assert "Admins: Bo\n" in bo.reads()


async def test_guests_cannot_be_chosen(world, ana):
    world.newcomer("Gus", belongs=False)
    await opens(ana, "A person…")
    await ana.fills(person="U_gus")
    assert ana.errors == {"person": "Only people of your company can be chosen here; guests cannot."}


async def test_a_campaign_gets_an_owner_and_loses_them(world, ana):
    workspace = await world.workspace()
    await world.database.write(lambda session: find_or_add_campaign(session, workspace, "Spring 100% Webinar"))
    await opens(ana, "Owner of a campaign…")
    assert await ana.searches("campaign", "autumn") == []
    [found] = await ana.searches("campaign", "100% WEB")
    await ana.fills(campaign=found.value, owner="U_ana")
    assert ana.reads() == "Saved. Ana owns “Spring 100% Webinar”."
    owner = await world.database.read(lambda session: campaign(session, workspace, int(found.value)).owner_id)
    assert owner == (await ana.row()).id
    await opens(ana, "Owner of a campaign…")
    await ana.fills(campaign=found.value)
    assert ana.reads() == "Saved. Nobody owns “Spring 100% Webinar”."


async def test_another_workspaces_campaign_is_none_of_ours(world, ana):
    other = await world.workspace("W2")
    theirs = await world.database.write(lambda session: find_or_add_campaign(session, other, "Theirs").id)
    await opens(ana, "Owner of a campaign…")
    assert await ana.searches("campaign", "") == []
    await ana.fills(campaign=str(theirs), owner="U_ana")
    assert ana.errors == {"campaign": "This campaign does not exist any more."}


async def test_three_hundred_channels_with_long_names_fit(world, ana):
    workspace = await world.workspace()

    def work(session, first):
        for n in range(first, first + 50):
            purpose = [*Purpose, None][n % 6]
            name = f"{n:03}<&>" + "x" * 74
            shared = n % 7 == 0
            row = Channel(workspace_id=workspace, external_id=f"C{n}", name=name, purpose=purpose, is_shared=shared)
            add(session, row)

    for first in range(0, 300, 50):
        await world.database.write(partial(work, first=first))
    await ana.types("/parley setup")
    text = ana.reads()
    assert "and 38 more" in text
    assert "43 channels are shared with other organisations and wait for your word" in text
    await opens(ana, "A channel…")
    assert len(await ana.searches("channel", "")) == 100
    assert [option.label[:4] for option in await ana.searches("channel", "299")] == ["#299"]


async def test_home_shows_admins_what_is_left_to_do_and_opens_the_setup(world, ana):
    bo = await world.member("Bo", "sales")
    home = await ana.opens_home()
    assert "○ no channel yet for: Leads, Sales, Marketing, Both sides" in home
    assert "○ Head of sales: nobody yet" in home
    assert "Everything…" not in await bo.opens_home()


async def test_home_of_an_admin_says_when_everything_is_done(world, ana):
    for purpose in ("leads", "sales", "marketing", "shared"):
        await world.channel(purpose)
    for side in ("sales", "marketing"):
        await world.member(f"Head{side}", side, is_head=True)
    await opens(ana, "Time zone and language…")
    await ana.fills(timezone="Europe/Berlin", language="en")
    assert ana.reads()
    assert "✓ Parley is set up.\n[Everything…]" in await ana.opens_home()


async def test_each_thing_left_to_do_stands_at_home_over_the_button_that_does_it(world, ana):
    await world.member("Bo", "sales")
    home = await ana.opens_home()
    assert "○ no channel yet for: Leads, Sales, Marketing, Both sides\n[A channel…]" in home
    assert "○ Time zone: UTC. Language: English. Please choose your own.\n[Time zone and language…]" in home
    assert "○ Head of sales: nobody yet\n○ Head of marketing: nobody yet\n[A person…]" in home
    await ana.presses("A person…", on=Message("Home", *await world.dispatcher.home(ana.origin())))
    await ana.fills(person="U_bo")
    await ana.fills(duties=["head"])
    assert ana.reads() == "Saved: Bo\nsales · head"
    assert "Head of sales" not in world.homes["U_ana"]
    assert "○ Head of marketing: nobody yet\n[A person…]" in world.homes["U_ana"]


async def test_a_command_typed_twice_by_the_platform_is_answered_once(world):
    bo = world.newcomer("Bo")
    await bo.types("/parley setup", trigger="t1")
    await bo.types("/parley setup", trigger="t1")
    assert "first admin" in bo.reads()


async def test_what_the_platform_sends_of_another_workspace_changes_nothing_here(world, ana):
    oda = await world.member("Oda", workspace="W2", is_admin=True)
    channel = await world.channel("sales")
    await opens(ana, "This channel…", channel)
    oda.form, ana.form = ana.form, None
    await oda.fills(purpose="leads")
    assert list(oda.errors) == ["purpose"]


async def test_the_workspaces_own_admins_come_before_whoever_is_first(world):
    ann = world.newcomer("Ann", is_admin=True)
    sam = await world.member("Sam", "sales")
    await sam.types("/parley setup")
    assert "Please ask Ann." in sam.reads()
    await ann.types("/parley setup")
    assert "first admin" not in ann.reads()
