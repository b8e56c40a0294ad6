"""Where nobody knows whether a message arrived, delivery finds out before it sends again."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.core.sender import Failed, Posted, RetryAfter
from bot.core.ui import Message
from bot.delivery.attempt import LOOK_BACK_AFTER
from bot.delivery.worker import LEASE
from storage.database import DatabaseBusy
from tests.databases import PATIENCE
from tests.outbox_stories import conflicts, does, outbox, plays, row_of, says, shows, states, texts, trial
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


class Gate(asyncio.Event):
    """Says when somebody waits before it."""

    def __init__(self):
        super().__init__()
        self.reached = asyncio.Event()

    async def wait(self):
        self.reached.set()
        return await super().wait()


async def abandon(world):
    """Claim what is due and stop as a process does that is killed."""
    sending = await world.delivery._look()
    await world.gates["W1"].reached.wait()
    for task in sending:
        task.cancel()
    await asyncio.gather(*sending, return_exceptions=True)


async def test_a_message_that_arrived_though_the_answer_was_lost_is_found_and_not_sent_again(world, place):
    world.losses.append(TimeoutError())
    await says(world, place, "once")
    await says(world, place, "next")
    await world.delivery.deliver_due()
    assert (await states(world))[0] == ("post", "UNKNOWN")
    assert not await world.delivery.deliver_due(), "what comes after it waits"
    await world.deliver()
    assert texts(place) == ["once", "next"]
    [first, _] = await outbox(world)
    assert first.external_ts == next(iter(place.messages))


async def test_a_message_that_did_not_arrive_is_sent_again_once(world, place):
    world.failures.append(TimeoutError())
    await says(world, place, "once")
    await world.deliver()
    assert texts(place) == ["once"]
    assert (await outbox(world))[0].attempt == 2


async def test_the_echo_of_a_message_settles_it_without_a_look(world, place, ana):
    world.losses.append(TimeoutError())
    row = await shows(world, place, ana)
    await world.delivery.deliver_due()
    ts = next(iter(place.messages))
    await world.delivery.settle_by_echo("test", "W2", row.id, Posted("C_place", ts))
    assert await states(world) == [("post", "UNKNOWN")], "another workspace says nothing about it"
    await world.delivery.settle_by_echo("test", "W1", row.id, Posted("C_place", ts))
    world.hides_history = True
    await world.deliver()
    assert texts(place) == ["hunter"]
    await plays(world, ana, "farmer")
    await world.deliver()
    assert place.messages[ts].text == "farmer"


async def test_an_echo_that_overtakes_the_answer_is_not_announced_twice(world, place):
    gate = world.gates["W1"] = asyncio.Event()
    row = await says(world, place, "once")
    [sending] = await world.delivery._look()
    await world.delivery.settle_by_echo("test", "W1", row.id, Posted("C_place", "7.7"))
    gate.set()
    await sending
    [settled] = await outbox(world)
    assert (settled.state, settled.external_ts) == ("SENT", "7.7")
    texts(place)


@pytest.mark.parametrize("arrived", [True, False])
async def test_where_the_platform_is_done_with_it_history_is_read_soon(world, place, arrived):
    (world.losses if arrived else world.failures).append(Failed("HTTP 500"))
    began = world.clock
    await says(world, place, "once")
    await world.deliver()
    assert texts(place) == ["once"]
    assert world.clock - began < timedelta(seconds=5)


async def test_where_history_is_hidden_our_own_message_has_its_time_to_come_back(world, place):
    world.hides_history = True
    world.failures.append(Failed("HTTP 500"))
    began = world.clock
    await says(world, place, "once")
    await world.deliver()
    assert texts(place) == ["once"]
    assert world.clock - began >= timedelta(seconds=15)


async def test_where_history_is_hidden_the_platforms_own_deduplication_must_do(world, place):
    world.hides_history = True
    world.failures.append(TimeoutError())
    await says(world, place, "once")
    await world.deliver()
    assert texts(place) == ["once"]


async def test_a_history_that_cannot_be_read_is_tried_again_before_anything_is_sent(world, place):
    world.losses.append(TimeoutError())
    await says(world, place, "once")
    await world.delivery.deliver_due()
    world.failures.extend([ConnectionError(), RetryAfter(5)])
    await world.deliver()
    assert texts(place) == ["once"]


async def test_what_was_being_sent_in_a_crash_is_looked_for_at_the_next_start(world, place, ana):
    gate = world.gates["W1"] = Gate()
    await says(world, place, "once")
    await abandon(world)
    assert await states(world) == [("post", "SENDING")]
    gate.set()
    assert not await world.delivery.deliver_due(), "somebody may still be at it"
    await world.delivery.recover()
    await world.deliver()
    assert texts(place) == ["once"]
    assert (await outbox(world))[0].attempt == 2


async def test_what_arrived_while_parley_crashed_is_not_sent_again(world, place):
    world.losses.append(asyncio.CancelledError())
    await says(world, place, "once")
    await asyncio.gather(*await world.delivery._look(), return_exceptions=True)
    assert await states(world) == [("post", "SENDING")]
    await world.delivery.recover()
    await world.deliver()
    assert texts(place) == ["once"]


async def test_what_another_process_was_sending_is_looked_for_when_its_lease_ends(world, place):
    gate = world.gates["W1"] = Gate()
    await says(world, place, "once")
    await abandon(world)
    gate.set()
    began = world.clock
    await world.deliver()
    assert texts(place) == ["once"]
    assert world.clock >= began + LEASE


async def test_an_update_that_may_not_have_arrived_is_simply_sent_again(world, place, ana):
    await shows(world, place, ana)
    await world.deliver()
    card = place.reads()
    world.failures.append(TimeoutError())
    await plays(world, ana, "farmer")
    await world.delivery.deliver_due()
    assert (await states(world))[1] == ("update", "RETRY")
    await plays(world, ana, "gardener")
    await world.deliver()
    assert card.text == "gardener"
    assert (await states(world))[1:] == [("update", "SENT")]


async def test_an_update_that_nobody_waits_for_any_more_may_come_late_and_hides_nothing_newer(world, place, ana):
    await shows(world, place, ana)
    await world.deliver()
    card = place.reads()
    await plays(world, ana, "farmer")
    world.failures.append(TimeoutError())
    await world.delivery.deliver_due()
    await plays(world, ana, "gardener")
    world.clock += timedelta(seconds=LOOK_BACK_AFTER - 1)
    assert not await world.delivery.deliver_due(), "the platform may still be at it"
    card.message = Message("farmer")  # it comes
    await world.deliver()
    assert card.text == "gardener"


async def test_an_update_that_the_platform_is_done_with_is_repeated_soon(world, place, ana):
    await shows(world, place, ana)
    await world.deliver()
    card, began = place.reads(), world.clock
    await plays(world, ana, "farmer")
    world.failures.append(Failed("internal_error"))
    await world.deliver()
    assert card.text == "farmer"
    assert world.clock - began < timedelta(seconds=LOOK_BACK_AFTER)


async def test_what_is_still_being_sent_is_not_sent_again_though_the_clock_leaps(world, place):
    """As it does when a computer sleeps: the lease has ended, and this process is at it all the same."""
    gate = world.gates["W1"] = Gate()
    await says(world, place, "once")
    [sending] = await world.delivery._look()
    await gate.reached.wait()
    world.clock += 2 * LEASE
    assert not await world.delivery.deliver_due(wait=False)
    gate.set()
    await sending
    await world.deliver()
    assert texts(place) == ["once"]
    assert await states(world) == [("post", "SENT")]


async def test_after_a_day_of_failures_a_message_is_given_up_and_an_admin_told(world, place):
    ada = await world.member("Ada", is_admin=True)
    await says(world, place, "never")
    await says(world, place, "next")
    world.failures.append(RetryAfter(90_000))
    await world.delivery.deliver_due()
    world.clock += timedelta(seconds=90_001)
    world.failures.append(RetryAfter(1))
    await world.deliver()
    assert texts(place) == ["next"]
    assert texts(ada.dm) == ["Lost\ngave up after 2 attempts: RetryAfter('retry after 1 s')"]


async def test_a_reaction_on_a_message_we_do_not_know_yet_waits_until_we_do(world, place, ana):
    world.losses.append(TimeoutError())
    await shows(world, place, ana)
    await world.delivery.deliver_due()
    card = place.reads()
    at = world.tick()
    await world.dispatcher.reacted(ana.origin(place), "tada", True, card.ref, at, is_ours=True)
    assert (await ana.row()).role == "hunter"
    await world.deliver()
    assert card.text == "celebrated"


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_reaction_that_comes_just_as_its_message_is_settled_is_not_forgotten(world, place, ana):
    world.losses.append(TimeoutError())
    row = await shows(world, place, ana)
    await world.delivery.deliver_due()
    card = place.reads()
    write, is_parked, may_commit = world.database.write, threading.Event(), threading.Event()

    async def hesitate(work, **options):
        def hesitant(session):
            result = work(session)
            session.flush()
            is_parked.set()
            may_commit.wait(10)
            return result

        return await write(hesitant, **options)

    def is_waiting(session):
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return session.connection().scalar(text(query))

    world.database.write = hesitate
    async with asyncio.TaskGroup() as both:
        both.create_task(
            world.dispatcher.reacted(ana.origin(place), "tada", True, card.ref, world.tick(), is_ours=True)
        )
        await asyncio.to_thread(is_parked.wait, 10)
        world.database.write = write
        posted = Posted(card.ref.channel, card.ref.ts)
        settling = both.create_task(world.delivery.settle_by_echo("test", "W1", row.id, posted))
        while not (settling.done() or await world.database.read(is_waiting)):
            pass
        may_commit.set()
    await world.deliver()
    assert card.text == "celebrated"


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_reaction_that_waited_survives_a_deadlock(world, place, ana):
    world.losses.append(TimeoutError())
    await shows(world, place, ana)
    await world.delivery.deliver_due()
    card = place.reads()
    await world.dispatcher.reacted(ana.origin(place), "tada", True, card.ref, world.tick(), is_ours=True)
    conflicts.append("40P01")
    await world.deliver()
    assert not conflicts
    assert card.text == "celebrated"


async def test_a_reaction_taken_away_before_we_knew_its_message_never_was(world, place, ana):
    world.losses.append(TimeoutError())
    await shows(world, place, ana)
    await world.delivery.deliver_due()
    card = place.reads()
    for is_there in (True, False):
        await world.dispatcher.reacted(ana.origin(place), "tada", is_there, card.ref, world.tick(), is_ours=True)
    await world.deliver()
    assert card.text == "hunter"
    await ana.reacts("tada", on=card)
    assert card.text == "celebrated"


async def test_what_fails_after_a_message_stands_does_not_send_it_again(world, place, ana, caplog):
    await world.changes(ana, role="troublesome")
    await shows(world, place, ana)
    await world.deliver()
    assert texts(place) == ["troublesome"]
    assert (await states(world)) == [("post", "SENT")]
    assert "what follows from message" in caplog.text


async def test_a_slow_workspace_holds_no_other(world):
    far = await world.channel("sales", "far", workspace="W2")
    crowd = [await world.member(f"M{number}") for number in range(20)]
    gate = world.gates["W1"] = asyncio.Event()

    def invite(ctx):
        for one in crowd:
            ctx.post(row_of(ctx, one), lambda: Message("Hello"))

    await does(world, invite)
    assert await world.delivery.deliver_due(wait=False) == 8
    await says(world, far, "free", workspace="W2")
    sending = await world.delivery._look()
    await asyncio.gather(*sending)
    assert texts(far) == ["free"]
    gate.set()
    await world.delivery.stop()
    assert sum(len(one.dm.unread) for one in crowd) == 8, "stop begins nothing more, and finishes what was begun"
    assert not await world.delivery.deliver_due()
    world.starts_delivery()
    await world.deliver()
    for one in crowd:
        assert texts(one.dm) == ["Hello"]


async def test_it_runs_until_it_is_stopped_and_a_commit_wakes_it(world, place):
    running = asyncio.create_task(world.delivery.run())
    gate = world.gates["W1"] = Gate()
    await says(world, place, "now")
    async with asyncio.timeout(PATIENCE):
        await gate.reached.wait()
        gate.set()
        await world.delivery.stop()
        await running
    assert texts(place) == ["now"]


async def test_an_outcome_is_recorded_however_busy_the_database_is(world, place):
    write, refusals = world.database.write, iter([DatabaseBusy(), DatabaseBusy()])

    async def busy(work, **options):
        if "_deliver" in getattr(work, "__qualname__", ""):
            for refusal in refusals:
                raise refusal
        return await write(work, **options)

    world.database.write = busy
    await says(world, place, "once")
    await world.deliver()
    assert texts(place) == ["once"]
    assert (await states(world)) == [("post", "SENT")]
