"""Erasing people and leads: nothing that tells of them stays, in the database or in the channels; figures stay."""

import json
import pkgutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from sqlalchemy import String, func, select, update
from sqlmodel import Session, SQLModel

import storage
from bot.core.context import Context
from bot.core.ui import Line, Message, to_json
from bot.erase import find_lead, find_person
from bot.erasure import CHANGES, Erasing
from bot.features import FEATURES
from bot.features.leads.importing import Told, import_leads
from bot.features.reports.service import report
from bot.purge import purge
from storage.ballots import SealedComment, StagedComment
from storage.erasures import Erasure
from storage.feedback import Feedback
from storage.gemba import GembaRound, GembaSignUp, Wish
from storage.gemba_ideas import GembaIdea
from storage.gemba_swaps import GembaConsent, GembaLeg, GembaObservation, GembaReflection, GembaSwap
from storage.leads import Lead
from storage.people import Member, Side
from storage.pulse import PulseQuestion, PulseStatement, PulseWave, QuestionKind, WaveState
from storage.pulse_results import PulseResult, PulseSentence
from storage.reports import ReportKind
from storage.tables import add, keep
from storage.workspaces import Workspace
from tests.features.stories import a_lead, on_sqlite, rows
from tests.world import a_world

for module in pkgutil.iter_modules(storage.__path__):
    if not module.ispkg:
        import_module(f"storage.{module.name}")
TABLES = SQLModel.metadata.sorted_tables

# Columns into which nobody writes words: names of states, kinds and settings, and ids of things.
NO_WORDS = {
    "campaign": {"name", "name_folded"},
    "channel": {"external_id", "name", "purpose", "language"},
    "clock": {"kind", "subject", "policy", "hours"},
    "decision": {"answer"},
    "digest": {"outcome", "sections", "facts"},
    "digest_act": {"kind"},
    "digest_item": {"subject", "to_do"},
    "digest_plan": {"sections"},
    "due": {"kind"},
    "erasure": {"at_table", "after", "counts"},
    "feedback": {"code", "meaning", "via", "reaction", "source_channel", "source_ts"},
    "feedback_case": {"code"},
    "feedback_code": {"code", "label"},
    "gemba_consent": {"said"},
    "gemba_follow_up": {"fate"},
    "gemba_idea": {"fate"},
    "gemba_leg": {"outcome"},
    "gemba_observation": {"kind"},
    "gemba_plan": {"formats"},
    "gemba_proposal": {"content"},
    "gemba_round": {"stage", "formats"},
    "gemba_sign_up": {
        "wish", "role", "wished_roles", "wished_themes", "offered_themes", "formats", "languages", "free", "reasons",
        "offer",
    },
    "gemba_swap": {"format", "state", "reasons"},
    "heard_text": {"ts"},
    "holiday_calendar": {"timezone", "country", "days"},
    "hook": {"name", "secret", "earlier_secret"},
    "lead": {"source", "segment", "temperature", "state", "wiped_from", "reason"},
    "lead_event": {"kind", "state", "via"},
    "noise_choice": {"kind"},
    "outbox": {
        "id", "lane", "kind", "target_id", "thread_id", "thread_ts", "subject", "language", "external_ts", "state",
        "error",
    },
    "pattern": {"name", "text", "draft"},
    "processedevent": {"dedupe_key"},
    "pulse_asked": {"side"},
    "pulse_ballot": {"id", "side", "turn"},
    "pulse_question": {"kind", "code", "topic"},
    "pulse_sealed_answer": {"side"},
    "pulse_sealed_comment": {"id", "side"},
    "pulse_sentence": {"side"},
    "pulse_settings": {"closes_at"},
    "pulse_staged_comment": {"id", "side"},
    "pulse_statement": {"code"},
    "pulse_wave": {"kind", "state", "reason", "key_name"},
    "question": {"via"},
    "schedule": {"kind", "wall", "timezone", "days"},
    "reaction": {"channel", "ts", "name"},
    "told": {"section", "code"},
    "workspace": {"platform", "external_id", "name", "bot_external_id", "timezone", "language", "clock_policies"},
}  # fmt: skip
MEMBERS_SETTINGS = {"side", "timezone", "language", "platform_language", "work_days", "work_starts", "work_ends"}
MEMBERS_SETTINGS |= {"role"}


