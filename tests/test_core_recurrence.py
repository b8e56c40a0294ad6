"""Every morning comes once: also where the clocks change, at midnight, or skip a day's evening."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.recurrence import Occurrence, Rule, first_after, instant, occurrences

ZONES = sorted(available_timezones())
FIRST_DAY, DAYS = date(2024, 1, 1), 4 * 365 + 1
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))


def shown(at: datetime, zone: str) -> datetime:
    """What clocks in the zone show."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def is_right(occurrence: Occurrence, rule: Rule) -> bool:
    """The first instant at which clocks show the wall time; where they never do, the instant at which they skip it."""
    wall, seen = datetime.combine(occurrence.local_on, rule.at), shown(occurrence.at, rule.zone)
    if seen == wall:
        return occurrence.at.astimezone(ZoneInfo(rule.zone)).fold == 0
    return shown(occurrence.at - timedelta(microseconds=1), rule.zone) < wall < seen


@given(st.sampled_from(ZONES), MINUTES, st.integers(0, DAYS - 1))
def test_a_year_from_any_day_on_has_each_date_once(zone, at, days):
    rule, begin = Rule(at, zone), FIRST_DAY + timedelta(days=days)
    year = list(islice(occurrences(rule, begin - timedelta(days=1)), 366))

    assert [each.local_on for each in year] == [begin + timedelta(days=n) for n in range(366)]
    assert all(is_right(each, rule) for each in year)
    assert all(one.at < next_.at for one, next_ in pairwise(year))


def test_every_zone_has_each_date_of_a_change_of_its_clocks_once():
    random = Random(2024)
    for zone in ZONES:
        days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
        noons = [datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset() for day in days]
        for n in (n for n in range(1, DAYS) if noons[n] != noons[n - 1]):
            for at in (time(0), time(2, 30), time(23, 30), time(random.randrange(24), random.randrange(60))):
                rule = Rule(at, zone)
                around = list(islice(occurrences(rule, days[n] - timedelta(days=3)), 4))
                assert [each.local_on for each in around] == [days[n] + timedelta(days=d) for d in (-2, -1, 0, 1)]
                assert all(is_right(each, rule) for each in around), (zone, around)


@pytest.mark.parametrize(
    ("on", "at", "zone", "then"),
    [
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # skipped
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # shown twice
        (date(2026, 9, 6), time(0), "America/Santiago", datetime(2026, 9, 6, 4, 0, tzinfo=UTC)),  # no midnight
        (date(2024, 3, 30), time(23, 30), "America/Nuuk", datetime(2024, 3, 31, 1, 0, tzinfo=UTC)),  # no late evening
        (
            date(2026, 4, 5),
            time(1, 45),
            "Australia/Lord_Howe",
            datetime(2026, 4, 4, 14, 45, tzinfo=UTC),
        ),  # half an hour
    ],
)
def test_a_digest_on_the_night_the_clocks_change(on, at, zone, then):
    assert instant(on, at, ZoneInfo(zone)) == then


@given(st.sampled_from(ZONES), MINUTES, st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 1)))  # noqa: DTZ001
def test_the_next_one_is_the_first_that_is_later(zone, at, now):
    now = now.replace(tzinfo=UTC)
    found = first_after(Rule(at, zone), now)
    week_ago = now.date() - timedelta(days=7)
    assert found == next(each for each in occurrences(Rule(at, zone), week_ago) if each.at > now)
    assert found.at - now <= timedelta(days=2)


def test_the_skipped_evening_is_not_taken_for_the_next_days():
    rule = Rule(time(23, 30), "America/Nuuk")
    assert first_after(rule, datetime(2024, 3, 31, 0, 59, tzinfo=UTC)).local_on == date(2024, 3, 30)
    assert first_after(rule, datetime(2024, 3, 31, 1, 0, tzinfo=UTC)).local_on == date(2024, 3, 31)


def test_every_second_tuesday():
    rule = Rule(time(10), "Europe/Berlin", frozenset({2}), weeks=2, since=date(2026, 11, 26))
    found = [each.local_on for each in islice(occurrences(rule, date(2026, 11, 23)), 3)]
    assert found == [date(2026, 11, 24), date(2026, 12, 8), date(2026, 12, 22)]


@pytest.mark.parametrize("wrong", [{"days": frozenset()}, {"days": frozenset({0})}, {"weeks": 0}])
def test_a_rule_that_never_comes_is_refused(wrong):
    with pytest.raises(ValueError):  # noqa: PT011 - which one is in the words
        Rule(time(9), "UTC", **wrong)
