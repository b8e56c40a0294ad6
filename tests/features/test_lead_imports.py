"""An import beside people who work on the same leads: cards show what it changed, and nobody is nudged about it."""

from bot.leads_import import Wanted, import_file
from storage.clocks import Clock
from tests.features.stories import a_lead, rows


async def imports(world, database_url, tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_text(content)
    report = await import_file(database_url, path, Wanted())
    await world.makes_good()
    await world.deliver()
    return report


async def test_a_card_that_stands_shows_what_an_import_changed(world, database_url, tmp_path):
    ana, leads = await world.member("Ana", "sales"), await world.channel("leads")
    card = await a_lead(world, ana, leads, owner=ana)
    key = card.text.split(" ")[0]
    report = await imports(world, database_url, tmp_path, f"key,company,won_at\n{key},Acme Group,2026-11-20\n")
    assert report.changed == 1
    assert "Acme Group" in card.text
    assert "Accept" not in card.text
    assert [clock.kind for clock in await rows(world, Clock) if clock.stopped_at is None] == []


async def test_a_lead_from_an_import_that_somebody_took_has_no_clock_left_once_it_is_over(
    world, database_url, tmp_path
):
    ana = await world.member("Ana", "sales")
    await imports(world, database_url, tmp_path, "key,company,handed_off_at\nK1,Acme,2026-11-20\n")
    await ana.types("/lead K1")
    await ana.presses("Accept", on=ana.replies.pop())
    assert "accepted" in ana.reads()
    assert [clock.kind for clock in await rows(world, Clock) if clock.stopped_at is None] == ["S2"]
    await imports(world, database_url, tmp_path, "key,status\nK1,lost\n")
    assert [clock.kind for clock in await rows(world, Clock) if clock.stopped_at is None] == []
