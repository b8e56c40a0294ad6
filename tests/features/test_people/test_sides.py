"""Which side somebody is on: seen from their channels, else asked once, in private."""

import pytest

from bot.core.directory import Person
from bot.core.events import ChannelJoined, ChannelQuit, MemberActed, PersonChanged
from bot.core.unit import Origin

QUESTION = "Which side do you work on?"


async def told(world, event):
    """The platform, or a feature, tells something."""
    await world.dispatcher.tell(Origin("test", "W1", None), lambda ctx: ctx.emit(event))
    await world.deliver()


async def acts(world, member):
    await told(world, MemberActed((await member.row()).id))


@pytest.fixture
async def bo(world):
    return await world.member("Bo", side_asked_at=None)


@pytest.fixture
async def sales(world):
    return await world.channel("sales")


@pytest.fixture
async def marketing(world):
    return await world.channel("marketing")


async def test_a_member_without_a_side_is_asked_in_private_and_once(world, bo):
    await acts(world, bo)
    await acts(world, bo)
    question = bo.reads_dm()
    assert question.text.startswith(QUESTION)
    assert question.buttons == ["Sales", "Marketing", "Neither"]


async def test_the_question_becomes_the_answer(world, bo):
    await acts(world, bo)
    question = bo.reads_dm()
    await bo.presses("Marketing", on=question)
    assert question.text == "You work in marketing.\nYou can change it at any time with /parley me."
    assert (await bo.row()).side == "marketing"


async def test_neither_is_an_answer_too(world, bo):
    await acts(world, bo)
    await bo.presses("Neither", on=bo.reads_dm())
    assert (await bo.row()).side == "other"
    await acts(world, bo)


async def test_who_has_a_side_is_not_asked(world):
    cy = await world.member("Cy", "sales", side_asked_at=None)
    await acts(world, cy)


async def test_who_joins_the_channel_of_one_side_is_on_it_without_being_asked(world, bo, sales):
    await told(world, ChannelJoined(sales.external_id, "U_bo"))
    assert (await bo.row()).side == "sales"
    await acts(world, bo)


async def test_somebody_parley_never_met_is_met_when_they_join(world, sales):
    cy = world.newcomer("Cy")
    await told(world, ChannelJoined(sales.external_id, "U_cy"))
    assert (await cy.row()).side == "sales"


async def test_who_is_in_the_channels_of_both_sides_is_asked(world, bo, sales, marketing):
    await told(world, ChannelJoined(sales.external_id, "U_bo"))
    await told(world, ChannelJoined(marketing.external_id, "U_bo"))
    question = bo.reads_dm()
    assert question.text.startswith(QUESTION)
    assert (await bo.row()).side is None
    await bo.presses("Sales", on=question)
    await told(world, ChannelQuit(sales.external_id, "U_bo"))
    assert (await bo.row()).side == "sales"


async def test_what_somebody_said_is_stronger_than_their_channels(world, bo, marketing):
    await acts(world, bo)
    await bo.presses("Sales", on=bo.reads_dm())
    await told(world, ChannelJoined(marketing.external_id, "U_bo"))
    assert (await bo.row()).side == "sales"


async def test_a_question_nobody_answered_is_answered_by_joining(world, bo, marketing):
    await acts(world, bo)
    question = bo.reads_dm()
    await told(world, ChannelJoined(marketing.external_id, "U_bo"))
    assert question.text.startswith("You work in marketing.")


async def test_who_moves_to_the_other_channel_moves_to_the_other_side(world, bo, sales, marketing):
    await told(world, ChannelJoined(sales.external_id, "U_bo"))
    await told(world, ChannelQuit(sales.external_id, "U_bo"))
    assert (await bo.row()).side is None
    await told(world, ChannelJoined(marketing.external_id, "U_bo"))
    assert (await bo.row()).side == "marketing"


async def test_who_quits_one_of_two_sales_channels_stays_in_sales(world, bo, sales):
    north = await world.channel("sales", "north")
    for channel in (sales, north):
        await told(world, ChannelJoined(channel.external_id, "U_bo"))
    await told(world, ChannelQuit(north.external_id, "U_bo"))
    assert (await bo.row()).side == "sales"


async def test_a_shared_channel_says_nothing_of_a_side_until_it_is_allowed(world, bo):
    partners = await world.channel("sales", "partners", is_shared=True)
    await told(world, ChannelJoined(partners.external_id, "U_bo"))
    assert (await bo.row()).side is None


async def test_other_channels_say_nothing_of_a_side(world, bo):
    shared = await world.channel("shared")
    await told(world, ChannelJoined(shared.external_id, "U_bo"))
    await told(world, ChannelJoined("C_unknown", "U_bo"))
    assert (await bo.row()).side is None


@pytest.mark.parametrize("details", [{"belongs": False}])
async def test_guests_and_strangers_who_join_get_no_row_and_no_side(world, sales, details):
    guest = world.newcomer("Gus", **details)
    await told(world, ChannelJoined(sales.external_id, "U_gus"))
    await told(world, ChannelJoined(sales.external_id, "U_nobody"))
    with pytest.raises(AssertionError, match="has no row"):
        await guest.row()


async def test_guests_are_told_that_this_is_not_for_them_and_see_nothing(world):
    guest = world.newcomer("Gus", belongs=False)
    for line in ("/parley me", "/parley setup", "/parley help", "/parley"):
        await guest.types(line)
        assert guest.reads() == "This is for members of the company that installed Parley."


async def test_a_changed_profile_is_followed_for_those_parley_has_met(world, bo):
    world.newcomer("Cy")
    await told(world, PersonChanged(Person("U_bo", "Bo Li", belongs=True, timezone="Asia/Tokyo", is_admin=True)))
    await told(world, PersonChanged(Person("U_cy", "Cy", belongs=True)))
    row = await bo.row()
    assert (row.name, row.timezone, row.administers) == ("Bo Li", "Asia/Tokyo", True)
    with pytest.raises(AssertionError, match="has no row"):
        await world.members[-1].row()


async def test_who_leaves_the_company_is_no_admin_any_more(world):
    ana, bo = await world.member("Ana", is_admin=True), await world.member("Bo")
    await told(world, PersonChanged(Person("U_ana", "Ana", belongs=False)))
    await bo.types("/parley setup")
    assert "You are the first admin of Parley here" in bo.reads()
    assert not (await ana.row()).belongs
