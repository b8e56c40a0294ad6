"""Working time is what a person with a clock and a calendar would count, minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.worktime import Calendar, NeverWorks, after, is_working, next_working, worked

ZONES = sorted(available_timezones())
CHANGING = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Nuuk",
    "Asia/Kathmandu",
]
BERLIN = Calendar("Europe/Berlin")
MINUTE = timedelta(minutes=1)


def in_berlin(*wall: int) -> datetime:
    return datetime(*wall, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def shows_hours(calendar: Calendar, at: datetime) -> bool:
    """Whether the clock on the wall shows hours of work: those of today, or yesterday's past midnight."""
    wall = at.astimezone(ZoneInfo(calendar.zone))
    for days in (0, 1):
        began = wall.date() - timedelta(days=days)
        for opens, closes in calendar.hours.get(began.isoweekday(), ()):
            lasts = opens < closes
            today = opens <= wall.time() and (wall.time() < closes or not lasts)
            past = not lasts and wall.time() < closes
            if (past if days else today) and not calendar.is_off(began):
                return True
    return False


def counted(calendar: Calendar, begin: datetime, end: datetime) -> timedelta:
    minutes = int((end - begin) / MINUTE)
    return sum((MINUTE for n in range(minutes) if shows_hours(calendar, begin + n * MINUTE)), timedelta())


@st.composite
def calendars(draw) -> Calendar:
    def spans() -> tuple[tuple[time, time], ...]:
        cuts = draw(st.lists(st.integers(0, 95), min_size=0, max_size=4, unique=True).map(sorted))
        walls = [time(cut // 4, cut % 4 * 15) for cut in cuts]
        return tuple(zip(walls[::2], walls[1::2], strict=False))

    hours = {day: spans() for day in range(1, 8)}
    if draw(st.booleans()):  # a night shift
        hours[6] = (*hours[6][:1], (time(22), time(2, 30)))
        hours[7] = tuple(span for span in hours[7] if span[0] >= time(2, 30))
        hours[6] = tuple(span for span in hours[6] if span[1] <= time(22) or span[0] == time(22))
    off = draw(st.frozensets(st.integers(0, 6), max_size=3))
    return Calendar(
        draw(st.sampled_from(CHANGING) | st.sampled_from(ZONES)), hours, lambda day: day.toordinal() % 9 in off
    )


CHANGES = [date(2026, 3, 28), date(2026, 10, 24), date(2026, 4, 4), date(2026, 3, 7), date(2026, 4, 23)]


@st.composite
def nights(draw) -> datetime:
    """Instants, half of them close to a change of some clock."""
    day = draw(st.sampled_from(CHANGES) | st.dates(date(2024, 1, 1), date(2027, 12, 1)))
    return datetime.combine(day, time(), UTC) + draw(st.integers(0, 2000)) * MINUTE


@settings(max_examples=150)
@given(calendars(), nights(), st.integers(0, 3 * 24 * 60))
def test_it_equals_a_count_of_the_minutes(calendar, begin, minutes):
    end = begin + minutes * MINUTE
    assert worked(calendar, begin, end) == counted(calendar, begin, end)


@given(calendars(), nights(), st.integers(1, 6000))
def test_a_deadline_is_the_first_instant_by_which_so_much_was_worked(calendar, begin, minutes):
    wanted = minutes * MINUTE
    try:
        due = after(calendar, begin, wanted)
    except NeverWorks:
        assert worked(calendar, begin, begin + timedelta(days=300)) < wanted
    else:
        assert worked(calendar, begin, due) == wanted
        assert worked(calendar, begin, due - timedelta(seconds=1)) < wanted


@given(calendars(), nights())
def test_work_goes_on_when_the_clock_shows_hours_again(calendar, at):
    try:
        then = next_working(calendar, at)
    except NeverWorks:
        assert not shows_hours(calendar, at)
    else:
        assert is_working(calendar, then)
        assert shows_hours(calendar, then)
        assert worked(calendar, at, then) == timedelta()
        assert is_working(calendar, at) == (then == at) == shows_hours(calendar, at)


def test_friday_afternoon_goes_on_monday_morning():
    assert after(BERLIN, in_berlin(2026, 11, 20, 16), timedelta(hours=4)) == in_berlin(2026, 11, 23, 12)


def test_what_is_due_when_work_ends_is_due_then():
    assert after(BERLIN, in_berlin(2026, 11, 20, 13), timedelta(hours=4)) == in_berlin(2026, 11, 20, 17)


def test_a_holiday_is_passed_over():
    with_christmas = Calendar("Europe/Berlin", is_off=lambda day: day in (date(2026, 12, 25), date(2026, 12, 26)))
    assert after(with_christmas, in_berlin(2026, 12, 24, 16), timedelta(hours=2)) == in_berlin(2026, 12, 28, 10)


def test_a_night_shift_over_the_change_of_the_clocks_is_as_long_as_it_was():
    nights = Calendar("Europe/Berlin", {6: ((time(22), time(6)),)})
    spring, autumn = in_berlin(2026, 3, 28, 12), in_berlin(2026, 10, 24, 12)
    assert worked(nights, spring, spring + timedelta(days=1)) == timedelta(hours=7)
    assert worked(nights, autumn, autumn + timedelta(days=1)) == timedelta(hours=9)


@pytest.mark.parametrize("hours", [(time(1), time(2, 30)), (time(2, 30), time(4))])
def test_half_an_hour_that_is_shown_twice_is_worked_twice(hours):
    night = Calendar("Europe/Berlin", {7: (hours,)})
    assert worked(night, in_berlin(2026, 10, 24, 12), in_berlin(2026, 10, 25, 12)) == timedelta(hours=2)


def test_a_working_day_is_the_mean_of_the_weeks():
    assert BERLIN.day == timedelta(hours=8)
    part_time = Calendar("Europe/Berlin", {1: ((time(9), time(12)), (time(13), time(18))), 5: ((time(9), time(13)),)})
    assert part_time.day == timedelta(hours=6)


@pytest.mark.parametrize("calendar", [Calendar("UTC", {}), Calendar("UTC", is_off=lambda day: True)])
def test_who_never_works_is_never_late(calendar):
    with pytest.raises(NeverWorks):
        after(calendar, in_berlin(2026, 11, 20, 16), timedelta(hours=1))
    with pytest.raises(NeverWorks):
        next_working(calendar, in_berlin(2026, 11, 20, 16))
    assert not is_working(calendar, in_berlin(2026, 11, 20, 16))