def texts(table):
    return {column.name for column in table.columns if isinstance(getattr(column.type, "impl", column.type), String)}


@pytest.fixture
async def world(database):
    async with a_world(database, FEATURES) as world:
        yield world
        await world.deliver()
        clear(world)


@pytest.fixture
def erasing(world):
    return Erasing(world.registry, world.database, lambda: world.now, lambda: world.delivery.wake())


async def erase(world, erasing, find, word):
    found = await world.database.read(lambda session: find(session, word, "W1"))
    begun = await erasing.begin(found.workspace_id, found.kind, found.row_id)
    changed = await erasing.finish(found.workspace_id, begun)
    await world.deliver()
    return changed


async def stands(world, *words):
    """Where in the database, and in what people see, one of the words stands."""
    wanted = [word.casefold() for word in words]

    def look(session: Session):
        found = []
        for table in TABLES:
            for row in session.connection().execute(select(table)).mappings():
                for column, value in row.items():
                    if isinstance(value, str) and any(word in value.casefold() for word in wanted):
                        found.append(f"{table.name}.{column}: {value}")
        return found

    found = await world.database.read(look)
    for (workspace, name), channel in world.channels.items():
        for posted in channel.messages.values():
            if not posted.is_deleted and any(word in posted.text.casefold() for word in wanted):
                found.append(f"in {workspace} {name}: {posted.text}")
    found += [
        f"at home of {who}: {home}" for who, home in world.homes.items() if any(w in home.casefold() for w in wanted)
    ]
    return found


async def in_a_week(world):
    """When what was deleted from the platform need not be known any more."""
    world.passes(days=8)
    await purge(world.database, world.now)


@dataclass
class Company:
    """Everybody has done everything: each table that can hold somebody's words does."""

    ana: object
    bo: object
    mo: object
    ada: object
    leads: object
    marketing: object
    card: object


def a_pulse(session, now):
    """Words of others that may tell of Ana: statements that an admin wrote, and comments."""
    wave = PulseWave(workspace_id=1, number=1, state=WaveState.CLOSED, week=now.date(), opens_at=now, closes_at=now)
    add(session, wave)
    of_wave = {"workspace_id": 1, "wave_id": wave.id, "position": 1}
    asked = {"sales": "Is Ana Zubrowka heard?", "marketing": "Do we hear Ana Zubrowka?"}
    add(session, PulseStatement(workspace_id=1, code="L1", **asked))
    add(session, PulseQuestion(**of_wave, kind=QuestionKind.STATEMENT, code="L1", topic="Lead quality", **asked))
    for comment in (StagedComment, SealedComment):
        add(session, comment(**of_wave, id="c0ffee", side=Side.SALES, text="Thanks to Ana Zubrowka"))
    body = json.dumps({"comments": [{"texts": ["Thanks to Ana Zubrowka"]}]})
    add(session, PulseResult(workspace_id=1, wave_id=wave.id, published_at=now, body=body))
    said = {"text": f"We look at {SECRET}", "said_at": now}
    add(session, PulseSentence(workspace_id=1, wave_id=wave.id, member_id=4, side=Side.SALES, **said))


SECRET = "Quetzalcoatl"  # stands in every text that Ana writes, and in the lead's


