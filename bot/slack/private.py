"""What only the actor sees: forms, answers and homes, shown after the commit and best effort, while nobody waits."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.background import Background
from bot.core.forms import Form
from bot.core.language import _
from bot.core.sender import Failed, Rejected, RetryAfter
from bot.core.ui import Message, Part
from bot.slack import render
from bot.slack.client import insist, pause_of
from bot.slack.tokens import Tokens

log = logging.getLogger(__name__)

Way = Callable[[], Awaitable[object]]

WITHIN = 2.5  # seconds; a trigger lives for three
OPEN_WITHIN = 2.0
MOOT = {"hash_conflict", "not_found"}  # the form was changed again meanwhile, or closed


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody acted, and the ways back to them."""

    workspace: str
    member: str
    channel: str | None = None
    thread_ts: str | None = None
    trigger: str | None = None
    response_url: str | None = None
    is_in_modal: bool = False


class Private:
    def __init__(self, client: AsyncWebClient, tokens: Tokens, background: Background) -> None:
        self._client, self._tokens, self._background = client, tokens, background

    def open(self, spot: Spot, form: Form) -> None:
        self._background.spawn(self._open(spot, form), WITHIN)

    def reply(self, spot: Spot, message: Message) -> None:
        self._background.spawn(self._reply(spot, message), WITHIN)

    def replace(self, spot: Spot, message: Message, is_promised: bool) -> None:
        """Put a message in the place of the one whose button was pressed.

        One that the outbox has promised is tried once: another way would say it twice, and a second time could undo
        what came after it.
        """
        if is_promised:
            work = self._respond(spot, render.content(message), replace=True)
        else:
            work = self._reply(spot, message, replace=True)
        self._background.spawn(work, WITHIN)

    def update(self, spot: Spot, view_id: str, known_hash: str, form: Form) -> None:
        """Change an open form, unless it changed meanwhile."""
        self._background.spawn(self._update(spot, view_id, known_hash, form), WITHIN)

    def show_home(
        self, workspace: str, member: str, parts: Sequence[Part], again: Callable[[], Awaitable[None]]
    ) -> None:
        """Show what was just opened; where Slack does not take it, `again` promises it."""
        self._background.spawn(self._publish(workspace, member, parts, again), WITHIN)

    async def _publish(
        self, workspace: str, member: str, parts: Sequence[Part], again: Callable[[], Awaitable[None]]
    ) -> None:
        token = self._tokens.of(workspace).token
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await self._client.views_publish(token=token, user_id=member, view=render.home(parts))
        except Exception as error:
            log.warning("a home could not be shown: %r; it is promised", error)
            await again()

    async def _open(self, spot: Spot, form: Form) -> None:
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await self._show(spot, render.view(form))
        except Exception as error:
            log.warning("a form could not be opened: %r", error)
            late = Message(_("Slack took too long to open the form. Please try again."))
            self._background.spawn(self._reply(spot, late), WITHIN)

    async def _update(self, spot: Spot, view_id: str, known_hash: str, form: Form) -> None:
        token, view, update = self._token(spot), render.view(form), self._client.views_update
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await insist(lambda: update(token=token, view_id=view_id, hash=known_hash, view=view))
        except Exception as error:
            if isinstance(error, Rejected) and str(error) in MOOT:
                return
            log.warning("a form could not be changed: %r", error)
            stale = Message(_("Slack did not let me change the form. Please choose again."))
            self._background.spawn(self._reply(spot, stale), WITHIN)

    async def _show(self, spot: Spot, view: dict[str, Any]) -> None:
        show = self._client.views_push if spot.is_in_modal else self._client.views_open
        await insist(lambda: show(token=self._token(spot), trigger_id=spot.trigger, view=view))

    async def _reply(self, spot: Spot, message: Message, *, replace: bool = False) -> None:
        """Each way back is tried until Slack takes one; where that stays unknown, no other is tried.

        What only the actor sees may be said twice rather than never, so all but a private message are insisted on.
        """
        for attempt in self._ways(spot, message, replace):
            try:
                await attempt()
            except (Rejected, RetryAfter, Failed) as error:
                log.info("an answer found no way: %r", error)
            else:
                return

    def _ways(self, spot: Spot, message: Message, replace: bool) -> list[Way]:
        ways: list[Way] = []
        content = render.content(message)
        if spot.response_url:
            ways.append(lambda: insist(lambda: self._respond(spot, content, replace)))
        installation = self._tokens.find(spot.workspace)
        if installation is None:  # somebody of a workspace without Parley, in a shared channel
            return ways
        said: dict[str, Any] = {"token": installation.token, **content}
        if spot.trigger and not spot.response_url:
            ways.append(lambda: self._show(spot, render.confirmation(message)))
        if spot.channel:
            place: dict[str, Any] = {"channel": spot.channel, "user": spot.member, "thread_ts": spot.thread_ts}
            ways.append(lambda: insist(lambda: self._client.chat_postEphemeral(**said, **place)))
        ways.append(lambda: self._client.chat_postMessage(**said, channel=spot.member))
        return ways

    async def _respond(self, spot: Spot, content: dict[str, Any], replace: bool) -> None:
        assert self._client.session
        where = {"thread_ts": spot.thread_ts} if spot.thread_ts and not replace else {}
        said = {"response_type": "ephemeral", "replace_original": replace, **where, **content}
        async with self._client.session.post(str(spot.response_url), json=said) as response:
            if response.status == 429:
                raise RetryAfter(pause_of(response.headers), is_limit=True)
            if response.status >= 500:
                raise Failed(f"HTTP {response.status}")
            if response.status != 200:
                raise Rejected(f"HTTP {response.status}")

    def _token(self, spot: Spot) -> str:
        return self._tokens.of(spot.workspace).token
