"""What the clocks of both sides tell: the share that was in time, and how long it took, in working time."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.rules.clocks import due_at, elapsed, is_paused
from bot.rules.statistics import Share, quantile, wilson
from storage.clocks import Course, courses_since

DAYS = 30
CAUSES = ("running", "paused", "undone", "unworked")  # why a clock is left out
READ = 2000  # clocks of a report in chat, the newest


@dataclass
class Figures:
    """Of the clocks of one kind. One that still runs counts once it is late; what it took is not known yet."""

    kind: str
    within: int = 0
    late: int = 0
    took: list[timedelta] = field(default_factory=list)  # working time of those that stopped
    left_out: Counter[str] = field(default_factory=Counter)  # by cause

    @property
    def n(self) -> int:
        return self.within + self.late

    @property
    def share(self) -> Share | None:
        return wilson(self.within, self.n)

    @property
    def median(self) -> timedelta | None:
        return quantile(self.took, 0.5)

    @property
    def p90(self) -> timedelta | None:
        return quantile(self.took, 0.9)

    def include(self, course: Course, now: datetime) -> None:
        clock = course.clock
        if clock.is_void:
            self.left_out["undone"] += 1
            return
        at = due_at(course)
        if clock.stopped_at:
            is_late = at is not None and clock.stopped_at > at
            if at is None and not is_paused(course):
                self.left_out["unworked"] += 1
                return
            self.took.append(elapsed(course, now))
        elif is_paused(course) and at is None:
            self.left_out["paused"] += 1
            return
        elif at is None or at >= now:
            self.left_out["running"] += 1
            return
        else:
            is_late = True
        self.late += is_late
        self.within += not is_late


@dataclass(frozen=True)
class ClockReport:
    figures: dict[str, Figures]
    is_cut: bool  # there are more clocks than were read


def report(session: Session, workspace_id: int, now: datetime, limit: int | None = READ) -> ClockReport:
    """Of the clocks that were started within the last thirty days."""
    courses = courses_since(session, workspace_id, now - timedelta(days=DAYS), limit)
    figures = {kind: Figures(kind) for kind in ("S1", "S2", "S3", "M1", "M2", "M3")}
    for course in courses:
        figures[course.clock.kind].include(course, now)
    return ClockReport(figures, len(courses) == limit)
