"""The rules of reports: what is counted as what. Every lead stands in one group; the blank is a group of its own."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from bot.rules.lead_states import LeadState
from bot.rules.statistics import Share, median, wilson
from storage.reports import ReportKind, count_leads, group_names

ALL = "*"
# A lead that is there without an instant of it, after an import, has passed here all the same.
PAST_QUALIFIED = {LeadState.QUALIFIED, LeadState.WON, LeadState.LOST}
PAST_ACCEPTED = PAST_QUALIFIED | {LeadState.ACCEPTED, LeadState.ATTEMPTING, LeadState.CONNECTED}


@dataclass
class Line:
    """One group's figures. `month` is that of hand-off, "2018-02", where it was asked for."""

    group: str | None
    month: str | None = None
    withdrawn: int = 0  # added by mistake and taken back: not among the leads
    states: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)  # from hand-off to won: how often
    accepted_too: int = 0  # in a state that does not tell so
    qualified_too: int = 0

    @property
    def leads(self) -> int:
        return self.states.total()

    @property
    def accepted(self) -> int:
        return self.accepted_too + sum(self.states[state] for state in PAST_ACCEPTED)

    @property
    def rejected(self) -> int:
        return self.states[LeadState.REJECTED]

    @property
    def recycled(self) -> int:
        return self.states[LeadState.RECYCLED]

    @property
    def qualified(self) -> int:
        return self.qualified_too + sum(self.states[state] for state in PAST_QUALIFIED)

    @property
    def won(self) -> int:
        return self.states[LeadState.WON]

    @property
    def lost(self) -> int:
        return self.states[LeadState.LOST]

    @property
    def rate(self) -> Share | None:
        return wilson(self.won, self.leads)

    @property
    def days_mean(self) -> float | None:
        return sum(days * n for days, n in self.days.items()) / self.days.total() if self.days else None

    @property
    def days_median(self) -> float | None:
        return median(self.days)

    @property
    def without_days(self) -> int:
        """Leads won of which no days are known: the instant of hand-off or of winning is missing."""
        return self.won - self.days.total()

    @property
    def backwards(self) -> int:
        """Leads won before the day of their hand-off."""
        return sum(n for days, n in self.days.items() if days < 0)

    def include(self, line: "Line") -> None:
        self.states.update(line.states)
        self.days.update(line.days)
        self.accepted_too += line.accepted_too
        self.qualified_too += line.qualified_too


@dataclass(frozen=True)
class Report:
    kind: ReportKind
    by_month: bool
    lines: list[Line]  # most leads first, by month in its order
    all: Line


def report(session: Session, workspace_id: int, kind: ReportKind, by_month: bool = False) -> Report:
    """Count every lead of the workspace; those that were withdrawn apart."""
    names = group_names(session, workspace_id, kind)
    lines: dict[tuple[Any, int | None], Line] = {}
    total = Line(ALL, ALL if by_month else None)
    for group, state, won_days, month, leads, accepted, qualified in count_leads(session, workspace_id, kind, by_month):
        if state == LeadState.WITHDRAWN:
            total.withdrawn += leads
            continue
        if (line := lines.get((group, month))) is None:
            line = lines[group, month] = Line(names.get(group, group), _written(month))
        line.states[state] += leads
        if won_days is not None:
            line.days[won_days] += leads
        if state not in PAST_ACCEPTED:
            line.accepted_too += accepted
        if state not in PAST_QUALIFIED:
            line.qualified_too += qualified
    for line in lines.values():
        total.include(line)
    ordered = sorted(lines.values(), key=lambda line: (line.month or "", -line.leads, line.group or ""))
    return Report(kind, by_month, ordered, total)


def _written(month: int | None) -> str | None:
    return f"{month // 100}-{month % 100:02}" if month else None
