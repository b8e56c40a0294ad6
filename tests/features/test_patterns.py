"""Listening: what people and other programs write in a leads channel becomes leads, where a pattern says so."""

from time import thread_time

import pytest
from sqlmodel import select

from bot.core.acquaintance import keep_person
from bot.core.context import UserError
from bot.core.dispatcher import Origin
from bot.core.feature import Heard
from bot.purge import purge
from bot.rules.lead_patterns import DEFAULTS, LONGEST_TEXT, check_pattern, first_lead
from storage.campaigns import Campaign
from storage.leads import Lead, LeadEvent
from storage.patterns import KEPT, HeardText
from tests.features.stories import a_lead, on_sqlite, rows
from tests.world import plain

GENERIC = "New lead: Acme Ltd\nSource: webinar\nOwner: ana@example.com"


async def an_app_writes(world, channel, text, ts="7.001", change="new", event=None):
    heard = Heard(change, channel.external_id, ts, None, text, app="A0CRM")
    origin = Origin("test", "W1", None, channel.external_id)
    await world.dispatcher.heard(origin, heard, event or f"test:app-{next(world.ids)}")
    await world.deliver()


async def test_an_app_announces_a_lead_and_its_card_stands_in_the_channel(world):
    await world.member("Ana", "sales")
    leads = await world.channel("leads")
    await an_app_writes(world, leads, GENERIC, event="test:1")
    await an_app_writes(world, leads, GENERIC, event="test:1")
    await an_app_writes(world, leads, GENERIC, event="test:delivered-under-another-id")

    card = leads.reads()
    promise = "To be accepted within 4 working hours of this message."
    assert card.text.startswith(f"L-1 · Acme Ltd\nWaiting to be accepted by @Ana\n{promise}\nSource: webinar")
    assert len(await rows(world, Lead)) == 1
    log = [(event.kind, event.via, event.actor_id) for event in await rows(world, LeadEvent)]
    assert log == [("add", "message", None), ("hand_off", "message", None)]


async def test_a_person_announces_a_lead_with_bold_lines_in_any_order(world):
    ana, mo, leads = (
        await world.member("Ana", "sales"),
        await world.member("Mo", "marketing"),
        await world.channel("leads"),
    )
    text = (
        ":tada: *New lead: Acme Ltd*\n• *Owner:* <@U_ana>\n*Value:* €12.500,50\nPriority: High\n"
        "Campaign: Spring\n- Source: webinar\nEmail: jo@acme.com\nPhone: +49 30 1\nName: Jo\nNotes: they call back"
    )
    await mo.writes(text, leads)
    card = leads.reads()
    assert card.text.splitlines()[1] == "Waiting to be accepted by @Ana"
    [lead] = await rows(world, Lead)
    [campaign] = await rows(world, Campaign)
    said = (lead.source, lead.value_cents, lead.temperature, lead.email, lead.phone, lead.contact, lead.summary)
    assert said == ("webinar", 1_250_050, "hot", "jo@acme.com", "+49 30 1", "Jo", "they call back")
    assert (campaign.name, lead.campaign_id) == ("Spring", campaign.id)
    assert ana.dm.unread == type(ana.dm.unread)()


async def test_what_does_not_match_stays_a_message_and_so_do_replies_and_other_channels(world):
    mo, leads, sales = (
        await world.member("Mo", "marketing"),
        await world.channel("leads"),
        await world.channel("sales"),
    )
    await mo.writes("Lunch?", leads)
    await mo.writes("New lead time: 5 days", leads)
    await mo.writes(GENERIC, sales)
    card = await a_lead(world, mo, leads)
    await mo.writes(GENERIC, leads, thread=card)
    assert [lead.key for lead in await rows(world, Lead)] == ["L-1"]


async def test_an_outsider_is_not_heard(world):
    eve, leads = world.newcomer("Eve"), await world.channel("leads")
    world.foreigners.add(eve.person.external_id)
    await eve.writes(GENERIC, leads)
    guest = world.newcomer("Gus", belongs=False)
    await guest.writes(GENERIC, leads)
    assert not await rows(world, Lead)
    assert not await rows(world, HeardText)


