"""The rules of cases: what joins what, who may answer, and to whom the receipts go."""

from bot.core.context import Context, UserError
from bot.core.events import ClocksChanged, FeedbackWithdrawn
from bot.core.language import _, fill
from bot.features.cases.actions import Decide
from bot.rules.answering import answers
from bot.rules.calendars import zone_of
from bot.rules.clocks import policy
from storage.campaigns import campaign_owner, who_answers
from storage.cards import cards
from storage.cases import (
    Decision,
    FeedbackCase,
    Receipt,
    add_receipts,
    cases_without_card,
    count_in,
    decision_of,
    decisions_on,
    find_case,
    find_receipt,
    is_receipt_open,
    open_case,
    reporters_in,
)
from storage.channels import channel
from storage.clocks import Clock, start_clock, stop_clocks
from storage.feedback import Feedback, find_feedback
from storage.people import members
from storage.tables import add, change, keep, lock
from storage.workspaces import lock_workspace

WAITING_AT_ONCE = 5
ENOUGH = "cases.enough"  # the subject of the message that tells marketing that the examples it wanted are there


def join(ctx: Context, feedback_id: int) -> FeedbackCase:
    """Put feedback into the case of its like, or open one; marketing's card shows it."""
    feedback = _feedback(ctx, feedback_id)
    code = feedback.code
    case = open_case(ctx.session, ctx.workspace.id, code, feedback.campaign_id) if code else None
    if case is None and code:  # two who say the same at once open one case
        lock_workspace(ctx.session, ctx.workspace.id)
        case = open_case(ctx.session, ctx.workspace.id, code, feedback.campaign_id)
    if case is None:
        case = FeedbackCase(
            workspace_id=ctx.workspace.id, code=code, campaign_id=feedback.campaign_id, opened_at=ctx.now
        )
        keep(ctx.session, case)
        owner = campaign_owner(ctx.session, ctx.workspace.id, case.campaign_id)
        _start_clock(ctx, "M1", "case", case.id, owner.id if owner else None)
    change(ctx.session, feedback, {"case_id": case.id})
    if case.examples_wanted and count_in(ctx.session, ctx.workspace.id, case.id) >= case.examples_wanted:
        change(ctx.session, case, {"examples_wanted": None})
        _ask_to_decide(ctx, case)
    if case.posted_at is None:
        post(ctx, case)
    ctx.refresh("case", case.id)
    return case


def _ask_to_decide(ctx: Context, case: FeedbackCase) -> None:
    """There are enough examples now; nobody notices that a card has changed, so a message below it says so."""
    _start_clock(ctx, "M2", "case", case.id, case.acknowledged_by)
    for posted in cards(ctx.session, ctx.workspace.id, "case", case.id):
        place = channel(ctx.session, ctx.workspace.id, posted.channel_id) if posted.channel_id else None
        to = place or (ctx.colleague(posted.member_id) if posted.member_id else None)
        if to:
            ctx.post(to, subject=(ENOUGH, case.id), thread=posted)


def move(ctx: Context, feedback_id: int) -> None:
    """Feedback has another code now: its case changes with it if it is alone there, else it joins its new like."""
    feedback = _feedback(ctx, feedback_id)
    case = known(ctx, feedback.case_id or 0)
    if case.acknowledged_at or case.closed_at:  # marketing answers, or has answered, what was said first
        ctx.refresh("case", case.id)
        return
    is_alone = count_in(ctx.session, ctx.workspace.id, case.id) == 1
    like = open_case(ctx.session, ctx.workspace.id, feedback.code or "", feedback.campaign_id)
    if is_alone and like is None:
        case.code = feedback.code
        ctx.refresh("case", case.id)
        return
    join(ctx, feedback_id)
    if is_alone:
        _close_empty(ctx, case)
        for posted in cards(ctx.session, ctx.workspace.id, "case", case.id):
            ctx.delete(posted)
    else:
        ctx.refresh("case", case.id)


