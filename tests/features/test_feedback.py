"""Feedback out of a seller's head in ten seconds, in every way there is."""

from datetime import date

import pytest

from bot.core.context import MessageRef
from storage.calendars import HolidayCalendar, keep_holidays
from storage.feedback import Feedback
from storage.leads import Lead
from tests.features.stories import a_lead, on_sqlite, rows


@pytest.fixture
async def card(world, ana, leads):
    return await a_lead(world, ana, leads, owner=ana)


def offered(form):
    """The codes a form offers, by their groups."""
    [codes] = [field for field in form.fields if field.name == "code"]
    return {group.label: [option.value for option in group.options] for group in codes.options}


async def test_one_line_logs_at_once_and_the_lead_follows(world, ana, card):
    await ana.types("/leadfeedback L-1 R8 only three employees")

    answer = ana.replies.popleft()
    assert answer.headline == "Logged: outside the agreed customer profile (reject R8)"
    assert "Rejected, with @Ana" in card.text
    assert "Ana: outside the agreed customer profile (reject R8). only three employees" in card.text

    await ana.presses("Undo", on=answer)
    assert ana.reads() == "Withdrawn: outside the agreed customer profile (reject R8)"
    assert "Waiting to be accepted by @Ana" in card.text
    assert "Withdrawn by Ana: outside the agreed customer profile (reject R8)" in card.text


async def test_the_same_words_a_moment_later_are_logged_once(world, ana, card):
    await ana.types("/leadfeedback L-1 W3 the brochure on pumps")
    ana.reads()
    await ana.types("/leadfeedback L-1 W3 the brochure on pumps")
    repeated = ana.replies.popleft()
    assert repeated.headline == "Already logged: well informed by our material (good W3)"
    assert len(await rows(world, Feedback)) == 1

    world.passes(seconds=31)
    await ana.types("/leadfeedback L-1 W3 the brochure on pumps")
    assert ana.reads().startswith("Logged: well informed by our material (good W3)")
    assert len(await rows(world, Feedback)) == 2


async def test_the_form_finds_the_lead_and_offers_only_what_its_state_allows(world, ana, card):
    await ana.types("/leadfeedback")
    assert {"Good", "Reject", "Disqualify", "Not now", "Market note"} == set(offered(ana.form))

    found = {option.label: option.value for option in await ana.searches("about", "acm")}
    await ana.chooses(about=found["L-1 · Acme Ltd"])
    codes = offered(ana.form)
    assert "Disqualify" not in codes, "only after contact"
    assert "R8" in codes["Reject"]
    assert "N7" not in codes["Not now"], "unreachable only after an attempt"

    await ana.fills(code="R10", note="a student")
    assert ana.reads().startswith("Logged: not a buyer (reject R10)")
    assert "Rejected" in card.text


async def test_what_is_wrong_in_the_form_is_said_beside_the_field_and_what_was_typed_is_kept(world, ana, card):
    await ana.types("/leadfeedback")
    await ana.fills(about="lead:1", code="R0", note="too small")
    assert ana.errors == {"note": "Please say it in at least five words, so that others can learn from it."}
    await ana.fills(code="N1", note="in spring")
    assert ana.errors == {"wake_on": "When should it wake up? Please choose a day."}
    await ana.fills(wake_on="2026-11-23")
    assert ana.errors == {"wake_on": "Please choose a day after today."}
    await ana.fills(wake_on="2036-01-01")
    assert ana.errors == {"wake_on": "Please choose a day within three years."}
    await ana.fills(wake_on="2027-03-01")
    said = ana.reads()
    assert "Logged: timing (not now N1)" in said
    assert "> in spring" in said
    assert len(await rows(world, Feedback)) == 1


async def test_a_code_that_asks_something_is_offered_with_its_question(world, ana, card):
    ada = await world.member("Ada", "other", is_admin=True)
    await ada.types("/leadfeedback codes")
    await ada.presses("Change or add a code...", on=ada.replies.popleft())
    await ada.fills(code="R4", label="seen before")
    ada.reads()

    await ana.types("/leadfeedback")
    [codes] = [field for field in ana.form.fields if field.name == "code"]
    offered = [option.label for group in codes.options for option in group.options]
    assert "D2 no fit. Which requirement?" in offered
    assert "R0 other reason to reject. Say which, in five words or more." in offered
    assert "R8 outside the agreed customer profile" in offered
    assert "R4 seen before" in offered, "the question was about another meaning"


