"""Faults around whatever an app asks of the double over HTTP: before the effect, instead of it, and after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.playground.faults import Fault, Faults

Work = Callable[[], Awaitable[tuple[web.Response, str]]]  # the answer, and the word for it in the journal
Note = Callable[[str], None]


async def struck(faults: Faults, method: str, request: web.Request, note: Note, work: Work) -> web.StreamResponse:
    """The answer to one request, struck by the faults that wait for its method; `note` hears how it ended."""
    found = faults.strikes(method)
    await asyncio.sleep(sum(fault.before for fault in found))
    if stopped := next((fault for fault in found if fault.kind in ("status", "refuse", "drop_before")), None):
        note(_OUTCOMES[stopped.kind](stopped))
        return _failure(request, stopped)
    answer, outcome = await work()
    lost = next((fault for fault in found if fault.kind in ("status_after", "drop_after")), None)
    note(_OUTCOMES[lost.kind](lost) if lost else outcome)
    await asyncio.sleep(sum(fault.after for fault in found))
    return _failure(request, lost) if lost else answer


_OUTCOMES: dict[str, Callable[[Fault], str]] = {
    "status": lambda fault: f"http {fault.status}",
    "status_after": lambda fault: f"http {fault.status} after",
    "refuse": lambda fault: fault.error,
    "drop_before": lambda _: "dropped before",
    "drop_after": lambda _: "dropped after",
}


def _failure(request: web.Request, fault: Fault) -> web.Response:
    if fault.kind.startswith("drop"):
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    if fault.kind == "refuse":
        return web.json_response({"ok": False, "error": fault.error})
    if fault.status == 429:
        limited = {"ok": False, "error": "ratelimited"}
        return web.json_response(limited, status=429, headers={"Retry-After": str(fault.retry_after)})
    return web.Response(status=fault.status, text="upstream connect error")
