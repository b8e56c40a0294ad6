"""Parley comes into a channel, says who it is, and learns what the channel is for."""

import pytest

from bot.core.events import (
    ChannelChanged,
    ChannelLeft,
    ChannelOpened,
    MemberActed,
    MessageUndeliverable,
)
from bot.core.feature import Feature
from bot.core.sender import Rejected
from bot.core.ui import Message
from bot.core.unit import Origin
from bot.features import FEATURES
from storage.channels import Purpose, find_channel

INTRODUCTION = "Hello, I am Parley.\nI help sales and marketing to work as one team: "


def told(world, event, channel=None):
    """The platform tells something."""
    return world.dispatcher.tell(Origin("test", "W1", None, channel), lambda ctx: ctx.emit(event))


async def row(world, channel):
    workspace = await world.workspace()
    return await world.database.read(lambda session: find_channel(session, workspace, channel.external_id))


async def says(world, channel, text="hello"):
    """Something Parley posts in a channel of its own accord."""

    def post(ctx):
        ctx.post(ctx.channel, lambda: Message(text))

    await world.dispatcher.tell(Origin("test", "W1", None, channel.external_id), post)
    await world.deliver()


@pytest.fixture
async def ana(world):
    return await world.member("Ana", is_admin=True)


async def test_invited_parley_introduces_itself_and_asks_what_the_channel_is_for(world, ana):
    channel = world.place("new-leads")
    await ana.invites_parley(channel)
    card = channel.reads()
    assert card.text.startswith(INTRODUCTION)
    assert "An admin can tell me what this channel is for:" in card.text
    assert card.buttons == ["Leads", "Sales", "Marketing", "Both sides"]


async def test_the_card_changes_when_the_purpose_is_chosen(world, ana):
    channel = world.place("new-leads")
    await ana.invites_parley(channel)
    card = channel.reads()
    await ana.presses("Leads", on=card)
    assert card.text.startswith(INTRODUCTION)
    assert "This channel is for leads" in card.text
    assert card.buttons == ["Change…"]
    assert (await row(world, channel)).purpose == Purpose.LEADS


async def test_a_second_invitation_is_not_answered_with_a_second_introduction(world, ana):
    channel = world.place("new-leads")
    await ana.invites_parley(channel)
    channel.reads()
    await ana.invites_parley(channel)
    assert not channel.unread


async def test_back_after_it_had_left_parley_introduces_itself_again_and_knows_the_purpose(world, ana):
    channel = world.place("new-leads")
    await ana.invites_parley(channel)
    await ana.presses("Sales", on=channel.reads())
    await told(world, ChannelLeft(channel.external_id))
    await says(world, channel)  # is not posted: Parley is not there
    await ana.invites_parley(channel)
    assert "This channel is for sales." in channel.reads().text


async def test_a_channel_that_was_shared_while_parley_was_away_is_treated_as_shared(world, ana):
    channel = world.place("new-leads")
    await ana.invites_parley(channel)
    await ana.presses("Sales", on=channel.reads())
    await told(world, ChannelLeft(channel.external_id))
    world.place("new-leads", is_shared=True)
    await ana.invites_parley(channel)
    assert channel.reads().buttons == ["Allow"]


async def test_a_channel_with_other_organisations_hears_the_introduction_and_nothing_else(world, ana):
    channel = world.place("with-partners", is_shared=True)
    await ana.invites_parley(channel)
    card = channel.reads()
    assert card.text.startswith(INTRODUCTION)
    assert "I stay silent until one of our admins allows me to speak" in card.text
    assert card.buttons == ["Allow"]
    await says(world, channel)
    assert not channel.unread


async def test_an_admin_lets_parley_speak_in_a_shared_channel_and_silences_it_again(world, ana):
    channel = world.place("with-partners", is_shared=True)
    await ana.invites_parley(channel)
    card = channel.reads()
    await ana.presses("Allow", on=card)
    assert ana.reads() == "I speak in #with-partners from now on."
    await ana.presses("Both sides", on=card)
    await says(world, channel)
    assert channel.reads().text == "hello"
    await ana.presses("Be silent here", on=card)
    assert ana.reads() == "I am silent in #with-partners from now on."
    assert card.buttons == ["Allow"]
    await says(world, channel)
    assert not channel.unread


async def test_only_admins_choose_the_purpose_and_others_learn_whom_to_ask(world, ana):
    bo = await world.member("Bo", "sales")
    channel = world.place("new-leads")
    await bo.invites_parley(channel)
    card = channel.reads()
    await bo.presses("Leads", on=card)
    assert bo.reads() == "Only an admin of Parley can do this. Please ask Ana."
    assert (await row(world, channel)).purpose is None
    assert "Leads" in card.buttons


async def test_only_admins_let_parley_speak_in_a_shared_channel(world, ana):
    bo = await world.member("Bo", "sales")
    channel = world.place("with-partners", is_shared=True)
    await ana.invites_parley(channel)
    await bo.presses("Allow", on=channel.reads())
    assert "Please ask Ana" in bo.reads()
    await says(world, channel)
    assert not channel.unread


