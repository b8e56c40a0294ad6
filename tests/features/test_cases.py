"""The loop back: marketing acknowledges and decides, and every reporter hears what became of their words."""

import asyncio

from sqlmodel import select

from bot.core.context import MessageRef
from storage.campaigns import Campaign
from storage.cases import Decision, FeedbackCase, Receipt
from storage.clocks import Clock
from storage.people import Member
from tests.features.stories import a_lead, on_sqlite, rows


async def says(member, line):
    await member.types(f"/leadfeedback {line}")
    assert "Logged" in member.reads()


async def test_feedback_becomes_a_card_an_answer_and_a_receipt_that_helps(world, ana, mo, leads, marketing):
    lead = await a_lead(world, mo, leads, owner=ana)
    await says(ana, "L-1 R8 only three employees")

    case = marketing.reads()
    assert case.text == (
        "Feedback: outside the agreed customer profile (reject R8)\n"
        "Ana about L-1 · Acme Ltd\n> only three employees\n"
        "Acknowledge it, to say that you have seen it. Deadline: 2026-11-23 17:00\n[Acknowledge] [Decide...]"
    )
    await mo.presses("Acknowledge", on=case)
    assert mo.reads().startswith("Acknowledged: outside the agreed customer profile (reject R8)")
    assert "Seen by Mo." in case.text

    await mo.presses("Decide...", on=case)
    for told in ("outside the agreed customer profile (reject R8)", "L-1 · Acme Ltd", "only three employees"):
        assert told in str(mo.form.intro)
    await mo.fills(text="we filter out firms under ten people", due_on="2026-12-04")
    assert mo.reads() == "Decided. 1 person gets your answer."

    answer = "Mo: We will change this by Fri 4 Dec 2026: we filter out firms under ten people"
    assert answer in case.text
    assert case.buttons == []
    assert lead.reads_reply().text == f"Marketing answered: outside the agreed customer profile (reject R8)\n{answer}"
    receipt = ana.reads_dm()
    assert (
        "You said about L-1 · Acme Ltd: outside the agreed customer profile (reject R8)\n> only three employees"
        in receipt.text
    )
    assert "Mo in marketing: We will change this by Fri 4 Dec 2026: we filter out firms" in receipt.text

    await ana.presses("That helps", on=receipt)
    assert ana.reads() == "Thank you. Marketing sees it."
    assert "You said: that helps." in receipt.text
    assert "That helps: 1. That does not help: 0." in case.text

    await ana.types("/lead")
    assert (
        "outside the agreed customer profile (reject R8) · L-1 · Acme Ltd · We will change this by Fri 4 Dec 2026: we"
        in ana.reads()
    )
    clocks = {clock.kind: clock.stopped_at is not None for clock in await rows(world, Clock)}
    assert {"M1": True, "M2": True, "M3": True}.items() <= clocks.items()


async def test_similar_feedback_is_one_card_with_a_count_and_each_reporter_gets_one_receipt(
    world, ana, bo, mo, leads, marketing
):
    for company, owner in (("Acme", ana), ("Borealis", ana), ("Cobalt", bo)):
        await a_lead(world, mo, leads, owner=owner, company=company, campaign="Spring")
    await a_lead(world, mo, leads, owner=bo, company="Delta", campaign="Autumn")
    await says(ana, "L-1 R8 a kiosk")
    case = marketing.reads()
    await says(ana, "L-2 R8 a stall")
    await says(bo, "L-3 R8 a booth")
    assert "Said 3 times." in case.text
    assert "Campaign: Spring" in case.text

    await says(bo, "L-4 R8 another campaign")
    other = marketing.reads()
    assert "Campaign: Autumn" in other.text

    await mo.presses("Decide...", on=case)
    await mo.chooses(answer="no_change")
    assert [field.name for field in mo.form.fields] == ["answer", "text"]
    await mo.fills(text="small shops are our target this year")
    assert mo.reads() == "Decided. 2 people get your answer."
    assert ana.reads_dm().text.count("You said about") == 2
    assert "L-3 · Cobalt" in bo.reads_dm().text
    for card in list(leads.messages.values())[:3]:
        assert "We do not change this: small shops are our target" in card.reads_reply().text

    await a_lead(world, mo, leads, owner=ana, company="Echo", campaign="Spring")
    await says(ana, "L-5 R8 again")
    assert "Said" not in marketing.reads().text, "a decided case is closed; this is a new one"


