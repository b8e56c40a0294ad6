"""Feedback typed in one line: `L-7 R8 only three employees`, `Acme N1 2027-03-01 call after the fair`.

Also the code first, `R8 L-7`, and `general M2 too dear for small shops`, about no lead. A company may be called like
one of these words, so leads are looked for first.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from difflib import get_close_matches

from sqlmodel import Session

from bot.rules.codes import Code, CodeKind
from storage.leads import Lead, find_called, find_leads

_LATER = re.compile(r"(\d{1,3})([dwmDWM])$")
_DAYS = {"d": 1, "w": 7, "m": 30}
NAME_WORDS = 5  # words a company's name may have at the beginning of the line
MATCHES = 8
GENERAL, IN_GENERAL = "general", "in general"
WORDS = ("help", "codes", GENERAL)
NEAR = 0.75  # how much of a word is to be right, from 0 to 1


@dataclass(frozen=True)
class Typed:
    """What a line was understood to say; `note` keeps everything that was not understood."""

    leads: list[Lead] = field(default_factory=list)  # none, one, or several to choose from
    is_key: bool = False  # the lead was named by its key
    is_general: bool = False  # about no lead; or, where there are leads, perhaps
    code: Code | None = None
    wake_on: date | None = None
    note: str = ""
    missing: str = ""  # what was taken for the name of a lead nobody knows

    @property
    def is_certain(self) -> bool:
        """Whether what it is about was named, not found."""
        return self.is_key or (self.is_general and not self.leads)


def understand(session: Session, workspace_id: int, text: str, codes: dict[str, Code], today: date) -> Typed:
    """Read a line: a lead's key or the beginning of its company's name, a code, a wake-up date, a note."""
    first, rest = _cut(text)
    if lead := find_called(session, workspace_id, first):
        return _coded([lead], True, rest, codes, today)
    if first.upper() in codes and (behind := understand(session, workspace_id, rest, codes, today)).leads:
        return _coded(behind.leads, behind.is_key, f"{first} {behind.note}", codes, today)
    if text.lower().startswith(IN_GENERAL):
        first, rest = _cut(text[len("in ") :])
        text = f"{first} {rest}"
    words, is_general = text.split(), first.lower() == GENERAL
    for count in range(min(NAME_WORDS, len(words)), 0, -1):
        if words[0].upper() in codes:
            break
        leads = find_leads(session, workspace_id, " ".join(words[:count]), MATCHES)
        if leads:
            typed = _coded(leads, False, " ".join(words[count:]), codes, today)
            return replace(typed, is_general=is_general and count == 1)
    if is_general:
        return replace(_coded([], False, rest, codes, today), is_general=True)
    for place, word in enumerate(words[: NAME_WORDS + 1]):
        if word.upper() in codes:
            coded = _coded([], False, " ".join(words[place:]), codes, today)
            return replace(coded, missing=" ".join(words[:place]))
    return Typed(note=text, missing=first)


def nearest_word(text: str) -> str | None:
    """The word this is a typing error of; None for a text of several words, which says more than that."""
    near = [] if " " in text else get_close_matches(text.lower(), WORDS, n=1, cutoff=NEAR)
    return near[0] if near else None


def _coded(leads: list[Lead], is_key: bool, text: str, codes: dict[str, Code], today: date) -> Typed:
    first, rest = _cut(text)
    code = codes.get(first.upper())
    if code is None:
        return Typed(leads, is_key, note=text)
    word, after = _cut(rest)
    wake_on = _day(word, today) if code.kind == CodeKind.RECYCLE else None
    return Typed(leads, is_key, code=code, wake_on=wake_on, note=after if wake_on else rest)


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
