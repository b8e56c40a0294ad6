"""Building a digest: everything it tells is read on one snapshot, beside the writer."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.core.recurrence import Rule
from bot.core.schedule import Occasion, rule_of
from bot.features.digest.days import LONGEST, begins_at, first_day
from bot.features.digest.facts import (
    FIGURES,
    GONE,
    OPEN,
    SECTIONS,
    Became,
    Built,
    Day,
    Facts,
    Skipped,
    added,
    by_source,
)
from bot.features.digest.open_items import QUESTION, TO_DO, Standing, at_risk, choose, standing
from bot.rules.calendars import calendar_of, zone_of
from bot.rules.codes import LETTERS, CodeKind
from bot.rules.lead_states import GONE as GONE_STATES
from storage.calendars import timetable
from storage.cases import decisions_on, find_case
from storage.channels import Channel, Purpose
from storage.clocks import running_clocks
from storage.digest import (
    Deed,
    DigestAct,
    DigestPlan,
    Outcome,
    Thing,
    Told,
    acts_on,
    digest_on,
    find_plan,
    items_of,
    last_digest,
    put_aside,
    skipped_since,
)
from storage.digest_facts import codes_said, count_deeds, count_imported, decisions_made
from storage.leads import find_lead
from storage.questions import newest_question
from storage.schedules import Schedule

PURPOSES = (Purpose.SHARED, Purpose.SALES, Purpose.MARKETING)  # the channels that can have one
STALE = timedelta(hours=6)  # after that a digest is not sent any more
MOST_TOLD = 30  # codes, answers or words of praise
_DAY = timedelta(days=1)
_WEIGHT: dict[str, int] = {Deed.DONE: 3, Deed.TAKE: 2, Deed.NOT_TODAY: 1, Deed.LOOK: 0}
_ACKNOWLEDGED, _DECIDED, _ANSWERED = "acknowledged", "decided", "answered"


def look(ctx: Context, occasion: Occasion) -> Built | Skipped | None:
    """The digest of a date; or that none comes, and None where nobody need know: Parley may not speak there, or did."""
    channel = ctx.session.get(Channel, occasion.schedule.subject_id)
    plan = find_plan(ctx.session, ctx.workspace.id, occasion.schedule.subject_id)
    if channel is None or plan is None or not may_have_one(channel):
        _refuse_wish(occasion, _("This channel can have no digest any more."))
        return None
    rule, is_off = rule_of(occasion.schedule), holidays(ctx)
    missed = tuple(day for day in occasion.missed[-LONGEST:] if not is_off(day))
    if is_off(occasion.local_on) and not occasion.is_wished:
        return Skipped(missed)
    if ctx.now - occasion.at >= STALE:
        return Skipped((*missed, occasion.local_on))
    if digest_on(ctx.session, ctx.workspace.id, channel.id, occasion.local_on):
        _refuse_wish(occasion, _("Today's digest has come to this channel already."))
        return None
    until = begins_at(occasion.local_on, rule.zone)
    return build(ctx, channel, plan, rule, occasion.local_on, until, missed)


def _refuse_wish(occasion: Occasion, why: str) -> None:
    """Nobody need know why none comes, but whoever wished for it."""
    if occasion.is_wished:
        raise UserError(why)


def preview(ctx: Context, channel: Channel, plan: DigestPlan, schedule: Schedule | None) -> Built:
    """What a channel would be told if its digest came now: up to this moment."""
    rule = rule_of(schedule) if schedule else Rule(time(9), ctx.workspace.timezone)
    today = ctx.now.astimezone(zone_of(rule.zone)).date()
    return build(ctx, channel, plan, rule, today, ctx.now)


def may_have_one(channel: Channel) -> bool:
    return channel.is_open and channel.purpose in PURPOSES


def holidays(ctx: Context) -> Callable[[date], bool]:
    """Whether a day is a public holiday of the workspace."""
    return calendar_of(timetable(ctx.session, ctx.workspace.id, None)).is_off


def build(
    ctx: Context,
    channel: Channel,
    plan: DigestPlan,
    rule: Rule,
    local_on: date,
    until: datetime,
    missed: Sequence[date] = (),
) -> Built:
    """What a channel is told of the days before a date, up to an instant."""
    session, workspace_id, is_off = ctx.session, ctx.workspace.id, holidays(ctx)
    known = last_digest(session, workspace_id, channel.id, (Outcome.TOLD, Outcome.QUIET))
    spoken = last_digest(session, workspace_id, channel.id, (Outcome.TOLD,))
    skipped = skipped_since(session, workspace_id, channel.id, spoken.local_on if spoken else None)
    skipped_on = sorted({*(each.local_on for each in skipped), *missed})
    if known is None and skipped_on:  # nothing was told yet, and it has begun with some that never came
        first_on = first_day(rule, skipped_on[0], None, is_off)
    else:
        first_on = first_day(rule, local_on, known.local_on - _DAY if known else None, is_off)
    since = begins_at(first_on, rule.zone)
    sections = tuple(name for name in SECTIONS if name in plan.sections.split(","))
    if channel.is_shared:  # people of other organisations read it: figures only
        sections = tuple(name for name in sections if name in FIGURES)
    clocks, is_cut = standing(session, workspace_id, ctx.now) if {"clocks", "items"} & set(sections) else ([], False)
    counted = clocks if "clocks" in sections else []
    facts = Facts(
        sources=by_source(count_deeds(session, workspace_id, since, until)) if "numbers" in sections else (),
        imported=count_imported(session, workspace_id, since, until) if "numbers" in sections else 0,
        sales=at_risk(counted, TO_DO[Purpose.SALES]),
        marketing=at_risk(counted, TO_DO[Purpose.MARKETING]),
        is_cut=is_cut,
        became=became(session, workspace_id, spoken.id) if spoken and "items" in sections else (),
        skipped=tuple(skipped_on[-LONGEST:]),
        week=_week(ctx, rule, local_on) if "week" in sections and _begins_week(first_on, local_on) else (),
    )
    items = _items(ctx, channel, clocks, rule) if "items" in sections else []
    told = _told(session, workspace_id, since, until, sections)
    return Built(first_on, local_on, sections, facts, spoken.id if spoken else None, told, items)


def _items(ctx: Context, channel: Channel, clocks: Sequence[Standing], rule: Rule) -> list[Thing]:
    today = begins_at(ctx.now.astimezone(zone_of(rule.zone)).date(), rule.zone)
    aside = put_aside(ctx.session, ctx.workspace.id, today)
    return choose(ctx.session, ctx.workspace.id, clocks, Purpose(channel.purpose or ""), aside, ctx.now)


def _told(session: Session, workspace_id: int, since: datetime, until: datetime, sections: Sequence[str]) -> list[Told]:
    """What people said, and what marketing answered."""
    told = []
    said = codes_said(session, workspace_id, since, until) if {"codes", "praise"} & set(sections) else ()
    for section in ("codes", "praise"):
        is_praise = section == "praise"
        of_kind = [each for each in said if (LETTERS[each.code[0]] == CodeKind.PRAISE) == is_praise]
        for place, each in enumerate(of_kind[:MOST_TOLD] if section in sections else ()):
            row = Told(workspace_id=workspace_id, section=section, place=place, code=each.code, count=each.n)
            row.feedback_id = each.feedback_id
            told.append(row)
    if "receipts" in sections:
        answers = decisions_made(session, workspace_id, since, until)
        for place, answer in enumerate(answers[:MOST_TOLD]):
            row = Told(workspace_id=workspace_id, section="receipts", place=place, count=answer.reporters)
            row.decision_id = answer.decision_id
            told.append(row)
    return told


def became(session: Session, workspace_id: int, digest_id: int) -> tuple[Became, ...]:
    """What has become of the items of a digest, in their order."""
    items = items_of(session, workspace_id, digest_id)
    acts: dict[int, list[DigestAct]] = {}
    for act in acts_on(session, workspace_id, [item.id for item in items]):
        acts.setdefault(act.item_id, []).append(act)
    found = []
    for item in items:
        main = max(acts.get(item.id, ()), key=lambda act: (_WEIGHT[act.kind], act.id), default=None)
        state = state_of(session, workspace_id, item.thing)
        found.append(Became(item.id, state, main.kind if main else None, main.member_id if main else None))
    return tuple(found)


def state_of(session: Session, workspace_id: int, item: Thing) -> str:
    """OPEN as long as there is the same to do; else how far it has come."""
    if item.subject == "lead":
        lead = find_lead(session, workspace_id, item.subject_id)
        if lead is None or lead.state in GONE_STATES:
            return GONE
        if item.to_do == QUESTION:
            question = newest_question(session, workspace_id, lead.id)
            is_open = question is not None and question.is_open and question.cycle == item.cycle
            return OPEN if is_open else _ANSWERED
        return OPEN if _runs(session, workspace_id, item) else lead.state
    case = find_case(session, workspace_id, item.subject_id)
    if case is None:
        return GONE
    if _runs(session, workspace_id, item):
        return OPEN
    return _DECIDED if decisions_on(session, workspace_id, case.id) else _ACKNOWLEDGED if case.acknowledged_at else GONE


def _runs(session: Session, workspace_id: int, item: Thing) -> bool:
    running = running_clocks(session, workspace_id, item.subject, item.subject_id)
    return any((clock.kind, clock.cycle) == (item.to_do, item.cycle) for clock in running)


def _begins_week(first_on: date, local_on: date) -> bool:
    """Whether it is the first digest since a Sunday ended."""
    return first_on.isocalendar()[:2] != local_on.isocalendar()[:2]


def _week(ctx: Context, rule: Rule, local_on: date) -> tuple[Day, ...]:
    """The days of the last whole week, Monday to Sunday."""
    monday = local_on - (local_on.isoweekday() + 6) * _DAY
    days = []
    for day in (monday + n * _DAY for n in range(7)):
        since, until = begins_at(day, rule.zone), begins_at(day + _DAY, rule.zone)
        sources = by_source(count_deeds(ctx.session, ctx.workspace.id, since, until))
        days.append(Day(day, added(source.counts for source in sources)))
    return tuple(days) if any(any(day.counts) for day in days) else ()
