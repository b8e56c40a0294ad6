"""The Web API over HTTP: arguments, tokens, scopes, faults and the journal around every method."""

from __future__ import annotations

import json

from aiohttp import web

from bot.playground.errors import SlackError
from bot.playground.faults import Faults
from bot.playground.journal import Call
from bot.playground.methods import METHODS
from bot.playground.outages import struck
from bot.playground.records import Payload
from bot.playground.request import Request
from bot.playground.socket_transport import SocketTransport
from bot.playground.state import Installation, State


class WebApi:
    """Answers POST /api/<method>."""

    def __init__(self, state: State, faults: Faults, socket: SocketTransport) -> None:
        self._state = state
        self._faults = faults
        self._socket = socket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call, struck by the faults that wait for its method."""
        method = request.match_info["method"]
        arguments = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(arguments.pop("token", ""))
        installation = self._state.tokens.get(token)
        arguments.pop("token", None)

        async def work() -> tuple[web.Response, str]:
            answer = self.answer(method, token, arguments)
            scopes = ",".join(sorted(installation.scopes)) if installation else ""
            headers = {"x-oauth-scopes": scopes, "x-slack-req-id": self._state.new_id("R")}
            return web.json_response(answer, headers=headers), "ok" if answer["ok"] else str(answer["error"])

        def note(outcome: str) -> None:
            team_id = installation.team_id if installation else None
            self._state.note(Call(self._state.now(), method, team_id, arguments, outcome))

        return await struck(self._faults, method, request, note, work)

    def answer(self, method: str, token: str, arguments: Payload) -> Payload:
        """What a method answers, without a network in between."""
        try:
            return {"ok": True} | self._work(method, token, self._state.tokens.get(token), arguments)
        except SlackError as refusal:
            return {"ok": False, "error": refusal.error} | refusal.extra

    def _work(self, method: str, token: str, installation: Installation | None, arguments: Payload) -> Payload:
        if method == "apps.connections.open":
            if token != self._state.app.app_token:
                raise SlackError("invalid_auth" if token else "not_authed")
            if not self._state.app.socket_mode:
                raise SlackError("socket_mode_not_enabled")
            return {"url": self._socket.ticket_url()}
        if method == "api.test":
            if "error" in arguments:
                raise SlackError(str(arguments["error"]), args=arguments)
            return {"args": arguments} if arguments else {}
        known = METHODS.get(method)
        if known is None:
            raise SlackError("unknown_method", req_method=method)
        if not token:
            raise SlackError("not_authed")
        if installation is None:
            raise SlackError("not_allowed_token_type" if token == self._state.app.app_token else "invalid_auth")
        if installation.revoked:
            raise SlackError("token_revoked")
        request = Request(self._state, self._state.teams[installation.team_id], installation, arguments)
        if known.scope is not None:
            request.require(known.scope)
        return known.work(request)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of a file, as the whole body or as a form's file; its faults are those of "upload"."""

        async def work() -> tuple[web.Response, str]:
            answer = await self._uploaded(request)
            return answer, "ok" if answer.status == 200 else f"http {answer.status}"

        def note(outcome: str) -> None:
            self._state.note(Call(self._state.now(), "upload", None, dict(request.match_info), outcome))

        return await struck(self._faults, "upload", request, note, work)

    async def _uploaded(self, request: web.Request) -> web.Response:
        file = self._state.uploads.get(request.match_info["file_id"])
        if file is None:
            return web.Response(status=404, text="file_not_found")
        if request.content_type.startswith("multipart/"):
            parts = await request.post()
            part = next((value for value in parts.values() if isinstance(value, web.FileField)), None)
            file.content = part.file.read() if part else b""
        else:
            file.content = await request.read()
        if len(file.content) != file.size:
            file.content = b""
            return web.Response(status=400, text="length does not match")
        return web.Response(text=f"OK - {file.size}")

    async def download(self, request: web.Request) -> web.Response:
        """The bytes of a shared file, for whoever has a token of its workspace."""
        installation = self._state.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        team = self._state.teams[installation.team_id] if installation else None
        file = team.files.get(request.match_info["file_id"]) if team else None
        if file is None:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type=file.as_payload()["mimetype"])


async def _arguments(request: web.Request) -> Payload:
    arguments: Payload = dict(request.query)
    if request.content_type == "application/json":
        raw = await request.text()
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            body = {}
        return arguments | (body if isinstance(body, dict) else {})
    return arguments | {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
