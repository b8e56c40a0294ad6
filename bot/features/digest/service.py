"""The rules of digests: how one is told, and who may do what with its open items."""

from collections.abc import Iterable
from datetime import date, timedelta

from bot.core.context import Context, UserError
from bot.core.events import ClocksChanged, ItemGivenBack, ItemTaken
from bot.core.language import _, fill
from bot.core.schedule import Occasion
from bot.features.digest.building import state_of
from bot.features.digest.facts import OPEN, Built, to_json
from bot.features.digest.open_items import QUESTION
from bot.rules.answering import answers
from bot.rules.lead_states import decides
from storage.campaigns import campaign_owner
from storage.cases import find_case
from storage.channels import channel
from storage.digest import (
    Deed,
    Digest,
    DigestAct,
    DigestItem,
    Outcome,
    acts_on,
    digests_after,
    find_act,
    find_digest,
    find_item,
    find_plan,
)
from storage.leads import events_of, find_lead
from storage.people import members
from storage.tables import add, add_if_absent, lock

CARD = "digest"  # the subject of its message,
ITEM = "digest.item"  # and of those of its items
LATE_MINUTES = 10  # from which on it is said


def tell(ctx: Context, occasion: Occasion, built: Built) -> None:
    """Store a digest and promise its messages: one, and in its thread one for each open item."""
    place = channel(ctx.session, ctx.workspace.id, occasion.schedule.subject_id)
    plan = find_plan(ctx.session, ctx.workspace.id, place.id)
    is_quiet = built.is_empty and not (occasion.is_wished or (plan and plan.says_when_empty))
    late = (ctx.now - occasion.at) // timedelta(minutes=1)
    digest = Digest(
        workspace_id=ctx.workspace.id,
        channel_id=place.id,
        local_on=built.local_on,
        first_on=built.first_on,
        outcome=Outcome.QUIET if is_quiet else Outcome.TOLD,
        sections=",".join(built.sections),
        facts=to_json(built.facts),
        late_minutes=late if late >= LATE_MINUTES else 0,
        before_id=built.before_id,
        built_at=ctx.now,
    )
    add(ctx.session, digest)
    parent = None if is_quiet else ctx.post(place, subject=(CARD, digest.id))
    if parent is None:
        return
    for said in built.told:
        said.digest_id = digest.id
        add(ctx.session, said)
    for number, found in enumerate(built.items):
        item = DigestItem(
            workspace_id=ctx.workspace.id,
            digest_id=digest.id,
            place=number,
            subject=found.subject,
            subject_id=found.subject_id,
            cycle=found.cycle,
            to_do=found.to_do,
            at=ctx.now,
        )
        add(ctx.session, item)
        ctx.post(place, subject=(ITEM, item.id), thread=parent)


def note_skipped(ctx: Context, channel_id: int, dates: Iterable[date]) -> None:
    """On these dates Parley was down; the next digest says so, and tells of what they would have told of."""
    for local_on in dates:
        skipped = Digest(
            workspace_id=ctx.workspace.id,
            channel_id=channel_id,
            local_on=local_on,
            first_on=local_on,
            outcome=Outcome.SKIPPED,
            built_at=ctx.now,
        )
        add_if_absent(ctx.session, skipped)


# What people do


def act(ctx: Context, item_id: int, kind: Deed) -> DigestItem:
    """Do something with an open item; the same again changes nothing. Refused for those who may not."""
    lock(ctx.session, DigestItem, ctx.workspace.id, item_id)
    item = known_item(ctx, item_id)
    if find_act(ctx.session, ctx.workspace.id, item.id, ctx.member.id, kind):
        return item
    event_id = None
    if kind == Deed.TAKE:
        _require_free(ctx, item)
        event_id = _take(ctx, item)
    elif kind != Deed.LOOK:
        _require_may_act(ctx, item)
    deed = DigestAct(
        workspace_id=ctx.workspace.id,
        item_id=item.id,
        member_id=ctx.member.id,
        kind=kind,
        at=ctx.now,
        event_id=event_id,
    )
    add(ctx.session, deed)
    ctx.refresh(ITEM, item.id)
    return item