async def test_an_edit_changes_the_lead_and_a_deletion_is_noted(world):
    mo, ana, leads = (
        await world.member("Mo", "marketing"),
        await world.member("Ana", "sales"),
        await world.channel("leads"),
    )
    heard = await mo.writes("New lead: Acme Ltd\nSource: webinar", leads)
    card = leads.reads()
    await mo.edits(heard, "New lead: Acme GmbH\nSource: fair\nOwner: Ana")
    promise = "Deadline to accept it: 2026-11-23 13:00"
    assert card.text.startswith(f"L-1 · Acme GmbH\nWaiting to be accepted by @Ana\n{promise}\nSource: fair")
    await ana.presses("Accept", on=card)
    accepted = ana.replies.popleft()
    await mo.edits(heard, "New lead: Acme GmbH\nSource: fair\nOwner: Mo")
    assert "Accepted, with @Ana" in card.text, "a lead that somebody took is not given away"
    await mo.deletes(heard)
    assert [event.kind for event in await rows(world, LeadEvent)] == [
        "add", "hand_off", "update", "accept", "deleted_message",
    ]  # fmt: skip
    assert not await rows(world, HeardText)
    await ana.presses("Undo", on=accepted)
    assert "Undone: L-1 · Acme GmbH" in ana.reads()


async def test_an_edit_can_make_a_lead_of_a_message_and_is_no_second_lead(world):
    mo, leads = await world.member("Mo", "marketing"), await world.channel("leads")
    heard = await mo.writes("soon more", leads)
    await mo.edits(heard, "New lead: Acme Ltd")
    await mo.edits(heard, "New lead: Acme Ltd\nSource: fair")
    assert "Source: fair" in leads.reads().text
    await mo.deletes(await mo.writes("never a lead", leads))


async def test_a_company_that_is_open_already_is_a_lead_whose_card_says_so(world):
    mo, leads = await world.member("Mo", "marketing"), await world.channel("leads")
    await a_lead(world, mo, leads, company="Acme Ltd")
    await mo.writes("New lead: ACME  ltd", leads)
    assert "There is also L-1 of that name, waiting to be accepted." in leads.reads().text


async def test_the_key_of_a_crm_makes_two_messages_one_lead(world):
    leads = await world.channel("leads")
    await an_app_writes(world, leads, "New lead: Acme Ltd\nID: CRM-7", "1.0")
    await an_app_writes(world, leads, "New lead: Acme Ltd\nID: crm-7\nSource: fair", "2.0")
    assert leads.reads().text.splitlines()[0] == "CRM-7 · Acme Ltd"
    [lead] = await rows(world, Lead)
    assert lead.source == "fair"


async def test_an_owner_is_found_by_mention_address_or_exact_name_else_there_is_none(world):
    bo, leads = world.newcomer("Bo"), await world.channel("leads")
    await world.member("Ana", "sales", workspace="W1")
    world.newcomer("Gus", belongs=False)
    owners = {"<@U_bo>": "@Bo", "ANA@example.com": "@Ana", "@Ana": "@Ana", "Ann": "anyone", "<@U_gus>": "anyone"}
    for number, (owner, shown) in enumerate(owners.items()):
        await an_app_writes(world, leads, f"New lead: Acme {number}\nOwner: {owner}", f"{number}.0")
        assert shown in leads.reads().text.splitlines()[1], owner
    twin = world.newcomer("Twin")
    for person in (twin.person, bo.person.__class__("U_twin2", "Twin", belongs=True)):
        await world.database.write(lambda s, p=person: keep_person(s, "test", "W1", p, world.now))
    await an_app_writes(world, leads, "New lead: Acme\nOwner: Twin", "90.0")
    assert "anyone" in leads.reads().text, "of two people neither is meant for sure"


