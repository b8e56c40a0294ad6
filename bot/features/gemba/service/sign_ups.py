"""The rules of sign-ups: who may take part, what they want and offer, and whether they want to be asked at all."""

from datetime import date, time, timedelta

from bot.core.context import Context, UserError
from bot.core.language import _, fill
from bot.core.recurrence import instant
from bot.features.gemba.actions import SignUp
from bot.features.gemba.half_days import HalfDay, half_days
from bot.features.gemba.service import hours, kinds, rounds
from bot.features.gemba.words import codes
from bot.rules.calendars import zone_of
from storage.calendars import timetable
from storage.due import Due, cancel_due, set_due
from storage.gemba import (
    GembaRound,
    GembaSignUp,
    Stage,
    Wish,
    avoid,
    avoid_no_more,
    current_round,
    last_sign_up,
    sign_up_of,
    standing,
)
from storage.people import Member
from storage.tables import keep, lock

REMATCH_AFTER = timedelta(hours=1)  # several may come or be free again at once
LONGEST_SNOOZE = timedelta(days=366)


def check_side(member: Member) -> None:
    if member.side not in rounds.SIDES:
        raise UserError(_("Job swaps are between sales and marketing. Are you one of them? Tell me with /parley me"))


def joinable(ctx: Context) -> GembaRound:
    """The round that the member may sign up for now."""
    check_side(ctx.member)
    gemba = current_round(ctx.session, ctx.workspace.id)
    if gemba is None:
        raise UserError(_("No round is open now. /gemba says when the next one begins."))
    if gemba.stage == Stage.HEADS and not ctx.member.is_head:
        raise UserError(_("Heads go first: the round opens for all once each of them has answered."))
    return gemba


def offered(ctx: Context, gemba: GembaRound) -> list[HalfDay]:
    """The half-days of the round on which the member works."""
    mine = timetable(ctx.session, ctx.workspace.id, ctx.member.id)
    return [each for each in half_days(mine, gemba.first_on, gemba.last_on) if each.begins > ctx.now]


def previous(ctx: Context, gemba: GembaRound) -> GembaSignUp | None:
    """What a form begins with: what was said to this round, else to the last one."""
    mine = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, ctx.member.id)
    if mine and mine.free:
        return mine
    return last_sign_up(ctx.session, ctx.workspace.id, ctx.member.id)


def sign_up(ctx: Context, asked: SignUp) -> GembaSignUp:
    """Take part, or change what one said."""
    gemba = joinable(ctx)
    if gemba.id != asked.round:
        raise UserError(_("Another round has begun since. Please open the form again: /gemba"))
    _check(ctx, gemba, asked)
    if asked.avoid:
        _avoid(ctx, asked.avoid)
    mine = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, ctx.member.id)
    if mine is None:
        mine = GembaSignUp(workspace_id=ctx.workspace.id, round_id=gemba.id, member_id=ctx.member.id)
        keep(ctx.session, mine)
    for name in ("wished_roles", "wished_themes", "offered_themes", "formats", "free", "languages"):
        setattr(mine, name, ",".join(getattr(asked, name)))
    for name in ("curious", "job", "place", "off_limits"):
        setattr(mine, name, ctx.readable(getattr(asked, name)))
    if asked.where == "remote":
        mine.place = ""
    mine.role, mine.level, mine.capacity = asked.role, int(asked.level), asked.capacity
    mine.is_remote, mine.wish, mine.excuse, mine.answered_at = asked.where != "here", Wish.SIGNED_UP, "", ctx.now
    ask_again(ctx)
    ctx.heed(kinds.SIGN_UP, mine.id)
    changed(ctx, gemba, mine)
    return mine


def withdraw(ctx: Context, gemba: GembaRound, mine: GembaSignUp) -> None:
    """Take no part in this round after all; what was agreed must have been cancelled before."""
    mine.wish, mine.answered_at, mine.left_out_at, mine.offer = Wish.WITHDRAWN, ctx.now, None, None
    changed(ctx, gemba, mine)


def excuse(ctx: Context, round_id: int, why: str) -> GembaSignUp:
    """A head cannot take part, and says why: the others need not wait."""
    gemba = rounds.live(ctx, round_id)
    mine = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, ctx.member.id)
    if mine is None or not ctx.member.is_head:
        raise UserError(_("Only heads are waited for. You need not do anything."))
    if mine.wish != Wish.ASKED:
        raise UserError(_("You have answered already. /gemba shows what."))
    mine.wish, mine.excuse, mine.answered_at = Wish.EXCUSED, ctx.readable(why), ctx.now
    ctx.heed(kinds.SIGN_UP, mine.id)
    changed(ctx, gemba, mine)
    return mine


