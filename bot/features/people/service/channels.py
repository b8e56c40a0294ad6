"""What each channel is for, where Parley may speak, and what the platform tells of channels."""

from sqlalchemy.exc import NoResultFound

from bot.core.context import Context, Unacquainted, UserError
from bot.core.events import ChannelChanged, ChannelOpened
from bot.core.language import _, languages
from bot.features.people.actions import NONE, USUAL, ChangeChannel
from bot.features.people.service.admins import check_admin, claim_admin
from storage.channels import Channel, Purpose, channel, find_channel

CARD = "channel"  # the subject of the introduction
PURPOSES = (Purpose.LEADS, Purpose.SALES, Purpose.MARKETING, Purpose.SHARED)


def arrive(ctx: Context) -> None:
    """Introduce Parley, once for each time it is invited."""
    invited = ctx.channel
    if invited.left_at:  # it may have another name now, and be shared: ask the platform anew
        raise Unacquainted(channel=invited.external_id)
    if invited.introduced_at is None:
        _introduce(ctx, invited)
        ctx.listens_anew = True
        _open(ctx, invited)


def channel_here(ctx: Context, channel_id: int) -> Channel:
    """The channel of this id, for an admin's form; refused where Parley is no longer in it."""
    try:
        found = channel(ctx.session, ctx.workspace.id, channel_id)
    except NoResultFound:
        found = None
    if found is None or found.left_at:
        raise UserError(_("I am not in this channel any more. Invite me again: /invite @Parley"))
    return found


def this_channel(ctx: Context) -> Channel | None:
    """The channel a command was typed in, if Parley knows to be in it."""
    found = find_channel(ctx.session, ctx.workspace.id, ctx.place) if ctx.place else None
    return found if found and found.left_at is None else None


def choose_purpose(ctx: Context, channel_id: int, purpose: Purpose) -> bool:
    """Say what a channel is for; True if this made the member the first admin."""
    is_first = claim_admin(ctx)
    _set_purpose(ctx, channel_here(ctx, channel_id), purpose)
    return is_first


def allow(ctx: Context, channel_id: int, is_allowed: bool) -> tuple[Channel, bool]:
    """Let Parley speak in a shared channel, or no longer; with True if this made the member the first admin."""
    is_first = claim_admin(ctx)
    shared = channel_here(ctx, channel_id)
    _set_allowed(ctx, shared, is_allowed)
    return shared, is_first


def change_channel(ctx: Context, change: ChangeChannel) -> Channel:
    check_admin(ctx)
    changed = channel_here(ctx, change.channel)
    if change.language != USUAL and change.language not in languages():
        raise UserError(_("Please choose one of the languages offered."), "language")
    changed.language = None if change.language == USUAL else change.language
    if change.speaks:
        _set_allowed(ctx, changed, change.speaks == "yes")
    _set_purpose(ctx, changed, None if change.purpose == NONE else Purpose(change.purpose))
    return changed


def leave(ctx: Context, external_id: str) -> None:
    """Parley was removed, or the channel is gone: nothing is posted or heard there, and a return begins anew."""
    left = find_channel(ctx.session, ctx.workspace.id, external_id)
    if left and left.left_at is None:
        left.left_at, left.introduced_at, left.is_allowed = ctx.now, None, False
        ctx.listens_anew = True


def note_change(ctx: Context, change: ChannelChanged) -> Channel | None:
    """Follow a new name and a new sharing; return the channel if Parley has fallen silent in it."""
    changed = find_channel(ctx.session, ctx.workspace.id, change.channel)
    if changed is None:
        return None
    if change.name is not None:
        changed.name = change.name
    if change.is_shared is None:
        return None
    was_open = changed.is_open
    changed.is_shared, changed.is_allowed = change.is_shared, False
    if changed.is_open != was_open:
        ctx.listens_anew = True
        ctx.refresh(CARD, changed.id)
        _open(ctx, changed)
    return changed if was_open and not changed.is_open else None


def _set_purpose(ctx: Context, changed: Channel, purpose: Purpose | None) -> None:
    if changed.purpose == purpose:
        return
    changed.purpose = purpose
    ctx.listens_anew = True
    _redraw(ctx, changed)
    _open(ctx, changed)


def _set_allowed(ctx: Context, changed: Channel, is_allowed: bool) -> None:
    if changed.is_allowed != is_allowed:
        changed.is_allowed = is_allowed
        ctx.listens_anew = True
        _redraw(ctx, changed)
        _open(ctx, changed)


def _open(ctx: Context, changed: Channel) -> None:
    """What waited for this channel can be shown now."""
    if changed.is_open and changed.purpose:
        ctx.session.flush()
        ctx.emit(ChannelOpened(changed.id, changed.purpose))


def _redraw(ctx: Context, changed: Channel) -> None:
    if changed.introduced_at:
        ctx.refresh(CARD, changed.id)
    else:  # Parley came while it was not running
        _introduce(ctx, changed)


def _introduce(ctx: Context, to: Channel) -> None:
    to.introduced_at = ctx.now
    ctx.post(to, subject=(CARD, to.id), introduction=True)