async def test_an_admin_tries_a_pattern_on_the_last_messages_before_it_holds(world):
    ada, leads = await world.member("Ada", "other", is_admin=True), await world.channel("leads")
    await an_app_writes(world, leads, "Inbound! Firma Borealis via fair", "1.0")
    await ada.types("/parley patterns", leads)
    shown = ada.replies.popleft()
    await ada.presses("New pattern...", on=shown)
    await ada.fills(called="Inbound", text=r"^inbound! firma (?P<company>\S+) via (?P<source>.+)$")
    tried = ada.replies.popleft()
    assert tried.headline == "1 of the last 1 message would become a lead"
    assert "becomes a lead: company: Borealis and source: fair" in plain(tried)
    await an_app_writes(world, leads, "Inbound! Firma Aurora via fair", "2.0")  # nothing holds yet
    await ada.presses("Use it", on=tried)
    assert ada.reads() == "“inbound” holds from now on."

    await an_app_writes(world, leads, "Inbound! Firma Cirrus via fair", "3.0")
    assert leads.reads().text.startswith("L-1 · Cirrus")
    await ada.presses("Use it", on=tried)
    ada.reads()


async def test_an_admin_replaces_switches_off_and_brings_back_a_shipped_pattern(world):
    ada, leads = await world.member("Ada", "other", is_admin=True), await world.channel("leads")
    await ada.types("/parley patterns", leads)
    shown = ada.replies.popleft()
    await ada.presses("Switch off", on=shown)
    assert "new lead: switched off" in ada.reads()
    await an_app_writes(world, leads, "New lead: Acme", "1.0")
    await ada.types("/parley patterns", leads)
    await ada.presses("Switch on", on=ada.replies.popleft())
    ada.reads()
    await an_app_writes(world, leads, "New lead: Acme", "2.0")
    assert leads.reads()

    await ada.presses("Change...", on=shown)
    assert ada.form.fields[1].initial == DEFAULTS["new lead"]
    await ada.fills(text="^hot: (?P<company>.+)$")
    await ada.presses("Use it", on=ada.replies.popleft())
    ada.reads()
    await an_app_writes(world, leads, "New lead: Acme", "3.0")
    await an_app_writes(world, leads, "Hot: Acme", "4.0")
    assert leads.reads()
    await ada.types("/parley patterns", leads)
    await ada.presses("Remove", on=ada.replies.popleft())
    assert "new lead: comes with Parley" in ada.reads()
    await an_app_writes(world, leads, "New lead: Acme", "5.0")
    assert leads.reads()


async def test_only_admins_may_and_without_a_leads_channel_there_is_a_sentence(world):
    ada, bo = await world.member("Ada", "other", is_admin=True), await world.member("Bo", "sales")
    await ada.types("/parley patterns")
    assert ada.reads() == "There is no leads channel yet. Choose one: /parley setup"
    leads = await world.channel("leads")
    await ada.types("/parley patterns")
    shown = ada.replies.popleft()
    await bo.types("/parley patterns", leads)
    assert bo.reads() == "Only an admin of Parley can do this."
    await bo.presses("Switch off", on=shown)
    assert bo.reads() == "Only an admin of Parley can do this."
    await bo.presses("New pattern...", on=shown)
    assert bo.reads() == "Only an admin of Parley can do this."


async def test_a_channel_has_at_most_five_patterns_of_its_own_and_what_was_only_tried_does_not_count(world):
    ada, leads = await world.member("Ada", "other", is_admin=True), await world.channel("leads")
    await ada.types("/parley patterns", leads)
    shown = ada.replies.popleft()
    for number in range(12):
        await ada.presses("New pattern...", on=shown)
        await ada.fills(called=f"{number} only tried")
        tried = ada.replies.popleft()
    for number in range(5):
        await ada.presses("New pattern...", on=shown)
        await ada.fills(called=f"{number}{'n' * 39}")
        await ada.presses("Use it", on=ada.replies.popleft())
        ada.reads()
    await ada.presses("New pattern...", on=shown)
    await ada.fills(called="one more")
    assert ada.errors == {"called": "A channel has at most 5 patterns of its own. Remove one first."}
    await ada.presses("Use it", on=tried)
    assert ada.reads() == "A channel has at most 5 patterns of its own. Remove one first."
    await ada.types("/parley patterns", leads)
    assert ada.reads().count("your own") == 5


