"""The page's server: its files, and /live, the WebSocket over which a window sees and acts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from bot.playground.double import Double
from bot.playground.errors import SlackError
from bot.playground.page.acts import Acts
from bot.playground.page.guide import Guide, Travel
from bot.playground.page.offered import Offered
from bot.playground.page.requests import REQUESTS
from bot.playground.page.seen import Seen
from bot.playground.page.watch import Watch, Window
from bot.playground.records import Payload
from bot.playground.workspace import Workspace

STATIC = Path(__file__).parent / "static"
LOOPBACK = ("127.0.0.1", "localhost")
MOST_BYTES = 8 * 1024 * 1024  # of one request, which may carry a file
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'; img-src 'self' data:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)


class Page:
    """One workspace's page; `names` are the host names under which browsers may reach it."""

    def __init__(
        self,
        slack: Double,
        workspace: Workspace,
        *,
        guide: Guide | None = None,
        travel: Travel | None = None,
        names: Collection[str] = LOOPBACK,
    ) -> None:
        offered = Offered.read()
        if slack.app.commands is None:
            slack.app.commands = offered.escaping
        self._state = slack.state
        self._team = workspace.team
        self._names = names
        self.watch = Watch(Seen(slack.state, workspace.team, offered), guide, travel)
        self._acts = Acts(workspace, self.watch.seen, self.watch, travel)
        self._sockets: set[web.WebSocketResponse] = set()
        slack.state.listeners.append(self.watch.hear)

    def all_read(self) -> None:
        """Count everything that has been said so far as read by everybody."""
        self.watch.seen.all_read()

    def add_to(self, application: web.Application) -> None:
        """Add the page's routes to the double's."""
        application.middlewares.append(self._guard)
        application.router.add_get("/", self._index)
        application.router.add_get("/live", self._live)
        application.router.add_get("/page/people", self._people)
        application.router.add_get("/page/files/{file_id}", self._file)
        application.router.add_static("/page", STATIC)
        application.on_shutdown.append(self._close)

    async def _close(self, _application: web.Application) -> None:
        self.watch.close()
        self._state.listeners.remove(self.watch.hear)
        for socket in list(self._sockets):
            await socket.close()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what another site's page could send: a foreign Host (DNS rebinding) or a foreign Origin."""
        port = urlsplit(self._state.url).port
        hosts = {f"{name}:{port}" for name in self._names}
        origin = request.headers.get("Origin")
        if request.headers.get("Host") not in hosts or (origin and urlsplit(origin).netloc not in hosts):
            return web.Response(status=403, text="This is a page for this machine only.")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _index(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _people(self, _request: web.Request) -> web.Response:
        """Whom one can act as; asked before a window is anybody."""
        seen = self.watch.seen
        people = [each for each in seen.people() if not each["bot"] and not each["gone"]]
        return web.json_response({"workspace": self._team.name, "people": people, "clock": seen.clock()})

    async def _file(self, request: web.Request) -> web.Response:
        file = self._team.files.get(request.match_info["file_id"])
        if file is None:
            return web.Response(status=404)
        name = "".join(letter if letter.isalnum() or letter in "._- " else "_" for letter in file.name)
        response = web.Response(body=file.content, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(name)}"
        return response

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if not request.headers.get("Origin"):  # browsers always say whose page it is
            return web.Response(status=403)
        socket = web.WebSocketResponse(max_msg_size=MOST_BYTES, heartbeat=20.0)
        await socket.prepare(request)
        window = Window(socket)
        self._sockets.add(socket)
        self.watch.windows.add(window)
        working = {asyncio.create_task(window.write())}
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    task = asyncio.create_task(self._answer(window, message.data))
                    working.add(task)
                    task.add_done_callback(working.discard)
        finally:
            self.watch.windows.discard(window)
            self._sockets.discard(socket)
            for task in list(working):
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
        return socket

    async def _answer(self, window: Window, data: str) -> None:
        number, request = _taken_apart(data)
        try:
            said: Payload = {"ok": True} | await self._acts.do(window, REQUESTS.validate_python(request))
        except ValidationError:
            said = {"ok": False, "error": "The page asked for something that this server does not know. Reload it."}
        except (LookupError, ValueError, SlackError) as refusal:
            said = {"ok": False, "error": str(refusal.args[0])}
        except Exception:
            log.exception("%s failed", request.get("act"))
            said = {"ok": False, "error": "Something went wrong in the playground; its log says what."}
        window.send({"re": number} | said)


def _taken_apart(data: str) -> tuple[Any, Payload]:
    with contextlib.suppress(ValueError):
        asked = json.loads(data)
        if isinstance(asked, dict):
            return asked.pop("id", None), asked
    return None, {}
