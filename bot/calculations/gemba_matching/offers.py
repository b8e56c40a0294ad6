"""The next-best thing for those who were left out: a ride-along at a host who has room, else another date."""

from collections.abc import Mapping, Sequence

import numpy as np

from bot.calculations.gemba_matching.assignment import best
from bot.calculations.gemba_matching.pairs import Pairs, is_to_swap, lacks_wishes, worth
from bot.calculations.gemba_matching.times import Diary, Free, Span, iso, shared, visits_that_fit, without
from bot.rules.swaps import MINUTES, Offer, Participant

RIDE = MINUTES["ride_along"]


def offers(pairs: Pairs, rows: Sequence[int], busy: Mapping[int, Sequence[Span]]) -> dict[int, Offer]:
    """To the people of these rows, as far as there are any.

    `busy` says when whoever was matched now visits and is visited, by their id.
    """
    if not rows:
        return {}
    visitors = [pairs.ours[row] for row in rows]
    hosts = [
        without(free, busy.get(host["id"], ())) for host, free in zip(pairs.theirs, pairs.their_diaries, strict=True)
    ]
    room = [host["capacity"] - (host["id"] in busy) for host in pairs.theirs]
    agree = (pairs.speak & pairs.we_may_visit & ~pairs.are_apart & ~pairs.have_tried & ~pairs.met_lately)[rows]
    they_ride = np.array(["ride_along" in host["formats"] for host in pairs.theirs], dtype=np.bool_)
    have_time = visits_that_fit([pairs.our_diaries[row] for row in rows], hosts, RIDE) > 0
    seats = np.repeat(np.arange(len(hosts)), [min(number, len(rows)) for number in room])
    nth = np.arange(len(seats)) - np.searchsorted(seats, seats)  # visitor of a host: better one each than all at one
    lacks = lacks_wishes(visitors, pairs.theirs)
    found = best(
        (agree & they_ride & have_time)[:, seats],
        lacks[:, seats] + nth,
        np.array([worth(person) for person in visitors], dtype=np.int64),
        np.zeros(len(seats), dtype=np.int64),
    )
    offered: dict[int, Offer] = {}
    for number, seat in found:
        host = int(seats[seat])
        room[host] -= 1
        offered[rows[number]] = _ride_along(pairs.theirs[host], pairs.our_diaries[rows[number]], hosts[host])
    they_swap = np.array([is_to_swap(host) and host["id"] not in busy for host in pairs.theirs], dtype=np.bool_)
    for number, row in enumerate(rows):
        possible = agree[number] & (they_ride | pairs.share_format[row] & they_swap)
        for host in np.flatnonzero(possible).tolist() if row not in offered else ():
            if room[host] > 0 and (free := _time_for(pairs.ours[row], pairs.theirs[host], hosts[host])):
                room[host] -= 1
                offered[row] = _other_date(pairs.theirs[host], free)
                break
    return offered


def _time_for(visitor: Participant, host: Participant, free: Diary) -> Free | None:
    """The first time that is long enough to go along with a host, or for what both would do."""
    both = [MINUTES[each] for each in host["formats"] if each in visitor["formats"]]
    minutes = RIDE if "ride_along" in host["formats"] else min(both)
    return next((slot for slot in free if slot.ends - slot.begins >= minutes), None)


def _ride_along(host: Participant, visitor: Diary, free: Diary) -> Offer:
    begins = next(slot.begins for slot in shared(visitor, free) if slot.ends - slot.begins >= RIDE)
    return {"kind": "ride_along", "host": host["id"], "begins": iso(begins), "ends": iso(begins + RIDE)}


def _other_date(host: Participant, free: Free) -> Offer:
    return {"kind": "other_date", "host": host["id"], "begins": iso(free.begins), "ends": iso(free.ends)}
