"""The figures of digests are those of the log of events."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import insert

from bot.features.digest.facts import from_json
from storage.digest import Digest
from storage.digest_facts import COUNTED
from storage.leads import Lead, LeadEvent
from storage.workspaces import Workspace
from tests.features.stories import rows
from tests.features.test_digest.mornings import sets


@pytest.mark.parametrize("seed", range(4))
async def test_the_figures_equal_a_count_over_the_log_of_events(world, ada, leads, shared, seed):
    chance, berlin = random.Random(seed), ZoneInfo("Europe/Berlin")
    kinds = ["add", "hand_off", "accept", "attempt", "reject", "recycle", "win", "look", "update", "wake"]
    begin = datetime(2026, 10, 22, 22, tzinfo=UTC)  # the clocks go back on the 25th

    leads_of = [
        {
            "id": number, "workspace_id": 1, "key": f"K{number}", "key_folded": f"k{number}", "company": "C",
            "company_folded": "c", "source": chance.choice(["web", "fair", None]), "state": "NEW", "created_at": begin,
        }
        for number in range(1, 41)
    ]  # fmt: skip
    events = []
    for number in range(1, 401):
        event = {
            "id": number, "workspace_id": 1, "lead_id": chance.randint(1, 40), "cycle": 1, "state": "NEW",
            "kind": chance.choice(kinds), "via": chance.choice(["button", "message", "webhook", "import"]),
            "at": begin + timedelta(minutes=chance.randint(0, 6 * 1440)), "reverses_id": None, "replaced": "{}",
        }  # fmt: skip
        if number > 10 and chance.random() < 0.15:
            undone = chance.choice(events)
            event |= {"kind": "undo", "lead_id": undone["lead_id"], "reverses_id": undone["id"]}
            event["at"] = max(undone["at"], event["at"])
        events.append(event)

    def work(session):
        session.get_one(Workspace, 1).timezone = berlin.key
        session.connection().execute(
            insert(Lead), [{**Lead(**lead).model_dump(exclude_none=True, warnings=False), **lead} for lead in leads_of]
        )
        session.connection().execute(insert(LeadEvent), events)

    await world.database.write(work)
    log, all_leads = await rows(world, LeadEvent), {lead.id: lead for lead in await rows(world, Lead)}
    undone = {event.reverses_id for event in log}
    world.now = begin
    await sets(world, ada, shared, days="1234567", sections=["numbers", "week"])
    await world.time_passes(begin + timedelta(days=6, hours=12))
    told = await rows(world, Digest)
    shared.unread.clear()
    assert len(told) == 7
    for digest in told:
        expected = Counter()
        for event in log:
            on = event.at.astimezone(berlin).date()
            if digest.first_on <= on < digest.local_on and event.id not in undone and event.via != "import":
                expected[all_leads[event.lead_id].source, event.kind] += 1
        facts = from_json(digest.facts)
        found = {(each.name, kind): n for each in facts.sources for kind, n in zip(COUNTED, each.counts, strict=True)}
        assert {key: n for key, n in found.items() if n} == {k: n for k, n in expected.items() if k[1] in COUNTED}
        for day in facts.week:
            of_day = [e for e in log if e.at.astimezone(berlin).date() == day.on and e.via != "import"]
            counts = Counter(event.kind for event in of_day if event.id not in undone)
            assert day.counts == tuple(counts[kind] for kind in COUNTED)
    assert any(digest for digest in told if from_json(digest.facts).week)
