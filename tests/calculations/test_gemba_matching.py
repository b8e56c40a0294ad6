"""Job swaps are matched as well as can be: what two other solvers find, and no rule is ever broken."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import sign_ups
from bot.calculations.gemba_matching import calculate
from tests.calculations.exact_swaps import best_by_programming, best_of_all, faults, merit_of

SMALL = 100
ROUNDS = st.builds(
    lambda seed, number: sign_ups.a_round(Random(seed), number), st.integers(0, 2**32), st.integers(0, 30)
)


def test_nothing_else_that_could_be_tried_is_better():
    for seed in range(SMALL):
        random = Random(seed)
        question = sign_ups.a_round(random, random.randint(6, 16))
        assert merit_of(question, calculate(question)) == best_of_all(question), f"round {seed}"


@pytest.mark.parametrize("seed", range(4))
def test_an_integer_programme_finds_nothing_better(seed):
    question = sign_ups.a_round(Random(seed), 80)
    assert merit_of(question, calculate(question)) == best_by_programming(question)


@settings(max_examples=60, deadline=None)
@given(ROUNDS)
def test_no_rule_is_ever_broken(question):
    assert list(faults(question, calculate(question))) == []


@settings(max_examples=20, deadline=None)
@given(ROUNDS, st.randoms(use_true_random=False))
def test_the_order_in_which_people_signed_up_has_no_part_in_it(question, random):
    shuffled = {**question, "people": random.sample(question["people"], len(question["people"]))}
    assert calculate(shuffled) == calculate(question)
