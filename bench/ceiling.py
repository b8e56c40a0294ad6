"""Case (a): aiohttp that verifies Slack's signature and answers 200. `python -m bench.ceiling PORT`."""

import sys
import time

import uvloop
from aiohttp import web

from bench.requests import SECRET
from bot.slack.server import is_signed


async def answer(request: web.Request) -> web.Response:
    body = await request.read()
    return web.Response(status=200 if is_signed(SECRET.encode(), request.headers, body, time.time()) else 401)


def main() -> None:
    app = web.Application()
    app.router.add_post("/slack/events", answer)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), loop=uvloop.new_event_loop(), access_log=None, print=None)


if __name__ == "__main__":
    main()
