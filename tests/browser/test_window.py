"""The page in a real browser, with the real Parley behind it: people click, type and read."""

import re

import pytest
from playwright.async_api import expect

from bot.playground import messages, modals
from bot.playground.blocks import with_ids

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>\"'&amp;"


def composer(page):
    return page.locator("#main .composer textarea")


def said(page, words):
    """The message in the channel with these words."""
    return page.locator("#main .message", has_text=words)


async def types(page, text):
    await composer(page).fill(text)
    await composer(page).press("Enter")


async def acts_as(page, name):
    await page.get_by_role("button", name="You act as").click()
    await page.get_by_role("menuitem", name=name).click()
    await expect(page.get_by_role("button", name=f"You act as {name}")).to_be_visible()


async def has_card(company, page, name):
    """A lead's card, which Mo hands over to Ana."""
    await company.mo.types(f"/lead add {name}, webinar, @ana", company.leads)
    await company.hears(company.leads, name)
    return said(page, name).filter(has=page.get_by_role("button", name="Reject..."))


async def test_two_windows_stay_in_step(company, opens):
    ana, mo = await opens(company.ana), await opens(company.mo)
    await types(ana, "Good morning @mo")
    await expect(said(mo, "Good morning @Mo Lindqvist")).to_be_visible()
    await expect(mo.locator(".mention.mine")).to_have_text("@Mo Lindqvist")
    message = said(ana, "Good morning")
    await message.hover()
    await message.get_by_role("button", name="More you can do").click()
    await ana.get_by_role("menuitem", name="Edit").click()
    await ana.get_by_label("Edit the message").fill("Good evening @mo")
    await ana.keyboard.press("Enter")
    await expect(said(mo, "Good evening @Mo Lindqvist(edited)")).to_be_visible()
    message = said(ana, "Good evening")
    await message.hover()
    await message.get_by_role("button", name="More you can do").click()
    await ana.get_by_role("menuitem", name="Delete").click()
    await expect(said(mo, "Good evening")).to_have_count(0)


async def test_commands_are_completed_hinted_and_answered_in_private(company, opens):
    mo, ana = await opens(company.mo), await opens(company.ana)
    await composer(mo).press_sequentially("/le")
    await expect(mo.get_by_role("option")).to_have_text([re.compile("^/lead.*new one$"), re.compile("^/leadfeedback")])
    await composer(mo).press("ArrowDown")
    await composer(mo).press("Tab")
    await expect(composer(mo)).to_have_value("/leadfeedback ")
    await expect(mo.get_by_text("/leadfeedback [L-7 R8 only three employees | help]")).to_be_visible()
    await types(mo, "/lead add Hinted Ltd, webinar, @ana")
    await expect(said(mo, "Only visible to you").filter(has_text="Hinted Ltd")).to_be_visible()
    await expect(said(ana, "Waiting to be accepted by @Ana Costa").filter(has_text="Hinted Ltd")).to_be_visible()
    await expect(said(ana, "Only visible to you").filter(has_text="Hinted Ltd")).to_have_count(0)
    await types(mo, "/dance")
    await expect(said(mo, "/dance is not a valid command")).to_be_visible()
    company.slack.journal.troubles.clear()


async def test_names_are_completed_after_an_at_sign(company, opens):
    mo = await opens(company.mo)
    await composer(mo).press_sequentially("Hello @an")
    await expect(mo.get_by_role("option", name="Ana Costa")).to_be_visible()
    await composer(mo).press("Enter")
    await expect(composer(mo)).to_have_value("Hello @ana ")


async def test_a_form_says_what_is_wrong_keeps_what_was_typed_and_is_submitted(company, opens):
    ana = await opens(company.ana)
    card = await has_card(company, ana, "Formal Ltd")
    await card.get_by_role("button", name="Reject...").click()
    form = ana.get_by_role("dialog", name="Lead feedback")
    await form.get_by_label("In your words").fill("Three employees.")
    await form.get_by_role("button", name="Send to marketing").click()
    field = form.get_by_label("Why do you reject it?")
    await expect(field).to_have_accessible_description("Please complete this required field.")
    await expect(field).to_be_focused()
    await expect(form.get_by_label("In your words")).to_have_value("Three employees.")
    await field.select_option(label="R8 outside the agreed customer profile")
    await form.get_by_role("button", name="Send to marketing").click()
    await expect(ana.get_by_role("dialog", name="Parley")).to_contain_text("Three employees.")
    await ana.get_by_role("button", name="Close").last.click()
    await expect(ana.get_by_role("dialog")).to_have_count(0)


