"""What cases answer to: feedback that comes in, marketing's buttons and form, the reporters' taps."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply, UpdateForm
from bot.core.counting import InDigest
from bot.core.events import (
    CardPosted,
    ChannelOpened,
    FeedbackGiven,
    FeedbackRefined,
    FeedbackWithdrawn,
    ItemTaken,
    MessageUndeliverable,
)
from bot.core.feature import Feature
from bot.core.forms import Form
from bot.core.language import N_, _
from bot.core.ui import Message, Part
from bot.features.cases import erasure, service, views
from bot.features.cases.actions import Acknowledge, Answers, ChangeDecision, Decide, Helps, OpenDecision
from bot.rules.codes import CodeKind, vocabulary
from bot.rules.fate import what
from storage.campaigns import campaign
from storage.cards import cards
from storage.cases import (
    Decision,
    FeedbackCase,
    Receipt,
    count_helped,
    count_in,
    decision_of,
    decisions_on,
    feedback_in,
    feedback_of_in,
    find_case,
    find_receipt,
    first_feedback_in,
    leads_to_tell,
    unposted_receipts,
    waiting_cases,
)
from storage.channels import Purpose, channel
from storage.clocks import courses_on
from storage.feedback import Feedback, own_codes
from storage.leads import lead_of
from storage.people import Side, members
from storage.tables import change, lock
from storage.workspaces import Workspace

feature = Feature("cases")
feature.erases(FeedbackCase)(erasure.from_case)
feature.erases(Decision)(erasure.from_decision)
feature.erases(Receipt)(erasure.from_receipt)
feature.counts("case", N_("Feedback for marketing"))
feature.counts("receipt", N_("Marketing's answers, in private"))
feature.counts(
    erasure.TOLD,
    N_("Marketing's answers, in the threads of leads"),
    InDigest("receipts", N_("It tells what marketing answered. Everybody who asked still hears it in private.")),
)

RECEIPTS_AT_ONCE = 2  # each that stands brings as many: enough, and a unit stays short
THREADS_OF_ONE = 10  # leads of one reporter in whose threads the answer is told


@feature.on(FeedbackGiven)
def join(ctx: Context, given: FeedbackGiven) -> None:
    service.join(ctx, given.feedback_id)


@feature.on(FeedbackRefined)
def move(ctx: Context, refined: FeedbackRefined) -> None:
    service.move(ctx, refined.feedback_id)


@feature.on(FeedbackWithdrawn)
def leave(ctx: Context, withdrawn: FeedbackWithdrawn) -> None:
    service.leave(ctx, withdrawn)


@feature.on(ItemTaken)
def take_item(ctx: Context, taken: ItemTaken) -> None:
    if taken.subject == "case":
        service.acknowledge(ctx, taken.subject_id)


@feature.on(ChannelOpened)
def show_waiting_cases(ctx: Context, opened: ChannelOpened) -> None:
    if opened.purpose == Purpose.MARKETING:
        service.post_waiting(ctx)


@feature.action(Acknowledge)
def acknowledge(ctx: Context, asked: Acknowledge) -> Answer:
    case = service.acknowledge(ctx, asked.case)
    return Reply(views.acknowledged(_what(ctx.session, ctx.workspace, case)))


@feature.action(OpenDecision, query=True)
def open_decision(ctx: Context, asked: OpenDecision) -> Answer:
    case = service.answerable(ctx, asked.case)
    return OpenForm(_decision_form(ctx, case))


@feature.action(ChangeDecision, query=True)
def change_decision(ctx: Context, asked: ChangeDecision) -> Answer:
    case = service.answerable(ctx, asked.case)
    return UpdateForm(_decision_form(ctx, case, asked.answer))


@feature.action(Decide)
def decide(ctx: Context, asked: Decide) -> Answer:
    decision, count = service.decide(ctx, asked)
    _send_receipts(ctx, decision)
    return Reply(views.decided(count))


@feature.action(Helps)
def helps(ctx: Context, asked: Helps) -> Answer:
    receipt = service.tell_whether_it_helps(ctx, asked.receipt, asked.helps)
    ctx.refresh("case", decision_of(ctx.session, ctx.workspace.id, receipt.decision_id).case_id)
    return Reply(views.thanks())


@feature.on(CardPosted)
def delivered(ctx: Context, posted: CardPosted) -> None:
    if posted.subject == "receipt":
        if decision := service.sent(ctx, posted.subject_id):
            _send_receipts(ctx, decision)
    elif posted.subject == "case":
        service.post_waiting(ctx)


@feature.on(MessageUndeliverable)
def undeliverable(ctx: Context, lost: MessageUndeliverable) -> None:
    if lost.subject == "receipt" and lost.subject_id and (decision := service.lost(ctx, lost.subject_id)):
        _send_receipts(ctx, decision)


@feature.card("case")
def card(session: Session, workspace: Workspace, case_id: int) -> Message | None:
    case = find_case(session, workspace.id, case_id)
    return views.card(_card(session, workspace, case)) if case else None


@feature.card(service.ENOUGH)
def enough_card(session: Session, workspace: Workspace, case_id: int) -> Message | None:
    case, decisions = find_case(session, workspace.id, case_id), decisions_on(session, workspace.id, case_id)
    if case is None or not decisions:
        return None
    asked_by = decisions[0].decided_by
    return views.enough(_what(session, workspace, case), members(session, workspace.id, {asked_by})[asked_by])


@feature.card("receipt")
def receipt_card(session: Session, workspace: Workspace, receipt_id: int) -> Message | None:
    receipt = find_receipt(session, workspace.id, receipt_id)
    return _receipt(session, workspace, receipt) if receipt else None


@feature.card(erasure.TOLD)
def told_card(session: Session, workspace: Workspace, receipt_id: int) -> Message | None:
    """Marketing's answer, in the thread of a lead that the reporter spoke of."""
    receipt = find_receipt(session, workspace.id, receipt_id)
    if receipt is None:
        return None
    decision = decision_of(session, workspace.id, receipt.decision_id)
    case = find_case(session, workspace.id, decision.case_id)
    assert case
    decider = members(session, workspace.id, {decision.decided_by})[decision.decided_by].name
    return views.thread_note(decision, decider, _what(session, workspace, case))


