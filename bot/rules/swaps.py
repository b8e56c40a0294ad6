"""What the matching of job swaps is asked and what it answers: JSON, for it is worked out in a process of its own.

Instants are ISO 8601 in UTC ("2026-12-07T08:00:00+00:00"); roles, themes, formats, places and languages are compared as
they stand. People are named by their member's id.
"""

from typing import Literal, NotRequired, TypedDict

Format = Literal["ride_along", "half_day", "seat", "field_visit", "territory_plan", "full_week"]
Home = Literal["sales", "marketing"]

MINUTES: dict[Format, int] = {
    "ride_along": 45,
    "half_day": 180,
    "seat": 120,
    "field_visit": 180,
    "territory_plan": 120,
    "full_week": 180,
}  # how long both must be free at once for one visit of a format
WEEK = 5  # visits of a full week: on as many days within seven, each way in turn
FORMATS: tuple[Format, ...] = tuple(MINUTES)  # the one that comes later asks more of both


class Slot(TypedDict):
    """A half-day on which somebody is free: `label` is theirs ("2026-12-07 am"), in their own time zone."""

    label: str
    begins: str
    ends: str


class Participant(TypedDict):
    """Somebody who signed up; `is_matched`: has a swap that stands, and only hosts ride-alongs, while `capacity` lasts.

    `capacity` counts visitors, so whoever has none to give cannot be in a swap; `above` are all those whom they report
    to; `unwanted` are those they asked not to meet, which no reason may give away; `tried` are those with whom a swap
    of this round came to nothing.
    """

    id: int
    side: Home
    role: str
    seniority: int  # 1: assistant ... 5: head
    is_first_timer: bool
    waited: int  # rounds in which they were left out since they last swapped
    goes_first: bool  # had said yes to a swap of this round, and the other one stepped back
    is_matched: bool
    wished_roles: list[str]
    wished_themes: list[str]
    offered_themes: list[str]
    capacity: int
    place: str | None  # where one may visit them; None: only remotely
    is_remote: bool  # may be visited remotely
    formats: list[Format]
    free: list[Slot]  # in order
    languages: list[str]
    unwanted: list[int]
    above: list[int]
    tried: list[int]
    past: list[tuple[int, int]]  # with whom they swapped before, and how many rounds ago: 1 is the last one


class Question(TypedDict):
    """The same question has the same answer, whatever its `version`: of what was read, which the answer names, too.

    Nobody meets again within `no_repeat` rounds.
    """

    version: int
    seed: int
    no_repeat: int
    people: list[Participant]


class Reason(TypedDict):
    """Why, as a code that views put into words.

    Of a swap, for it: wished_role (who, role), wished_theme (who, theme), first_time (who), waited (who, rounds),
    contrast (levels), same_place, remote, only_half_day (there is one shared half-day, so they take turns in it).
    Of somebody left out: nobody_there (the other side has nobody), uneven (sales, marketing: numbers to be matched),
    taken (those who fit swap with others), no_shared_time, no_shared_format, no_shared_language, no_shared_place,
    met_lately (rounds), no_capacity, not_possible (whatever must not be told: who avoids whom, who reports to whom).
    """

    code: str
    who: NotRequired[int]
    role: NotRequired[str]
    theme: NotRequired[str]
    rounds: NotRequired[int]
    levels: NotRequired[int]
    sales: NotRequired[int]
    marketing: NotRequired[int]


class Visit(TypedDict):
    """One leg: who goes to see whom, and when. A full week has WEEK of them, in turn."""

    visitor: int
    host: int
    begins: str
    ends: str


class Match(TypedDict):
    """Two who swap: `legs` holds at least one visit each way, none at the same time as another."""

    sales: int
    marketing: int
    format: Format
    legs: list[Visit]
    reasons: list[Reason]


class Offer(TypedDict):
    """The next-best thing: a ride-along at a host with room, or `other_date` on which `host` would do, if they were
    free too."""

    kind: Literal["ride_along", "other_date"]
    host: int
    begins: NotRequired[str]  # of a ride-along; of another date: when the host is free
    ends: NotRequired[str]


class LeftOut(TypedDict):
    id: int
    reasons: list[Reason]
    offer: Offer | None


class Matching(TypedDict):
    """Everybody of the question who is not `is_matched` stands in exactly one match or is left out."""

    version: int
    seed: int
    cost: int  # what the swaps lack altogether
    matches: list[Match]
    left_out: list[LeftOut]
