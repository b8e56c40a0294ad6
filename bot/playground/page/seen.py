"""What one person sees, as JSON for the page."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from bot.playground.page.offered import Offered
from bot.playground.person import Person
from bot.playground.records import Channel, Message, Payload
from bot.playground.state import State, Team

PAGE = 50  # messages that are shown at once


class Seen:
    """Looks at the workspace with a person's eyes, and remembers how far each has read."""

    def __init__(self, state: State, team: Team, offered: Offered) -> None:
        self._state = state
        self.team = team
        self._offered = offered
        self._read: dict[tuple[str, str], float] = {}
        self._all_read_until = state.now()

    def everything(self, person: Person) -> Payload:
        """All that a window needs when it begins to act as somebody."""
        dm = person.dm.id if self.team.installation else ""
        return {
            "workspace": self.team.name,
            "me": person.id,
            "bot": self.team.installation.bot_user_id if self.team.installation else "",
            "dm": dm,
            "people": self.people(),
            "channels": self.channels(person),
            "home": self.home(person),
            "modals": self.modals(person),
            "clock": self.clock(),
            **self._offered.as_payload(),
        }

    def people(self) -> list[Payload]:
        """Everybody, bots too."""
        return [
            {
                "id": member.id,
                "handle": member.name,
                "name": member.real_name,
                "title": member.title,
                "tz": member.tz,
                "locale": member.locale,
                "admin": member.is_admin,
                "bot": member.is_bot,
                "outside": member.team_id != self.team.id,
                "gone": member.deleted,
            }
            for member in self.team.members.values()
        ]

    def clock(self) -> float:
        """The workspace's time, in milliseconds since 1970."""
        return self._state.now() * 1000

    def channels(self, person: Person) -> list[Payload]:
        """Those the person is in, and the public ones they could join."""
        found = [channel for channel in self.team.channels.values() if self.is_known(person, channel)]
        return [self.channel(person, channel) for channel in found if not channel.is_archived]

    def is_known(self, person: Person, channel: Channel) -> bool:
        """Whether the channel stands in the person's list."""
        return person.id in channel.members or channel.kind == "channel"

    def channel(self, person: Person, channel: Channel) -> Payload:
        """One line in the list of channels."""
        unread, mentions = self._unread(person, channel)
        bot = self.team.installation.bot_user_id if self.team.installation else ""
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": channel.kind,
            "joined": person.id in channel.members,
            "bot": bot in channel.members,
            "members": len(channel.members) - (bot in channel.members),
            "shared": channel.is_ext_shared,
            "archived": channel.is_archived,
            "unread": unread,
            "mentions": mentions,
            "read": f"{self._read_until(person, channel):.6f}",
        }

    def _read_until(self, person: Person, channel: Channel) -> float:
        return self._read.get((person.id, channel.id), self._all_read_until)

    def _unread(self, person: Person, channel: Channel) -> tuple[int, int]:
        if person.id not in channel.members:
            return 0, 0
        until, unread, mentions = self._read_until(person, channel), 0, 0
        for message in reversed(channel.log.values()):
            if float(message.ts) <= until:
                break
            if message.deleted or message.user == person.id or not _stands_in_channel(message):
                continue
            unread += 1
            mentions += channel.is_im or _mentions(message, person.id)
        return unread, mentions

    def reads(self, person: Person, channel: Channel, ts: str) -> None:
        """Remember that they have read up to here; nobody unreads."""
        self._read[person.id, channel.id] = max(self._read_until(person, channel), float(ts))

    def all_read(self) -> None:
        """Everybody has read everything there is, such as the history of a company that is made up."""
        self._all_read_until = self._state.now()
        self._read.clear()

    def messages(self, person: Person, channel: Channel, before: str = "") -> Payload:
        """One page of a channel with what only they see, oldest first; threads are only counted."""
        replies: dict[str, list[Message]] = defaultdict(list)
        shown = []
        for message in channel.messages:
            if message.is_reply:
                replies[str(message.thread_ts)].append(message)
            if _stands_in_channel(message):
                shown.append(message)
        shown += [each for each in self._whispers(person, channel) if each.thread_ts is None]
        return self._page(shown, before) | {
            "messages": [self.message(each, replies[each.ts]) for each in self._newest(shown, before)]
        }

    def thread(self, person: Person, channel: Channel, parent: Message) -> Payload:
        """A whole thread with what only they see in it, its parent apart."""
        replies = channel.replies(parent)
        shown = replies + [each for each in self._whispers(person, channel) if each.thread_ts == parent.ts]
        shown.sort(key=_instant)
        return {"parent": self.message(parent, replies), "replies": [self.message(each) for each in shown]}

    def _page(self, shown: list[Message], before: str) -> Payload:
        return {"more": len(self._earlier(shown, before)) > PAGE}

    def _newest(self, shown: list[Message], before: str) -> list[Message]:
        return sorted(self._earlier(shown, before), key=_instant)[-PAGE:]

    @staticmethod
    def _earlier(shown: list[Message], before: str) -> list[Message]:
        return [each for each in shown if not before or _instant(each) < float(before)]

    def _whispers(self, person: Person, channel: Channel) -> list[Message]:
        return [each for each in person.ephemerals if each.channel == channel.id]

    def message(self, message: Message, replies: list[Message] | None = None) -> Payload:
        """A message; `replies` are those of its thread, if it is the parent of one."""
        drawn: Payload = {
            "ts": message.ts,
            "channel": message.channel,
            "user": message.user,
            "author": message.username,
            "text": message.text,
            "blocks": message.blocks,
            "values": message.state,
            "thread": message.thread_ts if message.is_reply else None,
            "edited": message.edited is not None and not message.bot_id,
            "whisper": message.seen_by is not None,
            "broadcast": message.broadcast,
            "reactions": [{"name": name, "users": users} for name, users in message.reactions.items()],
            "files": [
                {"name": file.name, "size": file.size, "url": f"/page/files/{file.id}"} for file in message.files
            ],
            "attachments": len(message.attachments),
        }
        if replies:
            users = list(dict.fromkeys(str(reply.user or reply.bot_id) for reply in replies))
            drawn["replies"] = {"count": len(replies), "users": users, "latest": replies[-1].ts}
        return drawn

    def home(self, person: Person) -> Payload | None:
        """What the app shows in their Home tab."""
        view = person.home
        return {"id": view.id, "blocks": view.blocks, "values": view.values} if view else None

    def modals(self, person: Person) -> list[Payload]:
        """The open modals, the lowest first; the top one with the errors under its fields."""
        stack = self.team.stacks.get(person.id, [])
        return [
            {
                "id": view.id,
                "hash": view.hash,
                "title": _text(view.content["title"]),
                "submit": _text(view.content.get("submit")),
                "close": _text(view.content.get("close")),
                "blocks": view.blocks,
                "values": view.values,
                "errors": person.errors if view is stack[-1] else {},
            }
            for view in stack
        ]


def _instant(message: Message) -> float:
    return float(message.ts)


def _stands_in_channel(message: Message) -> bool:
    return not message.is_reply or message.broadcast


def _mentions(message: Message, user: str) -> bool:
    return f"<@{user}>" in message.text or _names(message.blocks, user)


def _names(drawn: Any, user: str) -> bool:
    if isinstance(drawn, list):
        return any(_names(each, user) for each in drawn)
    if isinstance(drawn, dict):
        return drawn.get("user_id") == user or any(_names(each, user) for each in drawn.values())
    return False


def _text(text: Payload | None) -> str:
    return str(text["text"]) if text else ""
