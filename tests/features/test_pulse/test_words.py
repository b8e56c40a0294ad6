"""What `/pulse` and its words say, the settings, the bank of statements, and what becomes of unheeded results."""

from datetime import timedelta

from storage.pulse import PulseQuestion, PulseStatement, PulseWave
from tests.features.stories import on_sqlite
from tests.features.test_pulse.test_people import forget_private
from tests.features.test_pulse.weeks import (
    AGREE,
    SECOND,
    THURSDAY,
    TUESDAY,
    WEEK,
    closes,
    everybody_taps,
    forget_results,
    opens,
    rows_of,
    sets,
    taps,
    waves,
)


async def test_only_admins_open_close_and_set_it_up(world, company):
    ana, ada = company.sellers[0], company.ada
    for words in ("/pulse now", "/pulse settings", "/pulse statements"):
        await ana.types(words)
        assert "Only an admin of Parley can do this" in ana.reads()
    await ada.types("/pulse now")
    assert ada.reads() == "The pulse is open.\nIt closes 2026-11-26 17:00."
    await ada.types("/pulse now")
    assert "A pulse is open already." in ada.reads()
    company.sales.reads(), company.marketing.reads(), company.shared.reads()
    await ada.types("/pulse")
    overview = ada.replies.popleft()
    await ada.presses("Close it now", on=overview)
    assert "The pulse is closed." in ada.reads()
    await ada.presses("Close it now", on=overview)
    assert ada.reads() == "This pulse is closed already."
    await world.time_passes(TUESDAY)
    forget_results(company)
    assert len(await waves(world)) == 1, "this week was asked"
    await ana.types("/pulse")
    assert "Close it now" not in ana.reads()
    await ana.types("/pulse privcy")
    assert "Did you mean /pulse privacy?" in ana.reads()


async def test_thresholds_are_raised_for_the_next_pulse_and_never_lowered(world, company):
    ada = company.ada
    await opens(world, company)
    await sets(company, threshold="6", comment_threshold="9")
    await ada.types("/pulse settings")
    await ada.fills(threshold="4")
    assert ada.errors == {"threshold": "Please write a number of at least 5."}
    await ada.fills(threshold="6", comment_threshold="7")
    assert ada.errors == {"comment_threshold": "Please write a number of at least 8."}
    ada.form = None
    [wave] = await waves(world)
    assert (wave.threshold, wave.comment_threshold) == (5, 8), "as it was when the pulse opened"
    await ada.types("/pulse settings")
    await ada.fills(closes_on="2", closes_at="12:00")
    assert ada.errors == {"closes_at": "People need at least four hours to answer."}
    ada.form = None
    await sets(company, opens_on=None)
    await ada.types("/pulse")
    assert "No pulse opens by itself." in ada.reads()


@on_sqlite
async def test_privacy_in_plain_words_before_during_and_after(world, company):
    ana = company.sellers[0]
    await ana.types("/pulse privacy")
    said = ana.reads()
    assert (
        "Parley's own storage, as of the close, gives nobody a better link between a person and an answer than the "
        "published result and the list of those asked already give."
    ) in said
    assert "nothing is stored" in said
    sales, *_others = await opens(world, company)
    await ana.presses("What is stored?", on=sales)
    said = ana.reads()
    assert "Stored now: Pulse 1, which is open" in said
    assert "until the close, whoever runs parley and has both the database and the key could tell" in said.lower()
    assert "A backup made while a pulse is open is outside the promise" in said
    await closes(world)
    await ana.types("/pulse privacy")
    assert "are being destroyed just now" in ana.reads()
    await world.looks_at_pulses()
    await ana.types("/pulse privacy")
    said = ana.reads()
    assert "At the close, 2026-11-26 17:00: every single answer with the code it stood under" in said
    assert "Then the key, and what the database still had of all this in its own files: 2026-11-26 17:00." in said
    forget_private(company)


async def test_an_admin_words_a_statement_and_what_was_asked_keeps_its_words(world, company):
    sales, *_others = await opens(world, company)
    ada = company.ada
    await ada.types("/pulse statements")
    await ada.fills(code="L1")
    assert ada.form.fields[0].initial == "The leads I got this week deserved my time"
    assert [option.value for option in ada.form.fields[2].options] == ["yes"], "an anchor is always asked"
    await ada.fills(sales="Leads were worth it", marketing=None)
    assert "to sales “Leads were worth it”" in ada.reads()
    await ada.types("/pulse statements")
    await ada.fills(code="G3")
    await ada.fills(asked="no")
    ada.reads()
    await world.looks_at_pulses()
    assert "The leads I got this week deserved my time" in sales.text
    await ada.types("/pulse next")
    said = ada.reads()
    assert "• Leads were worth it" in said
    assert "I had a real say" not in said
    assert said.count("Week of") == 6
    kept = {each.code: (each.sales, each.marketing, each.is_off) for each in await rows_of(world, PulseStatement)}
    assert kept == {"L1": ("Leads were worth it", None, False), "G3": (None, None, True)}
    await closes(world)
    await world.time_passes(TUESDAY + 2 * WEEK - SECOND)
    forget_results(company)
    await world.time_passes(TUESDAY + 2 * WEEK)
    assert "1. Leads were worth it" in company.sales.reads().text
    versions = [wave.bank_version for wave in await waves(world)]
    assert versions == [1, 3, 3]
    assert len(await rows_of(world, PulseQuestion)) == 2 + 3 + 3
    company.marketing.unread.clear(), company.shared.unread.clear()
    forget_private(company)


