"""response_url: what an app sends back to the place where somebody acted."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.playground import messages
from bot.playground.errors import SlackError
from bot.playground.faults import Faults
from bot.playground.journal import Call
from bot.playground.outages import struck
from bot.playground.records import Channel, Message, Payload
from bot.playground.request import content_of
from bot.playground.state import ResponseUrl, State, Team


class ResponseUrls:
    """Answers POST /response/<key>: five times within half an hour. Its faults are those of "response_url"."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state, self._faults = state, faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One answer by the app."""
        url = self._state.response_urls.get(request.match_info["key"])

        async def work() -> tuple[web.Response, str]:
            taken = await self._taken(request, url)
            return taken, "ok" if taken.status == 200 else taken.text or ""

        def note(outcome: str) -> None:
            team_id, where = url.team_id if url else None, dict(request.match_info)
            self._state.note(Call(self._state.now(), "response_url", team_id, where, outcome))

        return await struck(self._faults, "response_url", request, note, work)

    async def _taken(self, request: web.Request, url: ResponseUrl | None) -> web.Response:
        if url is None:
            return web.Response(status=404, text="no_service")
        if self._state.now() - url.at > self._state.pace.response_url_lives:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        if url.uses >= self._state.pace.response_url_uses:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        try:
            said = await request.json()
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        try:
            answer(self._state, url, said)
        except SlackError as refusal:
            self._state.journal.troubles.append(f"response_url: {refusal}")
            return web.Response(status=400, text=refusal.error)
        url.uses += 1
        return web.Response(text="ok")


def answer(state: State, url: ResponseUrl, said: Any) -> None:
    """Do what an answer says; SlackError if Slack would not take it."""
    if not isinstance(said, dict):
        raise SlackError("invalid_payload")
    team = state.teams[url.team_id]
    channel = team.channels[url.channel]
    original = _original(team, channel, url)
    if said.get("delete_original"):
        _delete(state, team, channel, original)
        return
    text, blocks, attachments = content_of(
        state, said.get("text") or "", said.get("blocks"), said.get("attachments"), longest=40_000
    )
    if said.get("replace_original"):
        _replace(state, team, channel, original, {"text": text, "blocks": blocks, "attachments": attachments})
        return
    message = messages.by_bot(
        state, team, channel, text, blocks, attachments=attachments, thread_ts=said.get("thread_ts")
    )
    if said.get("response_type") == "in_channel":
        messages.post(state, team, channel, message)
    else:
        message.seen_by = url.user
        messages.whisper(state, team, message)


def _original(team: Team, channel: Channel, url: ResponseUrl) -> Message | None:
    if url.message_ts is None:
        return None
    own = [message for message in team.ephemerals.get(url.user, []) if message.ts == url.message_ts]
    return own[0] if own else channel.log.get(url.message_ts)


def _delete(state: State, team: Team, channel: Channel, original: Message | None) -> None:
    if original is None:
        raise SlackError("message_not_found")
    if original.seen_by is not None:
        original.deleted = True
        team.ephemerals[original.seen_by].remove(original)
        state.tell("ephemeral", team, channel=channel.id, ts=original.ts, user=original.seen_by)
    else:
        messages.delete(state, team, channel, original)


def _replace(state: State, team: Team, channel: Channel, original: Message | None, content: Payload) -> None:
    if original is None:
        raise SlackError("message_not_found")
    if original.seen_by is not None:
        for key, value in content.items():
            setattr(original, key, value)
        original.state = {}
        state.tell("ephemeral", team, channel=channel.id, ts=original.ts, user=original.seen_by)
    else:
        messages.change(state, team, channel, original, state.installed(team).bot_user_id, **content)
