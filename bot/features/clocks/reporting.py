"""What the clocks of both sides tell: the share that was in time, and how long it took, in working time."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.rules.clocks import elapsed, ended
from bot.rules.statistics import Share, quantile, wilson
from storage.clocks import Course, courses_since

DAYS = 30
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
        match ended(course, now):
            case "within":
                self.within += 1
            case "late":
                self.late += 1
            case cause:
                self.left_out[cause] += 1
                return
        if course.clock.stopped_at:
            self.took.append(elapsed(course, now))


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