@on_sqlite
async def test_heads_who_were_asked_nothing_cost_no_week(world, company):
    """Five sellers answered, but no question got five answers: there was nothing to say a sentence about."""
    await world.changes(company.sellers[0], is_head=True)
    sales, *_others = await opens(world, company)
    for number, seller in enumerate(company.sellers[:5]):
        await taps(seller, sales, AGREE, question=1 + number % 2)
    await world.time_passes(TUESDAY + WEEK - SECOND)
    assert "What will you do" not in "".join(posted.text for posted in company.sellers[0].dm.unread)
    forget_results(company)
    await world.time_passes(TUESDAY + WEEK)
    first, second = await waves(world)
    assert (first.sales_answered, second.state, second.is_unheeded) == (5, "open", False)
    forget_results(company)
    forget_private(company)


@on_sqlite
async def test_a_result_without_a_sentence_costs_a_week_and_then_it_is_asked_anyway(world, company):
    await world.changes(company.sellers[0], is_head=True)
    sales, marketing, _shared = await opens(world, company)
    await everybody_taps(company, (sales, marketing))
    await world.time_passes(TUESDAY + WEEK - SECOND)
    forget_results(company)
    await world.time_passes(TUESDAY + WEEK)
    assert not company.sales.unread
    assert (await waves(world))[-1].reason == "no_sentence"
    await company.ada.types("/pulse")
    assert "Pulse 2 was skipped: the last result got no sentence from the heads." in company.ada.reads()
    await world.time_passes(TUESDAY + 2 * WEEK)
    sales, marketing, _shared = company.sales.reads(), company.marketing.reads(), company.shared.reads()
    assert "a week was skipped for it. We ask anyway." in sales.text
    await everybody_taps(company, (sales, marketing))
    await world.time_passes(THURSDAY + 2 * WEEK)
    forget_results(company)
    ana = company.sellers[0]
    [*_others, question] = ana.dm.unread
    await ana.presses("Say what we will do...", on=question)
    await ana.fills(text="We call within two hours")
    ana.reads()
    await world.time_passes(TUESDAY + 3 * WEEK)
    card = company.sales.reads()
    assert "We ask anyway" not in card.text
    lines = card.text.splitlines()
    assert lines[1:3] == ["You said, and this is what we do:", "Sales will do: We call within two hours"]
    assert "Sales will do: We call within two hours" in company.shared.unread[0].text
    company.marketing.unread.clear(), company.shared.unread.clear()
    forget_private(company)


async def test_once_a_quarter_symptoms_are_asked_instead(world, company):
    await opens(world, company)

    def long_ago(session):
        session.get_one(PulseWave, 1).week -= 11 * WEEK

    await world.database.write(long_ago)
    await world.time_passes(TUESDAY + WEEK - SECOND)
    forget_results(company)
    await world.time_passes(TUESDAY + WEEK)
    card = company.sales.reads()
    assert card.message.headline == "Quarterly check: seven symptoms"
    company.marketing.reads(), company.shared.reads()
    ana = company.sellers[0]
    await ana.presses("Answer...", on=card)
    labels = [option.label for option in ana.form.fields[0].options]
    assert labels == ["No", "Sometimes", "Yes"]
    await ana.fills(a1="3", a7="1")
    ana.reads()
    await world.looks_at_pulses()
    assert "sales 1 of 6" in card.text
    await ana.presses("Answer...", on=card)
    await ana.fills(a2="5")
    assert list(ana.errors.values()) == ["This pulse does not ask that."]
    ana.form = None
    forget_private(company)


async def test_a_reminder_comes_once_and_in_working_hours(world, company):
    sales, *_others = await opens(world, company)
    ana, bo, cy = company.sellers[:3]
    await taps(ana, sales, AGREE)
    await world.changes(bo, timezone="Asia/Tokyo")  # where it is past ten in the evening in the middle of the pulse
    middle = TUESDAY + (THURSDAY - TUESDAY) / 2
    await world.time_passes(middle)
    assert not ana.dm.unread
    assert not bo.dm.unread
    card = cy.reads_dm()
    assert card.message.headline == "You have not answered the pulse yet"
    await cy.presses("Answer...", on=card)
    await cy.fills(a1="5")
    cy.reads()
    await world.time_passes(middle + timedelta(hours=12))
    assert bo.reads_dm().message.headline == "You have not answered the pulse yet"
    await closes(world)
    assert not cy.dm.unread
    assert not bo.dm.unread
    forget_private(company)


async def test_an_admin_without_a_pulse_is_shown_where_to_begin(world):
    ada = await world.member("Ada", "other", is_admin=True)
    assert "There is no weekly pulse yet" in await ada.opens_home()
    await ada.types("/pulse settings")
    await ada.fills()
    ada.reads()
    assert "weekly pulse" not in await ada.opens_home()
