"""Where the sample company's past is played: the real features, in one process with the local Slack.

Nothing is sent over a network, and the clock stands where the history wants it: so a month takes a second.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import make_url
from sqlmodel import Session

from bot.calculations import pulse_results
from bot.core.acquaintance import Acquaintance, keep_person
from bot.core.action import PartialAction
from bot.core.background import Background
from bot.core.calculator import Calculator
from bot.core.context import Context, FormErrors, MessageRef
from bot.core.dispatcher import Dispatcher
from bot.core.feature import Feature
from bot.core.language import prepare
from bot.core.registry import Registry
from bot.core.timekeeper import Timekeeper
from bot.core.unit import Origin
from bot.demo.at_once import AtOnce
from bot.demo.clock import Clock
from bot.demo.matching import the_only_swap
from bot.demo.posting import Posting
from bot.features import FEATURES
from bot.key_files import KeyFiles
from bot.playground import Double
from bot.playground.person import Person
from bot.playground.records import Channel, Message
from bot.playground.workspace import Workspace
from bot.settings import keys_beside
from bot.slack.directory import SlackDirectory
from bot.slack.origin import PLATFORM
from bot.slack.sender import SlackSender
from bot.slack.tokens import Tokens, introduce, row_of
from bot.waves import Waves
from storage.database import Database
from storage.migrate import create
from storage.workspaces import Workspace as Tenant
from storage.workspaces import find_workspace, install

T = TypeVar("T")
MATCHING = "gemba_matching"


class LocalClient(AsyncWebClient):
    """Slack's client, with the double at its other end and nothing in between."""

    def __init__(self, slack: Double) -> None:
        super().__init__(base_url="http://local/api/", retry_handlers=[], session=cast(ClientSession, _Uploads(slack)))
        self._slack = slack

    async def api_call(self, api_method: str, **request: Any) -> AsyncSlackResponse:
        asked = {**(request.get("params") or {}), **(request.get("data") or {}), **(request.get("json") or {})}
        answer = self._slack.api.answer(api_method, str(asked.pop("token", "")), asked)
        response = AsyncSlackResponse(
            client=self, http_verb="POST", api_url=api_method, req_args={}, data=answer, headers={}, status_code=200
        )
        response.validate()  # type: ignore[no-untyped-call]
        return response


class _Uploads:
    """Takes the bytes of files, as a session would that posts them."""

    def __init__(self, slack: Double) -> None:
        self._slack = slack

    @asynccontextmanager
    async def post(self, url: str, data: bytes) -> AsyncIterator[_Uploads]:
        self._slack.state.uploads[url.rpartition("/")[2]].content = data
        yield self

    def raise_for_status(self) -> None:
        """It always takes them."""


@asynccontextmanager
async def a_rehearsal(slack: Double, company: Workspace, database_url: str, clock: Clock) -> AsyncIterator[Rehearsal]:
    """Parley's features at work on a database, until the company's past is told."""
    create(database_url)
    keys = KeyFiles(keys_beside(Path(make_url(database_url).database or "")))
    database = await AtOnce(database_url, exclusive=True, is_durable=False).start()
    try:
        client = LocalClient(slack)
        installation = await introduce(client, company.installation.token)
        await database.write(lambda session: install(session, row_of(installation, clock.now())))
        prepare()
        yield Rehearsal(database, client, Tokens([installation]), company, clock, keys)
    finally:
        await database.close()


