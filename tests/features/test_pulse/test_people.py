"""Who is asked, as which side, in whose words, and what becomes of those who leave."""

from datetime import date, timedelta

from bot.erasure import Erasing
from storage.ballots import Ballot, SealedAnswer, StagedComment
from storage.calendars import Absence
from storage.people import Member, Side
from storage.pulse import PulseAsked, WaveState
from storage.tables import add
from storage.workspaces import Workspace
from tests.features.stories import on_sqlite
from tests.features.test_pulse.weeks import (
    AGREE,
    MARKETERS,
    RATHER,
    THURSDAY,
    TUESDAY,
    a_company,
    closes,
    everybody_taps,
    opens,
    rows_of,
    taps,
    waves,
)


def forget_private(company):
    for member in (*company.sellers, *company.marketers, company.ada):
        member.dm.unread.clear()
        member.replies.clear()


async def test_where_both_sides_talk_everybody_answers_in_their_own_words(world, company):
    sales, _marketing, shared = await opens(world, company)
    mo, ana = company.marketers[0], company.sellers[0]
    await mo.presses("Answer...", on=shared)
    assert "once the pulse is closed, if at least 8 of your side have answered." in str(mo.form.intro)
    labels = [field.label for field in mo.form.fields]
    assert labels == ["The leads we passed this week deserved a seller's time", *labels[1:]]
    await mo.fills(a1="4", words="Good calls")
    assert mo.reads() == "Saved. You can change it until the pulse closes."
    await mo.presses("Answer...", on=shared)
    assert mo.form.fields[0].initial == "4", "they see what they have answered"
    assert mo.form.fields[-1].initial == "Good calls"
    await mo.fills(words=None)
    mo.reads()
    assert await rows_of(world, StagedComment) == [], "empty words are taken back"
    assert {(row.side, row.value) for row in await rows_of(world, Ballot)} == {("marketing", 4)}
    await ana.presses("Answer...", on=shared)
    assert ana.form.fields[0].label == "The leads I got this week deserved my time"
    ana.form = None
    await taps(mo, sales, AGREE)
    assert "you are asked with marketing" in mo.reads(), "the words on this card are not theirs"
    assert {(row.side, row.value) for row in await rows_of(world, Ballot)} == {("marketing", 4)}


async def test_those_who_are_of_no_side_or_away_or_from_outside_are_not_asked(world):
    cy_away = Absence(workspace_id=1, member_id=0, first_on=date(2026, 11, 20), last_on=date(2026, 11, 27))
    bo_away = Absence(workspace_id=1, member_id=0, first_on=date(2026, 11, 20), last_on=date(2026, 11, 25))
    company = await a_company(world)
    for member, absence in ((company.sellers[2], cy_away), (company.sellers[1], bo_away)):
        absence.member_id = (await member.row()).id
        await world.database.write(lambda session, absence=absence: add(session, absence))
    sales, _marketing, shared = await opens(world, company)
    assert "0 of 11 have answered (sales 0 of 5, marketing 0 of 6)" in sales.text
    late = await world.member("Late", "sales")
    for member in (company.ada, company.sellers[2], late):
        await member.presses("Answer...", on=shared)
        assert member.reads().startswith("Asked are those who were in sales or marketing")
    outsider = world.newcomer("Agent", belongs=False)
    await taps(outsider, sales, AGREE)
    assert "This is for members of the company" in outsider.reads()
    assert await rows_of(world, Ballot) == []


async def test_a_side_counts_as_it_was_when_the_pulse_opened(world, company):
    sales, _marketing, shared = await opens(world, company)
    ana = company.sellers[0]
    await taps(ana, sales, RATHER)
    await world.changes(ana, side=Side.MARKETING)
    await taps(ana, sales, AGREE)
    assert ana.reads() == "Your answer is changed."
    [ballot] = await rows_of(world, Ballot)
    assert (ballot.side, ballot.value) == ("sales", 5)
    await world.looks_at_pulses()
    assert "sales 1 of 6, marketing 0 of 6" in shared.text