async def test_a_form_is_left_by_the_keyboard_and_holds_the_focus(company, opens):
    ana = await opens(company.ana)
    card = await has_card(company, ana, "Keyboard Ltd")
    await card.get_by_role("button", name="Not now...").press("Enter")
    form = ana.get_by_role("dialog")
    await expect(form.locator(":focus")).to_have_count(1)
    for _ in range(12):
        await ana.keyboard.press("Tab")
        assert await ana.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    await ana.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    assert company.ana.view is None


async def test_a_field_searches_while_one_types(company, opens):
    ana = await opens(company.ana)
    await has_card(company, ana, "Searched Ltd")
    await types(ana, "/leadfeedback")
    lead = ana.get_by_role("dialog").get_by_role("combobox").first
    await lead.click()
    await lead.fill("Searched")
    await ana.get_by_role("option", name=re.compile("Searched Ltd")).click()
    await expect(lead).to_have_value(re.compile("Searched Ltd"))
    await ana.keyboard.press("Escape")


async def test_a_button_a_reaction_and_a_thread(company, opens):
    ana, mo = await opens(company.ana), await opens(company.mo)
    card = await has_card(company, ana, "Threaded Ltd")
    await card.hover()
    await card.get_by_role("button", name="React", exact=True).click()
    await ana.get_by_role("button", name="I am looking at it").click()
    theirs = said(mo, "Threaded Ltd").filter(has=mo.get_by_role("button", name="Ana Costa reacted with eyes"))
    await expect(theirs.get_by_text("Looking at it")).to_be_visible()
    await card.get_by_role("button", name="reacted with eyes").click()
    await expect(theirs).to_have_count(0)
    await expect(card.get_by_text("Looking at it")).to_have_count(0)
    await card.get_by_role("button", name="Accept").click()
    await expect(said(mo, "Threaded Ltd").get_by_role("button", name="Accept")).to_have_count(0)

    accepted = said(ana, "L-").filter(has_text="Threaded Ltd").filter(has_not_text="Only visible").first
    await accepted.hover()
    await accepted.get_by_role("button", name="Reply in a thread").click()
    await ana.get_by_role("textbox", name="Reply").fill("I called them.")
    await ana.keyboard.press("Enter")
    await expect(ana.locator("#panel .message", has_text="I called them.")).to_be_visible()
    await said(mo, "Threaded Ltd").get_by_role("button", name="1 reply Last reply just now").click()
    await expect(mo.locator("#panel .message", has_text="I called them.")).to_be_visible()
    await expect(said(mo, "I called them.")).to_have_count(0)


async def test_a_shortcut_in_the_menu_of_a_message(company, opens):
    ana = await opens(company.ana)
    await company.mo.writes(company.leads, "They want a demo of the big one")
    message = said(ana, "They want a demo")
    await message.hover()
    await message.get_by_role("button", name="More you can do").click()
    await ana.get_by_role("menuitem", name="Lead feedback").click()
    await expect(ana.get_by_role("dialog", name="Lead feedback")).to_be_visible()
    await ana.keyboard.press("Escape")


