"""Which texts announce a lead: patterns in RE2, which never goes back and cannot be made to.

A pattern is one expression a line. The first must be found, then each is looked for by itself, so that lines of a
message may stand in any order; the named groups are the fields, and the first that says something counts.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import re2

from bot.core.context import UserError
from bot.core.language import _, fill
from bot.core.limits import clip
from bot.rules.lead_fields import as_fields

FIELDS = (
    "company", "key", "source", "campaign", "owner", "value", "contact", "email", "phone", "summary", "temperature",
)  # fmt: skip
LONGEST_TEXT, LONGEST_PATTERN, MOST_LINES = 8000, 1000, 20
MOST_STEPS = 800  # instructions of a pattern's program: each may be looked at for every letter of a text

_OPTIONS = re2.Options()
_OPTIONS.max_mem, _OPTIONS.log_errors = 2**20, False
_MARKS = re.compile(r"(?m)^(?:[ \t>•‣▪-]|:[a-z0-9_+-]+:)+|[*`]")

_LINES = r"""^(?:(?:company|account|organi[sz]ation)(?: name)?) *[:=] *(?P<company>.+)$
^(?:lead )?source *[:=] *(?P<source>.+)$
^(?:utm )?campaign(?: name)? *[:=] *(?P<campaign>.+)$
^(?:(?:lead|deal|contact) )?(?:owner|seller|assigned to) *[:=] *(?P<owner>.+)$
^(?:(?:deal|lead) )?(?:value|amount|budget) *[:=] *(?P<value>.+)$
^(?:(?:full|contact) )?(?:name|contact|person) *[:=] *(?P<contact>.+)$
^e-?mail(?: address)? *[:=] *(?P<email>\S+)
^(?:phone|mobile|tel)(?: number)? *[:=] *(?P<phone>.+)$
^(?:summary|notes?|message|comments?) *[:=] *(?P<summary>.+)$
^(?:temperature|priority|rating) *[:=] *(?P<temperature>.+)$
^(?:(?:lead|deal|record) )?(?:key|id) *[:=] *(?P<key>\S+)"""

DEFAULTS: Mapping[str, str] = {
    "new lead": rf"""^new (?:[a-z-]+ )?(?:lead|mql|prospect) *(?:(?:[:\x{{2013}}\x{{2014}}]|- ) *(?P<company>.*)|!*)$
{_LINES}""",
    "hubspot": rf"""^(?:\[?new (?:contact|deal|form submission|company)\b.*|.*(?:submitted a form|became a lead).*)$
{_LINES}""",
    "salesforce": rf"""^(?:new )?lead assigned *[:\x{{2013}}\x{{2014}}] *(?P<contact>.+) (?:from|at) (?P<company>.+)$
{_LINES}""",
    "salesforce record": rf"""^(?:new )?lead (?:record )?(?:assigned|created)\b.*$
{_LINES}""",
    "pipedrive": rf"""^(?:new deal\b.*|deal (?:created|added)\b.*|.* (?:added|created) a (?:new )?(?:deal|lead)\b.*)$
{_LINES}""",
}


class _Line(NamedTuple):
    """One expression of a pattern, and which of its groups is which field: to ask takes as long as to look."""

    expression: re2._Regexp
    fields: tuple[tuple[str, int], ...]


class _Pattern(NamedTuple):
    """The lines, and all of them as one: in one look over a text it tells which of them are there."""

    lines: tuple[_Line, ...]
    all: re2.Set


def recognise(pattern: str, text: str) -> dict[str, str] | None:
    """The fields of the lead that a text announces; None where it announces none."""
    return _recognise(_compiled(pattern), readable(text).encode())


def first_lead(patterns: Iterable[str], text: str) -> tuple[int, dict[str, str]] | None:
    """By the first pattern that finds a lead: its place among them, and the fields."""
    lines = readable(text).encode()
    for number, pattern in enumerate(patterns):
        if (fields := _recognise(_compiled(pattern), lines)) is not None:
            return number, fields
    return None


def check_pattern(pattern: str, field: str | None = None) -> None:
    """Raise UserError, with a sentence, for what is no pattern or would be a slow one."""
    if len(pattern) > LONGEST_PATTERN:
        raise UserError(fill(_("A pattern has at most {n} characters."), n=LONGEST_PATTERN), field)
    try:
        compiled = _compile(pattern)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise UserError(fill(_("This is not a pattern: {reason}."), reason=clip(reason, 200)), field) from None
    if not compiled.lines:
        raise UserError(_("Please write a pattern."), field)
    if len(compiled.lines) > MOST_LINES:
        raise UserError(fill(_("A pattern has at most {n} lines."), n=MOST_LINES), field)
    if sum(line.expression.programsize for line in compiled.lines) > MOST_STEPS:
        sentence = _("This pattern is too big to be quick. Please use .* where you count, as in .{0,300}.")
        raise UserError(sentence, field)
    named = {name for line in compiled.lines for name, _group in line.fields}
    if unknown := sorted(named - set(FIELDS)):
        sentence = _("There is no field “{name}”. There are: {fields}.")
        raise UserError(fill(sentence, name=clip(unknown[0], 80), fields=", ".join(FIELDS)), field)
    if "company" not in named:
        raise UserError(_("A lead needs a company: name a group (?P<company>...)."), field)


def readable(text: str) -> str:
    """The text without what only decorates its lines: bold marks, bullets, leading emoji."""
    text = text[:LONGEST_TEXT].replace("\r", "")
    cleaned: str = _MARKS.sub("", text)
    return "\n".join(line.strip() for line in cleaned.split("\n"))


def _recognise(pattern: _Pattern, text: bytes) -> dict[str, str] | None:
    """In UTF-8, as RE2 works: it need not count letters then."""
    there = sorted(pattern.all.Match(text) or ())
    if 0 not in there:
        return None
    found: dict[str, str] = {}
    for number in there:
        line = pattern.lines[number]
        if match := line.expression.search(text):
            for name, group in line.fields:
                begin, end = match.span(group)  # -1 and -1 where it is not in the match
                if name not in found and (value := text[begin:end].strip()):
                    found[name] = value.decode()
    fields = as_fields({name: value for name, value in found.items() if name in FIELDS})
    return fields if fields.get("company") else None


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> _Pattern:
    """As _compile; a pattern that was saved and is none any more, after an upgrade of RE2, finds nothing."""
    try:
        return _compile(pattern)
    except re2.error:
        return _compile("")


def _compile(pattern: str) -> _Pattern:
    every = [f"(?im){line.strip()}" for line in pattern.splitlines() if line.strip()]
    lines = [re2.compile(line, _OPTIONS) for line in every]
    together = re2.Set.SearchSet(_OPTIONS)
    for line in every:
        together.Add(line)
    together.Compile()
    return _Pattern(tuple(_Line(line, tuple(line.groupindex.items())) for line in lines), together)