@on_sqlite
async def test_a_side_of_four_is_not_asked_and_two_of_them_are_no_pulse(world):
    company = await a_company(world, marketers=MARKETERS[:4])
    await world.time_passes(TUESDAY)
    sales, shared = company.sales.reads(), company.shared.reads()
    assert not company.marketing.unread
    assert "0 of 6 have answered (sales 0 of 6)" in sales.text
    mo = company.marketers[0]
    await mo.presses("Answer...", on=shared)
    mo.reads()
    await world.time_passes(THURSDAY)
    assert company.sales.reads().text == (
        "Pulse 1 of Thu 26 Nov 2026\n"
        "Few answered (Sales 0 of 6): this may not represent them.\n"
        "Parley keeps no link from answers to people. Sides with fewer than 5 answers are hidden."
    )
    company.marketing.reads(), company.shared.reads()
    for seller in company.sellers[:2]:
        await world.changes(seller, belongs=False)
    await world.time_passes(TUESDAY + timedelta(weeks=1))
    assert not company.sales.unread
    assert [(wave.state, wave.reason) for wave in await waves(world)] == [
        (WaveState.CLOSED, None),
        (WaveState.SKIPPED, "too_few"),
    ]
    await company.ada.types("/pulse")
    assert "Pulse 2 was skipped: neither side has enough people to be shown." in company.ada.reads()
    forget_private(company)


async def test_somebody_who_is_erased_takes_their_answers_along(world, company):
    sales, marketing, _shared = await opens(world, company)
    await everybody_taps(company, (sales, marketing))
    ana = company.sellers[0]
    await ana.presses("Add a comment...", on=sales)
    await ana.fills(words="By Ana")
    ana.reads()
    row = await ana.row()
    erasing = Erasing(world.registry, world.database, lambda: world.now, lambda: world.delivery.wake())
    await erasing.finish(1, await erasing.begin(1, Member, row.id))
    assert await rows_of(world, StagedComment) == []
    assert len(await rows_of(world, Ballot)) == 11
    await world.looks_at_pulses()
    assert "11 of 11 have answered (sales 5 of 5, marketing 6 of 6)" in sales.text
    await closes(world)
    assert {(row.side, row.n) for row in await rows_of(world, SealedAnswer)} == {("sales", 5), ("marketing", 6)}
    assert row.id not in {asked.member_id for asked in await rows_of(world, PulseAsked)}


async def test_a_side_that_shrinks_below_five_in_mid_wave_is_hidden_with_all_that_would_tell_of_it(world, company):
    sales, marketing, _shared = await opens(world, company)
    ana, bo, cy, di, ed, _flo = company.sellers
    for member in (ana, bo, cy, di, ed):
        await taps(member, sales, AGREE)
    for n, member in enumerate(company.marketers):
        await taps(member, marketing, AGREE if n % 2 else RATHER)
    await world.changes(bo, side=Side.MARKETING)  # who was asked as a seller
    erasing = Erasing(world.registry, world.database, lambda: world.now, lambda: world.delivery.wake())
    await erasing.finish(1, await erasing.begin(1, Member, (await ana.row()).id))
    await world.looks_at_pulses()
    assert "10 of 11 have answered (sales 4 of 5, marketing 6 of 6)" in sales.text
    await closes(world)
    assert {row.side for row in await rows_of(world, SealedAnswer)} == {"marketing"}
    await world.works()
    await world.deliver()
    for channel in (company.sales, company.marketing, company.shared):
        text = channel.reads().text
        assert "Lead quality | Sales | - | - | fewer than 5 answered: hidden" in text
        assert "Lead quality | Marketing | 6 of 6 | 4.5 |" in text
        assert "sales less marketing" not in text
    forget_private(company)


async def test_a_pulse_ends_without_a_count_where_parley_is_removed(world, company):
    sales, marketing, _shared = await opens(world, company)
    await everybody_taps(company, (sales, marketing))

    def removed(at):
        return lambda session: setattr(session.get_one(Workspace, 1), "uninstalled_at", at)

    await world.database.write(removed(world.now))
    await world.looks_at_pulses()
    [wave] = await waves(world)
    assert (wave.state, wave.key_name, wave.wiped_at) == (WaveState.VOID, None, world.now)
    assert await rows_of(world, Ballot) == []
    assert await rows_of(world, SealedAnswer) == []
    assert not list(world.key_folder.glob("*.key"))
    await world.database.write(removed(None))
    await company.ada.types("/pulse privacy")
    stored, destroyed = company.ada.reads().split("\nDestroyed\n")
    assert "Stored now: Pulse 1, which was ended; nothing was counted\nWho was asked" in stored
    assert destroyed.startswith("At its end, 2026-11-24 10:00: every answer and comment with the code it stood under")


async def test_workspaces_do_not_meet(world, company):
    sales, *_others = await opens(world, company)
    await world.workspace("W2")
    other = await world.member("Eve", "sales", workspace="W2", is_admin=True)
    await taps(other, sales, AGREE)
    assert "This pulse is closed" in other.reads()
    assert await rows_of(world, Ballot) == []
    await other.types("/pulse settings")
    await other.fills()
    assert "The next one opens 2026-12-01 10:00" in other.reads()
