"""What matching and swaps answer to: what falls due, and the buttons of the two who are asked."""

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.events import PersonChanged
from bot.core.ui import Message
from bot.features.gemba import reading
from bot.features.gemba.actions import (
    Accept,
    AnotherDate,
    Decline,
    OpenAnotherDate,
    OpenDecline,
    TakeOffer,
    Withdraw,
)
from bot.features.gemba.handlers.gemba import feature
from bot.features.gemba.service import dates, endings, kinds, matching, swaps
from bot.features.gemba.views import preview
from bot.features.gemba.views import sign_ups as sign_up_views
from bot.features.gemba.views import swaps as views
from bot.rules.swaps import Matching
from storage.due import Due
from storage.gemba_swaps import GembaSwap, consents, find_consent
from storage.people import find_member
from storage.workspaces import Workspace


@feature.calculation(kinds.MATCH, "gemba_matching", matching.question)
def follow(ctx: Context, due: Due, answer: Matching) -> None:
    matching.follow(ctx, due, answer)


@feature.calculation(kinds.PREVIEW, "gemba_matching", matching.question)
def show_preview(ctx: Context, due: Due, answer: Matching) -> None:
    """To the organiser who asked for it; its step is who that is."""
    shown = reading.previewed(ctx, due.subject_id, answer)
    ctx.post(ctx.colleague(due.step), lambda: preview.message(shown))


@feature.due(kinds.PROPOSE)
def propose(ctx: Context, due: Due) -> None:
    matching.propose(ctx, due)


@feature.due(kinds.ASK)
def ask_at_work(ctx: Context, due: Due) -> None:
    swaps.ask_at_work(ctx, due)


@feature.due(kinds.TELL_LEFT_OUT)
def tell_left_out(ctx: Context, due: Due) -> None:
    matching.tell_left_out(ctx, due)


@feature.due(kinds.SILENCE)
def note_silence(ctx: Context, due: Due) -> None:
    swaps.note_silence(ctx, due)


@feature.due(kinds.END)
def end_round(ctx: Context, due: Due) -> None:
    endings.end_round(ctx, due)


@feature.on(PersonChanged)
def leave_company(ctx: Context, changed: PersonChanged) -> None:
    member = find_member(ctx.session, ctx.workspace.id, changed.person.external_id)
    if member and not changed.person.belongs:
        endings.leave_company(ctx, member)


@feature.card(kinds.SWAP)
def card(session: Session, workspace: Workspace, consent_id: int) -> Message | None:
    consent = find_consent(session, workspace.id, consent_id)
    return views.card(reading.swap_card(session, workspace, consent)) if consent else None


@feature.action(Accept)
def accept(ctx: Context, asked: Accept) -> Answer:
    return Reply(views.accepted(_shown(ctx, swaps.accept(ctx, asked.consent))))


@feature.action(OpenAnotherDate, query=True)
def open_another_date(ctx: Context, asked: OpenAnotherDate) -> Answer:
    swap, possible = dates.other_half_days(ctx, asked.consent)
    visitors = {leg.visitor_id for leg in swaps.to_come(ctx, swap)}
    return OpenForm(views.another_date_form(_shown(ctx, swap), possible, visitors))


@feature.action(AnotherDate)
def another_date(ctx: Context, asked: AnotherDate) -> Answer:
    return Reply(views.moved(_shown(ctx, dates.move(ctx, asked))))


@feature.action(OpenDecline, query=True)
def open_decline(ctx: Context, asked: OpenDecline) -> Answer:
    swap = swaps.steppable(ctx, asked.consent)
    return OpenForm(views.decline_form(_shown(ctx, swap)))


@feature.action(Decline)
def decline(ctx: Context, asked: Decline) -> Answer:
    leaves = asked.then == "out"
    swaps.decline(ctx, asked.consent, leaves=leaves)
    return Reply(views.declined(leaves=leaves))


@feature.action(TakeOffer)
def take_offer(ctx: Context, asked: TakeOffer) -> Answer:
    swap = swaps.take_offer(ctx, asked.sign_up)
    return Reply(sign_up_views.settled_offer(ctx.colleague(swap.other_id).name))


@feature.action(Withdraw)
def withdraw(ctx: Context, asked: Withdraw) -> Answer:
    partner_id = swaps.withdraw(ctx, asked.round)
    return Reply(sign_up_views.withdrawn(ctx.colleague(partner_id).name if partner_id else None))


def _shown(ctx: Context, swap: GembaSwap) -> views.SwapCard:
    mine = consents(ctx.session, ctx.workspace.id, swap.id)[ctx.member.id]
    return reading.swap_card(ctx.session, ctx.workspace, mine)
