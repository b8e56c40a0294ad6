"""Real leads of a real company: its files are imported in time, and the reports say what was published of them."""

import json
from pathlib import Path

import pytest

from tests.processes import finished

OLIST = Path(__file__).parents[3] / "shared" / "data"
HAND_OFFS, WINS = (OLIST / f"olist_{name}_dataset.csv" for name in ("marketing_qualified_leads", "closed_deals"))
PUBLISHED = {  # leads, won, rate in %, mean days: ../shared/data/README.md
    None: (60, 14, 23.33, 49.2), "unknown": (1099, 179, 16.29, 41.3), "paid_search": (1586, 195, 12.30, 56.6),
    "organic_search": (2296, 271, 11.80, 50.0), "direct_traffic": (499, 56, 11.22, 31.1),
    "referral": (284, 24, 8.45, 32.5), "social": (1350, 75, 5.56, 61.0), "display": (118, 6, 5.08, 10.3),
    "other_publicities": (65, 3, 4.62, 39.3), "email": (493, 15, 3.04, 52.2), "other": (150, 4, 2.67, 15.3),
}  # fmt: skip

pytestmark = pytest.mark.skipif(not HAND_OFFS.exists(), reason="the Olist files are not here")


@pytest.fixture
def environment(database_url):
    return {"DATABASE_URL": database_url}


async def test_real_files_are_imported_in_time_and_give_the_published_figures(environment):
    first = ("leads", "import", str(HAND_OFFS), "--map", "key=mql_id", "--map", "handed_off_at=first_contact_date",
             "--map", "source=origin")  # fmt: skip
    second = ("leads", "import", str(WINS), "--map", "key=mql_id", "--map", "won_at=won_date")
    for first_said, second_said in (("8000 added", "842 changed"), ("8000 unchanged", "842 unchanged")):
        code, said = await finished(environment, *first)
        assert (code, first_said in said) == (0, True), said
        code, said = await finished(environment, *second)
        assert (code, second_said in said) == (0, True), said
        await gives_the_published_figures(environment)


async def gives_the_published_figures(environment):
    code, said = await finished(environment, "report", "sources", "--format", "json")
    text, _bracket, remark = said.rpartition("]")
    assert (code, remark.strip()) == (
        0, "1 lead was won before the day of its hand-off; it counts with negative days."
    )  # fmt: skip
    *rows, everything = json.loads(text + "]")
    assert (everything["group"], everything["leads"], everything["won"]) == ("*", 8000, 842)
    assert {row["group"]: (row["leads"], row["won"], round(100 * row["won_rate"], 2)) for row in rows} == {
        group: figures[:3] for group, figures in PUBLISHED.items()
    }
    for row in rows:
        assert row["won_days_mean"] == pytest.approx(PUBLISHED[row["group"]][3], abs=0.0501)
