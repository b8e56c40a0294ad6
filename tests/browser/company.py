"""A small company with the real Parley and its page; `python -m tests.browser.company` serves it to look at."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.app import Parley
from bot.playground import App, Double
from bot.playground.page import Offer, Page, Step, mount
from bot.playground.person import Person
from bot.playground.records import Channel
from bot.playground.workspace import Workspace
from bot.settings import Given


@dataclass
class Clock:
    """A clock that travels, as the demo's will."""

    ahead: timedelta = timedelta()
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def offers(self, person) -> Collection[Offer]:
        return [Offer("hour", "Next hour"), Offer("day", "Tomorrow, the same time")]

    async def go(self, to: str) -> None:
        self.ahead += {"hour": timedelta(hours=1), "day": timedelta(days=1)}[to]


@dataclass
class Tour:
    """Steps of which one is done by writing, and one is about a message."""

    company: "Company | None" = None

    def steps(self, person: Person) -> Collection[Step]:
        leads, ana, mo = self.company.leads, self.company.ana, self.company.mo
        first = next((each.ts for each in self.company.long.messages if "number 0." in each.text), "")
        said = any("webinar" in message.text for message in leads.messages)
        return [
            Step("Hand a lead over", "Type /lead add Acme Ltd, webinar, @ana and press Enter.", said, mo.id, leads.id),
            Step("Say what you think of it", "Press Reject on the card, and say why.", False, ana.id, leads.id),
            Step("Find the first word", "It stands far above.", False, ana.id, self.company.long.id, first),
            Step("Read the answer", "Your Home shows what became of it.", False, ana.id, "home"),
        ]

    async def look(self) -> None:
        """It knows at any time."""


@dataclass
class Company:
    slack: Double
    acme: Workspace
    page: Page
    ana: Person
    mo: Person
    noor: Person
    leads: Channel
    marketing: Channel
    long: Channel

    @property
    def url(self) -> str:
        return self.slack.url

    async def hears(self, channel: Channel, words: str):
        def found():
            said = (each for each in reversed(channel.messages) if words in f"{each.text} {each.blocks}")
            return next(said, None)

        await self.slack.until(found)
        return found()

    async def until(self, condition: Callable[[], object]) -> None:
        await self.slack.until(condition)


@asynccontextmanager
async def a_company(port: int = 0) -> AsyncIterator[Company]:
    """Parley is in its channels, which have their purposes; nothing has been said yet."""
    clock, tour = Clock(), Tour()
    slack = Double(App(socket_mode=True), port=port, now=lambda: clock.now().timestamp())
    acme = slack.workspace("Acme")
    token = acme.install().token
    ana = acme.person("Ana Costa", name="ana", title="Sales, Lisbon", tz="Europe/Lisbon")
    mo = acme.person("Mo Lindqvist", name="mo", title="Head of Marketing", tz="Europe/Stockholm", is_admin=True)
    noor = acme.person("نور الحداد", name="noor", title="مبيعات", tz="Asia/Dubai", locale="ar")
    leads = acme.channel("leads", members=[ana, mo, noor])
    marketing = acme.channel("marketing", members=[mo])
    long = acme.channel("long", members=[ana, mo])
    page = mount(slack, acme, guide=tour, travel=clock)
    company = tour.company = Company(slack, acme, page, ana, mo, noor, leads, marketing, long)
    with tempfile.TemporaryDirectory(prefix="parley-browser-") as folder:
        async with slack:
            given = {"slack_bot_token": token, "slack_app_token": slack.app.app_token, "slack_api_url": slack.api_url}
            here = {"database_url": f"sqlite:///{folder}/page.db", "host": "127.0.0.1", "port": 0}
            parley = Parley(Given(**given, **here), now=clock.now)
            await parley.start()
            try:
                for channel, purpose in ((leads, "Leads"), (marketing, "Marketing")):
                    await mo.invites(acme.bot, channel)
                    await mo.presses(purpose, await company.hears(channel, "Hello, I am Parley."))
                await slack.settled()
                page.all_read()
                yield company
            finally:
                await parley.stop()


async def _serve(port: int) -> None:
    async with a_company(port) as company:
        print(f"{company.url}  (until ctrl-C)")  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(8099))
