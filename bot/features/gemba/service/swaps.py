"""The rules of swaps: both are asked, both must say yes, either may change the date or step back; silence ends it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.features.gemba.service import hours, kinds, rounds, sign_ups, visits
from storage.calendars import timetable
from storage.due import Due, cancel_due, move_due
from storage.gemba import GembaRound, GembaSignUp, Wish, sign_up_of, standing
from storage.gemba_swaps import (
    STANDING,
    GembaConsent,
    GembaLeg,
    GembaSwap,
    Outcome,
    Said,
    SwapState,
    consents,
    find_consent,
    find_swap,
    legs_of,
    swaps_in,
    swaps_of,
)
from storage.tables import add, keep, lock

Visit = tuple[int, int, datetime, datetime]  # visitor, host, from when until when
PATIENCE = 2  # working days


def ask_both(ctx: Context, swap: GembaSwap, planned: Iterable[Visit], agreed_by: int | None = None) -> None:
    """Propose a swap to its two people; whoever asked for it has said yes."""
    keep(ctx.session, swap)
    for visitor_id, host_id, begins_at, ends_at in planned:
        leg = GembaLeg(
            workspace_id=ctx.workspace.id,
            swap_id=swap.id,
            visitor_id=visitor_id,
            host_id=host_id,
            begins_at=begins_at,
            ends_at=ends_at,
        )
        add(ctx.session, leg)
    for member_id in swap.both:
        said = Said.YES if member_id == agreed_by else Said.NOTHING
        consent = GembaConsent(workspace_id=ctx.workspace.id, swap_id=swap.id, member_id=member_id, said=said)
        keep(ctx.session, consent)
        ask(ctx, consent)


def ask(ctx: Context, consent: GembaConsent) -> None:
    """Ask one of the two, in their working hours; whoever has just said yes sees it at once."""
    if consent.said != Said.NOTHING:
        show_again(ctx, consent)
        return
    if hours.is_at_work(ctx, consent.member_id, kinds.ASK, consent.id):
        ctx.post(ctx.colleague(consent.member_id), subject=(kinds.SWAP, consent.id))
    theirs = timetable(ctx.session, ctx.workspace.id, consent.member_id)
    at, step = hours.after_working_days(theirs, ctx.now, PATIENCE), consent.times_asked
    begins = [leg.begins_at for leg in legs_of(ctx.session, ctx.workspace.id, consent.swap_id)]
    at = min([at, *(each for each in begins if each > ctx.now)])
    due = Due(workspace_id=ctx.workspace.id, kind=kinds.SILENCE, subject_id=consent.id, step=step, at=at)
    move_due(ctx.session, due)


def ask_at_work(ctx: Context, due: Due) -> None:
    if consent := find_consent(ctx.session, ctx.workspace.id, due.subject_id):
        show_again(ctx, consent)


def show_again(ctx: Context, consent: GembaConsent) -> None:
    """Post how a swap stands to one of the two: a card that is drawn anew tells nobody."""
    ctx.post(ctx.colleague(consent.member_id), subject=(kinds.SWAP, consent.id))


def accept(ctx: Context, consent_id: int) -> GembaSwap:
    hold(ctx, consent_id)
    consent, swap = _own(ctx, consent_id)
    _check_asked(swap)
    both = consents(ctx.session, ctx.workspace.id, swap.id)
    proposed_at = max((each.answered_at or swap.asked_at for each in both.values()), default=swap.asked_at)
    if any(proposed_at < leg.begins_at <= ctx.now for leg in planned(ctx, swap)):
        raise UserError(_("That day has passed. Please propose another date."))
    if consent.said != Said.YES:
        answer(ctx, consent, Said.YES)
        if all(each.said == Said.YES for each in both.values()):
            _agree(ctx, swap)
    show(ctx, swap)
    return swap


def _agree(ctx: Context, swap: GembaSwap) -> None:
    swap.state, swap.agreed_at = SwapState.AGREED, ctx.now
    for member_id in swap.both:
        standing(ctx.session, ctx.workspace.id, member_id).silent_rounds = 0
    work = {each: timetable(ctx.session, ctx.workspace.id, each) for each in swap.both}
    for leg in to_come(ctx, swap):
        visits.plan(ctx, swap, leg, work)


def decline(ctx: Context, consent_id: int, *, leaves: bool) -> GembaSwap:
    """One of the two says no, or steps back from what was agreed; both are matched anew if they stay in the round."""
    hold(ctx, consent_id)
    swap = steppable(ctx, consent_id)
    consent = consents(ctx.session, ctx.workspace.id, swap.id)[ctx.member.id]
    answer(ctx, consent, Said.NO)
    was_agreed = swap.state == SwapState.AGREED
    end(ctx, swap, SwapState.CANCELLED if was_agreed else SwapState.DECLINED, ctx.member.id)
    gemba = rounds.known(ctx, swap.round_id)
    mine = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, ctx.member.id)
    if leaves and mine and mine.wish == Wish.SIGNED_UP:
        sign_ups.withdraw(ctx, gemba, mine)
    return swap


def end(ctx: Context, swap: GembaSwap, state: SwapState, by: int | None) -> None:
    """Let a swap come to nothing: calendars and messages follow, and whoever is free is matched anew."""
    was_agreed = swap.state == SwapState.AGREED
    legs = legs_of(ctx.session, ctx.workspace.id, swap.id)
    has_happened = any(leg.begins_at <= ctx.now and leg.outcome != Outcome.CANCELLED for leg in legs) and was_agreed
    swap.state, swap.ended_at, swap.ended_by = SwapState.OVER if has_happened else state, ctx.now, by
    for leg in legs:
        if leg.begins_at > ctx.now or not was_agreed:
            visits.cancel(ctx, swap, leg)
    for member_id, consent in consents(ctx.session, ctx.workspace.id, swap.id).items():
        let_be(ctx, consent)
        if was_agreed and member_id != by:
            show_again(ctx, consent)
        elif consent.said == Said.YES and member_id != by and hours.is_at_work(ctx, member_id, kinds.ASK, consent.id):
            ctx.post(ctx.colleague(member_id), subject=(kinds.SWAP, consent.id))
    show(ctx, swap)
    ctx.session.flush()
    gemba = rounds.known(ctx, swap.round_id)
    rounds.match_anew(ctx, gemba, ctx.now + sign_ups.REMATCH_AFTER)


def steppable(ctx: Context, consent_id: int) -> GembaSwap:
    """A swap of the member's that still can be changed."""
    swap = _own(ctx, consent_id)[1]
    if swap.state not in (SwapState.ASKED, SwapState.AGREED):
        raise UserError(_("This swap is settled already. /gemba shows how."))
    return swap


