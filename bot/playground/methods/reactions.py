"""reactions.*: the bot's own reactions and everybody's."""

from __future__ import annotations

import re

from bot.playground import messages
from bot.playground.errors import SlackError
from bot.playground.methods.registry import method
from bot.playground.records import Payload
from bot.playground.request import Request

_MOST_ON_A_MESSAGE = 50


def _name(request: Request) -> str:
    name = request.text("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_'+\-]+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    return name


@method("reactions.add", "reactions:write")
def add(request: Request) -> Payload:
    """React as the bot."""
    channel = request.joined(request.channel())
    message = request.message(channel, "timestamp")
    name = _name(request)
    if name not in message.reactions and len(message.reactions) >= _MOST_ON_A_MESSAGE:
        raise SlackError("too_many_emoji")
    if not messages.react(request.state, request.team, channel, message, request.installation.bot_user_id, name):
        raise SlackError("already_reacted")
    return {}


@method("reactions.remove", "reactions:write")
def remove(request: Request) -> Payload:
    """Take the bot's reaction back."""
    channel = request.joined(request.channel())
    message = request.message(channel, "timestamp")
    name = _name(request)
    if not messages.unreact(request.state, request.team, channel, message, request.installation.bot_user_id, name):
        raise SlackError("no_reaction")
    return {}


@method("reactions.get", "reactions:read")
def get(request: Request) -> Payload:
    """A message with all its reactions."""
    channel = request.channel()
    message = request.message(channel, "timestamp")
    return {"type": "message", "channel": channel.id, "message": message.as_payload()}
