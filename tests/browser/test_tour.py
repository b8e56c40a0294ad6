"""The demo in a real browser: somebody who has never seen it takes the tour, by clicking and typing."""

import re
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.demo.serving import a_demo
from tests.browser.conftest import WITHIN
from tests.months import a_copy

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(played, tmp_path_factory):
    async with a_demo(a_copy(played, tmp_path_factory)) as demo:
        yield demo
        assert not demo.slack.journal.troubles


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser, demo):
    """A window of somebody who comes for the first time; in the end it must not have complained or gone elsewhere."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    context.set_default_timeout(WITHIN)
    page = await context.new_page()
    complaints = watched(page, demo.slack.url)
    await page.goto(demo.slack.url)
    yield page
    await context.close()
    assert not complaints


def watched(page, url):
    """What a window complains of, and what it asks for elsewhere; grows as it happens."""
    complaints = []

    def is_elsewhere(asked):
        return urlsplit(asked).netloc != urlsplit(url).netloc

    page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: is_elsewhere(asked.url) and complaints.append(f"asked for {asked.url}"))
    page.on("websocket", lambda socket: is_elsewhere(socket.url) and complaints.append(f"asked for {socket.url}"))
    return complaints


DIGEST = "Take something that is left to do"
PULSE = "Say how working together feels"
GEMBA = "Sign up to see the other side's work"


def step(page, title):
    return page.get_by_role("listitem").filter(has_text=title)


async def goes_to(page, title):
    await step(page, title).get_by_role("button", name="Take me there").click()


async def closes_the_answer(page):
    """A form is answered in its place."""
    await page.get_by_role("dialog").get_by_role("button", name="Close").first.click()


async def test_the_tour_is_taken_by_clicking_and_typing(demo, page):
    await expect(step(page, "Say what you think of a lead")).to_be_visible()
    await expect(page.get_by_role("complementary", name="A tour in five minutes")).to_be_focused()
    newest = page.locator("#main .message").last.get_by_role("button", name="Need info")
    await expect(newest).to_be_in_viewport()  # the channel stands at its end, although the tour has made it narrower
    await expect(step(page, "Answer it as marketing").get_by_role("button")).to_have_count(0)
    await goes_to(page, "Say what you think of a lead")
    await expect(page.get_by_role("button", name="You act as Ana Keller")).to_be_visible()
    card = page.locator("#main .message").filter(has=page.get_by_role("button", name="Accept", exact=True)).last
    await expect(card).to_be_focused()  # where the keyboard goes on, and what a screen reader reads next
    await card.get_by_role("button", name="Reject...").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Why do you reject it?").select_option("R8 outside the agreed customer profile")
    await form.get_by_label("In your words").fill("They have three employees.")
    await form.get_by_role("button", name="Send to marketing").click()
    await expect(step(page, "Say what you think of a lead")).to_have_class(re.compile("done"))
    heard = page.get_by_role("dialog").locator("[aria-live]")
    await expect(heard).to_contain_text("Step 1 of 6 is done. Next: Answer it as marketing.")
    await closes_the_answer(page)

    await goes_to(page, "Answer it as marketing")
    case = page.locator("#main .message", has_text="They have three employees.").last
    await case.get_by_role("button", name="Decide...").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("What do you change?").fill("We filter out firms under ten people.")
    await form.get_by_label("By when?").fill("2030-01-31")
    await form.get_by_role("button", name="Send the answer").click()
    await expect(step(page, "Answer it as marketing")).to_have_class(re.compile("done"))
    await closes_the_answer(page)

    await goes_to(page, "Read marketing's answer")
    receipt = page.locator("#main .message", has_text="We filter out firms under ten people.").last
    await receipt.get_by_role("button", name="That helps", exact=True).click()
    await expect(step(page, "Read marketing's answer")).to_have_class(re.compile("done"))

    await step(page, DIGEST).get_by_role("button", name="Take me there: tomorrow 9:00").click()
    await expect(page.locator(".clock-text")).to_have_text(
        re.compile(r"^Thu \d+ \w+ 09:00 · Berlin$"), timeout=2 * WITHIN
    )
    await expect(page.get_by_role("region", name="The tour")).to_contain_text(f"Step 4: {DIGEST}")
    free = page.locator("#panel .message", has_text="Nobody has taken it yet.").first
    await expect(free.get_by_role("button", name="I take it")).to_be_in_viewport()
    await free.get_by_role("button", name="I take it").click()
    await expect(page.locator("#panel .message", has_text="You take")).to_be_in_viewport()
    await expect(page.locator("#panel .message", has_text="Taken by Ana Keller.")).to_be_visible()

    tour = page.get_by_role("region", name="The tour")
    await expect(tour).to_contain_text(PULSE)
    await tour.get_by_role("button", name="Take me there").click()
    card = page.locator("#main .message", has_text="Weekly pulse").last
    await expect(card).to_be_in_viewport(ratio=1)
    await page.locator("#main .messages").evaluate("(log) => (log.scrollTop = log.scrollHeight)")
    await expect(card).not_to_be_in_viewport()
    await goes_to(page, PULSE)
    await expect(card).to_be_in_viewport(ratio=1)
    for row in (0, 1):
        await expect(step(page, PULSE)).not_to_have_class(re.compile("done"))
        await card.get_by_role("button", name="Agree", exact=True).nth(row).click()
    await expect(step(page, PULSE)).to_have_class(re.compile("done"))

    await goes_to(page, GEMBA)
    composer = page.locator("#main .composer textarea")
    await composer.fill("/gemba")
    await composer.press("Enter")
    await (
        page.locator("#main .message", has_text="You have not signed up.")
        .get_by_role("button", name="Sign up...")
        .click()
    )
    form = page.get_by_role("dialog")
    await form.get_by_label("My job").select_option("Account executive")
    await form.get_by_label("Where I can be visited").select_option("Remotely only")
    await form.get_by_role("group", name="Half-days on which I am free").get_by_role("checkbox").first.check()
    await form.get_by_role("button", name="Sign up").click()
    await expect(step(page, GEMBA)).to_have_class(re.compile("done"))
    await closes_the_answer(page)
    await expect(page.get_by_role("button", name="Tour 6/6")).to_be_visible()
    await expect(page.get_by_role("listitem").filter(has_text="That was the tour.")).to_be_in_viewport(ratio=1)


async def test_on_a_phone_the_tour_is_what_one_sees_first(demo, page):
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto("about:blank")
    await page.goto(demo.slack.url)
    tour = page.get_by_role("complementary", name="A tour in five minutes")
    await expect(tour).to_be_in_viewport(ratio=1)
    await tour.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("button", name=re.compile("^Tour")).get_by_text("/6")).to_be_visible()


async def travels_to_tomorrow(page):
    await page.get_by_role("button", name="Travel in time").click()
    await page.get_by_role("menuitem", name=re.compile("Tomorrow 9:00")).click()
    await expect(page.locator(".clock-text")).to_contain_text("09:00")


async def test_time_travel_moves_the_clock_on_the_wall(demo, page):
    before = demo.clock.now()
    await travels_to_tomorrow(page)
    assert demo.clock.now() > before
