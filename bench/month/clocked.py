"""What must be so of clocks: when each began and stopped follows from what people did and did not take back."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bench.month.log import END_ALL, Log
from storage.leads import LeadEvent

Of = tuple[str, int, int]  # subject, its id, cycle
Run = tuple[datetime, datetime | None]


def broken(log: Log) -> Iterator[str]:
    ran: dict[Of, dict[str, Run]] = {}
    for clock in log.clocks.values():
        if not clock.is_void and clock.subject != "decision":
            runs = ran.setdefault((clock.subject, clock.subject_id, clock.cycle), {})
            if clock.kind in runs:
                yield f"two {clock.kind} of {clock.subject} {clock.subject_id}"
            runs[clock.kind] = clock.started_at, clock.stopped_at
    due: dict[Of, dict[str, Run]] = {}
    for lead in log.events:
        due |= {("lead", lead, cycle): runs for cycle, runs in _of_lead(log, lead) if runs}
    due |= {("case", number, 1): _of_case(log, number) for number in log.cases}
    for of in due.keys() | ran.keys():
        is_again = of[0] == "case" and of[2] > 1  # the examples that were wanted came
        if due.get(of) != ran.get(of) and not is_again:
            yield f"clocks of {of}: {ran.get(of)}, by the log {due.get(of)}"


def _of_lead(log: Log, lead: int) -> Iterator[tuple[int, dict[str, Run]]]:
    standing = [event for event in log.events[lead] if event.id not in log.undone]
    for cycle in sorted({event.cycle for event in standing}):
        events = [event for event in standing if event.cycle == cycle]
        handed, accepted, attempted = (_first(events, {kind}) for kind in ("hand_off", "accept", "attempt"))
        end, runs = _first(events, END_ALL), dict[str, Run]()
        if handed:
            runs["S1"] = handed, accepted or end
        if handed and accepted:
            runs["S2"] = accepted, attempted or end
        if handed and attempted:
            runs["S3"] = attempted, end
        yield cycle, runs


def _of_case(log: Log, number: int) -> dict[str, Run]:
    case = log.cases[number]
    decided = min((each.decided_at for each in log.decisions if each.case_id == number), default=case.closed_at)
    runs: dict[str, Run] = {"M1": (case.opened_at, case.acknowledged_at or case.closed_at)}
    if case.acknowledged_at:
        runs["M2"] = case.acknowledged_at, decided
    return runs


def _first(events: Sequence[LeadEvent], kinds: set[str]) -> datetime | None:
    return next((event.at for event in events if event.kind in kinds), None)
