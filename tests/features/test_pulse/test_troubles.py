"""What goes wrong when a pulse opens, is open or closes: downtime, two at once, clocks that change, a lost key."""

import asyncio
from datetime import UTC, datetime, timedelta
from threading import Event

from bot.core.acquaintance import Acquaintance
from bot.core.calculator import Calculator
from bot.core.dispatcher import Dispatcher
from bot.core.timekeeper import Timekeeper
from storage.ballots import Ballot, SealedAnswer, while_casting
from storage.pulse import WaveState
from storage.pulse_results import PulseResult
from storage.workspaces import Workspace
from tests.databases import PATIENCE
from tests.features.test_pulse.test_people import forget_private
from tests.features.test_pulse.weeks import (
    AGREE,
    RATHER,
    SECOND,
    THURSDAY,
    TUESDAY,
    WEEK,
    closes,
    everybody_taps,
    opens,
    rows_of,
    sets,
    taps,
    waves,
)
from tests.world import _calculate_here


async def test_parley_was_down_when_it_should_have_opened(world, company):
    world.now = TUESDAY + timedelta(days=1)  # nothing ran in between
    await world.timekeeper.run()
    await world.deliver()
    for channel in (company.sales, company.marketing, company.shared):
        assert "Open until 2026-11-26 17:00" in channel.reads().text, "it opens late, and closes with all others"
    world.now = THURSDAY + WEEK - timedelta(hours=1)
    await world.timekeeper.run()
    await world.deliver()
    assert [(wave.state, wave.reason) for wave in await waves(world)] == [("closed", None), ("skipped", "late")]
    forget_private(company)


async def test_parley_was_down_in_the_middle_and_at_the_close(world, company):
    sales, marketing, _shared = await opens(world, company)
    await everybody_taps(company, (sales, marketing))
    await world.timekeeper.run()
    world.starts_delivery()
    world.now = THURSDAY + timedelta(minutes=5)
    await taps(company.sellers[0], sales, "Disagree")
    assert "This pulse is closed" in company.sellers[0].reads(), "its hour is over, also where nobody has closed it"
    world.now += timedelta(hours=3)
    await world.timekeeper.run()
    await world.deliver()
    sealed = {(row.side, row.value, row.n) for row in await rows_of(world, SealedAnswer)}
    assert sealed == {("sales", 5, 6), ("marketing", 5, 6)}
    assert "12 of 12" in sales.text
    forget_private(company)


async def test_a_close_that_fails_is_tried_until_it_succeeds(world, company):
    """For hours, and nobody's answer is taken meanwhile."""
    sales, marketing, _shared = await opens(world, company)
    await everybody_taps(company, (sales, marketing))
    keys, world.registry.keys = world.registry.keys, None  # so that every close fails
    await world.time_passes(THURSDAY + timedelta(hours=5))
    world.registry.keys = keys
    await company.ada.types("/pulse privacy")
    assert "It could not be closed yet. It is tried until it succeeds" in company.ada.reads()
    told = [posted.message.headline for posted in company.ada.dm.unread]
    assert told == ["Pulse 1 cannot be closed"], "they are told once"
    await taps(company.sellers[0], sales, "Disagree")
    assert "This pulse is closed" in company.sellers[0].reads()
    await world.time_passes(THURSDAY + timedelta(hours=7))
    assert [wave.state for wave in await waves(world)] == ["closed"]
    assert await rows_of(world, Ballot) == []
    assert "12 of 12" in sales.text
    assert "nearly all or all: Agree" in company.sales.reads().text
    company.marketing.reads(), company.shared.reads()
    forget_private(company)


