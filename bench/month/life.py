"""What happens in a month: leads come in, people do something with them or do not, and time passes in between."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Any

from sqlmodel import Session, col, select

from bench.month.hours import DAY
from bench.month.people import NEVER, Colleague
from bench.month.stage import CAMPAIGNS, HOUR, PLANS, Stage
from bench.month.world import Morning
from bot.core.action import PartialAction
from bot.core.context import Context
from bot.features.leads.importing import Told, import_leads
from bot.rules.lead_states import LeadState
from storage.cases import FeedbackCase
from storage.clocks import Clock
from storage.digest import Digest, DigestAct
from storage.leads import Lead, LeadEvent
from storage.questions import Question
from storage.workspaces import Workspace
from tests.world import Posted, TestChannel

SOURCES = ("webinar", "fair", "website", "partner", "search")
EMOJI = ("raising_hand", "white_check_mark", "eyes", "zzz")
ODD = timedelta(minutes=7, seconds=11)
Deed = Callable[[], Awaitable[None]]


class Life:
    def __init__(self, stage: Stage, end: datetime) -> None:
        self._stage, self.end = stage, end
        self.world, self.chance, self.begin = stage.world, stage.chance, stage.world.now
        self._coming: list[tuple[datetime, int, Deed]] = []
        self._order, self._companies = count(), count(1)
        self._cases = self._digests = 0  # the newest that is known

    async def lives(self, leads_a_day: int) -> None:
        await self._stage.sets_up()
        for one in self._stage.team:
            if one.off:
                at = datetime.combine(one.off[0], time(), self.begin.tzinfo) - self.chance.uniform(1, 2) * DAY
                self._at(max(at, self.begin), partial(self._stage.will_be_away, one))
            if one.change:
                self._at(one.change[0], partial(self._stage.works_other_hours, one))
        for day in range((self.end - self.begin) // DAY):
            for _n in range(leads_a_day * 9 // 10):
                hour = self.chance.triangular(0, 24, 11)
                self._at(self.begin + day * DAY + hour * HOUR, self._lead_comes)
            at = self.begin + day * DAY + self.chance.randint(6, 20) * HOUR + ODD  # not when something falls due, too
            self._at(at, lambda: self._file_comes(leads_a_day - leads_a_day * 9 // 10))
        while self._coming and self._coming[0][0] < self.end:
            at, _number, deed = heapq.heappop(self._coming)
            await self._time_passes(at)
            await deed()
            await self.world.deliver()
        await self._time_passes(self.end)

    def _at(self, at: datetime, deed: Deed) -> None:
        heapq.heappush(self._coming, (at, next(self._order), deed))

    async def _time_passes(self, until: datetime) -> None:
        """As in the tests, with a look at each morning's digests before anything else can happen."""
        world = self.world
        since = world.now - HOUR  # nothing is left of what fell due before
        while (at := await world.timekeeper.next_at(since)) and at <= until:
            world.now, since = max(world.now, at), at - timedelta(microseconds=1)
            await world.timekeeper.run()
            await self._look_at_digests()
            await world.deliver()
        world.now = max(world.now, until)

    # Leads

    async def _lead_comes(self) -> None:
        chance, by = self.chance, self._stage.members[self.chance.choice(self._stage.marketers).name]
        company, source = f"Company {next(self._companies)}", chance.choice(SOURCES)
        owner = chance.choice(self._stage.sellers) if chance.random() < 0.75 else None
        way = chance.choices(("typed", "form", "message"), (3, 4, 3))[0]
        campaign, heard = chance.choice(CAMPAIGNS), None
        warm = chance.choices(("hot", "standard", "list"), (2, 6, 2))[0]
        if way == "typed":
            await by.types(f"/lead add {company}, {source}, {campaign}" + (f", <@{owner.id}>" if owner else ""))
        elif way == "form":
            fields = {"company": company, "source": source, "campaign": campaign, "temperature": warm}
            await by.world.dispatcher.action(
                by.origin(), PartialAction.of("leads.add").pack(), {**fields, **({"owner": owner.id} if owner else {})}
            )
            await self.world.deliver()
        else:
            lines = [f"New lead: {company}", f"Source: {source}", f"Campaign: {campaign}", f"Priority: {warm}"]
            heard = await by.writes("\n".join([*lines, *([f"Owner: {owner.name}"] if owner else [])]), self._leads)
        by.replies.clear()
        self._stage.counts[f"leads: {way}"] += 1
        lead, card = await self._stage.newest(Lead), self.world.reads_last("C_leads")
        if heard and owner and chance.random() < 0.05:
            new = chance.choice(self._stage.sellers)
            text = "\n".join([*lines, f"Owner: {new.name}"])
            self._at(self._stage.soon(20 * HOUR), lambda: by.edits(heard, text))
        self._plan_lead(lead, 1, owner, card)

    @property
    def _leads(self) -> TestChannel:
        return self._stage.channels["leads"]

    async def _file_comes(self, rows: int) -> None:
        """New leads, which are history, and for some that people work on what the CRM knows better."""
        told = []
        for line in range(rows):
            columns = {"company": f"Company {next(self._companies)}", "source": self.chance.choice(SOURCES)}
            key = f"CRM-{next(self._companies)}"
            told.append(Told(line, key, columns, state=self.chance.choice((None, LeadState.ACCEPTED, LeadState.WON))))
        newest = await self._stage.newest(Lead)
        keys = await self._stage.read(lambda session: _keys(session, newest, 300))
        for line, key in enumerate(self.chance.sample(keys, min(len(keys), 1 + rows // 8)), rows):
            if self.chance.random() < 0.5:
                told.append(Told(line, key, {}, lost_at=self.world.now - HOUR))
            else:
                owner = await self._stage.id_of(self.chance.choice(self._stage.sellers).name)
                told.append(Told(line, key, {"owner_id": owner}))

        def work(session: Session) -> None:
            tenant = session.get_one(Workspace, 1)
            import_leads(Context(session, tenant, None, self.world.now, "import", self.world.registry), told)

        await self.world.database.write(work)
        self._stage.counts["leads: import"] += rows

    def _plan_lead(self, lead: int, cycle: int, owner: Colleague | None, card: Posted | None) -> None:
        who = owner or (self.chance.choice(self._stage.sellers) if self.chance.random() < 0.8 else None)
        if who and card and self.chance.random() < 0.04:
            other = self.chance.choice(self._stage.sellers)
            self._at(self._stage.when(other), lambda: self._stage.reacts(other, "eyes", card))
        if who and who.temper == NEVER:
            by_name = {one.name: one for one in self._stage.team}
            who = by_name[who.stand_in] if who.stand_in and self.chance.random() < 0.2 else None
        if who:
            self._at(self._stage.when(who), lambda: self._decides(lead, cycle, who))

    async def _decides(self, lead: int, cycle: int, who: Colleague) -> None:
        """Accept it, or not; or ask first."""
        dice = self.chance.random()
        if dice < 0.1:
            await self._says(who, lead, f"R{self.chance.randint(1, 11)}")
        elif dice < 0.18:
            await self._stage.does(who, "questions.ask", lead=lead, cycle=cycle, text="Which product is it about?")
            question = await self._stage.newest(Question)
            answering = self.chance.choice(self._stage.marketers)
            if answering.temper != NEVER:
                self._at(self._stage.when(answering), lambda: self._answers(answering, question))
                self._at(self._stage.when(who) + DAY, lambda: self._moves(lead, cycle, who, "accept"))
        else:
            await self._moves(lead, cycle, who, "accept")

    async def _answers(self, who: Colleague, question: int) -> None:
        await self._stage.does(who, "questions.answer", question=question, text="The big pump")

    async def _moves(self, lead: int, cycle: int, who: Colleague, act: str) -> None:
        before = await self._stage.newest(LeadEvent)
        await self._stage.does(who, "leads.move", lead=lead, cycle=cycle, act=act)
        event = await self._stage.newest(LeadEvent)
        if event == before:
            return  # it was refused: somebody else was faster
        if act == "accept" and self.chance.random() < 0.04:
            self._at(self._stage.soon(5 * HOUR), lambda: self._stage.does(who, "leads.undo", event=event))
            self._at(self._stage.soon(9 * HOUR) + 5 * HOUR, lambda: self._moves(lead, cycle, who, act))
            return
        self._at(self._stage.when(who), lambda: self._goes_on(lead, cycle, who, act))

    async def _goes_on(self, lead: int, cycle: int, who: Colleague, done: str) -> None:
        dice = self.chance.random()
        if done == "accept" and dice < 0.8:
            await self._moves(lead, cycle, who, "attempt")
        elif done == "attempt" and dice < 0.6:
            await self._moves(lead, cycle, who, self.chance.choice(("attempt", "connect", "connect")))
        elif done == "connect" and dice < 0.4:
            await self._moves(lead, cycle, who, "qualify")
        elif done == "connect" and dice < 0.6:
            await self._says(who, lead, f"D{self.chance.randint(1, 8)}")
        elif done == "qualify" and dice < 0.8:
            await self._stage.does(who, "leads.move", lead=lead, cycle=cycle, act="win" if dice < 0.5 else "lose")
        elif done != "qualify" and dice > 0.88:
            wakes = self.world.now.date() + self.chance.randint(2, 6) * DAY
            await self._says(who, lead, "N1", wake_on=f"{wakes}")
            at = datetime.combine(wakes, time(), self.begin.tzinfo) + self.chance.uniform(1, 3) * DAY
            self._at(at, lambda: self._decides(lead, cycle + 1, who))
        elif dice > 0.85:
            await self._says(who, lead, f"W{self.chance.randint(1, 7)}")

    async def _says(self, who: Colleague, lead: int, code: str, **more: Any) -> None:
        note = self.chance.choice(("", "as it was the last time"))
        await self._stage.does(who, "feedback.give", about=f"lead:{lead}", code=code, note=note, **more)
        newest = await self._stage.newest(FeedbackCase)
        for case in range(self._cases + 1, newest + 1):
            campaign = await self._stage.read(partial(_campaign_of, case=case))
            answering = self._stage.answering.get(campaign or 0) or self.chance.choice(self._stage.marketers)
            if answering.temper != NEVER:
                self._at(self._stage.when(answering), partial(self._acknowledges, answering, case))
        self._cases = newest

    async def _acknowledges(self, who: Colleague, case: int) -> None:
        await self._stage.does(who, "cases.acknowledge", case=case)
        if self.chance.random() < 0.8:
            later = self.world.now + self.chance.uniform(0.1, 6) * DAY
            self._at(later, lambda: self._answers_case(who, case))

    async def _answers_case(self, who: Colleague, case: int) -> None:
        answer = self.chance.choice(("change", "no_change", "need_more"))
        more: dict[str, Any] = {"examples": 2} if answer == "need_more" else {}
        if answer == "change":
            more = {"due_on": f"{(self.world.now + 9 * DAY).date()}"}
        await self._stage.does(who, "cases.decide", case=case, answer=answer, text="We look at who signs up.", **more)

    # Digests

    async def _look_at_digests(self) -> None:
        newest = await self._stage.newest(Digest)
        if newest == self._digests:
            return
        fresh, self._digests = list(range(self._digests + 1, newest + 1)), newest

        def look(session: Session) -> Morning:
            running = session.exec(select(Clock).where(col(Clock.stopped_at).is_(None)).order_by(col(Clock.id))).all()
            questions = session.exec(select(Question).order_by(col(Question.id))).all()
            acts = session.exec(select(DigestAct).order_by(col(DigestAct.id))).all()
            return Morning(self.world.now, fresh, list(running), list(questions), list(acts))

        self.world.mornings.append(await self._stage.read(look))
        await self.world.deliver()
        for name in PLANS:
            channel = self._stage.channels[name]
            for told in list(channel.unread):
                self._plan_reactions(name, told)
            channel.unread.clear()

    def _plan_reactions(self, name: str, told: Posted) -> None:
        sides = [one for one in self._stage.team if name == "shared" or one.side == name]
        for item in told.unread_replies:
            for who in self.chance.sample(sides, self.chance.choice((0, 1, 1, 2))):
                emoji, at = self.chance.choice(EMOJI), self._stage.soon(4 * HOUR)
                self._at(at, partial(self._stage.reacts, who, emoji, item))
                if self.chance.random() < 0.2:
                    later = at + self.chance.random() * HOUR
                    self._at(later, partial(self._stage.unreacts, who, emoji, item))
        told.unread_replies.clear()


def _campaign_of(session: Session, case: int) -> int | None:
    return session.get_one(FeedbackCase, case).campaign_id


def _keys(session: Session, newest: int, within: int) -> list[str]:
    return list(session.exec(select(Lead.key).where(Lead.id > newest - within).order_by(col(Lead.id))))