def note_silence(ctx: Context, due: Due) -> None:
    """Two working days without a word: asked once more; after two more, or when a visit would begin, it is released."""
    consent = find_consent(ctx.session, ctx.workspace.id, due.subject_id)
    swap = find_swap(ctx.session, ctx.workspace.id, consent.swap_id) if consent else None
    if consent is None or swap is None or swap.state != SwapState.ASKED or consent.said != Said.NOTHING:
        return
    begins = {leg.begins_at for leg in legs_of(ctx.session, ctx.workspace.id, swap.id)}
    if consent.times_asked == 1 and due.at not in begins:
        consent.times_asked = 2
        ask(ctx, consent)
        return
    for each in consents(ctx.session, ctx.workspace.id, swap.id).values():
        if each.said == Said.NOTHING and each.times_asked == 2:
            _give_place_away(ctx, swap, each.member_id)
    end(ctx, swap, SwapState.RELEASED, None)


def _give_place_away(ctx: Context, swap: GembaSwap, member_id: int) -> None:
    sign_up = sign_up_of(ctx.session, ctx.workspace.id, swap.round_id, member_id)
    if sign_up and sign_up.wish == Wish.SIGNED_UP:
        sign_up.wish = Wish.SILENT
        ctx.refresh(kinds.SIGN_UP, sign_up.id)


def take_offer(ctx: Context, sign_up_id: int) -> GembaSwap:
    """Ask for the ride-along that was offered to somebody for whom there was nobody."""
    mine = sign_ups.own(ctx, sign_up_id)
    gemba = rounds.live(ctx, mine.round_id)
    host_id, begins_at, ends_at = mine.offer_host_id, mine.offer_begins_at, mine.offer_ends_at
    if mine.offer != "ride_along" or host_id is None or begins_at is None or ends_at is None:
        raise UserError(_("This offer does not stand any more. /gemba shows how it is."))
    host = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, host_id)
    if begins_at <= ctx.now or host is None or host.wish != Wish.SIGNED_UP or not _has_room(ctx, gemba, host):
        raise UserError(_("They cannot take anybody any more. I go on looking."))
    mine.offer = "asked"
    swap = GembaSwap(
        workspace_id=ctx.workspace.id,
        round_id=gemba.id,
        one_id=ctx.member.id,
        other_id=host_id,
        format="ride_along",
        is_one_way=True,
        asked_at=ctx.now,
    )
    ask_both(ctx, swap, [(ctx.member.id, host_id, begins_at, ends_at)], agreed_by=ctx.member.id)
    ctx.session.flush()
    rounds.match_anew(ctx, gemba, ctx.now + sign_ups.REMATCH_AFTER)
    ctx.refresh(kinds.LEFT_OUT, mine.id)
    return swap


