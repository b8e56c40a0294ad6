"""The composition root: the only module that knows all others. `serve` runs Parley until it is told to stop."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.budget import Budget
from bot.calculating import calculate
from bot.core.acquaintance import Acquaintance
from bot.core.background import Background
from bot.core.calculator import Calculator
from bot.core.dispatcher import Dispatcher
from bot.core.feature import Feature
from bot.core.language import prepare
from bot.core.registry import Registry
from bot.core.sender import Rejected
from bot.core.timekeeper import Timekeeper
from bot.delivery import Delivery
from bot.delivery.make_good import make_good
from bot.erasure import Erasing
from bot.features import FEATURES
from bot.holidays import Holidays
from bot.key_files import KeyFiles
from bot.logs import log_to_stderr
from bot.purge import purge
from bot.scheduler import Ticker
from bot.settings import Misconfigured, Settings, make_folder
from bot.slack.adapter import Edge, create_app
from bot.slack.client import TIMEOUT, open_client
from bot.slack.directory import SlackDirectory
from bot.slack.events import Events
from bot.slack.interactions import Interactions
from bot.slack.private import Private
from bot.slack.sender import SlackSender
from bot.slack.server import EventsEndpoint
from bot.slack.socket_mode import Socket
from bot.slack.tokens import BOT_PAGE, LEVEL_PAGE, Tokens, introduce, refused, row_of
from bot.waves import Waves
from bot.web.hooks import LeadHooks
from bot.web.server import WebServer
from storage.database import Database, DatabaseInUse
from storage.migrate import UnknownVersion, migrate
from storage.workspaces import install

log = logging.getLogger(__name__)

End = Callable[[], Coroutine[Any, Any, object]]

# Seconds in which each stage of stopping must end. What is being sent after that is looked for at the next start.
CLOSE_WITHIN, FINISH_WITHIN, RELEASE_WITHIN = 3.5, 4.0, 2.0
REFRESH_EVERY = 10.0  # seconds
LOOK_EVERY = 1.0  # for what has fallen due
COUNT_EVERY = 15.0  # who has answered a pulse, and what to wipe of one that is closed
FINISH_EVERY = 60.0  # seconds; erasures that were interrupted
PURGE_EVERY = 600.0  # seconds
HOLIDAYS_EVERY = 300.0  # seconds; for those of zones that are new
READY_WITHIN = 1.0
MOST_PATIENT = 30.0  # seconds between two attempts to reach Slack at start


def now() -> datetime:
    return datetime.now(UTC)


class Parley:
    """Everything that runs. `start` returns when Parley is at work; `stop` when nothing is left undone."""

    def __init__(
        self,
        settings: Settings,
        features: Iterable[Feature] = FEATURES,
        now: Callable[[], datetime] = now,
        delivery_now: Callable[[], datetime] = now,
        budget: Budget | None = None,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        """`now`, the domain's clock, may travel; delivery with its leases keeps real time, and so do signatures."""
        self.keys = KeyFiles(settings.key_folder)
        self.registry = Registry(features, self.keys)
        self._settings, self._budget, self._timeout = settings, budget or Budget(), timeout
        self._now, self._delivery_now = now, delivery_now
        self.database = Database(settings.database, exclusive=True)
        self.tokens, self.background = Tokens(), Background()
        self._web = WebServer(self.is_ready)
        if not settings.app_token:
            self._web.add_post("/slack/events", self._receive)
        self._web.add_post("/hooks/leads/{name}", self._take_leads)
        self._hooks: LeadHooks | None = None
        self._endpoint: EventsEndpoint | None = None
        self._socket: Socket | None = None
        self._running: list[asyncio.Task[None]] = []
        self._intake: list[End] = []  # what `stop` ends: first what takes anything in,
        self._work: list[End] = []  # then what works on it,
        self._held: list[End] = []  # then what is needed for that
        self.port = 0

    async def start(self) -> None:
        """Raises Misconfigured where only a person can mend it; where Slack cannot be reached, it waits."""
        settings = self._settings
        await self._open_database()
        try:
            self.port = await self._web.start(settings.host, settings.port)
        except OSError as error:
            raise Misconfigured(f"Port {settings.port} cannot be used: {error.strerror}. Set PORT.") from None
        self._intake.append(self._web.stop)
        session = aiohttp.ClientSession(timeout=self._timeout)
        self._held.append(session.close)
        client = open_client(settings.slack_api_url, session)
        await asyncio.gather(*(self._install(client, token) for token in settings.bot_tokens))
        if not list(self.tokens):
            raise Misconfigured("No token in SLACK_BOT_TOKEN works.")

        prepare()
        bolt = self._compose(client)
        await self.dispatcher.refresh()
        if settings.is_sqlite:
            await self.delivery.recover()
        self._run(self.delivery.run())
        self._work += [self.background.drain, self.delivery.stop]
        erasing = Erasing(self.registry, self.database, self._now, self.delivery.wake)
        calculator = Calculator(self.registry, self.database, self._now, self.delivery.wake, calculate)
        waves = Waves(self.registry, self.keys, self.database, self._now, self.delivery.wake)
        self._ticker = Ticker(
            {
                self.dispatcher.refresh: REFRESH_EVERY,
                self._make_good: REFRESH_EVERY,
                self.timekeeper.run: LOOK_EVERY,
                calculator.run: LOOK_EVERY,
                waves.look: COUNT_EVERY,
                erasing.finish_all: FINISH_EVERY,
                self._purge: PURGE_EVERY,
                Holidays(self.database, self._now).look: HOLIDAYS_EVERY,
            }
        )
        self._ticker.start()
        self._work.append(self._ticker.stop)
        if settings.app_token:
            self._socket = Socket(bolt, client, settings.app_token)
            await self._connect(self._socket)
        elif settings.signing_secret:
            self._endpoint = EventsEndpoint(bolt, settings.signing_secret)
        self._hooks = LeadHooks(self.database, self.dispatcher)
        how = "Socket Mode" if settings.app_token else "HTTP"
        gc.collect()
        gc.freeze()  # what was loaded until now stays: no collection need look at it again
        log.info("Parley runs in %d workspace(s), by %s, on port %d", len(list(self.tokens)), how, self.port)

    def _compose(self, client: AsyncWebClient) -> Edge:
        """Who knows whom."""
        registry, database, tokens, background = self.registry, self.database, self.tokens, self.background
        senders = {"slack": SlackSender(client, tokens)}
        self.delivery = Delivery(
            registry, database, senders, self._delivery_now, self._budget, self._now, lambda: self.timekeeper.is_behind
        )
        acquaintance = Acquaintance(database, {"slack": SlackDirectory(client, tokens)})
        self.dispatcher = Dispatcher(registry, database, acquaintance, self._now, self.delivery.wake, background)
        self.timekeeper = Timekeeper(registry, database, self._now, self.delivery.wake)
        private = Private(client, tokens, background)
        settle = self.delivery.settle_by_echo
        events = Events(self.dispatcher, tokens, private, settle)
        return create_app(events, Interactions(self.dispatcher, tokens, private, settle), client)

    async def stop(self) -> None:
        """Take nothing more, finish what was begun, let go of everything."""
        stages = (self._intake, CLOSE_WITHIN), (self._work, FINISH_WITHIN), (self._held, RELEASE_WITHIN)
        for ends, within in stages:
            try:
                async with asyncio.timeout(within):
                    failed = await asyncio.gather(*(end() for end in ends), return_exceptions=True)
                for error in filter(None, failed):
                    log.error("something did not end well: %r", error)
            except TimeoutError:
                log.warning("not everything was finished in time; the next start looks after it")
        if self._running:
            log.info("Parley has stopped")

    async def tick(self) -> None:
        """Look at once for what is looked for from time to time: for whoever lets the domain's clock travel."""
        await self._ticker.tick()

    async def settle(self) -> None:
        """Return when nothing is under way: what was begun is finished, and what was promised is sent."""
        await self.background.drain()
        await self.delivery.drain()

    async def next_due(self, after: datetime, until: datetime) -> datetime | None:
        """When something falls due or recurs next, later than `after` and no later than `until`."""
        at = await self.timekeeper.next_at(after)
        return at if at and at <= until else None

    async def is_ready(self) -> bool:
        """Whether the database answers, messages are delivered and, where it is used, the socket is connected."""
        if not self._running or any(task.done() for task in self._running):
            return False
        if self._socket is not None and not self._socket.is_connected:
            return False
        try:
            async with asyncio.timeout(READY_WITHIN):
                return bool(await self.database.read(_answers))
        except Exception as error:
            log.warning("the database does not answer: %r", error)
            return False

    async def _open_database(self) -> None:
        make_folder(self._settings)
        try:
            await self.database.start()
            self._held.append(self.database.close)
            if await asyncio.to_thread(migrate, self._settings.database):
                log.info("the database is at the newest version now")
        except DatabaseInUse as error:
            raise Misconfigured(f"Parley runs already: {error}.") from None
        except UnknownVersion as error:
            raise Misconfigured(f"This Parley is too old: {error}. Start the newer one.") from None
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise Misconfigured(f"The database cannot be used: {reason}. Look at DATABASE_URL.") from None

    async def _install(self, client: AsyncWebClient, token: str) -> None:
        """Learn where a token belongs and remember the workspace; a refused token is told and left out."""
        wait = 1.0
        while True:
            try:
                installation = await introduce(client, token)
                break
            except Rejected as refusal:
                log.error(refused("a token in SLACK_BOT_TOKEN", str(refusal), BOT_PAGE))
                return
            except Exception as error:
                log.warning("Slack at %s does not answer: %r; trying again", self._settings.slack_api_url, error)
                await asyncio.sleep(wait)
                wait = min(2 * wait, MOST_PATIENT)
        await self.database.write(lambda session: install(session, row_of(installation, self._now())))
        self.tokens.add(installation)

    async def _connect(self, socket: Socket) -> None:
        try:
            await socket.connect()
        except Rejected as refusal:
            raise Misconfigured(refused("SLACK_APP_TOKEN", str(refusal), LEVEL_PAGE)) from None
        except Exception as error:
            log.warning("no connection to Slack yet: %r; trying again", error)
        self._run(socket.run())
        self._intake.append(socket.stop)

    async def _make_good(self) -> None:
        while await make_good(self.registry, self.database, self._now):
            self.delivery.wake()

    async def _purge(self) -> None:
        await purge(self.database, self._now())

    async def _receive(self, request: web.Request) -> web.Response:
        if self._endpoint is None:  # not at work yet: Slack comes again
            return web.Response(status=503)
        return await self._endpoint.handle(request)

    async def _take_leads(self, request: web.Request) -> web.Response:
        if self._hooks is None:
            return web.Response(status=503, headers={"Retry-After": "5"})
        return await self._hooks.handle(request)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._running.append(asyncio.get_running_loop().create_task(work))


def _answers(session: Session) -> int:
    return int(session.connection().scalar(text("SELECT 1")) or 0)


async def serve(settings: Settings, features: Iterable[Feature]) -> None:
    """Run until SIGTERM or SIGINT."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    parley = Parley(settings, features)
    starting, stopping = asyncio.ensure_future(parley.start()), asyncio.ensure_future(told.wait())
    try:
        await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await stopping
    finally:
        starting.cancel()
        await asyncio.wait([starting])
        await parley.stop()


def fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes an event loop; None where only Python's own is there."""
    try:
        import uvloop
    except ImportError:
        return None
    loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return loop


def main(features: Iterable[Feature] = FEATURES) -> int:
    """The exit code: 0 when told to stop, 2 where the configuration is wrong."""
    try:
        settings = Settings.read()
        log_to_stderr(settings.log_format, settings.secrets)
        with asyncio.Runner(loop_factory=fast_loop()) as runner:
            runner.run(serve(settings, features))
    except Misconfigured as error:
        sys.stderr.writelines(f"{problem}\n" for problem in error.problems)
        return 2
    return 0
