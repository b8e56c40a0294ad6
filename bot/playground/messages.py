"""What happens to messages, whoever does it: posted, changed, deleted, reacted to; and the app hears of it."""

from __future__ import annotations

from typing import Any

from bot.playground.records import Channel, File, Message, Payload
from bot.playground.state import State, Team

_SUBSCRIPTION = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}


def post(state: State, team: Team, channel: Channel, message: Message) -> Message:
    """Put a message into its channel and tell the app; a mention of the bot is told as app_mention too."""
    channel.log[message.ts] = message
    event = message.as_payload(metadata=True)
    if message.is_reply and message.broadcast:
        root = channel.log[str(message.thread_ts)]
        event |= {"subtype": "thread_broadcast", "root": history(channel, [root], metadata=False)[0]}
    if message.is_reply:
        parent = channel.log.get(str(message.thread_ts))
        if parent is not None:
            parent.thread_ts = parent.ts
            event["parent_user_id"] = parent.user
    _tell(state, team, channel, event, message.team_id)
    bot = team.installation.bot_user_id if team.installation else None
    if bot and f"<@{bot}>" in message.text and message.user != bot and not channel.is_im:
        mention = {key: value for key, value in event.items() if key not in ("subtype", "channel_type")}
        mention |= {"type": "app_mention", "channel": channel.id, "event_ts": message.ts}
        state.stage.announce(team, "app_mention", mention, channel=channel, source_team=message.team_id)
    state.tell("message", team, channel=channel.id, ts=message.ts)
    return message


def whisper(state: State, team: Team, message: Message) -> None:
    """Show an ephemeral message to the one who is to see it."""
    user = str(message.seen_by)
    team.ephemerals.setdefault(user, []).append(message)
    state.tell("ephemeral", team, channel=message.channel, ts=message.ts, user=user)


def by_bot(state: State, team: Team, channel: Channel, text: str, blocks: list[Payload], **more: Any) -> Message:
    """A message of the app's own bot, not yet posted."""
    installation = state.installed(team)
    return Message(
        state.new_ts(),
        channel.id,
        team.id,
        installation.bot_user_id,
        text,
        blocks,
        bot_id=installation.bot_id,
        app_id=state.app.id,
        bot_profile=state.bot_profile(team),
        **more,
    )


def change(state: State, team: Team, channel: Channel, message: Message, editor: str, **changes: Any) -> None:
    """Change some attributes of a message and tell the app what it was before."""
    before = message.as_payload(metadata=True)
    for key, value in changes.items():
        setattr(message, key, value)
    ts = state.new_ts()
    message.edited = {"user": editor, "ts": ts}
    event = {
        "type": "message",
        "subtype": "message_changed",
        "message": message.as_payload(metadata=True),
        "previous_message": before,
        "hidden": True,
        "ts": ts,
    }
    _tell(state, team, channel, event, message.team_id)
    state.tell("message", team, channel=channel.id, ts=message.ts)


def delete(state: State, team: Team, channel: Channel, message: Message) -> None:
    """Take a message away and tell the app what it was."""
    before = message.as_payload(metadata=True)
    message.deleted = True
    event = {
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": before,
        "hidden": True,
        "deleted_ts": message.ts,
        "ts": state.new_ts(),
    }
    _tell(state, team, channel, event, message.team_id)
    state.tell("message", team, channel=channel.id, ts=message.ts)


def react(state: State, team: Team, channel: Channel, message: Message, user: str, name: str) -> bool:
    """Add a reaction; False if it was there already."""
    users = message.reactions.setdefault(name, [])
    if user in users:
        return False
    users.append(user)
    _tell_reaction(state, team, channel, message, user, name, "reaction_added")
    return True


def unreact(state: State, team: Team, channel: Channel, message: Message, user: str, name: str) -> bool:
    """Take a reaction away; False if it was not there."""
    users = message.reactions.get(name, [])
    if user not in users:
        return False
    users.remove(user)
    if not users:
        del message.reactions[name]
    _tell_reaction(state, team, channel, message, user, name, "reaction_removed")
    return True


def share_files(state: State, team: Team, channel: Channel, message: Message, files: list[File]) -> Message:
    """Post a message that carries files; Slack marks it with the subtype file_share."""
    message.files = files
    message.subtype = "file_share"
    for file in files:
        file.channels.append(channel.id)
        file.complete = True
        team.files[file.id] = file
    return post(state, team, channel, message)


def history(channel: Channel, messages: list[Message], *, metadata: bool) -> list[Payload]:
    """Messages as history answers them, with the counts of their threads."""
    listed = []
    for message in messages:
        payload = message.as_payload(metadata=metadata)
        replies = channel.replies(message)
        if replies:
            users = list(dict.fromkeys(str(reply.user or reply.bot_id) for reply in replies))
            payload |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users": users,
                "reply_users_count": len(users),
                "latest_reply": replies[-1].ts,
                "is_locked": False,
                "subscribed": False,
            }
        if message.is_reply and message.broadcast:
            payload["subtype"] = "thread_broadcast"
        listed.append(payload)
    return listed


def _tell(state: State, team: Team, channel: Channel, event: Payload, author_team: str) -> None:
    event |= {"channel": channel.id, "event_ts": event["ts"], "channel_type": channel.kind}
    if channel.is_ext_shared and "hidden" not in event:
        event |= {"user_team": author_team, "source_team": author_team}
    state.stage.announce(team, _SUBSCRIPTION[channel.kind], event, channel=channel, source_team=author_team)


def _tell_reaction(
    state: State, team: Team, channel: Channel, message: Message, user: str, name: str, type_: str
) -> None:
    event: Payload = {
        "type": type_,
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": channel.id, "ts": message.ts},
        "event_ts": state.new_ts(),
    }
    if message.user:
        event["item_user"] = message.user
    home = team.members[user].team_id
    state.stage.announce(team, type_, event, channel=channel, source_team=home)
    state.tell("message", team, channel=channel.id, ts=message.ts)
