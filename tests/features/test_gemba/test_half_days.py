"""Half-days are those of somebody's own hours and clocks."""

import itertools
from datetime import date, timedelta

import pytest

from bot.features.gemba.half_days import chosen, half_days
from storage.calendars import Timetable

MONDAY = date(2026, 12, 7)


def times(timetable, first=MONDAY, last=MONDAY):
    return [
        (each.label, f"{each.begins:%d %H:%M}", f"{each.ends:%d %H:%M}") for each in half_days(timetable, first, last)
    ]


def test_they_are_the_two_halves_of_the_hours_where_one_is():
    assert times(Timetable("Europe/Berlin")) == [
        ("2026-12-07am", "07 08:00", "07 12:00"),
        ("2026-12-07pm", "07 12:00", "07 16:00"),
    ]
    assert times(Timetable("Asia/Ho_Chi_Minh", work_starts="08:00", work_ends="17:00"))[0][1:] == (
        "07 01:00",
        "07 05:30",
    )


def test_who_works_through_the_night_has_halves_of_the_night():
    night = Timetable("America/New_York", work_starts="22:00", work_ends="06:00")
    assert times(night) == [
        ("2026-12-07am", "08 03:00", "08 07:00"),
        ("2026-12-07pm", "08 07:00", "08 11:00"),
    ]


def test_days_off_and_weekends_have_none():
    away = Timetable("UTC", absences=((MONDAY, MONDAY),), holidays="2026-12-08")
    found = {each.on for each in half_days(away, MONDAY, MONDAY + timedelta(days=6))}
    assert found == {MONDAY + timedelta(days=n) for n in (2, 3, 4)}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut"])
def test_they_never_overlap_also_where_clocks_change(zone):
    every_day = Timetable(zone, work_days="mon,tue,wed,thu,fri,sat,sun", work_starts="00:00", work_ends="23:00")
    year = list(half_days(every_day, date(2026, 1, 1), date(2026, 12, 31)))
    assert len(year) == 730
    assert all(one.begins < one.ends <= other.begins for one, other in itertools.pairwise(year))


def test_what_was_chosen_is_found_again_as_far_as_one_still_works_then():
    timetable = Timetable("UTC", holidays="2026-12-08")
    assert [each.label for each in chosen(timetable, "2026-12-07pm,2026-12-08am")] == ["2026-12-07pm"]
    assert chosen(timetable, "") == []