async def test_praise_said_more_exactly_moves_to_its_like(world, ana, bo, mo, leads, marketing):
    for owner in (ana, bo):
        card = await a_lead(world, mo, leads, owner=owner, company=owner.name)
        await owner.presses("Good lead", on=card)
        which = owner.replies.popleft()
        if owner is ana:
            first = marketing.reads()
            assert first.text.startswith("Praise: good lead")
        else:
            second = marketing.reads()
        await owner.presses("right moment", on=which)
        owner.reads()

    assert first.text.startswith("Praise: right moment (good W2)\nSaid 2 times.")
    assert second.is_deleted, "nothing is left in it"


@on_sqlite
async def test_marketing_asks_for_more_examples_and_is_told_when_they_are_there(world, ana, bo, mo, leads, marketing):
    first = await a_lead(world, mo, leads, owner=ana, company="Acme")
    second = await a_lead(world, mo, leads, owner=bo, company="Borealis")
    await says(ana, "L-1 R9 just curious")
    case = marketing.reads()
    await mo.presses("Decide...", on=case)
    await mo.chooses(answer="need_more")
    await mo.fills(text="which channel did they come from?")
    assert mo.errors == {"examples": "How many more? Please write a number."}
    await mo.fills(examples="1")
    mo.reads()
    assert "We need one more example: which channel" in ana.reads_dm().text
    assert "1 of 2 examples so far." in case.text
    first.reads_reply()

    await says(bo, "L-2 R9 just curious too")
    assert "examples so far" not in case.text
    assert "The examples marketing asked for are here." in case.text
    assert case.reads_reply().text == (
        "The examples you asked for are here: not enough intent (reject R9)\n@Mo, you can decide now, on the card."
    )
    await mo.presses("Decide...", on=case)
    await mo.fills(text="a price on the landing page", due_on="2026-12-01")
    assert mo.reads() == "Decided. 2 people get your answer."
    assert "examples marketing asked for" not in case.text
    for reporter in (ana, bo):
        assert "a price on the landing page" in reporter.reads_dm().text
    for card in (first, second):
        assert "a price on the landing page" in card.reads_reply().text


async def test_the_campaign_owner_gets_the_card_instead_of_the_channel(world, ana, mo, leads, marketing):
    cem = await world.member("Cem", "other")
    await a_lead(world, mo, leads, owner=ana, campaign="Spring")

    def own(session):
        session.exec(select(Campaign)).one().owner_id = session.exec(
            select(Member.id).where(Member.name == "Cem")
        ).one()

    await world.database.write(own)
    await says(ana, "L-1 W6 lovely account")
    case = cem.reads_dm()
    assert case.text.startswith("Praise: good account (good W6)")
    await cem.presses("Acknowledge", on=case)
    assert cem.reads().startswith("Acknowledged"), "an owner may, whatever their side"


async def test_cases_wait_until_there_is_a_marketing_channel(world, ana, leads):
    ada = await world.member("Ada", "other", is_admin=True)
    await a_lead(world, ana, leads, owner=ana)
    await says(ana, "L-1 W1")
    channel = world.place("mktg")
    await ada.invites_parley(channel)
    introduction = channel.reads()
    await ada.presses(next(label for label in introduction.buttons if "arketing" in label), on=introduction)
    if ada.replies:
        ada.reads()
    assert channel.reads().text.startswith("Praise: right person (good W1)")


async def test_only_marketing_answers(world, ana, bo, mo, leads, marketing):
    await a_lead(world, mo, leads, owner=ana)
    await says(ana, "L-1 R7")
    case = marketing.reads()
    for label in ("Acknowledge", "Decide..."):
        await bo.presses(label, on=case)
        assert "Marketing answers this." in bo.reads()
    undecided = case.message
    await mo.presses("Decide...", on=case)
    form = mo.form
    await mo.fills(text="we add notes", due_on="2026-11-01")
    assert mo.errors == {"due_on": "Please choose a day that is not over."}
    await mo.fills(due_on="2026-12-01")
    mo.reads(), ana.reads_dm(), next(iter(leads.messages.values())).reads_reply()

    await mo.submits_again(form, text="we add more notes", due_on="2026-12-02")
    assert len(await rows(world, Decision)) == 1
    await mo.presses("Decide...", on=undecided)
    assert mo.reads() == "This was decided already."


