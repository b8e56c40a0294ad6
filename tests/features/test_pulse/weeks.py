"""What stories of the pulse begin with: two sides of six, their channels, and a pulse that opens on Tuesday at ten."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from storage.pulse import PulseWave
from tests.world import TestChannel, TestMember

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UTC)  # when it opens
THURSDAY = datetime(2026, 11, 26, 17, tzinfo=UTC)  # when it closes
WEEK, SECOND = timedelta(weeks=1), timedelta(seconds=1)
SELLERS = ["Ana", "Bo", "Cy", "Di", "Ed", "Flo"]
MARKETERS = ["Mo", "Nia", "Ott", "Pia", "Quin", "Rae"]
DISAGREE, RATHER_NOT, NEITHER, RATHER, AGREE = (
    "Disagree",
    "Rather disagree",
    "Neither",
    "Rather agree",
    "Agree",
)


@dataclass
class Company:
    ada: TestMember  # an admin
    sellers: list[TestMember]
    marketers: list[TestMember]
    sales: TestChannel
    marketing: TestChannel
    shared: TestChannel


async def a_company(world, sellers=SELLERS, marketers=MARKETERS):
    ada = await world.member("Ada", "other", is_admin=True)
    people = [[await world.member(name, side) for name in names] for names, side in (
        (sellers, "sales"), (marketers, "marketing")
    )]  # fmt: skip
    channels = [await world.channel(purpose) for purpose in ("sales", "marketing", "shared")]
    company = Company(ada, *people, *channels)
    await sets(company)
    return company


async def sets(company, **answers):
    """The admin sets the pulse up."""
    await company.ada.types("/pulse settings")
    await company.ada.fills(**answers)
    assert company.ada.errors == {}, company.ada.errors
    return company.ada.reads()


async def opens(world, company, at=TUESDAY):
    """The cards of the wave that opens then, in the channels of sales, of marketing and of both."""
    await world.time_passes(at)
    return company.sales.reads(), company.marketing.reads(), company.shared.reads()


async def closes(world):
    """Until the wave is closed and sealed, and no further: its result is not computed yet."""
    await world.time_passes(THURSDAY - SECOND)
    world.now = THURSDAY
    await world.timekeeper.run()
    await world.deliver()


def forget_results(company):
    """What was published is not what these stories are about."""
    for channel in (company.sales, company.marketing, company.shared):
        channel.unread.clear()


async def taps(member, card, value, question=1, at=None, process=None):
    """Press a button under a question of a card; there is a row of five for each. `at`: when, by the platform's clock;
    `process`: the dispatcher to which it is delivered.
    """
    rows = [part for part in card.message.parts if part.kind == "buttons" and len(part.row) == 5]
    [button] = [each for each in rows[question - 1].row if each.label == value]
    origin = replace(member.origin(card.channel), acted_at=at)
    answer = await (process or member.world.dispatcher).action(origin, button.packed, message=card.ref)
    await member._take(answer)


async def everybody_taps(company, cards, value=AGREE, question=1):
    for people, card in zip((company.sellers, company.marketers), cards, strict=False):
        for member in people:
            await taps(member, card, value, question)


async def waves(world):
    """The waves of all workspaces, the first first."""
    return await world.database.read(lambda session: session.exec(select(PulseWave).order_by(PulseWave.id)).all())


async def rows_of(world, table):
    """All rows of a table, in no order."""
    return await world.database.read(lambda session: session.exec(select(table)).all())
