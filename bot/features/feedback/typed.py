"""Feedback typed in one line: `L-7 R8 only three employees`, `Acme N1 2027-03-01 call after the fair`."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlmodel import Session

from bot.rules.codes import Code, CodeKind
from storage.leads import Lead, find_called, find_leads

_LATER = re.compile(r"(\d{1,3})([dwmDWM])$")
_DAYS = {"d": 1, "w": 7, "m": 30}
NAME_WORDS = 5  # words a company's name may have at the beginning of the line
MATCHES = 8


@dataclass(frozen=True)
class Typed:
    """What a line was understood to say; `note` keeps everything that was not understood."""

    leads: list[Lead] = field(default_factory=list)  # none, one, or several to choose from
    is_key: bool = False  # the lead was named by its key
    code: Code | None = None
    wake_on: date | None = None
    note: str = ""
    missing: str = ""  # what was taken for the name of a lead nobody knows


def understand(session: Session, workspace_id: int, text: str, codes: dict[str, Code], today: date) -> Typed:
    """Read a line: a lead's key or the beginning of its company's name, a code, a wake-up date, a note."""
    first, rest = _cut(text)
    if lead := find_called(session, workspace_id, first):
        return _coded([lead], True, rest, codes, today)
    words = text.split()
    for count in range(min(NAME_WORDS, len(words)), 0, -1):
        if words[0].upper() in codes:
            break
        leads = find_leads(session, workspace_id, " ".join(words[:count]), MATCHES)
        if leads:
            return _coded(leads, False, " ".join(words[count:]), codes, today)
    for place, word in enumerate(words[: NAME_WORDS + 1]):
        if word.upper() in codes:
            coded = _coded([], False, " ".join(words[place:]), codes, today)
            return replace(coded, missing=" ".join(words[:place]))
    return Typed(note=text, missing=first)


def _coded(leads: list[Lead], is_key: bool, text: str, codes: dict[str, Code], today: date) -> Typed:
    first, rest = _cut(text)
    code = codes.get(first.upper())
    if code is None:
        return Typed(leads, is_key, None, None, text)
    word, after = _cut(rest)
    wake_on = _day(word, today) if code.kind == CodeKind.RECYCLE else None
    return Typed(leads, is_key, code, wake_on, after if wake_on else rest)


def _day(word: str, today: date) -> date | None:
    """2027-03-01, or 2w, 3m: so long from today."""
    if later := _LATER.match(word):
        return today + timedelta(days=int(later[1]) * _DAYS[later[2].lower()])
    try:
        return date.fromisoformat(word) if "-" in word else None
    except ValueError:
        return None


def _cut(text: str) -> tuple[str, str]:
    first, *rest = text.split(maxsplit=1) or [""]
    return first.rstrip(":,;."), rest[0] if rest else ""
