"""What a platform's rate limits allow: token buckets per lane, workspace and method, kept in memory."""

from collections.abc import Hashable
from dataclasses import dataclass

from storage.outbox import Bucket, Kind, OutboxRow


@dataclass(frozen=True)
class Limit:
    per_second: float
    burst: float


# Slack: about one message a second and channel with short bursts, several hundred a minute and workspace; other methods
# are counted each for itself, per workspace. chat.update may be called more than 50 times a minute (tier 3). The two
# steps of an upload may be more than 100 times (tier 4; only the files.upload of old had tier 2), but where a file
# stands is asked of conversations.history, which is of tier 3 and needed elsewhere, too. Teams allows more.
LANE = Limit(1, 3)
WORKSPACE = Limit(4, 20)
METHODS = {
    Kind.UPDATE: Limit(45 / 60, 10),
    Kind.DELETE: Limit(45 / 60, 10),
    Kind.REACT: Limit(45 / 60, 10),
    Kind.HOME: Limit(90 / 60, 20),
    Kind.FILE: Limit(40 / 60, 10),
}


_NOTHING = 1e-6  # seconds or tokens; below that clocks and sums are not exact


class _Bucket:
    def __init__(self, limit: Limit, now: float) -> None:
        self.limit, self.tokens, self.at = limit, limit.burst, now

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 if there is one."""
        if now > self.at:
            self.tokens = min(self.limit.burst, self.tokens + (now - self.at) * self.limit.per_second)
            self.at = now
        seconds = max(0.0, self.at - now) or max(0.0, (1 - self.tokens) / self.limit.per_second)
        return seconds if seconds > _NOTHING else 0.0


class Budget:
    """Not exact over several processes: there the platform's 429 has the last word.

    `generosity` multiplies every limit: a local workspace takes more than a platform does.
    """

    def __init__(self, generosity: float = 1.0) -> None:
        self._generosity = generosity
        self._buckets: dict[Hashable, _Bucket] = {}

    def wait(self, bucket: Bucket, now: float) -> float:
        """Seconds until the method may be called in the workspace; 0 if it may now."""
        return self._method(bucket, now).wait(now)

    def delay(self, row: OutboxRow, now: float) -> float:
        """Take what the row needs and return 0, or take nothing and return the seconds to wait."""
        needed = [self._method(Bucket(row.workspace_id, row.kind), now)]
        if row.kind in (Kind.POST, Kind.FILE):
            needed.append(self._bucket(("lane", row.workspace_id, row.channel_id, row.member_id), LANE, now))
        wait = max(bucket.wait(now) for bucket in needed)
        if wait == 0:
            for bucket in needed:
                bucket.tokens -= 1
        return wait

    def pause(self, row: OutboxRow, seconds: float, now: float) -> None:
        """The platform said to wait with this method in this workspace; after that, one call tries."""
        bucket = self._method(Bucket(row.workspace_id, row.kind), now)
        bucket.tokens, bucket.at = 1.0, max(bucket.at, now + seconds)

    def _method(self, bucket: Bucket, now: float) -> _Bucket:
        return self._bucket(("method", *bucket), METHODS.get(bucket.kind, WORKSPACE), now)

    def _bucket(self, key: Hashable, limit: Limit, now: float) -> _Bucket:
        if len(self._buckets) > 10_000:  # full buckets need not be remembered
            self._buckets = {k: b for k, b in [*self._buckets.items()] if b.wait(now) or b.tokens < b.limit.burst}
        if key not in self._buckets:
            allowed = Limit(limit.per_second * self._generosity, limit.burst * self._generosity)
            self._buckets[key] = _Bucket(allowed, now)
        return self._buckets[key]
