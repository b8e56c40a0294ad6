"""A month in the sample company: the older weeks come from its CRM, the last days are lived, deed by deed.

It is the same for the same seed and the same day. Everything goes through what people and programs use, at the
instant at which it happened.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.core.context import Context
from bot.demo import company
from bot.demo.answering import Marketing, Said
from bot.demo.last_days import LastDays
from bot.demo.pulses import THURSDAY, TUESDAY, Pulses
from bot.demo.rehearsal import Rehearsal
from bot.demo.swaps import Swaps
from bot.demo.words import COMPANIES, SAID, SOURCES
from bot.features.leads.importing import Told, import_leads
from bot.rules.lead_states import LeadState
from storage.campaigns import folded
from storage.cases import decisions_on, receipts_of
from storage.lead_imports import leads_with_keys
from storage.people import members
from storage.workspaces import Workspace

DAYS = 30
LIVED = 3  # working days at the end of which every deed is done anew
WEEKLY = 21  # leads from the CRM in a week
UNDECIDED = 2  # of the older weeks' feedback
ZONE = ZoneInfo(company.BERLIN)
REACHED = {  # how far a lead is when somebody says this of it
    "R": LeadState.HANDED_OFF,
    "N": LeadState.ACCEPTED,
    "D": LeadState.CONNECTED,
    "W": LeadState.CONNECTED,
}
UNENDED = (LeadState.ACCEPTED, LeadState.ATTEMPTING, LeadState.CONNECTED, LeadState.QUALIFIED)
UNSAID = (*UNENDED, *[LeadState.QUALIFIED] * 4)


@dataclass(frozen=True)
class Known:
    """A lead as the CRM knows it; `code`: what its owner will say of it."""

    key: str
    company: str
    campaign: str
    owner: str
    state: LeadState
    code: str | None
    handed_off_at: datetime
    accepted_at: datetime | None


class Month:
    """Plays the month until `until` with the clock of the people who act."""

    def __init__(self, rehearsal: Rehearsal, until: datetime, seed: int) -> None:
        self._rehearsal, self._until, self._random = rehearsal, until, random.Random(seed)
        self._companies = iter(self._random.sample(COMPANIES, len(COMPANIES)))
        deck = [code for code, (count, _words) in SAID.items() for _ in range(count)]
        self._codes = iter(self._random.sample(deck, len(deck)))
        self._number_of_leads = 0
        self._said: list[Said] = []  # and not yet decided
        self._decided: list[int] = []  # cases whose reporters have not read the answer
        self._known: list[Known] = []
        self._pulses, self._swaps = Pulses(rehearsal), Swaps(rehearsal)

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self._until.astimezone(ZONE).date() - timedelta(days=DAYS), time(8), tzinfo=ZONE)

    async def passes(self) -> None:
        """Play all of it; the clock stands just before its end then."""
        self._rehearsal.clock.stands_at(self.begins_at)
        await self._rehearsal.meets_everybody(self._until)
        await company.set_up(self._rehearsal)
        campaigns = await company.give_campaigns_owners(self._rehearsal)
        self._marketing = Marketing(self._rehearsal, campaigns)
        days = self._working_days()
        older, lived = days[:-LIVED], days[-LIVED:]
        begin = partial(self._swaps.begin, [day.date() for day in older[9:12]])
        swap: dict[int, Callable[[], Awaitable[None]]] = {
            0: begin,
            6: self._swaps.match,
            13: self._swaps.tell,
            14: self._swaps.propose,
        }
        for number, day in enumerate(older):
            await self._passes_day(number, day, is_last=day == older[-1])
            if number in swap:
                self._rehearsal.clock.stands_at(day + timedelta(hours=7, minutes=30))
                await swap[number]()
            if day.weekday() == THURSDAY:
                self._rehearsal.clock.stands_at(day + timedelta(hours=8))
                await self._pulses.closes()
        ended = [self._ended(lead) for lead in self._known if lead.state == LeadState.QUALIFIED]
        last = [self._new_known(older[-1] + timedelta(days=1), is_last=True) for _ in range(WEEKLY)]
        await self._import([*ended, *map(self._told, last)])
        self._rehearsal.clock.stands_at(lived[0])
        await company.want_digests(self._rehearsal)
        await self._pulses.become_a_habit()
        last_days = LastDays(self._rehearsal, self._marketing, self._random, self._companies)
        deeds = [*last_days.deeds(lived), (lived[1] + timedelta(minutes=40), self._swaps.begin_anew)]
        answered = (day + timedelta(minutes=90) for day in lived if day.weekday() == TUESDAY)
        deeds += [(at, self._pulses.most_answer) for at in answered]
        for at, deed in sorted(deeds, key=lambda each: each[0]):
            if at < self._until:
                await self._rehearsal.passes_time(at)
                await deed()
        await self._rehearsal.passes_time(self._until - timedelta(seconds=1))
        await self._rehearsal.ends()

    def _working_days(self) -> list[datetime]:
        """Nine o'clock of each; the last one may be today."""
        first = self.begins_at.replace(hour=9)
        days = (first + timedelta(days=n) for n in range(DAYS + 1))
        return [day for day in days if day.weekday() < 5 and day <= self._until]

    # The weeks that come from the CRM

    async def _passes_day(self, number: int, day: datetime, is_last: bool) -> None:
        if number % 5 == 0:
            self._rehearsal.clock.stands_at(day)
            leads = [self._new_known(day) for _ in range(WEEKLY)]
            self._known += leads
            await self._import([self._told(lead) for lead in leads])
            self._to_say = [lead for lead in leads if lead.code]
            await self._look_up_numbers()
        if day.weekday() == TUESDAY:
            self._rehearsal.clock.stands_at(day + timedelta(hours=1))
            await self._pulses.opens()
        spoken = list[Said]()
        for minute, lead in enumerate(self._to_say[number % 5 :: 5]):
            self._rehearsal.clock.stands_at(day + timedelta(hours=2, minutes=20 * minute))
            spoken.append(await self._says(lead))
        self._rehearsal.clock.stands_at(day + timedelta(hours=7))
        await self._marketing.sees(*spoken)
        self._said += spoken
        if number % 5 == 4 or is_last:
            await self._decide(self._said[:-UNDECIDED] if is_last else self._said)
            await self._read_receipts()
            await self._rehearsal.delivers()

    def _new_known(self, day: datetime, is_last: bool = False) -> Known:
        self._number_of_leads += 1
        handed_off_at = day - timedelta(days=self._random.randint(1, 6), minutes=self._random.randint(0, 400))
        campaign = self._random.choice(list(SOURCES))
        code = next(self._codes, None) if not is_last and self._random.random() < 0.3 else None
        state = REACHED[code[0]] if code else self._random.choice(UNENDED if is_last else UNSAID)
        accepted_at = handed_off_at + timedelta(minutes=self._random.randint(10, 1200))
        return Known(
            f"L-{self._number_of_leads}",
            next(self._companies),
            campaign,
            self._random.choice(company.SELLERS),
            state,
            code,
            handed_off_at,
            None if state == LeadState.HANDED_OFF else min(accepted_at, self._rehearsal.clock.now()),
        )

    def _told(self, lead: Known) -> dict[str, Any]:
        columns: dict[str, Any] = {
            "company": lead.company,
            "source": SOURCES[lead.campaign],
            "owner": lead.owner,
            "value_cents": self._random.randint(8, 240) * 50_000,
            "temperature": self._random.choice(("hot", "standard", "standard", "list")),
            "handed_off_at": lead.handed_off_at,
        }
        if lead.accepted_at:
            columns["accepted_at"] = lead.accepted_at
        return {"key": lead.key, "columns": columns, "campaign": lead.campaign, "state": lead.state}

    def _ended(self, lead: Known) -> dict[str, Any]:
        """A later export: the deal is won or lost."""
        at = min(lead.handed_off_at + timedelta(days=self._random.randint(4, 20)), self._rehearsal.clock.now())
        won = self._random.random() < 0.6
        return {"key": lead.key, "columns": {}, "won_at" if won else "lost_at": at}

    async def _import(self, rows: Sequence[dict[str, Any]]) -> None:
        def work(ctx: Context) -> None:
            told = []
            for line, row in enumerate(rows, start=2):
                columns = dict(row["columns"])
                if owner := columns.pop("owner", None):
                    columns["owner_id"] = ctx.person(self._rehearsal.person(owner).id).id
                told.append(Told(line=line, **{**row, "columns": columns}))
            import_leads(ctx, told)

        await self._rehearsal.imports(work)

    async def _says(self, lead: Known) -> Said:
        code = lead.code
        assert code
        told = {"about": f"lead:{self._numbers[folded(lead.key)]}", "code": code}
        told["note"] = self._random.choice(SAID[code][1])
        if code.startswith("N"):
            told["wake_on"] = str((self._until + timedelta(days=self._random.randint(4, 90))).date())
        await self._rehearsal.does(lead.owner, "feedback.give", **told)
        return code, lead.campaign

    async def _look_up_numbers(self) -> None:
        """The ids of the leads of which something will be said."""
        keys = [folded(lead.key) for lead in self._to_say]
        found = await self._rehearsal.looks_up(lambda session, tenant: leads_with_keys(session, tenant.id, keys))
        self._numbers = {key: int(lead["id"]) for key, lead in found.items()}

    async def _decide(self, answered: Sequence[Said]) -> None:
        self._decided += await self._marketing.decides(*answered)
        self._said.clear()

    async def _read_receipts(self) -> None:
        """Some reporters say whether the answer helps."""

        def receipts(session: Session, tenant: Workspace) -> list[tuple[int, str]]:
            decisions = [decisions_on(session, tenant.id, case_id)[0] for case_id in self._decided]
            found = [receipt for each in decisions for receipt in receipts_of(session, tenant.id, each.id)]
            readers = members(session, tenant.id, [receipt.member_id for receipt in found])
            return [(receipt.id, readers[receipt.member_id].external_id) for receipt in found]

        for receipt, reader in await self._rehearsal.looks_up(receipts):
            if self._random.random() < 0.5:
                who, helps = self._rehearsal.handle_of(reader), self._random.random() < 0.8
                await self._rehearsal.does(who, "cases.helps", receipt=receipt, helps=helps)
        self._decided.clear()