async def test_two_processes_open_and_close_one_pulse(world, company):
    world.now = TUESDAY
    wake = lambda: world.delivery.wake()  # noqa: E731
    two = [Timekeeper(world.registry, world.database, lambda: world.now, wake) for _ in range(2)]
    await asyncio.gather(*(each.run() for each in two))
    await world.deliver()
    cards = company.sales.reads(), company.marketing.reads()
    company.shared.reads()
    await everybody_taps(company, cards)
    world.now = THURSDAY
    await asyncio.gather(*(each.run() for each in two))
    await world.deliver()
    [wave] = await waves(world)
    assert wave.state == WaveState.CLOSED
    assert sum(row.n for row in await rows_of(world, SealedAnswer)) == 12
    forget_private(company)


async def test_a_tap_that_is_delivered_late_or_again_undoes_nothing_in_whichever_process(world, company):
    sales, _marketing, shared = await opens(world, company)
    ana, [one, two] = company.sellers[0], [another_process(world) for _ in range(2)]
    await taps(ana, sales, AGREE, at=TUESDAY + 2 * SECOND, process=one)
    assert not ana.replies
    await taps(ana, sales, "Disagree", at=TUESDAY + SECOND, process=two)
    assert not ana.replies, "it was pressed first, and came later"
    await taps(ana, sales, RATHER, at=TUESDAY + 3 * SECOND, process=two)
    assert ana.reads() == "Your answer is changed."
    await taps(ana, sales, AGREE, at=TUESDAY + 2 * SECOND, process=two)
    assert not ana.replies
    assert [ballot.value for ballot in await rows_of(world, Ballot)] == [4]
    await ana.presses("Answer...", on=shared)
    await ana.fills(a1="2")
    assert ana.reads().startswith("Saved.")
    await taps(ana, sales, RATHER, at=TUESDAY + 3 * SECOND, process=one)
    assert [ballot.value for ballot in await rows_of(world, Ballot)] == [2], "a form comes after what it changed"
    await taps(ana, sales, AGREE, at=TUESDAY + 4 * SECOND, process=one)
    assert ana.reads() == "Your answer is changed."
    bo = company.sellers[1]
    presses = [
        taps(bo, sales, value, at=TUESDAY + n * SECOND, process=process)
        for n, (value, process) in enumerate([(AGREE, two), ("Disagree", one), (AGREE, one), (RATHER, two)])
    ]
    await asyncio.gather(*presses)
    assert sorted(ballot.value for ballot in await rows_of(world, Ballot)) == [4, 5]
    forget_private(company)


async def test_nobody_answers_the_same_question_twice_at_one_moment(database):
    ballots, holds, comes = ["0a" * 32, "0b" * 32], Event(), Event()

    def first(session):
        while_casting(session, 1, ballots)
        holds.set()
        return comes.wait(0.1)

    def second(session):
        assert holds.wait(5)
        while_casting(session, 1, reversed(ballots))
        comes.set()

    met, _ = await asyncio.gather(database.write(first), database.write(second))
    assert not met, "the second waits for the first to be committed"
    assert comes.is_set()


def another_process(world):
    """A dispatcher that remembers nothing of what others did."""
    acquaintance = Acquaintance(world.database, {"test": world.directory})
    wake = lambda: world.delivery.wake()  # noqa: E731
    return Dispatcher(world.registry, world.database, acquaintance, lambda: world.now, wake, world.background)


async def test_two_processes_publish_one_result(world, company):
    """Each computed it; the second finds that it is there."""
    sales, marketing, _shared = await opens(world, company)
    await everybody_taps(company, (sales, marketing))
    await closes(world)
    met = asyncio.Barrier(2)

    async def calculate(name, question):
        async with asyncio.timeout(PATIENCE):
            await met.wait()
        return await _calculate_here(name, question)

    wake = lambda: world.delivery.wake()  # noqa: E731
    two = [Calculator(world.registry, world.database, lambda: world.now, wake, calculate) for _ in range(2)]
    await asyncio.gather(*(each.run() for each in two))
    await world.deliver()
    for channel in (company.sales, company.marketing, company.shared):
        assert channel.reads().text.startswith("Pulse 1 of")
        assert not channel.unread
    assert len(await rows_of(world, PulseResult)) == 1
    forget_private(company)