def changed(ctx: Context, gemba: GembaRound, sign_up: GembaSignUp) -> None:
    """Somebody came, went or said something else: the next matching takes it into account."""
    ctx.session.flush()
    ctx.refresh(kinds.SIGN_UP, sign_up.id)
    ctx.refresh(kinds.LEFT_OUT, sign_up.id)
    rounds.match_anew(ctx, gemba, ctx.now + REMATCH_AFTER)
    rounds.open_if_heads_answered(ctx, gemba)


def snooze(ctx: Context, until: date) -> None:
    """Do not ask the member before then."""
    today = ctx.now.astimezone(zone_of(ctx.member.timezone)).date()
    if until <= today:
        raise UserError(_("Please choose a day in the future."), "until")
    if until > today + LONGEST_SNOOZE:
        raise UserError(_("Please choose a day within a year."), "until")
    mine = standing(ctx.session, ctx.workspace.id, ctx.member.id)
    mine.snoozed_until = until
    cancel_due(ctx.session, ctx.workspace.id, kinds.WAKE, ctx.member.id)
    at = instant(until, time(9), zone_of(ctx.member.timezone))
    set_due(
        ctx.session,
        Due(
            workspace_id=ctx.workspace.id,
            kind=kinds.WAKE,
            subject_id=ctx.member.id,
            step=int(at.timestamp()) // 60,
            at=at,
        ),
    )
    gemba = current_round(ctx.session, ctx.workspace.id)
    if gemba and (asked := sign_up_of(ctx.session, ctx.workspace.id, gemba.id, ctx.member.id)):
        ctx.heed(kinds.SIGN_UP, asked.id)
        ctx.refresh(kinds.SIGN_UP, asked.id)


def wake(ctx: Context, due: Due) -> None:
    """A snooze is over: whoever missed the beginning of a round is asked now."""
    member = ctx.colleague(due.subject_id)
    state = standing(ctx.session, ctx.workspace.id, member.id)
    if not member.belongs or state.snoozed_until is None:
        return
    if (at := hours.when_at_work(ctx, member.id, ctx.now)) > ctx.now:
        due.at = at
        return
    state.snoozed_until = None
    gemba = current_round(ctx.session, ctx.workspace.id)
    if gemba is None or gemba.stage == Stage.HEADS:
        return
    asked = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, member.id)
    if asked is None:
        rounds.invite(ctx, gemba, member)
    elif asked.wish == Wish.ASKED:
        ctx.post(member, subject=(kinds.SIGN_UP, asked.id))


def ask_again(ctx: Context) -> None:
    """No snooze and no pause any more."""
    mine = standing(ctx.session, ctx.workspace.id, ctx.member.id)
    mine.snoozed_until, mine.paused_at, mine.silent_rounds = None, None, 0


def stop_avoiding(ctx: Context, member_id: int) -> None:
    avoid_no_more(ctx.session, ctx.workspace.id, ctx.member.id, member_id)
    _note_avoidance(ctx)


def own(ctx: Context, sign_up_id: int) -> GembaSignUp:
    """The member's own sign-up; nobody changes it meanwhile."""
    found = lock(ctx.session, GembaSignUp, ctx.workspace.id, sign_up_id)
    if found is None or found.member_id != ctx.member.id:
        raise UserError(_("This is somebody else's."))
    return found


def _avoid(ctx: Context, external_id: str) -> None:
    avoided = ctx.person(external_id)
    if avoided.id == ctx.member.id:
        raise UserError(_("You are never matched with yourself."), "avoid")
    avoid(ctx.session, ctx.workspace.id, ctx.member.id, avoided.id)


def _note_avoidance(ctx: Context) -> None:
    gemba = current_round(ctx.session, ctx.workspace.id)
    mine = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, ctx.member.id) if gemba else None
    if gemba and mine:
        ctx.refresh(kinds.SIGN_UP, mine.id)
        rounds.match_anew(ctx, gemba, ctx.now + REMATCH_AFTER)


def _check(ctx: Context, gemba: GembaRound, asked: SignUp) -> None:
    if unknown := set(asked.formats) - set(codes(gemba.formats)):
        raise UserError(fill(_("This round has no {format}."), format=min(unknown)), "formats")
    if not set(asked.free) <= {each.label for each in offered(ctx, gemba)}:
        sentence = _("One of these half-days is past, or you do not work then. Please open the form again.")
        raise UserError(sentence, "free")
    if asked.where != "remote" and not asked.place:
        raise UserError(_("Where can you be visited? A town or an office will do."), "place")
