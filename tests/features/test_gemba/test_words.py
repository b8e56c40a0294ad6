"""Job swaps speak the language of whoever reads them: every sentence is marked."""

from datetime import timedelta

import pytest

from tests.features.test_gemba.swapping import CLOSES, OFFER, forget, on
from tests.test_languages import MARKED, Reader, button, marked  # noqa: F401
from tests.world import a_world

WORDS = "nonsense"
SAID = {"job": WORDS, "off_limits": WORDS, "wished_themes": ["calls"], "offered_themes": ["calls"]}


@pytest.fixture
async def world(marked, database):  # noqa: F811
    async with a_world(database) as world:
        yield world


def reads_all(reader):
    """Everything they were told, aloud; the last message by each headline. A file's words are those of calendars."""
    told = {}
    while reader.member.dm.unread:
        posted = reader.member.dm.unread[0]
        if posted.message.file:
            reader.member.dm.unread.popleft()
        else:
            told[posted.message.headline.strip("⟦⟧").split(" ")[0]] = reader.dm()
    return told


@pytest.mark.parametrize("database_kind", ["sqlite"])  # what is stored is no matter here
async def test_a_round_in_another_language(world):
    sales, marketing = await world.channel("sales"), await world.channel("marketing")
    organiser = await world.member("Mia", "marketing", is_admin=True)
    ana, mo = [
        Reader(await world.member(name, side, language=MARKED, is_head=name == "Ana", is_admin=name == "Mo"), True)
        for name, side in (("Ana", "sales"), ("Mo", "marketing"))
    ]
    for line in ("/gemba", "/gemba settings", "/gemba nonsense", "/gemba ledger", "/gemba ideas", "/gemba now"):
        await mo.does(mo.member.types(line))
    await mo.does(mo.member.fills())
    await world.time_passes(world.now.replace(hour=9))
    asked, organised = ana.dm(), mo.dm()
    await ana.does(ana.member.presses(button(ana, "I cannot, because..."), on=asked))
    await ana.does(ana.member.fills(excuse=WORDS))
    mo.message(organised.message)
    sales.unread.clear(), marketing.unread.clear()
    for reader, role in ((ana, "sdr"), (mo, "events")):
        await reader.does(reader.member.presses("Sign up...", on=next(iter(sales.messages.values()))))
        await reader.does(reader.member.fills(**OFFER | SAID, role=role))
    await mo.does(mo.member.presses(button(mo, "Preview"), on=organised))
    await world.time_passes(CLOSES + timedelta(minutes=5))
    question = reads_all(ana)["Swap"]
    reads_all(mo)
    await ana.does(ana.member.presses(button(ana, "Decline..."), on=question))
    await ana.does(ana.member.presses(button(ana, "Another date..."), on=question))
    await ana.does(ana.member.fills(mine="2026-12-08pm"))
    await mo.does(mo.member.presses(button(mo, "Accept"), on=reads_all(mo)["Swap"]))
    await ana.does(ana.member.types("/gemba"))
    ana.line(await ana.member.opens_home())
    await world.time_passes(on(8, 18))
    told = reads_all(mo)
    await mo.does(mo.member.presses(button(mo, "Note a fact..."), on=told["With"]))
    await mo.does(mo.member.fills(text=WORDS, own=["own"]))
    await mo.does(mo.member.presses(button(mo, "Three slides..."), on=told["Your"]))
    await mo.does(mo.member.fills(did=WORDS, wrong=WORDS, change=WORDS))
    check = reads_all(ana)["Mo"]
    await ana.does(ana.member.presses(button(ana, "Correct a fact..."), on=check))
    await ana.does(ana.member.fills(text=WORDS))
    await ana.does(ana.member.presses(button(ana, "It is right"), on=check))
    slides = sales.reads()
    await mo.does(mo.member.presses("Make it an idea...", on=slides))
    a3 = dict.fromkeys(("title", "background", "current", "why", "countermeasure", "measure", "before"), WORDS)
    await mo.does(mo.member.fills(**a3, due_on="2026-12-31"))
    await world.time_passes(world.now + timedelta(days=31))
    follow_up = reads_all(mo)["What"]
    await mo.does(mo.member.presses(button(mo, "Dropped, because..."), on=follow_up))
    await mo.does(mo.member.fills(because=WORDS))
    mo.message(follow_up.message)
    public = Reader(organiser, is_marked=False)
    for posted in (*sales.messages.values(), *marketing.messages.values()):
        public.message(posted.message)
    forget(ana.member, mo.member, organiser)
    sales.unread.clear(), marketing.unread.clear()
