"""The rules of patterns: which hold in a channel, who may change them, and what becomes of a message."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core.context import Context, UserError
from bot.core.events import LeadHeard, LeadMessageDeleted
from bot.core.feature import Heard
from bot.core.language import _, fill
from bot.features.patterns.actions import Try
from bot.rules.lead_patterns import DEFAULTS, LONGEST_TEXT, check_pattern, first_lead, recognise
from bot.rules.lead_states import LeadState
from storage.channels import Channel, Purpose, channel, channel_for, find_channel
from storage.leads import find_by_origin
from storage.patterns import (
    HeardText,
    Pattern,
    find_or_add_pattern,
    find_pattern,
    forget_heard,
    last_heard,
    note_heard,
    pattern_named,
    patterns_of,
    remove_pattern,
)

MOST = 5  # patterns of a channel's own
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class InForce:
    """A pattern as it holds in a channel: its own, or one that Parley ships."""

    name: str
    text: str
    own: Pattern | None
    is_on: bool = True


_SHIPPED = [InForce(name, text, None) for name, text in DEFAULTS.items()]


@dataclass(frozen=True)
class Trial:
    """A message heard lately, and the fields of the lead that a pattern would make of it."""

    text: str
    fields: dict[str, str] | None


def in_force(ctx: Context, where: Channel) -> list[InForce]:
    """The channel's own patterns first, then those shipped that it does not replace."""
    own = {pattern.name: pattern for pattern in patterns_of(ctx.session, ctx.workspace.id, where.id)}
    mine = [InForce(p.name, p.text, p, not p.is_off) for p in own.values() if p.text]
    shipped = [each if each.name not in own else _as_set(each, own[each.name]) for each in _SHIPPED]
    return mine + [each for each in shipped if each.own is None or not each.own.text]


def _as_set(shipped: InForce, own: Pattern) -> InForce:
    return replace(shipped, own=own, is_on=not own.is_off)


def hear(ctx: Context, heard: Heard) -> None:
    """Let a message become a lead where a pattern of its channel says so; edited, it changes that lead."""
    where = ctx.channel
    origin = f"message:{heard.channel}:{heard.ts}"
    if heard.change == "deleted":
        forget_heard(ctx.session, ctx.workspace.id, where.id, heard.ts)
        ctx.emit(LeadMessageDeleted(origin))
        return
    if heard.thread_ts or not heard.text.strip():
        return  # what is said in a thread is about something that stands above it
    text = heard.text[:LONGEST_TEXT]
    lead = find_by_origin(ctx.session, ctx.workspace.id, origin)
    if lead and lead.state == LeadState.WIPED:
        return  # the message still says what was erased
    row = HeardText(
        workspace_id=where.workspace_id,
        channel_id=where.id,
        ts=heard.ts,
        text=text,
        author_id=ctx.actor.id if ctx.actor else None,
        heard_at=ctx.now,
    )
    note_heard(ctx.session, ctx.workspace.id, row)
    found = first_lead([pattern.text for pattern in in_force(ctx, where) if pattern.is_on], text)
    if found:
        ctx.emit(LeadHeard(origin, found[1], where.id, is_new=lead is None))


def leads_channel(ctx: Context) -> Channel:
    """The channel whose patterns are meant: this one, else the first for leads."""
    check_admin(ctx)
    here = find_channel(ctx.session, ctx.workspace.id, ctx.place) if ctx.place else None
    found = here if here and here.purpose == Purpose.LEADS else None
    found = found or channel_for(ctx.session, ctx.workspace.id, Purpose.LEADS)
    if found is None:
        raise UserError(_("There is no leads channel yet. Choose one: /parley setup"))
    return found


def check_admin(ctx: Context) -> None:
    if not ctx.member.administers:
        raise UserError(_("Only an admin of Parley can do this."))


def asked_about(ctx: Context, channel_id: int, name: str | None) -> tuple[Channel, InForce | None]:
    check_admin(ctx)
    where = channel(ctx.session, ctx.workspace.id, channel_id)
    return where, next((each for each in in_force(ctx, where) if each.name == name), None)


def draft(ctx: Context, asked: Try) -> tuple[Pattern, list[Trial]]:
    """Remember a pattern that is not in force yet, and try it on what was heard last."""
    check_admin(ctx)
    check_pattern(asked.text, "text")
    where = channel(ctx.session, ctx.workspace.id, asked.channel)
    name = " ".join(asked.called.split()).casefold()[:40]
    own = patterns_of(ctx.session, ctx.workspace.id, where.id)
    for other in own:
        if not (other.text or other.is_off or other.name == name) and ctx.now - other.changed_at > FORGOTTEN_AFTER:
            remove_pattern(ctx.session, ctx.workspace.id, other.id)  # tried once, and never used
    _check_room(ctx, where.id, name)
    known = _own(ctx, where, name)
    known.draft, known.version = asked.text, known.version + 1
    known.changed_by, known.changed_at = ctx.member.id, ctx.now
    heard = last_heard(ctx.session, ctx.workspace.id, where.id)
    return known, [Trial(each.text, recognise(asked.text, each.text)) for each in heard]


def use(ctx: Context, pattern_id: int, version: int) -> Pattern:
    check_admin(ctx)
    found = _existing(ctx, pattern_id)
    if found.version != version:
        raise UserError(_("It was changed since. Please look at it again: /parley patterns"))
    _check_room(ctx, found.channel_id, found.name)
    if found.draft is not None:
        found.text, found.draft, found.is_off = found.draft, None, False
        found.changed_by, found.changed_at = ctx.member.id, ctx.now
    return found


def switch(ctx: Context, channel_id: int, name: str, is_on: bool) -> Channel:
    """Let a pattern hold no longer, or again."""
    where, known = asked_about(ctx, channel_id, name)
    if known is None:
        raise UserError(_("This pattern no longer exists."))
    own = known.own or _own(ctx, where, name)
    own.is_off, own.changed_by, own.changed_at = not is_on, ctx.member.id, ctx.now
    return where


def remove(ctx: Context, pattern_id: int) -> Channel:
    check_admin(ctx)
    found = _existing(ctx, pattern_id)
    where = channel(ctx.session, ctx.workspace.id, found.channel_id)
    remove_pattern(ctx.session, ctx.workspace.id, found.id)
    return where


def _check_room(ctx: Context, channel_id: int, name: str) -> None:
    used = {pattern.name for pattern in patterns_of(ctx.session, ctx.workspace.id, channel_id) if pattern.text}
    if len(used) >= MOST and name not in used:
        sentence = _("A channel has at most {n} patterns of its own. Remove one first.")
        raise UserError(fill(sentence, n=MOST), "called")


def _own(ctx: Context, where: Channel, name: str) -> Pattern:
    if known := pattern_named(ctx.session, ctx.workspace.id, where.id, name):
        return known
    new = Pattern(
        workspace_id=where.workspace_id, channel_id=where.id, name=name, changed_by=ctx.member.id, changed_at=ctx.now
    )
    return find_or_add_pattern(ctx.session, ctx.workspace.id, new)


def _existing(ctx: Context, pattern_id: int) -> Pattern:
    if found := find_pattern(ctx.session, ctx.workspace.id, pattern_id):
        return found
    raise UserError(_("This pattern no longer exists."))