async def test_a_receipt_is_answered_by_the_one_it_is_for(world, ana, bo, mo, leads, marketing):
    await a_lead(world, mo, leads, owner=ana)
    await says(ana, "L-1 R7")
    await mo.presses("Decide...", on=marketing.reads())
    await mo.fills(text="we add notes", due_on="2026-12-01")
    mo.reads(), next(iter(leads.messages.values())).reads_reply()
    receipt = ana.reads_dm()
    await bo.presses("That helps", on=receipt)
    assert bo.reads() == "This answer is for somebody else."


async def test_feedback_that_marketing_has_acknowledged_is_not_undone_any_more(world, ana, mo, leads, marketing):
    await a_lead(world, mo, leads, owner=ana)
    await ana.types("/leadfeedback L-1 R8 a kiosk")
    answer = ana.replies.popleft()
    await mo.presses("Acknowledge", on=marketing.reads())
    mo.reads()
    await ana.presses("Undo", on=answer)
    assert ana.reads() == "Mo has acted on it since, so it cannot be undone."
    assert "Rejected" in next(iter(leads.messages.values())).text, "the lead did not move either"


async def test_a_case_whose_words_were_all_withdrawn_is_closed_and_says_so(world, ana, leads, marketing):
    await a_lead(world, ana, leads, owner=ana)
    await ana.types("/leadfeedback L-1 R8 a kiosk")
    answer = ana.replies.popleft()
    case = marketing.reads()
    await ana.presses("Undo", on=answer)
    ana.reads()
    assert case.text == "Feedback: outside the agreed customer profile (reject R8)\nWithdrawn by its author."
    [row] = await rows(world, FeedbackCase)
    assert row.closed_at is not None


async def test_another_workspaces_case_cannot_be_touched(world, ana, mo, leads, marketing):
    await a_lead(world, mo, leads, owner=ana)
    await says(ana, "L-1 R8 a kiosk")
    case = marketing.reads()
    await world.workspace("W2")
    eve = await world.member("Eve", "marketing", workspace="W2", is_admin=True)
    for label in ("Acknowledge", "Decide..."):
        await eve.presses(label, on=case)
        assert eve.reads() == "This case no longer exists."


async def test_marketings_card_links_to_the_message_the_feedback_was_given_on(world, ana, mo, leads, marketing):
    await a_lead(world, mo, leads, owner=ana)
    message = MessageRef("C_sales", "5.0", text="They told <@U_mo> they went bankrupt", link="https://example.com/p5")
    await ana.uses_shortcut("leadfeedback", message)
    await ana.fills(about="lead:1", code="R11")
    ana.reads()
    case = marketing.reads()
    assert "On this message\n> They told @Mo they went bankrupt" in case.text


async def test_of_two_decisions_at_once_one_counts(world, ana, mo, leads, marketing):
    mia = await world.member("Mia", "marketing")
    lead = await a_lead(world, mo, leads, owner=ana)
    await says(ana, "L-1 R7")
    case = marketing.reads()
    for marketer in (mo, mia):
        await marketer.presses("Decide...", on=case)
    answers = {"text": "we add notes", "due_on": "2026-12-01"}
    await asyncio.gather(mo.fills(**answers), mia.fills(**answers))
    assert len(await rows(world, Decision)) == 1
    [late] = [marketer for marketer in (mo, mia) if marketer.errors]
    assert list(late.errors.values()) == ["This was decided already."]
    (mo if late is mia else mia).reads(), ana.reads_dm(), lead.reads_reply()


async def test_sellers_who_say_the_same_at_once_share_one_case(world, mo, leads, marketing):
    sellers = [await world.member(f"Seller{n}", "sales") for n in range(6)]
    for seller in sellers:
        await a_lead(world, mo, leads, owner=seller, company=seller.name)
    for code in ("W1", "W2", "W3"):
        await asyncio.gather(*(s.types(f"/leadfeedback L-{n + 1} {code}") for n, s in enumerate(sellers)))
        for seller in sellers:
            assert f" {code})" in seller.reads().splitlines()[0]
        assert "Said 6 times." in marketing.reads().text


@on_sqlite
async def test_a_reporter_who_left_gets_no_receipt_and_holds_nobody_up(world, ana, bo, mo, leads, marketing):
    for seller in (ana, bo):
        await a_lead(world, mo, leads, owner=seller, company=seller.name)
    await says(ana, "L-1 R7")
    await says(bo, "L-2 R7")
    await world.changes(bo, belongs=False)
    await mo.presses("Decide...", on=marketing.reads())
    await mo.fills(text="we add notes", due_on="2026-12-01")
    assert mo.reads() == "Decided. 1 person gets your answer."
    ana.reads_dm(), next(iter(leads.messages.values())).reads_reply()
    [m3] = [clock for clock in await rows(world, Clock) if clock.kind == "M3"]
    assert m3.stopped_at is not None


