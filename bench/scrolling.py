"""`python -m bench.scrolling`: the longest frame while somebody scrolls through 1,000 messages on the demo's page.

Chromium's own trace says how long each task of the page's main thread took; a frame cannot be drawn while one runs.
"""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from playwright.async_api import Page, ViewportSize, async_playwright

from bot.playground import App, Double
from bot.playground.page import mount

MESSAGES, MOST = 1000, 50  # milliseconds
TURN, PAUSE = 600, 16  # pixels of the wheel, and milliseconds between its turns
SIZE = ViewportSize(width=1280, height=800)
TASK = "RunTask"


async def main() -> int:
    slack = Double(App())
    acme = slack.workspace("Acme")
    acme.install()
    ana = acme.person("Ana Costa")
    leads = acme.channel("leads", members=[ana])
    mount(slack, acme)
    for number in range(MESSAGES):
        await ana.writes(leads, f"message number {number}. " + "They want to see it before the summer. " * (number % 5))
    async with slack, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await (await browser.new_context(viewport=SIZE)).new_page()
        await page.goto(slack.url)
        await page.get_by_text(f"message number {MESSAGES - 1}.").wait_for()
        events = await _traced(page)
        await browser.close()
    tasks = sorted(_tasks(events), reverse=True)
    print(f"{len(tasks)} tasks; the longest: {', '.join(f'{each:.1f}' for each in tasks[:5])} ms (at most {MOST})")
    return 0 if tasks and tasks[0] <= MOST else 1


async def _traced(page: Page) -> list[dict[str, Any]]:
    """The trace of scrolling to the beginning and back to the end."""
    session = await page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    ended = asyncio.Event()
    session.on("Tracing.dataCollected", lambda told: events.extend(told["value"]))
    session.on("Tracing.tracingComplete", lambda _told: ended.set())
    await page.mouse.move(SIZE["width"] / 2, SIZE["height"] / 2)
    await session.send("Tracing.start", {"traceConfig": {"includedCategories": ["toplevel", "devtools.timeline"]}})
    await _scrolls(page, -TURN, "message number 0.")
    await _scrolls(page, TURN, f"message number {MESSAGES - 1}.")
    await session.send("Tracing.end")
    await ended.wait()
    return events


async def _scrolls(page: Page, turn: int, until: str) -> None:
    seen = f"document.querySelector('[role=log]').textContent.includes({json.dumps(until)})"
    for _ in range(MESSAGES):
        await page.mouse.wheel(0, turn)
        await page.wait_for_timeout(PAUSE)
        if await page.evaluate(seen):
            return
    raise RuntimeError(f"{until!r} did not come into sight")


def _tasks(events: Iterable[dict[str, Any]]) -> Iterable[float]:
    """How long the tasks of the page's main thread took, in milliseconds."""
    told = list(events)
    mains = {(each["pid"], each["tid"]) for each in told if each["name"] == "UpdateLayoutTree"}
    for each in told:
        if each["name"].endswith(TASK) and each.get("ph") == "X" and (each["pid"], each["tid"]) in mains:
            yield each["dur"] / 1000


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
