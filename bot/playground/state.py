"""What the double remembers: the app, the workspaces it is installed in, and what was handed out to it."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.playground.changes import Change, What
from bot.playground.errors import SlackError
from bot.playground.journal import Call, Delivery, Journal
from bot.playground.pace import Pace
from bot.playground.records import Channel, File, Member, Message, Payload, View

ALL_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "users:read",
    "users:read.email",
)
ALL_EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "reaction_removed",
    "team_join",
    "tokens_revoked",
    "user_change",
)


EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "channel_archive": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "team_join": "users:read",
    "user_change": "users:read",
}


@dataclass
class App:
    """The app under test, as its settings page describes it; give a `request_url` or switch `socket_mode` on."""

    id: str = "A0PARLEY00"
    name: str = "Parley"
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    app_token: str = field(default_factory=lambda: f"xapp-1-A0PARLEY00-{secrets.token_hex(16)}")
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))
    request_url: str | None = None
    socket_mode: bool = False
    commands: dict[str, bool] | None = None  # name -> should_escape; None knows every command and escapes


@dataclass
class Installation:
    """The app in one workspace: its bot user, its token, and what it may do and hear."""

    team_id: str
    bot_user_id: str
    bot_id: str
    token: str
    scopes: frozenset[str]
    events: frozenset[str]
    revoked: bool = False

    def hears(self, subscription: str) -> bool:
        """Whether the app has subscribed to an event and has the scope without which Slack does not send it."""
        scope = EVENT_SCOPES.get(subscription)
        return subscription in self.events and (scope is None or scope in self.scopes)


@dataclass
class Trigger:
    """A trigger_id: who pressed what, when; good for one view."""

    team_id: str
    user: str
    at: float
    view_id: str | None
    used: bool = False


@dataclass
class ResponseUrl:
    """Where an answer to one interaction may be sent, a few times."""

    team_id: str
    channel: str
    user: str
    at: float
    message_ts: str | None
    uses: int = 0


class Stage(Protocol):
    """Who hears of what happens: tells the app, if it has subscribed and is there to see it."""

    def announce(
        self,
        team: Team,
        subscription: str,
        event: Payload,
        *,
        channel: Channel | None = None,
        source_team: str | None = None,
    ) -> None:
        """Hand one event to the app, or to nobody."""


class Team:
    """One workspace: who is in it, where they talk, and what they are shown."""

    def __init__(self, id_: str, name: str, domain: str, enterprise_id: str | None) -> None:
        self.id = id_
        self.name = name
        self.domain = domain
        self.enterprise_id = enterprise_id
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.installation: Installation | None = None
        self.ephemerals: dict[str, list[Message]] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}

    def as_payload(self) -> Payload:
        """The team as interactions carry it."""
        team: Payload = {"id": self.id, "domain": self.domain}
        if self.enterprise_id:
            team |= {"enterprise_id": self.enterprise_id, "enterprise_name": f"{self.name} Org"}
        return team

    def view(self, view_id: str) -> View | None:
        """The open modal or the home view with this id."""
        views = [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())
        return next((view for view in views if view.id == view_id), None)

    def channel_named(self, name: str) -> Channel | None:
        """The channel people know by this name."""
        return next((each for each in self.channels.values() if each.name == name and not each.is_im), None)

    def member_named(self, name: str) -> Member | None:
        """The person known by this handle or this full name, in any case."""
        wanted = name.lower()
        return next((each for each in self.members.values() if wanted in (each.name, each.real_name.lower())), None)


class State:
    """All workspaces and everything handed out; every instant comes from `now`."""

    def __init__(self, app: App, now: Callable[[], float], pace: Pace, *, dedupes: bool, keeps_metadata: bool) -> None:
        self.app = app
        self.now = now
        self.real_time = time.time
        self.pace = pace
        self.dedupes = dedupes
        self.keeps_metadata = keeps_metadata
        self.journal = Journal()
        self.url = ""
        self.teams: dict[str, Team] = {}
        self.tokens: dict[str, Installation] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.uploads: dict[str, File] = {}
        self.tickets: set[str] = set()
        self.stage: Stage
        self.listeners: list[Callable[[Change], None]] = []
        self._numbers = itertools.count(1)
        self._last_micros = 0

    def tell(self, what: What, team: Team | None = None, **about: Any) -> None:
        """Tell the listeners of a Change."""
        change = Change(what, team.id if team else "", **about)
        for listener in self.listeners:
            listener(change)

    def counts(self) -> tuple[int, int]:
        """How many ids were given and when the last ts was; what `resume` goes on from."""
        return next(self._numbers), self._last_micros

    def resume(self, number: int, last_micros: int) -> None:
        """Give no id and no ts again that another State gave before."""
        self._numbers, self._last_micros = itertools.count(number + 1), last_micros

    def note(self, entry: Call | Delivery) -> None:
        """Keep an entry in the journal and tell the listeners."""
        if isinstance(entry, Call):
            self.journal.calls.append(entry)
        else:
            self.journal.deliveries.append(entry)
        self.tell("traffic", entry=entry)

    def new_id(self, prefix: str) -> str:
        """An id of Slack's look, never given twice."""
        return f"{prefix}0{next(self._numbers):09X}"

    def new_block_id(self) -> str:
        """A short id, as Slack gives to blocks and elements that came without one."""
        return f"b{next(self._numbers):x}"

    def new_ts(self) -> str:
        """The instant as Slack writes it, later than every one before."""
        self._last_micros = max(int(self.now() * 1_000_000), self._last_micros + 1)
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def new_trigger(self, team: Team, user: str, view_id: str | None = None) -> str:
        """A trigger_id for what a person just did."""
        trigger_id = f"{next(self._numbers)}.{len(self.teams)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(team.id, user, self.now(), view_id)
        return trigger_id

    def new_response_url(self, team: Team, channel: str, user: str, message_ts: str | None = None) -> str:
        """A response_url for what a person just did in a channel."""
        key = f"{team.id}/{next(self._numbers)}/{secrets.token_hex(12)}"
        self.response_urls[key] = ResponseUrl(team.id, channel, user, self.now(), message_ts)
        return f"{self.url}/response/{key}"

    def installed(self, team: Team) -> Installation:
        """The app's installation in a workspace, which must have one."""
        if team.installation is None:
            raise LookupError(f"the app is not installed in {team.name}; call workspace.install() first")
        return team.installation

    def channel(self, team: Team, channel_id: str) -> Channel:
        """The channel an app names: private ones are unknown to it unless its bot is in."""
        channel = team.channels.get(channel_id)
        if channel is None:
            raise SlackError("channel_not_found")
        if channel.kind != "channel" and not self.bot_is_in(team, channel):
            raise SlackError("channel_not_found")
        return channel

    def bot_is_in(self, team: Team, channel: Channel) -> bool:
        """Whether the app hears what happens in a channel; direct messages always reach it."""
        bot = team.installation.bot_user_id if team.installation else None
        return bot in channel.members

    def direct(self, team: Team, user: str) -> Channel:
        """The direct channel between a person and the bot, opened if there is none yet."""
        bot = self.installed(team).bot_user_id
        for channel in team.channels.values():
            if channel.is_im and channel.members == [user, bot]:
                return channel
        channel = Channel(
            self.new_id("D"), "directmessage", team.id, user, int(self.now()), is_im=True, members=[user, bot]
        )
        team.channels[channel.id] = channel
        self.tell("channel", team, channel=channel.id)
        return channel

    def bot_profile(self, team: Team) -> Payload:
        """What stands in every message of the bot about the app that posted it."""
        installation = self.installed(team)
        return {
            "id": installation.bot_id,
            "deleted": False,
            "name": self.app.name,
            "updated": 1700000000,
            "app_id": self.app.id,
            "icons": {"image_36": f"{self.url}/icon.png"},
            "team_id": team.id,
        }
