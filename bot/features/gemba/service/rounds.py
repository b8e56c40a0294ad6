"""The rules of rounds: who organises them, how one begins, opens for all, closes and ends."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from bot.core.context import Context, UserError
from bot.core.language import _, day, fill
from bot.core.recurrence import instant
from bot.features.gemba.actions import Begin
from bot.features.gemba.service import hours, kinds
from bot.features.gemba.words import codes
from bot.rules.calendars import zone_of
from bot.rules.swaps import FORMATS, Format
from storage.cards import cards
from storage.channels import Channel, Purpose, channels
from storage.due import Due, move_due, set_due
from storage.gemba import (
    GembaPlan,
    GembaRound,
    GembaSignUp,
    Stage,
    Wish,
    count_rounds,
    current_round,
    find_gemba_plan,
    find_round,
    find_sign_up,
    note_change,
    rounds,
    sign_ups,
    to_invite,
)
from storage.people import Member, Side, admins, heads, members
from storage.tables import keep
from storage.workspaces import lock_workspace

_DAY = timedelta(days=1)
LONGEST = 56 * _DAY  # from the first visit to the last
AT_ONCE = 10  # people invited by one unit of work
SOON = timedelta(seconds=1)
SIDES = (Side.SALES, Side.MARKETING)


def plan_of(ctx: Context) -> GembaPlan:
    """How rounds are to be; what is usual, until an organiser says so."""
    usual = GembaPlan(workspace_id=ctx.workspace.id, formats=",".join(FORMATS[:4]))
    return find_gemba_plan(ctx.session, ctx.workspace.id) or usual


def organises(ctx: Context, member: Member) -> bool:
    return member.administers or member.id == plan_of(ctx).organiser_id


def check_organiser(ctx: Context) -> None:
    if not organises(ctx, ctx.member):
        raise UserError(_("Only the organiser or an admin of Parley can do this. /gemba says who that is."))


def organisers(ctx: Context, gemba: GembaRound | None = None) -> list[Member]:
    """Who is told how a round goes."""
    for member_id in (plan_of(ctx).organiser_id, gemba.begun_by if gemba else None):
        if member_id and (found := ctx.colleague(member_id)).belongs:
            return [found]
    return list(admins(ctx.session, ctx.workspace.id))


def today(ctx: Context) -> date:
    return ctx.now.astimezone(zone_of(ctx.workspace.timezone)).date()


def proposed(ctx: Context) -> Begin:
    """The dates of a round that begins now."""
    plan, first = plan_of(ctx), today(ctx)
    closes_on = first + plan.sign_up_days * _DAY
    first_on = closes_on + (7 - closes_on.weekday()) * _DAY  # the Monday after
    if first_on - closes_on < 5 * _DAY:  # both have to answer before
        first_on += 7 * _DAY
    last_on = first_on + (7 * plan.visit_weeks - 3) * _DAY
    return Begin(closes_on=closes_on, first_on=first_on, last_on=last_on, formats=_formats(plan.formats))


def begin(ctx: Context, asked: Begin) -> GembaRound:
    """Let a round begin: the heads are asked first."""
    lock_workspace(ctx.session, ctx.workspace.id)
    if gemba := current_round(ctx.session, ctx.workspace.id):
        sentence = _("Round {n} still runs, until {day}.")
        raise UserError(fill(sentence, n=gemba.number, day=day(gemba.last_on)))
    _check_dates(ctx, asked)
    gemba = GembaRound(
        workspace_id=ctx.workspace.id,
        number=count_rounds(ctx.session, ctx.workspace.id) + 1,
        formats=",".join(asked.formats),
        no_repeat=plan_of(ctx).no_repeat,
        begun_by=ctx.actor.id if ctx.actor else None,
        begun_at=ctx.now,
        closes_at=_noon(ctx, asked.closes_on),
        first_on=asked.first_on,
        last_on=asked.last_on,
    )
    keep(ctx.session, gemba)
    _plan_dates(ctx, gemba)
    for head in _heads(ctx):
        invite(ctx, gemba, head)
    for organiser in organisers(ctx, gemba):
        ctx.post(organiser, subject=(kinds.ORGANISER, gemba.id))
    set_due(ctx.session, _due(gemba, kinds.HEADS, hours.when_at_work(ctx, None, ctx.now + 2 * _DAY)))
    open_if_heads_answered(ctx, gemba)
    return gemba


def invite(ctx: Context, gemba: GembaRound, member: Member) -> None:
    """Ask one person, in private."""
    sign_up = GembaSignUp(workspace_id=ctx.workspace.id, round_id=gemba.id, member_id=member.id)
    keep(ctx.session, sign_up)
    ask(ctx, sign_up)


def ask(ctx: Context, sign_up: GembaSignUp) -> None:
    """Rounds begin when the workspace works; whoever is asleep then is asked when they work."""
    if hours.is_at_work(ctx, sign_up.member_id, kinds.ASK_TO_SIGN_UP, sign_up.id):
        ctx.post(ctx.colleague(sign_up.member_id), subject=(kinds.SIGN_UP, sign_up.id))


def ask_at_work(ctx: Context, due: Due) -> None:
    """They work again; nobody is asked who has answered meanwhile, or when the round is over."""
    sign_up = find_sign_up(ctx.session, ctx.workspace.id, due.subject_id)
    if sign_up and sign_up.wish == Wish.ASKED and known(ctx, sign_up.round_id).stage != Stage.ENDED:
        ctx.post(ctx.colleague(sign_up.member_id), subject=(kinds.SIGN_UP, sign_up.id))


def heads_missing(ctx: Context, gemba: GembaRound) -> list[Member]:
    """Heads who have neither signed up nor given a reason."""
    asked = members(ctx.session, ctx.workspace.id, [s.member_id for s in _asked(ctx, gemba)])
    return [member for member in asked.values() if member.is_head and member.belongs and member.side in SIDES]


def open_if_heads_answered(ctx: Context, gemba: GembaRound) -> None:
    if gemba.stage == Stage.HEADS and not heads_missing(ctx, gemba):
        open_for_all(ctx, gemba)
    else:
        show(ctx, gemba)


def open_for_all(ctx: Context, gemba: GembaRound) -> None:
    if gemba.stage != Stage.HEADS:
        return
    gemba.stage = Stage.OPEN
    for channel in public_channels(ctx):
        ctx.post(channel, subject=(kinds.ROUND, gemba.id))
    set_due(ctx.session, _due(gemba, kinds.INVITE, ctx.now))
    show(ctx, gemba)


def public_channels(ctx: Context) -> list[Channel]:
    """One of each side, else one where both talk; never where another organisation reads along."""
    found = [each for each in channels(ctx.session, ctx.workspace.id) if each.is_open and not each.is_shared]
    of_sides = [[c for c in found if c.purpose == purpose][:1] for purpose in (Purpose.SALES, Purpose.MARKETING)]
    if all(of_sides):
        return [channel for [channel] in of_sides]
    where_both_talk = [c for c in found if c.purpose == Purpose.SHARED][:1]
    return where_both_talk or [channel for channels_of_side in of_sides for channel in channels_of_side]


def show_where_missing(ctx: Context) -> None:
    """A channel was opened for Parley: the round's card stands there too, if it is to."""
    gemba = current_round(ctx.session, ctx.workspace.id)
    if gemba is None or gemba.stage == Stage.HEADS:
        return
    shown = {card.channel_id for card in cards(ctx.session, ctx.workspace.id, kinds.ROUND, gemba.id)}
    for channel in public_channels(ctx):
        if channel.id not in shown:
            ctx.post(channel, subject=(kinds.ROUND, gemba.id))


