"""Reports: the same figures as counted by hand, on random leads; in chat, and from the process in every form."""

import csv
import io
import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import NormalDist, mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.reports.service import PAST_ACCEPTED, PAST_QUALIFIED, report
from bot.features.reports.views import remarks
from bot.report import written
from bot.rules import statistics
from bot.rules.lead_states import LeadState
from storage.campaigns import Campaign
from storage.leads import Lead
from storage.people import Member
from storage.reports import ReportKind
from storage.tables import add
from storage.workspaces import Workspace
from tests.processes import finished

START = datetime(2018, 1, 30, 22, tzinfo=UTC)


def random_leads(seed, workspace_id, count):
    chance = random.Random(seed)

    ids = (10 * workspace_id + 1, 10 * workspace_id + 2)

    def instant():
        """Often the last second of a month, or the first of the next."""
        months = datetime(2018, chance.randrange(1, 12), 1, tzinfo=UTC) + timedelta(seconds=chance.choice([-1, 0]))
        return chance.choice([None, months, START + timedelta(hours=chance.randrange(-50, 1500))])

    return [
        Lead(
            workspace_id=workspace_id, key=f"{workspace_id}.{n}", key_folded=f"{workspace_id}.{n}", company="Acme",
            company_folded="acme", source=chance.choice([None, "", "web", "=1+1", "fair"]),
            reason=chance.choice([None, "R1"]), campaign_id=chance.choice([None, *ids]),
            owner_id=chance.choice([None, *ids]), state=chance.choice([*LeadState, *[LeadState.WON] * 5]),
            created_at=START, handed_off_at=instant(), accepted_at=instant(), qualified_at=instant(),
            closed_at=instant(),
        )
        for n in range(count)
    ]  # fmt: skip


def interval(won, leads):
    """The shares that lie within 1.96 of their own standard errors from the one seen: solved by halving."""
    z, seen = NormalDist().inv_cdf(0.975), won / leads

    def bound(inside, outside):
        for _ in range(60):
            middle = (inside + outside) / 2
            is_near = (seen - middle) ** 2 * leads <= z * z * middle * (1 - middle)
            inside, outside = (middle, outside) if is_near else (inside, middle)
        return inside

    return bound(seen, 0.0) if won else 0.0, bound(seen, 1.0) if won < leads else 1.0


def by_hand(leads, group, by_month):
    """The figures once more, lead by lead."""

    def figures(some):
        won = [lead for lead in some if lead.state == "WON"]
        days = [(w.closed_at.date() - w.handed_off_at.date()).days for w in won if w.closed_at and w.handed_off_at]
        states = Counter(lead.state for lead in some)
        return {
            "leads": len(some),
            "accepted": sum(lead.state in PAST_ACCEPTED or lead.accepted_at is not None for lead in some),
            "rejected": states["REJECTED"],
            "recycled": states["RECYCLED"],
            "qualified": sum(lead.state in PAST_QUALIFIED or lead.qualified_at is not None for lead in some),
            "won": len(won),
            "lost": states["LOST"],
            "won_rate": pytest.approx(len(won) / len(some)),
            "won_rate_low": pytest.approx(interval(len(won), len(some))[0], abs=1e-9),
            "won_rate_high": pytest.approx(interval(len(won), len(some))[1], abs=1e-9),
            "won_days_mean": pytest.approx(mean(days)) if days else None,
            "won_days_median": median(days) if days else None,
        }

    groups, leads = {}, [lead for lead in leads if lead.state != "WITHDRAWN"]
    for lead in leads:
        month = f"{lead.handed_off_at:%Y-%m}" if lead.handed_off_at and by_month else None
        name = getattr(lead, group)
        groups.setdefault((f"Name {name}" if isinstance(name, int) else name, month), []).append(lead)
    return {**{key: figures(some) for key, some in groups.items()}, "*": figures(leads)}