class Rehearsal:
    """People of the company, by their handles, do what they did; each deed is one unit of work of the real features."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        tokens: Tokens,
        company: Workspace,
        clock: Clock,
        keys: KeyFiles,
    ) -> None:
        self._database, self._company, self.clock = database, company, clock
        self._registry = Registry(FEATURES, keys)
        self._posting = Posting(self._registry, database, SlackSender(client, tokens), clock)
        self._directory = SlackDirectory(client, tokens)
        acquaintance = Acquaintance(database, {PLATFORM: self._directory})
        self._every = every = (database, clock.now, self._wake)
        self._dispatcher = Dispatcher(self._registry, database, acquaintance, clock.now, self._wake, Background())
        self._timekeeper = Timekeeper(self._registry, *every)
        self._calculator = Calculator(self._registry, *every, self._calculate)
        self._waves = Waves(self._registry, keys, *every)
        self._people = {each.name: company.person(each.name) for each in company.team.members.values()}
        self._count = 0
        self._has_promised = False

    def _wake(self) -> None:
        """Nobody sleeps: whoever plays says when things are delivered."""
        self._has_promised = True

    def person(self, handle: str) -> Person:
        return self._people[handle]

    def id_of(self, handle: str | None) -> str | None:
        return self._people[handle].id if handle else None

    def handle_of(self, user: str) -> str:
        return self._company.team.members[user].name

    def channel(self, name: str) -> Channel:
        return self._company.channel(name)

    async def meets_everybody(self, until: datetime) -> None:
        """Slack vouches for everybody, once for all the time that is played."""
        for person in self._people.values():
            if not person.member.is_bot:
                known = await self._directory.person(self._company.id, person.id)
                keep = partial(keep_person, platform=PLATFORM, workspace=self._company.id, person=known, now=until)
                await self._database.write(keep)

    async def does(self, handle: str, action: str, place: str = "", **fields: Any) -> None:
        """Do an action by its wire name; RuntimeError where it is refused."""
        given = {name: value for name, value in fields.items() if value is not None}
        answer = await self._dispatcher.action(self._origin(handle, place), PartialAction.of(action).pack(), given)
        if isinstance(answer, FormErrors):
            raise RuntimeError(f"{handle} may not {action} {fields}: {dict(answer.errors)}")

    async def types(self, handle: str, command: str, text: str, place: str) -> None:
        """Type a slash command; people stand in it as Slack hands them over."""
        await self._dispatcher.command(self._origin(handle, place), command, text)

    async def invites_parley(self, handle: str, place: str) -> None:
        await self.person(handle).invites(self._company.bot, self.channel(place))
        await self._dispatcher.arrived(self._origin(handle, place), self._event())

    async def writes(self, handle: str, place: str, text: str) -> None:
        """Below what was promised before."""
        await self.delivers()
        await self.person(handle).writes(self.channel(place), text)

    async def reacts(self, handle: str, message: Message, name: str) -> None:
        await self.person(handle).reacts(message, name)
        ref = MessageRef(message.channel, message.ts)
        await self._dispatcher.reacted(self._origin(handle), name, True, ref, self.clock.now(), is_ours=True)

    def _origin(self, handle: str, place: str = "") -> Origin:
        channel = self.channel(place).id if place else None
        return Origin(PLATFORM, self._company.id, self.person(handle).id, channel)

    def _event(self) -> str:
        self._count += 1
        return f"rehearsal:{self._count}"

    async def looks_up(self, work: Callable[[Session, Tenant], T]) -> T:
        return await self._database.read(lambda session: work(session, self._tenant(session)))

    async def imports(self, work: Callable[[Context], object]) -> None:
        """Run a unit of work as an import does."""

        def run(session: Session) -> None:
            work(Context(session, self._tenant(session), None, self.clock.now(), "import", self._registry))

        await self._database.write(run)

    def _tenant(self, session: Session) -> Tenant:
        found = find_workspace(session, PLATFORM, self._company.id)
        assert found, "it was installed at the beginning"
        return found

    async def passes_time(self, until: datetime) -> None:
        """What time itself makes happen until then, such as reminders and digests, each at its instant."""
        while (at := await self._timekeeper.next_at(self.clock.now())) and at <= until:
            self.clock.stands_at(at)
            self._has_promised = False
            await self._timekeeper.run()
            if self._has_promised:
                await self.delivers()
        self.clock.stands_at(until)

    async def computes(self) -> None:
        """What has to be computed by now."""
        await self._calculator.run()

    async def counts(self) -> None:
        """Who has answered the open pulse; what lies about of closed ones is wiped."""
        await self._waves.look()

    async def _calculate(self, name: str, question: Any) -> Any:
        """Here: what two sides of five answered needs no more than Python, and where two want to swap, they do."""
        return the_only_swap(question) if name == MATCHING else pulse_results.calculate(question)

    async def falls_due_in(self, feature: Feature) -> None:
        """What is due by now of one feature only: the weeks that come from a CRM are not full of reminders."""
        registry = Registry([feature], self._registry.keys)
        await Timekeeper(registry, *self._every).run()

    async def delivers(self) -> None:
        """Post everything new that was promised."""
        await self._posting.posts()

    async def ends(self) -> None:
        """Everything looks as it is by now."""
        await self._posting.changes()
