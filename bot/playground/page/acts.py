"""What a person at the page does, as acts of the workspace's people."""

from __future__ import annotations

import base64
from typing import Any, assert_never

from bot.playground.blocks import block_elements
from bot.playground.deliveries import Answer
from bot.playground.elements import offered
from bot.playground.page import requests
from bot.playground.page.guide import Travel
from bot.playground.page.seen import Seen
from bot.playground.page.watch import Watch, Window
from bot.playground.person import Person
from bot.playground.records import Channel, Message, Payload, View
from bot.playground.surface import Spot, enter
from bot.playground.values import chosen, key_of
from bot.playground.workspace import Workspace

MOST_CHARACTERS = 12_000  # of a message, as Slack's client bounds it


class Acts:
    """Does what a window asks for; LookupError and ValueError say why it cannot be done."""

    def __init__(self, workspace: Workspace, seen: Seen, watch: Watch, travel: Travel | None) -> None:
        self._workspace = workspace
        self._team = workspace.team
        self._seen = seen
        self._watch = watch
        self._travel = travel

    async def do(self, window: Window, request: requests.AnyRequest) -> Payload:
        """One request; what it answers to this window, beside what all windows are told."""
        if isinstance(request, requests.Be):
            return self._be(window, request.person)
        if window.person is None:
            raise LookupError("say first who you are")
        if isinstance(request, requests.Place | requests.Submit | requests.Close):
            return await self._do_in_view(window.person, request)
        return await self._do_here(window, window.person, request)

    def _be(self, window: Window, user: str) -> Payload:
        people = [each for each in self._team.members.values() if not each.is_bot and not each.deleted]
        found = next((each for each in people if each.id == user), None)
        if found is None:
            raise LookupError("there is no such person")
        person = window.person = self._workspace.who(found.id)
        window.tour = self._watch.guidance(person)
        return self._seen.everything(person) | {"time": self._watch.time(person), "tour": window.tour}

    async def _do_here(self, window: Window, person: Person, request: Any) -> Payload:
        match request:
            case requests.Inspect(on=on):
                window.inspects = on
                return {"lines": self._watch.traffic.lines() if on else []}
            case requests.Payload(n=number):
                return {"payload": self._watch.traffic.payload(number)}
            case requests.Go(to=to):
                await self._go(to)
            case requests.OpenHome(tab=tab):
                await person.opens_home(tab)
            case requests.Shortcut(callback=callback, channel=""):
                return _outcome(await person.uses_shortcut(callback))
            case _:
                return await self._do_in_channel(person, self._channel(person, request.channel), request)
        return {}

    async def _do_in_channel(self, person: Person, channel: Channel, request: Any) -> Payload:
        match request:
            case requests.Open(before=before):
                return self._seen.messages(person, channel, before)
            case requests.OpenThread(ts=ts):
                return self._seen.thread(person, channel, self._message(person, channel, ts))
            case requests.Read(ts=ts):
                self._seen.reads(person, channel, ts)
                self._watch.tell_read(person, channel.id)
            case requests.Write(text=text):
                _bounded(text)
                written = await person.writes(
                    channel, text, thread=self._thread(channel, request.thread), broadcast=request.broadcast
                )
                return {"ts": written.ts}
            case requests.Upload(name=name, content=content, text=text):
                thread = self._thread(channel, request.thread)
                await person.uploads(channel, name, base64.b64decode(content, validate=True), text=text, thread=thread)
            case requests.Command(line=line):
                _bounded(line)
                return _outcome(await person.types(line, channel))
            case requests.Edit(ts=ts, text=text):
                _bounded(text)
                await person.edits(self._message(person, channel, ts), text)
            case requests.Delete(ts=ts):
                await person.deletes(self._message(person, channel, ts))
            case requests.React(ts=ts, name=name):
                await self._react(person, self._message(person, channel, ts), name)
            case requests.Shortcut(callback=callback, ts=ts):
                return _outcome(await person.uses_shortcut(callback, self._message(person, channel, ts)))
            case requests.Join():
                await person.joins(channel)
            case requests.Invite():
                await person.invites(self._workspace.bot, channel)
            case _:
                assert_never(request)
        return {}

    async def _do_in_view(self, person: Person, request: requests.Place | requests.Submit | requests.Close) -> Payload:
        if isinstance(request, requests.Close):
            await person.closes()
            return {}
        place = self._place(person, request)
        if isinstance(request, requests.Submit):
            self._enter_all(place, request.values)
            answer = await person.submits()
            return _outcome(answer) if answer else {}
        spot = _spot(place, request.block, request.action)
        match request:
            case requests.Press():
                return _outcome(await person.acts(place, spot))
            case requests.Enter(values=values):
                self._enter_all(place, values)
                person.errors.pop(request.block, None)  # what was wrong with it was another value
                if spot.tells_at_once:
                    return _outcome(await person.acts(place, spot, _value(place, spot)))
                return {}
            case requests.Search(query=query):
                return {"groups": await person.looks_up(place, spot, query)}

    async def _go(self, to: str) -> None:
        if self._travel is None or self._watch.travelling:
            raise LookupError("time goes its own way just now")
        self._watch.travelling = True
        self._watch.tell_time()
        try:
            await self._travel.go(to)
            await self._watch.look_at_tour()
        finally:
            self._watch.travelling = False
            self._watch.tell_time()

    async def _react(self, person: Person, message: Message, name: str) -> None:
        if person.id in message.reactions.get(name, []):
            await person.unreacts(message, name)
        else:
            await person.reacts(message, name)

    def _channel(self, person: Person, channel_id: str) -> Channel:
        channel = self._team.channels.get(channel_id)
        if channel is None or not self._seen.is_known(person, channel):
            raise LookupError("there is no such channel")
        return channel

    def _message(self, person: Person, channel: Channel, ts: str) -> Message:
        own = (each for each in person.ephemerals if each.ts == ts and each.channel == channel.id)
        message = channel.log.get(ts) or next(own, None)
        if message is None or message.deleted:
            raise LookupError("this message is gone")
        return message

    @staticmethod
    def _thread(channel: Channel, ts: str | None) -> Message | None:
        if ts is None:
            return None
        if ts not in channel.log or channel.log[ts].deleted:
            raise LookupError("this thread is gone")
        return channel.log[ts]

    def _place(self, person: Person, request: requests.Place | requests.Submit) -> Message | View:
        if request.view:
            view = self._team.view(request.view)
            if view is None or view.user != person.id:
                raise LookupError("this form is closed")
            return view
        assert not isinstance(request, requests.Submit)
        return self._message(person, self._channel(person, request.channel), request.ts)

    @staticmethod
    def _enter_all(place: Message | View, values: requests.Values) -> None:
        for block in place.blocks:
            for element in block_elements(block):
                entered = values.get(block["block_id"], {})
                if element.get("action_id") in entered:
                    spot = Spot(block, element)
                    enter(place, spot, _as_slack_keeps(element, entered[element["action_id"]]))


