"""Which column says what, and what the CRM's words for a status mean here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.core.context import UserError
from bot.core.limits import clip
from bot.rules.codes import CodeKind, vocabulary
from bot.rules.lead_states import GONE, LeadState

TEXTS = ("company", "contact", "email", "phone", "source", "segment", "summary")
DATES = ("handed_off_at", "accepted_at", "won_at", "lost_at")
FIELDS = ("key", *TEXTS, "campaign", "value", "temperature", "owner", "status", *DATES)
REASONS = {
    LeadState.REJECTED: CodeKind.REJECT,
    LeadState.DISQUALIFIED: CodeKind.DISQUALIFY,
    LeadState.RECYCLED: CodeKind.RECYCLE,
}
STATES = {re.sub(r"\W|_", "", state.value.casefold()): state for state in LeadState if state not in GONE}


@dataclass(frozen=True, slots=True)
class Status:
    state: LeadState
    reason: str | None = None


def columns_of(header: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Where each field stands: as --map says (FIELD=COLUMN), else the column named like the field."""
    found: dict[str, int] = {}
    for text in wanted:
        name, has_sign, column = (part.strip() for part in text.partition("="))
        if not has_sign or not column:
            raise UserError(f"--map takes FIELD=COLUMN, such as key=lead_id; “{text}” is not of that form.")
        if name not in FIELDS:
            raise UserError(f"There is no field “{name}”. {_nearest(name, FIELDS)}The fields are: {', '.join(FIELDS)}.")
        if name in found:
            raise UserError(f"--map names the field {name} twice.")
        found[name] = _position(header, column)
    for field in FIELDS:
        named = [n for n, column in enumerate(header) if _plain(column) == _plain(field)]
        if field in found or not named:
            continue
        if len(named) > 1:
            both = " and ".join(f"“{header[n]}”" for n in named)
            raise UserError(f"The columns {both} could all be {field}. Say which: --map {field}=COLUMN.")
        found[field] = named[0]
    if "key" not in found:
        known = ", ".join(filter(None, header[:30]))
        raise UserError(f"Say which column tells leads apart: --map key=COLUMN. The columns are: {known}.")
    return found


def statuses_of(wanted: Sequence[str], own: Sequence[tuple[str, str, bool]] = ()) -> dict[str, Status]:
    """What each word for a status means, casefolded: as --status says (WORD=STATE or WORD=STATE:CODE)."""
    codes = vocabulary(own)
    found: dict[str, Status] = {}
    for text in wanted:
        word, has_sign, meaning = (part.strip() for part in text.rpartition("="))
        if not has_sign or not word:
            raise UserError(
                f'--status takes WORD=STATE, such as "Junk Lead=rejected:R6"; “{text}” is not of that form.'
            )
        name, _colon, code = (part.strip() for part in meaning.partition(":"))
        state = STATES.get(_plain(name))
        if state is None:
            known = ", ".join(state.value.lower() for state in STATES.values())
            raise UserError(f"“{name}” is no state of a lead. The states are: {known}.")
        if code and (code.upper() not in codes or codes[code.upper()].kind != REASONS.get(state)):
            fitting = ", ".join(c.code for c in codes.values() if c.kind == REASONS.get(state)) or "none"
            raise UserError(f"“{code}” is no reason for {state.value.lower()}. Codes that are: {fitting}.")
        found[word.casefold()] = Status(state, code.upper() or None)
    return found


def status_of(word: str, known: Mapping[str, Status]) -> Status:
    """What a cell says; UserError where nobody said what it means."""
    if status := known.get(word.casefold()):
        return status
    if state := STATES.get(_plain(word)):
        return Status(state)
    shown = clip(word, 80)
    raise UserError(f'“{shown}” is no status I know. Say what it means: --status "{shown}=STATE".')


def _position(header: Sequence[str], column: str) -> int:
    exactly = [n for n, name in enumerate(header) if name == column]
    roughly = [n for n, name in enumerate(header) if name.casefold() == column.casefold()]
    for named in (exactly, roughly):
        if len(named) == 1:
            return named[0]
        if named:
            raise UserError(f"Several columns are called “{column}”. Rename all but one in the file.")
    known = ", ".join(filter(None, header[:30]))
    raise UserError(f"There is no column “{column}”. {_nearest(column, header)}The columns are: {known}.")


def _nearest(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"Do you mean “{near[0]}”? " if near else ""


def _plain(name: str) -> str:
    return re.sub(r"\W|_", "", name.casefold())