def invite_some(ctx: Context, due: Due) -> None:
    """Ask those who took part in the last round or were asked, unless they snooze, or were silent twice."""
    gemba = known(ctx, due.subject_id)
    before = [each for each in rounds(ctx.session, ctx.workspace.id) if each.number == gemba.number - 1]
    if gemba.stage not in (Stage.OPEN, Stage.RUNNING) or not before:
        return
    found = to_invite(ctx.session, ctx.workspace.id, before[0].id, gemba.id, today(ctx), AT_ONCE)
    for member in found:
        invite(ctx, gemba, member)
    if len(found) == AT_ONCE:
        due.at = ctx.now + SOON


def remind_heads(ctx: Context, due: Due) -> None:
    gemba = known(ctx, due.subject_id)
    if gemba.stage != Stage.HEADS:
        return
    missing = {head.id for head in heads_missing(ctx, gemba)}
    for sign_up in _asked(ctx, gemba):
        if sign_up.member_id in missing:
            ask(ctx, sign_up)
    for organiser in organisers(ctx, gemba):
        ctx.post(organiser, subject=(kinds.ORGANISER, gemba.id))


def close(ctx: Context, due: Due) -> None:
    """The sign-up ends. While heads have not answered, all dates move by a week instead."""
    gemba = known(ctx, due.subject_id)
    if gemba.stage == Stage.HEADS:
        week = 7 * _DAY
        gemba.first_on, gemba.last_on = gemba.first_on + week, gemba.last_on + week
        gemba.closes_at = _noon(ctx, today(ctx) + week)
        note_change(ctx.session, ctx.workspace.id, gemba.id)
        _plan_dates(ctx, gemba)
        due.at = gemba.closes_at
        again = hours.when_at_work(ctx, None, ctx.now + _DAY)
        set_due(ctx.session, _due(gemba, kinds.HEADS, again, step=gemba.last_on.toordinal()))
        show(ctx, gemba)
    elif gemba.stage == Stage.OPEN:
        run(ctx, gemba)


