"""How an open item looks: what there is to do, who does something about it, and the buttons for that.

It names nobody who is late: who a lead is with stands on the lead's own card.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.action import PartialAction
from bot.core.language import N_, _, fill, ngettext
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Message, Part, Quote, line
from bot.features.digest.actions import Act, TakeBack
from bot.features.digest.facts import GONE, OPEN
from bot.rules.lead_states import LeadState, state_name
from storage.digest import Deed

SIGNS = {Deed.TAKE: "🙋", Deed.DONE: "✅", Deed.LOOK: "👀", Deed.NOT_TODAY: "💤"}
LABELS = {
    Deed.TAKE: N_("I take it"),
    Deed.DONE: N_("Done"),
    Deed.LOOK: N_("Looking"),
    Deed.NOT_TODAY: N_("Not today"),
}
_SAID = {
    Deed.TAKE: N_("Taken by {names}."),
    Deed.DONE: N_("Done, says {names}."),
    Deed.LOOK: N_("Looking at it: {names}"),
    Deed.NOT_TODAY: N_("Not today, says {names}."),
}
_CONFIRMED = {
    Deed.TAKE: N_("You take {what}."),
    Deed.DONE: N_("Noted: {what} is done."),
    Deed.LOOK: N_("Noted: you look at {what}."),
    Deed.NOT_TODAY: N_("Noted: {what} not today."),
}
_TO_DO = {
    "S1": N_("To be accepted, or sent back with a reason."),
    "S2": N_("To be contacted for the first time."),
    "S3": N_("To be qualified, disqualified or kept for later."),
    "M1": N_("Marketing has not seen it yet."),
    "M2": N_("Marketing has seen it; a decision is to be made."),
    "Q": N_("Sales asked, and goes on when there is an answer."),
}
_BECAME = {
    "acknowledged": N_("acknowledged"),
    "decided": N_("decided"),
    "answered": N_("answered"),
    OPEN: N_("still open"),
    GONE: N_("not there any more"),
}
_STILL = {  # of what is open yet: who took it is not told to be late
    Deed.TAKE: N_("{name} took it"),
    Deed.DONE: N_("done, says {name}"),
}
_DEEDS = {
    Deed.TAKE: N_("{state}; {name} took it"),
    Deed.DONE: N_("{state}; done, says {name}"),
    Deed.LOOK: N_("{state}; somebody looked at it"),
    Deed.NOT_TODAY: N_("{state}; put off for the day"),
}


@dataclass(frozen=True)
class Item:
    """All that an open item shows. `item_id` is None in a preview."""

    item_id: int | None
    title: str
    to_do: str
    state: str  # OPEN, or what has become of it
    lead_id: int | None = None
    case_id: int | None = None
    question_id: int | None = None
    question: str | None = None
    n: int = 1  # how often it was said
    is_free: bool = False  # nobody has taken the lead
    is_hot: bool = False
    doers: Mapping[str, Sequence[str]] | None = None  # names

    def did(self, deed: Deed) -> Sequence[str]:
        return (self.doers or {}).get(deed, ())


def card(item: Item) -> Message:
    parts: list[Part] = [Line(sentence) for sentence in _sentences(item)]
    if item.question and item.state == OPEN:
        parts.append(Quote(clip(item.question, 400)))
    for deed, sentence in _SAID.items():
        if names := item.did(deed):
            parts.append(line(_(sentence), names=Bold(clip(", ".join(names), 200))))
    rows = [Buttons(*row) for row in (_deeds(item), _ways(item)) if row]
    return Message(clip(item.title, 140), *parts, *rows)


def in_a_line(item: Item) -> Line:
    """As a preview shows it."""
    return Line(Bold(clip(item.title, 140)), f"  {' '.join(_sentences(item))}")


def became(title: str, state: str, deed: str | None, name: str | None) -> Line:
    """What became of an item of the last digest."""
    said = _state(state)
    if deed:
        sentences = _DEEDS | _STILL if state == OPEN else _DEEDS
        said = fill(_(sentences[Deed(deed)]), state=said, name=clip(name or "", 60))
    return Line(Bold(clip(title, 140)), f"  {said}")


def confirmed(item: Item, deed: Deed) -> Message:
    """The private answer to a button, with a way back."""
    sentence = fill(_(_CONFIRMED[deed]), what=clip(item.title, 90))
    return Message(clip(sentence, 150), Buttons(Button(_("Undo"), TakeBack(item=item.item_id or 0, kind=deed))))


def taken_back(item: Item) -> Message:
    return Message(clip(fill(_("Taken back: {what}"), what=clip(item.title, 110)), 150))


def legend() -> str:
    """What the reactions mean."""
    return " · ".join(f"{SIGNS[deed]} {_(label)}" for deed, label in LABELS.items())


def _sentences(item: Item) -> list[str]:
    if item.state != OPEN:
        return [fill(_("Settled: {state}."), state=_state(item.state))]
    hot = [_("Hot.")] if item.is_hot else []
    free = [_("Nobody has taken it yet.")] if item.is_free else []
    often = [fill(ngettext("Said {n} time.", "Said {n} times.", item.n), n=item.n)] if item.n > 1 else []
    return [" ".join([*often, *hot, *free, _(_TO_DO[item.to_do])])]


def _state(state: str) -> str:
    return state_name(state) if state in set(LeadState) else _(_BECAME[state])


def _deeds(item: Item) -> list[Button]:
    if item.state != OPEN or item.item_id is None:
        return []
    offered = [deed for deed in LABELS if not (deed == Deed.TAKE and item.did(Deed.TAKE))]
    return [
        Button(_(LABELS[deed]), Act(item=item.item_id, kind=deed), "good" if deed == Deed.TAKE else "plain")
        for deed in offered
    ]


def _ways(item: Item) -> list[Button | FormButton]:
    """To what it is about: another feature's, linked by wire name."""
    if item.question_id and item.state == OPEN:
        return [FormButton(_("Answer..."), PartialAction.of("questions.open_answer", question=item.question_id))]
    if item.lead_id and item.state != GONE:
        return [Button(_("Show the lead"), PartialAction.of("leads.show", lead=item.lead_id))]
    if item.case_id and item.state in (OPEN, "acknowledged"):
        return [FormButton(_("Decide..."), PartialAction.of("cases.open_decision", case=item.case_id))]
    return []
