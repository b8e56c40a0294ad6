"""The Web API client: one shared session, no repetitions of its own, and what its failures mean."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.sender import Rejected, RetryAfter

TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds; shorter than delivery's lease
RECONNECT = 5.0  # seconds to wait after a connection that was never made
RATE_LIMIT = 30.0  # seconds to wait where Slack does not say how long

LIMITED = {"ratelimited", "rate_limited"}
IN_DOUBT = {"", "fatal_error", "internal_error", "service_unavailable", "request_timeout"}
UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)  # not a byte was sent


def open_client(api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """slack_sdk's default is to send again when a connection drops, which posts twice: never here."""
    return AsyncWebClient(base_url=api_url, session=session, retry_handlers=[])


@contextmanager
def understood() -> Iterator[None]:
    """Turn a call's failure into RetryAfter or Rejected; what is neither is passed on and leaves doubt."""
    try:
        yield
    except UNREACHED as error:
        raise RetryAfter(RECONNECT) from error
    except SlackApiError as error:
        status, reason = status_of(error), reason_of(error)
        if status == 429 or reason in LIMITED:
            raise RetryAfter(_seconds(error), is_limit=True) from error
        if status >= 500 or reason in IN_DOUBT:
            raise
        raise Rejected(reason) from error


def reason_of(error: SlackApiError) -> str:
    """Slack's word for why; empty where it gave none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def status_of(error: SlackApiError) -> int:
    """The HTTP status; slack_sdk keeps another kind of response when the body is no JSON."""
    response = error.response
    return int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)


def _seconds(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    try:
        return max(float(headers.get("Retry-After", RATE_LIMIT)), 1.0)
    except ValueError:
        return RATE_LIMIT
