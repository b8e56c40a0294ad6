"""Posts outbox messages to Slack, and says truthfully what is known about each attempt."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from slack_sdk.web.async_client import AsyncWebClient

from bot.core import ui
from bot.core.sender import CannotLookBack, Posted, Rejected, RetryAfter, Target
from bot.slack import render
from bot.slack.client import RECONNECT, understood
from bot.slack.tokens import Tokens

PAGES = 20  # of history read at most, looking for one message
MARK = "p:"

Answer = Mapping[str, Any]
Settle = Callable[[str, str, str, Posted], Awaitable[None]]  # platform, workspace, row id, where it stands


class SlackSender:
    def __init__(self, client: AsyncWebClient, tokens: Tokens) -> None:
        if client.retry_handlers:
            raise ValueError("a client that retries by itself can post twice")
        self._client, self._tokens = client, tokens
        self._dms: dict[tuple[str, str], str] = {}

    async def open_dm(self, workspace: str, member: str) -> str:
        if (workspace, member) not in self._dms:
            answer = await self._repeatable(self._client.conversations_open, workspace, users=member)
            self._dms[workspace, member] = answer["channel"]["id"]
        return self._dms[workspace, member]

    async def post(self, target: Target, message: ui.Message, row_id: str) -> Posted:
        place = {"channel": target.channel, "thread_ts": target.thread_ts, "client_msg_id": str(UUID(row_id))}
        values: dict[str, Any] = {**place, "unfurl_links": False, "unfurl_media": False}

        async def send(message: ui.Message) -> Answer:
            drawn = render.content(message, marker(row_id))
            return await self._call(self._client.chat_postMessage, target.workspace, **values, **drawn)

        answer = await _drawn(message, send)
        return Posted(answer.get("channel") or target.channel, answer["ts"])

    async def upload(self, target: Target, message: ui.Message, file: ui.File, row_id: str) -> Posted | None:
        """Slack's answer names no message, so the file's name carries the row's id and history says where it is.

        One look for each file, among the newest: history may be read half as often as files may be uploaded.
        """
        name, client, workspace = file_name(file.name, row_id), self._client, target.workspace
        size = len(file.content)
        given = await self._repeatable(client.files_getUploadURLExternal, workspace, filename=name, length=size)
        await self._send_bytes(given["upload_url"], file.content)
        shared: dict[str, Any] = {"channel_id": target.channel, "thread_ts": target.thread_ts}
        files, drawn = [{"id": given["file_id"], "title": file.name}], render.blocks(message, marker(row_id))
        await self._call(
            client.files_completeUploadExternal, workspace, **shared, files=files, blocks=json.dumps(drawn)
        )
        try:
            async for said in self._said(target, since=0.0, pages=1):
                if is_marked(said, row_id):
                    return Posted(target.channel, said["ts"])
        except Rejected:
            return None
        except RetryAfter as error:  # of the look alone: the file was taken
            raise LookupError(f"where the file of {row_id} stands is not known yet") from error
        raise LookupError(f"the file of {row_id} does not stand in the channel yet")

    async def update(self, workspace: str, posted: Posted, message: ui.Message, row_id: str) -> None:
        async def send(message: ui.Message) -> Answer:
            drawn, place = render.content(message, marker(row_id)), {"channel": posted.channel, "ts": posted.ts}
            return await self._call(self._client.chat_update, workspace, **place, **drawn)

        await _drawn(message, send)

    async def delete(self, workspace: str, posted: Posted) -> None:
        place = {"channel": posted.channel, "ts": posted.ts}
        await self._call(self._client.chat_delete, workspace, fine="message_not_found", **place)

    async def react(self, workspace: str, posted: Posted, name: str) -> None:
        place = {"channel": posted.channel, "timestamp": posted.ts}
        await self._call(self._client.reactions_add, workspace, fine="already_reacted", name=name, **place)

    async def show_home(self, workspace: str, member: str, parts: list[ui.Part]) -> None:
        await self._call(self._client.views_publish, workspace, user_id=member, view=render.home(parts))

    async def find(self, target: Target, row_id: str, since: datetime) -> Posted | None:
        try:
            async for said in self._said(target, since.timestamp()):
                if is_marked(said, row_id):
                    return Posted(target.channel, said["ts"])
        except Rejected as error:
            raise CannotLookBack(str(error)) from error
        return None

    async def _said(self, target: Target, since: float, pages: int = PAGES) -> AsyncIterator[Mapping[str, Any]]:
        """The messages of a channel or thread since an instant; some servers ignore `oldest` and `limit`."""
        read: Callable[..., Any] = self._client.conversations_history
        page: dict[str, Any] = {"channel": target.channel, "oldest": f"{since:.6f}", "inclusive": True, "limit": 200}
        if target.thread_ts:
            read, page = self._client.conversations_replies, page | {"ts": target.thread_ts}
        for _ in range(pages):
            answer = await self._call(read, target.workspace, **page)
            recent = [said for said in answer.get("messages") or [] if float(said.get("ts") or 0) >= since]
            for said in recent:
                yield said
            following = (answer.get("response_metadata") or {}).get("next_cursor")
            if not following or not (recent or target.thread_ts):  # history begins with the newest, a thread does not
                return
            page["cursor"] = following

    async def _send_bytes(self, url: str, content: bytes) -> None:
        """Nobody sees them until the upload is completed, so whatever fails here may be repeated."""
        assert self._client.session
        try:
            async with self._client.session.post(url, data=content) as response:
                response.raise_for_status()
        except Exception as error:
            raise RetryAfter(RECONNECT) from error

    async def _repeatable(self, call: Callable[..., Any], workspace: str, **values: Any) -> Answer:
        """A call that shows nobody anything: where it leaves doubt, it is simply made again."""
        try:
            return await self._call(call, workspace, **values)
        except (RetryAfter, Rejected):
            raise
        except Exception as error:
            raise RetryAfter(RECONNECT) from error

    async def _call(self, call: Callable[..., Any], workspace: str, *, fine: str = "", **values: Any) -> Answer:
        """Call a method of the Web API; the error `fine` says that it was done before."""
        token = self._tokens.of(workspace).token
        try:
            with understood():
                answer = await call(token=token, **values)
        except Rejected as error:
            if str(error) != fine:
                raise
            return {}
        data: Answer = answer.data
        return data


def marker(row_id: str) -> str:
    """The block_id by which a message of ours is recognised."""
    return MARK + row_id


def marked(message: Mapping[str, Any]) -> str | None:
    """The row id a message of ours carries."""
    blocks = message.get("blocks") or [{}]
    block_id = blocks[0].get("block_id") or ""
    return block_id.removeprefix(MARK) if block_id.startswith(MARK) else None


def is_marked(message: Mapping[str, Any], row_id: str) -> bool:
    names = [file.get("name") or "" for file in message.get("files") or []]
    return marked(message) == row_id or any(_tag(row_id) in name for name in names)


def file_name(name: str, row_id: str) -> str:
    """The file's name with the row's id in it; people see its title."""
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{_tag(row_id)}.{ending}" if dot and stem else f"{name}-{_tag(row_id)}"


def _tag(row_id: str) -> str:
    return row_id[-12:]


async def _drawn(message: ui.Message, send: Callable[[ui.Message], Awaitable[Answer]]) -> Answer:
    """Send a message; to a workspace that cannot draw charts yet, once more without them."""
    try:
        return await send(message)
    except Rejected as error:
        has_charts = any(isinstance(part, ui.Chart) for part in message.parts)
        if str(error) not in ("invalid_blocks", "invalid_blocks_format") or not has_charts:
            raise
        return await send(render.without_charts(message))
