"""Listening over the real Slack edge: another app's blocks become a lead, and Parley's own cards never do."""

import json

from sqlmodel import select

from bot.features import FEATURES
from storage.leads import Lead
from storage.patterns import HeardText
from tests.platforms.stage import a_stage


async def rows(stage, table):
    return await stage.database.read(lambda session: session.exec(select(table)).all())


async def test_an_apps_blocks_become_one_lead_and_its_card_none(file_database):
    async with a_stage(file_database, features=FEATURES) as stage:
        leads = stage.acme.channel("leads")
        await stage.watches(leads)
        stage.slack.faults.doubles_events()
        fields = [
            {"type": "mrkdwn", "text": "*Company:*\nAcme &amp; Sons"},
            {"type": "mrkdwn", "text": "*Source:* Fair"},
        ]
        owner = {"type": "mrkdwn", "text": f"*Owner:* <@{stage.acme.person('Ana').id}>"}
        blocks = [{"type": "section", "fields": [*fields, owner]}]
        await stage.acme.hears_app(leads, ":tada: *New lead*", blocks=blocks)
        await stage.settles()
        [lead] = await rows(stage, Lead)
        assert (lead.company, lead.source) == ("Acme & Sons", "Fair")
        assert lead.owner_id
        assert "L-1 · Acme" in json.dumps(leads.messages[-1].blocks, ensure_ascii=False)
        assert len(await rows(stage, HeardText)) == 1, "the card was not heard"


async def test_a_person_edits_and_deletes_what_announced_a_lead(file_database):
    async with a_stage(file_database, "socket", features=FEATURES) as stage:
        leads, ana = stage.acme.channel("leads"), stage.acme.person("Ana")
        await stage.watches(leads)
        message = await ana.writes(leads, "*New lead:* Acme Ltd\n*Source:* fair")
        await stage.settles()
        await ana.edits(message, "New lead: Acme Ltd\nSource: web")
        await stage.settles()
        await ana.deletes(message)
        await stage.settles()
        [lead] = await rows(stage, Lead)
        assert (lead.company, lead.source) == ("Acme Ltd", "web")
        assert not await rows(stage, HeardText)