def withdraw(ctx: Context, round_id: int) -> int | None:
    """Leave a round, also after a swap was agreed; the id of whoever is told, if anybody is."""
    gemba = rounds.live(ctx, round_id)
    mine = sign_up_of(ctx.session, ctx.workspace.id, gemba.id, ctx.member.id)
    if mine is None or mine.wish != Wish.SIGNED_UP:
        raise UserError(_("You have not signed up for this round."))
    partners = leave(ctx, gemba, mine)
    return partners[0] if partners else None


def leave(ctx: Context, gemba: GembaRound, sign_up: GembaSignUp) -> list[int]:
    """Take somebody out of a round; with whom they were to swap."""
    found = swaps_of(ctx.session, ctx.workspace.id, gemba.id, sign_up.member_id)
    ended = [swap for swap in found if swap.state in (SwapState.ASKED, SwapState.AGREED)]
    if sign_up.wish != Wish.WITHDRAWN:
        sign_ups.withdraw(ctx, gemba, sign_up)
    for swap in ended:
        was_agreed = swap.state == SwapState.AGREED
        end(ctx, swap, SwapState.CANCELLED if was_agreed else SwapState.DECLINED, sign_up.member_id)
    return [swap.partner_of(sign_up.member_id) for swap in ended]


def show(ctx: Context, swap: GembaSwap) -> None:
    ctx.session.flush()
    for consent in consents(ctx.session, ctx.workspace.id, swap.id).values():
        ctx.refresh(kinds.SWAP, consent.id, every=True)
    for member_id in swap.both:
        if sign_up := sign_up_of(ctx.session, ctx.workspace.id, swap.round_id, member_id):
            ctx.refresh(kinds.SIGN_UP, sign_up.id)
    rounds.show(ctx, rounds.known(ctx, swap.round_id))


def _own(ctx: Context, consent_id: int) -> tuple[GembaConsent, GembaSwap]:
    """What the member is asked."""
    consent = find_consent(ctx.session, ctx.workspace.id, consent_id)
    if consent is None or consent.member_id != ctx.member.id:
        raise UserError(_("This is somebody else's."))
    swap = find_swap(ctx.session, ctx.workspace.id, consent.swap_id)
    assert swap, "a consent is to a swap"
    return consent, swap


def hold(ctx: Context, consent_id: int) -> None:
    """Let nobody else change the swap until this is done; what was read of it before is read anew."""
    consent = find_consent(ctx.session, ctx.workspace.id, consent_id)
    if consent and lock(ctx.session, GembaSwap, ctx.workspace.id, consent.swap_id):
        ctx.session.refresh(consent)


def _check_asked(swap: GembaSwap) -> None:
    if swap.state == SwapState.AGREED:
        raise UserError(_("You have both agreed already."))
    if swap.state != SwapState.ASKED:
        raise UserError(_("This swap is settled already. /gemba shows how."))


def answer(ctx: Context, consent: GembaConsent, said: Said) -> None:
    consent.said, consent.answered_at = said, ctx.now
    let_be(ctx, consent)
    ctx.heed(kinds.SWAP, consent.id)
    ctx.session.flush()


def let_be(ctx: Context, consent: GembaConsent) -> None:
    """Ask no more."""
    for kind in (kinds.ASK, kinds.SILENCE):
        cancel_due(ctx.session, ctx.workspace.id, kind, consent.id)


def planned(ctx: Context, swap: GembaSwap) -> Sequence[GembaLeg]:
    return [leg for leg in legs_of(ctx.session, ctx.workspace.id, swap.id) if leg.outcome == Outcome.PLANNED]


def to_come(ctx: Context, swap: GembaSwap) -> list[GembaLeg]:
    return [leg for leg in planned(ctx, swap) if leg.begins_at > ctx.now]


def _has_room(ctx: Context, gemba: GembaRound, host: GembaSignUp) -> bool:
    standing_swaps = [s for s in swaps_in(ctx.session, ctx.workspace.id, gemba.id) if s.state in STANDING]
    guests = [s for s in standing_swaps if host.member_id in (s.both[1:] if s.is_one_way else s.both)]
    return len(guests) < host.capacity