def told(found):
    """What the report's JSON says, by group and month."""
    rows = json.loads(written(found, "json")[0])
    assert rows[-1]["group"] == "*"
    said = {}
    for row in rows:
        key = "*" if row is rows[-1] else (row["group"], row.get("month"))
        said[key] = {n: v for n, v in row.items() if n not in ("group", "month")}
    assert len(said) == len(rows)
    return said


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("sources", "source"), ("campaigns", "campaign_id"), ("reasons", "reason"), ("owners", "owner_id"),
        ("statuses", "state"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("by_month", [False, True])
async def test_every_figure_is_what_counting_by_hand_gives(database, kind, column, by_month):
    def prepare(session, n):
        add(session, Workspace(id=n, platform="test", external_id=f"W{n}", name=f"W{n}", installed_at=START))
        for row_id in (10 * n + 1, 10 * n + 2):
            name = f"Name {row_id}"
            add(session, Campaign(id=row_id, workspace_id=n, name=name, name_folded=name))
            add(session, Member(id=row_id, workspace_id=n, external_id=name, name=name, verified_at=START))
        for lead in random_leads(n, n, 150):
            add(session, lead)

    for n in (1, 2):
        await database.write(partial(prepare, n=n))
    found = await database.read(lambda session: report(session, 1, ReportKind(kind), by_month))
    assert told(found) == by_hand(random_leads(1, 1, 150), column, by_month)
    assert found.all.without_days + found.all.days.total() == found.all.won
    assert found.all.withdrawn == sum(lead.state == "WITHDRAWN" for lead in random_leads(1, 1, 150))
    assert f"{found.all.withdrawn} leads are not counted" in remarks(found.all)[0]


@given(st.dictionaries(st.integers(-5, 50), st.integers(1, 4), max_size=9))
def test_the_median_of_counts_is_that_of_the_values(counts):
    values = [value for value, n in counts.items() for _ in range(n)]
    assert statistics.median(counts) == (median(values) if values else None)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_holds_the_shares_that_are_not_too_far_from_what_was_seen(numbers):
    part, whole = numbers
    share, low, high = statistics.wilson(part, whole)
    assert 0 <= low <= share <= high <= 1
    for bound in (low, high):
        if 0 < bound < 1:  # where the score test is just at its limit
            assert (share - bound) ** 2 * whole == pytest.approx(
                statistics.Z**2 * bound * (1 - bound), rel=1e-4, abs=1e-9
            )


def test_the_interval_of_a_textbook():
    assert statistics.wilson(0, 0) is None
    assert statistics.wilson(15, 148) == pytest.approx((0.10135, 0.06238, 0.16051), abs=1e-4)


async def test_in_chat(world):
    ana = await world.member("Ana", "sales")
    await ana.types("/parley report")
    assert "There are no leads yet." in ana.reads()
    await world.channel("leads")
    for line in ("Acme, webinar", "Beta, fair", "Ceta"):
        await ana.types(f"/lead add {line}")
        ana.reads()
    for channel in world.channels.values():
        channel.unread.clear()
    await ana.types("/parley report sources")
    [reply] = ana.replies
    said = ana.reads()
    assert "Leads by source" in said
    assert "webinar" in said
    assert "(blank)" in said
    await ana.presses("Leads by status", on=reply)
    assert "waiting to be accepted" in ana.reads()
    await ana.types("/parley report Sources  by month")
    [reply] = ana.replies
    said = ana.reads()
    assert f"{world.now:%Y-%m}" in said
    assert "Month" in said
    await ana.presses("In total", on=reply)
    assert "Month" not in ana.reads()
    for wrong in ("weather", "sources by week", "sources owners"):
        await ana.types(f"/parley report {wrong}")
        known = "There are: sources, campaigns, reasons, owners, statuses; all also by month."
        assert ana.reads() == f"There is no report “{wrong}”. {known}"


async def test_of_many_months_the_newest_are_shown_and_a_chart_of_them(world, database):
    ana = await world.member("Ana", "sales")
    workspace_id = await world.workspace()
    leads = [
        Lead(
            workspace_id=workspace_id, key=f"{n}", key_folded=f"{n}", company="Acme", company_folded="acme",
            created_at=START, state="HANDED_OFF", handed_off_at=START + timedelta(days=31 * n),
        )
        for n in range(30)
    ]  # fmt: skip
    await database.write(lambda session: [add(session, lead) for lead in leads] and None)
    await ana.types("/parley report sources by month")
    [reply] = ana.replies
    table = next(part for part in reply.parts if part.kind == "table")
    chart = next(part for part in reply.parts if part.kind == "chart")
    shown = len(table.rows) - 1
    assert [row[1] for row in (table.rows[0], table.rows[1], table.rows[-1])] == ["2020-07", "2020-06", ""]
    assert (chart.type, chart.categories[-1], len(chart.categories)) == ("line", "2020-07", 12)
    assert f"{30 - shown} more rows count in the last one only." in ana.reads()


async def test_the_process_writes_what_a_spreadsheet_does_not_calculate(database_url, tmp_path):
    environment, path = {"DATABASE_URL": database_url}, tmp_path / "leads.csv"
    code, said = await finished(environment, "report", "sources")
    assert (code, "There are no leads yet" in said) == (2, True)
    path.write_text("key,source\n1,=1+1\n2,@x\n3,-y\n4,+z\n5,plain\n6,\n")
    await finished(environment, "leads", "import", str(path))
    code, said = await finished(environment, "report", "sources", "--format", "csv", "--by", "month")
    groups = [row["group"] for row in csv.DictReader(io.StringIO(said))]
    assert groups == ["", "'+z", "'-y", "'=1+1", "'@x", "plain", "*"]
    code, said = await finished(environment, "report", "weather")
    assert (code, "“weather” is nothing I know" in said) == (2, True)