async def test_home_another_person_and_a_reload(company, opens):
    page = await opens(company.ana)
    await page.get_by_role("button", name="Home", exact=True).click()
    await expect(page.get_by_text("My open leads")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("My open leads")).to_be_visible()
    await acts_as(page, "Mo Lindqvist")
    await page.get_by_role("button", name=re.compile("^marketing")).click()
    await types(page, "Only marketing is here")
    message = said(page, "Only marketing is here")
    await message.hover()
    await message.get_by_role("button", name="Reply in a thread").click()
    await expect(page.get_by_role("heading", name="Thread")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("marketing")
    await expect(page.get_by_role("button", name="You act as Mo Lindqvist")).to_be_visible()
    await expect(page.locator("#panel .message", has_text="Only marketing is here")).to_be_visible()
    await acts_as(page, "Ana Costa")
    await expect(page.get_by_role("heading", level=1)).to_have_text("leads")
    await expect(page.get_by_text("Only marketing is here")).to_have_count(0)


async def test_unread_channels_are_marked_until_they_are_read(company, opens):
    ana = await opens(company.ana)
    await company.mo.writes(company.long, "Have you seen this, @ana?")
    line = ana.get_by_role("button", name="long, 1 unread")
    await expect(line.locator(".count")).to_have_text("1")
    await line.click()
    await expect(ana.get_by_role("heading", level=2, name="New", exact=True)).to_be_visible()
    await expect(ana.get_by_role("button", name="long", exact=True)).to_be_visible()


async def test_a_file_is_shared_and_can_be_downloaded(company, opens):
    ana, mo = await opens(company.ana), await opens(company.mo)
    content = {"name": "leads.csv", "mimeType": "text/csv", "buffer": b"company\nAcme\n"}
    await ana.locator("#main input[type=file]").set_input_files(content)
    async with mo.expect_download() as download:
        await mo.get_by_role("link", name="leads.csv 13 bytes").click()
    assert (await download.value).suggested_filename == "leads.csv"


async def test_the_tour_leads_there_and_is_ticked_off(company, opens):
    page = await opens(company.ana)
    await page.get_by_role("button", name=re.compile("Tour")).click()
    await (
        page.get_by_role("button", name="Take me there as Mo Lindqvist")
        .or_(page.get_by_role("button", name="Take me there"))
        .last.click()
    )
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    await company.ana.writes(company.leads, "from the webinar")
    await expect(page.locator(".steps .done").first).to_contain_text("Hand a lead over")


async def test_time_travels_and_says_what_time_it_is(company, opens):
    page = await opens(company.mo)
    before = await page.locator(".clock-text").inner_text()
    await page.locator("button.clock").click()
    await page.get_by_role("menuitem", name="Tomorrow, the same time").click()
    await expect(page.get_by_text(re.compile(r"It is now \w+ \d+ \w+, \d\d:\d\d in Stockholm\."))).to_be_visible()
    assert await page.locator(".clock-text").inner_text() != before
    await expect(page.locator("#main .message").last).to_be_in_viewport()
    await expect(page.get_by_role("heading", level=2, name="Yesterday")).to_have_count(1)


async def test_technical_details(company, opens):
    ana = await opens(company.ana)
    await types(ana, "/lead")
    await expect(said(ana, "My open leads").or_(said(ana, "no open leads")).last).to_be_visible()
    await ana.get_by_role("button", name="Technical details").click()
    line = ana.locator(".traffic li", has_text="Somebody typed a command").last
    await line.locator("summary").click()
    await expect(line.locator("pre")).to_contain_text('"command": "/lead"')


async def test_scripts_typed_anywhere_are_shown_as_text(company, opens):
    ana, mo = await opens(company.ana), await opens(company.mo)
    await types(ana, f"one {SCRIPT}")
    await expect(said(mo, f"one {SCRIPT}")).to_be_visible()
    message = said(ana, f"one {SCRIPT}")
    await message.hover()
    await message.get_by_role("button", name="Reply in a thread").click()
    await ana.get_by_role("textbox", name="Reply").fill(f"two {SCRIPT}")
    await ana.keyboard.press("Enter")
    await expect(ana.locator("#panel .message", has_text=f"two {SCRIPT}")).to_be_visible()
    await types(ana, f"/{SCRIPT}")
    await expect(said(ana, f"/{SCRIPT.split()[0]} is not a valid command")).to_be_visible()
    company.slack.journal.troubles.clear()
    buffer = {"name": f"{SCRIPT.replace('/', '')}.txt", "mimeType": "text/plain", "buffer": b"x"}
    await ana.locator("#main input[type=file]").set_input_files(buffer)
    await expect(mo.get_by_role("link", name="onerror")).to_be_visible()
    await company.mo.types(f"/lead add Odd {SCRIPT.replace(',', '')}, webinar, @ana", company.leads)
    card = said(ana, "Odd <img").filter(has=ana.get_by_role("button", name="Reject..."))
    await card.get_by_role("button", name="Reject...").click()
    form = ana.get_by_role("dialog")
    await form.get_by_label("In your words").fill(SCRIPT)
    await form.locator("select").select_option(index=1)
    await form.locator("[type=submit]").click()
    await expect(ana.get_by_role("dialog", name="Parley")).to_contain_text(SCRIPT)
    await ana.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    await types(ana, "/leadfeedback")
    await ana.get_by_role("combobox").first.fill(SCRIPT)
    await ana.keyboard.press("Escape")
    for page in (ana, mo):
        assert "hit" not in await page.title()
        assert await page.locator("#main img, #main script, dialog script").count() == 0


async def test_what_cannot_be_drawn_is_said(company, opens):
    ana = await opens(company.ana)
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}}, {"type": "divider"}]
    await company.acme.hears_app(company.leads, "Something", name="Elsewhere", blocks=blocks)
    for kind in ("section", "divider"):
        await expect(
            said(ana, f"Slack would show something here that the playground cannot draw: {kind}")
        ).to_be_visible()


