"""Stories of rounds: heads first, then all; who signs up, who is asked, and who is left alone."""

from tests.features.test_gemba.swapping import begins, signs_up


async def test_heads_go_first_and_then_a_round_opens_for_all(world, company, sales, marketing):
    ana = await world.member("Ana", "sales")
    hana = await world.member("Hana", "sales", is_head=True)
    hugo = await world.member("Hugo", "marketing", is_head=True)
    answer, organised = await begins(company)
    assert answer.startswith("Round 1 has begun.\nThe heads are asked first.")
    assert "Heads go first. I wait for Hana and Hugo." in organised.text
    assert not sales.unread

    await ana.types("/gemba")
    assert "Heads go first" in ana.reads()

    asked = hana.reads_dm()
    await hana.presses("Sign up...", on=asked)
    await hana.fills(
        role="sales_head", level="5", where="remote", capacity="2", free=["2026-12-07am", "2026-12-08am"],
        formats=["half_day"],
    )  # fmt: skip
    assert "You have signed up." in hana.reads()
    assert "You have signed up." in asked.text
    assert "I wait for Hugo." in organised.text
    assert not sales.unread

    asked = hugo.reads_dm()
    await hugo.presses("I cannot, because...", on=asked)
    await hugo.fills(excuse="We move offices")
    assert hugo.reads() == "Thank you. The others need not wait for you."
    card = sales.reads()
    assert card.text == marketing.reads().text
    assert "Signed up: 1 of sales, 0 of marketing." in card.text
    assert "Hana" not in card.text

    assert "You have signed up." in await signs_up(ana, "sdr")
    assert "Signed up: 2 of sales, 0 of marketing." in card.text