@on_sqlite
async def test_however_many_reporters_there_are_each_gets_a_receipt(world, mo, leads, marketing):
    sellers = [await world.member(f"Seller{n}", "sales") for n in range(13)]
    cards = [await a_lead(world, mo, leads, owner=s, company=s.name) for s in sellers]
    for n, seller in enumerate(sellers):
        await says(seller, f"L-{n + 1} R7")
    await mo.presses("Decide...", on=marketing.reads())
    await mo.fills(text="we add notes", due_on="2026-12-01")
    assert mo.reads() == "Decided. 13 people get your answer."
    for seller, card in zip(sellers, cards, strict=True):
        assert "we add notes" in seller.reads_dm().text
        assert "we add notes" in card.reads_reply().text
    [m3] = [clock for clock in await rows(world, Clock) if clock.kind == "M3"]
    assert m3.stopped_at is not None, "though the last of them stood at the same moment"


async def test_receipts_that_reach_nobody_hold_back_no_others_and_no_clock(world, mo, leads, marketing):
    sellers = [await world.member(f"Seller{n}", "sales") for n in range(12)]
    cards = [await a_lead(world, mo, leads, owner=s, company=s.name) for s in sellers]
    for n, seller in enumerate(sellers):
        await says(seller, f"L-{n + 1} R7")
    early, leaving, unreachable, late = sellers[:2], sellers[2:7], sellers[7:10], sellers[10:]
    world.unreachable.update(seller.person.external_id for seller in unreachable)
    world.gates["W1"] = asyncio.Event()
    await mo.presses("Decide...", on=marketing.reads())
    deciding = asyncio.create_task(mo.fills(text="we add notes", due_on="2026-12-01"))
    while not await rows(world, Receipt):
        pass
    for seller in leaving:
        await world.changes(seller, belongs=False)  # while the first receipts are on their way
    world.gates["W1"].set()
    await deciding
    assert mo.reads() == "Decided. 12 people get your answer."
    for seller in early + late:
        assert "we add notes" in seller.reads_dm().text
    for card in cards:
        assert "we add notes" in card.reads_reply().text
    [m3] = [clock for clock in await rows(world, Clock) if clock.kind == "M3"]
    assert m3.stopped_at is not None


async def test_after_more_examples_marketings_clock_runs_again(world, ana, bo, mo, leads, marketing):
    first = await a_lead(world, mo, leads, owner=ana, company="Acme")
    await a_lead(world, mo, leads, owner=bo, company="Borealis")
    await says(ana, "L-1 R9")
    case = marketing.reads()
    await mo.presses("Decide...", on=case)
    await mo.chooses(answer="need_more")
    await mo.fills(text="from where?", examples="1")
    mo.reads(), ana.reads_dm(), first.reads_reply()
    assert "0 to acknowledge, 0 to decide" in await mo.opens_home(), "it waits for more examples, not for marketing"
    await says(bo, "L-2 R9")
    assert "0 to acknowledge, 1 to decide" in await mo.opens_home()
    assert "you can decide now" in case.reads_reply().text
    running = [c for c in await rows(world, Clock) if c.kind == "M2" and c.stopped_at is None]
    assert [clock.responsible_id for clock in running] == [(await mo.row()).id]


async def test_praise_that_marketing_answered_stays_as_it_was(world, ana, mo, leads, marketing):
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.presses("Good lead", on=card)
    which = ana.replies.popleft()
    case = marketing.reads()
    await mo.presses("Decide...", on=case)
    await mo.fills(text="more of them", due_on="2026-12-01")
    mo.reads(), ana.reads_dm(), card.reads_reply()
    await ana.presses("right moment", on=which)
    ana.reads()
    assert "We will change this by Tue 1 Dec 2026: more of them" in case.text


async def test_a_note_that_marketing_answered_is_not_reworded(world, ana, mo, leads, marketing):
    lead = await a_lead(world, mo, leads, owner=ana)
    written = await ana.writes("feedback: the number is a fax", leads, thread=lead)
    ana.reads_dm()
    case = marketing.reads()
    await ana.edits(written, "feedback: the number is an old fax")
    assert "an old fax" in case.text
    await mo.presses("Acknowledge", on=case)
    mo.reads()
    await ana.edits(written, "feedback: something else")
    assert "an old fax" in case.text
