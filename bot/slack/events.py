"""What Slack tells: messages, reactions, channels, people, homes and the end of an installation."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from bot.core.acquaintance import Outsider
from bot.core.context import ComeAgain, Context, MessageRef, UserError
from bot.core.directory import Person
from bot.core.dispatcher import Dispatcher
from bot.core.events import ChannelChanged, ChannelJoined, ChannelLeft, ChannelQuit, Event, PersonChanged
from bot.core.feature import Heard
from bot.core.sender import Posted
from bot.core.ui import Line
from bot.core.unit import Origin
from bot.slack.directory import described
from bot.slack.origin import PLATFORM, Body, ident, is_ours, link, of_event, reading
from bot.slack.private import Private
from bot.slack.sender import Settle, marked
from bot.slack.text import clean, flat
from bot.slack.tokens import Tokens

log = logging.getLogger(__name__)

Said = Mapping[str, Any]
PROFILES = 10_000  # remembered, so that a new status is not taken for a new name
WRITTEN = (None, "bot_message", "file_share", "thread_broadcast", "me_message")  # subtypes of what was said


class Events:
    """`settle` hears of Parley's own messages as they come back."""

    def __init__(self, dispatcher: Dispatcher, tokens: Tokens, private: Private, settle: Settle) -> None:
        self._dispatcher, self._tokens, self._private, self._settle = dispatcher, tokens, private, settle
        self._profiles: OrderedDict[tuple[str, str], Person] = OrderedDict()

    async def handle(self, body: Body) -> None:
        """One event, to its end. What fails is raised, so that Slack sends the event again."""
        with reading():
            event, key = body["event"], f"{PLATFORM}:{ident(body['event_id'])}"
            handle = HANDLERS.get(event["type"])
        if handle is None:
            return
        try:
            await handle(self, body, event, key)
        except ComeAgain:
            raise
        except UserError as refusal:
            log.info("%s was refused: %s", event["type"], refusal)

    async def message(self, body: Body, event: Said, key: str) -> None:
        change: Literal["new", "edited", "deleted"]
        with reading():
            match event.get("subtype"):
                case "message_changed":
                    change, said, ts = "edited", event["message"], event["message"].get("ts") or event["ts"]
                case "message_deleted":
                    change, said, ts = "deleted", event.get("previous_message") or {}, event["deleted_ts"]
                case subtype if subtype in WRITTEN:
                    change, said, ts = "new", event, event["ts"]
                case _:
                    return
            channel, ts = ident(event["channel"]), ident(ts)
            home = said.get("user_team") or said.get("source_team") or said.get("team")
            app = said.get("app_id") or said.get("bot_id")
            author = None if app else said.get("user")
            origin = of_event(self._tokens, body, author, channel, home)
            row_id = marked(said) or marked(event.get("previous_message") or {})
        if is_ours(self._tokens.find(origin.workspace), body, said):
            if row_id:  # also of one that is changed or deleted: it stood
                await self._settle(PLATFORM, origin.workspace, row_id, Posted(channel, ts))
            return
        if not self._dispatcher.listens_to(PLATFORM, origin.workspace, channel) or not (app or author):
            return
        with reading():
            text, thread = flat(said), said.get("thread_ts") and ident(said["thread_ts"])
            if change == "edited" and text == flat(event.get("previous_message") or {}):
                return  # a link was unfolded, or a reply counted
            address = link(self._tokens, origin.workspace, channel, ts, thread)
        text = "" if change == "deleted" else text
        heard = Heard(change, channel, ts, thread if thread != ts else None, text, app, address)
        await self._dispatcher.heard(origin, heard, key)

    async def reaction(self, body: Body, event: Said, key: str) -> None:
        with reading():
            item, member = event["item"], ident(event["user"])
            if item.get("type") != "message":
                return
            origin = of_event(self._tokens, body, member, item["channel"])
            place = MessageRef(ident(item["channel"]), ident(item["ts"]), author=event.get("item_user"))
            name, at = event["reaction"].partition("::")[0], _instant(event.get("event_ts") or body["event_time"])
        bot = self._bot(origin)
        if member != bot:
            is_ours = place.author in (None, bot)
            is_there = event["type"] == "reaction_added"
            await self._dispatcher.reacted(origin, name, is_there, place, at, is_ours)

    async def joined(self, body: Body, event: Said, key: str) -> None:
        with reading():
            member, channel, inviter = ident(event["user"]), ident(event["channel"]), event.get("inviter")
        if member != self._bot(self._system(body)):
            await self._tell(body, key, ChannelJoined(channel, member))
            return
        origin = of_event(self._tokens, body, inviter, channel)
        await self._dispatcher.arrived(origin, key)

    async def quit(self, body: Body, event: Said, key: str) -> None:
        with reading():
            member, channel = ident(event["user"]), ident(event["channel"])
        is_parley = member == self._bot(self._system(body))
        await self._tell(body, key, ChannelLeft(channel) if is_parley else ChannelQuit(channel, member))

    async def left(self, body: Body, event: Said, key: str) -> None:
        with reading():
            channel = ident(event["channel"])
        await self._tell(body, key, ChannelLeft(channel))

    async def returned(self, body: Body, event: Said, key: str) -> None:
        with reading():
            origin = of_event(self._tokens, body, None, event["channel"])
        await self._dispatcher.arrived(origin, key)

    async def renamed(self, body: Body, event: Said, key: str) -> None:
        with reading():
            channel = event["channel"]
            changed = ChannelChanged(ident(channel["id"]), name=clean(channel["name"]))
        await self._tell(body, key, changed)

    async def shared(self, body: Body, event: Said, key: str) -> None:
        with reading():
            is_shared = event["type"] == "channel_shared" or bool(event.get("is_ext_shared", True))
            changed = ChannelChanged(ident(event["channel"]), is_shared=is_shared)
        if event["type"] == "channel_shared" or not is_shared:
            await self._tell(body, key, changed)

    async def person_changed(self, body: Body, event: Said, key: str) -> None:
        origin = self._system(body)
        installation = self._tokens.find(origin.workspace)
        if installation is None:
            return
        with reading():
            person = described(installation, event["user"])
        place = origin.workspace, person.external_id
        if self._profiles.get(place) != person:
            await self._tell(body, key, PersonChanged(person))
            self._profiles[place] = person
            if len(self._profiles) > PROFILES:
                self._profiles.popitem(last=False)

    async def home_opened(self, body: Body, event: Said, key: str) -> None:
        with reading():
            member, tab = ident(event["user"]), event.get("tab")
        if tab == "messages":
            return
        origin = of_event(self._tokens, body, member)
        if self._tokens.find(origin.workspace) is None:
            return
        try:
            parts = await self._dispatcher.home(origin)
        except UserError as refusal:
            parts = [Line(str(refusal))]
        shown = parts or [Line(str(Outsider()))]
        self._private.show_home(origin.workspace, member, shown, lambda: self._dispatcher.promise_home(origin))

    async def revoked(self, body: Body, event: Said, key: str) -> None:
        with reading():
            bots = (event.get("tokens") or {}).get("bot") or []
        if bots:
            await self.uninstalled(body, event, key)

    async def uninstalled(self, body: Body, event: Said, key: str) -> None:
        origin = self._system(body)
        log.warning("Parley was removed from workspace %s", origin.workspace)
        await self._dispatcher.tell(origin, _uninstall, key)
        self._tokens.forget(origin.workspace)
        await self._dispatcher.refresh()

    async def _tell(self, body: Body, key: str, told: Event) -> None:
        await self._dispatcher.tell(self._system(body), lambda ctx: ctx.emit(told), key)
        if isinstance(told, ChannelLeft | ChannelChanged):
            await self._dispatcher.refresh()

    def _system(self, body: Body) -> Origin:
        return of_event(self._tokens, body, None)

    def _bot(self, origin: Origin) -> str | None:
        installation = self._tokens.find(origin.workspace)
        return installation.bot_user if installation else None


Handler = Callable[[Events, Body, Said, str], Awaitable[None]]
HANDLERS: Mapping[str, Handler] = {
    "message": Events.message,
    "reaction_added": Events.reaction,
    "reaction_removed": Events.reaction,
    "member_joined_channel": Events.joined,
    "member_left_channel": Events.quit,
    "channel_left": Events.left,
    "group_left": Events.left,
    "channel_archive": Events.left,
    "group_archive": Events.left,
    "channel_deleted": Events.left,
    "group_deleted": Events.left,
    "channel_unarchive": Events.returned,
    "group_unarchive": Events.returned,
    "channel_rename": Events.renamed,
    "group_rename": Events.renamed,
    "channel_shared": Events.shared,
    "channel_unshared": Events.shared,
    "user_change": Events.person_changed,
    "app_home_opened": Events.home_opened,
    "tokens_revoked": Events.revoked,
    "app_uninstalled": Events.uninstalled,
}


def _uninstall(ctx: Context) -> None:
    ctx.workspace.uninstalled_at = ctx.now


def _instant(ts: object) -> datetime:
    return datetime.fromtimestamp(float(str(ts)), UTC)
