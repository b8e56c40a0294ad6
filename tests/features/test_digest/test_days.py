"""Which days a digest tells of, when it is late or missed, and that there is exactly one for each."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.recurrence import Rule
from bot.core.timekeeper import Timekeeper
from bot.features.digest.days import LONGEST, first_day
from storage.calendars import HolidayCalendar, keep_holidays
from storage.digest import Digest, Outcome
from storage.schedules import Schedule
from tests.features.stories import a_lead, rows
from tests.features.test_digest.mornings import (
    TUESDAY,
    WEDNESDAY,
    forget_private,
    reads_items,
    sets,
    tells,
)


async def test_after_a_weekend_it_tells_of_all_its_days_with_the_chart_of_the_week(world, ada, mo, leads, shared):
    await sets(world, ada, shared)
    await world.time_passes(datetime(2026, 11, 27, 12, tzinfo=UTC))  # Friday
    assert [tells(shared).message.headline[:10] for _day in range(4)][-1] == "Thu 26 Nov"
    await a_lead(world, mo, leads, company="Friday Ltd")
    await world.time_passes(datetime(2026, 11, 29, 12, tzinfo=UTC))
    assert not shared.unread
    await a_lead(world, mo, leads, company="Sunday Ltd")
    await world.time_passes(datetime(2026, 11, 30, 9, tzinfo=UTC))
    digest = tells(shared, items=False)
    assert digest.message.headline.endswith("to Sun 29 Nov 2026: 2 leads in, 0 accepted")
    assert "(Last week: Leads in, Accepted, Rejected, Won)" in digest.text
    await world.time_passes(datetime(2026, 12, 1, 9, tzinfo=UTC))
    digest = tells(shared, items=False)
    assert digest.message.headline == "Mon 30 Nov 2026: 0 leads in, 0 accepted"
    assert "Last week" not in digest.text


async def test_on_a_holiday_there_is_none_and_the_next_one_tells_of_it(world, ada, mo, leads, shared):
    await sets(world, ada, shared)
    holiday = HolidayCalendar(
        workspace_id=1, timezone="UTC", country="US", days="2026-11-25,2026-11-26", until=date(2027, 1, 1)
    )
    await world.database.write(lambda session: keep_holidays(session, [holiday]))
    await world.time_passes(WEDNESDAY - timedelta(hours=1))
    assert "Mon 23 Nov 2026" in tells(shared).text
    await a_lead(world, mo, leads, company="Acme Ltd")
    await world.time_passes(datetime(2026, 11, 27, 9, tzinfo=UTC))
    digest = tells(shared, items=False)
    assert digest.message.headline == "Tue 24 Nov 2026 to Thu 26 Nov 2026: 1 lead in, 0 accepted"
    assert "There was no digest" not in digest.text


async def test_two_hours_late_it_comes_and_says_so(world, ada, mo, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Acme Ltd")
    world.now = TUESDAY + timedelta(hours=2)
    await a_lead(world, mo, leads, company="Tuesday's Ltd")
    await world.timekeeper.run()
    await world.deliver()
    digest = tells(shared, items=False)
    assert "This comes 2 h 0 min late." in digest.text
    assert "Mon 23 Nov 2026: 1 lead in" in digest.text, "it tells of its own day"
    forget_private(mo)


async def test_seven_hours_late_it_is_skipped_which_the_next_one_says_and_makes_good(world, ada, mo, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Acme Ltd")
    world.now = datetime(2026, 11, 25, 16, tzinfo=UTC)  # Wednesday; Tuesday's never came either
    await world.timekeeper.run()
    await world.deliver()
    assert not shared.unread
    assert {digest.outcome for digest in await rows(world, Digest)} == {Outcome.SKIPPED}
    await world.time_passes(datetime(2026, 11, 26, 9, tzinfo=UTC))
    digest = tells(shared, items=False)
    assert "There was no digest on Tue 24 Nov 2026, Wed 25 Nov 2026: it would have come too late." in digest.text
    assert digest.message.headline == "Mon 23 Nov 2026 to Wed 25 Nov 2026: 1 lead in, 0 accepted"
    await world.time_passes(datetime(2026, 11, 27, 9, tzinfo=UTC))
    assert "There was no digest" not in tells(shared, items=False).text
    forget_private(mo)


@pytest.mark.parametrize(
    ("zone", "at", "around"),
    [
        ("Europe/Berlin", "02:30", date(2026, 10, 25)),  # shown twice
        ("Europe/Berlin", "02:30", date(2027, 3, 28)),  # skipped
        ("Africa/Cairo", "00:30", date(2027, 4, 30)),  # midnight itself is skipped
        ("America/New_York", "01:30", date(2026, 11, 1)),
    ],
)
async def test_exactly_one_comes_for_each_local_date_when_the_clocks_change(world, ada, shared, zone, at, around):
    world.now = datetime(around.year, around.month, around.day, 12, tzinfo=UTC) - timedelta(days=3)
    await ada.types("/parley setup")
    await ada.presses("Time zone and language…", on=ada.replies.popleft())
    await ada.fills(timezone=zone)
    ada.reads()
    await sets(world, ada, shared, at=at, days="1234567")
    await world.time_passes(world.now + timedelta(days=5))
    told = [(digest.local_on, digest.first_on) for digest in await rows(world, Digest)]
    assert told == [(on, on - timedelta(days=1)) for on in (around + timedelta(days=n) for n in range(-2, 3))]
    shared.unread.clear()


async def test_another_hour_or_zone_on_the_same_day_brings_no_second_one(world, ada, shared, caplog):
    await sets(world, ada, shared, at="09:00")
    await world.time_passes(TUESDAY)
    shared.unread.clear()
    await sets(world, ada, shared, at="11:00")
    await ada.types("/parley setup")
    await ada.presses("Time zone and language…", on=ada.replies.popleft())
    await ada.fills(timezone="America/New_York")
    ada.reads()
    [schedule] = [each for each in await rows(world, Schedule) if each.kind == "digest"]
    assert (schedule.timezone, schedule.wall) == ("America/New_York", "11:00")
    await sets(world, ada, shared, days="")
    await sets(world, ada, shared, at="20:00", days="1234567")
    await world.time_passes(WEDNESDAY - timedelta(hours=1))
    assert len(await rows(world, Digest)) == 1
    assert not shared.unread
    assert "digest failed" not in caplog.text, "it is known that this date has had its own"


async def test_two_processes_tell_it_once_and_a_restart_between_storing_and_posting_loses_nothing(
    world, ada, mo, leads, shared
):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Acme Ltd")
    world.now = TUESDAY
    other = Timekeeper(world.registry, world.database, lambda: world.now, lambda: None)
    await asyncio.gather(world.timekeeper.run(), other.run())
    assert len(await rows(world, Digest)) == 1
    world.starts_delivery()  # the one that was to post it is gone
    await world.deliver()
    assert [each.message.headline for each in reads_items(tells(shared))] == ["L-1 · Acme Ltd"]
    await other.run()
    await world.deliver()
    assert not shared.unread
    forget_private(mo)


@given(
    days=st.frozensets(st.integers(1, 7), min_size=1),
    holidays=st.frozensets(st.integers(0, 60)),
    skipped=st.frozensets(st.integers(0, 60)),
)
def test_every_day_is_told_of_once_whatever_the_days_holidays_and_outages(days, holidays, skipped):
    first, rule = date(2026, 11, 2), Rule(time(9), "UTC", days)
    off = {first + timedelta(days=n) for n in holidays}
    told, until = list[date](), None
    for on in (first + timedelta(days=n) for n in range(61)):
        if on.isoweekday() in days and on not in off and (on - first).days not in skipped:
            begin = first_day(rule, on, until, off.__contains__)
            assert begin < on
            was_long = until is None or on - until > timedelta(days=LONGEST + 1)
            assert was_long or begin == until + timedelta(days=1), "no day is left out"
            told += [begin + timedelta(days=n) for n in range((on - begin).days)]
            until = on - timedelta(days=1)
    assert len(told) == len(set(told)), "no day is told of twice"
