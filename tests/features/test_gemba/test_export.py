"""What `python -m bot export gemba` writes."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.context import UserError
from bot.export import exported
from storage.gemba import GembaRound
from storage.gemba_ideas import GembaIdea
from storage.gemba_swaps import GembaLeg, GembaSwap, Outcome, SwapState
from storage.tables import keep

AT = datetime(2026, 12, 7, 8, tzinfo=UTC)


async def test_hours_by_function_rounds_and_ideas(world, database_url):
    ana, mo = await (await world.member("Ana", "sales")).row(), await (await world.member("Mo", "marketing")).row()

    def tell(session):
        of = {"workspace_id": ana.workspace_id}
        days = {"begun_at": AT, "closes_at": AT, "first_on": AT.date(), "last_on": AT.date()}
        gemba = GembaRound(**of, number=1, formats="half_day", no_repeat=3, **days)
        keep(session, gemba)
        swap = GembaSwap(**of, round_id=gemba.id, one_id=ana.id, other_id=mo.id, format="half_day", asked_at=AT)
        swap.state = SwapState.OVER
        keep(session, swap)
        for visitor, host, hours, outcome in (
            (ana, mo, 3, Outcome.DONE),
            (mo, ana, 2, Outcome.DONE),
            (mo, ana, 2, Outcome.MISSED),
        ):
            times = {"begins_at": AT, "ends_at": AT + timedelta(hours=hours), "outcome": outcome}
            keep(session, GembaLeg(**of, swap_id=swap.id, visitor_id=visitor.id, host_id=host.id, **times))
        words = dict.fromkeys(("background", "current", "why", "countermeasure", "measure", "before"), "x")
        idea = GembaIdea(
            **of, author_id=ana.id, owner_id=mo.id, title="=1+1", due_on=AT.date(), proposed_at=AT, **words
        )
        keep(session, idea)

    await world.database.write(tell)
    ledger = json.loads(await exported(database_url, "gemba", "json", ""))
    assert [(row["function"], row["hours_given"], row["hours_received"]) for row in ledger] == [
        ("marketing", 3.0, 2.0),
        ("sales", 2.0, 3.0),
    ]
    assert not {"Ana", "Mo"} & {str(value) for row in ledger for value in row.values()}
    [gemba] = csv.DictReader(io.StringIO(await exported(database_url, "gemba-rounds", "csv", "")))
    assert (gemba["round"], gemba["swaps_over"], gemba["swaps_asked"]) == ("1", "1", "0")
    [idea] = csv.DictReader(io.StringIO(await exported(database_url, "gemba-ideas", "csv", "")))
    assert (idea["title"], idea["owner"], idea["fate"]) == ("'=1+1", "Mo", "proposed")


async def test_where_nothing_has_happened_there_is_nothing(world, database_url):
    assert await exported(database_url, "gemba", "json", "") == "[]"
    with pytest.raises(UserError, match="I can export pulse, gemba, gemba-rounds, gemba-ideas; as csv or json"):
        await exported(database_url, "people", "csv", "")
