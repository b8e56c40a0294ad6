"""A browser for the whole run, a company for each module, and windows that must neither complain nor look elsewhere."""

import shutil
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.browser.company import a_company

# The one that has no windows takes a third less.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WITHIN = 30_000  # milliseconds: it bounds what hangs
expect.set_options(timeout=WITHIN)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser():
    if CHROMIUM is None:
        pytest.skip("there is no browser: install Debian's chromium-headless-shell to run the page's own tests")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *QUIET])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def company():
    async with a_company() as company:
        yield company
        assert not company.slack.journal.troubles


@pytest_asyncio.fixture(loop_scope="session")
async def opens(browser, company):
    """Opens a window that acts as somebody, in a channel; in the end none may have complained or gone elsewhere."""
    contexts, complaints = [], []

    def watch(page):
        page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
        page.on("request", lambda asked: is_elsewhere(asked.url) and complaints.append(f"asked for {asked.url}"))
        page.on("websocket", lambda socket: is_elsewhere(socket.url) and complaints.append(f"asked for {socket.url}"))

    def is_elsewhere(url):
        return urlsplit(url).netloc != urlsplit(company.url).netloc

    async def open_(person, channel=None, **look):
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **look})
        contexts.append(context)
        context.set_default_timeout(WITHIN)
        page = await context.new_page()
        watch(page)
        await page.goto(f"{company.url}/#as={person.id}&at={(channel or company.leads).id}&panel=none")
        await page.get_by_role("heading", level=1).wait_for()
        return page

    yield open_
    for context in contexts:
        await context.close()
    for person in (company.ana, company.mo, company.noor):
        await person.closes(everything=True)
    assert not complaints
