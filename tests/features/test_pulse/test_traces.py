"""Side channels by which other tools tell who answered what: each is shut."""

import logging
import os
import stat
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, select

from storage.ballots import Ballot, SealedAnswer, SealedComment, StagedComment
from storage.outbox import OutboxRow
from storage.tables import Instant
from tests.features.test_pulse.weeks import (
    AGREE,
    DISAGREE,
    closes,
    everybody_taps,
    opens,
    rows_of,
    taps,
    waves,
)

ABOUT_ANSWERS = (Ballot, StagedComment, SealedAnswer, SealedComment)


async def everything(world):
    """All rows of all tables but the ballots and comments, as they are now."""

    def look(session):
        tables = [
            table
            for table in SQLModel.metadata.sorted_tables
            if not table.name.startswith(("pulse_ballot", "pulse_staged"))
        ]
        return {table.name: sorted(map(repr, session.connection().execute(select(table)))) for table in tables}

    return await world.database.read(look)


@pytest.fixture
def database_url(databases):
    with databases.untouched() as url:
        yield url


async def test_a_tap_and_a_form_write_a_ballot_and_nothing_else(world, company):
    """No dedupe row, no participation, nothing in the outbox, no act on a message, no word that somebody was seen."""
    sales, _marketing, shared = await opens(world, company)
    world.passes(days=1, hours=2)  # long after the platform vouched for them
    ana, bo = company.sellers[:2]
    ana.dm.unread.clear()
    before = await everything(world)
    await taps(ana, sales, AGREE)
    await taps(ana, sales, DISAGREE)
    await bo.presses("Answer...", on=shared)
    form = bo.form
    await bo.fills(a1="4", a2="2", words="They called back")
    await bo.submits_again(replace(form, token="a-token-of-a-form"), a1="4", a2="2", words="They called back")
    await bo.presses("Add a comment...", on=sales)
    await bo.fills(words="They called back twice")
    await world.background.drain()
    assert await everything(world) == before
    assert len(await rows_of(world, Ballot)) == 3
    assert [each.text for each in await rows_of(world, StagedComment)] == ["They called back twice"]
    ana.replies.clear(), bo.replies.clear()


async def test_many_taps_are_few_updates(world, company):
    sales, marketing, _shared = await opens(world, company)
    before = Counter(row.kind for row in await rows_of(world, OutboxRow))
    await everybody_taps(company, (sales, marketing))
    await everybody_taps(company, (sales, marketing), DISAGREE)
    assert Counter(row.kind for row in await rows_of(world, OutboxRow)) == before
    await world.looks_at_pulses()
    await world.looks_at_pulses()
    after = Counter(row.kind for row in await rows_of(world, OutboxRow))
    assert after - before == {"update": 3}, "one for each card"
    for member in (*company.sellers, *company.marketers):
        member.replies.clear()


async def test_the_card_shows_how_many_have_answered_and_never_what(world, company):
    sales, _marketing, shared = await opens(world, company)
    cards = []
    for value in (AGREE, DISAGREE):
        for seller in company.sellers[:3]:
            await taps(seller, sales, value)
            seller.replies.clear()
        await world.looks_at_pulses()
        cards.append((sales.text, shared.text))
    assert cards[0] == cards[1]
    assert "3 of 12 have answered (sales 3 of 6, marketing 0 of 6)" in cards[0][0]


@pytest.mark.parametrize("table", ABOUT_ANSWERS, ids=lambda table: table.__tablename__)
def test_what_is_answered_has_no_time_and_no_id_that_grows(table):
    columns = table.__table__.columns
    assert not [column.name for column in columns if isinstance(column.type, Instant)]
    assert table.__table__.autoincrement_column is None
    if table is not SealedAnswer:  # it counts, so nothing in it has an order
        assert table.__table__.dialect_options["sqlite"]["with_rowid"] is False


async def test_sealed_rows_are_of_one_transaction(world, company, database_kind):
    sales, marketing, _shared = await opens(world, company)
    await everybody_taps(company, (sales, marketing))
    for number, seller in enumerate(company.sellers):
        await taps(seller, sales, AGREE if number % 2 else DISAGREE, question=2)
        seller.replies.clear()
    await closes(world)
    assert len(await rows_of(world, SealedAnswer)) == 4
    if database_kind == "postgresql":
        query = text("SELECT count(DISTINCT xmin::text) FROM pulse_sealed_answer")
        assert await world.database.read(lambda session: session.connection().scalar(query)) == 1


async def test_a_failure_is_logged_by_the_name_of_the_action_only(world, company, caplog):
    sales, *_others = await opens(world, company)
    ana = company.sellers[0]

    def breaks(session):
        session.connection().execute(text("DROP TABLE pulse_ballot"))

    await world.database.write(breaks)
    with caplog.at_level(logging.DEBUG):
        await taps(ana, sales, DISAGREE)
    assert ana.reads().startswith("Something went wrong. Nothing was changed.")
    said = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert len(said) == 1
    assert said[0].startswith("pulse.vote failed, reference ")
    [record] = [record for record in caplog.records if record.name.startswith("bot")]
    assert record.exc_info is None
    row = await ana.row()
    for secret in (ana.person.external_id, f"member_id={row.id}", "U_", "[parameters", "INSERT", "SELECT"):
        assert secret not in said[0]


async def test_who_was_reminded_is_forgotten_at_the_close(world, company):
    sales, *_others = await opens(world, company)
    await taps(company.sellers[0], sales, AGREE)
    await closes(world)
    reminded = [member for member in (*company.sellers, *company.marketers) if member.dm.unread]
    assert len(reminded) == 11
    for member in reminded:
        assert member.reads_dm().message.headline in ("You have not answered the pulse yet", "This pulse is closed.")
    assert [row for row in await rows_of(world, OutboxRow) if row.subject == "pulse.reminder"]
    await world.looks_at_pulses()
    assert not [row for row in await rows_of(world, OutboxRow) if row.subject == "pulse.reminder"]


async def test_the_key_is_a_file_that_only_parley_reads_and_that_is_gone_after_the_close(world, company):
    await opens(world, company)
    [wave] = await waves(world)
    [path] = world.key_folder.glob("*.key")
    key = path.read_bytes()
    assert (path.stem, len(key)) == (wave.key_name, 32)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(world.key_folder.stat().st_mode) == 0o700
    assert (world.key_folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    still_open = os.open(path, os.O_RDONLY)
    await closes(world)
    assert path.exists(), "what was committed comes first"
    await world.looks_at_pulses()
    assert not path.exists()
    assert os.pread(still_open, 32, 0) != key, "it is overwritten before it goes"
    os.close(still_open)
    [wave] = await waves(world)
    assert wave.key_name is None
    assert wave.wiped_at == world.now
    for member in (*company.sellers, *company.marketers):
        member.dm.unread.clear()


async def test_comments_lose_whom_they_mention_and_where_they_link(world, company):
    sales, *_others = await opens(world, company)
    for number, seller in enumerate(company.sellers):
        await taps(seller, sales, AGREE)
        await seller.presses("Add a comment...", on=sales)
        await seller.fills(words=f"{number}: thanks <@U_mo> and @Mo, see https://x.example/a?b or mo@x.example")
        seller.reads()
    texts = {each.text for each in await rows_of(world, StagedComment)}
    assert texts == {f"{n}: thanks @… and @…, see (…) or (…)" for n in range(6)}
    assert "thanks" not in sales.text
    await closes(world)
    assert await rows_of(world, StagedComment) == []
    assert await rows_of(world, SealedComment) == [], "six are too few for comments"
    for member in (*company.sellers, *company.marketers):
        member.dm.unread.clear()