async def test_submitting_the_form_twice_logs_once(world, ana, card):
    await ana.types("/leadfeedback")
    form = ana.form
    await ana.fills(about="lead:1", code="W1")
    ana.reads()
    await ana.submits_again(form, about="lead:1", code="W2")
    assert [feedback.code for feedback in await rows(world, Feedback)] == ["W1"]


async def test_a_code_that_does_not_fit_is_explained(world, ana, card):
    await ana.types("/leadfeedback L-1 D1")
    assert "L-1 is waiting to be accepted, so D1 does not fit." in ana.reads()
    for label in ("Accept", "I tried to reach them"):
        await ana.presses(label, on=card)
        ana.reads()
    await ana.types("/leadfeedback L-1 R8 too late")
    assert "L-1 is being contacted, so R8 does not fit." in ana.reads()
    await ana.types("/leadfeedback L-1 N7 2w")
    assert "Logged: unreachable after the plan (not now N7)" in ana.reads()


async def test_after_contact_a_lead_is_disqualified_and_a_hard_stop_is_remembered(world, ana, card):
    for label in ("Accept", "I tried to reach them", "We are in contact"):
        await ana.presses(label, on=card)
        ana.reads()
    assert "Disqualify..." in card.buttons
    await ana.presses("Disqualify...", on=card)
    assert set(offered(ana.form)) == {"Disqualify"}
    await ana.fills(code="D7")
    ana.reads()
    assert "Disqualified, with @Ana" in card.text
    [lead] = await rows(world, Lead)
    assert lead.must_not_be_contacted


async def test_a_company_name_opens_the_form_filled_in_and_several_matches_are_offered(world, ana, leads, card):
    await ana.types("/leadfeedback Acme R9 they only wanted the white paper")
    initial = {field.name: field.initial for field in ana.form.fields}
    assert (initial["about"].label, initial["code"]) == ("L-1 · Acme Ltd", "R9")
    assert initial["note"] == "they only wanted the white paper"
    await ana.fills()
    assert ana.reads().startswith("Logged: not enough intent (reject R9)")

    await a_lead(world, ana, leads, owner=ana, company="Acme Paper")
    await ana.types("/leadfeedback acme nice people")
    choice = ana.replies.popleft()
    assert choice.headline == "Which lead do you mean?"
    await ana.presses("L-2 Acme Paper", on=choice)
    assert {field.name: field.initial for field in ana.form.fields}["note"] == "nice people"
    await ana.fills(code="W1")
    assert "About L-2 · Acme Paper" in ana.reads()


async def test_a_lead_nobody_knows_keeps_what_was_typed(world, ana):
    await ana.types("/leadfeedback Zeta closed down years ago")
    assert "no lead called “', 'Zeta'" in str(ana.form.intro)
    assert {f.name: f.initial for f in ana.form.fields}["note"] == "Zeta closed down years ago"


@pytest.mark.parametrize(("typed", "meant"), [("hepl", "help"), ("code", "codes"), ("Genral", "general")])
async def test_a_typing_error_is_told_the_nearest_word_and_nothing_is_logged(world, ana, typed, meant):
    await ana.types(f"/leadfeedback {typed}")
    assert ana.reads() == f"I found no lead called “{typed}”. Did you mean this?\n/leadfeedback {meant}"
    assert await rows(world, Feedback) == []


async def test_a_company_called_nearly_like_a_word_is_found_all_the_same(world, ana, leads):
    await a_lead(world, ana, leads, owner=ana, company="Codex")
    await ana.types("/leadfeedback codex")
    assert {field.name: field.initial for field in ana.form.fields}["about"].label == "L-1 · Codex"


