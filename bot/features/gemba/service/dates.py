"""The rules of another date for a swap: when the other one is free, and that they are asked anew."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

from bot.core.context import Context, UserError
from bot.core.language import _, fill
from bot.features.gemba.actions import AnotherDate
from bot.features.gemba.half_days import HalfDay, chosen
from bot.features.gemba.service import rounds, swaps, visits
from bot.rules.swaps import MINUTES, Format
from storage.calendars import timetable
from storage.gemba import GembaRound, sign_up_of
from storage.gemba_swaps import STANDING, GembaSwap, Said, SwapState, consents, swaps_of


def other_half_days(ctx: Context, consent_id: int) -> tuple[GembaSwap, list[HalfDay]]:
    """When the other one is free, and neither has another visit: whoever proposes a date knows what else they do."""
    swap = swaps.steppable(ctx, consent_id)
    partner_id = swap.partner_of(ctx.member.id)
    legs = swaps.to_come(ctx, swap)
    if not legs:
        raise UserError(_("These visits have begun already. /gemba shows how it stands."))
    if len(legs) > 2:
        sentence = _("A full week has many days. Please talk to {name}, then accept or decline.")
        raise UserError(fill(sentence, name=ctx.colleague(partner_id).name))
    theirs = sign_up_of(ctx.session, ctx.workspace.id, swap.round_id, partner_id)
    free = chosen(timetable(ctx.session, ctx.workspace.id, partner_id), theirs.free if theirs else "")
    gemba = rounds.known(ctx, swap.round_id)
    busy = [span for member_id in swap.both for span in _busy(ctx, gemba, member_id, swap.id)]
    found = [each for each in free if each.begins > ctx.now and not _clashes(*_part_of(each, swap.format), busy)]
    found = [each for each in found if any(each.begins != leg.begins_at for leg in legs)]  # one that is another date
    if not found:
        sentence = _(
            "{name} has named no other half-day. You could decline, and add half-days of yours to find another."
        )
        raise UserError(fill(sentence, name=ctx.colleague(partner_id).name))
    return swap, found


def move(ctx: Context, asked: AnotherDate) -> GembaSwap:
    """Propose another date: whoever does has said yes to it, the other is asked anew."""
    swaps.hold(ctx, asked.consent)
    swap, possible = other_half_days(ctx, asked.consent)
    by_label = {each.label: each for each in possible}
    moved = False
    for leg in swaps.to_come(ctx, swap):
        label = asked.mine if leg.visitor_id == ctx.member.id else asked.theirs
        if label is None:
            continue
        if label not in by_label:
            raise UserError(_("They are not free then any more. Please open the form again."))
        leg.begins_at, leg.ends_at = _part_of(by_label[label], swap.format)
        moved = True
    if not moved:
        raise UserError(_("Please choose a date for one of the two visits."), "mine")
    spans = sorted((leg.begins_at, leg.ends_at) for leg in swaps.to_come(ctx, swap))
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        raise UserError(_("The two visits cannot be at the same time."), "theirs")
    swap.state, swap.agreed_at = SwapState.ASKED, None
    for member_id, consent in consents(ctx.session, ctx.workspace.id, swap.id).items():
        swaps.let_be(ctx, consent)
        if member_id == ctx.member.id:
            swaps.answer(ctx, consent, Said.YES)
        else:
            consent.said, consent.times_asked, consent.answered_at = Said.NOTHING, 1, None
            swaps.ask(ctx, consent)
    for leg in swaps.to_come(ctx, swap):
        visits.hold(ctx, leg)
    ctx.session.flush()
    swaps.show(ctx, swap)
    return swap


def _busy(ctx: Context, gemba: GembaRound, member_id: int, but: int) -> list[tuple[datetime, datetime]]:
    """When somebody visits or is visited already."""
    theirs = swaps_of(ctx.session, ctx.workspace.id, gemba.id, member_id)
    return [
        (leg.begins_at, leg.ends_at)
        for swap in theirs
        if swap.state in STANDING and swap.id != but
        for leg in swaps.planned(ctx, swap)
    ]


def _clashes(begins: datetime, ends: datetime, busy: Iterable[tuple[datetime, datetime]]) -> bool:
    return any(begins < until and since < ends for since, until in busy)


def _part_of(half_day: HalfDay, format: str) -> tuple[datetime, datetime]:
    """The time of a half-day that a visit of a format takes."""
    minutes = MINUTES[cast(Format, format)]
    return half_day.begins, min(half_day.ends, half_day.begins + timedelta(minutes=minutes))