BAD = {
    "(": "This is not a pattern",
    r"(?P<company>a)(?=b)": "This is not a pattern",
    r"(?P<company>(a)\2)": "This is not a pattern",
    "new lead": "A lead needs a company",
    "(?P<company>.+)(?P<colour>.+)": "There is no field “colour”",
    "(?P<company>.{1,300})": "too big to be quick",
    r"(?P<company>(?:\w{0,300}\s?){3})": "too big to be quick",
    "(?P<company>((a{100}){100}){100})": "This is not a pattern",
    "\n".join(["(?P<company>a)"] * 21): "at most 20 lines",
    " ": "Please write",
    "(?P<company>a)" + "b" * 1000: "at most 1,000 characters",
}


@pytest.mark.parametrize("pattern", BAD)
@on_sqlite
async def test_a_bad_pattern_is_refused_with_a_sentence_beside_the_field(world, pattern):
    ada, leads = await world.member("Ada", "other", is_admin=True), await world.channel("leads")
    await ada.types("/parley patterns", leads)
    await ada.presses("New pattern...", on=ada.replies.popleft())
    await ada.fills(called="bad", text=pattern)
    if len(pattern) <= 1000 and pattern.strip():
        assert BAD[pattern] in ada.errors["text"]
    assert ada.errors.keys() == {"text"}


async def test_when_it_is_purged_the_last_fifty_messages_heard_are_kept_for_each_channel(world):
    mo, leads = await world.member("Mo", "marketing"), await world.channel("leads")
    other = await world.channel("leads", "other-leads")
    await mo.writes("the first", other)
    for number in range(KEPT + 5):
        await mo.writes(f"message {number}", leads)
    await purge(world.database, world.now)
    kept = await world.database.read(lambda s: s.exec(select(HeardText.text).order_by(HeardText.id)).all())
    assert kept == ["the first", *(f"message {number}" for number in range(5, KEPT + 5))]


def test_no_text_and_no_pattern_stalls():
    pattern = "(?P<company>(a+)+)$"
    check_pattern(pattern)
    texts = ["a" * LONGEST_TEXT + "!", "a" * 12_000, "new lead: " * 800, "\n" * 8000, "*" * 8000, ":a:" * 4000]
    for text in texts:
        began = thread_time()
        first_lead([pattern, *DEFAULTS.values()], text)
        assert thread_time() - began < 0.5


def test_the_shipped_patterns_pass_what_they_ask_of_others():
    for pattern in DEFAULTS.values():
        check_pattern(pattern)


CRM = {
    "New Lead Assigned: Jane Doe from Acme Corp": {"company": "Acme Corp", "contact": "Jane Doe"},
    "New contact created in HubSpot\nContact name: Jo Doe\nCompany name: Acme\nContact owner: Ana\nLead source: Fair": {
        "company": "Acme", "contact": "Jo Doe", "owner": "Ana", "source": "Fair",
    },
    "Jo submitted a form on Pricing\nCompany: Acme\nEmail: jo@acme.com": {"company": "Acme", "email": "jo@acme.com"},
    "Ana added a new deal: pumps\nOrganization: Acme\nValue: 5.000 €": {"company": "Acme", "value": "5000"},
    "*New MQL!*\n*Company:* Acme\n*Key:* 00Q5": {"company": "Acme", "key": "00Q5"},
    "New inbound lead: Acme": {"company": "Acme"},
}  # fmt: skip


@pytest.mark.parametrize("text", CRM)
def test_common_notifications_are_recognised(text):
    found = first_lead(DEFAULTS.values(), text)
    assert found
    assert found[1] == CRM[text]


def test_nothing_is_no_pattern():
    with pytest.raises(UserError):
        check_pattern("")
