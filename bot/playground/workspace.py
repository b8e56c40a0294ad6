"""A workspace as tests and the playground set it up: its people, its channels, the app installed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from bot.playground import membership, messages
from bot.playground.blocks import with_ids
from bot.playground.deliveries import Deliveries
from bot.playground.person import Person
from bot.playground.records import Channel, Member, Message, Payload
from bot.playground.state import ALL_EVENTS, ALL_SCOPES, Installation, State, Team


class Workspace:
    """One workspace of the double; what it sets up was always so, what people do is told to the app."""

    def __init__(self, state: State, team: Team, deliveries: Deliveries) -> None:
        self._state = state
        self._deliveries = deliveries
        self._people: dict[str, Person] = {}
        self.team = team

    @property
    def id(self) -> str:
        """The team id."""
        return self.team.id

    def install(self, *, scopes: Iterable[str] = ALL_SCOPES, events: Iterable[str] = ALL_EVENTS) -> Installation:
        """Install the app; again after an uninstall it is the same bot with a new token."""
        state, app = self._state, self._state.app
        bot = next((member for member in self.team.members.values() if member.app_id == app.id), None)
        if bot is None:
            bot = Member(
                state.new_id("U"),
                self.id,
                app.name.lower(),
                app.name,
                "",
                tz="UTC",
                is_bot=True,
                bot_id=state.new_id("B"),
                app_id=app.id,
                enterprise_id=self.team.enterprise_id,
            )
            self.team.members[bot.id] = bot
        installation = Installation(
            self.id,
            bot.id,
            str(bot.bot_id),
            f"xoxb-{self.id}-{secrets.token_hex(12)}",
            frozenset(scopes),
            frozenset(events),
        )
        self.team.installation = installation
        state.tokens[installation.token] = installation
        return installation

    @property
    def installation(self) -> Installation:
        """The app's installation here."""
        return self._state.installed(self.team)

    @property
    def bot(self) -> Person:
        """The bot user, to be invited and removed."""
        return self._person(self.team.members[self.installation.bot_user_id])

    def person(self, name: str, /, *, home: Workspace | str | None = None, **attributes: Any) -> Person:
        """The person with this name or handle, who is made with the attributes of a Member if unknown.

        `home` is another workspace, or its id, for somebody who is here only through shared channels.
        """
        known = self.team.member_named(name)
        if known is None and isinstance(home, Workspace):
            known = home.person(name, **attributes).member
        elif known is None:
            handle = name.lower().replace(" ", ".")
            defaults: Payload = {
                "name": handle,
                "real_name": name,
                "email": f"{handle}@{self.team.domain}.example",
                "enterprise_id": self.team.enterprise_id if home is None else None,
            }
            home_id = home if isinstance(home, str) else self.id
            known = Member(id=self._state.new_id("U"), team_id=home_id, **(defaults | attributes))
        self.team.members[known.id] = known
        self._state.tell("person", self.team, user=known.id)
        return self._person(known)

    def who(self, user_id: str) -> Person:
        """The person with an id; LookupError if there is none."""
        if user_id not in self.team.members:
            raise LookupError("there is no such person")
        return self._person(self.team.members[user_id])

    def _person(self, member: Member) -> Person:
        if member.id not in self._people:
            self._people[member.id] = Person(self._state, self.team, self._deliveries, member)
        return self._people[member.id]

    async def newcomer(self, name: str, /, **attributes: Any) -> Person:
        """Somebody who joins the workspace just now (`team_join`)."""
        person = self.person(name, **attributes)
        membership.person_event(self._state, self.team, "team_join", person.member)
        return person

    def channel(
        self, name: str, *, members: Iterable[Person] = (), private: bool = False, bot: bool = False
    ) -> Channel:
        """The channel with this name, which is made if unknown; `members` (and the bot) are in it from the start."""
        channel = self.team.channel_named(name)
        if channel is None:
            everybody = list(members)
            creator = everybody[0].id if everybody else "USLACKBOT"
            channel = Channel(self._state.new_id("C"), name, self.id, creator, int(self._state.now()), private)
            self.team.channels[channel.id] = channel
            for person in everybody:
                channel.members.append(person.id)
                home = person.member.team_id
                if home != self.id and home not in channel.connected_team_ids:
                    channel.is_ext_shared = True
                    channel.connected_team_ids.append(home)
            if bot:
                channel.members.append(self.installation.bot_user_id)
            self._state.tell("channel", self.team, channel=channel.id)
        return channel

    async def renames(self, channel: Channel, name: str) -> None:
        """Give a channel another name."""
        membership.rename(self._state, self.team, channel, name)

    async def archives(self, channel: Channel, by: Person) -> None:
        """Archive a channel."""
        membership.archive(self._state, self.team, channel, by.id)

    async def unarchives(self, channel: Channel, by: Person) -> None:
        """Bring an archived channel back."""
        membership.archive(self._state, self.team, channel, by.id, back=True)

    async def shares(self, channel: Channel, other: Workspace | str) -> None:
        """Share a channel with another organisation."""
        membership.share(self._state, self.team, channel, other.id if isinstance(other, Workspace) else other)

    async def revokes_tokens(self) -> None:
        """Take the app's token away."""
        membership.revoke(self._state, self.team, uninstall=False)

    async def uninstalls(self) -> None:
        """Remove the app."""
        membership.revoke(self._state, self.team, uninstall=True)

    async def hears_app(
        self,
        channel: Channel,
        text: str,
        *,
        name: str = "Web form",
        blocks: list[Payload] | None = None,
        attachments: list[Payload] | None = None,
    ) -> Message:
        """Another app posts into a channel, as a classic `bot_message`."""
        message = Message(
            self._state.new_ts(),
            channel.id,
            self.id,
            None,
            text,
            with_ids(blocks or [], self._state.new_block_id),
            list(attachments or []),
            subtype="bot_message",
            bot_id="B0OTHERAPP",
            app_id="A0OTHERAPP",
            username=name,
        )
        return messages.post(self._state, self.team, channel, message)