async def test_tables_and_charts_are_drawn_and_read_out(company, opens):
    ana = await opens(company.ana)
    rows = [[{"type": "raw_text", "text": text} for text in row] for row in (("Source", "Won"), ("webinar", "12"))]
    pie = {"type": "pie", "segments": [{"label": "webinar", "value": 12}, {"label": "fair", "value": 4}]}
    data = [{"label": "webinar", "value": 12}, {"label": "fair", "value": 4}]
    bar = {"type": "bar", "series": [{"name": "won", "data": data}], "axis_config": {"categories": ["webinar", "fair"]}}
    drawn = [
        {"type": "table", "rows": rows},
        {"type": "data_visualization", "title": "Won", "chart": pie},
        {"type": "data_visualization", "title": "Won, as bars", "chart": bar},
    ]
    state, team = company.slack.state, company.acme.team
    posted = messages.by_bot(state, team, company.leads, "Numbers", with_ids(drawn, state.new_block_id))
    messages.post(state, team, company.leads, posted)
    message = ana.locator(f'.message[data-ts="{posted.ts}"]')
    await expect(message.locator("svg.plot path.slice")).to_have_count(2)
    await expect(message.locator("svg.plot rect")).to_have_count(2)
    await expect(message.get_by_role("group", name="Table: Source, Won").get_by_role("rowheader")).to_have_text(
        "webinar"
    )
    await expect(message.get_by_role("table", name="Won", exact=True).get_by_role("cell", name="12")).to_have_count(1)
    await expect(message.locator(".warning")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 760, 1280])
