"""Holidays are learned for the zones people live in, once, by a child process."""

from datetime import date

import pytest
from sqlmodel import select

from bot.holidays import Holidays
from storage.calendars import HolidayCalendar, timetable
from tests.world import a_world


@pytest.fixture
async def world(database):
    async with a_world(database) as world:
        yield world


async def known(world):
    found = await world.database.read(lambda session: session.exec(select(HolidayCalendar)).all())
    return {calendar.timezone: calendar for calendar in found}


async def test_they_are_those_of_the_country_of_each_zone_for_two_years_to_come(world):
    await world.member("Ana", "sales", timezone="Europe/Berlin")
    await world.member("Bo", "sales", timezone="Asia/Calcutta")  # what Asia/Kolkata was called once
    await world.member("Cy", "sales", timezone="Mars/Olympus")
    holidays = Holidays(world.database, lambda: world.now)
    await holidays.look()
    found = await known(world)
    assert {zone: calendar.country for zone, calendar in found.items()} == {
        "Asia/Calcutta": "IN",
        "Europe/Berlin": "DE",
        "Mars/Olympus": None,
        "UTC": None,
    }
    germany = found["Europe/Berlin"].days.split(",")
    assert {"2026-10-03", "2026-12-25", "2028-10-03"} <= set(germany)
    assert found["UTC"].days == ""
    days = await world.database.read(lambda session: timetable(session, 1, 1).holidays)
    assert days == found["Europe/Berlin"].days


async def test_what_is_known_is_not_asked_again_until_another_year_comes_into_sight(world):
    holidays = Holidays(world.database, lambda: world.now)
    await holidays.look()

    def forget(session):
        session.exec(select(HolidayCalendar)).one().days = "2026-01-01"

    await world.database.write(forget)
    await holidays.look()
    assert (await known(world))["UTC"].days == "2026-01-01"
    world.passes(days=60)
    await holidays.look()
    calendar = (await known(world))["UTC"]
    assert (calendar.days, calendar.until) == ("", date(2029, 12, 31))