async def test_a_person_of_another_organisation_cannot_press_anything(world, ana):
    eve = world.newcomer("Eve", belongs=False)
    world.foreigners.add("U_eve")
    channel = world.place("with-partners", is_shared=True)
    await ana.invites_parley(channel)
    card = channel.reads()
    await eve.presses("Allow", on=card)
    assert eve.reads() == "This is for members of the company that installed Parley."
    assert card.buttons == ["Allow"]


async def test_a_guest_may_invite_parley_but_gets_no_row(world, ana):
    guest = world.newcomer("Gus", belongs=False)
    channel = world.place("new-leads")
    await guest.invites_parley(channel)
    assert channel.reads().text.startswith(INTRODUCTION)
    with pytest.raises(AssertionError, match="has no row"):
        await guest.row()


async def test_while_nobody_is_admin_the_first_to_answer_the_introduction_becomes_one(world):
    bo, cy = world.newcomer("Bo"), world.newcomer("Cy")
    channel = world.place("new-leads")
    await bo.invites_parley(channel)
    card = channel.reads()
    await bo.presses("Leads", on=card)
    assert bo.reads().startswith("You are now an admin of Parley")
    await cy.presses("Change…", on=card)
    assert cy.reads() == "Only an admin of Parley can do this. Please ask Bo."


async def test_an_admin_changes_the_purpose_later_and_takes_it_away(world, ana):
    channel = world.place("new-leads")
    await ana.invites_parley(channel)
    card = channel.reads()
    await ana.presses("Leads", on=card)
    await ana.presses("Change…", on=card)
    await ana.fills(purpose="marketing")
    assert ana.reads() == ("Saved: #new-leads\nThis channel is for marketing: what sales says of leads arrives here.")
    assert "This channel is for marketing" in card.text
    await ana.presses("Change…", on=card)
    await ana.fills(purpose="none")
    assert ana.reads() == "Saved. #new-leads has no purpose."
    assert "Leads" in card.buttons


class TestListening:
    """A feature that listens in leads channels, and hears what people decide about channels."""

    @pytest.fixture
    def heard(self):
        return []

    @pytest.fixture
    def features(self, heard):
        feature = Feature("listening")
        feature.message("leads")(lambda ctx, message: heard.append(message.text))
        feature.on(ChannelOpened)(lambda ctx, event: heard.append(event.purpose))
        return (*FEATURES, feature)

    async def test_features_listen_from_the_moment_the_purpose_is_chosen_and_no_longer_than_it_lasts(
        self, world, ana, heard
    ):
        channel = world.place("new-leads")
        await ana.invites_parley(channel)
        card = channel.reads()
        await ana.writes("before", channel)
        await ana.presses("Leads", on=card)
        await ana.writes("during", channel)
        await ana.presses("Change…", on=card)
        await ana.fills(purpose="none")
        assert ana.reads()
        await ana.writes("after", channel)
        assert heard == ["leads", "during"]

    async def test_nobody_listens_in_a_channel_parley_left_or_that_was_shared(self, world, ana, heard):
        left, shared = world.place("left"), world.place("shared")
        for channel in (left, shared):
            await ana.invites_parley(channel)
            await ana.presses("Leads", on=channel.reads())
        await told(world, ChannelLeft(left.external_id))
        await ana.writes("hello", left)
        await told(world, ChannelChanged(shared.external_id, is_shared=True))
        await world.deliver()
        assert "shared with another organisation" in ana.reads_dm().text
        await ana.writes("hello", shared)
        assert heard == ["leads", "leads"]


async def test_when_a_channel_becomes_shared_parley_falls_silent_and_tells_the_admins(world, ana):
    channel = world.place("sales")
    await ana.invites_parley(channel)
    card = channel.reads()
    await ana.presses("Sales", on=card)
    await told(world, ChannelChanged(channel.external_id, is_shared=True))
    await says(world, channel)
    assert not channel.unread
    assert card.buttons == ["Allow"]
    warning = ana.reads_dm()
    assert warning.text.startswith("#sales is now shared with another organisation")
    await ana.presses("Allow", on=warning)
    assert ana.reads() == "I speak in #sales from now on."
    await says(world, channel)
    assert channel.reads().text == "hello"


async def test_what_was_promised_before_the_channel_became_shared_is_not_posted_and_cards_are_not_redrawn(world, ana):
    channel = await world.channel("sales")
    seller = await world.member("Sam", "sales")
    posted = []

    def post(ctx):
        posted.append(ctx.post(ctx.channel, lambda: Message("standing")))

    await world.dispatcher.tell(Origin("test", "W1", None, channel.external_id), post)
    await world.deliver()
    standing = channel.reads()

    def post_update_and_share(ctx):
        ctx.post(ctx.channel, lambda: Message("internal"))
        ctx.update(posted[0], lambda: Message("internal"))
        ctx.emit(ChannelChanged(channel.external_id, is_shared=True))

    await world.dispatcher.tell(Origin("test", "W1", None, channel.external_id), post_update_and_share)
    await world.deliver()
    assert not channel.unread
    assert standing.text == "standing"
    assert ana.reads_dm()
    assert not seller.dm.unread


