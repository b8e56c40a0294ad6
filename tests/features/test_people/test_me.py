"""/parley me: what a member says of themselves."""

from datetime import date

import pytest

from storage.calendars import Absence
from storage.campaigns import find_or_add_campaign
from tests.features.stories import rows


@pytest.fixture
async def bo(world):
    return await world.member("Bo", "sales", role="SDR", timezone="Europe/Berlin")


@pytest.fixture
async def cy(world):
    return await world.member("Cy", "sales")


async def days_off(member):
    """All that are remembered."""
    return [(days.first_on, days.last_on) for days in await rows(member.world, Absence)]


async def change(bo, **answers):
    await bo.types("/parley me")
    await bo.fills(**answers)


async def test_the_form_shows_what_is_known(bo):
    await bo.types("/parley me")
    initial = {field.name: field.initial for field in bo.form.fields}
    assert initial["side"] == "sales"
    assert initial["role"] == "SDR"
    assert initial["work_days"] == ("mon", "tue", "wed", "thu", "fri")


async def test_where_the_time_zone_comes_from_is_said_truthfully(world, cy):
    ada = await world.member("Ada", "marketing", is_admin=True)
    dan = world.newcomer("Dan", timezone="America/New_York")
    await dan.types("/parley me")
    assert "Your time zone is America/New_York. It comes from your profile." in str(dan.form.intro)
    await cy.types("/parley me")
    assert "Your time zone is UTC, the workspace's, because your profile names none." in str(cy.form.intro)

    await ada.types("/parley setup")
    await ada.presses("Time zone and language…", on=ada.replies.popleft())
    await ada.fills(timezone="Asia/Tokyo")
    ada.reads()
    await cy.types("/parley me")
    assert "Your time zone is Asia/Tokyo, the workspace's" in str(cy.form.intro)
    await dan.types("/parley me")
    assert "America/New_York" in str(dan.form.intro), "the workspace's does not push out one's own"


async def test_everything_said_is_kept_and_read_back(bo, cy):
    await change(
        bo,
        side="marketing",
        role="campaign owner",
        work_days=["mon", "tue", "thu"],
        work_starts="08:30",
        work_ends="14:00",
        away_until="2026-12-04",
        stand_in="U_cy",
    )
    assert bo.reads() == (
        "Saved.\n"
        "My settings: marketing · campaign owner · Mon, Tue, and Thu 08:30-14:00 (Europe/Berlin)"
        " · away until Fri 4 Dec 2026 · Cy stands in\n"
        "[Change…]"
    )
    row = await bo.row()
    assert (row.side, row.work_days) == ("marketing", "mon,tue,thu")
    assert await days_off(bo) == [(date(2026, 11, 23), date(2026, 12, 4))]
    assert row.stand_in_id == (await cy.row()).id


async def test_what_is_emptied_is_taken_away(bo, cy):
    await change(bo, stand_in="U_cy", away_until="2026-12-04")
    assert "Cy stands in" in bo.reads()
    await change(bo, stand_in=None, away_until=None, role=None)
    assert bo.reads() == "Saved.\nMy settings: sales · Mon-Fri 09:00-17:00 (Europe/Berlin)\n[Change…]"
    row = await bo.row()
    assert (row.stand_in_id, row.role, await days_off(bo)) == (None, None, [])


async def test_a_day_that_ends_before_it_starts_is_refused_beside_the_field(bo):
    await change(bo, work_starts="17:00", work_ends="09:00")
    assert bo.errors == {"work_ends": "Your day ends before it starts. Please choose a later time."}
    await bo.fills(work_starts="09:00", work_ends="17:00")
    assert bo.reads().startswith("Saved.")


async def test_days_off_until_yesterday_are_refused_and_until_today_are_not(world, bo):
    world.passes(hours=15.5)  # 23:30 in London on the 23rd is already the 24th in Berlin
    await change(bo, away_until="2026-11-23")
    assert bo.errors == {"away_until": "This day has passed. Please choose today or a later day."}
    await bo.fills(away_until="2026-11-24")
    assert "away until Tue 24 Nov 2026" in bo.reads()


