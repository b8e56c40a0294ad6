"""One small aiohttp server; each route is given by whoever knows what it means."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FINISH_WITHIN = 3.0  # seconds that requests under way have when the server stops
LINGER = 1.0  # seconds for which the rest of a body that is not wanted is read
MAX_BODY = 2**20  # bytes

log = logging.getLogger(__name__)


class WebServer:
    """`is_ready` says whether Parley can do its work: what a load balancer asks."""

    def __init__(self, is_ready: Callable[[], Awaitable[bool]]) -> None:
        self._is_ready = is_ready
        self._app = web.Application(client_max_size=MAX_BODY, middlewares=[_log_failures])
        self._app.router.add_get("/healthz", self._health)
        self._app.router.add_get("/readyz", self._readiness)
        # aiohttp writes a traceback for every request that is no HTTP: not to this logger, which says nothing.
        (silent := logging.getLogger("bot.web.protocol")).disabled = True
        # Bodies are taken as they come: a signature is over the very bytes, and a small body may unpack to a huge one.
        self._runner = web.AppRunner(
            self._app,
            access_log=None,
            logger=silent,
            auto_decompress=False,
            lingering_time=LINGER,
            shutdown_timeout=FINISH_WITHIN,
        )

    def add_post(self, path: str, handler: Handler) -> None:
        self._app.router.add_post(path, handler)

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port. Raises OSError where that is not possible."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Listen no longer; finish what is under way."""
        await self._runner.cleanup()

    async def _health(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readiness(self, _request: web.Request) -> web.Response:
        ready = await self._is_ready()
        return web.Response(text="ready\n" if ready else "not ready\n", status=200 if ready else 503)


@web.middleware
async def _log_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.rel_url.raw_path)
        return web.Response(status=500)
