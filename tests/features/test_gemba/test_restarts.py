"""A round whose process is killed between any two of its steps: no message is lost, and none is sent twice."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import select

from storage.database import Database
from storage.due import Due
from storage.gemba_ideas import GembaIdea
from tests.features.stories import rows
from tests.features.test_gemba.swapping import CLOSES, forget, join, on
from tests.world import a_world


class Killed(BaseException):
    """The process is gone, in the middle of whatever it did."""


class Mortal:
    """A database whose process is killed after each commit that changed anything, before it hears of it; and once more
    when a message stands already, and is about to be noted as sent.

    To be killed before any other commit leaves no more than what is there after the one before. What is claimed again
    because its claimer was killed is sent, or nothing ever would be.
    """

    def __init__(self, database):
        self.database, self.is_dead, self.is_noted = database, False, True
        self.claimed, self.deaths = set(), Counter()

    async def read(self, work):
        self._insist()
        return await self.database.read(work)

    async def write(self, work, *, bulk=False):
        self._insist()
        notes = "_deliver" in getattr(work, "__qualname__", "")

        def counted(session):
            before = changes(session)
            result = work(session)
            session.flush()
            if notes:
                self.is_noted = not self.is_noted
                if not self.is_noted:
                    self._die("before it is noted")
            return result, changes(session) != before

        result, has_changed = await self.database.write(counted, bulk=bulk)
        if has_changed and self._is_new(result):
            self._die("after a commit")
        return result

    def _is_new(self, result):
        claimed = {row.id for row, _ in result[0]} if isinstance(result, tuple) else None
        if claimed is None:
            return True
        is_new = not claimed <= self.claimed
        self.claimed |= claimed
        return is_new

    def _die(self, when):
        self.is_dead = True
        self.deaths[when] += 1
        raise Killed

    def _insist(self):
        if self.is_dead:
            raise Killed


def changes(session):
    """Rows that this connection to SQLite ever wrote."""
    return session.connection().connection.driver_connection.total_changes


async def survives(world, doing):
    """Do something, and go on in another process until nothing is left to do now; `doing` happens once."""
    while True:
        try:
            if doing:
                doing, now = None, doing
                await now
            await world.works()
            await world.deliver()
            return
        except Killed:
            await world.delivery.stop()
            world.database.is_dead = False
            world.starts()
            doing = world.delivery.recover()


async def passes(world, until):
    while (at := await world.timekeeper.next_at(world.now)) and at <= until:
        world.now = at
        await survives(world, None)
    world.now = until


async def tells(world, *, is_killed):
    """A round, to the end of an idea: all that is to be read in the end and where, and what is left to do."""
    sales, _marketing = await world.channel("sales"), await world.channel("marketing")
    ada, ana = await world.member("Ada", "other", is_admin=True), await world.member("Ana", "sales")
    mo, max_ = await world.member("Mo", "marketing"), await world.member("Max", "marketing")
    living = world.database
    world.database = Mortal(living) if is_killed else living
    world.starts()

    async def fills(member, **answers):
        await survives(world, member.fills(**answers))

    async def presses(member, label, start):
        found = [posted for posted in member.dm.messages.values() if posted.message.headline.startswith(start)]
        await survives(world, member.presses(label, on=found[-1]))

    await ada.types("/gemba now")
    await fills(ada)
    await survives(world, join(world, [ana], role="sdr"))
    await survives(world, join(world, [mo, max_]))
    await passes(world, CLOSES + timedelta(minutes=5))
    is_mo = any("Swap with" in posted.text for posted in mo.dm.messages.values())
    first, other = (mo, max_) if is_mo else (max_, mo)
    await presses(first, "Decline...", "Swap with")
    await fills(first, then="out")
    await passes(world, on(2, 18))  # asked once more
    for member in (ana, other):
        await presses(member, "Accept", "Swap with")
    await passes(world, on(7, 10))
    await presses(ana, "Note a fact...", "With ")
    await fills(ana, kind="waiting", text="An answer lay for days")
    await passes(world, on(7, 18))
    await presses(ana, "Three slides...", "Your visit to")
    await fills(ana, did="Two calls", wrong="They do call", change="One list")
    await presses(other, "Correct a fact...", "Ana tells")
    await fills(other, text="It was one day")
    await passes(world, on(9, 18))
    slides = next(posted for posted in sales.messages.values() if "has seen the work" in posted.message.headline)
    await survives(world, other.presses("Make it an idea...", on=slides))
    words = {"title": "One list", "current": "Two", "why": "Habit", "measure": "Lists", "before": "2"}
    await fills(other, due_on="2026-12-31", background="Two lists", **words)
    await passes(world, on(31, 18).replace(year=2027, month=3))
    forget(ada, ana, mo, max_)
    said = Counter()
    for where, channel in world.channels.items():
        channel.unread.clear()
        said.update((where, posted.text) for posted in channel.messages.values())
    dues = await world.database.read(lambda session: session.exec(select(Due)).all())
    told = said, [due.kind for due in dues if due.done_at is None], (await rows(world, GembaIdea))[0].fate
    deaths = world.database.deaths if is_killed else Counter()
    world.database = living
    world.starts()
    return told, deaths


@pytest.mark.parametrize("database_kind", ["sqlite"])  # it counts what SQLite wrote
async def test_a_round_goes_on_wherever_the_process_was_killed(databases):
    stories = []
    for is_killed in (False, True):
        with databases.migrated() as url:
            database = await Database(url, exclusive=True, is_durable=False).start()  # processes are killed, no machine
            async with a_world(database) as world:
                stories.append(await tells(world, is_killed=is_killed))
            await database.close()
    (untroubled, _none), (told, deaths) = stories
    assert told == untroubled
    said, left, fate = told
    assert len(said) > 30
    assert not left
    assert fate == "forgotten"
    assert deaths["after a commit"] > 250
    assert deaths["before it is noted"] > 60