@pytest.fixture
async def company(world):
    ada = await world.member("Ada", is_admin=True)
    mo = await world.member("Mo", "marketing")
    bo = await world.member("Bo", "sales")
    ana = await world.member("Ana Zubrowka", "sales", role=f"{SECRET} hunter", is_admin=True)
    leads, marketing = await world.channel("leads"), await world.channel("marketing")
    await world.changes(bo, stand_in_id=(await ana.row()).id, manager_id=(await ana.row()).id)
    world.homes["U_ana zubrowka"] = f"what {SECRET} was told"
    await ana.opens_home()

    card = await a_lead(world, mo, leads, owner=ana, company="Vogelfrei Ltd", campaign="Fair")
    await ana.presses("Accept", on=card)
    await ana.presses("Need info", on=card)
    await ana.fills(text=f"What does {SECRET} want?")
    await bo.reacts("+1", on=card)
    await ana.reacts("eyes", on=card)
    await ana.reacts("-1", on=card)
    await ana.unreacts("-1", on=card)
    await bo.types("/leadfeedback L-1 R7 as Ana Zubrowka said, ask @Ana Zubrowka or ana zubrowka@example.com")
    await ana.types(f"/leadfeedback L-1 R8 {SECRET} has three employees")
    await ana.writes(f"feedback: {SECRET} again", leads, thread=card)
    await ana.writes(f"something else about {SECRET}", leads)
    question = next(p for p in marketing.messages.values() if "needs to know" in p.text)
    await mo.presses("Answer...", on=question)
    await mo.fills(text="Ask Ana Zubrowka")
    await world.changes(ana, side=Side.MARKETING)
    case = next(p for p in marketing.messages.values() if "three employees" in p.text)
    await ana.presses("Acknowledge", on=case)
    await ana.presses("Decide...", on=case)
    await ana.fills(text=f"We call {SECRET}", due_on="2026-12-04")
    await mo.reacts("white_check_mark", on=card)
    await world.database.write(lambda session: a_pulse(session, world.now))
    await world.database.write(swapped)
    for posted in leads.messages.values():
        posted.unread_replies.clear()
    for person in (ana, bo, mo, ada):
        person.replies.clear()
        person.dm.unread.clear()
    leads.unread.clear()
    marketing.unread.clear()
    return Company(ana, bo, mo, ada, leads, marketing, card)


def swapped(session):
    """Ana (4) and Mo (2) swap jobs, and tell of it."""
    of, at = {"workspace_id": 1}, datetime(2026, 12, 7, 8, tzinfo=UTC)
    gemba = GembaRound(**of, number=1, formats="half_day", no_repeat=3, begun_at=at, closes_at=at, first_on=at.date(),
        last_on=at.date())  # fmt: skip
    keep(session, gemba)
    words = {"curious": SECRET, "job": SECRET, "place": SECRET, "off_limits": SECRET, "excuse": SECRET}
    keep(session, GembaSignUp(**of, round_id=gemba.id, member_id=4, wish=Wish.SIGNED_UP, **words))
    swap = GembaSwap(**of, round_id=gemba.id, one_id=4, other_id=2, format="half_day", asked_at=at)
    keep(session, swap)
    keep(session, GembaConsent(**of, swap_id=swap.id, member_id=4))
    keep(session, GembaConsent(**of, swap_id=swap.id, member_id=2))
    leg = GembaLeg(**of, swap_id=swap.id, visitor_id=4, host_id=2, begins_at=at, ends_at=at + timedelta(hours=3))
    keep(session, leg)
    keep(session, GembaObservation(**of, leg_id=leg.id, kind="saw", text=SECRET, at=at))
    slides = {"did": SECRET, "wrong": SECRET, "change": SECRET}
    keep(session, GembaReflection(**of, swap_id=swap.id, author_id=4, host_id=2, **slides, written_at=at))
    a3 = dict.fromkeys(("title", "background", "current", "why", "countermeasure", "measure", "before"), SECRET)
    keep(session, GembaIdea(**of, author_id=4, owner_id=2, **a3, due_on=at.date(), proposed_at=at))


def clear(world):
    """Who reads what is no matter here."""
    for channel in world.channels.values():
        channel.unread.clear()
        for posted in channel.messages.values():
            posted.unread_replies.clear()
    for person in world.members:
        person.replies.clear()


