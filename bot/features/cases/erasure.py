"""Erasing from marketing's answers: that there was an answer, and which, stays; the words and the name go."""

from bot.core.context import Context
from bot.core.erasing import Erased
from storage.cases import Decision, FeedbackCase, Receipt, decision_of

TOLD = "cases.told"  # the subject of the answer in the threads of leads, by its receipt


def from_case(ctx: Context, erased: Erased, case: FeedbackCase) -> bool:
    is_theirs = case.acknowledged_by is not None and case.acknowledged_by == erased.member_id
    if is_theirs:
        ctx.refresh("case", case.id)
    return is_theirs


def from_decision(ctx: Context, erased: Erased, decision: Decision) -> bool:
    is_theirs, before = decision.decided_by == erased.member_id, decision.text
    decision.text = erased.left_of(before, is_theirs=is_theirs) or ""
    if decision.text == before and not is_theirs:
        return False
    ctx.refresh("case", decision.case_id)
    return True


def from_receipt(ctx: Context, erased: Erased, receipt: Receipt) -> bool:
    """It shows the decision, from which something may have been erased before."""
    decision = decision_of(ctx.session, ctx.workspace.id, receipt.decision_id)
    if decision.decided_by != erased.member_id and not erased.was_in(decision.text):
        return False
    ctx.refresh("receipt", receipt.id)
    ctx.refresh(TOLD, receipt.id, every=True)
    return True
