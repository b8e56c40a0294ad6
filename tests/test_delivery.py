"""Delivery: what was promised arrives once, in order, as it is when it is sent, and within the platform's limits."""

from datetime import timedelta

import pytest

from bot.budget import Budget
from bot.core.sender import Rejected, RetryAfter
from bot.core.ui import File, Message
from bot.delivery import Delivery
from bot.delivery.worker import FEW
from storage.channels import find_channel
from storage.outbox import State, row
from tests.outbox_stories import does, outbox, plays, row_of, says, shows, states, texts, trial
from tests.world import a_world


@pytest.fixture
async def world(database):
    async with a_world(database, (trial,)) as world:
        yield world


@pytest.fixture
async def ana(world):
    return await world.member("Ana", role="hunter")


@pytest.fixture
async def place(world):
    return await world.channel("sales", "place")


@pytest.fixture
async def ada(world):
    return await world.member("Ada", is_admin=True)


async def test_messages_of_a_channel_arrive_in_the_order_they_were_promised(world, place):
    for number in range(12):
        await says(world, place, f"{number}")
    await world.deliver()
    assert texts(place) == [f"{number}" for number in range(12)]


async def test_a_failed_message_holds_those_behind_it_and_no_other_channel(world, place):
    other = await world.channel("marketing", "other")
    world.failures.append(RetryAfter(20))
    await says(world, place, "first")
    await world.delivery.deliver_due()
    await says(world, place, "second")
    await says(world, other, "elsewhere")
    while await world.delivery.deliver_due():
        pass
    assert texts(place) == []
    assert texts(other) == ["elsewhere"]
    await world.deliver()
    assert texts(place) == ["first", "second"]


async def test_a_rate_limit_holds_its_method_in_its_workspace_only(world, place, ana):
    far = await world.channel("sales", "far", workspace="W2")
    other = await world.channel("marketing", "other")
    await shows(world, other, ana)
    await world.deliver()
    card, before = other.reads(), world.clock

    world.failures.append(RetryAfter(30, is_limit=True))
    await says(world, place, "held")
    await world.delivery.deliver_due()
    await says(world, other, "held too")
    await says(world, far, "free", workspace="W2")
    await plays(world, ana, "farmer")
    while await world.delivery.deliver_due():
        pass
    assert (texts(place), texts(far)) == ([], ["free"])
    assert card.text == "hunter", "an update waits its turn in its channel"
    assert world.delivery.due_at >= before + timedelta(seconds=30)

    await world.deliver()
    assert (texts(place), texts(other), card.text) == (["held"], ["held too"], "farmer")
    assert world.clock >= before + timedelta(seconds=30)


async def test_many_private_messages_of_one_workspace_do_not_hold_another(world):
    far = await world.channel("sales", "far", workspace="W2")
    crowd = [await world.member(f"M{number}") for number in range(150)]

    def invite(ctx):
        for one in crowd:
            ctx.post(row_of(ctx, one), lambda: Message("Hello"))

    await does(world, invite)
    await says(world, far, "free", workspace="W2")
    while await world.delivery.deliver_due():
        pass
    assert texts(far) == ["free"], "before any time has passed"
    assert 0 < sum(len(one.dm.unread) for one in crowd) <= 20, "the burst of the workspace, and no more"
    await world.deliver()
    assert [texts(one.dm) for one in crowd] == [["Hello"]] * 150
    assert world.clock - world.now >= timedelta(seconds=130 / 4 - 1)


async def test_few_messages_leave_at_once_while_something_is_more_urgent(world):
    urgent = [True]
    senders, budget = {"test": world}, Budget()
    world.delivery = Delivery(
        world.registry, world.database, senders, lambda: world.clock, budget, lambda: world.now, lambda: bool(urgent)
    )
    places = [await world.channel("sales", f"place{n}") for n in range(2 * FEW)]
    for place in places:
        await says(world, place, "hello")
    assert await world.delivery.deliver_due() == FEW
    urgent.clear()
    assert await world.delivery.deliver_due() == FEW
    assert [texts(place) for place in places] == [["hello"]] * (2 * FEW)


async def test_workspaces_take_turns_where_few_messages_leave_at_once(world):
    senders, budget = {"test": world}, Budget()
    world.delivery = Delivery(
        world.registry, world.database, senders, lambda: world.clock, budget, lambda: world.now, lambda: True
    )
    near = [await world.channel("sales", f"near{n}") for n in range(5 * FEW)]
    for place in near:
        await says(world, place, "hello")
    far = await world.channel("sales", "far", workspace="W2")
    await says(world, far, "here too", workspace="W2")
    await world.delivery.deliver_due()
    await world.delivery.deliver_due()
    assert texts(far) == ["here too"]
    await world.delivery.drain()
    assert [texts(place) for place in near] == [["hello"]] * (5 * FEW)


async def test_an_update_waits_for_its_post_and_shows_what_is_true_when_it_is_sent(world, place, ana):
    world.failures.append(RetryAfter(20))
    await shows(world, place, ana)
    await world.delivery.deliver_due()
    await plays(world, ana, "farmer")
    await plays(world, ana, "gardener")
    assert await states(world) == [("post", "RETRY")], "what is still to be drawn needs no update"
    await world.deliver()
    assert texts(place) == ["gardener"]


async def test_many_refreshes_are_one_update_that_is_never_stale(world, place, ana):
    await shows(world, place, ana)
    await world.deliver()
    card = place.reads()
    for role in ("farmer", "gardener", "florist"):
        await plays(world, ana, role)
    assert await states(world) == [("post", "SENT"), ("update", "NEW")]
    await world.deliver()
    assert card.text == "florist"


