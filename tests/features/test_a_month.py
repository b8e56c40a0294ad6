"""Some days of a small company, with time passing: `python -m bench.month` is the same for a month of a busy one."""

from datetime import UTC, datetime

from bench.month.lived import live


async def test_nudges_and_digests_are_what_follows_from_the_log():
    """Over the night in which Europe's clocks change and a holiday.

    On SQLite only: it is time and figures that are held against the log here, each rule has its story on both.
    """
    lived = await live(seed=2, begin=datetime(2026, 10, 22, tzinfo=UTC), days=6, leads=12, people=12)
    assert lived.problems == []
    told = {nudge.told_at == nudge.at for nudge in lived.log.nudges}
    assert told == {True, False}, "some were alone and some in a summary"
    assert {nudge.step for nudge in lived.log.nudges} == {50, 100, 150}
    assert len(lived.log.digests) == 10
