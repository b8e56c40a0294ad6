"""What a digest tells, as data: figures and ids. Words stand where they were said, so that they can be taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from pydantic import TypeAdapter

from storage.digest import Thing, Told
from storage.digest_facts import COUNTED, Deeds

Section = Literal["numbers", "codes", "clocks", "receipts", "praise", "items", "week"]
SECTIONS: tuple[Section, ...] = get_args(Section)
FIGURES: tuple[Section, ...] = ("numbers", "clocks", "week")  # what people of other organisations may read too
OPEN = "open"  # what became of an item with which nothing has happened
GONE = "gone"  # it was erased or withdrawn


@dataclass(frozen=True)
class Source:
    """What happened to leads of a source, in the order of COUNTED."""

    name: str | None
    counts: tuple[int, ...]


@dataclass(frozen=True)
class AtRisk:
    """Clocks of a side that run and do not wait: how many there are, are past their deadline, are past half of it."""

    running: int = 0
    over: int = 0
    half: int = 0


@dataclass(frozen=True)
class Became:
    """What became of an item. `state`: the lead's or the case's, OPEN or GONE; `deed`: what somebody did with it."""

    item_id: int
    state: str
    deed: str | None = None
    member_id: int | None = None


@dataclass(frozen=True)
class Day:
    """A day of the week before: its figures, in the order of COUNTED."""

    on: date
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Facts:
    """What is kept of a digest in its row."""

    sources: tuple[Source, ...] = ()
    imported: int = 0
    sales: AtRisk = AtRisk()
    marketing: AtRisk = AtRisk()
    is_cut: bool = False  # more clocks run than were looked at
    became: tuple[Became, ...] = ()
    skipped: tuple[date, ...] = ()  # whose digests never came
    week: tuple[Day, ...] = ()

    @property
    def totals(self) -> tuple[int, ...]:
        return added(source.counts for source in self.sources)

    @property
    def is_empty(self) -> bool:
        at_risk = (side.over or side.half for side in (self.sales, self.marketing))
        return not (any(self.totals) or self.imported or self.became or self.week or any(at_risk))


@dataclass(frozen=True)
class Built:
    """A digest that is not stored yet."""

    first_on: date
    local_on: date
    sections: tuple[str, ...]
    facts: Facts
    before_id: int | None = None
    told: Sequence[Told] = ()
    items: Sequence[Thing] = ()

    @property
    def is_empty(self) -> bool:
        return self.facts.is_empty and not self.told and not self.items


@dataclass(frozen=True)
class Skipped:
    """No digest comes: these dates have none, which the next one says."""

    dates: tuple[date, ...]


def by_source(deeds: Sequence[Deeds]) -> tuple[Source, ...]:
    """A line for each source, the one of which most leads came in first."""
    counts: dict[str | None, dict[str, int]] = {}
    for source, kind, n in deeds:
        counts.setdefault(source, {})[kind] = n
    found = [Source(name, tuple(of.get(kind, 0) for kind in COUNTED)) for name, of in counts.items()]
    return tuple(sorted(found, key=lambda source: ([-n for n in source.counts], source.name or "")))


def added(counts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip((0,) * len(COUNTED), *counts, strict=True)))


_facts = TypeAdapter(Facts)


def to_json(facts: Facts) -> str:
    return _facts.dump_json(facts).decode()


def from_json(text: str) -> Facts:
    return _facts.validate_json(text)