async def test_one_more_organisation_in_an_allowed_channel_needs_a_new_word(world, ana):
    channel = await world.channel("sales", is_shared=True, is_allowed=True)
    await told(world, ChannelChanged(channel.external_id, is_shared=True))
    await says(world, channel)
    assert not channel.unread
    assert ana.reads_dm()


async def test_when_a_channel_is_ours_alone_again_parley_speaks(world, ana):
    channel = await world.channel("sales", is_shared=True)
    await told(world, ChannelChanged(channel.external_id, is_shared=False))
    await says(world, channel)
    assert channel.reads().text == "hello"


async def test_a_renamed_channel_is_called_by_its_new_name(world, ana):
    channel = await world.channel("sales")
    await told(world, ChannelChanged(channel.external_id, name="sales-emea"))
    await ana.types("/parley setup")
    assert "Sales: #sales-emea" in ana.reads()


async def test_news_of_channels_parley_does_not_know_changes_nothing(world, ana):
    await told(world, ChannelLeft("C_elsewhere"))
    await told(world, ChannelChanged("C_elsewhere", name="x", is_shared=True))
    await world.deliver()


async def test_a_name_people_chose_cannot_break_the_card(world, ana):
    channel = await world.channel("sales", "<!channel> *bold* & " + "x" * 300)
    await ana.types("/parley setup", channel)
    reply = ana.replies[0]
    await ana.presses("This channel…", on=reply)
    await ana.fills(purpose="marketing")
    assert "Setting up Parley" in ana.reads()
    assert "<!channel> *bold*" in ana.reads()


# What cannot be delivered


async def test_admins_hear_once_a_day_what_could_not_be_posted_and_how_to_mend_it(world, ana):
    channel = await world.channel("sales")
    world.failures.append(Rejected("restricted_action"))
    await says(world, channel)
    news = ana.reads_dm()
    assert news.text.startswith("I could not post in #sales\nOnly some people may post there.")
    world.failures.append(Rejected("restricted_action"))
    await says(world, channel)
    assert not ana.dm.unread
    world.failures.append(Rejected("missing_scope"))
    await says(world, channel)
    assert "Parley lacks a permission" in ana.reads_dm().text
    world.passes(days=1)
    world.failures.append(Rejected("restricted_action"))
    await says(world, channel)
    assert "Only some people may post there" in ana.reads_dm().text


async def test_removed_without_news_of_it_parley_says_how_to_bring_it_back_and_stays_out(world, ana):
    channel = await world.channel("sales")
    world.failures.append(Rejected("not_in_channel"))
    await says(world, channel)
    assert "To bring me back, type there: /invite @Parley" in ana.reads_dm().text
    await ana.types("/parley setup")
    assert "Sales: no channel yet" in ana.reads()
    await ana.invites_parley(channel)
    assert "This channel is for sales." in channel.reads().text


async def test_news_that_cannot_reach_an_admin_makes_no_more_news(world, ana):
    channel = await world.channel("sales")
    await world.member("Bo", is_admin=True)
    world.failures.extend([Rejected("restricted_action"), Rejected("cannot_dm_bot"), Rejected("cannot_dm_bot")])
    await says(world, channel)
    assert not world.failures


async def test_people_who_cannot_be_written_to_are_one_message_however_many_they_are(world, ana):
    for name in ("Bo", "Cy", "Di"):
        member = await world.member(name, side_asked_at=None)
        world.failures.append(Rejected("messages_tab_disabled"))
        await told(world, MemberActed((await member.row()).id))
        await world.deliver()
    assert ana.reads_dm().text.startswith("I could not write to somebody in private")


async def test_a_platform_that_did_not_answer_for_a_day_is_named_as_that(world, ana):
    channel = await world.channel("sales")
    channel_id = (await row(world, channel)).id
    await told(world, MessageUndeliverable(channel_id, None, "gave up after 12 attempts: TimeoutError()"))
    await told(world, MessageUndeliverable(channel_id, None, "gave up after 13 attempts: TimeoutError()"))
    await world.deliver()
    assert "did not answer for a whole day" in ana.reads_dm().text


async def test_two_workspaces_hear_only_of_their_own_channels(world, ana):
    other = await world.member("Oda", workspace="W2", is_admin=True)
    channel = await world.channel("sales")
    world.failures.append(Rejected("restricted_action"))
    await says(world, channel)
    assert ana.reads_dm()
    assert not other.dm.unread
    await other.types("/parley setup")
    assert "#sales" not in other.reads()
