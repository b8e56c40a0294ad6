"""The Web API client: one shared session, no repetitions of its own, and what its failures mean."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.sender import Failed, Rejected, RetryAfter

TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds; shorter than delivery's lease
RECONNECT = 5.0  # seconds to wait after a connection that was never made
RATE_LIMIT = 30.0  # seconds to wait where Slack does not say how long
SOON = 0.1  # seconds until what failed at once is tried again while somebody waits,
SHORT = 1.0  # and the longest rate limit that they are made to wait for

LIMITED = {"ratelimited", "rate_limited"}
FAILED = {"fatal_error", "internal_error", "service_unavailable"}
IN_DOUBT = {"", "request_timeout"}
STILL_AT_IT = {502, 504}  # a gateway gave up waiting for Slack, which may go on
REPEATED = {"exchanged_trigger_id", "hash_conflict"}
UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)  # not a byte was sent


def open_client(api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """slack_sdk's default is to send again when a connection drops, which posts twice: never here."""
    return AsyncWebClient(base_url=api_url, session=session, retry_handlers=[])


@contextmanager
def understood() -> Iterator[None]:
    """Turn a call's failure into RetryAfter, Rejected or Failed; what is none of them is passed on and leaves doubt."""
    try:
        yield
    except UNREACHED as error:
        raise RetryAfter(RECONNECT) from error
    except SlackApiError as error:
        status, reason = status_of(error), reason_of(error)
        if status == 429 or reason in LIMITED:
            raise RetryAfter(_seconds(error), is_limit=True) from error
        if reason in FAILED or (status >= 500 and status not in STILL_AT_IT):
            raise Failed(reason or f"HTTP {status}") from error
        if status >= 500 or reason in IN_DOUBT:
            raise
        raise Rejected(reason) from error


async def insist(call: Callable[[], Awaitable[object]]) -> None:
    """Make a call that may be made twice, for somebody who waits: once more where it failed at once.

    Raises as `understood` does. Where the first may have been done, the second is refused as a repetition.
    """
    try:
        with understood():
            await call()
    except RetryAfter as error:
        if error.is_limit and error.seconds > SHORT:
            raise
        await asyncio.sleep(error.seconds if error.is_limit else SOON)
    except (Failed, SlackApiError, aiohttp.ClientError):
        await asyncio.sleep(SOON)
    else:
        return
    try:
        with understood():
            await call()
    except Rejected as error:
        if str(error) not in REPEATED:
            raise


def reason_of(error: SlackApiError) -> str:
    """Slack's word for why; empty where it gave none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def status_of(error: SlackApiError) -> int:
    """The HTTP status; slack_sdk keeps another kind of response when the body is no JSON."""
    response = error.response
    return int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)


def _seconds(error: SlackApiError) -> float:
    return pause_of(getattr(error.response, "headers", None) or {})


def pause_of(headers: Mapping[str, str]) -> float:
    """The seconds for which Slack wants nothing more."""
    try:
        return max(float(headers.get("Retry-After", RATE_LIMIT)), 1.0)
    except ValueError:
        return RATE_LIMIT
