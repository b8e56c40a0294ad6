"""What a Slack workspace consists of, as plain records that know how Slack writes them in JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Payload = dict[str, Any]


@dataclass
class Member:
    """A person or a bot user; `team_id` is the home workspace, which may be a foreign one in a shared channel."""

    id: str
    team_id: str
    name: str
    real_name: str
    email: str
    tz: str = "Europe/Berlin"
    locale: str = "en-US"
    title: str = ""
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    deleted: bool = False
    enterprise_id: str | None = None
    has_display_name: bool = True  # else they are called by their real name
    bot_id: str | None = None
    app_id: str | None = None

    def as_payload(self, *, at: float, email: bool, locale: bool = False) -> Payload:
        """The user object at an instant; the e-mail address needs a scope of its own, the locale must be asked for."""
        offset = datetime.fromtimestamp(at, ZoneInfo(self.tz)).utcoffset()
        display_name = self.name if self.has_display_name else ""
        profile: Payload = {"real_name": self.real_name, "display_name": display_name, "team": self.team_id}
        profile["title"] = self.title
        if email and not self.is_bot:
            profile["email"] = self.email
        user: Payload = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "profile": profile,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1700000000,
        }
        if self.is_bot:
            profile |= {"bot_id": self.bot_id, "api_app_id": self.app_id}
        if self.enterprise_id:
            user["enterprise_user"] = {"id": self.id, "enterprise_id": self.enterprise_id, "teams": [self.team_id]}
        if locale:
            user["locale"] = self.locale
        return user


@dataclass
class File:
    """An uploaded file; shared when it has been completed into a channel."""

    id: str
    name: str
    title: str
    user: str
    team_id: str
    created: int
    url: str
    size: int = 0
    content: bytes = b""
    channels: list[str] = field(default_factory=list)
    complete: bool = False

    def as_payload(self) -> Payload:
        """The file object as events and methods carry it."""
        kind = self.name.rpartition(".")[2] or "text"
        mime = {"png": "image/png", "csv": "text/csv", "svg": "image/svg+xml", "pdf": "application/pdf"}
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title,
            "mimetype": mime.get(kind, "text/plain"),
            "filetype": kind,
            "pretty_type": kind.upper(),
            "user": self.user,
            "editable": False,
            "size": self.size,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": True,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": self.url,
            "url_private_download": self.url,
            "permalink": self.url,
            "has_rich_preview": False,
            "file_access": "visible",
            "channels": list(self.channels),
        }


@dataclass
class Message:
    """A message in a channel, or an ephemeral one that only `seen_by` sees."""

    ts: str
    channel: str
    team_id: str
    user: str | None
    text: str
    blocks: list[Payload] = field(default_factory=list)
    attachments: list[Payload] = field(default_factory=list)
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    bot_profile: Payload | None = None
    username: str | None = None
    client_msg_id: str | None = None
    metadata: Payload | None = None
    edited: Payload | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    broadcast: bool = False
    deleted: bool = False
    seen_by: str | None = None
    state: dict[str, dict[str, Payload]] = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """True for a message inside a thread, false for the thread's parent."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def as_payload(self, *, metadata: bool = False) -> Payload:
        """The message object; metadata is left out unless asked for, as history leaves it out."""
        message: Payload = {"type": "message", "text": self.text, "ts": self.ts}
        optional = {
            "subtype": self.subtype,
            "user": self.user,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "bot_profile": self.bot_profile,
            "username": self.username,
            "client_msg_id": self.client_msg_id,
            "thread_ts": self.thread_ts,
            "edited": self.edited,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "metadata": self.metadata if metadata else None,
            "files": [each.as_payload() for each in self.files],
        }
        message |= {key: value for key, value in optional.items() if value}
        if self.subtype != "bot_message":
            message["team"] = self.team_id
        if self.files:
            message |= {"upload": False, "display_as_bot": False}
        if self.reactions:
            message["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)} for name, users in self.reactions.items()
            ]
        return message


@dataclass
class Channel:
    """A public, private, direct or group-direct conversation; messages are in the order of their ts."""

    id: str
    name: str
    team_id: str
    creator: str
    created: int
    is_private: bool = False
    is_im: bool = False
    is_mpim: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    connected_team_ids: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    log: dict[str, Message] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Slack's channel_type: channel, group, im or mpim."""
        if self.is_im:
            return "im"
        if self.is_mpim:
            return "mpim"
        return "group" if self.is_private else "channel"

    @property
    def messages(self) -> list[Message]:
        """What stands in the channel now, oldest first, replies included."""
        return [message for message in self.log.values() if not message.deleted]

    def replies(self, message: Message) -> list[Message]:
        """The thread under a message, without the message itself."""
        return [each for each in self.messages if each.is_reply and each.thread_ts == message.ts]

    def as_payload(self, *, member: bool) -> Payload:
        """The conversation object as seen by an app that is, or is not, a member."""
        if self.is_im:
            return {
                "id": self.id,
                "created": self.created,
                "is_im": True,
                "is_org_shared": False,
                "context_team_id": self.team_id,
                "user": self.members[0],
                "is_user_deleted": False,
                "is_open": True,
                "is_archived": False,
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": self.created,
            "creator": self.creator,
            "is_channel": not self.is_private and not self.is_mpim,
            "is_group": self.is_private,
            "is_im": False,
            "is_mpim": self.is_mpim,
            "is_private": self.is_private or self.is_mpim,
            "is_archived": self.is_archived,
            "is_general": False,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_member": member,
            "context_team_id": self.team_id,
            "connected_team_ids": list(self.connected_team_ids),
            "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


@dataclass
class View:
    """A modal or home view shown to one person, with what they have typed into it."""

    id: str
    team_id: str
    installed_team_id: str
    user: str
    app_id: str
    bot_id: str
    content: Payload
    hash: str
    root_id: str
    previous_id: str | None = None
    values: dict[str, dict[str, Payload]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """`modal` or `home`."""
        return str(self.content["type"])

    @property
    def blocks(self) -> list[Payload]:
        """The blocks as the app sent them, with the ids Slack filled in."""
        blocks: list[Payload] = self.content["blocks"]
        return blocks

    def as_payload(self) -> Payload:
        """The view object as methods answer it and interactions carry it."""
        content = self.content
        return {
            "id": self.id,
            "team_id": self.team_id,
            "type": self.kind,
            "blocks": self.blocks,
            "private_metadata": content.get("private_metadata") or "",
            "callback_id": content.get("callback_id") or "",
            "state": {"values": self.values},
            "hash": self.hash,
            "title": content.get("title") or {"type": "plain_text", "text": "View Title"},
            "clear_on_close": bool(content.get("clear_on_close")),
            "notify_on_close": bool(content.get("notify_on_close")),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": self.app_id,
            "external_id": content.get("external_id") or "",
            "app_installed_team_id": self.installed_team_id,
            "bot_id": self.bot_id,
        }
