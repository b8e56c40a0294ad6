"""People in a workspace: they write and react, come and go, and use the app through their client."""

from __future__ import annotations

from typing import Any

from bot.playground import membership, messages, writing
from bot.playground.client import Client
from bot.playground.records import Channel, File, Message, Payload


class Person(Client):
    """One person at their client."""

    # Messages

    async def writes(
        self, channel: Channel, text: str, *, thread: Message | None = None, broadcast: bool = False
    ) -> Message:
        """Write into a channel or thread."""
        return messages.post(self._state, self._team, channel, self._written(channel, text, thread, broadcast))

    async def uploads(
        self, channel: Channel, name: str, content: bytes, *, text: str = "", thread: Message | None = None
    ) -> Message:
        """Share a file, with or without words."""
        state = self._state
        file_id = state.new_id("F")
        file = File(
            file_id,
            name,
            name,
            self.id,
            self._team.id,
            int(state.now()),
            f"{state.url}/files/{file_id}/{name}",
            len(content),
            content,
        )
        written = self._written(channel, text, thread)
        return messages.share_files(state, self._team, channel, written, [file])

    def _written(self, channel: Channel, text: str, thread: Message | None, broadcast: bool = False) -> Message:
        if self.id not in channel.members:
            raise LookupError(f"{self.member.real_name} is not in #{channel.name}")
        self._insist(not channel.is_archived, f"#{channel.name} is archived")
        typed = writing.in_message(self._team, text)
        blocks = [writing.rich_text(self._state.new_block_id(), typed)] if text else []
        return Message(
            self._state.new_ts(),
            channel.id,
            self.member.team_id,
            self.id,
            typed,
            blocks,
            client_msg_id=self._state.new_id("client-"),
            broadcast=broadcast,
            thread_ts=(thread.thread_ts or thread.ts) if thread else None,
        )

    async def edits(self, message: Message, text: str) -> None:
        """Change what they wrote."""
        self._insist(message.user == self.id, "people edit only their own messages")
        typed = writing.in_message(self._team, text)
        messages.change(
            self._state,
            self._team,
            self._team.channels[message.channel],
            message,
            self.id,
            text=typed,
            blocks=[writing.rich_text(self._state.new_block_id(), typed)],
        )

    async def deletes(self, message: Message) -> None:
        """Delete what they wrote; an admin may delete anybody's."""
        self._insist(message.user == self.id or self.member.is_admin, "people delete only their own messages")
        messages.delete(self._state, self._team, self._team.channels[message.channel], message)

    async def reacts(self, message: Message, name: str) -> None:
        """Add a reaction; once is enough."""
        messages.react(self._state, self._team, self._team.channels[message.channel], message, self.id, name)

    async def unreacts(self, message: Message, name: str) -> None:
        """Take a reaction away."""
        messages.unreact(self._state, self._team, self._team.channels[message.channel], message, self.id, name)

    # Channels and the Home tab

    async def invites(self, who: Person, channel: Channel) -> None:
        """Bring somebody, or the bot, into a channel."""
        membership.join(self._state, self._team, channel, who.id, self.id)

    async def joins(self, channel: Channel) -> None:
        """Come into a channel."""
        membership.join(self._state, self._team, channel, self.id)

    async def leaves(self, channel: Channel) -> None:
        """Go out of a channel."""
        membership.leave(self._state, self._team, channel, self.id)

    async def removes(self, who: Person, channel: Channel) -> None:
        """Take somebody, or the bot, out of a channel."""
        membership.leave(self._state, self._team, channel, who.id)

    async def changes(self, **attributes: Any) -> None:
        """Change the profile: tz, locale, real_name, is_admin, deleted and so on."""
        for key, value in attributes.items():
            self._insist(hasattr(self.member, key), f"people have no {key}")
            setattr(self.member, key, value)
        membership.person_event(self._state, self._team, "user_change", self.member)

    async def opens_home(self, tab: str = "home") -> None:
        """Open the app's Home tab, or its messages tab."""
        event: Payload = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": self.dm.id,
            "tab": tab,
            "event_ts": self._state.new_ts(),
        }
        if self.home is not None and tab == "home":
            event["view"] = self.home.as_payload()
        self._state.stage.announce(self._team, "app_home_opened", event)
