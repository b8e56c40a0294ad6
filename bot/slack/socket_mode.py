"""Socket Mode: the same payloads over a connection that Parley opens; kept open, and closed with nothing lost."""

import asyncio
import logging
from time import time

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
PATIENCE = 30.0  # seconds without a connection after which it is opened anew from the start
LOOK = 1.0
RETRY = 5.0


class Socket:
    """slack_sdk's client reconnects by itself, but forever to an address that may have expired: hence `run` watches."""

    def __init__(self, app: Edge, client: AsyncWebClient, app_token: str) -> None:
        self._app, self._web, self._token = app, client, app_token
        self._client: SocketModeClient | None = None
        self._handling: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.is_connected = False

    async def connect(self) -> None:
        """Open a connection. Raises Rejected when Slack does not take the token."""
        with understood():
            answer = await self._web.apps_connections_open(app_token=self._token)
        await self._close()
        quiet = logging.getLogger(f"{__name__}.sdk")
        client = SocketModeClient(self._token, quiet, self._web, ping_interval=PING)
        client.wss_uri = answer["url"]
        client.socket_mode_request_listeners.append(self._receive)
        self._client = client
        async with asyncio.timeout(PING):
            await client.connect()  # type: ignore[no-untyped-call]
        self.is_connected = True
        log.info("connected to Slack by Socket Mode")

    async def run(self) -> None:
        """Keep the connection; ends when stopped."""
        lost_for = 0.0 if self.is_connected else PATIENCE - RETRY
        while not self._stopping:
            await asyncio.sleep(LOOK)
            self.is_connected = self._client is not None and await self._client.is_connected()
            lost_for = 0.0 if self.is_connected else lost_for + LOOK
            if lost_for >= PATIENCE and not self._stopping:
                lost_for = PATIENCE - RETRY
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
            await send_async_response(client, request, answer, time())
        except ConnectionError as error:
            log.warning("an answer did not reach Slack, which will ask again: %r", error)
        except Exception:
            log.exception("a payload was not handled")

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client:
            await client.close()  # type: ignore[no-untyped-call]