async def test_what_is_said_in_general_is_logged_in_one_line_or_with_the_form(world, ana):
    await ana.types("/leadfeedback general M2 too expensive for small shops")
    said = ana.reads()
    assert said.startswith("Logged: price objection (market note M2)\nIn general, about no lead")
    [logged] = await rows(world, Feedback)
    assert (logged.lead_id, logged.campaign_id, logged.note) == (None, None, "too expensive for small shops")

    await ana.types("/leadfeedback general they love the new booth")
    assert set(offered(ana.form)) == {"Good", "Market note"}
    await ana.fills(code="W3")
    assert "> they love the new booth" in ana.reads()

    await ana.types("/leadfeedback general R8")
    assert ana.reads() == "R8 is said of a lead. Please choose one."
    await ana.types("/leadfeedback general M77 what now")
    assert "There is no code M77." in ana.reads()


async def test_a_company_called_general_is_not_taken_for_the_market(world, ana, leads):
    await a_lead(world, ana, leads, owner=ana, company="General Electric")
    await ana.types("/leadfeedback general electric R8 too big")
    initial = {field.name: field.initial for field in ana.form.fields}
    assert (initial["about"].label, initial["code"], initial["note"]) == ("L-1 · General Electric", "R8", "too big")

    await ana.types("/leadfeedback general M2 too expensive")
    choice = ana.replies.popleft()
    assert [button.label for button in choice.parts[0].row] == ["L-1 General Electric", "In general, about no lead"]
    await ana.presses("In general, about no lead", on=choice)
    await ana.fills()
    assert "\nIn general, about no lead" in ana.reads()


async def test_of_a_campaign_and_in_general_there_are_praise_and_market_notes(world, ana, leads):
    await a_lead(world, ana, leads, owner=ana, campaign="Spring")
    await ana.types("/leadfeedback")
    found = {option.label: option.value for option in await ana.searches("about", "spr")}
    await ana.chooses(about=found["Campaign: Spring"])
    assert set(offered(ana.form)) == {"Good", "Market note"}
    await ana.fills(code="M2", note="too expensive for small shops")
    assert "About Campaign: Spring" in ana.reads()

    await ana.types("/leadfeedback")
    await ana.chooses(about="general")
    await ana.fills(code="R8")
    assert "R8 is said of a lead" in ana.errors["about"]
    await ana.fills(code="M1")
    assert "In general, about no lead" in ana.reads()


async def test_the_buttons_of_the_card_praise_reject_and_put_off(world, ana, leads, card):
    await ana.presses("Good lead", on=card)
    which = ana.replies.popleft()
    assert "What was good about it?" in str(which)
    await ana.presses("right moment", on=which)
    assert ana.reads().startswith("Logged: right moment (good W2)")
    assert [(f.code, f.withdrawn_at) for f in await rows(world, Feedback)] == [("W2", None)]
    assert "Ana: right moment (good W2)" in card.text

    await ana.presses("Reject...", on=card)
    assert ana.form.fields[0].label == "Why do you reject it?"
    await ana.presses("Not now...", on=card)
    assert ana.form.fields[0].label == "Why not now?"
    await ana.fills(code="N2", wake_on="2027-01-15")
    ana.reads()
    assert "Kept for later: wakes on Fri 15 Jan 2027" in card.text


async def test_what_others_say_is_kept_as_an_opinion(world, ana, card):
    bo = await world.member("Bo", "sales")
    await bo.presses("Reject...", on=card)
    await bo.fills(code="R8", note="a kiosk")
    assert "its owner decides about it" in bo.reads()
    assert "Waiting to be accepted by @Ana" in card.text
    assert "Bo thinks: outside the agreed customer profile (reject R8). a kiosk" in card.text


async def test_thumbs_up_is_logged_and_asks_in_private_what_was_good(world, ana, card):
    await ana.reacts("+1", on=card)
    asked = ana.reads_dm()
    assert asked.text.startswith("Logged: L-1 · Acme Ltd is a good lead")
    await ana.presses("clear pain", on=asked)
    assert asked.text.startswith("Logged: clear pain (good W4)")

    await ana.unreacts("+1", on=card)
    assert asked.text == "Withdrawn: clear pain (good W4)"
    assert all(feedback.withdrawn_at for feedback in await rows(world, Feedback))


