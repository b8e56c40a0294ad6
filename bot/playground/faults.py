"""Faults on demand: what Slack and the network do to an app on a bad day."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

ANY = "*"
Plan = Callable[[str, int], "Fault | None"]


@dataclass
class Fault:
    """One fault of a Web API method; `times` None means until `heal`."""

    method: str
    kind: str
    times: int | None = 1
    chance: float = 1.0
    status: int = 500
    retry_after: int = 1
    error: str = ""
    before: float = 0.0
    after: float = 0.0


class Faults:
    """The faults that lie in wait; every random choice comes from the seed."""

    def __init__(self, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self._waiting: list[Fault] = []
        self._plan: Plan | None = None
        self._calls: Counter[str] = Counter()
        self._late = 0.0
        self._window: int = 1
        self._doubled: int | None = 0
        self._dropped_acks: int | None = 0

    def rate_limits(
        self, method: str = ANY, *, retry_after: int = 1, times: int | None = 1, chance: float = 1.0
    ) -> None:
        """Answer 429 with Retry-After in seconds."""
        self._waiting.append(Fault(method, "status", times, chance, status=429, retry_after=retry_after))

    def breaks(self, method: str = ANY, *, status: int = 500, times: int | None = 1, chance: float = 1.0) -> None:
        """Answer 500, 503 and the like, without the effect."""
        self._waiting.append(Fault(method, "status", times, chance, status=status))

    def refuses(
        self, method: str = ANY, error: str = "internal_error", *, times: int | None = 1, chance: float = 1.0
    ) -> None:
        """Answer `ok: false` with an error, without the effect."""
        self._waiting.append(Fault(method, "refuse", times, chance, error=error))

    def drops_before(self, method: str = ANY, *, times: int | None = 1, chance: float = 1.0) -> None:
        """Close the connection and do nothing."""
        self._waiting.append(Fault(method, "drop_before", times, chance))

    def drops_after(self, method: str = ANY, *, times: int | None = 1, chance: float = 1.0) -> None:
        """Do what was asked, then close the connection without an answer."""
        self._waiting.append(Fault(method, "drop_after", times, chance))

    def delays(
        self, method: str = ANY, *, before: float = 0.0, after: float = 0.0, times: int | None = 1, chance: float = 1.0
    ) -> None:
        """Wait before the effect, after it, or both."""
        self._waiting.append(Fault(method, "delay", times, chance, before=before, after=after))

    def breaks_after(self, method: str = ANY, *, status: int = 500, times: int | None = 1, chance: float = 1.0) -> None:
        """Do what was asked, then answer 500, 503 and the like."""
        self._waiting.append(Fault(method, "status_after", times, chance, status=status))

    def follows(self, plan: Plan) -> None:
        """Ask a plan, besides, which fault hits each call: it gets the method and the number of the call, from 1."""
        self._plan = plan

    def doubles_events(self, times: int | None = None) -> None:
        """Deliver each of the next events twice, with the same event_id."""
        self._doubled = times

    def shuffles_events(self, window: int) -> None:
        """Hold events back until `window` of them wait, then deliver them in another order; 1 ends it."""
        self._window = window

    def belates_events(self, most: float) -> None:
        """Deliver every event, and every copy of it, up to `most` seconds late: in any order."""
        self._late = most

    def drops_acks(self, times: int | None = 1) -> None:
        """Lose the app's next acknowledgements of events after they were given, so that Slack retries."""
        self._dropped_acks = times

    def heal(self) -> None:
        """Take all faults away."""
        self._waiting.clear()
        self._window, self._doubled, self._dropped_acks = 1, 0, 0
        self._plan, self._late = None, 0.0

    @property
    def window(self) -> int:
        """How many events are held back to be shuffled."""
        return self._window

    def strikes(self, method: str) -> list[Fault]:
        """The faults that hit this call; those of a limited number are used up by it."""
        self._calls[method] += 1
        planned = self._plan(method, self._calls[method]) if self._plan else None
        struck = [planned] if planned else []
        for fault in list(self._waiting):
            if fault.method not in (ANY, method) or self.random.random() >= fault.chance:
                continue
            struck.append(fault)
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._waiting.remove(fault)
        return struck

    @property
    def lateness(self) -> float:
        """How many seconds late the next event is delivered."""
        return self.random.uniform(0.0, self._late)

    def doubles_next(self) -> bool:
        """Whether the next event is delivered twice."""
        doubled, self._doubled = _spend(self._doubled)
        return doubled

    def drops_next_ack(self) -> bool:
        """Whether the next acknowledgement is lost."""
        dropped, self._dropped_acks = _spend(self._dropped_acks)
        return dropped


def _spend(left: int | None) -> tuple[bool, int | None]:
    if left is None:
        return True, None
    return (True, left - 1) if left > 0 else (False, 0)
