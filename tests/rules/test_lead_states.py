"""The states of a lead, whatever is done with it in whatever order."""

from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.rules.codes import CODES, CodeKind, fits, kinds_that_fit
from bot.rules.lead_states import GONE, OPEN, LeadState, after, decides, possible, state_name
from storage.people import Member, Side

ACTS = ("hand_off", "accept", "attempt", "connect", "qualify", "win", "lose", "reject", "disqualify", "recycle", "wake")
FINAL = {LeadState.WON, LeadState.LOST, LeadState.REJECTED, LeadState.DISQUALIFIED, *GONE}


@dataclass
class Life:
    """What was done, each deed with the state it found."""

    state: LeadState = LeadState.NEW
    deeds: list[tuple[str, LeadState]] = field(default_factory=list)

    def did(self, act: str) -> bool:
        """In this cycle: what was done before the last wake-up does not count."""
        acts = [deed for deed, _ in self.deeds]
        return act in acts[len(acts) - acts[::-1].index("wake") if "wake" in acts else 0 :]


class AnyLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.life = Life()

    @precondition(lambda self: possible(self.life.state))
    @rule(data=st.data())
    def do(self, data):
        before = self.life.state
        act = data.draw(st.sampled_from(possible(before)))
        assert before not in FINAL, "a final state is final"
        if act == "reject":
            assert not self.life.did("attempt"), "rejecting is for before the first attempt"
        if act == "disqualify":
            assert self.life.did("connect"), "disqualifying is for after contact"
        if act == "qualify":
            assert self.life.did("connect")
        self.life.deeds.append((act, before))
        self.life.state = after(before, act)

    @precondition(lambda self: self.life.deeds)
    @rule()
    def undo(self):
        """A deed can be done again just where it was undone."""
        act, before = self.life.deeds.pop()
        assert after(before, act) == self.life.state
        self.life.state = before

    @invariant()
    def only_what_is_possible_leads_anywhere(self):
        leading = [act for act in ACTS if after(self.life.state, act) is not None]
        assert leading == possible(self.life.state)

    @invariant()
    def something_can_be_done_unless_it_is_over(self):
        assert bool(possible(self.life.state)) == (self.life.state not in FINAL)
        assert (self.life.state in OPEN) == (self.life.state not in FINAL | {LeadState.RECYCLED})

    @invariant()
    def what_can_be_said_is_what_can_be_done(self):
        for code in CODES:
            if code.kind.moves and fits(code, self.life.state):
                assert code.kind.value in possible(self.life.state)
        offered = {kind for kind in kinds_that_fit(self.life.state) if kind.moves}
        assert offered == {kind for kind in CodeKind if kind.moves and kind.value in possible(self.life.state)}


test_any_life_of_a_lead = AnyLife.TestCase


def test_every_state_has_a_name():
    assert len({state_name(state) for state in LeadState}) == len(LeadState)


def test_a_lead_comes_back_and_goes_the_same_way_again():
    state = LeadState.NEW
    for act in ("hand_off", "recycle", "wake", "hand_off", "accept", "attempt", "attempt", "connect", "qualify", "win"):
        state = after(state, act)
    assert state == LeadState.WON


def member(number, side, **more):
    return Member(id=number, workspace_id=1, external_id=str(number), name=str(number), side=side, **more)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (member(1, Side.SALES), True),  # the owner
        (member(2, Side.SALES), True),  # who stands in
        (member(3, Side.SALES), False),
        (member(3, Side.MARKETING), False),
        (member(3, Side.OTHER, is_admin=True), True),
        (member(3, Side.MARKETING, is_platform_admin=True), True),
    ],
)
def test_the_owner_the_stand_in_and_admins_decide(who, may):
    assert decides(who, member(1, Side.SALES, stand_in_id=2)) is may


@pytest.mark.parametrize("side", [*Side, None])
def test_of_a_lead_nobody_owns_sales_decides_and_who_has_not_said_their_side_may_take_it(side):
    assert decides(member(3, side), None) is (side == Side.SALES)
    assert decides(member(3, side), None, "accept") is (side in (Side.SALES, None))
