"""What people answer in a pulse: ballots while it is open, which only the key of their wave links to them, and what is
sealed at its close.

Nothing here has a time, or an id that grows. The tables of an open wave refer to no other: PostgreSQL would lock the
row they refer to, which is a trace of every vote. In SQLite they have no row number.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Field, Session, bindparam, col, delete, func, select, update
from sqlmodel.sql.sqltypes import AutoString

from storage.people import Side
from storage.pulse import PulseWave
from storage.statements import Change, Query
from storage.tables import WITHOUT_ROW_NUMBER, Row


class Ballot(Row, table=True):
    """An answer to a question of an open wave; deleted at its close."""

    __tablename__ = "pulse_ballot"
    __table_args__ = WITHOUT_ROW_NUMBER
    wave_id: int = Field(primary_key=True)
    id: str = Field(primary_key=True)  # HMAC(key of the wave, member and question), in hex
    workspace_id: int
    position: int
    side: Side = Field(sa_type=AutoString)
    value: int
    turn: str  # when it was given, as only the key tells: what is delivered late undoes nothing


class StagedComment(Row, table=True):
    """A comment in an open wave; deleted at its close."""

    __tablename__ = "pulse_staged_comment"
    __table_args__ = WITHOUT_ROW_NUMBER
    wave_id: int = Field(primary_key=True)
    id: str = Field(primary_key=True)  # as of a ballot
    workspace_id: int
    position: int  # of the open question; 0: to the wave as a whole
    side: Side = Field(sa_type=AutoString)
    text: str


class SealedAnswer(Row, table=True):
    """How many of a side gave an answer to a question: counts have no order that could tell of anybody.

    Only of sides of which at least the wave's threshold answered the question. Kept until the result is published, for
    there may be more in it than is published.
    """

    __tablename__ = "pulse_sealed_answer"
    wave_id: int = Field(foreign_key="pulse_wave.id", primary_key=True)
    position: int = Field(primary_key=True)
    side: Side = Field(sa_type=AutoString, primary_key=True)
    value: int = Field(primary_key=True)  # as it was pressed: reverse-scored statements are not turned
    workspace_id: int = Field(foreign_key="workspace.id")
    n: int  # at least 1


class SealedComment(Row, table=True):
    """A comment of a side of which at least the wave's threshold for comments answered. Kept as an answer is."""

    __tablename__ = "pulse_sealed_comment"
    __table_args__ = WITHOUT_ROW_NUMBER
    id: str = Field(primary_key=True)  # random
    workspace_id: int = Field(foreign_key="workspace.id")
    wave_id: int = Field(foreign_key="pulse_wave.id", index=True)
    position: int  # of the open question; 0: to the wave as a whole
    side: Side = Field(sa_type=AutoString)
    text: str


def while_open(session: Session, workspace_id: int, wave_id: int) -> None:
    """Have the wave neither close nor be emptied before this commits; it may have, before.

    A lock that PostgreSQL keeps in memory: one of a row would be a trace. SQLite has one writer.
    """
    if session.connection().dialect.name != "sqlite":
        session.connection().execute(_SHARED, {"wave_id": wave_id})


def while_closing(session: Session, workspace_id: int, wave_id: int) -> None:
    """Wait for those who are answering, and let nobody answer before this commits."""
    if session.connection().dialect.name != "sqlite":
        session.connection().execute(_EXCLUSIVE, {"wave_id": wave_id})


def while_casting(session: Session, workspace_id: int, ballot_ids: Iterable[str]) -> None:
    """Have nobody else cast these ballots before this commits: a person may be answering in two processes at once.

    In PostgreSQL's memory only, too.
    """
    if session.connection().dialect.name != "sqlite":
        for each in sorted(ballot_ids):
            session.connection().execute(_OF_BALLOT, {"ballot": int(each[:15], 16)})


class Cast(NamedTuple):
    """What stands on a ballot."""

    value: int
    turn: str


def answers(session: Session, workspace_id: int, wave_id: int, ballot_ids: Collection[str]) -> dict[str, Cast]:
    """Of these ballots those that were cast."""
    of_wave = {"workspace_id": workspace_id, "wave_id": wave_id}
    found = {each: _CAST.first(session, **of_wave, ballot_id=each) for each in ballot_ids}
    return {each: Cast(*cast) for each, cast in found.items() if cast is not None}


def ballots_cast(session: Session, workspace_id: int, wave_id: int) -> set[str]:
    """The ids of all ballots."""
    return set(_IDS.all(session, workspace_id=workspace_id, wave_id=wave_id))