@feature.home(30)
def home(ctx: Context) -> Sequence[Part]:
    if ctx.member.side != Side.MARKETING:
        return []
    return views.waiting(*waiting_cases(ctx.session, ctx.workspace.id))


def _decision_form(ctx: Context, case: FeedbackCase, chosen: Answers = "change") -> Form:
    said = feedback_in(ctx.session, ctx.workspace.id, case.id, limit=views.IN_FORM)
    heard = _examples(ctx.session, ctx.workspace, said)
    return views.decision_form(case, _what(ctx.session, ctx.workspace, case), heard, chosen)


def _send_receipts(ctx: Context, decision: Decision) -> None:
    """Promise some receipts, and the answer in the threads of what they are about; each that stands brings more."""
    lock(ctx.session, Decision, ctx.workspace.id, decision.id)  # several may stand at once
    while receipts := unposted_receipts(ctx.session, ctx.workspace.id, decision.id, RECEIPTS_AT_ONCE):
        promised = [_send_receipt(ctx, decision, receipt) for receipt in receipts]
        if any(promised):
            return


def _send_receipt(ctx: Context, decision: Decision, receipt: Receipt) -> bool:
    """False: its reporter has left meanwhile, and nothing will come of it that brings more."""
    told = leads_to_tell(ctx.session, ctx.workspace.id, decision, receipt.member_id)
    is_promised = ctx.post(ctx.colleague(receipt.member_id), subject=("receipt", receipt.id)) is not None
    change(ctx.session, receipt, {"posted_at": ctx.now})
    if not is_promised:
        service.lost(ctx, receipt.id)
    for lead_id in told[:THREADS_OF_ONE]:
        _tell_thread(ctx, receipt, lead_id)
    return is_promised


def _tell_thread(ctx: Context, receipt: Receipt, lead_id: int) -> None:
    """The answer also stands in the thread of the lead's card in its channel."""
    for posted in cards(ctx.session, ctx.workspace.id, "lead", lead_id):
        if posted.channel_id:
            where = channel(ctx.session, ctx.workspace.id, posted.channel_id)
            ctx.post(where, subject=(erasure.TOLD, receipt.id), thread=posted)


def _card(session: Session, workspace: Workspace, case: FeedbackCase) -> views.CaseCard:
    """Read all that marketing's card shows."""
    said = feedback_in(session, workspace.id, case.id, limit=views.EXAMPLES)
    decisions = decisions_on(session, workspace.id, case.id)
    helped = count_helped(session, workspace.id, case.id)
    ids = {d.decided_by for d in decisions} | ({case.acknowledged_by} if case.acknowledged_by else set())
    people = members(session, workspace.id, ids)
    codes = vocabulary(own_codes(session, workspace.id))
    return views.CaseCard(
        case=case,
        what=_what(session, workspace, case),
        is_praise=case.code is not None and codes[case.code].kind == CodeKind.PRAISE,
        campaign=campaign(session, workspace.id, case.campaign_id).name if case.campaign_id else None,
        clock=next(iter(courses_on(session, workspace.id, "case", case.id)), None),
        count=count_in(session, workspace.id, case.id),
        examples=_examples(session, workspace, said),
        acknowledged_by=people[case.acknowledged_by].name if case.acknowledged_by else None,
        decisions=[(decision, people[decision.decided_by].name) for decision in decisions],
        helps=helped.get(True, 0),
        helps_not=helped.get(False, 0),
    )


def _receipt(session: Session, workspace: Workspace, receipt: Receipt) -> Message:
    decision = decision_of(session, workspace.id, receipt.decision_id)
    case = find_case(session, workspace.id, decision.case_id)
    assert case
    said = feedback_of_in(session, workspace.id, case.id, receipt.member_id)
    decider = members(session, workspace.id, {decision.decided_by})[decision.decided_by].name
    examples = _examples(session, workspace, said)
    return views.receipt(receipt, decision, decider, _what(session, workspace, case), examples)


def _examples(session: Session, workspace: Workspace, said: Sequence[Feedback]) -> list[views.Example]:
    people = members(session, workspace.id, {feedback.author_id for feedback in said})
    return [
        views.Example(people[f.author_id].name, _about(session, workspace, f), f.note, f.quote, f.link) for f in said
    ]


def _about(session: Session, workspace: Workspace, feedback: Feedback) -> str:
    if feedback.lead_id:
        lead = lead_of(session, workspace.id, feedback.lead_id)
        return f"{lead.key} · {lead.company}"
    if feedback.campaign_id:
        return campaign(session, workspace.id, feedback.campaign_id).name
    return _("the market in general")


def _what(session: Session, workspace: Workspace, case: FeedbackCase) -> str:
    """The code of a case and what it meant when it was said first; or that it is a note."""
    first = first_feedback_in(session, workspace.id, case.id)
    codes = vocabulary(own_codes(session, workspace.id))
    if first:
        return what(first, codes)
    return codes[case.code].title if case.code else _("a note")
