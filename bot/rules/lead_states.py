"""The states of a lead and what leads from one to the next. Status is not reason: reasons are codes."""

from enum import StrEnum
from typing import Literal

from bot.core.language import N_, _
from storage.people import Member, Side


class LeadState(StrEnum):
    NEW = "NEW"
    HANDED_OFF = "HANDED_OFF"  # about what others call an MQL delivered
    ACCEPTED = "ACCEPTED"  # SAL
    ATTEMPTING = "ATTEMPTING"
    CONNECTED = "CONNECTED"
    QUALIFIED = "QUALIFIED"  # SQL
    WON = "WON"
    LOST = "LOST"
    REJECTED = "REJECTED"
    DISQUALIFIED = "DISQUALIFIED"
    RECYCLED = "RECYCLED"
    WITHDRAWN = "WITHDRAWN"  # whoever added it took it back before anybody acted on it
    WIPED = "WIPED"


_NAMES = {
    LeadState.NEW: N_("new"),
    LeadState.HANDED_OFF: N_("waiting to be accepted"),
    LeadState.ACCEPTED: N_("accepted"),
    LeadState.ATTEMPTING: N_("being contacted"),
    LeadState.CONNECTED: N_("in contact"),
    LeadState.QUALIFIED: N_("qualified"),
    LeadState.WON: N_("won"),
    LeadState.LOST: N_("lost"),
    LeadState.REJECTED: N_("rejected"),
    LeadState.DISQUALIFIED: N_("disqualified"),
    LeadState.RECYCLED: N_("kept for later"),
    LeadState.WITHDRAWN: N_("withdrawn"),
    LeadState.WIPED: N_("erased"),
}

CAN_BE_REJECTED = {LeadState.HANDED_OFF, LeadState.ACCEPTED}  # only before the first attempt
CAN_BE_DISQUALIFIED = {LeadState.CONNECTED, LeadState.QUALIFIED}  # only after contact
ATTEMPTED = {LeadState.ATTEMPTING}
CAN_BE_RECYCLED = CAN_BE_REJECTED | ATTEMPTED | CAN_BE_DISQUALIFIED
OPEN = CAN_BE_RECYCLED | {LeadState.NEW}  # somebody still has to do something
GONE = {LeadState.WITHDRAWN, LeadState.WIPED}  # nothing is done with it or said of it any more

Act = Literal[
    "hand_off", "accept", "attempt", "connect", "qualify", "win", "lose", "reject", "disqualify", "recycle", "wake"
]

_ACTS: dict[Act, tuple[set[LeadState], LeadState]] = {
    "hand_off": ({LeadState.NEW}, LeadState.HANDED_OFF),
    "accept": ({LeadState.HANDED_OFF}, LeadState.ACCEPTED),
    "attempt": ({LeadState.ACCEPTED, LeadState.ATTEMPTING}, LeadState.ATTEMPTING),
    "connect": ({LeadState.ATTEMPTING}, LeadState.CONNECTED),
    "qualify": ({LeadState.CONNECTED}, LeadState.QUALIFIED),
    "win": ({LeadState.QUALIFIED}, LeadState.WON),
    "lose": ({LeadState.QUALIFIED}, LeadState.LOST),
    "reject": (CAN_BE_REJECTED, LeadState.REJECTED),
    "disqualify": (CAN_BE_DISQUALIFIED, LeadState.DISQUALIFIED),
    "recycle": (CAN_BE_RECYCLED, LeadState.RECYCLED),
    "wake": ({LeadState.RECYCLED}, LeadState.NEW),
}

TARGETS = {act: then for act, (_before, then) in _ACTS.items()}  # the state each act leads to


def after(state: LeadState, act: Act) -> LeadState | None:
    """The state an act leads to; None if the act is not possible in this state."""
    before, then = _ACTS[act]
    return then if state in before else None


def possible(state: LeadState) -> list[Act]:
    """What can be done with a lead in this state."""
    return [act for act, (before, _then) in _ACTS.items() if state in before]


def state_name(state: str) -> str:
    """The state as people say it, in the language being spoken."""
    return _(_NAMES[LeadState(state)])


def decides(member: Member, owner: Member | None, act: Act | None = None) -> bool:
    """Who may change a lead's state: its owner, the owner's stand-in, an admin; of an unowned lead any seller.

    Whoever accepts an unowned lead takes it, also before Parley knows their side: nobody has to register before they
    work, and it is theirs to answer for. Rejecting takes a lead away from all, so of those whose side is not known it
    is an opinion; they can take the lead first.
    """
    if member.administers:
        return True
    if owner is None:
        return member.side == Side.SALES or (act == "accept" and member.side is None)
    return member.id in (owner.id, owner.stand_in_id)
