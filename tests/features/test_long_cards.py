"""Cards when everybody writes as much as they may, in letters that take the most room."""

import pytest

from tests.features.stories import a_lead

LETTERS = {"other scripts": "한ש", "emoji": "🏳️‍🌈", "escaped in JSON": '"\\', "escaped by Slack": "&<"}


@pytest.fixture
def database_kind():
    return "sqlite"  # it is a matter of views


@pytest.fixture(params=LETTERS)
def long(request):
    """So many letters, with words enough."""
    letters = LETTERS[request.param]
    return lambda limit: ("a b c d e " + letters * limit)[:limit]


async def test_a_leads_card_stands_however_much_is_written_on_it(world, long):
    mo, ana = await world.member(long(300), "marketing"), await world.member("Ana", "sales")
    others = [await world.member(f"{n}{long(200)}", "sales") for n in range(6)]
    leads, marketing = await world.channel("leads"), await world.channel("marketing")
    for _earlier in range(3):
        await a_lead(world, mo, leads, company=long(100))
        world.passes(minutes=1)
    await mo.types("/lead add")
    await mo.fills(
        company=long(100), owner=ana.person.external_id, source=long(80), campaign=long(80), temperature="hot",
        contact=long(120), email=long(187).replace(" ", "_") + "@acme.example", phone=long(60), value="1000000000",
        summary=long(1500),
    )  # fmt: skip
    assert "Added" in mo.reads()
    card = leads.reads()
    await ana.presses("Need info", on=card)
    await ana.fills(text=long(500))
    ana.reads()
    question = marketing.reads()
    await mo.presses("Answer...", on=question)
    await mo.fills(text=long(1000))
    mo.reads(), ana.reads_dm()
    for other in others:
        await other.reacts("eyes", on=card)
        await other.reacts("white_check_mark", on=card)
        await other.types("/leadfeedback")
        await other.fills(about="lead:4", code="R0", note=long(1000))
        other.reads()
    assert len(card.message.parts) > 12
    assert card.text.count("thinks: other reason to reject (reject R0)") == 3
    assert "Would accept it" in card.text

    case = marketing.reads()
    assert "Said 6 times." in case.text
    await mo.presses("Decide...", on=case)
    await mo.chooses(answer="no_change")
    await mo.fills(text=long(1000))
    mo.reads()
    for other in others:
        assert "Marketing answered" in other.reads_dm().text
    card.reads_reply()
    await ana.types("/lead")
    assert "My open leads" in ana.reads()
