"""The rules of reports: what is counted as what. Every lead stands in one group; the blank is a group of its own."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from sqlmodel import Session

from bot.rules.lead_states import LeadState
from bot.rules.statistics import Share, median, wilson
from storage.reports import ReportKind, count_days, count_leads

ALL = "*"
# A lead that is there without an instant of it, after an import, has passed here all the same.
PAST_QUALIFIED = {LeadState.QUALIFIED, LeadState.WON, LeadState.LOST}
PAST_ACCEPTED = PAST_QUALIFIED | {LeadState.ACCEPTED, LeadState.ATTEMPTING, LeadState.CONNECTED}


@dataclass
class Line:
    """One group's figures. `month` is that of hand-off, "2018-02", where it was asked for."""

    group: str | None
    month: str | None = None
    leads: int = 0
    accepted: int = 0
    rejected: int = 0
    recycled: int = 0
    qualified: int = 0
    won: int = 0
    lost: int = 0
    withdrawn: int = 0  # added by mistake and taken back: not among the leads
    days: Counter[int] = field(default_factory=Counter)  # from hand-off to won: how often

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


@dataclass(frozen=True)
class Report:
    kind: ReportKind
    by_month: bool
    lines: list[Line]  # most leads first, by month in its order
    all: Line


def report(session: Session, workspace_id: int, kind: ReportKind, by_month: bool = False) -> Report:
    """Count every lead of the workspace; those that were withdrawn apart."""
    lines: dict[tuple[str | None, str | None], Line] = {}
    total = Line(ALL, ALL if by_month else None)

    def of(group: str | None, day: int | None) -> Iterable[Line]:
        key = (group, _month(day) if by_month else None)
        return lines.setdefault(key, Line(*key)), total

    for counted in count_leads(session, workspace_id, kind, by_month):
        state, n = LeadState(counted.state), counted.leads
        if state == LeadState.WITHDRAWN:
            total.withdrawn += n
            continue
        for line in of(counted.group, counted.day):
            line.leads += n
            line.accepted += n if state in PAST_ACCEPTED else counted.accepted
            line.qualified += n if state in PAST_QUALIFIED else counted.qualified
            line.rejected += n * (state == LeadState.REJECTED)
            line.recycled += n * (state == LeadState.RECYCLED)
            line.won += n * (state == LeadState.WON)
            line.lost += n * (state == LeadState.LOST)
    for won in count_days(session, workspace_id, kind, LeadState.WON, by_month):
        if won.days is not None:
            for line in of(won.group, won.day):
                line.days[won.days] += won.leads
    ordered = sorted(lines.values(), key=lambda line: (line.month or "", -line.leads, line.group or ""))
    return Report(kind, by_month, ordered, total)


@lru_cache(maxsize=10_000)
def _month(day: int | None) -> str | None:
    return None if day is None else f"{datetime.fromtimestamp(day * 86_400, UTC):%Y-%m}"