async def test_nothing_that_tells_of_an_erased_person_stays_anywhere(world, erasing, company):
    before = await stands(world, "zubrowka", SECRET)
    assert {place.split(":")[0].split(".")[0] for place in before} >= {
        "member", "feedback", "question", "decision", "heard_text", "outbox", "in W1 C_leads", "in W1 C_marketing",
        "at home of U_ana zubrowka",
    }  # fmt: skip
    changed = await erase(world, erasing, find_person, "Ana Zubrowka")
    assert changed["feedback"] >= 3
    await in_a_week(world)
    assert await stands(world, "zubrowka", SECRET) == []
    assert "someone who left" in company.card.text
    assert "R8" in company.card.text
    assert not world.homes["U_ana zubrowka"]


async def test_nothing_that_tells_of_an_erased_lead_stays_anywhere(world, erasing, company):
    words = ("Vogelfrei", "maria.kunde", "+49 30 1234", "Maria Kunde", "only for Maria")

    def tell(session):
        lead = session.get_one(Lead, 1)
        lead.contact, lead.email, lead.phone = "Maria Kunde", "maria.kunde@vogelfrei.example", "+49 30 1234"
        lead.summary = "only for Maria"
        said = session.get_one(Feedback, 1)
        said.quote = "call Maria Kunde of Vogelfrei Ltd"

    await world.database.write(tell)
    other = await a_lead(world, company.mo, company.leads, company="Another Ltd")
    await company.bo.types("/leadfeedback L-2 M1 like Vogelfrei Ltd, says maria.kunde@vogelfrei.example")
    heard = await company.mo.writes("New lead: Vogelfrei Ltd\nSource: fair", company.leads)
    places = {place.split(":")[0].split(".")[0] for place in await stands(world, *words)}
    assert places >= {"lead", "feedback", "heard_text", "in W1 C_leads", "in W1 C_marketing", "in W1 D_U_bo"}

    assert len(await rows(world, Lead)) == 3
    await erase(world, erasing, find_lead, "L-3")  # there are two of that company: its name goes with the last
    await erase(world, erasing, find_lead, "L-1")
    await in_a_week(world)
    assert await stands(world, *words) == []
    assert company.card.text == "L-1\nThis lead was erased."
    assert "Another Ltd" in other.text

    await company.mo.edits(heard, "New lead: Vogelfrei Ltd\nSource: web")
    assert await stands(world, *words) == []
    assert len(await rows(world, Lead)) == 3
    company.bo.replies.clear()
    await company.bo.types("/lead")
    assert "no context (reject R7) · L-1 · (erased)" in company.bo.reads()


async def test_figures_stay_as_they_were(world, erasing, company):
    await company.mo.types("/lead add Last Ltd, webinar")
    [*_, last] = await rows(world, Lead)

    def win(session):
        lead = session.get_one(Lead, last.id)
        lead.state, lead.closed_at, lead.owner_id = "WON", world.now, 4

    await world.database.write(win)

    def figures(session):
        return [
            vars(line) for kind in (ReportKind.SOURCES, ReportKind.STATUSES) for line in report(session, 1, kind).lines
        ]

    before = await world.database.read(figures)
    await erase(world, erasing, find_lead, last.key)
    await erase(world, erasing, find_person, "Ana Zubrowka")
    assert await world.database.read(figures) == before
    owners = await world.database.read(lambda session: report(session, 1, ReportKind.OWNERS).lines)
    assert ("someone who left", 1) in [(line.group, line.won) for line in owners]


@on_sqlite
async def test_an_erased_person_who_writes_again_is_a_new_person(world, erasing, company):
    await erase(world, erasing, find_person, "U_ana zubrowka")
    await company.ana.types("/leadfeedback L-1 W1 here again")
    old, new = [m for m in await rows(world, Member) if m.id == 4 or m.external_id == "U_ana zubrowka"]
    assert (old.belongs, old.administers, new.side) == (False, False, None)
    assert [f.author_id for f in await rows(world, Feedback)][-1] == new.id
    [bo] = [m for m in await rows(world, Member) if m.name == "Bo"]
    assert (bo.manager_id, bo.stand_in_id) == (None, None)


