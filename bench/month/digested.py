"""What must be so of digests: one for each working date, and every figure in it is that of a count over the log."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bench.month.hours import DAY, holidays_in
from bench.month.log import MARKETING, NEVER, SALES, Log, Span, passes
from bench.month.people import HOME
from bench.month.stage import PLANS
from bench.month.world import Morning, Sent
from storage.clocks import Clock
from storage.digest import Digest, DigestItem
from storage.leads import LeadEvent
from tests.world import plain

COUNTED = ("add", "accept", "reject", "recycle", "win")
OLDEST = 1000  # running clocks that a digest looks at
WEIGHT = {"done": 3, "take": 2, "not_today": 1, "look": 0}
ZONE = ZoneInfo(HOME)
A_NAME = re.compile(r"\bP\d+\b")


def broken(log: Log, sent: Sequence[Sent], mornings: Sequence[Morning]) -> Iterator[str]:
    stood = {id: morning for morning in mornings for id in morning.digests}
    names = {number: name for name, number in log.channels.items() if name in PLANS}
    yield from _dates(log, sent, names)
    for message in sent:
        if log.subjects[message.row_id][0] == "digest.item" and A_NAME.search(plain(message.message)):
            yield f"an item names somebody: {message.message.headline}"
    before: dict[int, Digest] = {}
    for digest in log.digests:
        where = f"digest {digest.local_on} in {names[digest.channel_id]}"
        last = before.get(digest.channel_id)
        before[digest.channel_id] = digest
        facts = json.loads(digest.facts)
        first_on = last.local_on if last else _day_before(names[digest.channel_id], digest.local_on)
        if digest.first_on != first_on:
            yield f"{where}: begins with {digest.first_on}, not {first_on}"
        for problem in (
            *_figures(log, digest, facts),
            *_words(log, digest),
            *_risk(log, facts, stood[digest.id]),
            *_became(log, facts, stood[digest.id], last),
            *_items(log, digest, names[digest.channel_id], stood[digest.id]),
        ):
            yield f"{where}: {problem}"


def _works(name: str, on: date) -> bool:
    return str(on.isoweekday()) in PLANS[name][1] and on not in holidays_in(HOME, on.year)


def _day_before(name: str, on: date) -> date:
    on -= DAY
    return on if _works(name, on) else _day_before(name, on)


def _dates(log: Log, sent: Sequence[Sent], names: Mapping[int, str]) -> Iterator[str]:
    """One on each working date of the plan, posted at its hour; none on another."""
    parents = [message for message in sent if log.subjects[message.row_id][0] == "digest"]
    posted = Counter((message.channel.removeprefix("C_"), message.at) for message in parents)
    rows = Counter((names[digest.channel_id], digest.local_on) for digest in log.digests)
    due: list[tuple[str, date, datetime]] = []
    for name, (wall, _days) in PLANS.items():
        on = log.begin.astimezone(ZONE).date()
        while (at := datetime.combine(on, time.fromisoformat(wall), ZONE)) <= log.end:
            due += [(name, on, at)] if at > log.begin and _works(name, on) else []
            on += DAY
    for name, on, at in due:
        if rows.pop((name, on), 0) != 1 or posted.pop((name, at), 0) != 1:
            yield f"not exactly one digest on {on} in {name}"
    yield from (f"a digest too many on {on} in {name}" for name, on in rows)
    yield from (f"a digest posted at {at} in {name}" for name, at in posted)


def _figures(log: Log, digest: Digest, facts: Mapping[str, Any]) -> Iterator[str]:
    """Leads in, accepted, rejected, kept for later and won; by source, and of last week by day."""
    expected: Counter[tuple[str | None, str]] = Counter()
    week: Counter[tuple[date, str]] = Counter()
    imported = 0
    for lead_id, event in _counted(log, digest.built_at):
        on = event.at.astimezone(ZONE).date()
        if event.via == "import":
            imported += event.kind == "add" and digest.first_on <= on < digest.local_on
            continue
        week[on, event.kind] += 1
        if digest.first_on <= on < digest.local_on:
            expected[log.leads[lead_id].source, event.kind] += 1
    told = {
        (source["name"], kind): n
        for source in facts["sources"]
        for kind, n in zip(COUNTED, source["counts"], strict=True)
        if n
    }
    if told != dict(expected):
        yield f"figures {told}, counted {dict(expected)}"
    if facts["imported"] != imported:
        yield f"{facts['imported']} imported, counted {imported}"
    for day in facts["week"]:
        counts = [week[date.fromisoformat(day["on"]), kind] for kind in COUNTED]
        if list(day["counts"]) != counts:
            yield f"{day['on']} of last week {day['counts']}, counted {counts}"
    begins = digest.first_on.isocalendar()[:2] != digest.local_on.isocalendar()[:2]
    monday = digest.local_on - (digest.local_on.isoweekday() + 6) * DAY
    is_any = any(monday <= on < monday + 7 * DAY for on, _kind in week)
    if len(facts["week"]) != (7 if begins and is_any else 0):
        yield f"{len(facts['week'])} days of last week"


def _counted(log: Log, at: datetime) -> Iterator[tuple[int, LeadEvent]]:
    """What stood when the digest was built."""
    for lead_id, events in log.events.items():
        for event in events:
            if event.kind in COUNTED and event.at < at <= log.undone.get(event.id, NEVER):
                yield lead_id, event


def _words(log: Log, digest: Digest) -> Iterator[str]:
    """How often each code was said, with a quote that was given with it; and what marketing answered."""
    said = [each for each in log.feedback if _is_of(digest, each.given_at) and each.code]
    said = [each for each in said if not (each.withdrawn_at and each.withdrawn_at < digest.built_at)]
    told = [each for each in log.told if each.digest_id == digest.id]
    codes = {each.code: each.count for each in told if each.code}
    if codes != Counter(each.code for each in said):
        yield f"codes {codes}, counted {Counter(each.code for each in said)}"
    for section in ("codes", "praise"):
        counts = [each.count for each in told if each.section == section]
        if counts != sorted(counts, reverse=True):
            yield f"{section} are not the most frequent first"
    quotes = {each.code: each.feedback_id for each in told if each.code}
    with_words = {each.code: each.id for each in said if each.note}  # the newest stays
    if {code: id for code, id in quotes.items() if id} != with_words:
        yield f"quotes {quotes}, written {with_words}"
    answers = {each.decision_id: each.count for each in told if each.decision_id}
    made = [each.id for each in log.decisions if _is_of(digest, each.decided_at)]
    reporters = Counter(each.decision_id for each in log.receipts)
    if answers != {id: reporters[id] for id in made}:
        yield f"answers {answers}, made {made}"


def _is_of(digest: Digest, at: datetime) -> bool:
    return digest.first_on <= at.astimezone(ZONE).date() < digest.local_on


def _risk(log: Log, facts: Mapping[str, Any], morning: Morning) -> Iterator[str]:
    """Of the oldest running clocks: how many there are, are late, and are past half of their time."""
    oldest = sorted(morning.running, key=lambda clock: (clock.started_at, clock.id))[:OLDEST]
    if facts["is_cut"] != (len(oldest) == OLDEST):
        yield f"is_cut {facts['is_cut']} of {len(morning.running)} running clocks"
    for side, kinds in (("sales", SALES), ("marketing", MARKETING)):
        running = [clock for clock in oldest if clock.kind in kinds and not _is_paused(clock, morning)]
        shares = [_share(log, clock, morning) for clock in running]
        counted = {"running": len(running), "over": shares.count("over"), "half": shares.count("half")}
        if facts[side] != counted:
            yield f"clocks of {side} {facts[side]}, counted {counted}"


def _share(log: Log, clock: Clock, morning: Morning) -> str | None:
    pauses = _pauses(clock, morning)
    hours = log.hours(clock.responsible_id, morning.at)
    for share, name in ((1.0, "over"), (0.5, "half")):
        at = passes(log, clock, share, clock.responsible_id, hours, pauses)
        if at and (at < morning.at or (name == "half" and at == morning.at)):
            return name
    return None


def _pauses(clock: Clock, morning: Morning) -> list[Span]:
    asked = [each for each in morning.questions if clock.subject == "lead" and each.lead_id == clock.subject_id]
    return [Span(each.asked_at, each.answered_at or each.withdrawn_at or NEVER) for each in asked]


def _is_paused(clock: Clock, morning: Morning) -> bool:
    return any(pause.end == NEVER for pause in _pauses(clock, morning))


def _became(log: Log, facts: Mapping[str, Any], morning: Morning, last: Digest | None) -> Iterator[str]:
    """Of every item of the digest before: what was done with it, by whom, and whether it is still open."""
    items = [item for item in log.items if last and item.digest_id == last.id]
    if [each["item_id"] for each in facts["became"]] != [item.id for item in items]:
        yield "it does not tell of the items of the digest before"
        return
    for item, told in zip(items, facts["became"], strict=True):
        acts = [act for act in morning.acts if act.item_id == item.id]
        main = max(acts, key=lambda act: (WEIGHT[act.kind], act.id), default=None)
        expected = (main.kind, main.member_id) if main else (None, None)
        if (told["deed"], told["member_id"]) != expected:
            yield f"item {item.id} became {told['deed']} by {told['member_id']}, it was {expected}"
        if (told["state"] == "open") != _is_open(item, morning):
            yield f"item {item.id} became {told['state']}"


def _is_open(item: DigestItem, morning: Morning) -> bool:
    if item.to_do == "Q":
        asked = [each for each in morning.questions if each.lead_id == item.subject_id and not each.withdrawn_at]
        return bool(asked) and asked[-1].answered_at is None
    thing = (item.subject, item.subject_id, item.cycle, item.to_do)
    return thing in {(clock.subject, clock.subject_id, clock.cycle, clock.kind) for clock in morning.running}


def _items(log: Log, digest: Digest, name: str, morning: Morning) -> Iterator[str]:
    """At most seven, each once, still to do, of the channel's side, and not what somebody called done or put off."""
    items = [item for item in log.items if item.digest_id == digest.id]
    things = [item.thing for item in items]
    if len(things) > 7 or len(set(things)) < len(things):
        yield f"items {things}"
    today = datetime.combine(digest.local_on, time(), ZONE)
    aside = {act.item_id for act in morning.acts if act.kind == "done" or (act.kind == "not_today" and act.at >= today)}
    put_aside = {item.thing for item in log.items if item.id in aside}
    for item in items:
        of_sales = item.to_do in SALES
        if name != "shared" and of_sales != (name == "sales"):
            yield f"item {item.id} is of the other side"
        if item.thing in put_aside:
            yield f"item {item.id} was put aside"
        if not _is_open(item, morning):
            yield f"item {item.id} is not open"
