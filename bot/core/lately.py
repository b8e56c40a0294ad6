"""What was delivered lately, in the memory of this process: for what must not be written down anywhere."""

from collections import OrderedDict

MOST = 50_000  # deliveries; a platform repeats one within minutes


class Lately:
    """Deliveries that were done, by the platform's id of each."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[int, None] = OrderedDict()

    def knows(self, delivery: str | None) -> bool:
        return delivery is not None and hash(delivery) in self._known

    def note(self, delivery: str | None) -> None:
        """By a number that tells nobody anything: the seed of `hash` is the process's own."""
        if delivery is not None:
            self._known[hash(delivery)] = None
            while len(self._known) > self._most:
                self._known.popitem(last=False)
