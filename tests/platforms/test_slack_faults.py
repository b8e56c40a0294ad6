"""Whatever goes wrong on the way to Slack and back, the end is the same, and each message stands once.

Every telling of a story strikes every second call of each method, one with this fault, the next with that; the next
telling shifts them by one. So over all tellings each call meets each fault.
"""

import asyncio
from zlib import crc32

import pytest

from bot.features import FEATURES
from bot.slack.permissions import METHODS
from tests.platforms.monday import a_monday, errands, feature
from tests.platforms.trouble import FAULTS, SPELLED, Plan, an_office, standing

STRIKING = [fault for fault in FAULTS if fault != "is used up"]
STORIES = {"monday": (a_monday, FEATURES), "errands": (errands, [feature])}
EVERY = 2
TELLINGS = EVERY * len(STRIKING)
AT_ONCE = 4
GROUPS = [(story, range(first, first + AT_ONCE)) for story in STORIES for first in range(0, TELLINGS, AT_ONCE)]
AT_START = {"auth.test", "apps.connections.open"}  # see the tests of starting
BY_HAND = {"users.lookupByEmail"}  # an import of people, which is repeated by hand: see test_running


def struck(telling, method, number):
    """The fault that strikes a call in a telling, if any."""
    fault, rest = divmod((number + telling + crc32(method.encode())) % TELLINGS, EVERY)
    return None if method in AT_START or rest else STRIKING[fault]


def lost(story, method, number):
    """In errands nothing is easy from the start: so that Parley looks back, and finds other ways to answer."""
    if story == "errands" and method == "response_url":
        return "is used up"
    return "does it and hangs up" if story == "errands" and method == "chat.postMessage" and number < 5 else None


def without_echoes(slack):
    installation = slack.workspace().installation
    installation.events = frozenset(each for each in installation.events if not each.startswith("message."))


async def tells(sqlite, story, choose, prepare=lambda slack: None, echoes=True):
    """The end of a story, and how often each method was called."""
    tale, features = STORIES[story]
    plan = Plan(choose)

    def prepare_all(slack):
        slack.faults.follows(plan)
        slack.state.dedupes = False  # it does so unasked and undocumented: Parley itself sends nothing twice
        if not echoes:
            without_echoes(slack)
        prepare(slack)

    with sqlite.migrated() as url:
        async with an_office(url, features, prepare_all) as office:
            await tale(office)
            return office.end(), plan.calls


@pytest.fixture(scope="module")
def told():
    """The undisturbed tellings, each told once."""
    return {}


async def undisturbed(sqlite, told, story):
    if story not in told:
        told[story] = await tells(sqlite, story, lambda method, number: lost(story, method, number), echoes=False)
    return told[story]


@pytest.mark.parametrize(("story", "group"), GROUPS)
async def test_every_call_goes_wrong_in_turn(sqlite, told, story, group):
    end, calls = await undisturbed(sqlite, told, story)

    async def tell(telling):
        def choose(method, number):
            hit = struck(telling, method, number) if number <= calls[method] else None
            return lost(story, method, number) or hit

        missed = ["nothing was told"]
        for _attempt in range(3):  # on a busy machine two updates may become one, which leaves a call to be struck out
            if missed:
                again, more = await tells(sqlite, story, choose, echoes=story == "monday" and telling % 4 < 2)
                assert (telling, again) == (telling, end)
                missed = [method for method in calls if more[method] < calls[method]]
        assert not missed, "a call was not struck in its turn"

    async with asyncio.TaskGroup() as tellings:  # most of a telling is waiting
        for telling in group:
            tellings.create_task(tell(telling))


@pytest.mark.parametrize(("errand", "method"), [("card", "chat.postMessage"), ("file", "files.completeUploadExternal")])
async def test_what_stands_is_found_though_slacks_clock_is_minutes_behind(sqlite, errand, method):
    """Nothing but looking back can tell: Slack does not recognise what is sent again, and tells of no message."""

    def prepare(slack):
        ours, slack.state.dedupes = slack.state.now, False
        slack.state.now = lambda: ours() - 240
        slack.faults.drops_after(method)
        without_echoes(slack)

    with sqlite.migrated() as url:
        async with an_office(url, [feature], prepare) as office:
            await office.ana.invites(office.acme.bot, office.leads)
            await office.types(office.ana, f"/errand {errand}", "Done")
            await office.stage.settles()
            assert len(standing(office.leads)) == 1


async def test_every_method_is_in_a_story(sqlite, told):
    called = {method for story in STORIES for method in (await undisturbed(sqlite, told, story))[1]}
    assert called | AT_START | BY_HAND == set(METHODS) | SPELLED
    assert not called & BY_HAND


@pytest.mark.parametrize(
    "prepare",
    [
        lambda slack: slack.faults.doubles_events(),
        lambda slack: slack.faults.belates_events(0.1),
        lambda slack: slack.faults.drops_acks(20),
        lambda slack: (slack.faults.doubles_events(), slack.faults.belates_events(0.1), slack.faults.drops_acks(20)),
    ],
    ids=["twice", "late, in any order", "again, because the answer was lost", "all of it"],
)
async def test_events_come(sqlite, told, prepare):
    end, _calls = await undisturbed(sqlite, told, "monday")
    assert (await tells(sqlite, "monday", lambda method, number: None, prepare))[0] == end


async def test_parley_starts_however_slack_answers_at_first(sqlite):
    async def starts(fault):
        plan = Plan(lambda method, number: fault if number == 1 and method in AT_START else None)
        with sqlite.migrated() as url:
            async with an_office(url, [feature], lambda slack: slack.faults.follows(plan), "socket") as office:
                await office.slack.until(lambda: office.slack.socket.connections)
                await office.types(office.ana, "/errand nothing", "Done")
            assert min(plan.calls[method] for method in AT_START) >= 1

    async with asyncio.TaskGroup() as starting:
        for fault in STRIKING:
            starting.create_task(starts(fault))