async def test_somebody_who_leaves_meanwhile_is_not_reminded_and_what_they_said_counts(world, company):
    sales, *_others = await opens(world, company)
    ana, bo = company.sellers[:2]
    await taps(ana, sales, AGREE)
    for member in (ana, bo):
        await world.changes(member, belongs=False)
    await closes(world)
    assert not ana.dm.unread
    assert not bo.dm.unread
    [wave] = await waves(world)
    assert (wave.sales_asked, wave.sales_answered) == (6, 1)
    forget_private(company)


async def test_taps_and_the_close_at_one_moment_lose_nothing_and_leave_nothing(world, company):
    sales, *_others = await opens(world, company)
    [wave] = await waves(world)
    admin = company.ada
    await admin.types("/pulse")
    overview = admin.replies.popleft()
    await asyncio.gather(
        *(taps(seller, sales, AGREE) for seller in company.sellers),
        admin.presses("Close it now", on=overview),
        *(taps(seller, sales, AGREE) for seller in company.sellers),
    )
    refused = sum("This pulse is closed" in seller.reads() for seller in company.sellers for _ in [*seller.replies])
    assert await rows_of(world, Ballot) == []
    [wave] = await waves(world)
    assert wave.state == WaveState.CLOSED
    assert sum(row.n for row in await rows_of(world, SealedAnswer)) in (0, wave.sales_answered)
    assert wave.sales_answered == 6 or refused
    forget_private(company)


async def test_clocks_change_while_a_pulse_is_open(world, company):
    """In Santiago they are put back in the night to Sunday; it opens on a Friday and closes on a Monday."""

    def moves(session):
        session.get_one(Workspace, 1).timezone = "America/Santiago"

    world.now = datetime(2027, 3, 29, 12, tzinfo=UTC)
    await world.database.write(moves)
    await sets(company, opens_on="5", opens_at="10:00", closes_on="1", closes_at="17:00")
    await world.time_passes(datetime(2027, 4, 2, 13, tzinfo=UTC))  # 10:00 at UTC-3
    [wave] = await waves(world)
    assert wave.closes_at == datetime(2027, 4, 5, 21, tzinfo=UTC), "17:00 at UTC-4"
    await world.time_passes(datetime(2027, 4, 9, 14, tzinfo=UTC))
    first, second = await waves(world)
    assert (first.closed_at, second.opens_at) == (wave.closes_at, datetime(2027, 4, 9, 14, tzinfo=UTC))
    for channel in (company.sales, company.marketing, company.shared):
        channel.unread.clear()
    forget_private(company)


async def test_the_key_is_lost_while_a_pulse_is_open(world, company):
    sales, marketing, _shared = await opens(world, company)
    await everybody_taps(company, (sales, marketing))
    await world.looks_at_pulses()
    [path] = world.key_folder.glob("*.key")
    aside = path.rename(path.with_suffix(".aside"))
    ana = company.sellers[0]
    await taps(ana, sales, "Disagree")
    assert "can take no answers now" in ana.reads()
    await world.looks_at_pulses()
    await world.looks_at_pulses()
    assert company.ada.reads_dm().message.headline == "The pulse cannot take answers"
    assert not company.ada.dm.unread, "they are told once"
    aside.rename(path)
    await taps(ana, sales, "Disagree")
    assert ana.reads() == "Your answer is changed."
    path.rename(aside)
    await closes(world)
    await world.looks_at_pulses()
    sealed = {(row.side, row.value, row.n) for row in await rows_of(world, SealedAnswer)}
    assert sealed == {("sales", 1, 1), ("sales", 5, 5), ("marketing", 5, 6)}, "what was answered counts"
    await ana.types("/pulse privacy")
    assert "Parley cannot say that no copy of the key is left" in ana.reads()
    forget_private(company)