@on_sqlite
async def test_open_leads_of_an_erased_person_wait_for_whoever_takes_them(world, erasing, company):
    card = await a_lead(world, company.mo, company.leads, owner=company.ana, company="Open Ltd")
    await erase(world, erasing, find_person, "Ana Zubrowka")
    assert "Waiting to be accepted by anyone in sales" in card.text
    await company.bo.presses("Accept", on=card)
    assert "Accepted, with @Bo" in card.text


async def test_an_erasure_that_was_interrupted_is_finished_by_whoever_comes_next(world, erasing, company):
    found = await world.database.read(lambda session: find_person(session, "Ana Zubrowka", "W1"))
    await erasing.begin(found.workspace_id, found.kind, found.row_id)
    assert await stands(world, SECRET)
    assert await erasing.finish_all() == 1
    assert await erasing.finish_all() == 0
    await world.deliver()
    await in_a_week(world)
    assert await stands(world, "zubrowka", SECRET) == []
    [erasure] = await rows(world, Erasure)
    assert (erasure.words, erasure.ended_at is not None) == ("[]", True)


async def test_a_rehearsal_says_what_would_go_and_changes_nothing(world, erasing, company):
    def everything(session):
        return [str(session.connection().execute(select(table)).all()) for table in TABLES]

    before = await world.database.read(everything)
    found = await world.database.read(lambda session: find_person(session, "Ana Zubrowka", "W1"))
    would_go = await erasing.rehearse(found.workspace_id, found.kind, found.row_id)
    assert await world.database.read(everything) == before
    changed = await erase(world, erasing, find_person, "Ana Zubrowka")
    assert would_go.keys() == changed.keys()
    assert would_go - changed <= Counter(outbox=9), "the same message may be found in two ways"


async def test_a_lead_of_a_crm_is_not_brought_back_by_its_key(world, erasing, company):
    told = Told(line=2, key="SF-00QA1", columns={"company": "Hidden Ltd"})

    def bring(session):
        return import_leads(
            Context(session, session.get_one(Workspace, 1), None, world.now, "import", world.registry), [told]
        )

    assert (await world.database.write(bring)).added == 1
    await erase(world, erasing, find_lead, "sf-00qa1")
    assert await stands(world, "00QA1", "Hidden") == []
    again = await world.database.write(bring)
    assert (again.added, again.refused) == (0, [(2, "This lead was erased; it is not brought back.")])
    assert await stands(world, "00QA1", "Hidden") == []


async def test_other_workspaces_and_others_of_one_name_are_left_alone(world, erasing, company):
    other = await world.member("Ana Zubrowka", "sales", workspace="W2")
    leads = await world.channel("leads", workspace="W2")
    await other.types(f"/lead add Vogelfrei Ltd, {SECRET}")
    await world.member("Anna", "sales")
    card = leads.reads()
    before = card.text
    await erase(world, erasing, find_person, "Ana Zubrowka")
    await erase(world, erasing, find_lead, "L-1")
    assert (card.text, (await other.row()).name) == (before, "Ana Zubrowka")
    assert "Anna" in [m.name for m in await rows(world, Member)]


async def test_many_words_are_erased_in_small_units(world, erasing, company):
    def write(session):
        for n in range(10 * CHANGES):
            said = {"code": "W1", "note": f"{SECRET} {n}", "author_id": 4, "via": "form", "given_at": world.now}
            add(session, Feedback(workspace_id=1, lead_id=1, **said))

    await world.database.write(write)
    changed = await erase(world, erasing, find_person, "Ana Zubrowka")
    assert changed["feedback"] > 10 * CHANGES
    assert await stands(world, SECRET) == [] or await in_a_week(world) is None
    assert await stands(world, SECRET) == []


