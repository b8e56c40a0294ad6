"""The codes of feedback: which there are, what they mean to a workspace, and which fit a lead."""

import pytest

from bot.rules.codes import CODES, GOOD_LEAD, Code, CodeKind, fits, vocabulary
from bot.rules.lead_states import LeadState

EARLY = {LeadState.HANDED_OFF, LeadState.ACCEPTED}
IN_CONTACT = {LeadState.CONNECTED, LeadState.QUALIFIED}
ALIVE = set(LeadState) - {LeadState.WIPED, LeadState.WITHDRAWN}


def test_every_code_is_there_once_and_every_kind_but_praise_has_another_reason():
    codes = [code.code for code in CODES]
    assert len(set(codes)) == len(codes) == 46
    assert {code.kind for code in CODES if code.is_other} == set(CodeKind) - {CodeKind.PRAISE}
    assert not vocabulary([])[GOOD_LEAD].is_other


def test_a_workspace_renames_hides_and_adds_codes():
    codes = vocabulary([("R8", "too small", False), ("D1", "no need", True), ("W8", "they called us", False)])
    assert (codes["R8"].meaning, codes["R8"].is_own, codes["R8"].kind) == ("too small", True, CodeKind.REJECT)
    assert (codes["D1"].is_hidden, codes["D1"].is_own) == (True, False), "hidden, still in our words"
    assert (codes["W8"].meaning, codes["W8"].kind) == ("they called us", CodeKind.PRAISE)
    assert vocabulary([])["R8"].meaning == "outside the agreed customer profile", "for everybody else"


@pytest.mark.parametrize(
    ("code", "states"),
    [
        ("R8", EARLY),
        ("D1", IN_CONTACT),
        ("N1", EARLY | {LeadState.ATTEMPTING} | IN_CONTACT),
        ("N7", {LeadState.ATTEMPTING}),  # unreachable: only who has tried can say so
        ("W1", ALIVE),
        ("M1", ALIVE),
    ],
)
def test_what_a_code_is_said_of(code, states):
    assert {state for state in LeadState if fits(vocabulary([])[code], state)} == states


def test_without_a_lead_only_praise_and_notes_are_said():
    assert {code.kind for code in CODES if fits(code, None)} == {CodeKind.PRAISE, CodeKind.NOTE}


def test_an_own_code_fits_as_its_letter_says():
    assert fits(Code("R12", "their site is down", is_own=True), LeadState.ACCEPTED)
    assert not fits(Code("R12", "their site is down", is_own=True), LeadState.CONNECTED)
