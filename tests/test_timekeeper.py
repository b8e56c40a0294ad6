"""What falls due happens once, in order, whatever else fails; what recurs, once for each date."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier

import pytest
from sqlmodel import select

from bot.core.feature import Feature
from bot.core.recurrence import Rule
from bot.core.schedule import plan
from bot.core.timekeeper import Timekeeper
from bot.core.ui import Message
from bot.features.people import feature as people
from storage.channels import Purpose, channel_for
from storage.database import Database
from storage.due import Due, cancel_due, set_due
from storage.schedules import Schedule, remove_schedule
from storage.workspaces import Workspace
from tests.outbox_stories import does
from tests.world import a_world

calls = Feature("calls")
BROKEN = 13


@calls.due("calls.once")
def once(ctx, due):
    says(ctx, f"{due.subject_id}.{due.step} at {ctx.now:%H:%M}")
    if due.subject_id == BROKEN:
        raise ZeroDivisionError


@calls.schedule("calls.daily")
def daily(ctx, occasion):
    missed = ", ".join(day.isoformat() for day in occasion.missed)
    late = f" late {ctx.now - occasion.at}" if ctx.now > occasion.at else ""
    says(ctx, f"{occasion.local_on}{late}{' missed ' if missed else ''}{missed}")


meanwhile = []  # what others do while it is read, for the next occurrence
looks = Counter()  # of the last test that cleared it


def look(ctx, occasion):
    looks[occasion.schedule.subject_id] += 1
    if meanwhile:
        meanwhile.pop()()
    if occasion.schedule.subject_id == BROKEN:
        raise ZeroDivisionError
    return f"{len(ctx.session.exec(select(Schedule)).all())} schedules"


@calls.schedule("calls.read", look=look)
def read(ctx, occasion):
    says(ctx, f"{occasion.local_on} of {occasion.found} at {ctx.now:%H:%M}")


def says(ctx, text):
    ctx.post(channel_for(ctx.session, ctx.workspace.id, Purpose.SALES), lambda: Message(text))


@pytest.fixture
async def world(database):
    async with a_world(database, (calls,)) as world:
        yield world


@pytest.fixture
async def sales(world):
    return await world.channel("sales")


def at(*wall):
    return datetime(2026, 11, *wall, tzinfo=UTC)


def said(channel):
    """Everything that stands in the channel."""
    channel.unread.clear()
    return [posted.text for posted in channel.messages.values()]


async def falls_due(world, subject_id, *instants, kind="calls.once", workspace="W1"):
    def work(ctx):
        for step, instant in enumerate(instants, 1):
            due = Due(workspace_id=ctx.workspace.id, kind=kind, subject_id=subject_id, step=step, at=instant)
            set_due(ctx.session, due)

    await does(world, work, workspace)


async def recurs(world, rule, subject_id=1):
    await does(world, lambda ctx: plan(ctx, "calls.daily", subject_id, rule))


async def test_each_step_happens_once_in_the_order_of_time(world, sales):
    await falls_due(world, 1, at(23, 9), at(23, 11))
    await falls_due(world, 2, at(23, 10))
    await world.time_passes(at(23, 10, 30))
    assert said(sales) == ["1.1 at 09:00", "2.1 at 10:00"]
    await world.time_passes(at(24, 0))
    assert said(sales) == ["1.1 at 09:00", "2.1 at 10:00", "1.2 at 11:00"]


async def test_what_was_set_already_or_cancelled_does_not_happen(world, sales):
    await falls_due(world, 1, at(23, 9))
    await falls_due(world, 1, at(23, 10))
    await falls_due(world, 2, at(23, 9), at(23, 10))
    await world.time_passes(at(23, 9, 30))
    await does(world, lambda ctx: cancel_due(ctx.session, ctx.workspace.id, "calls.once", 2))
    await world.time_passes(at(24, 0))
    assert sorted(said(sales)) == ["1.1 at 09:00", "2.1 at 09:00"]


async def test_what_fails_leaves_nothing_holds_up_nobody_and_is_tried_again_until_it_is_given_up(world, sales, caplog):
    await falls_due(world, BROKEN, at(23, 9))
    await falls_due(world, 1, at(23, 9))
    await world.time_passes(at(24, 0))
    assert said(sales) == ["1.1 at 09:00"]
    assert sum("calls.once failed" in line for line in caplog.messages) == 6
    assert await world.timekeeper.next_at(world.now) is None


async def test_what_no_feature_handles_waits_for_one_that_does(world, sales):
    await falls_due(world, 1, at(23, 9), kind="calls.later")
    await world.time_passes(at(24, 0))
    assert await world.timekeeper.next_at(world.now) is None
    assert said(sales) == []


async def test_nothing_happens_where_parley_was_removed(world, sales):
    await falls_due(world, 1, at(23, 9))
    await recurs(world, Rule(time(9), "UTC"))
    await does(world, lambda ctx: setattr(ctx.workspace, "uninstalled_at", ctx.now))
    await world.time_passes(at(25, 0))
    assert said(sales) == []


async def test_workspaces_do_not_meet(world, sales):
    other = await world.channel("sales", workspace="W2")
    await falls_due(world, 1, at(23, 9), workspace="W2")
    await world.time_passes(at(24, 0))
    assert said(sales) == []
    assert said(other) == ["1.1 at 09:00"]


async def test_a_backlog_is_worked_off_in_several_transactions(world, sales):
    await does(world, lambda ctx: [_due(ctx, n) for n in range(120)])
    await world.time_passes(at(23, 10))
    assert len(set(said(sales))) == len(said(sales)) == 120


async def test_whoever_is_woken_learns_that_there_is_a_backlog(world, sales):
    learned = []
    timekeeper = Timekeeper(
        world.registry, world.database, lambda: world.now, lambda: learned.append(timekeeper.is_behind)
    )
    await does(world, lambda ctx: [_due(ctx, n) for n in range(120)])
    world.now = at(23, 10)
    await timekeeper.run()
    assert learned[0]
    assert not timekeeper.is_behind
    await world.deliver()
    assert len(said(sales)) == 120


def _due(ctx, n):
    set_due(
        ctx.session, Due(workspace_id=ctx.workspace.id, kind="calls.once", subject_id=100 + n, step=1, at=at(23, 9))
    )


async def test_a_digest_comes_each_morning_where_it_is_morning(world, sales):
    await recurs(world, Rule(time(9), "Asia/Tokyo", frozenset({1, 2, 5})))
    await world.time_passes(at(28, 0))
    assert said(sales) == ["2026-11-24", "2026-11-27"]


async def test_after_a_pause_the_newest_comes_late_and_knows_which_were_missed(world, sales):
    await recurs(world, Rule(time(9), "UTC"))
    world.now = at(26, 10)
    await world.timekeeper.run()
    await world.deliver()
    assert said(sales) == ["2026-11-26 late 1:00:00 missed 2026-11-23, 2026-11-24, 2026-11-25"]
    await world.time_passes(at(28, 0))
    assert said(sales)[1:] == ["2026-11-27"]


async def test_a_failure_is_tried_again_and_costs_no_other_date(world, sales):
    world.registry._schedules["calls.daily"] = _fails_before(at(23, 9, 1), daily)
    await recurs(world, Rule(time(9), "UTC"))
    await world.time_passes(at(25, 0))
    assert said(sales) == ["2026-11-23 late 0:02:00", "2026-11-24"]


def _fails_before(instant, handle):
    def handler(ctx, occasion):
        if ctx.now < instant:
            raise ZeroDivisionError
        handle(ctx, occasion)

    return handler


@pytest.mark.parametrize(
    ("changed_at", "rule", "then"),
    [
        (at(23, 10), Rule(time(17), "UTC"), ["2026-11-23", "2026-11-24"]),  # today's has come
        (at(23, 10), Rule(time(9), "America/New_York"), ["2026-11-23", "2026-11-24"]),
        (
            at(23, 8, 45),
            Rule(time(8, 30), "UTC"),
            ["2026-11-23 late 0:15:00", "2026-11-24"],
        ),  # today's was still to come
        (at(23, 8, 45), Rule(time(9), "Asia/Tokyo"), ["2026-11-23 late 8:45:00", "2026-11-24", "2026-11-25"]),
        (at(23, 8, 45), Rule(time(12), "UTC"), ["2026-11-23", "2026-11-24"]),
        (at(23, 10), Rule(time(9), "UTC", frozenset({3})), ["2026-11-23", "2026-11-25"]),
    ],
)
async def test_a_change_of_hour_or_zone_leaves_each_date_its_one_digest(world, sales, changed_at, rule, then):
    await recurs(world, Rule(time(9), "UTC"))
    await world.time_passes(changed_at)
    await recurs(world, rule)
    await world.time_passes(at(25, 8) + timedelta(days=rule.days == frozenset({3})))
    assert said(sales) == then


async def test_what_is_planned_anew_in_the_minute_it_was_due_still_comes(world, sales):
    await recurs(world, Rule(time(9), "UTC"))
    world.now = at(23, 9, 0)
    await recurs(world, Rule(time(8), "UTC"))
    await world.time_passes(at(23, 12))
    assert said(sales) == ["2026-11-23 late 1:00:00"]


async def test_a_removed_schedule_is_silent(world, sales):
    await recurs(world, Rule(time(9), "UTC"))
    await does(world, lambda ctx: remove_schedule(ctx.session, ctx.workspace.id, "calls.daily", 1))
    await world.time_passes(at(25, 0))
    assert said(sales) == []


async def test_two_processes_do_everything_once(database_kind, database_url, world, sales):
    both = 2 if database_kind == "postgresql" else 1  # SQLite lets one write at a time
    world.registry._dues["calls.once"] = _once_all_hold_some(both, once)
    world.registry._schedules["calls.daily"] = _once_all_hold_some(both, daily)
    elsewhere = await Database(database_url, readers=1, writers=1).start()
    other = Timekeeper(world.registry, elsewhere, lambda: world.now, world.delivery.wake)
    await does(world, lambda ctx: [_due(ctx, n) for n in range(60)])
    await does(world, lambda ctx: [plan(ctx, "calls.daily", n, Rule(time(9), "UTC")) for n in range(60)])
    world.now = at(23, 9, 30)
    await asyncio.gather(world.timekeeper.run(), other.run())
    await elsewhere.close()
    await world.deliver()
    assert len(said(sales)) == 120
    assert len(set(said(sales))) == 61


def _once_all_hold_some(processes, handle):
    """Nothing is done before so many have claimed something."""
    all_hold_some, known = Barrier(processes), set()

    def handler(ctx, what):
        process = ctx.session.get_bind().engine
        if process not in known:
            all_hold_some.wait(timeout=20)
            known.add(process)
        handle(ctx, what)

    return handler


async def reads(world, *subject_ids):
    rule = Rule(time(9), "UTC")
    await does(world, lambda ctx: [plan(ctx, "calls.read", subject_id, rule) for subject_id in subject_ids])


async def test_what_must_be_read_first_is_read_beside_the_writer_and_told_once(database, world, sales):
    other = Timekeeper(world.registry, database, lambda: world.now, world.delivery.wake)
    await reads(world, *range(5))
    assert await world.timekeeper.next_at(world.now) == at(23, 9)
    world.now = at(23, 9)
    await asyncio.gather(world.timekeeper.run(), other.run())
    await world.deliver()
    assert said(sales) == ["2026-11-23 of 5 schedules at 09:00"] * 5


async def test_processes_that_share_a_database_look_at_different_schedules(database, world, sales):
    others = [Timekeeper(world.registry, database, lambda: world.now, world.delivery.wake) for _ in range(2)]
    await reads(world, *range(100, 130))
    world.now = at(23, 9)
    looks.clear()
    await asyncio.gather(*(each.run() for each in (world.timekeeper, *others)))
    await world.deliver()
    assert said(sales) == ["2026-11-23 of 30 schedules at 09:00"] * 30
    assert looks.total() < 2 * 30, "most of what was read was read in vain"


async def test_a_look_that_fails_holds_up_nobody_and_is_tried_again(world, sales, caplog):
    await reads(world, BROKEN, 1)
    await world.time_passes(at(23, 12))
    assert said(sales) == ["2026-11-23 of 2 schedules at 09:00"]
    assert sum("calls.read failed" in line for line in caplog.messages) == 6
    assert await world.timekeeper.next_at(world.now) == at(24, 9)


async def test_what_was_read_for_a_rule_that_has_changed_meanwhile_is_not_told(world, sales):
    await reads(world, 1)
    loop = asyncio.get_running_loop()

    def replans():
        later = does(world, lambda ctx: plan(ctx, "calls.read", 1, Rule(time(11), "UTC")))
        asyncio.run_coroutine_threadsafe(later, loop).result(20)

    meanwhile.append(replans)
    await world.time_passes(at(23, 10))
    assert said(sales) == []
    await world.time_passes(at(23, 12))
    assert said(sales) == ["2026-11-23 of 1 schedules at 11:00"]


async def breaks(world, subject_id, **columns):
    """A row as no rule of ours would have written it."""

    def work(ctx):
        row = ctx.session.exec(select(Schedule).where(Schedule.subject_id == subject_id)).one()
        for name, value in columns.items():
            setattr(row, name, value)

    await does(world, work)


@pytest.fixture
async def company(database):
    async with a_world(database, (calls, people)) as world:
        yield world


@pytest.mark.parametrize("kind", ["calls.daily", "calls.read"])
async def test_a_schedule_that_cannot_be_read_stops_no_other_and_is_told_to_an_admin_once(company, caplog, kind):
    ada, sales = await company.member("Ada", "sales", is_admin=True), await company.channel("sales")
    rule = Rule(time(9), "UTC")
    await does(company, lambda ctx: [plan(ctx, kind, n, rule) for n in (1, 2)])
    await breaks(company, 1, timezone="US/Pacific-New", next_at=at(23, 8, 30))
    await company.time_passes(at(24, 12))
    assert [text[:10] for text in said(sales)] == ["2026-11-23", "2026-11-24"]
    assert ada.reads_dm().text.startswith(f"I do not know any more when this is to come: {kind}")
    assert "US/Pacific-New" in caplog.text
    await does(company, lambda ctx: plan(ctx, kind, 1, rule))  # an admin chooses its hour anew
    await company.time_passes(at(25, 12))
    assert [text[:10] for text in said(sales)][2:] == ["2026-11-24", "2026-11-25", "2026-11-25"]


@pytest.mark.parametrize("kind", ["calls.daily", "calls.read"])
async def test_what_is_due_before_its_rule_says_so_waits_for_the_rule(world, sales, caplog, kind):
    await does(world, lambda ctx: plan(ctx, kind, 1, Rule(time(9), "UTC")))
    await breaks(world, 1, next_at=at(23, 8, 30))
    await world.time_passes(at(23, 8, 45))
    assert not said(sales)
    await world.time_passes(at(23, 12))
    assert [text[:10] for text in said(sales)] == ["2026-11-23"]
    assert "still to come" in caplog.text


async def test_the_next_instant_is_that_of_whatever_comes_first(world, sales):
    assert await world.timekeeper.next_at(world.now) is None
    await recurs(world, Rule(time(9), "UTC"))
    assert await world.timekeeper.next_at(world.now) == at(23, 9)
    await falls_due(world, 1, at(23, 8, 30))
    assert await world.timekeeper.next_at(world.now) == at(23, 8, 30)
    assert await world.timekeeper.next_at(at(23, 8, 30)) == at(23, 9)


async def test_rules_are_stored_as_they_were_given(world, sales):
    rule = Rule(time(9, 5), "Asia/Tokyo", frozenset({2, 4}), weeks=3, since=date(2026, 11, 23))
    await recurs(world, rule)
    [stored] = await world.database.read(lambda s: s.exec(select(Schedule).join(Workspace)).all())
    assert (stored.wall, stored.timezone, stored.days, stored.weeks) == ("09:05", "Asia/Tokyo", "24", 3)
