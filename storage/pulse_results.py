"""Published results of pulses, what heads say they will do, and how who was asked has changed between two waves."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, select
from sqlmodel.sql.sqltypes import AutoString

from storage.people import Side
from storage.pulse import PulseAsked, PulseWave
from storage.statements import Query
from storage.tables import Instant, Row


class PulseResult(Row, table=True):
    """All that was published of a wave: bot/rules/published.py as JSON. What is computed later is made of this."""

    __tablename__ = "pulse_result"
    __table_args__ = (UniqueConstraint("wave_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", index=True)
    wave_id: int = Field(foreign_key="pulse_wave.id")
    published_at: datetime = Field(sa_type=Instant)
    body: str


class PulseSentence(Row, table=True):
    """What a head says they will do after a result; the newest of what they said."""

    __tablename__ = "pulse_sentence"
    __table_args__ = (UniqueConstraint("wave_id", "member_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    wave_id: int = Field(foreign_key="pulse_wave.id")
    member_id: int = Field(foreign_key="member.id", index=True)
    side: Side = Field(sa_type=AutoString)  # for which they spoke
    text: str
    said_at: datetime = Field(sa_type=Instant)


_OF_WAVE = Query(
    select(PulseResult).where(
        PulseResult.workspace_id == bindparam("workspace_id"), PulseResult.wave_id == bindparam("wave_id")
    )
)
_LAST_BEFORE = Query(
    select(PulseResult.wave_id)
    .where(PulseResult.workspace_id == bindparam("workspace_id"), PulseResult.wave_id < bindparam("wave_id"))
    .order_by(col(PulseResult.wave_id).desc())
    .limit(1)
)
_SENTENCES = Query(
    select(PulseSentence)
    .where(PulseSentence.workspace_id == bindparam("workspace_id"), PulseSentence.wave_id == bindparam("wave_id"))
    .order_by(col(PulseSentence.id))
)


def find_result(session: Session, workspace_id: int, wave_id: int) -> PulseResult | None:
    return _OF_WAVE.first(session, workspace_id=workspace_id, wave_id=wave_id)


def newest_published(session: Session, workspace_id: int) -> PulseWave | None:
    """The last wave that has a result."""
    query = select(PulseWave).join(PulseResult, col(PulseResult.wave_id) == col(PulseWave.id))
    query = query.where(PulseWave.workspace_id == workspace_id, PulseResult.workspace_id == workspace_id)
    return session.exec(query.order_by(col(PulseWave.number).desc()).limit(1)).first()


def last_results(session: Session, workspace_id: int, limit: int) -> Sequence[PulseResult]:
    """The newest first."""
    query = select(PulseResult).where(PulseResult.workspace_id == workspace_id)
    return session.exec(query.order_by(col(PulseResult.wave_id).desc()).limit(limit)).all()


def results_with_waves(
    session: Session, workspace_id: int, limit: int | None
) -> Sequence[tuple[PulseWave, PulseResult]]:
    """The last ones, or all without a limit; the oldest of them first."""
    query = select(PulseWave, PulseResult).join(PulseResult, col(PulseResult.wave_id) == col(PulseWave.id))
    query = query.where(PulseResult.workspace_id == workspace_id, PulseWave.workspace_id == workspace_id)
    return session.exec(query.order_by(col(PulseWave.id).desc()).limit(limit)).all()[::-1]


def sentences_after(session: Session, workspace_id: int, wave_id: int) -> Sequence[PulseSentence]:
    """What heads said about the result of a wave, sales first."""
    found = _SENTENCES.all(session, workspace_id=workspace_id, wave_id=wave_id)
    return sorted(found, key=lambda said: said.side != Side.SALES)


def sentences_before(session: Session, workspace_id: int, wave_id: int) -> Sequence[PulseSentence]:
    """What heads said about the last result that was published before this wave."""
    last = _LAST_BEFORE.first(session, workspace_id=workspace_id, wave_id=wave_id)
    return sentences_after(session, workspace_id, last) if last else []


def find_sentence(session: Session, workspace_id: int, wave_id: int, member_id: int) -> PulseSentence | None:
    query = select(PulseSentence).where(PulseSentence.workspace_id == workspace_id, PulseSentence.wave_id == wave_id)
    return session.exec(query.where(PulseSentence.member_id == member_id)).first()


class Changes(NamedTuple):
    """How many of a side were asked in the later of two waves and not in the earlier one, and the other way round."""

    added: int
    removed: int


def changes_in_asked(session: Session, workspace_id: int, before: PulseWave, wave: PulseWave) -> dict[Side, Changes]:
    """Those of an earlier wave who were erased since count as removed."""
    query = select(PulseAsked).where(PulseAsked.workspace_id == workspace_id)
    found = session.exec(query.where(col(PulseAsked.wave_id).in_((before.id, wave.id)))).all()
    changes = {}
    for side in (Side.SALES, Side.MARKETING):
        earlier, later = (
            {asked.member_id for asked in found if asked.wave_id == each.id and asked.side == side}
            for each in (before, wave)
        )
        erased = max(before.asked(side) - len(earlier), 0)
        changes[side] = Changes(len(later - earlier), len(earlier - later) + erased)
    return changes
