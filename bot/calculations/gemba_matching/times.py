"""When people are free at once: counted for everybody with everybody, and as visits for two who were matched."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from bot.calculations.gemba_matching.incidence import incidence, product
from bot.rules.swaps import Slot

Span = tuple[int, int]  # minutes since 1970
Counts = NDArray[np.uint8]
ENOUGH = 2  # visits: one each way; more are not counted


class Free(NamedTuple):
    """A half-day; `day` is the date on its owner's calendar."""

    begins: int
    ends: int
    day: int


Diary = tuple[Free, ...]


def diary(slots: Sequence[Slot]) -> Diary:
    return tuple(
        Free(_minutes(slot["begins"]), _minutes(slot["ends"]), datetime.fromisoformat(slot["label"][:10]).toordinal())
        for slot in slots
    )


def without(free: Diary, taken: Sequence[Span]) -> Diary:
    """What is left of it beside what is taken."""
    for begins, ends in taken:
        free = tuple(
            Free(first, last, slot.day)
            for slot in free
            for first, last in ((slot.begins, min(begins, slot.ends)), (max(ends, slot.begins), slot.ends))
            if first < last
        )
    return free


def visits_that_fit(ours: Sequence[Diary], theirs: Sequence[Diary], minutes: int) -> Counts:
    """How many visits of so many minutes, one after the other, each has room for with each, within half-days of both;
    at most `ENOUGH` are counted."""
    my_slots, their_slots = _slots(ours), _slots(theirs)
    mine, of_theirs = incidence(ours, my_slots), incidence(theirs, their_slots)
    counted = product(mine @ _room(list(my_slots), list(their_slots), minutes), of_theirs, most=ENOUGH)
    return counted.astype(np.uint8)


def shared(ours: Diary, theirs: Diary) -> list[Free]:
    """The time of half-days of both, in order; the day is ours."""
    both = (Free(max(one.begins, other.begins), min(one.ends, other.ends), one.day) for one in ours for other in theirs)
    return sorted(free for free in both if free.begins < free.ends)


def one_each(free: Sequence[Free], minutes: int) -> list[Span]:
    """Two visits, if there is room for them: on two days, else in two half-days, else one after the other."""
    visits = [
        (begins, begins + minutes, slot)
        for slot in free
        for begins in range(slot.begins, slot.ends - minutes + 1, minutes)
    ]
    if len(visits) < ENOUGH:
        return []
    first, *later = visits
    second = min(later, key=lambda visit: (visit[2].day == first[2].day, visit[2] == first[2], visit[0]))
    return [first[:2], second[:2]]


def on_days(free: Sequence[Free], minutes: int, days: int, within: int) -> list[Span]:
    """A visit on each of so many days that lie within so many; none if there are not."""
    of_day: dict[int, Span] = {}
    for slot in free:
        if slot.ends - slot.begins >= minutes:
            of_day.setdefault(slot.day, (slot.begins, slot.begins + minutes))
    dates = sorted(of_day)
    for first, last in zip(dates, dates[days - 1 :], strict=False):
        if last - first < within:
            return [of_day[day] for day in dates if first <= day <= last]
    return []


def half_days(of: Diary, visits: Sequence[Span]) -> int:
    """In how many of somebody's half-days these visits lie."""
    return sum(any(slot.begins <= begins < slot.ends for begins, _ends in visits) for slot in of)


def iso(minutes: int) -> str:
    return (_EPOCH + timedelta(minutes=minutes)).isoformat()


def _slots(diaries: Sequence[Diary]) -> dict[Free, int]:
    return {slot: number for number, slot in enumerate(sorted({slot for slots in diaries for slot in slots}))}


def _room(ours: list[Free], theirs: list[Free], minutes: int) -> Any:
    """How many visits fit into what each half-day shares with each; both lists begin in order."""
    begin, end = _bounds(ours)
    their_begin, their_end = _bounds(theirs)
    longest = max(their_end - their_begin, default=0)
    low = np.searchsorted(their_begin, begin - longest)
    high = np.maximum(low, np.searchsorted(their_begin, end - minutes, side="right"))
    row = np.repeat(np.arange(len(ours)), high - low)
    column = np.arange(len(row)) - np.repeat(np.cumsum(high - low) - high, high - low)
    fit = (np.minimum(end[row], their_end[column]) - np.maximum(begin[row], their_begin[column])) // minutes
    some = fit > 0
    counted = np.minimum(fit[some], ENOUGH).astype(np.int32)
    return coo_array((counted, (row[some], column[some])), shape=(len(ours), len(theirs))).tocsr()


def _bounds(slots: list[Free]) -> Iterator[NDArray[np.int64]]:
    for bound in ([slot.begins for slot in slots], [slot.ends for slot in slots]):
        yield np.array(bound, dtype=np.int64)


@cache
def _minutes(instant: str) -> int:
    return int((datetime.fromisoformat(instant) - _EPOCH) // timedelta(minutes=1))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
