"""Which side somebody is on and how they work: said by themselves, by an admin, or seen from the channels they join."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.core.acquaintance import keep_person
from bot.core.context import Context, UserError
from bot.core.directory import Person
from bot.core.events import ChannelJoined, ChannelQuit, HoursChanged
from bot.core.language import _, fill, languages
from bot.core.limits import clip
from bot.features.people.actions import USUAL, ChangeMe, ChangePerson
from bot.features.people.service.admins import check_admin, set_admin
from storage.calendars import Absence, absence, set_absence
from storage.channels import Channel, Purpose, find_channel, note_joined, note_quit, sides_joined
from storage.people import Member, Side, find_member

CARD = "side"  # the subject of the question


def today(member: Member, now: datetime) -> date:
    """The date where the member is."""
    try:
        return now.astimezone(ZoneInfo(member.timezone)).date()
    except (KeyError, ValueError, OSError):  # no such zone: what the platform tells is not ours to trust
        return now.date()


def ask_side(ctx: Context, member: Member) -> None:
    """Ask once, in private, which side a member works on; never those who have said."""
    if member.side is None and member.side_asked_at is None:
        member.side_asked_at = ctx.now
        ctx.post(member, subject=(CARD, member.id))


def set_side(ctx: Context, member: Member, side: Side | None) -> None:
    """Somebody said which side the member works on: channels do not change it any more."""
    member.side = side
    _show(ctx, member)
    member.side_asked_at = member.side_asked_at or ctx.now


def note_join(ctx: Context, joined: ChannelJoined) -> None:
    """Remember who is in the channel of a side; people from outside are left out."""
    if (channel := _of_a_side(ctx, joined.channel)) and joined.person != ctx.workspace.bot_external_id:
        member = ctx.person(joined.person)
        note_joined(ctx.session, ctx.workspace.id, channel.id, member.id)
        _follow_channels(ctx, member)


def note_leaving(ctx: Context, gone: ChannelQuit) -> None:
    channel = _of_a_side(ctx, gone.channel)
    member = find_member(ctx.session, ctx.workspace.id, gone.person)
    if channel and member:
        note_quit(ctx.session, ctx.workspace.id, channel.id, member.id)
        _follow_channels(ctx, member)


def note_person(ctx: Context, person: Person) -> None:
    """Follow a changed profile of somebody Parley has met."""
    if find_member(ctx.session, ctx.workspace.id, person.external_id):
        keep_person(ctx.session, ctx.workspace.platform, ctx.workspace.external_id, person, ctx.now)


def change_me(ctx: Context, change: ChangeMe) -> Member:
    """What a member says of themselves."""
    me = ctx.member
    if change.work_ends <= change.work_starts:
        raise UserError(_("Your day ends before it starts. Please choose a later time."), "work_ends")
    _check_days_off(change, today(me, ctx.now))
    if change.language != USUAL and change.language not in languages():
        raise UserError(_("Please choose one of the languages offered."), "language")
    me.stand_in_id = stand_in_for(ctx, me, change.stand_in)
    now = today(me, ctx.now)
    set_absence(ctx.session, ctx.workspace.id, me.id, change.away_from or now, change.away_until, now)
    me.role = change.role or None
    me.language = None if change.language == USUAL else change.language
    me.work_days = ",".join(change.work_days)
    me.work_starts, me.work_ends = f"{change.work_starts:%H:%M}", f"{change.work_ends:%H:%M}"
    set_side(ctx, me, change.side)
    ctx.emit(HoursChanged(me.id))
    return me


def away(ctx: Context) -> Absence | None:
    """The member's days off, if they last or are to come."""
    return absence(ctx.session, ctx.workspace.id, ctx.member.id, today(ctx.member, ctx.now))


def _check_days_off(change: ChangeMe, today: date) -> None:
    if change.away_until is None:
        if change.away_from and change.away_from > today:
            raise UserError(_("Until when? Please choose your last day off."), "away_until")
        return
    if change.away_until < today:
        raise UserError(_("This day has passed. Please choose today or a later day."), "away_until")
    if change.away_from and change.away_until < change.away_from:
        raise UserError(_("Your last day off comes before your first."), "away_until")


def change_person(ctx: Context, change: ChangePerson) -> Member:
    """What an admin says of somebody."""
    check_admin(ctx)
    member = ctx.person(change.person)
    member.manager_id = manager_of(ctx, member, change.manager)
    member.stand_in_id = stand_in_for(ctx, member, change.stand_in)
    set_admin(ctx, member, "admin" in change.duties, "duties")
    member.role, member.is_head = change.role or None, "head" in change.duties
    if change.side != member.side:
        set_side(ctx, member, change.side)
    return member


def stand_in_for(ctx: Context, member: Member, chosen: str | None) -> int | None:
    """The id of a stand-in who does not, in the end, lead back to the member."""
    if chosen is None:
        return None
    other = ctx.person(chosen)
    check_stand_in(member, other.id, other.name, lambda id: ctx.colleague(id).stand_in_id)
    return other.id


def manager_of(ctx: Context, member: Member, chosen: str | None) -> int | None:
    """The id of a manager who does not, in the end, report to the member."""
    if chosen is None:
        return None
    other = ctx.person(chosen)
    check_manager(member, other.id, other.name, lambda id: ctx.colleague(id).manager_id)
    return other.id


Link = Callable[[int], int | None]


def check_stand_in(member: Member, other_id: int, other: str, stand_in_of: Link) -> None:
    if other_id == member.id:
        raise UserError(_("Nobody can stand in for themselves. Please choose a colleague."), "stand_in")
    if _leads_back(other_id, member.id, stand_in_of):
        text = _("{name} already leads back to the same person. Please choose somebody else.")
        raise UserError(fill(text, name=clip(other, 40)), "stand_in")


def check_manager(member: Member, other_id: int, other: str, manager_of: Link) -> None:
    if other_id == member.id:
        raise UserError(_("Nobody can be their own manager. Please choose somebody else."), "manager")
    if _leads_back(other_id, member.id, manager_of):
        text = _("{name} reports, in the end, to the same person. Please choose somebody else.")
        raise UserError(fill(text, name=clip(other, 40)), "manager")


def _leads_back(start: int, to: int, link: Link) -> bool:
    seen, at = {start}, link(start)
    while at is not None and at not in seen:
        if at == to:
            return True
        seen.add(at)
        at = link(at)
    return False


def _of_a_side(ctx: Context, external_id: str) -> Channel | None:
    found = find_channel(ctx.session, ctx.workspace.id, external_id)
    return found if found and found.is_open and found.purpose in (Purpose.SALES, Purpose.MARKETING) else None


def _follow_channels(ctx: Context, member: Member) -> None:
    """The side follows from one side's channels; in both, the member is asked. What somebody said stands."""
    joined = sides_joined(ctx.session, ctx.workspace.id, member.id)
    is_said = member.side_asked_at is not None and member.side is not None
    if is_said:
        return
    if len(joined) == 1:
        member.side = Side(joined.pop().value)
    elif member.side_asked_at is None:
        member.side = None
        if joined:
            ask_side(ctx, member)
    _show(ctx, member)


def _show(ctx: Context, member: Member) -> None:
    if member.side_asked_at:
        ctx.refresh(CARD, member.id)
    ctx.refresh_home(member)
