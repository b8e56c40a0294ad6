"""The demo's clock: real time, moved by as much as somebody has travelled."""

from datetime import UTC, datetime, timedelta


class Clock:
    """It goes on by itself, as fast as real time."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self.ahead = ahead  # of real time

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def timestamp(self) -> float:
        """Now in seconds since 1970, as Slack counts."""
        return self.now().timestamp()

    def moves_to(self, instant: datetime) -> None:
        self.ahead = instant - datetime.now(UTC)