def _spot(place: Message | View, block_id: str, action_id: str) -> Spot:
    for block in place.blocks:
        for element in block_elements(block):
            if block["block_id"] == block_id and element.get("action_id") == action_id:
                return Spot(block, element)
    raise LookupError("this is no longer there")


def _value(place: Message | View, spot: Spot) -> Any:
    values = place.values if isinstance(place, View) else place.state
    return values[spot.block["block_id"]][spot.element["action_id"]][key_of(spot.element)]


def _as_slack_keeps(element: Payload, given: Any) -> Any:
    """The value of a field from what the page sends: texts, and values of options (with their text when searched)."""
    if given in (None, "", []):
        return chosen(element, None)
    if element["type"] == "external_select":
        option = {"text": {"type": "plain_text", "text": str(given["text"]), "emoji": False}}
        return option | {"value": str(given["value"])}
    options = [option for option in offered(element) if option["value"] in given] if "options" in element else None
    if "option_groups" in element:
        options = [option for option in offered(element) if option["value"] == given]
    return chosen(element, given, options)


def _outcome(answer: Answer) -> Payload:
    return {} if answer.ok else {"trouble": answer.reason}


def _bounded(text: str) -> None:
    if not text.strip():
        raise ValueError("there is nothing to send")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"a message has at most {MOST_CHARACTERS} characters")
