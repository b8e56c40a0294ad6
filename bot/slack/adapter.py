"""Bolt's app: one middleware, which hands each of six kinds of payloads on."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.request.payload_utils import (
    is_action,
    is_event,
    is_message_event,
    is_options,
    is_shortcut,
    is_slash_command,
    is_view_submission,
)
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.context import ComeAgain
from bot.slack.events import Events
from bot.slack.interactions import Ack, Interactions
from bot.slack.origin import Malformed
from storage.database import DatabaseBusy, DatabaseClosed

log = logging.getLogger(__name__)

MOST_UNDER_WAY = 200  # payloads: what is done within a second or two

Body = dict[str, Any]
Routes = tuple[tuple[Callable[[Body], bool], Callable[[Body], Awaitable[Ack]]], ...]


class Authorize(AsyncAuthorize):
    """Lets everything pass without a call to Slack: signatures were checked, and tokens are looked up where used."""

    def __init__(self) -> None:
        """Bolt's own asks for arguments that only Bolt's own needs."""

    async def __call__(
        self, *, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **_: object
    ) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


class Edge(AsyncApp):
    """Bolt's app. Messages, which are most of what Slack sends, go past it; what is too much must not reach it."""

    def __init__(self, events: Events, interactions: Interactions, **options: Any) -> None:
        self._events, self._interactions, self._under_way = events, interactions, 0
        super().__init__(**options)

    async def takes(self, payload: Body) -> BoltResponse:
        """Hand a payload on. A command beyond what is done in time is refused at once, which must cost next to nothing:
        else whoever types while all do waits in vain."""
        if self._under_way >= MOST_UNDER_WAY and is_slash_command(payload):
            return await _answered(self._interactions.refuse, payload)
        self._under_way += 1
        try:
            if is_message_event(payload):
                return await _answered(self._events.handle, payload)
            return await self.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        finally:
            self._under_way -= 1

    def _init_context(self, req: AsyncBoltRequest) -> None:
        """Bolt's own makes a client for every request; our handlers call nobody."""
        mine = {"logger": self.logger, "token": None, "client": self.client, "listener_runner": self.listener_runner}
        req.context.update(mine)


class HandOn(AsyncMiddleware):
    """Answers every payload of these kinds. A listener of Bolt's would have thirty arguments made of each, twice."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        for is_of_kind, handle in self._routes:
            if is_of_kind(req.body):
                return await _answered(handle, req.body)
        await next()
        return resp


def create_app(events: Events, interactions: Interactions, client: AsyncWebClient) -> Edge:
    quiet = logging.getLogger("bot.slack.bolt")  # it tells at length of every payload nobody asked for
    quiet.setLevel(logging.ERROR)
    app = Edge(
        events,
        interactions,
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

    handed_on: Routes = (
        (is_event, events.handle),
        (is_slash_command, interactions.command),
        (is_action, interactions.pressed),
        (is_view_submission, interactions.submitted),
        (is_options, interactions.searched),
        (is_shortcut, interactions.shortcut),
    )
    app.use(HandOn(handed_on))

    @app.error
    async def error(error: Exception) -> BoltResponse:
        """What is handed on is answered for, so this is Bolt stumbling over a payload before that."""
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