def take_back(ctx: Context, item_id: int, kind: Deed) -> DigestItem:
    """Take one's own deed back, and what it did to a lead; refused, with a sentence, if something happened since."""
    item = known_item(ctx, item_id)
    deed = find_act(ctx.session, ctx.workspace.id, item.id, ctx.member.id, kind)
    if deed is None:
        return item
    if deed.event_id:
        ctx.emit(ItemGivenBack(deed.event_id))
    ctx.session.delete(deed)
    ctx.session.flush()
    ctx.refresh(ITEM, item.id)
    ctx.emit(ClocksChanged(item.subject, item.subject_id))  # what was said of it ended its nudges
    return item


def known_item(ctx: Context, item_id: int) -> DigestItem:
    item = find_item(ctx.session, ctx.workspace.id, item_id)
    if item is None:
        raise UserError(_("This item is too old."))
    return item


def known_digest(ctx: Context, digest_id: int) -> Digest:
    digest = find_digest(ctx.session, ctx.workspace.id, digest_id)
    if digest is None:
        raise UserError(_("This digest is too old."))
    return digest


def show_item(ctx: Context, item: DigestItem) -> None:
    """Draw everything anew that shows an item: itself, and what tells what became of it."""
    ctx.refresh(ITEM, item.id)
    for digest_id in digests_after(ctx.session, ctx.workspace.id, item.digest_id):
        ctx.refresh(CARD, digest_id)


def _take(ctx: Context, item: DigestItem) -> int | None:
    """The event by which the lead has another owner or is accepted; None if that is not so."""
    if item.to_do == QUESTION:
        _require_may_act(ctx, item)
        return None
    before = _newest_event(ctx, item)
    ctx.emit(ItemTaken(item.subject, item.subject_id, item.cycle))
    after = _newest_event(ctx, item)
    return after if after != before else None


def _newest_event(ctx: Context, item: DigestItem) -> int | None:
    if item.subject != "lead":
        return None
    log = events_of(ctx.session, ctx.workspace.id, item.subject_id)
    return log[-1].id if log else None


def _require_free(ctx: Context, item: DigestItem) -> None:
    taken = [each for each in acts_on(ctx.session, ctx.workspace.id, [item.id]) if each.kind == Deed.TAKE]
    if taken:
        taker = members(ctx.session, ctx.workspace.id, [taken[0].member_id])[taken[0].member_id]
        raise UserError(fill(_("{name} has taken it already."), name=taker.name))
    if state_of(ctx.session, ctx.workspace.id, item.thing) != OPEN:
        raise UserError(_("There is nothing left to do about this."))


def _require_may_act(ctx: Context, item: DigestItem) -> None:
    """A lead is a matter of those who decide about it; what marketing has to answer, of those who answer."""
    session, workspace_id = ctx.session, ctx.workspace.id
    lead = find_lead(session, workspace_id, item.subject_id) if item.subject == "lead" else None
    if lead and item.to_do != QUESTION:
        if lead.owner_id is None and not decides(ctx.member, None):
            raise UserError(_("Sellers say so, as long as nobody has taken it. Are you one? Tell me with /parley me"))
        if not decides(ctx.member, ctx.colleague(lead.owner_id) if lead.owner_id else None):
            raise UserError(_("Only those who decide about this lead can say so: its owner, the stand-in, an admin."))
        return
    case = find_case(session, workspace_id, item.subject_id) if item.subject == "case" else None
    campaign_id = lead.campaign_id if lead else case.campaign_id if case else None
    if not answers(ctx.member, campaign_owner(session, workspace_id, campaign_id)):
        raise UserError(_("Marketing answers this. Are you in marketing? Tell me with /parley me"))
