"""The protocol double: a server on 127.0.0.1 that is Slack to an app, with workspaces inside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType

from aiohttp import web

from bot.playground.deliveries import Deliveries
from bot.playground.faults import Faults
from bot.playground.http_transport import HttpTransport
from bot.playground.journal import Journal
from bot.playground.pace import Pace
from bot.playground.response_urls import ResponseUrls
from bot.playground.socket_transport import SocketTransport
from bot.playground.state import App, State, Team
from bot.playground.web_api import WebApi
from bot.playground.workspace import Workspace

PATIENCE = 30.0  # seconds: it bounds what hangs, and is long enough for a busy machine


class Double:
    """Slack, as far as an app can tell; `async with Double() as slack:` starts and stops it.

    `now` is the workspace's clock (ts values, expiry of triggers); signatures and waiting use real time.
    """

    def __init__(
        self,
        app: App | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        pace: Pace | None = None,
        now: Callable[[], float] = time.time,
        seed: int = 0,
        dedupes_client_msg_id: bool = True,
        keeps_metadata: bool = True,
    ) -> None:
        self.app = app or App()
        self.faults = Faults(seed)
        self.state = State(self.app, now, pace or Pace(), dedupes=dedupes_client_msg_id, keeps_metadata=keeps_metadata)
        self.socket = SocketTransport(self.state, self.faults)
        self.api = WebApi(self.state, self.faults, self.socket)
        self._http = HttpTransport(self.state)
        self._deliveries = Deliveries(self.state, self.faults, self._http, self.socket)
        self.state.stage = self._deliveries
        self._host, self._port = host, port
        self.additions: list[Callable[[web.Application], None]] = []
        self._runner: web.AppRunner | None = None
        self.workspaces: dict[str, Workspace] = {}

    @property
    def url(self) -> str:
        """Where the server listens."""
        return self.state.url

    @property
    def api_url(self) -> str:
        """The base_url for slack_sdk's clients."""
        return f"{self.state.url}/api/"

    @property
    def journal(self) -> Journal:
        """What was called, what was delivered, and what went wrong."""
        return self.state.journal

    def workspace(
        self, name: str = "Acme", *, team_id: str | None = None, enterprise_id: str | None = None
    ) -> Workspace:
        """The workspace with this name, which is made if unknown."""
        if name not in self.workspaces:
            team = Team(team_id or self.state.new_id("T"), name, name.lower().replace(" ", "-"), enterprise_id)
            self.state.teams[team.id] = team
            self.workspaces[name] = Workspace(self.state, team, self._deliveries)
        return self.workspaces[name]

    def routes(self) -> web.Application:
        """The server's routes, and those of whoever is in `additions`."""
        api = self.api
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("*", "/api/{method}", api.handle)
        application.router.add_post("/upload/{file_id}", api.upload)
        application.router.add_get("/files/{file_id}/{name}", api.download)
        application.router.add_post("/response/{key:.+}", ResponseUrls(self.state, self.faults).handle)
        application.router.add_get("/link", self.socket.connect)
        for add in self.additions:
            add(application)
        return application

    async def start(self) -> None:
        """Listen; the port is known afterwards."""
        self._runner = web.AppRunner(self.routes(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.state.url = f"http://{host}:{port}"
        self._http.open()

    async def stop(self) -> None:
        """Stop deliveries, connections and the server."""
        await self._deliveries.close()
        await self.socket.close()
        await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Double:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def verifies_request_url(self) -> bool:
        """Whether the app answers the challenge with which Slack checks a request URL."""
        return await self._http.verify_url("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P")

    async def settled(self, within: float = PATIENCE) -> None:
        """Return when every event has been acknowledged or given up; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            await self._deliveries.idle()

    async def until(self, condition: Callable[[], object], within: float = PATIENCE) -> None:
        """Return as soon as a condition holds; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            # The condition may look at anything, so nothing could signal it.
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
