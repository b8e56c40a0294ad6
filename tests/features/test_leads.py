"""Leads, from marketing's hands to a deal, as sellers and marketers live it."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from bot.core.events import ChannelChanged
from bot.core.sender import Rejected
from bot.features.leads.importing import Told, import_leads
from storage.clocks import Clock
from storage.due import Due
from storage.leads import Lead, LeadEvent
from tests.features.stories import a_lead, on_sqlite, rows


async def test_a_lead_is_handed_off_accepted_worked_on_and_won(world):
    ana, mo, leads = (
        await world.member("Ana", "sales"),
        await world.member("Mo", "marketing"),
        await world.channel("leads"),
    )

    card = await a_lead(world, mo, leads, owner=ana)
    promise = "To be accepted within 4 working hours of this message."
    assert card.text.startswith(f"L-1 · Acme Ltd\nWaiting to be accepted by @Ana\n{promise}\nSource: webinar")
    assert card.buttons == ["Accept", "Good lead", "Reject...", "Not now...", "Need info"]

    steps = {
        "Accept": "You accepted L-1 · Acme Ltd.",
        "I tried to reach them": "Noted: you tried to reach L-1 · Acme Ltd.",
        "We are in contact": "Noted: you are in contact with L-1 · Acme Ltd.",
        "Qualified": "You qualified L-1 · Acme Ltd.",
        "Won": "You won L-1 · Acme Ltd. Congratulations!",
    }
    for label, answer in steps.items():
        await ana.presses(label, on=card)
        assert answer in ana.reads()
    assert "Won, with @Ana" in card.text
    assert card.buttons == []

    log = [(event.kind, event.state, event.via) for event in await rows(world, LeadEvent)]
    assert log == [
        ("add", "NEW", "command"),
        ("hand_off", "HANDED_OFF", "command"),
        ("accept", "ACCEPTED", "button"),
        ("attempt", "ATTEMPTING", "button"),
        ("connect", "CONNECTED", "button"),
        ("qualify", "QUALIFIED", "button"),
        ("win", "WON", "button"),
    ]
    clocks = [(clock.kind, clock.policy, clock.stopped_at is not None) for clock in await rows(world, Clock)]
    assert clocks == [("S1", "4h", True), ("S2", "24h<72h", True), ("S3", "10d", True)]


async def test_whoever_accepts_an_unowned_lead_takes_it_and_the_next_one_is_told_who_has_it(world):
    ana, bo, mo = (
        await world.member("Ana", "sales"),
        await world.member("Bo", "sales"),
        await world.member("Mo", "marketing"),
    )
    leads = await world.channel("leads")
    card = await a_lead(world, mo, leads)
    assert "Waiting to be accepted by anyone in sales" in card.text

    await mo.presses("Accept", on=card)
    assert "Leads are accepted by sales" in mo.reads()
    await ana.presses("Accept", on=card)
    ana.reads()
    assert "Accepted, with @Ana" in card.text
    await bo.presses("I tried to reach them", on=card)
    assert "L-1 is with Ana, who decides about it" in bo.reads()


async def test_the_clock_of_a_lead_that_waits_follows_its_owner(world):
    ana, bo, cy = [await world.member(name, "sales") for name in ("Ana", "Bo", "Cy")]
    leads = await world.channel("leads")
    ids = {member.name: (await member.row()).id for member in (ana, bo, cy)}

    async def responsible():
        return [clock.responsible_id for clock in await rows(world, Clock) if clock.stopped_at is None]

    heard = await bo.writes("New lead: Acme Ltd\nOwner: Ana", leads)
    card = leads.reads()
    assert await responsible() == [ids["Ana"]]
    await ana.opens_home()
    await bo.edits(heard, "New lead: Acme Ltd\nOwner: Bo")
    assert "Waiting to be accepted by @Bo" in card.text
    assert await responsible() == [ids["Bo"]]
    assert "You have no open leads." in world.homes[ana.person.external_id]

    await bo.presses("Accept", on=card)
    bo.reads()
    told = Told(line=2, key="L-1", columns={"owner_id": ids["Cy"]})
    await world.dispatcher.tell(bo.origin(), lambda ctx: import_leads(ctx, [told]))
    await world.deliver()
    assert "Accepted, with @Cy" in card.text
    assert await responsible() == [ids["Cy"]]


async def test_a_stand_in_and_an_admin_may_act_for_the_owner(world):
    ana, bo = await world.member("Ana", "sales"), await world.member("Bo", "sales")
    ada = await world.member("Ada", "other", is_admin=True)
    leads = await world.channel("leads")
    card = await a_lead(world, ada, leads, owner=ana)
    bo_id = (await bo.row()).id
    await world.changes(ana, stand_in_id=bo_id)

    await bo.presses("Accept", on=card)
    assert "You accepted" in bo.reads()
    await ada.presses("I tried to reach them", on=card)
    assert "Noted" in ada.reads()
    assert "Being contacted, with @Ana" in card.text


async def test_pressing_twice_and_pressing_what_does_not_fit_any_more_is_answered_kindly(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    before = card.message

    await ana.presses("Accept", on=card)
    ana.reads()
    await ana.presses("Accept", on=before)
    assert ana.reads() == "L-1 is accepted already."


async def test_an_acceptance_is_undone_by_the_one_who_did_it_within_a_day(world):
    ana, bo, leads = await world.member("Ana", "sales"), await world.member("Bo", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads)
    await ana.presses("Accept", on=card)
    answer = ana.replies.popleft()

    await bo.presses("Undo", on=answer)
    assert bo.reads() == "Only the one who did this can undo it."
    await ana.presses("Undo", on=answer)
    assert ana.reads() == "Undone: L-1 · Acme Ltd is waiting to be accepted again."
    assert "by anyone in sales" in card.text
    await ana.presses("Undo", on=answer)
    assert ana.reads() == "This was undone already."
    [s1] = [clock for clock in await rows(world, Clock) if not clock.is_void]
    assert (s1.kind, s1.stopped_at) == ("S1", None)


async def test_after_a_day_or_after_somebody_else_acted_nothing_is_undone(world):
    ana, bo, leads = await world.member("Ana", "sales"), await world.member("Bo", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads)
    await ana.presses("Accept", on=card)
    accepted = ana.replies.popleft()
    await world.changes(ana, stand_in_id=(await bo.row()).id)
    await bo.presses("I tried to reach them", on=card)
    bo.reads()

    await ana.presses("Undo", on=accepted)
    assert ana.reads() == "Bo has acted on it since, so it cannot be undone."

    other = await a_lead(world, ana, leads, company="Borealis")
    await ana.presses("Accept", on=other)
    accepted = ana.replies.popleft()
    world.passes(hours=25)
    await ana.presses("Undo", on=accepted)
    assert "24 hours" in ana.reads()


async def test_reactions_accept_and_look_and_taking_them_away_undoes(world):
    ana, bo, leads = await world.member("Ana", "sales"), await world.member("Bo", "sales"), await world.channel("leads")
    card = await a_lead(world, bo, leads, owner=ana)

    await ana.reacts("white_check_mark", on=card)
    assert "Accepted, with @Ana" in card.text
    await ana.unreacts("white_check_mark", on=card)
    assert "Waiting to be accepted by @Ana" in card.text

    await bo.reacts("eyes", on=card)
    assert "Looking at it: Bo" in card.text
    await bo.unreacts("eyes", on=card)
    assert "Looking" not in card.text


async def test_an_acceptance_by_somebody_else_is_an_opinion_that_the_card_shows_while_the_lead_waits(world):
    ana, bo, mo = [
        await world.member(name, side) for name, side in (("Ana", "sales"), ("Bo", None), ("Mo", "marketing"))
    ]
    leads = await world.channel("leads")
    card = await a_lead(world, mo, leads, owner=ana)

    await bo.reacts("white_check_mark", on=card)
    await mo.reacts("white_check_mark", on=card)
    assert "Waiting to be accepted by @Ana" in card.text
    assert "Would accept it: Bo, Mo" in card.text
    await mo.unreacts("white_check_mark", on=card)
    assert "Would accept it: Bo\n" in card.text

    await ana.presses("Accept", on=card)
    ana.reads()
    assert "Would accept it" not in card.text
    await bo.unreacts("white_check_mark", on=card)  # nothing to say: nobody has built on an opinion
    log = [(event.kind, event.via) for event in await rows(world, LeadEvent)][2:]
    said = ("would_accept", "reaction")
    assert log == [said, said, ("undo", "reaction"), ("accept", "button"), ("undo", "reaction")]


async def test_a_lead_added_by_mistake_is_withdrawn_by_the_one_who_added_it(world):
    bo, mo = await world.member("Bo", "sales"), await world.member("Mo", "marketing")
    leads = await world.channel("leads")
    await mo.types("/lead add Acme Ltd, webinar")
    added, card = mo.replies.popleft(), leads.reads()
    await mo.types("/lead add Acme Ltd, webinar")
    again = mo.replies.popleft()
    assert again.headline == "Already added: L-1 · Acme Ltd."

    await bo.reacts("eyes", on=card)
    await bo.presses("Undo", on=added)
    assert bo.reads() == "Only the one who did this can undo it."
    await mo.presses("Undo", on=again)
    assert mo.reads() == "Withdrawn: L-1 · Acme Ltd"
    assert card.text == "L-1 · Acme Ltd\nWithdrawn by the one who added it."
    await mo.presses("Undo", on=added)
    assert mo.reads() == "This was undone already."

    [s1] = await rows(world, Clock)
    assert s1.stopped_at, "nobody waits for it"
    await bo.types("/leadfeedback L-1 W1")
    assert bo.reads() == "This lead no longer exists."
    await bo.types("/lead acme")
    assert "I found no lead called “acme”." in bo.reads()
    await mo.types("/lead add Acme Ltd, webinar")
    assert "Added L-2" in mo.reads(), "at once, for it is not the same again"
    leads.reads()
    await mo.types("/parley report sources")
    assert "1 lead is not counted: it was added by mistake and withdrawn." in mo.reads()


@on_sqlite
async def test_a_lead_that_somebody_has_acted_on_or_that_is_a_day_old_is_not_withdrawn(world):
    bo, mo = await world.member("Bo", "sales"), await world.member("Mo", "marketing")
    leads = await world.channel("leads")

    async def adds(company):
        await mo.types(f"/lead add {company}")
        return mo.replies.popleft(), leads.reads()

    praised, _card = await adds("Acme")
    await bo.types("/leadfeedback L-1 W1")
    bo.reads()
    asked, question_card = await adds("Borealis")
    await bo.presses("Need info", on=question_card)
    await bo.fills(text="How many people?")
    bo.reads()
    accepted, accepted_card = await adds("Cobalt")
    await bo.presses("Accept", on=accepted_card)
    bo.reads()
    for answer in (praised, asked, accepted):
        await mo.presses("Undo", on=answer)
        assert mo.reads() == "Bo has acted on it since, so it cannot be undone."

    own, _card = await adds("Delta")
    await mo.types("/leadfeedback L-4 W1")
    said = mo.replies.popleft()
    await mo.presses("Undo", on=own)
    assert mo.reads() == "You did something later with this lead; undo that first."
    await mo.presses("Undo", on=said)
    mo.reads()
    await mo.presses("Undo", on=own)
    assert mo.reads() == "Withdrawn: L-4 · Delta"

    old, _card = await adds("Echo")
    world.passes(hours=25)
    await mo.presses("Undo", on=old)
    assert "24 hours" in mo.reads()


async def test_reactions_that_arrive_late_or_twice_change_nothing(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    added, removed = world.tick(), world.tick()

    await ana.unreacts("white_check_mark", on=card, at=removed)
    await ana.reacts("white_check_mark", on=card, at=added)  # put first, heard last
    assert "Waiting to be accepted" in card.text
    again = world.tick()
    await ana.reacts("white_check_mark", on=card, at=again)
    await ana.reacts("white_check_mark", on=card, at=again)
    assert "Accepted" in card.text
    assert [event.kind for event in await rows(world, LeadEvent)].count("accept") == 1


async def test_the_form_asks_for_everything_and_keeps_what_was_typed(world):
    ana, mo, leads = (
        await world.member("Ana", "sales"),
        await world.member("Mo", "marketing"),
        await world.channel("leads"),
    )
    await mo.types("/lead add")
    await mo.fills(company="  ", value="a lot")
    assert set(mo.errors) == {"company", "value"}
    assert mo.errors["value"] == "Please write a number."

    await mo.fills(
        company="Acme Ltd", owner=ana.person.external_id, source="Fair", campaign="Spring", value="12500.50",
        temperature="hot", contact="Kim", email="kim@acme.test", phone="+1 555", summary="Wants a <demo> & a *price*",
    )  # fmt: skip
    assert "Added L-1 · Acme Ltd." in mo.reads()
    card = leads.reads()
    for shown in (
        "Source: Fair",
        "Campaign: Spring",
        "Contact: Kim",
        "Value: 12,500.5",
        "Warmth: Hot",
        "> Wants a <demo>",
    ):
        assert shown in card.text
    [lead] = await rows(world, Lead)
    assert (lead.value_cents, lead.temperature) == (1250050, "hot")


async def test_a_second_press_of_submit_adds_nothing(world):
    mo, leads = await world.member("Mo", "marketing"), await world.channel("leads")
    await mo.types("/lead add")
    form = mo.form
    await mo.fills(company="Acme Ltd")
    mo.reads(), leads.reads()

    await mo.submits_again(form, company="Acme Ltd")

    assert len(await rows(world, Lead)) == 1


async def test_a_command_the_platform_delivers_twice_is_done_once(world):
    mo, leads = await world.member("Mo", "marketing"), await world.channel("leads")
    for _ in range(2):
        await mo.types("/lead add Acme Ltd", trigger="the same")
    mo.reads(), leads.reads()
    assert len(await rows(world, Lead)) == 1


async def test_a_line_that_cannot_be_read_is_explained(world):
    mo = await world.member("Mo", "marketing")
    await mo.types("/lead add , webinar")
    assert "name the company first" in mo.reads()
    await mo.types("/lead add Acme, <@U_mo> <@U_mo>")
    assert "one seller" in mo.reads()
    await mo.types("/lead add Acme, webinar, @nobody")
    assert "I do not know @nobody" in mo.reads()


async def test_a_lead_of_a_name_that_is_open_already_is_added_with_a_hint(world):
    mo, leads = await world.member("Mo", "marketing"), await world.channel("leads")
    await a_lead(world, mo, leads)
    await mo.types("/lead add Acme Ltd, webinar")
    assert mo.reads() == "Already added: L-1 · Acme Ltd.\n[Undo]", "the same a moment later is one lead"
    world.passes(minutes=1)
    await mo.types("/lead add ACME  ltd")
    assert "There is also L-1 of that name, waiting to be accepted." in mo.reads()
    leads.reads()


async def test_without_a_leads_channel_the_owner_gets_the_card_and_without_an_owner_it_waits(world):
    ana, ada = await world.member("Ana", "sales"), await world.member("Ada", "other", is_admin=True)
    await ada.types("/lead add Acme Ltd, webinar, <@U_ana>")
    ada.reads()
    assert "Waiting to be accepted by @Ana" in ana.reads_dm().text

    await ada.types("/lead add Borealis")
    assert "Nobody sees it yet" in ada.reads()


async def test_my_leads_are_listed_found_and_shown(world):
    ana, mo, leads = (
        await world.member("Ana", "sales"),
        await world.member("Mo", "marketing"),
        await world.channel("leads"),
    )
    await ana.types("/lead")
    assert "You have no open leads." in ana.reads()
    await a_lead(world, mo, leads, owner=ana)
    await a_lead(world, mo, leads, owner=ana, company="Acme Paper")

    await ana.types("/lead")
    mine = ana.replies.popleft()
    await ana.presses("L-2", on=mine)
    assert ana.reads().startswith("L-2 · Acme Paper")
    await ana.types("/lead acme")
    assert "These leads fit:" in ana.reads()
    await ana.types("/lead l-1")
    assert ana.reads().startswith("L-1 · Acme Ltd")
    await ana.types("/lead Zeta")
    assert "I found no lead called “Zeta”." in ana.reads()
    assert "L-1 · Acme Ltd  waiting to be accepted" in await ana.opens_home()


async def test_the_front_door_leads_to_leads_too(world):
    ana = await world.member("Ana", "sales")
    await ana.types("/parley lead")
    assert "You have no open leads." in ana.reads()
    await ana.types("/parley lead add")
    assert ana.form.title == "Add a lead"


async def test_people_from_outside_change_nothing_and_see_nothing(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    guest, foreigner = world.newcomer("Guest", belongs=False), world.newcomer("Foreigner")
    world.foreigners.add(foreigner.person.external_id)

    for stranger in (guest, foreigner):
        await stranger.presses("Accept", on=card)
        assert stranger.reads() == "This is for members of the company that installed Parley."
        await stranger.types("/lead Acme")
        assert stranger.reads() == "This is for members of the company that installed Parley."
        await stranger.reacts("white_check_mark", on=card)
        await stranger.writes("feedback: rubbish", leads, thread=card)
        assert await world.dispatcher.suggest(stranger.origin(), "leads.find", "acme") == []
    assert "Waiting to be accepted by @Ana" in card.text


async def test_another_workspace_sees_and_changes_nothing(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    await world.workspace("W2")
    eve = await world.member("Eve", "sales", workspace="W2", is_admin=True)

    await eve.presses("Accept", on=card)
    assert eve.reads() == "This lead no longer exists."
    await eve.types("/lead L-1")
    assert "I found no lead" in eve.reads()
    offered = await world.dispatcher.suggest(eve.origin(), "leads.find", "acme")
    assert [option.value for option in offered] == ["general"]
    await eve.types("/leadfeedback L-1 R8 nothing")
    assert "I found no lead" in str(eve.form.intro)
    assert "Waiting" in card.text


async def test_a_recycled_lead_knows_when_to_wake_and_is_counted_as_care(world):
    ana, leads = await world.member("Ana", "sales", timezone="Europe/Berlin"), await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    await ana.types("/leadfeedback L-1 N3 2027-03-01 contract ends in May")
    assert "It wakes up on Mon 1 Mar 2027." in ana.reads()

    assert "Kept for later: wakes on Mon 1 Mar 2027, with @Ana" in card.text
    wakes = select(Due).where(Due.kind == "leads.wake")
    [due] = await world.database.read(lambda session: session.exec(wakes).all())
    assert (due.kind, due.at.isoformat()) == ("leads.wake", "2027-03-01T08:00:00+00:00")
    assert card.buttons == []


async def test_it_wakes_when_the_owners_day_begins_and_its_old_card_says_so(world):
    ana, leads = await world.member("Ana", "sales", timezone="Europe/Berlin"), await world.channel("leads")
    old = await a_lead(world, ana, leads, owner=ana)
    waiting = old.message
    await ana.types("/leadfeedback L-1 N3 2027-03-01 contract ends in May")
    ana.replies.clear()
    await world.time_passes(datetime(2027, 3, 1, 7, 59, tzinfo=UTC))
    assert not leads.unread
    await world.time_passes(datetime(2027, 3, 1, 8, 0, tzinfo=UTC))
    card = leads.reads()
    assert "Waiting to be accepted by @Ana" in card.text
    assert "It was kept for later, and is back." in card.text
    assert (old.text, old.buttons) == ("L-1\nIt came back on Mon 1 Mar 2027, with a new card.", [])
    await world.time_passes(datetime(2027, 3, 1, 10, 0, tzinfo=UTC))
    assert "It was kept for later, and is back." in ana.reads_dm().text
    await ana.presses("Accept", on=waiting)
    assert ana.reads() == "L-1 has come back since; please use its newest card."
    await ana.presses("Accept", on=card)
    assert ana.reads().startswith("You accepted L-1")
    assert "Accepted, with @Ana" in card.text
    s1, s2 = [clock for clock in await rows(world, Clock) if clock.cycle == 2]
    assert (s1.kind, s1.started_at, s2.kind) == ("S1", datetime(2027, 3, 1, 8, 0, tzinfo=UTC), "S2")


async def test_on_a_day_off_of_the_week_it_sleeps_until_its_owner_works_wherever_that_is_by_then(world):
    ana, leads = await world.member("Ana", "sales", timezone="Europe/Berlin"), await world.channel("leads")
    await a_lead(world, ana, leads, owner=ana)
    await ana.types("/leadfeedback L-1 N3 2027-02-27 contract ends in May")
    assert "It wakes up on Mon 1 Mar 2027." in ana.reads()
    await world.changes(ana, timezone="America/New_York")
    await world.time_passes(datetime(2027, 3, 1, 13, 59, tzinfo=UTC))
    assert not leads.unread
    await world.time_passes(datetime(2027, 3, 1, 14, 0, tzinfo=UTC))
    assert "Waiting to be accepted by @Ana" in leads.reads().text


async def test_days_off_of_its_owner_do_not_hold_it_back_for_others_see_it_too(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    await a_lead(world, ana, leads, owner=ana)
    await ana.types("/leadfeedback L-1 N3 2027-03-01 contract ends in May")
    await ana.types("/parley me")
    await ana.fills(away_from="2027-02-22", away_until="2027-03-12")
    ana.replies.clear()
    await world.time_passes(datetime(2027, 3, 1, 9, 0, tzinfo=UTC))
    assert "Waiting to be accepted by @Ana" in leads.reads().text


async def test_whose_zone_nobody_knows_can_keep_a_lead_for_later(world):
    cy, leads = await world.member("Cy", "sales", timezone="Mars/Olympus"), await world.channel("leads")
    await a_lead(world, cy, leads, owner=cy)
    await cy.types("/leadfeedback L-1 N3 2027-03-01 contract ends in May")
    assert "It wakes up on Mon 1 Mar 2027." in cy.reads()
    await world.time_passes(datetime(2027, 3, 1, 9, 0, tzinfo=UTC))
    assert "Waiting to be accepted by @Cy" in leads.reads().text


@pytest.mark.parametrize(("first", "then"), [("2027-03-01", "2027-04-01"), ("2027-04-01", "2027-03-01")])
@on_sqlite
async def test_it_wakes_on_the_day_that_was_chosen_last(world, first, then):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    await a_lead(world, ana, leads, owner=ana)
    await ana.types(f"/leadfeedback L-1 N3 {first} contract ends in May")
    await ana.presses("Undo", on=ana.replies.pop())
    await ana.types(f"/leadfeedback L-1 N3 {then} contract ends in May")
    ana.replies.clear()
    await world.time_passes(datetime.fromisoformat(f"{then}T08:59:00Z"))
    assert not leads.unread
    await world.time_passes(datetime.fromisoformat(f"{then}T09:00:00Z"))
    assert "Waiting to be accepted by @Ana" in leads.reads().text


async def test_one_that_was_taken_up_again_before_does_not_wake(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    await ana.types("/leadfeedback L-1 N3 2027-03-01 contract ends in May")
    await ana.presses("Undo", on=ana.replies.pop())
    ana.replies.clear()
    await world.time_passes(datetime(2027, 3, 2, tzinfo=UTC))
    assert "waits for you" in ana.reads_dm().text
    assert "waits for you" in ana.reads_dm().text
    assert "Waiting to be accepted" in card.text
    assert not leads.unread


@on_sqlite
async def test_however_many_leads_waited_all_are_shown_when_there_is_a_leads_channel(world):
    ada = await world.member("Ada", "other", is_admin=True)
    for n in range(12):
        await ada.types(f"/lead add Company {n}")
        ada.reads()
    channel = world.place("new-leads")
    await ada.invites_parley(channel)
    await ada.presses("Leads", on=channel.reads())
    assert [channel.reads().message.headline for _ in range(12)] == [f"L-{n + 1} · Company {n}" for n in range(12)]


async def test_leads_that_waited_for_a_silent_channel_appear_when_it_may_be_spoken_in_again(world):
    ana, ada = await world.member("Ana", "sales"), await world.member("Ada", "other", is_admin=True)
    leads = await world.channel("leads")
    await world.tells(ada, ChannelChanged(leads.external_id, is_shared=True))
    silent = ada.reads_dm()
    await ana.types("/lead add Acme Ltd")
    assert "Nobody sees it yet" in ana.reads()
    await ada.presses("Allow", on=silent)
    ada.reads()
    assert "Waiting to be accepted" in leads.reads().text


async def test_two_quick_presses_are_one_attempt(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    await ana.presses("Accept", on=card)
    ana.reads()
    for _ in range(2):
        await ana.presses("I tried to reach them", on=card)
        ana.reads()
    world.passes(minutes=5)
    await ana.presses("I tried to reach them", on=card)
    ana.reads()
    assert [event.kind for event in await rows(world, LeadEvent)].count("attempt") == 2


async def test_who_works_on_neither_side_does_not_take_a_lead(world):
    oli, leads = await world.member("Oli", "other"), await world.channel("leads")
    card = await a_lead(world, oli, leads)
    await oli.presses("Accept", on=card)
    assert "Leads are accepted by sales" in oli.reads()


async def test_a_card_that_changed_while_parley_was_silent_is_drawn_again(world):
    ana, ada = await world.member("Ana", "sales"), await world.member("Ada", "other", is_admin=True)
    leads = await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    await world.tells(ada, ChannelChanged(leads.external_id, is_shared=True))
    silent = ada.reads_dm()
    await ana.presses("Accept", on=card)
    ana.reads()
    assert "Waiting to be accepted" in card.text
    await ada.presses("Allow", on=silent)
    ada.reads()
    await world.makes_good()
    assert "Accepted, with @Ana" in card.text


async def test_a_card_that_slack_refused_is_posted_when_parley_is_back(world):
    ana, ada = await world.member("Ana", "sales"), await world.member("Ada", "other", is_admin=True)
    leads = await world.channel("leads")
    world.failures.append(Rejected("not_in_channel"))
    await ana.types("/lead add Acme Ltd")
    ana.reads(), ada.reads_dm()
    await ada.invites_parley(leads)
    assert "Hello, I am Parley." in leads.reads().text
    await world.makes_good()
    assert "Waiting to be accepted" in leads.reads().text
    await world.makes_good()
    assert not leads.unread, "once"


async def test_of_two_who_accept_at_once_one_has_the_lead_and_the_other_is_told(world):
    ana, bo, leads = await world.member("Ana", "sales"), await world.member("Bo", "sales"), await world.channel("leads")
    for n in range(5):
        card = await a_lead(world, ana, leads, company=f"Company {n}")
        await asyncio.gather(ana.presses("Accept", on=card), bo.presses("Accept", on=card))
        answers = sorted([ana.reads(), bo.reads()])
        assert [answer.split()[0] for answer in answers] == [f"L-{n + 1}", "You"], answers
    accepted = [event for event in await rows(world, LeadEvent) if event.kind == "accept"]
    assert len(accepted) == 5


async def test_taking_away_a_reaction_undoes_what_it_did_and_not_what_a_button_did(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    await ana.presses("Accept", on=card)
    ana.reads()
    await ana.reacts("white_check_mark", on=card)
    await ana.unreacts("white_check_mark", on=card)
    assert "Accepted, with @Ana" in card.text


async def test_a_lead_its_owner_got_in_private_appears_in_the_leads_channel_when_there_is_one(world):
    ana, ada = await world.member("Ana", "sales"), await world.member("Ada", "other", is_admin=True)
    await ada.types("/lead add Acme Ltd, webinar, <@U_ana>")
    ada.reads()
    private = ana.reads_dm()
    channel = world.place("new-leads")
    await ada.invites_parley(channel)
    await ada.presses("Leads", on=channel.reads())
    card = channel.reads()
    await ana.presses("Accept", on=private)
    ana.reads()
    assert "Accepted, with @Ana" in card.text
    assert "Accepted, with @Ana" in private.text


async def test_whose_side_is_unknown_may_take_an_unowned_lead_and_else_has_an_opinion(world):
    oli, leads = await world.member("Oli"), await world.channel("leads")
    card = await a_lead(world, oli, leads)
    await oli.types("/leadfeedback L-1 R9 nobody wants it")
    assert "sales decides about it. Are you in sales? Tell me with /parley me" in oli.reads()
    assert "Waiting to be accepted by anyone in sales" in card.text
    assert "Oli thinks: not enough intent (reject R9)" in card.text
    await oli.presses("Need info", on=card)
    assert "so sales asks it" in oli.reads()

    await oli.presses("Accept", on=card)
    assert "You accepted" in oli.reads()
    await oli.types("/leadfeedback L-1 R7")
    assert "stays as it is" not in oli.reads()
    assert "Rejected, with @Oli" in card.text


async def test_a_long_line_is_kept_as_far_as_there_is_room(world):
    mo, leads = await world.member("Mo", "marketing"), await world.channel("leads")
    await mo.types(f"/lead add Acme, web, Spring, {'very long ' * 300}")
    assert "Added L-1 · Acme.\nSource: web\nCampaign: Spring" in mo.reads()
    assert "very long" in leads.reads().text
    await mo.types("/lead l1")
    assert mo.reads().startswith("L-1 · Acme")


async def test_a_company_that_nobody_can_see_is_refused(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    await ana.types("/lead add \u200b, web", leads)
    assert ana.reads().startswith("Please name the company first")
    await ana.types("/lead add", leads)
    await ana.fills(company="\u2060")
    assert ana.errors == {"company": "Please write something here."}


async def test_what_is_no_address_is_said_beside_the_field_and_what_was_typed_is_kept(world):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    await ana.types("/lead add", leads)
    await ana.fills(company="Acme", email="kim at acme")
    assert ana.errors == {"email": "An e-mail address looks like name@company.com."}
    await ana.fills(email="kim@acme.test")
    assert "Added L-1 · Acme." in ana.reads()
    assert "kim@acme.test" in leads.reads().text


@pytest.mark.parametrize(("typed", "meant"), [("hlep", "help"), ("addd", "add"), ("ad Acme, web", "add")])
async def test_a_typing_error_is_told_what_may_have_been_meant(world, typed, meant):
    ana = await world.member("Ana", "sales")
    await ana.types(f"/lead {typed}")
    assert f"Did you mean /lead {meant}?" in ana.reads()
