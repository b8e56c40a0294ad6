"""`python -m bench.pictures`: takes the README's picture anew, from the demo's page in Debian's Chromium."""

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import ViewportSize, async_playwright

from bot.demo.serving import a_demo

PICTURE = Path(__file__).parents[1] / "docs/pictures/leads.png"
SIZE = ViewportSize(width=1120, height=720)


async def take(folder: Path) -> None:
    async with a_demo(folder) as demo, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await (await browser.new_context(viewport=SIZE, color_scheme="light")).new_page()
        await page.goto(demo.slack.url)
        card = page.locator("#main .message").filter(has=page.get_by_role("button", name="Accept", exact=True)).last
        await card.get_by_role("button", name="Need info").scroll_into_view_if_needed()
        await page.screenshot(path=PICTURE)
        await browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(take(Path(folder)))