async def test_days_off_that_are_over_are_not_asked_about_again(world, bo):
    await change(bo, away_until="2026-11-24")
    assert "away until" in bo.reads()
    world.passes(days=3)
    await change(bo)
    assert "away until" not in bo.reads()


async def test_days_off_may_lie_ahead_and_those_that_are_over_are_remembered(world, bo):
    await change(bo, away_from="2026-11-25", away_until="2026-11-27")
    assert "away from Wed 25 Nov 2026 until Fri 27 Nov 2026" in bo.reads()
    world.passes(days=3)
    await change(bo, away_until=None)  # back a day early, on Thursday
    assert "away" not in bo.reads()
    assert await days_off(bo) == [(date(2026, 11, 25), date(2026, 11, 25))]
    await change(bo, away_from="2026-11-30", away_until="2026-12-04")
    bo.reads()
    await change(bo, away_until="2026-12-02")
    bo.reads()
    assert await days_off(bo) == [(date(2026, 11, 25),) * 2, (date(2026, 11, 30), date(2026, 12, 2))]


async def test_days_off_that_make_no_sense_are_refused_beside_the_field(bo):
    await change(bo, away_from="2026-11-30")
    assert bo.errors == {"away_until": "Until when? Please choose your last day off."}
    await bo.fills(away_until="2026-11-27")
    assert bo.errors == {"away_until": "Your last day off comes before your first."}


async def test_nobody_stands_in_for_themselves(bo):
    await change(bo, stand_in="U_bo")
    assert bo.errors == {"stand_in": "Nobody can stand in for themselves. Please choose a colleague."}


async def test_stand_ins_do_not_run_in_a_circle(world, bo, cy):
    di = await world.member("Di", "sales")
    await change(bo, stand_in="U_cy")
    await change(cy, stand_in="U_di")
    assert bo.reads()
    assert cy.reads()
    await change(di, stand_in="U_bo")
    assert di.errors == {"stand_in": "Bo already leads back to the same person. Please choose somebody else."}


async def test_a_guest_cannot_stand_in_and_the_form_stays_open(world, bo):
    world.newcomer("Gus", belongs=False)
    await change(bo, stand_in="U_gus", role="hunter")
    assert bo.errors == {"stand_in": "Only people of your company can be chosen here; guests cannot."}
    await bo.fills(stand_in=None)
    assert "hunter" in bo.reads()


async def test_a_colleague_parley_never_met_can_stand_in(world, bo):
    world.newcomer("Eva")
    await change(bo, stand_in="U_eva")
    assert "Eva stands in" in bo.reads()


async def test_a_zone_that_does_not_exist_disturbs_nothing(world):
    cy = await world.member("Cy", "sales", timezone="Mars/Olympus")
    await change(cy, away_until="2026-11-23")
    assert "away until Mon 23 Nov 2026" in cy.reads()


async def test_home_shows_my_settings_and_opens_the_form(world, bo):
    home = await bo.opens_home()
    assert home.endswith("My settings: sales · SDR · Mon-Fri 09:00-17:00 (Europe/Berlin)\n[Change…]")
    await change(bo, role="hunter")
    assert bo.reads()
    assert "hunter" in world.homes["U_bo"]


async def test_pressing_submit_twice_changes_it_once(bo):
    await bo.types("/parley me")
    form = bo.form
    await bo.fills(role="hunter")
    await bo.submits_again(form, role="farmer")
    assert "hunter" in bo.reads()
    assert (await bo.row()).role == "hunter"


async def test_campaigns_are_the_same_whatever_their_case_and_spaces(world):
    workspace = await world.workspace()

    def two(session):
        first = find_or_add_campaign(session, workspace, " Spring  Webinar ")
        return first.name, first.id == find_or_add_campaign(session, workspace, "spring webinar").id

    assert await world.database.write(two) == ("Spring Webinar", True)