def post(ctx: Context, case: FeedbackCase) -> None:
    """Show the case to the campaign's owner, else in the marketing channel; where there is neither, it waits."""
    to = who_answers(ctx.session, ctx.workspace.id, case.campaign_id)
    if to and ctx.post(to, subject=("case", case.id)):
        change(ctx.session, case, {"posted_at": ctx.now})


def post_waiting(ctx: Context) -> None:
    """Show cases that waited, a few at a time: each card that stands then brings more."""
    for case in cases_without_card(ctx.session, ctx.workspace.id, limit=WAITING_AT_ONCE):
        post(ctx, case)


def leave(ctx: Context, withdrawn: FeedbackWithdrawn) -> None:
    """Feedback is taken back; refused once marketing has acted on it."""
    feedback = _feedback(ctx, withdrawn.feedback_id)
    if feedback.case_id is None:
        return
    case = known(ctx, feedback.case_id)
    acted = [(made.decided_at, made.decided_by) for made in decisions_on(ctx.session, ctx.workspace.id, case.id)]
    if case.acknowledged_at and case.acknowledged_by:
        acted.append((case.acknowledged_at, case.acknowledged_by))
    for at, by in acted:
        if at >= feedback.given_at and by != ctx.member.id:
            sentence = _("{name} has acted on it since, so it cannot be undone.")
            raise UserError(fill(sentence, name=ctx.colleague(by).name))
    if count_in(ctx.session, ctx.workspace.id, case.id) == 0:
        _close_empty(ctx, case)
    ctx.refresh("case", case.id)


def acknowledge(ctx: Context, case_id: int) -> FeedbackCase:
    """A named marketer has seen it; pressing again changes nothing."""
    lock(ctx.session, FeedbackCase, ctx.workspace.id, case_id)
    case = answerable(ctx, case_id)
    if case.acknowledged_at is None:
        change(ctx.session, case, {"acknowledged_at": ctx.now, "acknowledged_by": ctx.member.id})
        stop_clocks(ctx.session, ctx.workspace.id, "case", case.id, ("M1",), ctx.now)
        _start_clock(ctx, "M2", "case", case.id, ctx.member.id)
        ctx.refresh("case", case.id)
        ctx.heed("case", case.id)
    return case


def decide(ctx: Context, asked: Decide) -> tuple[Decision, int]:
    """Record marketing's answer and write a receipt for every reporter; also how many get one."""
    lock(ctx.session, FeedbackCase, ctx.workspace.id, asked.case)
    case = answerable(ctx, asked.case)
    _check(ctx, asked)
    acknowledge(ctx, case.id)
    decision = Decision(
        workspace_id=ctx.workspace.id,
        case_id=case.id,
        answer=asked.answer,
        text=ctx.readable(asked.text),
        due_on=asked.due_on if asked.answer == "change" else None,
        examples=asked.examples if asked.answer == "need_more" else None,
        decided_by=ctx.member.id,
        decided_at=ctx.now,
    )
    add(ctx.session, decision)
    stop_clocks(ctx.session, ctx.workspace.id, "case", case.id, ("M2",), ctx.now)
    ctx.emit(ClocksChanged("case", case.id))
    if asked.answer == "need_more" and asked.examples:
        wanted = count_in(ctx.session, ctx.workspace.id, case.id) + asked.examples
        change(ctx.session, case, {"examples_wanted": wanted})
    else:
        change(ctx.session, case, {"closed_at": ctx.now})
    reporters = members(ctx.session, ctx.workspace.id, reporters_in(ctx.session, ctx.workspace.id, case.id))
    told = [member_id for member_id, member in reporters.items() if member.belongs]
    add_receipts(ctx.session, ctx.workspace.id, decision.id, told)
    if told:
        _start_clock(ctx, "M3", "decision", decision.id, ctx.member.id)
    ctx.refresh("case", case.id)
    return decision, len(told)


def sent(ctx: Context, receipt_id: int) -> Decision | None:
    """A receipt stands in its reporter's DM; after the last one the loop is closed. The decision, if it was new."""
    receipt = find_receipt(ctx.session, ctx.workspace.id, receipt_id)
    if receipt is None or receipt.sent_at:
        return None
    change(ctx.session, receipt, {"sent_at": ctx.now})
    return _settled(ctx, receipt)


