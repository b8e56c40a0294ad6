"""What is left of a month: every row, as plain lists; and who answers for what, read from the log of events."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, SQLModel, col, select

from bench.month.hours import DAY, Hours
from bench.month.people import HOME, SEEN, Colleague
from bench.month.world import Recorder
from storage.cases import Decision, FeedbackCase, Receipt
from storage.channels import Channel
from storage.clocks import Clock
from storage.digest import Digest, DigestAct, DigestItem, Thing, Told
from storage.feedback import Feedback
from storage.leads import Lead, LeadEvent
from storage.nudges import Nudge
from storage.outbox import OutboxRow
from storage.people import Member
from storage.questions import Question

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
STOPS = {"S1": {"accept"}, "S2": {"attempt"}, "S3": set[str]()}
END_ALL = {"reject", "disqualify", "recycle", "qualify", "win", "lose"}
SALES, MARKETING = ("S1", "S2", "S3"), ("M1", "M2", "M3")
WEEK = (1, 2, 3, 4, 5)
T = TypeVar("T", bound=SQLModel)


class Span(NamedTuple):
    begin: datetime
    end: datetime


@dataclass
class Log:
    begin: datetime
    end: datetime
    people: dict[int, Colleague]
    ids: dict[str, int]
    leads: dict[int, Lead]
    clocks: dict[int, Clock]
    cases: dict[int, FeedbackCase]
    nudges: list[Nudge]
    digests: list[Digest]
    items: list[DigestItem]
    told: list[Told]
    feedback: list[Feedback]
    decisions: list[Decision]
    receipts: list[Receipt]
    channels: dict[str, int]
    subjects: dict[str, tuple[str | None, int | None]]  # of rows of the outbox
    events: dict[int, list[LeadEvent]] = field(default_factory=lambda: defaultdict(list))
    said: dict[int, list[Feedback]] = field(default_factory=lambda: defaultdict(list))
    questions: dict[int, list[Question]] = field(default_factory=lambda: defaultdict(list))
    undone: dict[int, datetime] = field(default_factory=dict)  # events, and when they were taken back
    deeds: dict[Thing, list[tuple[int, Span]]] = field(default_factory=lambda: defaultdict(list))  # whose, how long

    def __post_init__(self) -> None:
        self._home = Hours(HOME, WEEK, time(9), time(17), (), self.begin - 20 * DAY, self.end + SEEN)

    def side(self, clock: Clock) -> str:
        return "sales" if clock.kind in SALES else "marketing"

    def hours(self, member_id: int | None, at: datetime) -> Hours:
        """For nobody, those of the workspace."""
        return self.people[member_id].hours_at(at) if member_id else self._home

    def absence(self, member_id: int | None) -> list[Span]:
        one = self.people[member_id] if member_id else None
        if one is None or one.off is None:
            return []
        first, last = one.off
        return [Span(midnight(first, one.zone), midnight(last + DAY, one.zone))]

    def owners(self, clock: Clock) -> list[tuple[datetime, int | None]]:
        """Who was responsible from when on: the owners of a lead as its log has them."""
        if clock.subject != "lead":
            return [(clock.started_at, clock.responsible_id)]
        changes = [(e.at, json.loads(e.replaced)["owner_id"]) for e in self.events[clock.subject_id] if _gives(e)]
        owners = [*(before for _at, before in changes), self.leads[clock.subject_id].owner_id]
        spans = [(at, after) for (at, _before), after in zip(changes, owners[1:], strict=True)]
        at_start = [after for at, after in [(self.begin, owners[0]), *spans] if at <= clock.started_at][-1]
        until = clock.stopped_at or NEVER
        return [(clock.started_at, at_start), *((at, o) for at, o in spans if clock.started_at < at < until)]

    def pauses(self, clock: Clock) -> list[Span]:
        if clock.subject != "lead":
            return []
        asked = self.questions[clock.subject_id]
        return [Span(q.asked_at, q.answered_at or q.withdrawn_at or NEVER) for q in asked]

    def quiet(self, clock: Clock) -> list[Span]:
        """When nobody may be nudged about it: it waits for an answer, it is over, or somebody of its side acted."""
        spans = [*self.pauses(clock), Span(clock.stopped_at or NEVER, NEVER)]
        stand_ins = {self.people[owner].stand_in for _at, owner in self.owners(clock) if owner}
        side = self.side(clock)
        acting = {id for id, one in self.people.items() if one.side == side or one.name in stand_ins}
        deeds = self.deeds[Thing(clock.subject, clock.subject_id, clock.cycle, clock.kind)]
        spans += [span for member, span in deeds if member in acting and span.begin > clock.started_at]
        if clock.subject != "lead":
            return spans
        for event in self.events[clock.subject_id]:
            if event.at > clock.started_at and event.kind != "undo":
                is_stop = event.cycle == clock.cycle and event.kind in STOPS[clock.kind] | END_ALL
                if is_stop or event.actor_id in acting:
                    spans.append(Span(event.at, self.undone.get(event.id, NEVER)))
        for said in self.said[clock.subject_id]:
            if said.given_at > clock.started_at and said.author_id in acting:
                spans.append(Span(said.given_at, said.withdrawn_at or NEVER))
        return spans


def midnight(on: date, zone: str) -> datetime:
    return datetime.combine(on, time(), ZoneInfo(zone)).astimezone(UTC)


async def read(world: Recorder, team: Sequence[Colleague], begin: datetime) -> Log:
    by_name = {one.name: one for one in team}

    def rows(session: Session, table: type[T]) -> Sequence[T]:
        return session.exec(select(table).order_by(col(table.id))).all()  # type: ignore[attr-defined]

    def look(session: Session) -> Log:
        members = [row for row in rows(session, Member) if row.name in by_name]
        log = Log(
            begin=begin,
            end=world.now,
            people={row.id: by_name[row.name] for row in members},
            ids={row.name: row.id for row in members},
            leads={row.id: row for row in rows(session, Lead)},
            clocks={row.id: row for row in rows(session, Clock)},
            cases={row.id: row for row in rows(session, FeedbackCase)},
            nudges=list(rows(session, Nudge)),
            digests=list(rows(session, Digest)),
            items=list(rows(session, DigestItem)),
            told=list(rows(session, Told)),
            feedback=list(rows(session, Feedback)),
            decisions=list(rows(session, Decision)),
            receipts=list(rows(session, Receipt)),
            channels={row.name: row.id for row in rows(session, Channel)},
            subjects={
                id: (subject, number)
                for id, subject, number in session.exec(select(OutboxRow.id, OutboxRow.subject, OutboxRow.subject_id))
            },
        )
        for event in rows(session, LeadEvent):
            log.events[event.lead_id].append(event)
            if event.reverses_id:
                log.undone[event.reverses_id] = event.at
        for said in log.feedback:
            log.said[said.lead_id or 0].append(said)
        for question in rows(session, Question):
            log.questions[question.lead_id].append(question)
        things = {item.id: item.thing for item in log.items}
        stand = [(deed, NEVER) for deed in rows(session, DigestAct)]
        for deed, until in (*stand, *world.taken_back):
            log.deeds[things[deed.item_id]].append((deed.member_id, Span(deed.at, until)))
        return log

    found: Log = await world.database.read(look)
    return found


def _gives(event: LeadEvent) -> bool:
    changed: dict[str, Any] = json.loads(event.replaced)
    return "owner_id" in changed


POLICIES: dict[str, dict[str, tuple[float, str]]] = {  # product.md, section 4
    "S1": {"hot": (0.25, "hours"), "standard": (4, "hours"), "list": (1, "days")},
    "S2": {"hot": (1, "hours"), "standard": (24, "hours"), "list": (3, "days")},
    "S3": dict.fromkeys(("hot", "standard", "list"), (10, "days")),
    "M1": {"standard": (1, "days")},
    "M2": {"standard": (5, "days")},
    "M3": {"standard": (5 / 60, "hours")},  # with the decision: the product allows it five minutes
}
CAP = timedelta(hours=72)  # of real time, for S2 of a standard lead


def passes(
    log: Log, clock: Clock, share: float, responsible: int | None, hours: Hours, pauses: Sequence[Span] | None = None
) -> datetime | None:
    """When this share of what is allowed has passed in somebody's hours; None if it does not before the pause ends."""
    warmth = log.leads[clock.subject_id].temperature if clock.subject == "lead" else "standard"
    amount, unit = POLICIES[clock.kind][warmth]
    left = share * amount * (hours.day if unit == "days" else timedelta(hours=1))
    left_real = share * CAP if (clock.kind, warmth) == ("S2", "standard") else None
    stands = log.pauses(clock) if pauses is None else pauses
    begin = clock.started_at
    for pause in [*sorted([*stands, *log.absence(responsible)]), Span(NEVER, NEVER)]:
        if pause.begin > begin:
            at = hours.after(begin, left)
            if left_real is not None:
                at = min(at or NEVER, begin + left_real)
            if at and at <= pause.begin:
                return at
            if pause.begin == NEVER:
                return None
            left -= hours.worked(begin, pause.begin)
            left_real = left_real - (pause.begin - begin) if left_real is not None else None
        begin = max(begin, pause.end)
        if begin == NEVER:
            return None
    return None