@pytest.mark.parametrize("whom", ["person", "lead"])
async def test_whatever_column_names_them_does_so_no_more(world, erasing, company, whom):
    """Generated: their name is put into every column that holds words, of every row."""
    named = "written to Ana.Maria@zubrowka.example (Ana Zubrowka) by somebody"
    leads = await rows(world, Lead)

    def plant(session):
        session.get_one(Member, 4).email = "ana.maria@zubrowka.example"
        session.get_one(Lead, leads[0].id).email = "ana.maria@zubrowka.example"
        session.get_one(Lead, leads[0].id).contact = "Ana Zubrowka"
        session.get_one(Member, 4).name = "Ana Zubrowka"
        for table in TABLES:
            for column in PLANTED.get(table.name, set()):
                assert session.connection().scalar(select(func.count()).select_from(table)), f"{table.name} is empty"
                text = WRAPPED.get((table.name, column), str)(named)
                planted = update(table).values({column: text})
                if table.name == "outbox":
                    planted = planted.where(table.c.kind == "post")
                session.connection().execute(planted)

    def forget_name(session):
        """For the lead's erasure the member of that name must not be in the way."""
        member = session.get_one(Member, 4)
        member.name, member.email, member.external_id = "Somebody else", None, "U_else"

    await world.database.write(plant)
    if whom == "lead":
        await world.database.write(forget_name)
    columns = {place.split(":")[0] for place in await stands(world, "zubrowka") if ": " in place}
    assert columns >= {f"{table}.{column}" for table in PLANTED for column in PLANTED[table]}
    await erase(world, erasing, *((find_person, "Ana Zubrowka") if whom == "person" else (find_lead, "L-1")))
    if whom == "person":
        await erase(world, erasing, find_lead, "L-1")  # whose contact has the same address
    await in_a_week(world)
    of_lead_left = [place for place in await stands(world, "zubrowka") if not place.startswith("at home of")]
    assert of_lead_left == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_of_text_is_known_to_hold_words_or_not(table):
    """A new one must be erased, which the test above then shows, or be listed as one that nobody's words get into."""
    assert NO_WORDS.get(table.name, set()) <= texts(table), "a column that is no more"
    assert texts(table) - NO_WORDS.get(table.name, set()) == WORDS.get(table.name, set())


WORDS = {
    "decision": {"text"},
    "erasure": {"words"},
    "feedback": {"note", "quote", "link"},
    "gemba_idea": {
        "title", "background", "current", "why", "countermeasure", "measure", "before", "after", "dropped_because",
    },
    "gemba_observation": {"text"},
    "gemba_reflection": {"did", "wrong", "change", "correction"},
    "gemba_sign_up": {"curious", "job", "place", "off_limits", "excuse"},
    "heard_text": {"text"},
    "lead": {"key", "key_folded", "company", "company_folded", "contact", "email", "phone", "summary"},
    "lead_event": {"replaced"},
    "lead_origin": {"origin"},
    "member": {"external_id", "name", "email"} | MEMBERS_SETTINGS,
    "outbox": {"body", "external_channel"},
    "pulse_question": {"sales", "marketing"},
    "pulse_result": {"body"},
    "pulse_sealed_comment": {"text"},
    "pulse_sentence": {"text"},
    "pulse_staged_comment": {"text"},
    "pulse_statement": {"sales", "marketing"},
    "question": {"text", "answer"},
}  # fmt: skip

IDENTITY = {"erasure", "lead_origin", "member"}  # tables that say who they are, without being said by anybody
PLANTED = {table: columns for table, columns in WORDS.items() if table not in IDENTITY} | {
    "lead": {"summary"},
    "outbox": {"body"},
}
WRAPPED = {
    ("lead_event", "replaced"): lambda text: json.dumps({"summary": text}),
    ("pulse_result", "body"): lambda text: json.dumps({"comments": [{"texts": [text]}]}),
    ("outbox", "body"): lambda text: to_json(Message("Hello", Line(text))),
}
