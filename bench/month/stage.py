"""Where it happens: the company as Parley knows it, and how somebody there does something."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, SQLModel, col, func, select

from bench.month.people import HOME, LATE, PROMPT, Colleague
from bench.month.world import Recorder, learn_holidays
from bot.core.action import PartialAction
from storage.campaigns import find_or_add_campaign
from storage.channels import find_channel
from storage.digest import DigestAct
from storage.workspaces import Workspace
from tests.world import Posted, TestChannel, TestMember

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CAMPAIGNS = ("Spring", "Autumn", "Launch", "Partners", "Trial", "Newsletter")
SECTIONS = ("numbers", "codes", "clocks", "receipts", "praise", "items", "week")
PLANS = {"shared": ("09:00", "12345"), "sales": ("08:30", "12345"), "marketing": ("07:45", "123456")}  # of digests


class Stage:
    """`counts`: what was done, for the summary. `answering`: who answers for a campaign."""

    def __init__(self, world: Recorder, team: Sequence[Colleague], chance: random.Random) -> None:
        self.world, self.team, self.chance = world, team, chance
        self.counts: Counter[str] = Counter()
        self.members: dict[str, TestMember] = {}
        self.channels: dict[str, TestChannel] = {}
        self.sellers = [one for one in team if one.side == "sales"]
        self.marketers = [one for one in team if one.side == "marketing"]
        self.answering: dict[int, Colleague] = {}

    async def sets_up(self) -> None:
        world = self.world
        await world.database.write(lambda session: setattr(session.get_one(Workspace, 1), "timezone", HOME))
        for name in ("leads", *PLANS):
            self.channels[name] = await world.channel(name)
        for one in self.team:
            names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            self.members[one.name] = await world.member(
                one.name,
                one.side,
                timezone=one.zone,
                has_own_timezone=True,
                work_days=",".join(names[day - 1] for day in one.days),
                work_starts=one.shift[0],
                work_ends=one.shift[1],
                is_head=one.is_head,
                is_admin=one is self.team[-1],
            )
        for one in self.team:
            links = {f"{link}_id": await self.id_of(getattr(one, link)) for link in ("stand_in", "manager")}
            await world.changes(self.members[one.name], **links)
        await learn_holidays(world)
        admin = self.team[-1]
        for number, name in enumerate(CAMPAIGNS):
            campaign = await world.database.write(partial(_campaign, name=name))
            if number % 3:
                self.answering[campaign] = owner = self.marketers[number % len(self.marketers)]
                await self.does(admin, "people.campaign", campaign=campaign, owner=owner.id)
        for name, (wall, days) in PLANS.items():
            number = await self.read(partial(_channel_id, external_id=self.channels[name].external_id))
            wish = {"channels": (number,), "at": wall, "days": tuple(days), "sections": SECTIONS}
            await self.does(admin, "digest.settings", **wish)

    async def id_of(self, name: str | None) -> int | None:
        return (await self.members[name].row()).id if name else None

    async def will_be_away(self, one: Colleague) -> None:
        assert one.off
        self.counts["absences"] += 1
        await self._says_when(one, away_from=f"{one.off[0]}", away_until=f"{one.off[1]}")

    async def works_other_hours(self, one: Colleague) -> None:
        assert one.change
        self.counts["changes of hours"] += 1
        starts, ends = one.change[1]
        one.change = self.world.now, one.change[1]
        await self._says_when(one, work_starts=starts, work_ends=ends)

    async def _says_when(self, one: Colleague, **answers: str) -> None:
        member = self.members[one.name]
        await member.types("/parley me")
        await member.fills(**answers)
        if member.errors:
            raise ValueError(f"{one} cannot say so: {member.errors}")
        member.replies.clear()

    # How it is done

    async def reacts(self, who: Colleague, emoji: str, on: Posted) -> None:
        self.counts["reactions"] += 1
        await self.members[who.name].reacts(emoji, on)

    async def unreacts(self, who: Colleague, emoji: str, on: Posted) -> None:
        self.counts["reactions taken back"] += 1
        before = await self.read(_deeds)
        await self.members[who.name].unreacts(emoji, on)
        left = {deed.id for deed in await self.read(_deeds)}
        self.world.taken_back += [(deed, self.world.now) for deed in before if deed.id not in left]

    def soon(self, within: timedelta) -> datetime:
        return self.world.now + self.chance.random() * within

    def when(self, who: Colleague) -> datetime:
        """When somebody comes to it: at once, or late; mostly at work, sometimes in the evening."""
        delay = self.chance.expovariate(1 / 40) * MINUTE
        if who.temper == LATE:
            delay += self.chance.uniform(1, 40) * HOUR
        elif who.temper == PROMPT and self.chance.random() < 0.2:
            delay += self.chance.uniform(1, 8) * HOUR
        at = self.world.now + delay
        if self.chance.random() < 0.1:
            return at
        return (who.hours_at(at).next(at) or at) + self.chance.random() * 20 * MINUTE

    async def does(self, who: Colleague, action: str, **fields: Any) -> None:
        self.counts[action] += 1
        await self.world.dispatcher.action(self.members[who.name].origin(), PartialAction.of(action).pack(), fields)
        await self.world.deliver()

    async def newest(self, table: type[SQLModel]) -> int:
        newest = func.max(table.id)  # type: ignore[attr-defined]
        return int(await self.read(lambda session: session.exec(select(newest)).one() or 0))

    async def read(self, work: Callable[[Session], Any]) -> Any:
        return await self.world.database.read(work)


def _deeds(session: Session) -> Sequence[DigestAct]:
    return session.exec(select(DigestAct).order_by(col(DigestAct.id))).all()


def _campaign(session: Session, name: str) -> int:
    return find_or_add_campaign(session, 1, name).id


def _channel_id(session: Session, external_id: str) -> int:
    found = find_channel(session, 1, external_id)
    assert found
    return found.id
