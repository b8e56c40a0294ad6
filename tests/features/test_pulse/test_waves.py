"""A week of the pulse: it opens, people tap, it counts and reminds, and it closes."""

import pytest

from storage.ballots import Ballot, SealedAnswer
from storage.pulse import WaveState
from tests.features.stories import on_sqlite
from tests.features.test_pulse.weeks import (
    AGREE,
    DISAGREE,
    RATHER,
    closes,
    everybody_taps,
    opens,
    rows_of,
    taps,
    waves,
)
from tests.world import plain


async def test_a_week_from_the_card_to_what_is_sealed(world, company):
    sales, marketing, shared = await opens(world, company)
    assert "1. The leads I got this week deserved my time" in sales.text
    assert "1. The leads we passed this week deserved a seller's time" in marketing.text
    assert "0 of 12 have answered (sales 0 of 6, marketing 0 of 6). Open until 2026-11-26 17:00." in sales.text
    assert shared.buttons == ["Answer...", "What is stored?"]
    await everybody_taps(company, (sales, marketing))
    for seller in company.sellers:
        await taps(seller, sales, RATHER, question=2)
        assert "That was the last one" in seller.reads()
    assert "0 of 12" in sales.text, "a tap changes no card"
    await world.looks_at_pulses()
    for card in (sales, marketing, shared):
        assert "12 of 12 have answered (sales 6 of 6, marketing 6 of 6)" in card.text
    await closes(world)
    assert sales.text == (
        "This pulse is closed\n12 of 12 have answered (sales 6 of 6, marketing 6 of 6).\n[What is stored?]"
    )
    assert await rows_of(world, Ballot) == []
    sealed = {(each.position, each.side, each.value): each.n for each in await rows_of(world, SealedAnswer)}
    assert sealed == {(1, "sales", 5): 6, (1, "marketing", 5): 6, (2, "sales", 4): 6}


@on_sqlite
async def test_a_mind_is_changed_until_the_close_and_not_after(world, company):
    sales, *_others = await opens(world, company)
    ana = company.sellers[0]
    await taps(ana, sales, AGREE)
    await taps(ana, sales, AGREE)
    await taps(ana, sales, DISAGREE)
    assert ana.reads() == "Your answer is changed."
    [ballot] = await rows_of(world, Ballot)
    assert (ballot.value, ballot.side, ballot.position) == (1, "sales", 1)
    buttons = sales.message
    await closes(world)
    for member in (*company.sellers, *company.marketers):
        member.dm.unread.clear()
    await ana.presses(AGREE, on=buttons)
    assert ana.reads() == "This pulse is closed. The next one comes by itself."
    [wave] = await waves(world)
    assert wave.state == WaveState.CLOSED
    assert await rows_of(world, SealedAnswer) == [], "one answer is too few"


async def test_a_tap_that_is_delivered_again_does_not_undo_what_came_in_between(world, company):
    sales, *_others = await opens(world, company)
    ana = company.sellers[0]
    [row, *_more] = [part.row for part in sales.message.parts if part.kind == "buttons" and len(part.row) == 5]

    async def delivered(delivery, value):
        origin = ana.origin(sales.channel)
        return await world.dispatcher.action(origin, row[value - 1].packed, message=sales.ref, delivery=delivery)

    assert await delivered("first", 2) is None
    assert "changed" in plain((await delivered("second", 4)).message)
    assert await delivered("first", 2) is None
    [ballot] = await rows_of(world, Ballot)
    assert ballot.value == 4


async def test_a_tap_that_is_undone_and_refused_when_it_runs_again_is_not_taken_for_done(world, company, monkeypatch):
    sales, *_others = await opens(world, company)
    ana = company.sellers[0]
    [row, *_more] = [part.row for part in sales.message.parts if part.kind == "buttons" and len(part.row) == 5]
    write = world.database.write

    async def undoes_it_and_runs_it_again(work, **how):
        def undone(session):
            work(session)
            raise ZeroDivisionError

        monkeypatch.undo()
        with pytest.raises(ZeroDivisionError):
            await write(undone)
        await closes(world)
        return await write(work, **how)

    async def delivered():
        return await world.dispatcher.action(
            ana.origin(sales.channel), row[4].packed, message=sales.ref, delivery="once"
        )

    monkeypatch.setattr(world.database, "write", undoes_it_and_runs_it_again)
    assert "This pulse is closed" in plain((await delivered()).message)
    assert "This pulse is closed" in plain((await delivered()).message), "as if it came anew"
    for member in (*company.sellers, *company.marketers):
        member.dm.unread.clear()
