"""The demo's clock: real time, ahead of it by as much as somebody has travelled."""

from datetime import UTC, datetime, timedelta


class Clock:
    """It goes as fast as real time, or stands still while somebody travels."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self._ahead = ahead
        self._stands_at: datetime | None = None

    def now(self) -> datetime:
        return self._stands_at or datetime.now(UTC) + self._ahead

    def timestamp(self) -> float:
        """Now in seconds since 1970, as Slack counts."""
        return self.now().timestamp()

    @property
    def ahead(self) -> timedelta:
        """By how much it is ahead of real time."""
        return self.now() - datetime.now(UTC) if self._stands_at else self._ahead

    def stands_at(self, instant: datetime) -> None:
        self._stands_at = instant

    def goes_on(self) -> None:
        """From where it stands."""
        self.goes(self.ahead)

    def goes(self, ahead: timedelta) -> None:
        """So much ahead of real time."""
        self._ahead, self._stands_at = ahead, None
