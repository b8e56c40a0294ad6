"""The demo: a company with a month behind it, time that travels, a folder that keeps it, and a process that ends."""

import asyncio
import os
import re
import signal
import socket
import sys
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlmodel import select

from bot.core.recurrence import instant
from bot.core.registry import Registry
from bot.demo import PORT, company, keeping
from bot.demo.at_once import AtOnce
from bot.demo.clock import Clock
from bot.demo.extras import EXTRAS, Extra
from bot.demo.history import DAYS, Month
from bot.demo.last_days import FATES
from bot.demo.rehearsal import a_rehearsal
from bot.demo.serving import DATABASE, SEED, a_demo, begins_at
from bot.demo.tour import Tour
from bot.demo.travel import Traveller, working_morning
from bot.features import FEATURES
from bot.features.digest.open_items import at_risk, standing
from bot.features.reports.service import report
from bot.key_files import KeyFiles
from bot.playground import App, Double
from bot.playground.surface import field, words
from bot.rules.clocks import MARKETING_CLOCKS, SALES_CLOCKS
from bot.settings import keys_beside
from storage.cases import Receipt
from storage.channels import Channel
from storage.digest import Digest
from storage.due import Due
from storage.feedback import Feedback
from storage.leads import Lead
from storage.migrate import create
from storage.outbox import Kind, OutboxRow, State
from storage.people import Member, Side
from storage.reports import ReportKind
from storage.schedules import Schedule
from storage.workspaces import Workspace, find_or_add_local, installed_workspaces
from tests.months import a_copy
from tests.processes import ROOT, finished

MONDAY = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
PROMPT = 40.0  # seconds for anything a process does here


# The company and its month


async def test_what_fails_while_the_month_is_played_leaves_nothing(tmp_path):
    def fails(session):
        find_or_add_local(session, MONDAY)
        raise ZeroDivisionError

    url = f"sqlite:///{tmp_path / DATABASE}"
    create(url)
    database = await AtOnce(url, exclusive=True, is_durable=False).start()
    try:
        with pytest.raises(ZeroDivisionError):
            await database.write(fails)
        await database.write(lambda session: find_or_add_local(session, MONDAY + timedelta(days=1)))
        [workspace] = await database.read(installed_workspaces)
        assert workspace.installed_at == MONDAY + timedelta(days=1)
    finally:
        await database.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(played, tmp_path_factory):
    """A demo that is looked at, and then used."""
    async with a_demo(a_copy(played, tmp_path_factory)) as demo:
        yield demo
        assert not demo.slack.journal.troubles


async def rows(demo, table):
    return await demo.parley.database.read(lambda session: session.exec(select(table)).all())


def deadlines(blocks):
    """The instants that a message names, in seconds since 1970."""
    if isinstance(blocks, list):
        return [each for block in blocks for each in deadlines(block)]
    if isinstance(blocks, dict):
        return [blocks["timestamp"]] if "timestamp" in blocks else deadlines(list(blocks.values()))
    return []


def said_in(demo, name):
    return [words(message.blocks) or message.text for message in demo.company.channel(name).messages]


