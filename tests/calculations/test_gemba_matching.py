"""Job swaps are matched as well as can be: what two other solvers find, and no rule is ever broken."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import sign_ups
from bench.sign_ups import MONDAY, question, slot
from bench.swap_rounds import at_random, by_parley, live, rounds
from bot.calculations.gemba_matching import calculate
from tests.calculations.exact_swaps import best_by_programming, best_of_all, faults, merit_of

SMALL = 70
ROUNDS = st.builds(
    lambda seed, number: sign_ups.a_round(Random(seed), number), st.integers(0, 2**32), st.integers(0, 30)
)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
ANA, BEN, CYD, MO, NAT, OLE = range(1, 7)
SELLERS, MARKETERS = (ANA, BEN, CYD), (MO, NAT, OLE)


def person(number, free=("1am", "2pm"), zone=BERLIN, **changed):
    """Who wishes for nothing and would do with everybody; free on half-days of the week, by day and am or pm."""
    plain = sign_ups.sign_up(number, "sales" if number in SELLERS else "marketing", Random(0))
    days = [slot(MONDAY.replace(day=MONDAY.day + int(each[0]) - 1), each[1:], zone) for each in free]
    usual = {
        "role": "",
        "seniority": 3,
        "is_first_timer": False,
        "waited": 0,
        "goes_first": False,
        "capacity": 1,
        "place": None,
    }
    open_to_all = {"wished_roles": [], "wished_themes": [], "formats": ["half_day"], "languages": ["en"]}
    return {**plain, **usual, **open_to_all, "is_remote": True, "free": days, **changed}


def matched(*people, **asked):
    """Who swaps with whom, and why the others are left out."""
    answer = calculate(question(list(people), **asked))
    assert list(faults(question(list(people), **asked), answer)) == []
    return {m["sales"]: m["marketing"] for m in answer["matches"]}, {left["id"]: left for left in answer["left_out"]}


def the_match(*people):
    [match] = calculate(question(list(people)))["matches"]
    return match


def why(left_out, number):
    [reason] = left_out[number]["reasons"]
    return reason


# The best


def test_nothing_else_that_could_be_tried_is_better():
    for seed in range(SMALL):
        random = Random(seed)
        asked = sign_ups.a_round(random, random.randint(6, 16))
        assert merit_of(asked, calculate(asked)) == best_of_all(asked), f"round {seed}"


@pytest.mark.parametrize("seed", range(2))
def test_an_integer_programme_finds_nothing_better(seed):
    asked = sign_ups.a_round(Random(seed), 80)
    assert merit_of(asked, calculate(asked)) == best_by_programming(asked)


@settings(max_examples=40)
@given(ROUNDS)
def test_no_rule_is_ever_broken(asked):
    assert list(faults(asked, calculate(asked))) == []


@settings(max_examples=15)
@given(ROUNDS, st.randoms(use_true_random=False))
def test_the_order_in_which_people_signed_up_has_no_part_in_it(asked, random):
    shuffled = {**asked, "people": random.sample(asked["people"], len(asked["people"]))}
    assert calculate(shuffled) == calculate(asked)


def test_what_is_equally_good_is_drawn_by_the_seed():
    people = [person(ANA), person(BEN), person(MO), person(NAT)]
    assert {tuple(matched(*people, seed=seed)[0].items()) for seed in range(10)} == {
        ((ANA, MO), (BEN, NAT)),
        ((ANA, NAT), (BEN, MO)),
    }


# Who comes first


def test_as_many_as_can_be_come_before_what_any_one_wishes():
    wishes = person(ANA, wished_roles=["events"])
    pairs, left_out = matched(
        wishes,
        person(BEN, free=["1am", "2pm"]),
        person(MO, role="events"),
        person(NAT, free=["3am", "3pm"]),
        person(CYD, free=["1am", "2pm", "3am", "3pm"]),
    )
    assert (len(pairs), pairs[CYD]) == (2, NAT)
    assert pairs[ANA] == MO
    assert why(left_out, BEN) == {"code": "uneven", "sales": 3, "marketing": 2}


def test_who_waited_comes_before_a_first_timer_and_a_first_timer_before_wishes():
    mo = person(MO, role="events")
    wishes, first, waited = (
        person(ANA, wished_roles=["events"]),
        person(BEN, is_first_timer=True),
        person(CYD, waited=1),
    )
    assert matched(wishes, first, waited, mo)[0] == {CYD: MO}
    assert matched(wishes, first, mo)[0] == {BEN: MO}
    assert matched(wishes, person(BEN, waited=1), person(CYD, waited=2), mo)[0] == {CYD: MO}


def test_wishes_are_met_and_the_reasons_say_so():
    ana = person(ANA, wished_themes=["webinars"], seniority=1, is_first_timer=True)
    mo = person(MO, offered_themes=["webinars"], seniority=5, wished_roles=["hunter"])
    people = [ana, person(BEN, role="hunter"), mo, person(NAT, offered_themes=["brand"])]
    assert matched(*people)[0] == {ANA: NAT, BEN: MO}, "a role counts more than a theme"
    match = the_match(ana, mo)
    assert match["reasons"] == [
        {"code": "wished_theme", "who": ANA, "theme": "webinars"},
        {"code": "first_time", "who": ANA},
        {"code": "contrast", "levels": 4},
        {"code": "remote"},
    ]


def test_two_who_met_long_ago_meet_again_only_if_there_is_nobody_else():
    ana = person(ANA, past=[(MO, 5)], wished_roles=["events"])
    mo, nat = person(MO, role="events"), person(NAT)
    assert matched(ana, person(BEN), mo, nat, no_repeat=4)[0] == {ANA: NAT, BEN: MO}
    assert matched(ana, mo, no_repeat=4)[0] == {ANA: MO}
    pairs, left_out = matched(ana, mo, no_repeat=5)
    assert (pairs, why(left_out, ANA)) == ({}, {"code": "met_lately", "rounds": 5})


def test_who_said_no_gets_somebody_else_while_agreed_swaps_stand():
    agreed = person(CYD, is_matched=True, capacity=0), person(OLE, is_matched=True, capacity=0)
    pairs, left_out = matched(person(ANA, tried=[MO]), person(BEN), person(MO, tried=[ANA]), person(NAT), *agreed)
    assert pairs == {ANA: NAT, BEN: MO}
    assert left_out == {}


def test_two_in_one_place_are_matched_before_two_who_are_far_apart():
    in_berlin = {"place": "berlin", "is_remote": False}
    people = [person(ANA, **in_berlin), person(BEN, place="pune"), person(MO), person(NAT, **in_berlin)]
    assert matched(*people)[0] == {ANA: NAT, BEN: MO}
    assert the_match(people[0], people[3])["reasons"] == [{"code": "same_place"}]


# When they meet


def test_two_zones_share_the_afternoon_of_one_and_the_morning_of_the_other():
    ana = person(ANA, ["1am", "1pm", "2pm"], BERLIN, formats=["seat"])
    mo = person(MO, ["1am", "2am", "3am"], NEW_YORK, formats=["seat"])
    match = the_match(ana, mo)
    assert [(leg["visitor"], leg["host"], leg["begins"], leg["ends"]) for leg in match["legs"]] == [
        (ANA, MO, "2026-12-07T14:00:00+00:00", "2026-12-07T16:00:00+00:00"),
        (MO, ANA, "2026-12-08T14:00:00+00:00", "2026-12-08T16:00:00+00:00"),
    ]
    longer = {"formats": ["half_day"]}
    _pairs, left_out = matched({**ana, **longer}, {**mo, **longer})
    assert why(left_out, ANA) == {"code": "no_shared_time"}, "two hours are no half-day"


def test_two_who_share_one_half_day_take_turns_in_it():
    match = the_match(
        person(ANA, ["1am"], formats=["ride_along"]), person(MO, ["1am"], formats=["ride_along", "half_day"])
    )
    assert [(leg["visitor"], leg["begins"][11:16]) for leg in match["legs"]] == [(ANA, "08:00"), (MO, "08:45")]
    assert {"code": "only_half_day"} in match["reasons"]


def test_a_full_week_goes_both_ways_in_turn():
    formats = {"formats": ["full_week", "seat"]}
    week = ["1am", "2am", "3am", "3pm", "4am", "5am"]
    match = the_match(person(ANA, week, **formats), person(MO, week, **formats))
    assert [(leg["visitor"], leg["begins"][:10]) for leg in match["legs"]] == [
        (visitor, f"2026-12-{day:02}") for day, visitor in zip(range(7, 12), (ANA, MO, ANA, MO, ANA), strict=True)
    ]
    across = [
        "1am",
        "3am",
        "4am",
        "5am",
        "8am",
        "9am",
    ]  # from Wednesday to Tuesday are seven days, from Monday are more
    match = the_match(person(ANA, across, **formats), person(MO, across, **formats))
    assert [leg["begins"][8:10] for leg in match["legs"]] == ["09", "10", "11", "14", "15"]
    match = the_match(person(ANA, across[:-1], **formats), person(MO, across, **formats))
    assert match["format"] == "seat", "on five days, but not within a week"


# Who is left out


@pytest.mark.parametrize(
    ("ana", "mo", "code"),
    [
        ({"capacity": 0}, {}, "no_capacity"),
        ({}, {"capacity": 0}, "nobody_there"),
        ({"languages": ["fa"]}, {}, "no_shared_language"),
        ({"is_remote": False, "place": "Pune"}, {"place": "Berlin"}, "no_shared_place"),
        ({"formats": ["seat"]}, {}, "no_shared_format"),
        ({"free": []}, {}, "no_shared_time"),
        ({}, {"above": [ANA]}, "not_possible"),
        ({}, {"unwanted": [ANA]}, "not_possible"),
        ({"unwanted": [MO]}, {}, "not_possible"),
    ],
)
def test_who_is_left_out_is_told_why(ana, mo, code):
    pairs, left_out = matched(person(ANA, **ana), person(MO, **mo))
    assert (pairs, why(left_out, ANA)["code"]) == ({}, code)


def test_nothing_gives_away_who_would_rather_not_meet_whom():
    """Ana hears of Nat only, and what she hears is true of Nat: that Mo could be free for her is not told."""
    _pairs, left_out = matched(person(ANA), person(MO, unwanted=[ANA]), person(NAT, ["3am", "3pm"]))
    assert why(left_out, ANA) == {"code": "no_shared_time"}
    assert left_out[ANA]["offer"]["host"] == NAT


def test_a_ride_along_is_offered_where_a_host_has_room_while_they_do_not_swap():
    open_door = {
        "formats": ["half_day", "ride_along"],
        "capacity": 2,
        "free": [slot(MONDAY, "am", BERLIN), slot(MONDAY, "pm", BERLIN)],
    }
    people = [person(number, ["1am", "1pm"], waited=waited) for number, waited in ((ANA, 2), (BEN, 1), (CYD, 0))]
    pairs, left_out = matched(*people, person(MO) | open_door)
    assert pairs == {ANA: MO}
    assert left_out[BEN]["offer"] == {
        "kind": "ride_along",
        "host": MO,
        "begins": "2026-12-07T11:00:00+00:00",  # the swap takes 9 to 12 o'clock and 13 to 16
        "ends": "2026-12-07T11:45:00+00:00",
    }
    assert left_out[CYD]["offer"] is None, "there was room for one more"


def test_another_date_is_offered_by_who_could_host_but_not_then():
    _pairs, left_out = matched(person(ANA, ["1am", "2am"]), person(MO, ["4am", "5am"]))
    assert left_out[ANA]["offer"] == {
        "kind": "other_date",
        "host": MO,
        "begins": "2026-12-10T08:00:00+00:00",
        "ends": "2026-12-10T12:00:00+00:00",
    }


def test_nothing_is_offered_by_a_host_who_swaps_already_and_takes_nobody_along():
    """Ben is free whenever Mo is, and Mo has room; but she would only swap, and does."""
    _pairs, left_out = matched(person(ANA, waited=1), person(BEN), person(MO, ["1am", "2am", "2pm"], capacity=2))
    assert left_out[BEN]["offer"] is None


def test_a_date_is_offered_only_when_there_is_time_for_a_visit():
    short = {**slot(MONDAY, "am", BERLIN), "ends": "2026-12-07T10:00:00+00:00"}
    free = [short, slot(MONDAY.replace(day=MONDAY.day + 2), "pm", BERLIN)]
    _pairs, left_out = matched(person(ANA, ["4am", "5am"]), {**person(MO), "free": free})
    assert left_out[ANA]["offer"]["begins"] == "2026-12-09T12:00:00+00:00", "half a day takes three hours"


# Twelve rounds


def lives(sales, match, no_repeat):
    people = [sign_ups.sign_up(one, "sales" if one <= sales else "marketing", Random(one)) for one in range(1, 41)]
    for each in people:
        each.update(languages=["en"], is_remote=True, waited=0, is_first_timer=True, formats=["half_day"])
    return live(people, rounds(people, 12, 10, 1, no_repeat), match)


def test_twelve_rounds_bring_everybody_together_with_twelve_others():
    lived, drawn = lives(20, by_parley, no_repeat=1), lives(20, at_random, no_repeat=1)
    assert (lived.matched, lived.repeated, lived.twice) == (12 * 40, 0, 0)
    assert drawn.repeated > 0
    assert lived.lacking < drawn.lacking


def test_where_sides_are_uneven_nobody_is_left_out_twice_in_a_row():
    lived, drawn = lives(23, by_parley, no_repeat=1), lives(23, at_random, no_repeat=1)
    assert (lived.matched, lived.repeated, lived.twice) == (12 * 34, 0, 0)
    assert drawn.twice > 0
