"""A Web API request as the methods see it: who asks, where, and with which arguments."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.playground.blocks import MESSAGE_CHARACTERS, message_findings, message_size, with_ids
from bot.playground.errors import SlackError
from bot.playground.records import Channel, Message, Payload
from bot.playground.state import Installation, State, Team

T = TypeVar("T")


@dataclass
class Request:
    """One call; its readers raise the SlackError that Slack would answer."""

    state: State
    team: Team
    installation: Installation
    arguments: Payload

    def text(self, name: str, default: str | None = None) -> str:
        """A string argument; without a default it must be there."""
        value = self.arguments.get(name)
        if value in (None, "") and default is None:
            raise SlackError("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return str(default if value is None else value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean argument, however the client wrote it."""
        value = self.arguments.get(name)
        return default if value is None else str(value).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        try:
            return int(self.arguments.get(name) or default)
        except ValueError:
            raise SlackError("invalid_arguments", [f"[ERROR] must provide a number [json-pointer:/{name}]"]) from None

    def json(self, name: str) -> Any:
        """A structured argument: JSON already, or JSON in a form field; None if absent."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError("invalid_arguments", [f"[ERROR] must be valid JSON [json-pointer:/{name}]"]) from None

    def require(self, scope: str) -> None:
        """Refuse the call if the token lacks a scope."""
        if scope not in self.installation.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.installation.scopes)))

    def channel(self, scopes: str | None = None) -> Channel:
        """The channel argument; `scopes` (such as "history") names the family of scopes its kind needs."""
        channel = self.state.channel(self.team, self.text("channel"))
        if scopes is not None:
            family = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}[channel.kind]
            self.require(f"{family}:{scopes}")
        return channel

    def joined(self, channel: Channel) -> Channel:
        """The channel, if the bot is in it and it is alive."""
        if not self.state.bot_is_in(self.team, channel):
            raise SlackError("not_in_channel")
        if channel.is_archived:
            raise SlackError("is_archived")
        return channel

    def joined_for_reading(self, scopes: str) -> Channel:
        """The channel argument, if the bot is in it; archived ones can still be read."""
        channel = self.channel(scopes)
        if not self.state.bot_is_in(self.team, channel):
            raise SlackError("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """The message with the ts in an argument."""
        message = channel.log.get(self.text(name))
        if message is None or message.deleted:
            raise SlackError("message_not_found")
        return message

    def content(self, *, longest: int) -> tuple[str, list[Payload], list[Payload]]:
        """Text, blocks and attachments of a message, if Slack would take them."""
        return content_of(
            self.state, self.text("text", ""), self.json("blocks"), self.json("attachments"), longest=longest
        )

    def page(
        self, items: Sequence[T], written: Callable[[T], Any], key: str, most: int = 1000, default: int = 100
    ) -> Payload:
        """One page of a list, with the cursor of the next."""
        limit = min(max(self.number("limit", default), 1), most)
        cursor, start = self.text("cursor", ""), 0
        if cursor:
            try:
                start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
            except ValueError:
                raise SlackError("invalid_cursor") from None
        end = start + limit
        following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return {key: [written(item) for item in items[start:end]], "response_metadata": {"next_cursor": following}}


def content_of(
    state: State, text: str, blocks: Any, attachments: Any, *, longest: int
) -> tuple[str, list[Payload], list[Payload]]:
    """Text, blocks with their ids filled in, and attachments, if Slack would take them as a message."""
    if len(text) > longest:
        raise SlackError("msg_too_long")
    findings = message_findings(blocks or [])
    if findings:
        raise SlackError("invalid_blocks", findings)
    if blocks and message_size(blocks) > MESSAGE_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    if attachments is not None and (not isinstance(attachments, list) or len(attachments) > 100):
        raise SlackError("too_many_attachments" if isinstance(attachments, list) else "invalid_attachments")
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    return text, with_ids(blocks or [], state.new_block_id), list(attachments or [])