async def test_a_change_while_an_update_is_being_sent_asks_for_another(world, place, ana):
    await shows(world, place, ana)
    await world.deliver()
    card = place.reads()
    await plays(world, ana, "farmer")
    sending = await world.delivery._look()
    await plays(world, ana, "gardener")
    await sending[0]
    await world.deliver()
    assert card.text == "gardener"
    assert await states(world) == [("post", "SENT"), ("update", "SENT"), ("update", "SENT")]


async def test_a_newer_update_replaces_an_older_one_whichever_way_it_was_asked_for(world, place, ana):
    shown = await shows(world, place, ana)
    await world.deliver()
    card = place.reads()

    def by_hand(ctx):
        ctx.update(row(ctx.session, ctx.workspace.id, shown.id), lambda: Message("by hand"))

    await plays(world, ana, "farmer")
    await does(world, by_hand)
    await world.deliver()
    assert card.text == "by hand"
    await does(world, by_hand)
    await plays(world, ana, "gardener")
    await world.deliver()
    assert card.text == "gardener"


async def test_a_reply_waits_for_the_message_it_answers(world, place):
    world.failures.append(RetryAfter(20))
    first = await says(world, place, "question")
    await says(world, place, "answer", thread=first)
    await world.deliver()
    assert place.reads().reads_reply().text == "answer"


async def test_what_belongs_to_a_message_dies_with_it_and_an_admin_is_told_once(world, place, ada):
    world.failures.append(Rejected("msg_too_long"))
    first = await says(world, place, "question")
    await says(world, place, "answer", thread=first)
    await says(world, place, "next")
    await does(world, lambda ctx: ctx.update(row(ctx.session, ctx.workspace.id, first.id), lambda: Message("edit")))
    await world.deliver()
    assert texts(place) == ["next"]
    assert texts(ada.dm) == ["Lost\nmsg_too_long"]
    assert [found.state for found in await outbox(world)][:4] == [State.DEAD, State.DEAD, State.SENT, State.DEAD]


async def test_a_message_can_be_deleted_and_reacted_to(world, place):
    first = await says(world, place, "first")

    def react_and_delete(ctx):
        known = row(ctx.session, ctx.workspace.id, first.id)
        ctx.react(known, "tada")
        ctx.delete(known)

    await does(world, react_and_delete)
    await world.deliver()
    posted = place.reads()
    assert (posted.reactions, posted.is_deleted) == ({"tada"}, True)


async def test_an_update_that_is_refused_is_nobodys_loss(world, place, ana, ada):
    await shows(world, place, ana)
    await world.deliver()
    place.reads()
    world.failures.append(Rejected("message_not_found"))
    await plays(world, ana, "farmer")
    await world.deliver()
    assert (await states(world))[1] == ("update", "DEAD")


async def test_a_file_arrives_with_its_message(world, place):
    def send(ctx):
        channel = find_channel(ctx.session, ctx.workspace.id, place.external_id)
        ctx.post(channel, lambda: Message("Report", File("report.csv", b"a,b")))

    await does(world, send)
    await world.deliver()
    assert texts(place) == ["Report\n(report.csv)"]


async def test_a_home_that_was_opened_once_is_drawn_again(world, ana, ada):
    await ana.opens_home()
    for role in ("farmer", "gardener"):
        await plays(world, ana, role)
        await plays(world, ada, role)
    assert await states(world) == [("home", "NEW")]
    await world.deliver()
    assert world.homes == {"U_ana": "gardener"}


async def test_a_card_whose_subject_is_gone_is_not_posted_and_nobody_is_bothered(world, place, ana, ada):
    await shows(world, place, ana)
    await world.changes(ana, role=None)
    await says(world, place, "next")
    await world.deliver()
    assert texts(place) == ["next"]


async def test_a_card_that_cannot_be_drawn_holds_nobody_and_an_admin_is_told(world, place, ada, caplog):
    def show(ctx):
        ctx.post(find_channel(ctx.session, ctx.workspace.id, place.external_id), subject=("broken", 1))

    await does(world, show)
    await says(world, place, "next")
    await world.deliver()
    assert texts(place) == ["next"]
    assert texts(ada.dm) == ["Lost\ncannot be drawn: ZeroDivisionError()"]
    assert "cannot be drawn" in caplog.text


async def test_a_channel_with_other_companies_hears_nothing_not_even_what_was_promised_before(world, place, ana):
    await shows(world, place, ana)
    await world.deliver()
    card = place.reads()
    await says(world, place, "internal")
    await plays(world, ana, "farmer")
    await does(world, lambda ctx: setattr(find_channel(ctx.session, ctx.workspace.id, "C_place"), "is_shared", True))
    assert await says(world, place, "more") is None
    await world.deliver()
    assert (texts(place), card.text) == ([], "hunter")


async def test_somebody_who_left_hears_nothing(world, ana):
    await does(world, lambda ctx: ctx.post(row_of(ctx, ana), lambda: Message("Hello")))
    await world.changes(ana, belongs=False)
    await world.deliver()
    assert texts(ana.dm) == []


async def test_a_card_is_drawn_in_the_language_of_its_message(world, place):
    def show(ctx):
        channel = find_channel(ctx.session, ctx.workspace.id, place.external_id)
        posted = ctx.post(channel, subject=("language", 1))
        row(ctx.session, ctx.workspace.id, posted.id).language = "de"
        ctx.post(channel, subject=("language", 2))

    await does(world, show)
    await world.deliver()
    assert texts(place) == ["de", "en"]
