"""A workspace's bank: the shipped statements, with its own wordings in their place."""

from dataclasses import replace
from datetime import date
from itertools import groupby

from sqlmodel import Session

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.features.pulse.actions import ChangeStatement
from bot.features.pulse.rotation import Issue
from bot.features.pulse.settings import check_admin
from bot.features.pulse.statements import ANCHORS, BANK, OPEN_QUESTIONS, SYMPTOMS, TRUST, Statement
from storage.pulse import PulseStatement, changed_statements, codes_asked, keep_statement, kept_settings

REMEMBERED = 60  # waves, by which it is chosen what comes next
_OTHERS = {each.code: each for each in (TRUST, *OPEN_QUESTIONS, *SYMPTOMS)}


def bank_of(session: Session, workspace_id: int) -> tuple[Statement, ...]:
    """The statements that may be asked."""
    changed = {each.code: each for each in changed_statements(session, workspace_id)}
    return tuple(_worded(each, changed.get(each.code)) for each in BANK if not _is_off(changed.get(each.code)))


def all_of(session: Session, workspace_id: int) -> list[Statement]:
    """All statements, also those that are not asked."""
    changed = {each.code: each for each in changed_statements(session, workspace_id)}
    return [_worded(each, changed.get(each.code)) for each in BANK]


def statement(session: Session, workspace_id: int, code: str) -> Statement:
    """Whatever may be asked under this code, in the words of the workspace."""
    if code in _OTHERS:
        return _OTHERS[code]
    changed = {each.code: each for each in changed_statements(session, workspace_id)}
    found = next((each for each in BANK if each.code == code), None)
    if found is None:
        raise UserError(_("There is no such statement."), "code")
    return _worded(found, changed.get(code))


def is_off(session: Session, workspace_id: int, code: str) -> bool:
    return any(each.is_off for each in changed_statements(session, workspace_id) if each.code == code)


def history(session: Session, workspace_id: int) -> list[Issue]:
    """What the last waves asked, the oldest first."""
    asked = codes_asked(session, workspace_id, REMEMBERED)
    return [Issue(week, tuple(code for _week, code in of_week)) for week, of_week in groupby(asked, key=_week_of)]


def change(ctx: Context, asked: ChangeStatement) -> Statement:
    """Let a statement be worded so from the next wave on."""
    check_admin(ctx)
    shipped = next((each for each in BANK if each.code == asked.code), None)
    if shipped is None:
        raise UserError(_("There is no such statement."), "code")
    if asked.asked == "no" and asked.code in ANCHORS:
        raise UserError(_("This one is asked every other week: by it the weeks are compared."), "asked")
    own = PulseStatement(
        workspace_id=ctx.workspace.id,
        code=asked.code,
        sales=asked.sales if asked.sales not in ("", _(shipped.sales)) else None,
        marketing=asked.marketing if asked.marketing not in ("", _(shipped.marketing)) else None,
        is_off=asked.asked == "no",
    )
    keep_statement(ctx.session, own)
    kept_settings(ctx.session, ctx.workspace.id).bank_version += 1
    return statement(ctx.session, ctx.workspace.id, asked.code)


def _worded(shipped: Statement, own: PulseStatement | None) -> Statement:
    if own is None or not (own.sales or own.marketing):
        return shipped
    sales, marketing = own.sales or shipped.sales, own.marketing or shipped.marketing
    return replace(shipped, sales=sales, marketing=marketing, is_shipped=False)


def _is_off(own: PulseStatement | None) -> bool:
    return own is not None and own.is_off


def _week_of(asked: tuple[date, str]) -> date:
    return asked[0]