def run(ctx: Context, gemba: GembaRound) -> None:
    """From now on people are matched: whoever signed up, and later whoever comes or is free again."""
    if gemba.stage == Stage.HEADS:
        raise UserError(_("The heads have not all answered yet. Open the round for all first."))
    gemba.stage = Stage.RUNNING
    match_anew(ctx, gemba, ctx.now)


def match_anew(ctx: Context, gemba: GembaRound, at: datetime) -> None:
    """Look for pairs then; what was proposed and not yet asked is void."""
    note_change(ctx.session, ctx.workspace.id, gemba.id)
    if gemba.stage == Stage.RUNNING and today(ctx) < gemba.last_on:
        move_due(ctx.session, _due(gemba, kinds.MATCH, at))
    show(ctx, gemba)


def show(ctx: Context, gemba: GembaRound) -> None:
    ctx.refresh(kinds.ROUND, gemba.id)
    ctx.refresh(kinds.ORGANISER, gemba.id)


def known(ctx: Context, round_id: int) -> GembaRound:
    gemba = find_round(ctx.session, ctx.workspace.id, round_id)
    if gemba is None:
        raise UserError(_("This round no longer exists."))
    return gemba


def live(ctx: Context, round_id: int) -> GembaRound:
    gemba = known(ctx, round_id)
    if gemba.stage == Stage.ENDED:
        raise UserError(_("This round is over. /gemba says when the next one begins."))
    return gemba


def _asked(ctx: Context, gemba: GembaRound) -> Sequence[GembaSignUp]:
    return sign_ups(ctx.session, ctx.workspace.id, gemba.id, Wish.ASKED)


def _heads(ctx: Context) -> list[Member]:
    return [head for side in SIDES for head in heads(ctx.session, ctx.workspace.id, side)]


def _check_dates(ctx: Context, asked: Begin) -> None:
    if asked.closes_on <= today(ctx):
        raise UserError(_("Please leave people at least until tomorrow."), "closes_on")
    if asked.first_on <= asked.closes_on:
        raise UserError(_("Visits begin after the sign-up: both have to say yes before."), "first_on")
    if asked.last_on < asked.first_on:
        raise UserError(_("Please choose a day after the first."), "last_on")
    if asked.last_on - asked.first_on > LONGEST:
        raise UserError(_("Please choose at most eight weeks for the visits."), "last_on")


def _plan_dates(ctx: Context, gemba: GembaRound) -> None:
    set_due(ctx.session, _due(gemba, kinds.CLOSE, gemba.closes_at))
    move_due(ctx.session, _due(gemba, kinds.END, _noon(ctx, gemba.last_on + 4 * _DAY)))


def _due(gemba: GembaRound, kind: str, at: datetime, step: int = 1) -> Due:
    return Due(workspace_id=gemba.workspace_id, kind=kind, subject_id=gemba.id, step=step, at=at)


def _noon(ctx: Context, on: date) -> datetime:
    return instant(on, time(12), zone_of(ctx.workspace.timezone))


def _formats(text: str) -> tuple[Format, ...]:
    return tuple(found for found in FORMATS if found in codes(text))