@pytest.mark.asyncio(loop_scope="module")
class TestTheCompany:
    async def test_everybody_has_a_side_a_role_and_heads_and_the_channels_their_purposes(self, demo):
        people = {row.name: row for row in await rows(demo, Member)}
        sides = [row.side for row in people.values()]
        assert (sides.count(Side.SALES), sides.count(Side.MARKETING), len(people)) == (5, 5, 11)
        assert {row.name for row in people.values() if row.is_head} == {"Ines Duarte", "Mo Lindqvist"}
        assert people["Ana Keller"].manager_id == people["Ines Duarte"].id
        assert people["Ana Keller"].stand_in_id == people["Tom Brandt"].id
        assert [row.name for row in people.values() if row.administers] == ["Robin Vale"]
        assert len({row.timezone for row in people.values()}) == 3
        purposes = {row.name: row.purpose for row in await rows(demo, Channel)}
        assert purposes == {"leads": "leads", "sales": "sales", "marketing": "marketing", "alignment": "shared"}

    async def test_the_admin_has_something_left_to_set_up(self, demo):
        robin = demo.company.person(company.ADMIN)
        await robin.opens_home()
        await demo.slack.until(lambda: robin.home)
        assert "1 campaign has no owner." in words(robin.home.blocks)

    async def test_reports_have_something_to_say(self, demo):
        tenant = (await rows(demo, Workspace))[0]
        for kind in ReportKind:
            found = await demo.parley.database.read(lambda s, kind=kind: report(s, tenant.id, kind, False))
            assert len(found.lines) > 3, kind
            assert found.all.won > 5
            assert found.all.rejected > 5

    async def test_feedback_was_answered_and_the_answers_were_read(self, demo):
        said, receipts = await rows(demo, Feedback), await rows(demo, Receipt)
        assert len(said) > 25
        assert len({feedback.code for feedback in said}) > 10
        assert any(receipt.helps for receipt in receipts)
        assert all(receipt.sent_at for receipt in receipts)
        cases = [row for row in await rows(demo, OutboxRow) if (row.subject, row.kind) == ("case", Kind.POST)]
        assert sum(bool(row.acted_at) for row in cases) > len(cases) / 2

    async def test_sellers_spoke_in_every_week(self, demo):
        today = demo.clock.now().date()
        weeks = {(today - feedback.given_at.date()).days // 7 for feedback in await rows(demo, Feedback)}
        assert weeks == set(range(DAYS // 7 + 1))

    async def test_the_week_before_the_last_days_has_leads_too(self, demo):
        today = demo.clock.now().date()
        came = {(today - lead.handed_off_at.date()).days for lead in await rows(demo, Lead)}
        assert len(came & set(range(5, 10))) > 3

    async def test_everything_has_the_time_at_which_it_happened(self, demo):
        said = demo.company.channel("leads").messages
        cards = [message for message in said if re.match(r"L-\d+ ·", words(message.blocks))]
        assert 1 < len(cards) <= len(FATES)
        instants = [float(message.ts) for message in said]
        assert instants == sorted(instants)
        now = demo.clock.timestamp()
        assert now - 31 * 86400 < instants[0] < now - 28 * 86400
        assert all(
            datetime.fromtimestamp(float(card.ts), ZoneInfo(company.BERLIN)).hour in range(8, 18) for card in cards
        )

    async def test_no_message_is_older_than_the_deadline_it_names(self, demo):
        said = [said for channel in demo.company.team.channels.values() for said in channel.messages]
        named = [(said, deadlines(said.blocks)) for said in said if "The time is over." not in words(said.blocks)]
        assert sum(len(instants) for _said, instants in named) > 5
        assert all(instant > float(said.ts) for said, instants in named for instant in instants)

    async def test_both_sides_are_nearly_in_time_and_something_is_left_to_do(self, demo):
        tenant, now = (await rows(demo, Workspace))[0], demo.clock.now()
        found, _is_cut = await demo.parley.database.read(lambda session: standing(session, tenant.id, now))
        for side in (at_risk(found, SALES_CLOCKS), at_risk(found, MARKETING_CLOCKS)):
            assert 3 <= side.running <= 8
            assert 1 <= side.over <= 2

    async def test_digests_came_on_the_last_working_mornings_and_each_had_something_to_say(self, demo):
        digests = [said for said in demo.company.channel("alignment").messages if "leads in" in words(said.blocks)]
        came = [datetime.fromtimestamp(float(said.ts), ZoneInfo(company.BERLIN)) for said in digests]
        assert [(at.weekday(), at.hour) for at in came] == [(1, 9), (2, 9)]
        assert not any("nothing to report" in said for said in said_in(demo, "alignment"))

    async def test_nothing_is_left_undelivered(self, demo):
        await demo.slack.settled()
        await demo.parley.settle()  # what another story has just asked for is under way
        assert {row.state for row in await rows(demo, OutboxRow)} == {State.SENT}

    async def test_the_tour_follows_what_happens(self, demo):
        ana = demo.company.person("ana")
        assert [step.done for step in demo.tour.steps(ana)] == [False] * 6
        assert demo.tour.steps(ana)[1].person == "", "nobody knows yet who will answer"
        newest = demo.company.channel("leads").messages[-1]
        assert demo.tour.steps(ana)[0].message == newest.ts
        key = re.match(r"L-\d+", words(newest.blocks))[0]
        await ana.types(f"/leadfeedback {key} R8 only three employees", demo.company.channel("leads"))
        await demo.slack.until(lambda: demo.tour.steps(ana)[0].done)
        answer = demo.tour.steps(ana)[1]
        assert (answer.done, answer.place) == (False, "messages")
        await demo.slack.until(lambda: demo.tour.steps(ana)[1].message)
        marketer = demo.company.who(answer.person)

        def cases():
            return [said for said in marketer.dm.messages if f"{key} ·" in words(said.blocks)]

        await demo.slack.until(cases)
        assert demo.tour.steps(ana)[1].message == cases()[-1].ts
        await marketer.presses("Decide...", cases()[-1])
        await demo.slack.until(lambda: marketer.view)
        await marketer.submits({"What do you change?": "We ask for the number.", "By when?": "2030-01-31"})
        await demo.slack.until(lambda: demo.tour.steps(ana)[1].done)
        await demo.slack.until(lambda: "We ask for the number." in words(ana.dm.messages[-1].blocks))
        await demo.slack.until(lambda: demo.tour.steps(ana)[2].message == ana.dm.messages[-1].ts)
        assert not demo.tour.steps(ana)[2].done
        await ana.presses("That helps", ana.dm.messages[-1])
        await demo.slack.until(lambda: demo.tour.steps(ana)[2].done)
        await marketer.closes()

    async def test_pulses_have_something_to_say_and_one_waits_for_the_last_seller(self, demo):
        for place in ("sales", "marketing", "alignment"):
            results = [said for said in said_in(demo, place) if said.startswith("Pulse ")]
            assert [said.split(" of ")[0] for said in results] == [f"Pulse {n}" for n in (1, 2, 3, 4)]
            assert all(" will do:" in said for said in results)
            shares = [int(share) for said in results for share in re.findall(r"(\d+) % of answered leads", said)]
            assert [share > 50 for share in shares] == [True] * 2, "also those count that the CRM told of"
        ana, sales = demo.company.person("ana"), demo.company.channel("sales")
        card = next(said for said in reversed(sales.messages) if "Weekly pulse" in words(said.blocks))
        assert "You said, and this is what we do:" in words(card.blocks)
        assert "sales 4 of 5, marketing 5 of 5" in words(card.blocks)
        await demo.tour.look()
        step = demo.tour.steps(ana)[4]
        assert (step.done, step.travel, step.message) == (False, None, card.ts)
        for statement in ("The leads I got this week", "Leads arrived with what I needed"):
            await demo.tour.look()
            assert not demo.tour.steps(ana)[4].done
            await ana.presses("Agree", card, beside=statement)
        await demo.slack.until(lambda: demo.tour.steps(ana)[4].done)

    async def test_a_job_swap_has_led_to_an_idea_and_the_next_round_is_open(self, demo):
        for place in ("sales", "marketing"):
            said = said_in(demo, place)
            assert sum("has seen the work of" in each for each in said) == 2
            assert any("Idea: What people wrote stands on the card" in each and "5 are for it" in each for each in said)
            assert any("round 1" in each and "This round is over." in each for each in said)
        ana = demo.company.person("ana")
        await ana.types("/gemba", demo.company.channel("sales"))
        await demo.slack.until(lambda: "round 2" in words(ana.ephemerals[-1].blocks))
        assert not demo.tour.steps(ana)[5].done
        await ana.presses("Sign up...", ana.ephemerals[-1])
        await demo.slack.until(lambda: ana.view)
        free = field(ana.view.blocks, "Half-days on which I am free").element["options"][0]["text"]["text"]
        where = {"Where I can be visited": "Remotely only", "Half-days on which I am free": [free]}
        await ana.submits({"My job": "Account executive", **where})
        await demo.slack.until(lambda: demo.tour.steps(ana)[5].done)


async def test_a_week_later(played, tmp_path_factory):
    """Nobody has done anything meanwhile. One travels once: a week takes its time."""
    async with a_demo(a_copy(played, tmp_path_factory)) as demo:
        wakes = sorted(row.at for row in await rows(demo, Due))
        recurs = [row.next_at for row in await rows(demo, Schedule)]
        assert await demo.parley.next_due(demo.clock.now(), wakes[-1]) in [*wakes, *recurs]
        real, before = datetime.now(UTC), demo.clock.now()
        await demo.traveller.go((demo.clock.now() + timedelta(days=2)).isoformat())
        await demo.tour.look()
        offered = demo.tour.steps(demo.company.person("ana"))[4].travel
        await demo.traveller.go((demo.clock.now() + timedelta(days=5)).isoformat())
        travelled = demo.clock.now() - before
        assert timedelta(days=7) <= travelled <= timedelta(days=7) + (datetime.now(UTC) - real)
        await travelling_leaves_delivery_in_the_present(demo)
        await there_was_a_digest_every_morning_and_its_items_can_be_taken(demo)
        leads_to_the_next_pulse_that_opens(demo, offered)
        assert not demo.slack.journal.troubles


async def travelling_leaves_delivery_in_the_present(demo):
    ana = demo.company.person("ana")
    await ana.types("/lead add Alder Bakery, webinar, @ana", demo.company.channel("leads"))
    await demo.slack.until(lambda: "Alder Bakery" in said_in(demo, "leads")[-1])
    await demo.parley.settle()
    posts = [each for each in await rows(demo, OutboxRow) if each.kind == Kind.POST]
    row = max(posts, key=lambda each: each.created_at)
    assert row.created_at > datetime.now(UTC) + timedelta(days=6)
    assert row.sent_at < datetime.now(UTC) + timedelta(minutes=1)
    assert float(demo.company.channel("leads").messages[-1].ts) == pytest.approx(row.created_at.timestamp(), abs=60)


def leads_to_the_next_pulse_that_opens(demo, offered):
    """No head said anything to the last result, so a week is left out: the Tuesday that has just passed."""
    assert demo.tour.steps(demo.company.person("ana"))[4].travel.id == offered.id
    assert datetime.fromisoformat(offered.id) - demo.clock.now() > timedelta(days=5)
    assert offered.label.startswith("Tuesday 10:00 (Tue ")


async def there_was_a_digest_every_morning_and_its_items_can_be_taken(demo):
    tom, alignment = demo.company.person("tom"), demo.company.channel("alignment")
    digests = [said for said in alignment.messages if "are in the thread" in words(said.blocks)]
    assert len(digests) >= 6
    assert await rows(demo, Digest)
    assert not any("come too late" in words(said.blocks) for said in digests)
    items = [said for said in alignment.messages if said.thread_ts == digests[-1].ts and said.is_reply]
    mine = next(said for said in items if "Nobody has taken it yet." in words(said.blocks))
    await demo.tour.look()
    step = demo.tour.steps(tom)[3]
    assert (step.done, step.thread, step.travel) == (False, digests[-1].ts, None)
    marketings = next(said for said in items if "Marketing has not seen it yet." in words(said.blocks))
    await tom.presses("I take it", marketings)
    await demo.parley.settle()
    await demo.tour.look()
    assert "Marketing answers this." in words(tom.ephemerals[-1].blocks)
    assert not demo.tour.steps(tom)[3].done, "a press that is refused is no deed"
    await tom.reacts(mine, "raising_hand")
    await demo.slack.until(lambda: "Tom Brandt" in words(mine.blocks))
    assert "Settled: accepted." in words(mine.blocks)
    await demo.slack.until(lambda: demo.tour.steps(tom)[3].done)


async def test_a_step_whose_feature_is_missing_is_left_out():
    slack = Double(App())
    nordwind = company.build(slack)
    tour = Tour(slack, nordwind, Registry(FEATURES), lambda: MONDAY, MONDAY)
    offered = [feature for feature in ("digest", "pulse", "gemba") if feature in Registry(FEATURES).command_names]
    assert len(tour.steps(nordwind.person("ana"))) == 3 + len(offered)
    for feature in offered:
        assert EXTRAS[feature].look is not Extra.look, f"the tour's step of {feature} asks its data whether it is done"


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-11-22T03:40", "2026-11-25T14:00"),  # on a Sunday night
        ("2026-11-25T13:59", "2026-11-25T14:00"),
        ("2026-11-25T14:01", "2026-12-02T14:00"),
        ("2027-03-25T12:00", "2027-03-31T13:00"),  # summer time begins meanwhile
    ],
)
def test_it_begins_on_a_wednesday_afternoon(now, begins):
    at = begins_at(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert at == datetime.fromisoformat(begins).replace(tzinfo=UTC)


def everything_said(company, until):
    """In every channel before then. What was said at the same moment in different channels has no order."""
    messages = [(c, m) for c in company.team.channels.values() for m in c.messages if float(m.ts) < until.timestamp()]
    return sorted([(c.members, float(m.ts) // 1, words(m.blocks), m.reactions) for c, m in messages], key=str)


async def month(folder, until, seed):
    """What was said in a month that ends then."""
    clock = Clock()
    slack = Double(App(), now=clock.timestamp)
    nordwind = company.build(slack)
    async with a_rehearsal(slack, nordwind, f"sqlite:///{folder}/month.db", clock) as rehearsal:
        await Month(rehearsal, until, seed).passes()
    assert until - timedelta(days=1) < clock.now() < until
    return everything_said(nordwind, until)


async def test_the_same_seed_tells_the_same_month_and_another_one_another(played, tmp_path_factory):
    folders = [a_copy(played, tmp_path_factory), *(tmp_path_factory.mktemp("month") for _ in range(2))]
    known, ahead = keeping.restore(folders[0], DATABASE, Double(App()), company.NAME)
    until = begins_at(datetime.now(UTC) + ahead - timedelta(hours=1))
    first, again, other = (
        everything_said(known, until),
        await month(folders[1], until, SEED),
        await month(folders[2], until, SEED + 1),
    )
    assert first == again
    assert first != other
    assert len(first) > 40
    assert DAYS == 30


# Time travel


class Machinery:
    """Things that fall due, and what they promise, which takes until the clock may move on."""

    def __init__(self, clock, *due):
        self.clock, self.due, self.told = clock, list(due), []

    async def next_due(self, after, until):
        return min((at for at in self.due if after < at <= until), default=None)

    async def tick(self):
        self.told.append(("due", self.clock.now()))

    async def settle(self):
        await asyncio.sleep(0)
        self.told.append(("delivered", self.clock.now()))


async def test_it_stops_at_every_due_instant_in_order_and_delivers_in_between():
    clock = Clock()
    clock.stands_at(MONDAY)
    first, second, third = (
        MONDAY + timedelta(hours=2),
        MONDAY + timedelta(hours=2, microseconds=1),
        MONDAY + timedelta(1),
    )
    machinery = Machinery(clock, third, first, second, MONDAY + timedelta(days=9))
    until = MONDAY + timedelta(days=2)
    await Traveller(clock, machinery).go(until.isoformat())
    stops = [MONDAY, first, second, third, until]
    assert machinery.told == [(what, at) for at in stops for what in ("due", "delivered")]
    assert timedelta(0) <= clock.now() - until < timedelta(minutes=1), "from there it goes on by itself"


@pytest.mark.parametrize("to", ["yesterday", "2026-11-23T15:00:00+00:00", "2029-01-01T00:00:00+00:00"])
async def test_nobody_travels_back_or_nowhere(to):
    clock = Clock()
    clock.stands_at(MONDAY)
    with pytest.raises(LookupError):
        await Traveller(clock, Machinery(clock)).go(to)
    assert clock.now() == MONDAY


@pytest.mark.parametrize(
    ("zone", "now", "tomorrow", "tuesday"),
    [
        ("Europe/Berlin", "2027-03-27T11:00", "2027-03-28T07:00", "2027-03-30T08:00"),  # summer time begins meanwhile
        ("America/New_York", "2026-10-31T16:00", "2026-11-01T14:00", "2026-11-03T15:00"),  # it ends
        ("Asia/Tokyo", "2026-11-23T16:00", "2026-11-25T00:00", "2026-12-01T01:00"),  # where it is Tuesday already
    ],
)
async def test_mornings_are_those_of_the_viewers_wall(zone, now, tomorrow, tuesday):
    clock, slack = Clock(), Double(App())
    clock.stands_at(datetime.fromisoformat(now).replace(tzinfo=UTC))
    viewer = slack.workspace("Acme").person("Ana", tz=zone)
    _hour, *mornings = Traveller(clock, Machinery(clock)).offers(viewer)
    assert [offer.id[:16] for offer in mornings] == [tomorrow, tuesday]
    assert mornings[0].label.startswith("Tomorrow 9:00 (")


@pytest.mark.parametrize(
    ("now", "morning", "said"),
    [
        ("2026-11-25T14:00", "2026-11-26T08:00", "tomorrow 9:00"),
        ("2026-11-26T06:00", "2026-11-26T08:00", "today 9:00"),
        ("2026-11-27T08:00", "2026-11-30T08:00", "Mon 30 Nov, 9:00"),  # a digest comes on working days
    ],
)
def test_the_next_morning_with_a_digest(now, morning, said):
    offer = working_morning(datetime.fromisoformat(now).replace(tzinfo=UTC), ZoneInfo(company.BERLIN))
    assert (offer.id[:16], offer.label) == (
        datetime.fromisoformat(morning).replace(tzinfo=UTC).isoformat()[:16],
        said,
    )


def test_an_hour_that_comes_twice_is_the_first():
    twice = instant(date(2026, 10, 25), time(2, 30), ZoneInfo("Europe/Berlin"))
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


# A folder that keeps it


async def test_a_kept_demo_goes_on_where_it_ended(played, tmp_path_factory):
    tmp_path = a_copy(played, tmp_path_factory)
    async with a_demo(tmp_path) as demo:
        await demo.traveller.go((demo.clock.now() + timedelta(hours=3)).isoformat())
        ahead = demo.clock.ahead
        ana, leads = demo.company.person("ana"), demo.company.channel("leads")
        await ana.uploads(leads, "plan.txt", b"\x00\xff")
        await ana.types("/lead add Alder Bakery, webinar, @ana", leads)
        await demo.slack.until(lambda: "Alder Bakery" in said_in(demo, "leads")[-1])
        before = said_in(demo, "leads")
        assert not (tmp_path / keeping.NAME).exists(), "while it runs nothing could be gone on from"
    async with a_demo(tmp_path) as demo:
        assert said_in(demo, "leads") == before
        assert demo.clock.ahead == pytest.approx(ahead, abs=timedelta(seconds=5))
        leads = demo.company.channel("leads")
        [file] = [file for message in leads.messages for file in message.files]
        assert file.content == b"\x00\xff"
        await demo.company.person("ana").presses("Accept", leads.messages[-1])
        await demo.slack.until(lambda: "Accepted" in said_in(demo, "leads")[-1])
        assert not demo.slack.journal.troubles


@asynccontextmanager
async def process(*arguments):
    """The demo as a process of its own, which must not be left running."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", *arguments,
        env={**clean, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def test_it_says_where_it_is_who_can_reach_it_and_ends_cleanly(tmp_path):
    async with asyncio.timeout(2 * PROMPT), process("--port", "0", "--keep", str(tmp_path)) as running:
        ready = (await running.stdout.readline()).decode()
        assert re.match(r"Parley is ready: http://127\.0\.0\.1:\d+$", ready.strip())
        running.send_signal(signal.SIGINT)
        out, errors = await running.communicate()
    assert "Only this machine can reach it." in out.decode()
    assert (running.returncode, errors.decode()) == (0, "")
    assert (tmp_path / keeping.NAME).exists()


async def test_a_demo_that_was_killed_does_not_go_on_with_half_of_what_was_said(tmp_path):
    (tmp_path / DATABASE).touch()
    code, said = await finished({}, "demo", "--port", "0", "--keep", str(tmp_path))
    assert code == 2
    assert "was not ended, so it cannot go on. Begin anew with --fresh." in said


def test_to_begin_anew_forgets_everything_also_the_keys_of_pulses(tmp_path):
    for name in (DATABASE, keeping.NAME):
        (tmp_path / name).touch()
    KeyFiles(keys_beside(tmp_path / DATABASE)).make("0" * 32)
    keeping.forget(tmp_path, DATABASE)
    assert not list(tmp_path.iterdir())


async def test_a_port_in_use_is_said_in_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, said = await finished({}, "demo", "--port", port)
    assert (code, said.startswith(f"Port {port} is taken")) == (2, True), said


async def test_without_options_it_is_served_where_its_help_says():
    with socket.socket() as taken:
        with suppress(OSError):  # by somebody's demo
            taken.bind(("127.0.0.1", PORT))
            taken.listen()
        code, said = await finished({}, "demo")
        _code, help_ = await finished({}, "demo", "--help")
    assert (code, said.startswith(f"Port {PORT} is taken")) == (2, True), said
    assert f"[default: {PORT}]" in help_
