"""Bolt's app: six listeners, one for each kind of payload, which hand everything on."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.context import ComeAgain
from bot.slack.events import Events
from bot.slack.interactions import Ack, Interactions
from bot.slack.origin import Malformed
from storage.database import DatabaseBusy, DatabaseClosed

log = logging.getLogger(__name__)

ANY = re.compile("")
Body = dict[str, Any]


class Authorize(AsyncAuthorize):
    """Lets everything pass without a call to Slack: signatures were checked, and tokens are looked up where used."""

    def __init__(self) -> None:
        """Bolt's own asks for arguments that only Bolt's own needs."""

    async def __call__(
        self, *, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **_: object
    ) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


class Edge(AsyncApp):
    """Bolt's app; most of what Slack sends is chatter, which need not reach it."""

    def __init__(self, events: Events, **options: Any) -> None:
        self.is_chatter = events.is_chatter
        super().__init__(**options)

    def _init_context(self, req: AsyncBoltRequest) -> None:
        """Bolt's own makes a client for every request; our listeners call nobody."""
        mine = {"logger": self.logger, "token": None, "client": self.client, "listener_runner": self.listener_runner}
        req.context.update(mine)


def create_app(events: Events, interactions: Interactions, client: AsyncWebClient) -> Edge:
    """Bolt tries its listeners in turn, at 25 µs each: the most frequent stand first."""
    quiet = logging.getLogger("bot.slack.bolt")  # it tells at length of every payload nobody asked for
    quiet.setLevel(logging.ERROR)
    app = Edge(
        events,
        name="parley",  # else Bolt looks for one in the sources of the whole call stack
        logger=quiet,
        client=client,
        authorize=Authorize(),
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    @app.event(ANY)
    async def event(body: Body) -> BoltResponse:
        return await _answered(events.handle, body)

    @app.action(ANY)
    async def action(body: Body) -> BoltResponse:
        return await _answered(interactions.pressed, body)

    @app.view(ANY)
    async def view(body: Body) -> BoltResponse:
        return await _answered(interactions.submitted, body)

    @app.command(ANY)
    async def command(body: Body) -> BoltResponse:
        return await _answered(interactions.command, body)

    @app.options(ANY)
    async def options(body: Body) -> BoltResponse:
        return await _answered(interactions.searched, body)

    @app.shortcut(ANY)
    async def shortcut(body: Body) -> BoltResponse:
        return await _answered(interactions.shortcut, body)

    @app.error
    async def error(error: Exception) -> BoltResponse:
        """Listeners answer for themselves, so this is Bolt stumbling over a payload while it looks for one."""
        log.warning("a payload makes no sense: %r", error)
        return BoltResponse(status=400)

    return app


async def _answered(handle: Callable[[Body], Awaitable[Ack]], body: Body) -> BoltResponse:
    """The answer to Slack, which leaves after the commit. 503 asks for an event again; nobody repeats the others."""
    try:
        ack = await handle(body)
    except Malformed as error:
        log.warning("a payload makes no sense: %s", error)
        return BoltResponse(status=400)
    except (DatabaseBusy, DatabaseClosed, ComeAgain) as error:
        log.warning("an event must come again: %r", error)
        return BoltResponse(status=503)
    except Exception:
        log.exception("%s failed", body.get("type") or body.get("command"))
        return BoltResponse(status=500)
    return BoltResponse(status=200, body=dict(ack) if ack else "")
