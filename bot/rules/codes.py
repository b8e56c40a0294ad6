"""The codes of feedback: what a seller can say of a lead, a campaign or the market in one tap.

A workspace can rename, hide and add codes; what is stored with a row of feedback keeps the meaning it had then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.language import N_, _
from bot.rules.lead_states import ATTEMPTED, CAN_BE_DISQUALIFIED, CAN_BE_RECYCLED, CAN_BE_REJECTED, GONE, LeadState


class CodeKind(StrEnum):
    PRAISE = "praise"
    REJECT = "reject"
    DISQUALIFY = "disqualify"
    RECYCLE = "recycle"
    NOTE = "note"

    @property
    def moves(self) -> bool:
        """Whether the lead's state follows such a word."""
        return self in (CodeKind.REJECT, CodeKind.DISQUALIFY, CodeKind.RECYCLE)


LETTERS = {
    "W": CodeKind.PRAISE,
    "R": CodeKind.REJECT,
    "D": CodeKind.DISQUALIFY,
    "N": CodeKind.RECYCLE,
    "M": CodeKind.NOTE,
}
_GROUPS = {
    CodeKind.PRAISE: N_("good"),
    CodeKind.REJECT: N_("reject"),
    CodeKind.DISQUALIFY: N_("disqualify"),
    CodeKind.RECYCLE: N_("not now"),
    CodeKind.NOTE: N_("market note"),
}
GOOD_LEAD = "W0"  # praise that does not say for what
DUPLICATE, WRONG_OWNER, TIMING, HARD_STOP, UNREACHABLE = "R4", "R1", "N1", "D7", "N7"
OTHER_WORDS = 5  # words that "Other" needs, so that it can be reviewed


@dataclass(frozen=True)
class Code:
    """`asks` is what marketing will want to know: it stands behind the code where one is chosen, and as a hint."""

    code: str
    label: str
    asks: str | None = None
    is_hidden: bool = False
    is_own: bool = False  # the workspace's own wording, which is not translated

    @property
    def kind(self) -> CodeKind:
        return LETTERS[self.code[0]]

    @property
    def is_other(self) -> bool:
        return self.code[1:] == "0" and self.code != GOOD_LEAD

    @property
    def title(self) -> str:
        """How it is named to people."""
        return named(self.code, self.meaning)

    @property
    def choice(self) -> str:
        """How it is offered: with its code, and with what it asks."""
        choice = f"{self.code} {self.meaning}"
        return f"{choice}. {_(self.asks)}" if self.asks else choice

    @property
    def meaning(self) -> str:
        """The label, in the language being spoken."""
        return self.label if self.is_own else _(self.label)


_WHICH = N_("Say which, in five words or more.")
CODES = (
    Code("W0", N_("good lead")),
    Code("W1", N_("right person")),
    Code("W2", N_("right moment")),
    Code("W3", N_("well informed by our material"), N_("Which material?")),
    Code("W4", N_("clear pain")),
    Code("W5", N_("the notes saved me time")),
    Code("W6", N_("good account")),
    Code("W7", N_("converted quickly")),
    Code("R1", N_("wrong territory or owner")),
    Code("R2", N_("already in play")),
    Code("R3", N_("existing customer")),
    Code("R4", N_("duplicate"), N_("Of which lead?")),
    Code("R5", N_("contact data missing or dead")),
    Code("R6", N_("identity doubtful")),
    Code("R7", N_("no context")),
    Code("R8", N_("outside the agreed customer profile")),
    Code("R9", N_("not enough intent")),
    Code("R10", N_("not a buyer"), N_("Student, vendor, job seeker or competitor?")),
    Code("R11", N_("organisation closed or merged")),
    Code("R0", N_("other reason to reject"), _WHICH),
    Code("D1", N_("no need")),
    Code("D2", N_("no fit"), N_("Which requirement?")),
    Code("D3", N_("no budget and none planned")),
    Code("D4", N_("no authority")),
    Code("D5", N_("chose a competitor"), N_("Who, and why?")),
    Code("D6", N_("solved in-house")),
    Code("D7", N_("asked not to be contacted")),
    Code("D8", N_("compliance or credit block")),
    Code("D0", N_("other reason to disqualify"), _WHICH),
    Code("N1", N_("timing")),
    Code("N2", N_("budget cycle")),
    Code("N3", N_("under contract")),
    Code("N4", N_("too expensive now")),
    Code("N5", N_("researching")),
    Code("N6", N_("champion left")),
    Code("N7", N_("unreachable after the plan")),
    Code("N8", N_("needs education"), N_("On which topic?")),
    Code("N9", N_("waiting for a feature"), N_("Which feature?")),
    Code("N0", N_("other reason to wait"), _WHICH),
    Code("M1", N_("promise does not match reality")),
    Code("M2", N_("price objection")),
    Code("M3", N_("competitor's claim")),
    Code("M4", N_("new use case")),
    Code("M5", N_("missing material")),
    Code("M6", N_("customer's reaction to a campaign")),
    Code("M0", N_("other note on the market"), _WHICH),
)


def named(code: str, meaning: str) -> str:
    """How a code is named to people: "budget cycle (not now N2)"; praise without a particular reason has no code."""
    return meaning if code == GOOD_LEAD else f"{meaning} ({_(_GROUPS[LETTERS[code[0]]])} {code})"


_BUILT_IN = {code.code: code for code in CODES}

_ALLOWED = {
    CodeKind.REJECT: CAN_BE_REJECTED,
    CodeKind.DISQUALIFY: CAN_BE_DISQUALIFIED,
    CodeKind.RECYCLE: CAN_BE_RECYCLED,
}


def vocabulary(own: Iterable[tuple[str, str, bool]]) -> dict[str, Code]:
    """Every code of a workspace; `own` are its changes: code, label, is_hidden."""
    codes = dict(_BUILT_IN)
    for code, label, is_hidden in own:
        known = codes.get(code, Code(code, label))
        is_renamed = label != known.label
        asks = known.asks if known.is_other or not is_renamed else None  # the question was about the old meaning
        is_own = is_renamed or code not in _BUILT_IN
        codes[code] = replace(known, label=label, asks=asks, is_hidden=is_hidden, is_own=is_own)
    return codes


def fits(code: Code, state: LeadState | None) -> bool:
    """Whether a lead in this state can be given this code; `None`: a campaign, or the market in general."""
    if state is None:
        return code.kind in (CodeKind.PRAISE, CodeKind.NOTE)
    if code.code == UNREACHABLE:
        return state in ATTEMPTED
    return state in _ALLOWED.get(code.kind, set(LeadState) - GONE)


def kinds_that_fit(state: LeadState) -> list[CodeKind]:
    """The kinds that can be said of a lead in this state, praise first."""
    return [kind for kind in CodeKind if kind not in _ALLOWED or state in _ALLOWED[kind]]
