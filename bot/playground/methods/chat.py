"""chat.*: posting, changing and deleting messages."""

from __future__ import annotations

import re
from typing import Any

from bot.playground import messages
from bot.playground.errors import SlackError
from bot.playground.methods.registry import method
from bot.playground.records import Channel, Message, Payload
from bot.playground.request import Request

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000


def _target(request: Request) -> Channel:
    """The channel to post to: an id, or a person's id, which means the direct channel with them."""
    name = request.text("channel")
    if name in request.team.members and name != request.installation.bot_user_id:
        return request.state.direct(request.team, name)
    return request.joined(request.channel())


def _metadata(request: Request) -> Payload | None:
    metadata: Any = request.json("metadata")
    if metadata is None:
        return None
    sound = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_payload"), dict)
        and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", str(metadata.get("event_type", "")))
    )
    if not sound:
        raise SlackError("invalid_metadata_format")
    return metadata if request.state.keeps_metadata else None


@method("chat.postMessage", "chat:write")
def post_message(request: Request) -> Payload:
    """Post; a client_msg_id that was used in the channel before answers the first message again."""
    channel = _target(request)
    repeated = _repeated(request, channel)
    if repeated is not None:
        return {"channel": channel.id, "ts": repeated.ts, "message": repeated.as_payload(metadata=True)}
    text, blocks, attachments = request.content(longest=LONGEST_POST)
    thread_ts = request.text("thread_ts", "") or None
    if thread_ts is not None:
        parent = channel.log.get(thread_ts)
        if parent is None or parent.deleted:
            raise SlackError("thread_not_found")
        thread_ts = parent.thread_ts or parent.ts
    message = messages.by_bot(
        request.state,
        request.team,
        channel,
        text,
        blocks,
        attachments=attachments,
        thread_ts=thread_ts,
        broadcast=request.flag("reply_broadcast"),
        metadata=_metadata(request),
        client_msg_id=request.text("client_msg_id", "") or None,
    )
    messages.post(request.state, request.team, channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": message.as_payload(metadata=True)}


def _repeated(request: Request, channel: Channel) -> Message | None:
    wanted = request.text("client_msg_id", "")
    if not wanted or not request.state.dedupes:
        return None
    first = next((each for each in channel.log.values() if each.client_msg_id == wanted), None)
    if first is not None and first.deleted:
        raise SlackError("duplicate_message_not_found")
    return first


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(request: Request) -> Payload:
    """Show a message to one member of a channel."""
    channel = request.joined(request.channel())
    user = request.text("user")
    if user not in request.team.members:
        raise SlackError("user_not_found")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks, attachments = request.content(longest=LONGEST_POST)
    message = messages.by_bot(
        request.state,
        request.team,
        channel,
        text,
        blocks,
        attachments=attachments,
        thread_ts=request.text("thread_ts", "") or None,
        seen_by=user,
    )
    messages.whisper(request.state, request.team, message)
    return {"message_ts": message.ts}


def _own(request: Request, refusal: str) -> tuple[Channel, Message]:
    channel = request.channel()
    message = request.message(channel)
    if message.bot_id != request.installation.bot_id:
        raise SlackError(refusal)
    return channel, message


@method("chat.update", "chat:write")
def update(request: Request) -> Payload:
    """Change a message of the bot; blocks, attachments and metadata that are not given stay, empty lists take away."""
    channel, message = _own(request, "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    text, blocks, attachments = request.content(longest=LONGEST_UPDATE)
    changes: dict[str, Any] = {}
    if text or blocks:
        changes["text"] = text
    if request.json("blocks") is not None:
        changes["blocks"] = blocks
    if request.json("attachments") is not None:
        changes["attachments"] = attachments
    if request.json("metadata") is not None:
        changes["metadata"] = _metadata(request)
    messages.change(request.state, request.team, channel, message, request.installation.bot_user_id, **changes)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": message.as_payload(metadata=True)}


@method("chat.delete", "chat:write")
def delete(request: Request) -> Payload:
    """Delete a message of the bot."""
    channel, message = _own(request, "cant_delete_message")
    messages.delete(request.state, request.team, channel, message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
def get_permalink(request: Request) -> Payload:
    """The link people share; a reply's names its thread."""
    channel = request.channel()
    message = request.message(channel, "message_ts")
    link = f"https://{request.team.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
