"""What must be so of nudges: who hears of what and when follows from the log, and nobody hears anything else."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from bench.month.hours import DAY
from bench.month.log import NEVER, Log, Span, midnight, passes
from bench.month.world import Sent
from storage.clocks import Clock
from storage.nudges import Nudge

A_DAY = 5
NUDGES = ("nudge", "nudge.half")  # subjects: when time is over, and at half of it
EXACT = timedelta(seconds=2)
Step = tuple[int, int, int]  # of a clock, to a member, at a percentage


def broken(log: Log, sent: Sequence[Sent]) -> Iterator[str]:
    due = {step: at for clock in log.clocks.values() for step, at in _due(log, clock).items()}
    made = {(each.clock_id, each.member_id, each.step): each for each in log.nudges}
    for step, at in due.items():
        if step not in made and at < log.end - EXACT:
            yield f"missed: {_named(log, step)} at {at:%d %H:%M:%S}"
    for step, nudge in made.items():
        if step not in due:
            yield f"unfounded: {_named(log, step)} at {nudge.at:%d %H:%M:%S}"
        elif abs(due[step] - nudge.at) > EXACT:
            yield f"at the wrong time: {_named(log, step)} at {nudge.at:%d %H:%M:%S}, not {due[step]:%d %H:%M:%S}"
    yield from _messages(log, sent)
    yield from _summaries(log, sent)


def _due(log: Log, clock: Clock) -> dict[Step, datetime]:
    """Every step of a clock to anybody, and when they hear of it."""
    if clock.kind == "M3":
        return {}
    quiet, owners = log.quiet(clock), log.owners(clock)
    heard: list[tuple[datetime, int, int]] = []
    for begin, end, owner in _stretches(log, clock, owners):
        hours = log.hours(owner, begin)
        for percent, member in _chain(log, clock, owner):
            at = passes(log, clock, percent / 100, owner, hours)
            if at and (at := _next(log, member, max(at, begin), quiet)) and at < end:
                heard.append((at, -percent, member))
    told: dict[int, int] = defaultdict(int)
    found = {}
    for at, percent, member in sorted(heard):
        if told[member] < -percent:
            told[member] = -percent
            found[clock.id, member, -percent] = at
    return found


def _stretches(
    log: Log, clock: Clock, owners: Sequence[tuple[datetime, int | None]]
) -> Iterator[tuple[datetime, datetime, int | None]]:
    """Parts of a clock's life in which nobody's hours changed, nor who is responsible."""
    end = clock.stopped_at or log.end + EXACT
    changes = [one.change[0] for one in log.people.values() if one.change]
    for (begin, owner), (until, _next_owner) in pairwise([*owners, (end, None)]):
        marks = [begin, *sorted(at for at in changes if begin < at < until), until]
        yield from ((a, b, owner) for a, b in pairwise(marks))


def _chain(log: Log, clock: Clock, owner: int | None) -> list[tuple[int, int]]:
    one = log.people[owner] if owner else None
    heads = [id for id, each in log.people.items() if each.is_head and each.side == log.side(clock) and id != owner]
    leaders = [log.ids[one.manager]] if one and one.manager else heads
    chain = [(150, leader) for leader in leaders]
    if one and owner:
        chain += [(50, owner), (100, owner)]
        chain += [(100, log.ids[one.stand_in])] if one.stand_in else []
    return chain


def _next(log: Log, member: int, at: datetime, quiet: Sequence[Span]) -> datetime | None:
    """When somebody works and may be told."""
    while True:
        working = log.hours(member, at).next(at)
        if working is None:
            return None
        ends = [span.end for span in quiet if span.begin <= working < span.end]
        if not ends:
            return working
        if max(ends) == NEVER:
            return None
        at = max(ends)


def _messages(log: Log, sent: Sequence[Sent]) -> Iterator[str]:
    """Of each as it left: in private, to the right person at work, once, few in a day, about what still waits."""
    nudges = {each.id: each for each in log.nudges}
    times: Counter[int] = Counter()
    days: Counter[tuple[int, object]] = Counter()
    for message in sent:
        subject, number = log.subjects[message.row_id]
        words = message.message.headline
        if not message.is_private:
            if subject in NUDGES or "waits for" in words or "wait for you" in words or "Nobody has taken" in words:
                yield f"in public: {words}"
            continue
        if subject not in NUDGES:
            continue
        nudge = nudges[number or 0]
        one, clock = log.people[nudge.member_id], log.clocks[nudge.clock_id]
        name = _named(log, (nudge.clock_id, nudge.member_id, nudge.step))
        times[nudge.id] += 1
        days[nudge.member_id, message.at.astimezone(one.hours_at(message.at).zone).date()] += 1
        if message.channel != f"D_{one.id}":
            yield f"to somebody else: {name}"
        if not one.hours_at(message.at).are(message.at):
            yield f"outside hours: {name} at {message.at}"
        if any(span.begin < message.at < span.end for span in log.quiet(clock)):
            yield f"after somebody acted: {name} at {message.at}"
    yield from (f"twice: nudge {id}" for id, n in times.items() if n > 1)
    yield from (f"too many in a day: {n} to {who} on {on}" for (who, on), n in days.items() if n > A_DAY)
    told = {each.id for each in log.nudges if _is_told_alone(each)}
    yield from (f"never sent: nudge {id}" for id in sorted(told - times.keys()))
    yield from (f"sent though held: nudge {id}" for id in sorted(times.keys() - told))


def _is_told_alone(nudge: Nudge) -> bool:
    return nudge.told_at == nudge.at


def _summaries(log: Log, sent: Sequence[Sent]) -> Iterator[str]:
    """What was too much for a day is told in one message when the next working day begins, as far as it still waits.

    When that is was known on the day itself; hours that were changed since can only put it off.
    """
    days: dict[tuple[int, datetime], list[Nudge]] = defaultdict(list)
    for nudge in log.nudges:
        if not _is_told_alone(nudge):
            one = log.people[nudge.member_id]
            on = nudge.at.astimezone(one.hours_at(nudge.at).zone).date()
            days[nudge.member_id, midnight(on + DAY, one.zone)].append(nudge)
    mornings: dict[tuple[int, datetime], list[Nudge]] = defaultdict(list)
    for (member, tomorrow), held in days.items():
        one = log.people[member]
        known = one.hours_at(held[0].at).next(tomorrow)
        if known and (at := one.hours_at(known).next(known)) and at <= log.end:
            mornings[member, at] += held
    said: dict[tuple[str, datetime], list[Sent]] = defaultdict(list)
    for message in sent:
        if "more wait" in message.message.headline or "more things wait" in message.message.headline:
            said[message.channel, message.at].append(message)
            [one] = [one for one in log.people.values() if message.channel == f"D_{one.id}"]
            if not one.hours_at(message.at).are(message.at):
                yield f"outside hours: {message.message.headline!r} to {one.name} at {message.at}"
    for (member, at), held in mornings.items():
        waiting = {each.clock_id for each in held if _waits(log, log.clocks[each.clock_id], at)}
        found = said.pop((f"D_{log.people[member].id}", at), [])
        if len(found) != bool(waiting):
            yield f"{len(found)} summaries to {log.people[member].name} at {at} of {len(waiting)} things"
        for message in found:
            headline = message.message.headline
            if headline != _headline(len(waiting)):
                yield f"summary to {log.people[member].name} at {at}: {headline!r} of {len(waiting)} things"
    yield from (f"a summary of nothing to {channel} at {at}" for channel, at in said)


def _headline(n: int) -> str:
    return "Something more waits for you" if n == 1 else f"{n} more things wait for you"


def _waits(log: Log, clock: Clock, at: datetime) -> bool:
    return not any(span.begin <= at < span.end for span in log.quiet(clock))


def _named(log: Log, step: Step) -> str:
    clock = log.clocks[step[0]]
    of = f"{clock.kind} of {clock.subject} {clock.subject_id}"
    return f"{step[2]} % of {of} (clock {clock.id}) to {log.people[step[1]].name}"
