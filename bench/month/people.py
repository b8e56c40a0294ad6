"""Who works there: where, when, with whom, and how they are."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bench.month.hours import COUNTRIES, DAY, Hours

HOME = "Europe/Vienna"  # of the workspace
WEEKS = ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5), (1, 2, 3, 4), (2, 3, 4, 5, 6), (7, 1, 2, 3, 4))
SHIFTS = (("09:00", "17:00"), ("08:00", "16:30"), ("10:15", "18:00"), ("09:00", "13:00"), ("13:30", "22:30"))
PROMPT, LATE, NEVER = "prompt", "late", "never"
SEEN = timedelta(days=45)  # beyond the end, for deadlines that lie there


@dataclass
class Colleague:
    """`off`: first and last day off, if they have any. `change`: from when on they work other hours, and which."""

    name: str
    side: str
    temper: str
    zone: str
    days: tuple[int, ...]
    shift: tuple[str, str]
    is_head: bool = False
    stand_in: str | None = None
    manager: str | None = None
    off: tuple[date, date] | None = None
    change: tuple[datetime, tuple[str, str]] | None = None
    hours: dict[tuple[str, str], Hours] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"U_{self.name.lower()}"

    def hours_at(self, at: datetime) -> Hours:
        """When they work, as it is known at an instant."""
        return self.hours[self.change[1] if self.change and self.change[0] <= at else self.shift]

    def know_hours(self, begin: datetime, end: datetime) -> None:
        first, last = self.off or (date.max, date.min)
        off = [first + n * DAY for n in range((last - first).days + 1)] if self.off else []
        for shift in {self.shift, *([self.change[1]] if self.change else [])}:
            starts, ends = map(time.fromisoformat, shift)
            self.hours[shift] = Hours(self.zone, self.days, starts, ends, off, begin - 3 * DAY, end + SEEN)


def team(chance: random.Random, size: int, begin: datetime, days: int) -> list[Colleague]:
    """Sixty per cent sell, a third is in marketing, the others look on; a head for each side leads the others."""
    zones = [zone for zone in COUNTRIES if zone != HOME]
    found = []
    for number in range(size):
        share = number / size
        side = "sales" if share < 0.6 else "marketing" if share < 0.92 else "other"
        temper = chance.choices((PROMPT, LATE, NEVER), (6, 3, 1))[0]
        zone = HOME if number % 3 == 0 else zones[number % len(zones)]
        shift = SHIFTS[number % len(SHIFTS)] if number % 2 else SHIFTS[0]
        one = Colleague(f"P{number}", side, temper, zone, chance.choice(WEEKS), shift)
        if chance.random() < 0.25:
            first = begin.date() + chance.randint(2, max(days - 1, 2)) * DAY
            one.off = (first, first + chance.randint(0, 6) * DAY)
        found.append(one)
    for side in ("sales", "marketing"):
        _arrange(chance, [one for one in found if one.side == side], begin, days)
    for one in found:
        one.know_hours(begin, begin + days * DAY)
    return found


def _arrange(chance: random.Random, side: Sequence[Colleague], begin: datetime, days: int) -> None:
    """A head, three who lead others, stand-ins among neighbours; who has no duties may change their hours."""
    side[0].is_head = True
    leaders = side[1:3]
    side[1].temper = NEVER  # whatever they are told
    for number, one in enumerate(side):
        if one in leaders or one.is_head:
            continue
        if chance.random() < 0.6:
            one.manager = chance.choice(leaders).name
        if chance.random() < 0.7:
            one.stand_in = side[number - 1].name
    duties = {name for one in side for name in (one.stand_in, one.manager)}
    for one in side:
        if one.name not in duties and not one.is_head and chance.random() < 0.5:
            at = begin + chance.uniform(0.3, 0.7) * days * DAY
            one.change = at, chance.choice([shift for shift in SHIFTS if shift != one.shift])