def lost(ctx: Context, receipt_id: int) -> Decision | None:
    """The platform will not take a receipt to its reporter; marketing's clock does not wait for it, nor do others."""
    receipt = find_receipt(ctx.session, ctx.workspace.id, receipt_id)
    if receipt is None or receipt.sent_at or receipt.lost_at:
        return None
    change(ctx.session, receipt, {"lost_at": ctx.now})
    return _settled(ctx, receipt)


def _settled(ctx: Context, receipt: Receipt) -> Decision:
    lock(ctx.session, Decision, ctx.workspace.id, receipt.decision_id)  # else neither of the last two sees the other
    if not is_receipt_open(ctx.session, ctx.workspace.id, receipt.decision_id):
        stop_clocks(ctx.session, ctx.workspace.id, "decision", receipt.decision_id, ("M3",), ctx.now)
    return decision_of(ctx.session, ctx.workspace.id, receipt.decision_id)


def tell_whether_it_helps(ctx: Context, receipt_id: int, helps: bool) -> Receipt:
    """One tap of the reporter; another tap changes it."""
    receipt = find_receipt(ctx.session, ctx.workspace.id, receipt_id)
    if receipt is None or receipt.member_id != ctx.member.id:
        raise UserError(_("This answer is for somebody else."))
    change(ctx.session, receipt, {"helps": helps, "answered_at": ctx.now})
    ctx.refresh("receipt", receipt.id)
    ctx.heed("receipt", receipt.id)
    return receipt


def answerable(ctx: Context, case_id: int) -> FeedbackCase:
    """The case, if the member may answer it: marketing, the campaign's owner or their stand-in, or an admin."""
    case = known(ctx, case_id)
    if not answers(ctx.member, campaign_owner(ctx.session, ctx.workspace.id, case.campaign_id)):
        raise UserError(_("Marketing answers this. Are you in marketing? Tell me with /parley me"))
    if case.closed_at:
        raise UserError(_("This was decided already."))
    return case


def known(ctx: Context, case_id: int) -> FeedbackCase:
    case = find_case(ctx.session, ctx.workspace.id, case_id)
    if case is None:
        raise UserError(_("This case no longer exists."))
    return case


def _close_empty(ctx: Context, case: FeedbackCase) -> None:
    """Nothing is left to answer."""
    case.closed_at = ctx.now
    stop_clocks(ctx.session, ctx.workspace.id, "case", case.id, ("M1", "M2"), ctx.now)
    ctx.emit(ClocksChanged("case", case.id))


def _check(ctx: Context, asked: Decide) -> None:
    today = ctx.now.astimezone(zone_of(ctx.member.timezone)).date()
    if asked.answer == "change" and asked.due_on is None:
        raise UserError(_("By when? Please choose a day."), "due_on")
    if asked.answer == "change" and asked.due_on and asked.due_on < today:
        raise UserError(_("Please choose a day that is not over."), "due_on")
    if asked.answer == "need_more" and asked.examples is None:
        raise UserError(_("How many more? Please write a number."), "examples")


def _start_clock(ctx: Context, kind: str, subject: str, subject_id: int, responsible_id: int | None = None) -> None:
    """Start a clock; after each request for more examples the case has one more M2."""
    is_case = subject == "case"
    clock = Clock(
        workspace_id=ctx.workspace.id,
        kind=kind,
        subject=subject,
        subject_id=subject_id,
        cycle=1 + (len(decisions_on(ctx.session, ctx.workspace.id, subject_id)) if is_case else 0),
        responsible_id=responsible_id,
        policy=policy(ctx.workspace, kind),
        started_at=ctx.now,
    )
    start_clock(ctx.session, clock)
    ctx.emit(ClocksChanged(subject, subject_id))


def _feedback(ctx: Context, feedback_id: int) -> Feedback:
    feedback = find_feedback(ctx.session, ctx.workspace.id, feedback_id)
    assert feedback, "the event names feedback of this transaction"
    return feedback
