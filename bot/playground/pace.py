"""How long the double waits where Slack waits, so that tests can wait less."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Seconds, each with Slack's value as its default; `retry_after` has one delay per retry of an event."""

    ack_within: float = 3.0
    retry_after: tuple[float, ...] = (0.0, 60.0, 300.0)
    socket_resend_after: float = 3.0
    socket_resends: int = 3
    ping_every: float = 30.0
    trigger_lives: float = 3.0
    response_url_lives: float = 1800.0
    response_url_uses: int = 5