def count_answers(session: Session, workspace_id: int, wave_id: int) -> dict[tuple[int, Side], dict[int, int]]:
    """How often each answer was given to each question by each side."""
    of_wave = (Ballot.workspace_id == workspace_id, Ballot.wave_id == wave_id)
    query = select(Ballot.position, Ballot.side, Ballot.value, func.count()).where(*of_wave)
    found: dict[tuple[int, Side], dict[int, int]] = {}
    for position, side, value, n in session.exec(query.group_by("position", "side", "value")):
        found.setdefault((position, Side(side)), {})[value] = n
    return found


def staged_comment(session: Session, workspace_id: int, wave_id: int, comment_id: str) -> str | None:
    of_wave = (StagedComment.workspace_id == workspace_id, StagedComment.wave_id == wave_id)
    return session.exec(select(StagedComment.text).where(*of_wave, StagedComment.id == comment_id)).first()


def staged_comments(session: Session, workspace_id: int, wave_id: int) -> Sequence[StagedComment]:
    of_wave = (StagedComment.workspace_id == workspace_id, StagedComment.wave_id == wave_id)
    return session.exec(select(StagedComment).where(*of_wave)).all()


_FORGET = [
    Change(
        delete(table)
        .where(col(table.workspace_id) == bindparam("workspace_id"), col(table.wave_id) == bindparam("wave_id"))
        .where(col(table.id) == bindparam("ballot_id"))
    )
    for table in (Ballot, StagedComment)
]


def take_back(session: Session, workspace_id: int, wave_id: int, ballot_ids: Collection[str]) -> int:
    """Forget ballots and comments; how many."""
    of_wave = {"workspace_id": workspace_id, "wave_id": wave_id}
    return sum(forget.run(session, **of_wave, ballot_id=each) for forget in _FORGET for each in ballot_ids)


def empty(session: Session, workspace_id: int, wave_id: int) -> None:
    """Forget every ballot and comment of a wave; comments are overwritten before."""
    of_comments = (col(StagedComment.workspace_id) == workspace_id, col(StagedComment.wave_id) == wave_id)
    session.connection().execute(update(StagedComment).where(*of_comments).values(text=""))
    for table in (Ballot, StagedComment):
        of_wave = (col(table.workspace_id) == workspace_id, col(table.wave_id) == wave_id)
        session.connection().execute(delete(table).where(*of_wave))


def forget_sealed(session: Session, workspace_id: int, wave_id: int) -> None:
    """The result is published: nothing else need be known. What lies about of it will be wiped as at the close."""
    for table in (SealedAnswer, SealedComment):
        of_wave = (col(table.workspace_id) == workspace_id, col(table.wave_id) == wave_id)
        session.connection().execute(delete(table).where(*of_wave))
    this = (col(PulseWave.workspace_id) == workspace_id, col(PulseWave.id) == wave_id)
    session.connection().execute(update(PulseWave).where(*this).values(wiped_at=None))


def is_sealed(session: Session, workspace_id: int, wave_id: int) -> bool:
    """Whether counts are kept, since there is no result yet."""
    of_wave = (SealedAnswer.workspace_id == workspace_id, SealedAnswer.wave_id == wave_id)
    return session.exec(select(SealedAnswer.wave_id).where(*of_wave).limit(1)).first() is not None


def sealed_answers(session: Session, workspace_id: int, wave_id: int) -> Sequence[SealedAnswer]:
    of_wave = (SealedAnswer.workspace_id == workspace_id, SealedAnswer.wave_id == wave_id)
    ordered = (col(SealedAnswer.position), col(SealedAnswer.side), col(SealedAnswer.value))
    return session.exec(select(SealedAnswer).where(*of_wave).order_by(*ordered)).all()


def sealed_comments(session: Session, workspace_id: int, wave_id: int) -> Sequence[SealedComment]:
    """In the order of their random ids."""
    of_wave = (SealedComment.workspace_id == workspace_id, SealedComment.wave_id == wave_id)
    return session.exec(select(SealedComment).where(*of_wave).order_by(col(SealedComment.id))).all()


_SHARED = text("SELECT pg_advisory_xact_lock_shared(20306, :wave_id)")  # the first tells locks of ballots from others
_EXCLUSIVE = text("SELECT pg_advisory_xact_lock(20306, :wave_id)")
_OF_BALLOT = text("SELECT pg_advisory_xact_lock(:ballot)")
_CAST = Query(
    select(Ballot.value, Ballot.turn)
    .where(Ballot.workspace_id == bindparam("workspace_id"), Ballot.wave_id == bindparam("wave_id"))
    .where(Ballot.id == bindparam("ballot_id"))
)
_IDS = Query(
    select(Ballot.id).where(Ballot.workspace_id == bindparam("workspace_id"), Ballot.wave_id == bindparam("wave_id"))
)
