"""The rules of matching job swaps once more, one pair at a time and written from their words; and two other solvers.

Nothing here is shared with `bot/calculations`: what both agree on, two people have understood alike.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from bot.rules.swaps import Matching, Participant, Question

Pair = tuple[Participant, Participant]
Merit = tuple[int, ...]
Visit = tuple[int, int, str, str, str]  # who visits whom, from when until when, in which format

NEEDED = {"ride_along": 45, "half_day": 180, "seat": 120, "field_visit": 180, "territory_plan": 120, "full_week": 180}


def swappers(question: Question, side: str) -> list[Participant]:
    people = [
        one for one in question["people"] if one["side"] == side and not one["is_matched"] and one["capacity"] >= 1
    ]
    return sorted(people, key=lambda one: one["id"])


def are_kept_apart(one: Participant, other: Participant) -> bool:
    for this, that in ((one, other), (other, one)):
        if that["id"] in this["unwanted"] or that["id"] in this["above"] or that["id"] in this["tried"]:
            return True
    return False


def met(one: Participant, other: Participant) -> int | None:
    """How many rounds ago, by what either remembers; None if never."""
    rounds = [ago for who, ago in one["past"] if who == other["id"]] + [
        ago for who, ago in other["past"] if who == one["id"]
    ]
    return min(rounds, default=None)


def may_visit(visitor: Participant, host: Participant) -> bool:
    return host["is_remote"] or (host["place"] is not None and host["place"] == visitor["place"])


def common_time(one: Participant, other: Participant) -> list[tuple[datetime, datetime, date]]:
    """Stretches within a half-day of each: (begin, end, date in the first's calendar), in order."""
    found = []
    for mine in one["free"]:
        for yours in other["free"]:
            begin, end = max(mine["begins"], yours["begins"]), min(mine["ends"], yours["ends"])
            if begin < end:
                day = date.fromisoformat(mine["label"][:10])
                found.append((datetime.fromisoformat(begin), datetime.fromisoformat(end), day))
    return sorted(found)


def have_time(seller: Participant, marketer: Participant, name: str) -> bool:
    need = timedelta(minutes=NEEDED[name])
    long_enough = [stretch for stretch in common_time(seller, marketer) if stretch[1] - stretch[0] >= need]
    if name == "full_week":
        days = sorted({day for _begin, _end, day in long_enough})
        return any((days[first + 4] - days[first]).days < 7 for first in range(len(days) - 4))
    visits = 0
    for begin, end, _day in long_enough:
        while begin + need <= end:
            begin, visits = begin + need, visits + 1
    return visits >= 2


def formats(seller: Participant, marketer: Participant) -> list[str]:
    return [n for n in NEEDED if n in seller["formats"] and n in marketer["formats"] and have_time(seller, marketer, n)]


def may_swap(seller: Participant, marketer: Participant, no_repeat: int) -> bool:
    ago = met(seller, marketer)
    return (
        not are_kept_apart(seller, marketer)
        and (ago is None or ago > no_repeat)
        and bool(set(seller["languages"]) & set(marketer["languages"]))
        and may_visit(seller, marketer)
        and may_visit(marketer, seller)
        and bool(formats(seller, marketer))
    )


def lacks(seller: Participant, marketer: Participant) -> int:
    """6 for wishes for roles that are not met, 4 for themes, for each of the two; 1 for each level of seniority that
    they are nearer than four; 2 if they are not in one place."""
    sum_ = 4 - min(4, abs(seller["seniority"] - marketer["seniority"]))
    for visitor, host in ((seller, marketer), (marketer, seller)):
        sum_ += 6 if visitor["wished_roles"] and host["role"] not in visitor["wished_roles"] else 0
        sum_ += 4 if visitor["wished_themes"] and not set(visitor["wished_themes"]) & set(host["offered_themes"]) else 0
    return sum_ + (0 if seller["place"] and seller["place"] == marketer["place"] else 2)


def precedence(person: Participant) -> tuple[int, bool]:
    return person["goes_first"], min(person["waited"], 7), person["is_first_timer"]


def merit(question: Question, pairs: list[Pair]) -> Merit:
    """What is compared, first things first: how many people; how many of each precedence, the highest first; how few
    who met before; how little is lacking."""
    ranks = sorted({precedence(person) for person in question["people"]}, reverse=True)
    people = [person for pair in pairs for person in pair]
    return (
        len(people),
        *(sum(precedence(person) == rank for person in people) for rank in ranks),
        -sum(met(*pair) is not None for pair in pairs),
        -sum(lacks(*pair) for pair in pairs),
    )


def merit_of(question: Question, matching: Matching) -> Merit:
    """The merit of an answer."""
    by_id = {person["id"]: person for person in question["people"]}
    return merit(question, [(by_id[match["sales"]], by_id[match["marketing"]]) for match in matching["matches"]])


def best_of_all(question: Question) -> Merit:
    """The greatest merit, by trying everything: every marketer or none for one seller after the other."""
    sales, marketing = swappers(question, "sales"), swappers(question, "marketing")
    nothing = merit(question, [])
    partners = [
        [
            (column, merit(question, [(seller, marketer)]))
            for column, marketer in enumerate(marketing)
            if may_swap(seller, marketer, question["no_repeat"])
        ]
        for seller in sales
    ]

    @cache
    def best(row: int, taken: int) -> Merit:
        if row == len(sales):
            return nothing
        tried = [best(row + 1, taken)]
        for column, worth in partners[row]:
            if not taken & 1 << column:
                tried.append(tuple(map(sum, zip(worth, best(row + 1, taken | 1 << column), strict=True))))
        return max(tried)

    return best(0, 0)


def best_by_programming(question: Question) -> Merit:
    """The greatest merit by an integer programme, solved once for each thing that is compared: what was reached for the
    things before it is kept."""
    sales, marketing = swappers(question, "sales"), swappers(question, "marketing")
    pairs = [(s, m) for s in sales for m in marketing if may_swap(s, m, question["no_repeat"])]
    merits = np.array([merit(question, [pair]) for pair in pairs], dtype=float)
    if not pairs:
        return merit(question, [])
    at_most_once = np.array([[float(person is one) for one, _other in pairs] for person in sales])
    nor_twice = np.array([[float(person is other) for _one, other in pairs] for person in marketing])
    constraints = [LinearConstraint(np.vstack([at_most_once, nor_twice]), ub=1)]
    reached: list[int] = []
    for column in merits.T:
        if column.any():
            solved = milp(-column, integrality=np.ones(len(pairs)), bounds=Bounds(0, 1), constraints=constraints)
            assert solved.success, solved.message
            reached.append(round(column @ np.round(solved.x)))
            constraints.append(LinearConstraint(column[None, :], lb=reached[-1] - 0.5))
        else:
            reached.append(0)
    return tuple(reached)


def faults(question: Question, matching: Matching) -> Iterator[str]:
    """What an answer breaks of the rules; nothing if it is right."""
    by_id = {person["id"]: person for person in question["people"]}
    visitors = dict.fromkeys(by_id, 0)
    visits: list[Visit] = []
    rides: list[Visit] = []
    for match in matching["matches"]:
        seller, marketer = by_id[match["sales"]], by_id[match["marketing"]]
        if (seller["side"], marketer["side"]) != ("sales", "marketing"):
            yield f"{match} is not between the sides"
        if seller["is_matched"] or marketer["is_matched"]:
            yield f"{match} is of somebody who has a swap"
        if not may_swap(seller, marketer, question["no_repeat"]):
            yield f"{match} is not allowed"
        if match["format"] != formats(seller, marketer)[-1]:
            yield f"{match} has another format than the one that asks most"
        ways = [(leg["visitor"], leg["host"]) for leg in match["legs"]]
        if (
            ways
            != ([(seller["id"], marketer["id"]), (marketer["id"], seller["id"])] * 3)[
                : 5 if match["format"] == "full_week" else 2
            ]
        ):
            yield f"{match} does not go both ways in turn"
        visits += [(leg["visitor"], leg["host"], leg["begins"], leg["ends"], match["format"]) for leg in match["legs"]]
        visitors[seller["id"]] += 1
        visitors[marketer["id"]] += 1
    for left in matching["left_out"]:
        offer, person = left["offer"], by_id[left["id"]]
        if not left["reasons"]:
            yield f"{left} is not told why"
        if offer is None:
            continue
        host = by_id[offer["host"]]
        ago = met(person, host)
        if host["side"] == person["side"] or are_kept_apart(person, host) or not may_visit(person, host):
            yield f"{left} may not visit"
        if ago is not None and ago <= question["no_repeat"]:
            yield f"{left} met lately"
        if not set(person["languages"]) & set(host["languages"]):
            yield f"{left} cannot speak"
        visitors[host["id"]] += 1
        if offer["kind"] == "ride_along":
            if "ride_along" not in host["formats"]:
                yield f"{left}: the host offers no ride-alongs"
            rides.append((person["id"], host["id"], offer["begins"], offer["ends"], "ride_along"))
    yield from _faults_of_visits(by_id, visits, rides)
    for number, count in visitors.items():
        if count > by_id[number]["capacity"]:
            yield f"{number} hosts {count}"
    everybody = sorted(number for match in matching["matches"] for number in (match["sales"], match["marketing"]))
    everybody += [left["id"] for left in matching["left_out"]]
    if sorted(everybody) != sorted(number for number, person in by_id.items() if not person["is_matched"]):
        yield "somebody is missing, or twice"


def _faults_of_visits(by_id: dict[int, Participant], visits: list[Visit], rides: list[Visit]) -> Iterator[str]:
    for visitor, host, begins, ends, name in visits + rides:
        if datetime.fromisoformat(ends) - datetime.fromisoformat(begins) != timedelta(minutes=NEEDED[name]):
            yield f"a visit of {visitor} to {host} is not as long as {name}"
        for number in (visitor, host):
            if not any(slot["begins"] <= begins and ends <= slot["ends"] for slot in by_id[number]["free"]):
                yield f"{number} is not free at {begins}"
    for number in by_id:
        swapping = sorted(visit[2:4] for visit in visits if number in visit[:2])
        if any(second[0] < first[1] for first, second in pairwise(swapping)):
            yield f"{number} is in two places at once"
        for ride in rides:  # several may ride along with one host at once, but not while that host swaps
            if number in ride[:2] and any(begins < ride[3] and ride[2] < ends for begins, ends in swapping):
                yield f"{number} swaps while {ride}"