async def test_thumbs_down_asks_for_the_code_and_taking_it_away_undoes(world, ana, card):
    await ana.reacts("-1", on=card)
    asked = ana.reads_dm()
    assert asked.text.startswith("What is wrong with L-1 · Acme Ltd?")
    assert "Waiting" in card.text, "nothing is changed until the code is known"
    await ana.presses("no context", on=asked)
    assert asked.text.startswith("Logged: no context (reject R7)")
    assert "Rejected, with @Ana" in card.text

    await ana.unreacts("-1", on=card)
    assert "Waiting to be accepted by @Ana" in card.text
    assert asked.text == "Withdrawn: no context (reject R7)"


async def test_a_reaction_taken_back_before_the_answer_logs_nothing(world, ana, card):
    await ana.reacts("-1", on=card)
    asked = ana.reads_dm()
    await ana.unreacts("-1", on=card)
    assert asked.text == "You took your reaction back; nothing was logged."
    assert await rows(world, Feedback) == []


async def test_the_recycle_reaction_asks_when_and_one_tap_answers(world, ana, card):
    await ana.reacts("recycle", on=card)
    asked = ana.reads_dm()
    assert asked.text.startswith("When should L-1 · Acme Ltd wake up?")
    await ana.presses("3 months", on=asked)
    assert "It wakes up on Mon 22 Feb 2027." in asked.text
    assert "Kept for later" in card.text


async def test_no_entry_asks_whether_it_is_a_duplicate_or_with_the_wrong_owner(world, ana, card):
    await ana.reacts("no_entry_sign", on=card)
    asked = ana.reads_dm()
    await ana.presses("duplicate", on=asked)
    assert asked.text.startswith("Logged: duplicate (reject R4)")
    assert "Rejected" in card.text


async def test_a_reaction_that_does_not_fit_any_more_is_answered_in_private(world, ana, card):
    await ana.types("/leadfeedback L-1 R8")
    ana.reads()
    await ana.reacts("-1", on=card)
    assert "closed or too far on" in ana.reads_dm().text


async def test_the_shortcut_takes_the_message_along(world, ana, card):
    message = MessageRef("C_sales", "5.0", text="Acme told me they went bankrupt", link="https://example.com/p5")
    await ana.uses_shortcut("leadfeedback", message)
    assert "went bankrupt" in str(ana.form.intro)
    await ana.fills(about="lead:1", code="R11")
    ana.reads()
    [feedback] = await rows(world, Feedback)
    assert (feedback.quote, feedback.link) == ("Acme told me they went bankrupt", "https://example.com/p5")


async def test_the_shortcut_on_a_leads_card_is_about_that_lead(world, ana, card):
    message = MessageRef("C_leads", card.ts, text=card.text, link="https://example.com/p5")
    await ana.uses_shortcut("leadfeedback", message)
    assert "Already" not in str(ana.form.intro)
    await ana.fills(code="R8")
    assert "About L-1 · Acme Ltd" in ana.reads()
    assert "Rejected" in card.text
    [feedback] = await rows(world, Feedback)
    assert feedback.quote is None


async def test_a_reply_of_nothing_but_the_word_is_told_so(world, ana, leads, card):
    await ana.writes("feedback:", leads, thread=card)
    assert ana.reads_dm().text.startswith("Nothing was logged")
    assert not await rows(world, Feedback)


@pytest.mark.parametrize("line", ["R8 L-1 only three employees", "R8 Acme only three employees"])
async def test_the_code_may_come_first(world, ana, card, line):
    await ana.types(f"/leadfeedback {line}")
    if "Acme" in line:  # it was found, not named
        await ana.fills()
    assert "Logged: outside the agreed customer profile (reject R8)" in ana.reads()
    assert "only three employees" in card.text


async def test_in_general_is_what_the_form_calls_it(world, ana, card):
    await ana.types("/leadfeedback In general M2 too expensive")
    assert "Logged: price objection (market note M2)" in ana.reads()


async def test_a_reply_that_begins_with_feedback_is_a_note_that_can_be_edited_and_deleted(world, ana, leads, card):
    written = await ana.writes("Feedback: the phone number is a fax", leads, thread=card, event="Ev1")
    assert ana.reads_dm().text.startswith("Logged: your note")
    await ana.says(written, event="Ev1")  # delivered again
    assert "Ana: a note. the phone number is a fax" in card.text

    await ana.edits(written, "feedback: the phone number is an old fax")
    assert "an old fax" in card.text
    await ana.deletes(written)
    assert "Withdrawn by Ana: a note" in card.text
    assert len(await rows(world, Feedback)) == 1


