"""Socket Mode: the same payloads over a connection that Parley opens; kept open, and closed with nothing lost."""

import asyncio
import logging
from contextlib import suppress
from time import monotonic, time

from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.adapter import Edge
from bot.slack.client import understood
from bot.slack.server import dispatch, storable

log = logging.getLogger(__name__)

PING = 10.0  # seconds
LOOK = 1.0
RETRY = 5.0  # no more than one try within it: Slack allows few
LINGER = 15.0  # Slack announces an end some ten seconds ahead and may still use the connection meanwhile


class Connection(SocketModeClient):
    """One WebSocket, which asks for a successor where slack_sdk's client would turn into it.

    Told that its connection ends, slack_sdk's client closes it before it opens the next, and does so once for the
    announcement and once for the end itself: what Slack sends in between is lost.
    """

    def __init__(self, token: str, web: AsyncWebClient) -> None:
        super().__init__(token, logging.getLogger(f"{__name__}.sdk"), web, ping_interval=PING)
        self._over = asyncio.Event()
        self.since = monotonic()

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Called when Slack announces the end, when the connection is closed, and when its pings go unanswered."""
        self._over.set()

    async def lasts(self) -> bool:
        """Whether nothing says, for a while, that a successor is needed; returns as soon as something does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await self._over.wait()
        return not self._over.is_set() and bool(await self.is_connected())


class Socket:
    """The connection in use, and before it those to which Slack may still send until it closes them."""

    def __init__(self, app: Edge, client: AsyncWebClient, app_token: str) -> None:
        self._app, self._web, self._token = app, client, app_token
        self._connections: list[Connection] = []  # the last is in use
        self._handling: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.is_connected = False

    async def connect(self) -> None:
        """Open a connection, beside the one there is. Raises Rejected when Slack does not take the token."""
        with understood():
            answer = await self._web.apps_connections_open(app_token=self._token)
        connection = Connection(self._token, self._web)
        connection.wss_uri = answer["url"]
        connection.socket_mode_request_listeners.append(self._receive)
        try:
            async with asyncio.timeout(PING):
                await connection.connect()  # type: ignore[no-untyped-call]
            if self._stopping:
                raise ConnectionAbortedError("told to stop meanwhile")
        except BaseException:
            await connection.close()  # type: ignore[no-untyped-call]
            raise
        self._connections.append(connection)
        self.is_connected = True
        log.info("connected to Slack by Socket Mode")

    async def run(self) -> None:
        """Keep a connection; ends when stopped."""
        tried = -RETRY
        while not self._stopping:
            if self.is_connected:
                self.is_connected = await self._connections[-1].lasts()
                await self._let_go()
            elif (wait := tried + RETRY - monotonic()) > 0:
                await asyncio.sleep(min(wait, LOOK))
            else:
                tried = monotonic()
                try:
                    await self.connect()
                except Exception as error:
                    log.warning("no connection to Slack: %r; trying again", error)

    async def stop(self) -> None:
        """Take nothing more, finish what came and answer it, then disconnect."""
        self._stopping = True
        while self._handling:
            await asyncio.gather(*self._handling, return_exceptions=True)
        await self._close()
        self.is_connected = False

    async def _receive(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if self._stopping:
            return  # without an answer Slack hands it to the next connection
        task = asyncio.get_running_loop().create_task(self._handle(client, request))
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            answer = await dispatch(self._app, storable(request.payload))
            through = client if await client.is_connected() else self._connections[-1]
            await send_async_response(through, request, answer, time())
        except ConnectionError as error:
            log.warning("an answer did not reach Slack, which will ask again: %r", error)
        except Exception:
            log.exception("a payload was not handled")

    async def _let_go(self) -> None:
        while len(self._connections) > 1 and monotonic() - self._connections[1].since >= LINGER:
            await self._connections.pop(0).close()  # type: ignore[no-untyped-call]

    async def _close(self) -> None:
        while self._connections:
            await self._connections.pop().close()  # type: ignore[no-untyped-call]
