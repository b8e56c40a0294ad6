"""The asker's own look, and the settings: who changes them, what is refused, and what they bring."""

from datetime import timedelta

from storage.digest import Digest
from storage.schedules import Schedule
from tests.features.stories import a_lead, on_sqlite, rows
from tests.features.test_digest.mornings import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    forget_private,
    id_of,
    reads_items,
    sets,
    tells,
)


async def test_a_preview_is_for_the_asker_only_and_changes_nothing(world, ada, mo, ana, leads, shared):
    await sets(world, ada, shared)
    await a_lead(world, mo, leads, company="Free Ltd")
    world.passes(minutes=5)
    await ana.types("/digest now", shared)
    text = ana.reads()
    assert text.startswith(
        "Fri 20 Nov 2026 to Mon 23 Nov 2026: 1 lead in, 0 accepted\nA preview: only you can see this."
    )
    assert "L-1 · Free Ltd  Nobody has taken it yet." in text
    assert await rows(world, Digest) == []
    await ana.types("/digest")
    overview = ana.reads()
    assert (
        "#alignment: at 09:00 (UTC), Monday, Tuesday, Wednesday, Thursday, and Friday; next 2026-11-24 09:00."
        in overview
    )
    assert "[Settings...]" not in overview
    await ana.types("/digest nwo")
    assert "Did you mean /digest now?" in ana.reads()
    forget_private(mo)


async def test_only_admins_change_settings_and_what_is_wrong_is_said_beside_the_field(world, ada, ana, leads, shared):
    await ana.types("/digest settings", shared)
    assert "Only an admin of Parley can change this." in ana.reads()
    channel = str(await id_of(world, shared))
    await ada.types("/digest settings", shared)
    assert ada.form.fields[0].initial == (channel,)
    await ada.fills(channels=None, at="09:00")
    assert ada.errors == {"channels": "Please choose a channel."}
    await ada.fills(channels=[channel], at="25:00")
    assert list(ada.errors) == ["at"]
    await ada.fills(at="09:00", sections=None)
    assert ada.errors == {"sections": "Please choose what is to be in it."}
    await ada.fills(channels=[str(await id_of(world, leads))], sections=["numbers"])
    assert "can have no digest" in ada.errors["channels"]
    await ada.fills(channels=[channel])
    assert ada.reads().startswith("Saved.\n#alignment: at 09:00")
    await ada.types("/digest settings", shared)
    await ada.fills(days=None)
    assert ada.reads().startswith("Saved.\n#alignment: no digest")
    assert await rows(world, Schedule) == []


async def test_an_admin_without_any_digest_is_shown_where_to_begin(world, ada, shared):
    assert "No channel gets the daily digest yet." in await ada.opens_home()
    await sets(world, ada, shared)
    assert "daily digest" not in await ada.opens_home()


@on_sqlite
async def test_two_channels_have_different_sections_and_items_of_their_side(world, ada, mo, ana, leads):
    sales, marketing = await world.channel("sales"), await world.channel("marketing")
    await sets(world, ada, sales, sections=["numbers", "items"])
    await sets(world, ada, marketing, at="10:00", sections=["codes", "items"])
    await a_lead(world, mo, leads, owner=ana, company="Acme Ltd")
    await ana.types("/leadfeedback general M2 too expensive")
    marketing.unread.clear()
    await world.time_passes(TUESDAY + timedelta(hours=2))
    forget_private(ana, mo)
    for_sales, for_marketing = tells(sales), tells(marketing)
    assert "Leads in: 1" in for_sales.text
    assert "What sellers said" not in for_sales.text
    assert [each.message.headline for each in reads_items(for_sales)] == ["L-1 · Acme Ltd"]
    assert for_marketing.message.headline == "Daily digest: Mon 23 Nov 2026"
    assert "Leads in" not in for_marketing.text
    assert "> too expensive" in for_marketing.text
    [case] = reads_items(for_marketing)
    assert case.message.headline == "price objection (market note M2)"
    await mo.presses("I take it", on=case)
    mo.reads()
    assert "Taken by Mo." in case.text
    assert "Settled: acknowledged." in case.text
    assert "Decide..." in case.buttons
    forget_private(ana, mo)


async def test_an_empty_day_is_one_line_or_nothing(world, ada, shared):
    sales = await world.channel("sales")
    await sets(world, ada, shared, empty="say")
    await sets(world, ada, sales, empty="nothing")
    await world.time_passes(TUESDAY)
    assert tells(shared).text == "Mon 23 Nov 2026: a quiet time, nothing to report\n[Useful] [Not useful]"
    assert not sales.unread
    await world.time_passes(WEDNESDAY)
    assert "Tue 24 Nov" in tells(shared).text


@on_sqlite
async def test_a_day_is_not_empty_while_there_is_a_week_to_show_or_time_is_running_out(
    world, ada, mo, ana, leads, shared
):
    sales = await world.channel("sales")
    await sets(world, ada, shared, sections=["week"], empty="nothing")
    await sets(world, ada, sales, sections=["clocks"], empty="nothing")
    world.now = MONDAY + timedelta(hours=5)
    await a_lead(world, mo, leads, owner=ana, company="Acme Ltd")
    await world.time_passes(TUESDAY)
    digest = tells(sales)
    assert digest.message.headline == "Daily digest: Mon 23 Nov 2026"
    assert "Sales  1 to do: 1 with less than half of its time left" in digest.text
    await world.time_passes(TUESDAY + timedelta(days=5))
    assert not shared.unread
    sales.unread.clear()
    await world.time_passes(TUESDAY + timedelta(days=6))
    digest = tells(shared)
    assert digest.message.headline == "Daily digest: Fri 27 Nov 2026 to Sun 29 Nov 2026"
    assert "(Last week: Leads in, Accepted, Rejected, Won)" in digest.text
    sales.unread.clear(), forget_private(ana, mo)