async def test_other_messages_stay_ordinary_messages(world, ana, leads, card):
    await ana.writes("I like this one", leads, thread=card)
    await ana.writes("feedback: not in a thread", leads)
    assert await rows(world, Feedback) == []


async def test_nobody_undoes_what_somebody_else_said(world, ana, card):
    bo = await world.member("Bo", "sales")
    await ana.types("/leadfeedback L-1 W1")
    answer = ana.replies.popleft()
    await bo.presses("Undo", on=answer)
    assert bo.reads() == "Only the one who said it can change it."
    world.passes(hours=25)
    await ana.presses("Undo", on=answer)
    assert "24 hours" in ana.reads()


async def test_an_admin_renames_hides_and_adds_codes_and_old_words_keep_their_meaning(world, ana, card):
    ada = await world.member("Ada", "other", is_admin=True)
    await ana.types("/leadfeedback codes")
    assert "[Change or add a code...]" not in ana.reads()
    await ada.types("/leadfeedback codes")
    codes = ada.replies.popleft()

    async def saves(**answers):
        await ada.presses("Change or add a code...", on=codes)
        await ada.fills(**answers)
        ada.reads()

    await saves(code="R8", label="not our kind of customer")
    await ana.types("/leadfeedback L-1 R8 a kiosk")
    assert ana.reads().startswith("Logged: not our kind of customer (reject R8)")
    await saves(code="R8", label="company too small")
    assert "not our kind of customer (reject R8)" in card.text, "as it was meant then"
    await saves(code="W8", label="they called us")
    await ana.types("/leadfeedback L-1 W8")
    assert ana.reads().startswith("Logged: they called us (good W8)")
    await saves(code="W8", label="they called us", hidden="yes")
    await ana.types("/leadfeedback L-1 W8")
    assert "There is no code W8." in ana.reads()


async def test_what_people_write_is_shown_as_text_and_fits(world, ana, leads):
    nasty = "<!channel> *bold* <https://evil.test|click> & " * 30
    await ana.types(f"/lead add {'&' * 120}, {'<' * 80}")
    assert "Added" in ana.reads()
    card = leads.reads()
    await ana.types(f"/leadfeedback L-1 W1 {nasty}")
    assert "Logged: right person (good W1)" in ana.reads()
    assert "<!channel> *bold*" in card.text


async def test_an_old_copy_of_a_card_is_answered_kindly(world, ana, card):
    await ana.types("/lead L-1")
    copy = ana.replies.popleft()
    for label in ("Accept", "I tried to reach them"):
        await ana.presses(label, on=card)
        ana.reads()
    await ana.presses("Reject...", on=copy)
    assert ana.reads() == "L-1 is being contacted; that does not fit any more."


async def test_praise_is_counted_once_for_each_lead_and_member(world, ana, card):
    await ana.presses("Good lead", on=card)
    await ana.presses("right person", on=ana.replies.popleft())
    ana.reads()
    world.passes(minutes=5)
    await ana.presses("Good lead", on=card)
    assert ana.reads().startswith("Already logged: right person (good W1)")
    await ana.reacts("+1", on=card)
    assert [feedback.code for feedback in await rows(world, Feedback)] == ["W1"]


@on_sqlite
async def test_withdrawn_words_do_not_hide_those_that_stand(world, ana, card):
    await ana.types("/leadfeedback L-1 M1 they expected a free trial")
    ana.reads()
    for code in ("W4", "W5", "W6"):
        await ana.types(f"/leadfeedback L-1 {code}")
        await ana.presses("Undo", on=ana.replies.popleft())
        ana.reads()
    assert "they expected a free trial" in card.text
    assert card.text.count("Withdrawn") == 1


async def test_names_in_what_people_write_are_readable(world, ana, leads, card):
    await ana.types("/leadfeedback L-1 W1 <@U_ana> and <@U_nobody> met them")
    assert "@Ana and @somebody met them" in ana.reads()


