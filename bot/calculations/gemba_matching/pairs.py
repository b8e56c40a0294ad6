"""Everybody of one side with everybody of the other: who may swap, in which format, and what each swap would lack.

Costs are whole numbers, so that nothing is rounded and what is equally good is equal.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.calculations.gemba_matching.incidence import in_common
from bot.calculations.gemba_matching.times import ENOUGH, Diary, diary, on_days, one_each, shared, visits_that_fit
from bot.rules.swaps import FORMATS, MINUTES, WEEK, Format, Participant

Yes = NDArray[np.bool_]
Numbers = NDArray[np.int16]  # small, for there are millions
People = Sequence[Participant]

NO_FORMAT = -1
WITHIN = 7  # days, for a full week
# What a swap may lack: to each visitor, what they wished for; to both, levels of contrast, and being in one place.
ROLE, THEME, LEVEL, PLACE = 6, 4, 1, 2
LEVELS = 4  # from assistant to head
LONGEST = 7  # rounds of waiting that are told apart,
LET_DOWN = LONGEST + 1  # and what counts for more
MOST = 2 * (ROLE + THEME) + LEVELS * LEVEL + PLACE


@dataclass(frozen=True)
class Pairs:
    """Rows are ours, columns are theirs."""

    ours: People
    theirs: People
    our_diaries: Sequence[Diary]
    their_diaries: Sequence[Diary]
    no_repeat: int
    speak: Yes  # a language that both know
    in_one_place: Yes
    are_apart: Yes  # one would rather not meet the other, or reports to them
    have_tried: Yes
    rounds_ago: Numbers  # 0: they have not met
    share_format: Yes
    format: NDArray[np.int8]  # that asks most, of those that both want and have the time for

    def turned(self) -> "Pairs":
        return Pairs(
            self.theirs,
            self.ours,
            self.their_diaries,
            self.our_diaries,
            self.no_repeat,
            self.speak.T,
            self.in_one_place.T,
            self.are_apart.T,
            self.have_tried.T,
            self.rounds_ago.T,
            self.share_format.T,
            self.format.T,
        )

    @cached_property
    def met_lately(self) -> Yes:
        return (self.rounds_ago > 0) & (self.rounds_ago <= self.no_repeat)

    @property
    def we_may_visit(self) -> Yes:
        return self.in_one_place | _yes(person["is_remote"] for person in self.theirs)

    @cached_property
    def both_may_visit(self) -> Yes:
        return self.we_may_visit & (self.in_one_place | _yes(person["is_remote"] for person in self.ours)[:, None])

    @property
    def are_to_swap(self) -> Yes:
        return _yes(map(is_to_swap, self.ours))[:, None] & _yes(map(is_to_swap, self.theirs))

    @property
    def may_swap(self) -> Yes:
        """Everything that is never broken."""
        could: Yes = self.are_to_swap & self.speak & self.both_may_visit & (self.format != NO_FORMAT)
        return could & ~self.are_apart & ~self.have_tried & ~self.met_lately

    @property
    def lacks(self) -> Numbers:
        """From 0 to `MOST`."""
        ours, theirs = (
            np.array([person["seniority"] for person in side], dtype=np.int64) for side in (self.ours, self.theirs)
        )
        contrast = np.minimum(np.abs(ours[:, None] - theirs), LEVELS)
        wishes = lacks_wishes(self.ours, self.theirs) + lacks_wishes(self.theirs, self.ours).T
        lacking: Numbers = wishes + LEVEL * (LEVELS - contrast) + np.int16(PLACE) * ~self.in_one_place
        return lacking


def all_pairs(sales: People, marketing: People, no_repeat: int) -> Pairs:
    ours, theirs = ([diary(person["free"]) for person in people] for people in (sales, marketing))
    share_format, best = _formats(sales, marketing, ours, theirs)
    return Pairs(
        sales,
        marketing,
        ours,
        theirs,
        no_repeat,
        speak=in_common([person["languages"] for person in sales], [person["languages"] for person in marketing]),
        in_one_place=in_common([_places(person) for person in sales], [_places(person) for person in marketing]),
        are_apart=_either(sales, marketing, lambda person: [*person["unwanted"], *person["above"]]),
        have_tried=_either(sales, marketing, lambda person: person["tried"]),
        rounds_ago=_rounds_ago(sales, marketing),
        share_format=share_format,
        format=best,
    )


def is_to_swap(person: Participant) -> bool:
    return not person["is_matched"] and person["capacity"] > 0


def worth(person: Participant) -> int:
    """That somebody is matched: above all that they were let down, then how long they waited (beyond seven rounds it is
    all one), then whether it is their first time."""
    return 1 + 2 * (LET_DOWN if person["goes_first"] else min(person["waited"], LONGEST)) + person["is_first_timer"]


def visits(ours: Diary, theirs: Diary, of_format: Format) -> list[tuple[int, int]]:
    """In turn, from when until when; none if there is no time. The days of a full week are ours."""
    both = shared(ours, theirs)
    if of_format == "full_week":
        return on_days(both, MINUTES[of_format], WEEK, WITHIN)
    return one_each(both, MINUTES[of_format])


def lacks_wishes(visitors: People, hosts: People) -> Numbers:
    """What visits would lack to each visitor; who wished for nothing misses nothing."""
    roles = [person["wished_roles"] for person in visitors]
    themes = [person["wished_themes"] for person in visitors]
    role = in_common(roles, [[host["role"]] for host in hosts])
    theme = in_common(themes, [host["offered_themes"] for host in hosts])
    wish_role, wish_theme = (_yes(map(bool, wished))[:, None] for wished in (roles, themes))
    lacking: Numbers = np.int16(ROLE) * (wish_role & ~role) + np.int16(THEME) * (wish_theme & ~theme)
    return lacking


def _formats(sales: People, marketing: People, ours: list[Diary], theirs: list[Diary]) -> tuple[Yes, NDArray[np.int8]]:
    share = np.zeros((len(sales), len(marketing)), dtype=np.bool_)
    best = np.full(share.shape, NO_FORMAT, dtype=np.int8)
    have_time = {minutes: visits_that_fit(ours, theirs, minutes) == ENOUGH for minutes in sorted(set(MINUTES.values()))}
    for number, name in enumerate(FORMATS):
        want, they_want = (_yes(name in person["formats"] for person in people) for people in (sales, marketing))
        both = want[:, None] & they_want
        share |= both
        time = have_time[MINUTES[name]] if name != "full_week" else _have_week(ours, theirs, both)
        best[both & time] = number
    return share, best


def _have_week(ours: list[Diary], theirs: list[Diary], wanted: Yes) -> Yes:
    """Whether there is a visit on each of `WEEK` days `WITHIN` as many; looked at only for whom somebody wants it."""
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    have = np.zeros(wanted.shape, dtype=np.bool_)
    partners = [theirs[column] for column in columns]
    of_day: dict[int, NDArray[np.int8]] = {}
    for day in sorted({slot.day for row in rows for slot in ours[row]}):
        on_day = [tuple(slot for slot in ours[row] if slot.day == day) for row in rows]
        of_day[day] = np.minimum(visits_that_fit(on_day, partners, MINUTES["full_week"]), 1)
        of_day = {seen: fit for seen, fit in of_day.items() if seen > day - WITHIN}
        have[np.ix_(rows, columns)] |= sum(of_day.values()) >= WEEK
    return have


def _rounds_ago(sales: People, marketing: People) -> Numbers:
    row_of = {person["id"]: number for number, person in enumerate(sales)}
    column_of = {person["id"]: number for number, person in enumerate(marketing)}
    ago = np.zeros((len(sales), len(marketing)), dtype=np.int16)
    for person in (*sales, *marketing):
        for other, rounds in person["past"]:
            seller, marketer = (person["id"], other) if person["id"] in row_of else (other, person["id"])
            if seller in row_of and marketer in column_of:
                at = row_of[seller], column_of[marketer]
                ago[at] = min(rounds, ago[at] or rounds)
    return ago


def _either(sales: People, marketing: People, named: Callable[[Participant], Iterable[int]]) -> Yes:
    """Whether one of the two names the other."""
    ours, theirs = ([[person["id"]] for person in people] for people in (sales, marketing))
    they_are_named = in_common([[*named(person)] for person in sales], theirs)
    return they_are_named | in_common([[*named(person)] for person in marketing], ours).T


def _yes(holds: Iterable[bool]) -> Yes:
    return np.fromiter(holds, dtype=np.bool_)


def _places(person: Participant) -> list[str]:
    return [person["place"]] if person["place"] else []
