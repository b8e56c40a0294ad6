"""Erasing from job swaps: that there was a visit, and how long, stays; the words go, and so does whom they tell of.

A person who is erased is taken out of a round that still runs, as somebody who leaves the company.
"""

from bot.core.context import Context
from bot.core.erasing import Erased
from bot.features.gemba.handlers.gemba import feature
from bot.features.gemba.service import kinds, swaps
from storage.gemba import GembaSignUp, Stage, Wish, find_round, forget_avoidances
from storage.gemba_ideas import GembaIdea, follow_ups_on
from storage.gemba_swaps import GembaConsent, GembaLeg, GembaObservation, GembaReflection, find_leg, find_swap


@feature.erases(GembaSignUp)
def from_sign_up(ctx: Context, erased: Erased, sign_up: GembaSignUp) -> bool:
    is_theirs = sign_up.member_id == erased.member_id
    gemba = find_round(ctx.session, ctx.workspace.id, sign_up.round_id)
    if is_theirs and gemba and gemba.stage != Stage.ENDED and sign_up.wish in (Wish.SIGNED_UP, Wish.ASKED):
        swaps.leave(ctx, gemba, sign_up)
    if is_theirs:
        forget_avoidances(ctx.session, ctx.workspace.id, sign_up.member_id)
        ctx.refresh(kinds.ORGANISER, sign_up.round_id, every=True)
    if sign_up.offer_host_id is not None and sign_up.offer_host_id == erased.member_id:
        ctx.refresh(kinds.LEFT_OUT, sign_up.id, every=True)
    return _clean(erased, sign_up, ("curious", "job", "place", "off_limits", "excuse"), is_theirs=is_theirs) | is_theirs


@feature.erases(GembaConsent)
def from_consent(ctx: Context, erased: Erased, consent: GembaConsent) -> bool:
    swap = find_swap(ctx.session, ctx.workspace.id, consent.swap_id)
    if is_concerned := bool(swap and erased.member_id in swap.both):
        ctx.refresh(kinds.SWAP, consent.id, every=True)
    return is_concerned


@feature.erases(GembaLeg)
def from_leg(ctx: Context, erased: Erased, leg: GembaLeg) -> bool:
    """It keeps no words; messages about it name the other one."""
    is_theirs = erased.member_id in (leg.visitor_id, leg.host_id)
    if is_theirs:
        for subject in (kinds.PREPARATION, kinds.OBSERVATION, kinds.AFTERWARDS):
            ctx.refresh(subject, leg.id, every=True)
    return is_theirs


@feature.erases(GembaObservation)
def from_observation(ctx: Context, erased: Erased, observation: GembaObservation) -> bool:
    leg = find_leg(ctx.session, ctx.workspace.id, observation.leg_id)
    changed = _clean(erased, observation, ("text",), is_theirs=bool(leg and leg.visitor_id == erased.member_id))
    if changed and leg:
        for subject in (kinds.OBSERVATION, kinds.AFTERWARDS):
            ctx.refresh(subject, leg.id, every=True)
    return changed


@feature.erases(GembaReflection)
def from_reflection(ctx: Context, erased: Erased, reflection: GembaReflection) -> bool:
    changed = _clean(
        erased, reflection, ("did", "wrong", "change"), is_theirs=reflection.author_id == erased.member_id
    ) | _clean(erased, reflection, ("correction",), is_theirs=reflection.host_id == erased.member_id)
    changed |= erased.member_id in (reflection.author_id, reflection.host_id)
    if changed:
        ctx.refresh(kinds.CHECK, reflection.id, every=True)
        ctx.refresh(kinds.SLIDES, reflection.id, every=True)
    return changed


@feature.erases(GembaIdea)
def from_idea(ctx: Context, erased: Erased, idea: GembaIdea) -> bool:
    words = ("title", "background", "current", "why", "countermeasure", "measure", "before")
    changed = _clean(erased, idea, words, is_theirs=idea.author_id == erased.member_id)
    changed |= _clean(erased, idea, ("after", "dropped_because"), is_theirs=idea.owner_id == erased.member_id)
    changed |= erased.member_id in (idea.author_id, idea.owner_id)
    if changed:
        ctx.refresh(kinds.IDEA, idea.id, every=True)
        for follow_up in follow_ups_on(ctx.session, ctx.workspace.id, idea.id):
            ctx.refresh(kinds.ASKED, follow_up.id, every=True)
    return changed


def _clean(erased: Erased, row: object, words: tuple[str, ...], *, is_theirs: bool) -> bool:
    """Take out of a row's words what tells of them; whether anything did."""
    changed = False
    for name in words:
        before = getattr(row, name)
        left = erased.left_of(before, is_theirs=is_theirs and erased.member_id is not None) or ""
        if left != before:
            setattr(row, name, left)
            changed = True
    return changed