async def test_a_code_or_a_lead_that_nobody_knows_is_named(world, ana, card):
    await ana.types("/leadfeedback L-1 X9 what is this")
    assert ana.reads().startswith("There is no code X9.")
    await ana.types("/leadfeedback L-99 R8 a kiosk")
    initial = {field.name: field.initial for field in ana.form.fields}
    assert (initial["code"], initial["note"]) == ("R8", "a kiosk")
    await ana.types("/leadfeedback L-1 N1 in spring")
    assert "A day is missing" in str(ana.form.intro)


async def test_my_feedback_stands_at_home_with_what_became_of_it(world, ana, card):
    await ana.types("/leadfeedback L-1 W1")
    ana.reads()
    assert "right person (good W1) · L-1 · Acme Ltd · waiting for marketing" in await ana.opens_home()


async def test_not_now_by_one_tap_wakes_on_a_working_day(world, ana, card):
    world.passes(days=5)  # a Saturday; two weeks later it is one again
    await ana.reacts("recycle", on=card)
    asked = ana.reads_dm()
    await ana.presses("2 weeks", on=asked)
    assert "It wakes up on Mon 14 Dec 2026." in asked.text


async def test_a_day_off_that_somebody_chose_becomes_the_next_working_day(world, ana, card):
    await ana.types("/leadfeedback L-1 N1 2026-11-28 a Saturday")
    assert "It wakes up on Mon 30 Nov 2026." in ana.reads()
    assert "wakes on Mon 30 Nov 2026" in card.text


async def test_a_holiday_of_its_owner_becomes_the_next_day_on_which_they_work(world, ana, card):
    day = date(2026, 11, 26)
    kept = HolidayCalendar(workspace_id=1, timezone="Europe/Berlin", country="DE", days=str(day), until=day)
    await world.database.write(lambda session: keep_holidays(session, [kept]))
    await world.changes(ana, timezone="Europe/Berlin")
    await ana.types("/leadfeedback L-1 N1 2026-11-26 the thing is not built yet")
    assert "It wakes up on Fri 27 Nov 2026." in ana.reads()
    assert "wakes on Fri 27 Nov 2026" in card.text


async def test_the_same_line_again_is_already_logged_although_the_lead_has_moved(world, ana, card):
    for answer in ("Logged: outside the", "Already logged: outside the"):
        await ana.types("/leadfeedback L-1 R8: a kiosk")
        assert ana.reads().startswith(answer)


async def test_words_are_not_mistaken_for_a_day(world, ana, card):
    await ana.types("/leadfeedback L-1 M2 3m euros is too much")
    assert "> 3m euros is too much" in ana.reads()


async def test_the_same_reply_twice_is_two_notes_and_no_failure(world, ana, leads, card):
    for _ in range(2):
        await ana.writes("feedback: call again", leads, thread=card)
        ana.reads_dm()
    assert len(await rows(world, Feedback)) == 2


async def test_the_question_back_gives_way_to_the_form_too(world, ana, card):
    await ana.reacts("-1", on=card)
    asked = ana.reads_dm()
    await ana.presses("In your words...", on=asked)
    await ana.fills(code="R7", note="no phone number")
    ana.reads()
    assert asked.text.startswith("Logged: no context (reject R7)")
    await ana.unreacts("-1", on=card)
    assert "Waiting to be accepted by @Ana" in card.text


async def test_what_stands_on_a_button_cannot_be_hidden(world, ana, card):
    ada = await world.member("Ada", "other", is_admin=True)
    await ada.types("/leadfeedback codes")
    await ada.presses("Change or add a code...", on=ada.replies.popleft())
    await ada.fills(code="N1", label="timing", hidden="yes")
    assert ada.errors == {"hidden": "This code stands on a button, so it cannot be hidden."}


async def test_of_several_leads_the_chosen_ones_form_has_the_code(world, ana, leads, card):
    await a_lead(world, ana, leads, owner=ana, company="Acme Paper")
    await ana.types("/leadfeedback acme R8 tiny")
    await ana.presses("L-2 Acme Paper", on=ana.replies.popleft())
    initial = {field.name: field.initial for field in ana.form.fields}
    assert (initial["code"], initial["note"]) == ("R8", "tiny")
