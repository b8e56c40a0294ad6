"""The platform's limits: never more than the burst and what has come in since, in any window."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.budget import LANE, METHODS, WORKSPACE, Budget
from storage.outbox import Bucket, Kind, OutboxRow

waits = st.lists(st.floats(0, 5), min_size=1, max_size=150)


def row(kind=Kind.POST, workspace_id=1, channel_id=1):
    return OutboxRow(workspace_id=workspace_id, channel_id=channel_id, lane="c", kind=kind, created_at=None)


def taken_at(budget, wanted, gaps):
    now, taken = 1_700_000_000.0, []
    for gap in gaps:
        now += gap
        if budget.delay(wanted, now) == 0:
            taken.append(now)
    return taken


@given(waits, st.sampled_from([Kind.POST, Kind.UPDATE, Kind.HOME, Kind.FILE]))
def test_in_no_window_more_is_taken_than_the_burst_and_the_rate_allow(gaps, kind):
    limit = LANE if kind == Kind.POST else METHODS[kind]
    taken = taken_at(Budget(), row(kind), gaps)
    for first, begin in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= limit.burst + (taken[last] - begin) * limit.per_second + 1e-3


@given(waits)
def test_whoever_waits_as_long_as_told_is_served(gaps):
    budget, now = Budget(), 1_700_000_000.0
    for gap in gaps:
        now += gap
        if wait := budget.delay(row(), now):
            now += wait
            assert budget.delay(row(), now) == 0


def test_many_channels_share_what_the_workspace_may_send_and_others_have_their_own():
    budget, now = Budget(), 0.0
    sent = sum(budget.delay(row(channel_id=n), now) == 0 for n in range(100))
    assert sent == WORKSPACE.burst
    assert budget.delay(row(workspace_id=2), now) == 0
    assert budget.delay(row(Kind.UPDATE), now) == 0, "methods have limits of their own"


def test_a_pause_holds_its_method_in_its_workspace_and_lets_one_try_afterwards():
    budget, now = Budget(), 0.0
    budget.pause(row(), 30, now)
    assert budget.wait(Bucket(1, Kind.POST), now) == 30
    assert budget.wait(Bucket(2, Kind.POST), now) == budget.wait(Bucket(1, Kind.UPDATE), now) == 0
    assert [budget.delay(row(channel_id=n), 30) == 0 for n in range(2)] == [True, False]


def test_what_is_refused_takes_nothing():
    budget = Budget()
    for _ in range(3):
        assert budget.delay(row(), 0) == 0
    before = budget.wait(Bucket(1, Kind.POST), 0), [budget.delay(row(), 0) for _ in range(50)]
    assert all(earlier == later > 0 for earlier, later in pairwise(before[1]))
    assert sum(budget.delay(row(channel_id=n), 0) == 0 for n in range(2, 30)) == WORKSPACE.burst - 3


def test_the_invitations_of_a_big_round_are_on_their_way_within_half_an_hour():
    budget, now = Budget(), 0.0
    for channel_id in range(1200):
        now += budget.delay(row(Kind.FILE, channel_id=channel_id), now)
        budget.delay(row(Kind.FILE, channel_id=channel_id), now)
    assert now < 30 * 60
