"""The journal: every Web API call and every delivery, for assertions and for the inspector."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.playground.records import Payload


@dataclass(frozen=True)
class Call:
    """A Web API call, or the use of a `response_url` or of an address to `upload` to.

    `outcome` is `ok`, Slack's error code, `http 429`, `http 500 after` or `dropped before|after`.
    """

    at: float
    method: str
    team_id: str | None
    arguments: Payload
    outcome: str


@dataclass(frozen=True)
class Delivery:
    """One attempt to hand something to the app; `outcome` is `ok` or the reason of the failure."""

    at: float
    kind: str
    payload: Payload
    attempt: int
    outcome: str


@dataclass
class Journal:
    """Calls and deliveries in the order they ended; `troubles` are failures a person saw or Slack would refuse."""

    calls: list[Call] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def called(self, method: str, outcome: str | None = None) -> list[Call]:
        """The calls of one method, all or those that ended in one way."""
        return [each for each in self.calls if each.method == method and outcome in (None, each.outcome)]

    def delivered(self, type_: str) -> list[Delivery]:
        """The attempts whose event, command or interaction has this type (a command's type is `command`)."""
        return [each for each in self.deliveries if _type_of(each) == type_]


def _type_of(delivery: Delivery) -> str:
    if delivery.kind == "event":
        return str(delivery.payload["event"]["type"])
    return str(delivery.payload.get("type", delivery.kind))
