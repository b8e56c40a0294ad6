"""Figures of pulses for a spreadsheet: what was published, and nothing else."""

import csv
import io
import json

from bot.export import exported
from tests.features.test_pulse.sealed import TEN, sealed
from tests.processes import finished


async def test_only_published_figures_are_exported(world, database_url, sales):
    await sealed(
        world,
        {"L1": {"sales": TEN, "marketing": TEN[:9]}, "X1": {"sales": TEN, "marketing": [3, 2, 1, 4]}},
        comments=[("sales", "=a comment")],
    )
    sales.reads()
    rows = json.loads(await exported(database_url, "pulse", "json", ""))
    found = {(row["statement"], row["side"]): row for row in rows}
    assert len(found) == 4
    large, small, hidden = found["L1", "sales"], found["L1", "marketing"], found["X1", "marketing"]
    assert [large[f"gave_{n}"] for n in range(1, 6)] == [0, 0, 2, 5, 3]
    assert (large["n"], large["asked"], large["mean"], large["gap_could_be_chance"]) == (10, 10, 4.1, True)
    assert (small["n"], small["top_share"], small["gave_1"]) == (9, 0.89, None)
    assert {name: value for name, value in hidden.items() if value is not None} == {
        "pulse": 1, "on": "2026-11-26", "kind": "statements", "statement": "X1", "side": "marketing", "asked": 9,
        "hidden": "few",
    }  # fmt: skip
    assert found["X1", "sales"]["score"] == 1.9
    assert "comment" not in await exported(database_url, "pulse", "csv", "")


async def test_the_process_writes_it(database_url):
    code, said = await finished({"DATABASE_URL": database_url}, "export", "pulse", "--format", "json")
    assert (code, "Parley is in no workspace" in said) == (2, True)


async def test_spreadsheets_calculate_nothing_of_it(world, database_url, sales):
    await sealed(world, {"L1": {"sales": TEN, "marketing": [value - 1 for value in TEN]}})
    sales.reads()
    rows = list(csv.DictReader(io.StringIO(await exported(database_url, "pulse", "csv", ""))))
    assert [row["gap_value"] for row in rows] == ["1.0", "1.0"]
    assert not any(value.startswith(("=", "+", "@")) for row in rows for value in row.values())
