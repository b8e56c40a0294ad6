"""The table of Web API methods and the scope each one needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.records import Payload
from bot.playground.request import Request

Work = Callable[[Request], Payload]


@dataclass(frozen=True)
class Method:
    """What a method does and the scope without which it refuses (None: any token will do)."""

    work: Work
    scope: str | None


METHODS: dict[str, Method] = {}


def method(name: str, scope: str | None = None) -> Callable[[Work], Work]:
    """Register a function as a Web API method."""

    def register(work: Work) -> Work:
        METHODS[name] = Method(work, scope)
        return work

    return register
