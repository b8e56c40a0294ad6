"""The rotation keeps its rules, whichever weeks are skipped."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.pulse.rotation import RETURNS_WITHIN, choose, coming
from bot.features.pulse.statements import ACTION_TAKEN, ANCHORS, BANK, OPEN_QUESTIONS, SYMPTOMS, TRUST

MONDAY, WEEK = date(2026, 1, 5), timedelta(weeks=1)
BY_CODE = {each.code: each for each in BANK}


def asked(skipped, weeks=130):
    """What is asked in so many weeks; one that follows a skipped one is never skipped."""
    history, was_skipped = [], False
    for number in range(weeks):
        was_skipped = number in skipped and not was_skipped
        if not was_skipped:
            history.append(choose(BANK, history, MONDAY + number * WEEK))
    return history


def check(history, weeks=130):
    last = {each.topic: MONDAY for each in BANK}
    for issue in history:
        of_bank = [BY_CODE[code] for code in issue.codes if code in BY_CODE]
        assert sum(each.is_reverse for each in of_bank) <= 1
        assert len({each.topic for each in of_bank}) == len(of_bank), "no two of one topic"
        assert len(issue.codes) <= 3 or issue.has_symptoms
        for each in of_bank:
            assert issue.week - last[each.topic] <= RETURNS_WITHIN * WEEK, (each.topic, issue.week)
            last[each.topic] = issue.week
    for topic, week in last.items():
        assert MONDAY + weeks * WEEK - week <= RETURNS_WITHIN * WEEK, topic
    anchors = [code for issue in history for code in issue.codes if code in ANCHORS]
    assert all(one != other for one, other in pairwise(anchors)), "they take turns"


@settings(max_examples=25)
@given(st.sets(st.integers(1, 129)))
def test_every_topic_returns_within_26_weeks_whichever_weeks_are_skipped(skipped):
    check(asked(skipped))


def test_also_where_every_other_week_is_skipped_or_none():
    check(asked(range(1, 130, 2)))
    check(asked(()))


def test_all_28_statements_are_asked_and_the_third_place_takes_turns():
    assert len(BANK) == 28
    history = asked(())
    codes = Counter(code for issue in history for code in issue.codes)
    assert set(codes) >= {each.code for each in (*BANK, TRUST, *OPEN_QUESTIONS, *SYMPTOMS)}
    of_statements = [issue for issue in history if not issue.has_symptoms]
    assert [n for n, issue in enumerate(of_statements, 1) if TRUST.code in issue.codes][:3] == [8, 16, 24]
    assert [issue.codes[2:] for issue in of_statements[:6]] == [
        (),
        ("O1",),
        (ACTION_TAKEN,),
        (),
        ("O2",),
        (ACTION_TAKEN,),
    ]
    checks = [issue.week for issue in history if issue.has_symptoms]
    assert {later - sooner for sooner, later in pairwise(checks)} == {13 * WEEK}


def test_what_is_to_come_is_what_comes():
    history = asked((3, 9), weeks=20)
    weeks = [history[-1].week + n * WEEK for n in range(1, 7)]
    ahead = coming(BANK, history, weeks)
    for issue in ahead:
        assert issue == choose(BANK, history, issue.week)
        history.append(issue)


def test_a_statement_that_is_off_is_not_asked():
    without = [each for each in BANK if each.code not in ("X1", "X2", ACTION_TAKEN)]
    history = []
    for number in range(60):
        history.append(choose(without, history, MONDAY + number * WEEK))
    assert not {code for issue in history for code in issue.codes} & {"X1", "X2", ACTION_TAKEN}
