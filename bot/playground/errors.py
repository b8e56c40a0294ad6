"""The refusal of a Web API method, as Slack words it."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """`ok: false` with an error code; `extra` goes into the answer beside it."""

    def __init__(self, error: str, messages: list[str] | None = None, **extra: Any) -> None:
        super().__init__(error if messages is None else f"{error}: {'; '.join(messages)}")
        self.error = error
        self.extra: dict[str, Any] = extra
        if messages is not None:
            self.extra["response_metadata"] = {"messages": messages}