async def test_it_fits_the_screen(company, opens, width):
    page = await opens(company.noor, viewport={"width": width, "height": 700})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.get_by_text("Fictional company on your own machine")).to_be_visible()
    if width < 760:
        await page.get_by_role("button", name="Channels and people").click()
        await page.get_by_role("button", name="Home", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
        await page.get_by_role("button", name="Channels and people").click()
        await expect(page.locator("#sidebar")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#sidebar")).to_be_hidden()
        await page.get_by_role("button", name=re.compile("^Tour")).click()
        await expect(page.get_by_role("heading", name="A tour in five minutes")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#panel")).to_be_hidden()
    await company.noor.writes(company.leads, "صباح الخير")
    if width > 760:
        await expect(said(page, "صباح الخير").last.locator("p")).to_have_css("direction", "rtl")


async def test_a_lost_connection_is_told_calmly_and_found_again(company, opens):
    page = await opens(company.ana)
    sockets = []

    def through(socket):
        sockets.append(socket)
        socket.connect_to_server()

    await page.route_web_socket("**/live", through)
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("leads")
    company.page.watch.windows.clear()
    await sockets[-1].close()
    await company.mo.writes(company.leads, "While she was away")
    await expect(said(page, "While she was away")).to_be_visible()
    await expect(page.locator("#banner")).to_be_hidden()


async def test_of_a_thousand_messages_only_a_window_is_drawn(company, opens):
    for number in range(1000):
        await company.mo.writes(company.long, f"message number {number}.")
    ana = await opens(company.ana, company.long)
    await expect(said(ana, "message number 999.")).to_be_visible()
    log = ana.get_by_role("log")
    await expect(log.locator(".message")).not_to_have_count(0)
    drawn = await log.evaluate(
        """async (log) => {
            let most = 0;
            for (let turn = 0; turn < 300 && !log.textContent.includes("message number 0."); turn++) {
                log.scrollTop = 0;
                await new Promise((next) => setTimeout(next, 5));
                most = Math.max(most, log.querySelectorAll(".message").length);
            }
            return most;
        }"""
    )
    assert 50 <= drawn <= 110
    await expect(said(ana, "message number 0.")).to_be_visible()
    await types(ana, "And back again")
    await expect(said(ana, "And back again")).to_be_in_viewport()
    await ana.get_by_role("button", name=re.compile("^Tour")).click()
    await ana.get_by_role("listitem").filter(has_text="Find the first word").get_by_role("button").click()
    await expect(said(ana, "message number 0.")).to_be_in_viewport()
    assert await log.locator(".message").count() <= 110


async def named(page):
    """Chromium's accessibility tree: role and name of everything that it tells."""
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    told = [node for node in nodes if not node["ignored"]]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in told]


OPERATED = {"button", "link", "textbox", "combobox", "checkbox", "menuitem", "option", "searchbox", "spinbutton", "tab"}


@pytest.mark.parametrize("width", [380, 1280])
async def test_a_screen_reader_finds_a_name_on_everything_that_can_be_operated(company, opens, width):
    page = await opens(company.ana, viewport={"width": width, "height": 800})
    await company.mo.types("/lead add Acme Ltd, webinar, @ana", company.leads)
    card = said(page, "Acme Ltd").filter(has=page.get_by_role("button", name="Reject...")).last
    await expect(card).to_be_visible()
    await company.mo.reacts(company.leads.messages[-1], "eyes")
    await expect(card.get_by_role("button", name="Mo Lindqvist reacted with eyes")).to_be_visible()
    await page.get_by_role("button", name=re.compile("^Tour")).click()
    told = await named(page)
    if width < 760:
        await page.get_by_role("button", name=re.compile("^Tour")).click()
    await card.get_by_role("button", name="Reject...").click()
    form = page.get_by_role("dialog", name="Lead feedback")
    await expect(form).to_be_visible()
    told += await named(page)
    await page.keyboard.press("Escape")
    assert {"button", "textbox", "combobox"} <= {role for role, _name in told}
    assert not [role for role, name in told if role in OPERATED | {"dialog", "log", "article"} and not name.strip()]


async def test_a_screen_reader_hears_new_messages_and_is_kept_in_a_form_until_it_is_closed(company, opens):
    ana = await opens(company.ana)
    live = ana.locator("#heard p")
    await company.mo.types("/lead add Heard Ltd, webinar, @ana", company.leads)
    card = said(ana, "Heard Ltd").filter(has=ana.get_by_role("button", name="Reject...")).last
    await expect(card).to_be_visible()
    await company.mo.writes(company.leads, "They have called again")
    await expect(live.last).to_have_text("Mo Lindqvist: They have called again")
    message = said(ana, "They have called again")
    await message.hover()
    await message.get_by_role("button", name="Reply in a thread").click()
    thread = next(each for each in company.leads.messages if each.text == "They have called again")
    await company.mo.writes(company.leads, "They want two", thread=thread)
    await expect(live.last).to_have_text("Mo Lindqvist: They want two")
    opener = card.get_by_role("button", name="Reject...")
    await opener.focus()
    await ana.keyboard.press("Enter")
    form = ana.get_by_role("dialog", name="Lead feedback")
    await expect(form.get_by_label("Why do you reject it?")).to_be_focused()
    for _ in range(8):
        await ana.keyboard.press("Tab")
        assert await ana.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    await ana.keyboard.press("Escape")
    await expect(opener).to_be_focused()


async def test_whoever_works_with_the_keyboard_stays_where_they_are_and_hears_what_happened(company, opens):
    ana = await opens(company.ana)
    card = await has_card(company, ana, "Tabulator Ltd")
    article = ana.get_by_role("article", name=re.compile(r"^Parley, \d\d:\d\d, L-\d+ · Tabulator Ltd$"))
    await expect(article).to_be_visible()
    reject = card.get_by_role("button", name="Reject...")
    await reject.focus()
    await company.mo.reacts(await company.hears(company.leads, "Tabulator Ltd"), "+1")
    await expect(article.get_by_role("button", name="Mo Lindqvist reacted with thumbs up")).to_be_visible()
    await expect(card).to_contain_text("mo: good lead")
    await expect(reject).to_be_focused()  # although the card has been drawn anew
    await ana.keyboard.press("Enter")
    form = ana.get_by_role("dialog", name="Lead feedback")
    await form.get_by_label("Why do you reject it?").select_option("R8 outside the agreed customer profile")
    await form.get_by_label("In your words").fill("They are two people")
    await form.get_by_role("button", name="Send to marketing").press("Enter")
    answer = ana.get_by_role("dialog", name="Parley")
    await expect(answer.locator("[aria-live]")).to_contain_text("Logged: outside the agreed customer profile")
    await expect(answer.get_by_role("button", name="Close").last).to_be_focused()
    await ana.keyboard.press("Escape")
    await expect(article).to_be_focused()  # its button is gone

    await ana.get_by_role("button", name=re.compile("^Tour")).press("Enter")
    tour = ana.get_by_role("complementary", name="A tour in five minutes")
    await expect(tour).to_be_focused()
    await tour.get_by_role("button", name="Close").press("Enter")
    await expect(ana.get_by_role("button", name=re.compile("^Tour"))).to_be_focused()
    await ana.get_by_role("link", name="Skip to the newest message").press("Enter")
    await expect(ana.locator("#main .message").last).to_be_focused()
    assert "as=" in ana.url


async def test_of_several_rows_of_buttons_one_hears_what_each_is_about(company, opens):
    ana = await opens(company.ana)
    section = {"type": "rich_text_section"}
    drawn = []
    for words in ("The leads were good", "They came in time"):
        said_first = {"type": "rich_text", "elements": [section | {"elements": [{"type": "text", "text": words}]}]}
        agree = {"type": "button", "text": plain("Agree"), "action_id": f"test:{words}"}
        drawn += [said_first, {"type": "actions", "elements": [agree]}]
    state, team = company.slack.state, company.acme.team
    messages.post(
        state,
        team,
        company.leads,
        messages.by_bot(state, team, company.leads, "Two", with_ids(drawn, state.new_block_id)),
    )
    for words in ("The leads were good", "They came in time"):
        await expect(ana.get_by_role("group", name=words).get_by_role("button", name="Agree")).to_have_count(1)


async def test_the_answer_to_a_press_far_above_is_in_sight(company, opens):
    ana = await opens(company.ana)
    await company.mo.types("/lead add Faraway Ltd, webinar, @ana", company.leads)
    await company.hears(company.leads, "Faraway Ltd")
    for number in range(12):
        await company.mo.writes(company.leads, f"Something else {number}")
    await expect(said(ana, "Something else 11")).to_be_visible()
    card = said(ana, "Faraway Ltd").filter(has=ana.get_by_role("button", name="Accept", exact=True)).last
    await card.get_by_role("button", name="Accept", exact=True).click()
    await expect(said(ana, "You accepted").last).to_be_in_viewport()


def plain(text):
    return {"type": "plain_text", "text": text}


def option(value, label):
    return {"text": plain(label), "value": value}


FIELDS = {
    "text": {"type": "plain_text_input", "max_length": 10},
    "lines": {"type": "plain_text_input", "multiline": True, "initial_value": "as it was"},
    "number": {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"},
    "day": {"type": "datepicker"},
    "time": {"type": "timepicker", "initial_time": "09:00"},
    "one": {"type": "static_select", "options": [option("a", "Alpha"), option("b", "Beta")]},
    "grouped": {
        "type": "static_select",
        "option_groups": [{"label": plain("Greek"), "options": [option("a", "Alpha"), option("b", "Beta")]}],
    },
    "boxes": {"type": "checkboxes", "options": [option("a", "Red"), option("b", "Blue")]},
    "many": {"type": "multi_static_select", "options": [option("a", "Cat"), option("b", "Dog")]},
    "person": {"type": "users_select"},
}


def every_field(title="Every field"):
    blocks = [
        {"type": "input", "block_id": name, "label": plain(f"The {name}"), "element": element | {"action_id": "field"}}
        for name, element in FIELDS.items()
    ]
    return {"type": "modal", "title": plain(title), "submit": plain("Send"), "blocks": blocks}


async def test_every_kind_of_field_is_filled_and_told_as_slack_tells_it(company, opens):
    ana = await opens(company.ana)
    state, team = company.slack.state, company.acme.team
    view = modals.open_modal(state, team, company.ana.id, every_field())
    form = ana.get_by_role("dialog", name="Every field")
    await form.get_by_label("The text").fill("one line too many")
    await expect(form.get_by_text("Too long by 7")).to_be_visible()
    await form.get_by_label("The text").fill("one line")
    await expect(form.get_by_text("2 left")).to_be_visible()
    await form.get_by_label("The number").fill("12")
    await form.get_by_label("The day").fill("2027-03-01")
    await form.get_by_label("The one").select_option(label="Beta")
    await form.get_by_label("The grouped").select_option(label="Alpha")
    await form.get_by_label("Blue").check()
    await form.get_by_label("Cat").check()
    await form.get_by_label("Dog").check()
    person = form.get_by_label("The person")
    await person.press_sequentially("lind")
    await expect(ana.get_by_role("option", name="Mo Lindqvist")).to_be_visible()
    await person.press("ArrowDown")
    await person.press("Enter")
    await expect(person).to_have_value("Mo Lindqvist")
    await form.get_by_role("button", name="Send").click()
    await expect(form.get_by_label("The number")).to_have_accessible_description("Must be at most 9.")
    await expect(form.get_by_role("group", name="The many").get_by_label("Dog")).to_be_checked()
    await form.get_by_label("The number").fill("8")
    await expect(form.locator(".wrong, .error, [aria-invalid]")).to_have_count(0)

    # Another form over it, and back again: nothing is lost.
    modals.push_modal(state, team, company.ana.id, every_field("Above it"))
    await expect(ana.get_by_role("dialog", name="Above it").get_by_label("The text")).to_have_value("")
    await ana.get_by_role("button", name="Back").click()
    await expect(form.get_by_label("The text")).to_have_value("one line")
    await form.get_by_label("The number").fill("7")

    # The app changes the form while somebody types: what was typed and the focus stay.
    modals.update_view(state, team, view, every_field(), None)
    await expect(form.get_by_label("The number")).to_be_focused()
    await expect(form.get_by_label("The number")).to_have_value("7")
    submitted = company.slack.journal.delivered
    before = len(submitted("view_submission"))
    await form.get_by_role("button", name="Send").click()
    await company.until(lambda: len(submitted("view_submission")) > before)
    values = submitted("view_submission")[-1].payload["view"]["state"]["values"]
    told = {name: next(value for key, value in each["field"].items() if key != "type") for name, each in values.items()}
    assert told["one"]["value"] == "b"
    assert told["grouped"]["value"] == "a"
    assert [each["value"] for each in told["boxes"]] == ["b"]
    assert [each["value"] for each in told["many"]] == ["a", "b"]
    plainly = {name: told[name] for name in ("text", "lines", "number", "day", "time", "person")}
    assert plainly == {
        "text": "one line",
        "lines": "as it was",
        "number": "7",
        "day": "2027-03-01",
        "time": "09:00",
        "person": company.mo.id,
    }
    company.slack.journal.troubles.clear()
