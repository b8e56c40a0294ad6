"""Whose ballots are whose, while a wave is open: only with its key can that be told."""

import hmac
import secrets
from collections.abc import Iterable

from sqlmodel import Session

from storage.ballots import ballots_cast
from storage.people import Side
from storage.pulse import PulseQuestion, PulseWave, QuestionKind, people_asked, questions_of

COMMENT = 0  # what is said in words has one place, whatever it answers to


def ballot_id(key: bytes, member_id: int, position: int) -> str:
    """The same for the same member and question, and telling nobody else of either."""
    return hmac.digest(key, f"{member_id}:{position}".encode(), "sha256").hex()


def sealed_number(key: bytes, number: int) -> str:
    """A number below 2**64 that only the key tells; the same number looks different each time."""
    nonce = secrets.token_bytes(8)
    return (nonce + (number ^ _mask(key, nonce)).to_bytes(8)).hex()


def unsealed_number(key: bytes, sealed: str) -> int:
    nonce, masked = bytes.fromhex(sealed[:16]), int(sealed[16:], 16)
    return masked ^ _mask(key, nonce)


def _mask(key: bytes, nonce: bytes) -> int:
    return int.from_bytes(hmac.digest(key, b"number:" + nonce, "sha256")[:8])


def scored(questions: Iterable[PulseQuestion]) -> list[PulseQuestion]:
    """Those that are answered by a number."""
    return [each for each in questions if each.kind != QuestionKind.OPEN]


def who_answered(session: Session, wave: PulseWave, key: bytes) -> dict[int, Side]:
    """Those who are asked and have answered at least one question, and their sides."""
    cast = ballots_cast(session, wave.workspace_id, wave.id)
    positions = [each.position for each in scored(questions_of(session, wave.workspace_id, wave.id))]
    asked = people_asked(session, wave.workspace_id, wave.id)
    return {
        member_id: side
        for member_id, side in asked
        if any(ballot_id(key, member_id, position) in cast for position in positions)
    }


def turnout(answered: dict[int, Side]) -> tuple[int, int]:
    """How many of sales and of marketing."""
    sides = list(answered.values())
    return sides.count(Side.SALES), sides.count(Side.MARKETING)
