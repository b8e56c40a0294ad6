"""The least of a Slack: it takes every call, so that deliveries happen. `python -m bench.slack_stub PORT`."""

import sys
from itertools import count
from typing import Any

import uvloop
from aiohttp import web

from bench.company import APP, BOT, TEAM
from bench.requests import TOKEN

POSTED = count(1)


async def answer(request: web.Request) -> web.Response:
    fields = await request.json() if request.content_type == "application/json" else await request.post()
    channel = str(fields.get("channel", ""))
    said: dict[str, Any] = {"ok": True}
    match request.match_info["method"]:
        case "auth.test":
            team = TEAM + request.headers.get("Authorization", "").partition(TOKEN)[2]  # each token has its own
            said |= {"team_id": team, "team": "Acme", "user_id": BOT, "bot_id": "B0PARLEY", "app_id": APP}
            said |= {"url": "https://acme.slack.com/"}
        case "chat.postMessage":
            said |= {"channel": channel, "ts": f"1800000000.{next(POSTED):06}"}
        case "chat.update":
            said |= {"channel": channel, "ts": str(fields.get("ts"))}
        case "users.list":
            said |= {"members": []}
        case "conversations.history" | "conversations.replies":
            said |= {"messages": []}
    return web.json_response(said)


def main() -> None:
    app = web.Application()
    app.router.add_post("/api/{method}", answer)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), loop=uvloop.new_event_loop(), access_log=None, print=None)


if __name__ == "__main__":
    main()
