"""Pulses: how a workspace wants to be asked, its own wordings, and waves with their questions and those who are asked.

What people answer while a wave is open, and what is left of it afterwards, stands in storage/ballots.py.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, exists, insert, literal
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, func, select
from sqlmodel.sql.sqltypes import AutoString

from storage.calendars import Absence
from storage.people import Member, Side
from storage.statements import Query
from storage.tables import Instant, Row, add_if_absent, find
from storage.workspaces import Workspace

FEWEST, FEWEST_FOR_COMMENTS = 5, 8  # people of a side who must have answered: may be raised, never lowered


class PulseSettings(Row, table=True):
    """How a workspace is asked. When a wave opens is said by its schedule; without one, none opens by itself."""

    __tablename__ = "pulse_settings"
    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    closes_on: int = 4  # ISO weekday
    closes_at: str = "17:00"  # local time of the workspace
    threshold: int = FEWEST
    comment_threshold: int = FEWEST_FOR_COMMENTS
    bank_version: int = 1  # one more with every change of a statement


class PulseStatement(Row, table=True):
    """A statement of the bank that a workspace has changed; the bank is data: bot/features/pulse/statements.py."""

    __tablename__ = "pulse_statement"
    __table_args__ = (UniqueConstraint("workspace_id", "code"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    code: str  # "L1"
    sales: str | None = None  # the wording; None: as shipped
    marketing: str | None = None
    is_off: bool = False  # it is not asked


class WaveKind(StrEnum):
    STATEMENTS = "statements"
    SYMPTOMS = "symptoms"  # the quarterly check


class WaveState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"  # and sealed, in the same transaction
    SKIPPED = "skipped"  # it never opened: see `reason`
    VOID = "void"  # it was open when Parley was removed: nothing was counted


class Skipped(StrEnum):
    """Why a wave did not open."""

    NO_SENTENCE = "no_sentence"  # the last result got none from the heads
    TOO_FEW = "too_few"  # no side has enough people
    LATE = "late"  # Parley was down for too long


class PulseWave(Row, table=True):
    """A week's issue of the pulse. One is open at a time, and it is the last."""

    __tablename__ = "pulse_wave"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    number: int  # 1, 2, ... also of those that were skipped
    kind: WaveKind = Field(default=WaveKind.STATEMENTS, sa_type=AutoString)
    state: WaveState = Field(sa_type=AutoString)
    reason: Skipped | None = Field(default=None, sa_type=AutoString)
    week: date  # the Monday of its week, in the workspace's zone
    opens_at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    key_name: str | None = None  # the name of the file that holds its key; None once that is destroyed
    key_missed_at: datetime | None = Field(default=None, sa_type=Instant)  # when the file was found missing
    wiped_at: datetime | None = Field(
        default=None, sa_type=Instant
    )  # when the key and all that lay about was destroyed
    threshold: int = FEWEST  # as it was when the wave opened
    comment_threshold: int = FEWEST_FOR_COMMENTS
    bank_version: int = 1
    is_unheeded: bool = (
        False  # the last result got no sentence, a week was skipped for it, and now people are asked anyway
    )
    sales_asked: int = 0
    sales_answered: int = 0  # at least one question, as it was counted last
    marketing_asked: int = 0
    marketing_answered: int = 0
    sentence_at: datetime | None = Field(default=None, sa_type=Instant)  # when a head first said what they will do

    def asked(self, side: Side) -> int:
        return self.sales_asked if side == Side.SALES else self.marketing_asked

    def answered(self, side: Side) -> int:
        return self.sales_answered if side == Side.SALES else self.marketing_answered


class QuestionKind(StrEnum):
    STATEMENT = "statement"  # 1 disagree ... 5 agree
    TRUST = "trust"  # a statement about the pulse itself
    SYMPTOM = "symptom"  # 1 no, 2 sometimes, 3 yes
    OPEN = "open"  # answered in words: comments with its position


class PulseQuestion(Row, table=True):
    """A question of a wave, in the words in which it was asked."""

    __tablename__ = "pulse_question"
    __table_args__ = (UniqueConstraint("wave_id", "position"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    wave_id: int = Field(foreign_key="pulse_wave.id")
    position: int  # 1, 2, 3
    kind: QuestionKind = Field(sa_type=AutoString)
    code: str  # "L1"
    topic: str  # the construct: "lead quality"
    sales: str  # to sales
    marketing: str  # to marketing
    is_shipped: bool = True  # the words are Parley's own, and shown in the reader's language
    is_reverse: bool = False  # to agree is bad
    is_healthy: bool = False  # differences between the sides help

    def wording(self, side: Side) -> str:
        """As asked, untranslated."""
        return self.sales if side == Side.SALES else self.marketing


class PulseAsked(Row, table=True):
    """Who is asked in a wave, and as which side: written when it opens, all at once."""

    __tablename__ = "pulse_asked"
    __table_args__ = (UniqueConstraint("wave_id", "member_id"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    wave_id: int = Field(foreign_key="pulse_wave.id")
    member_id: int = Field(foreign_key="member.id", index=True)
    side: Side = Field(sa_type=AutoString)


_QUESTIONS = Query(
    select(PulseQuestion)
    .where(PulseQuestion.workspace_id == bindparam("workspace_id"), PulseQuestion.wave_id == bindparam("wave_id"))
    .order_by(col(PulseQuestion.position))
)
_SIDE_ASKED = Query(
    select(PulseAsked.side)
    .where(PulseAsked.workspace_id == bindparam("workspace_id"), PulseAsked.wave_id == bindparam("wave_id"))
    .where(PulseAsked.member_id == bindparam("member_id"))
)
_PEOPLE = Query(
    select(PulseAsked.member_id, PulseAsked.side)
    .where(PulseAsked.workspace_id == bindparam("workspace_id"), PulseAsked.wave_id == bindparam("wave_id"))
    .order_by(col(PulseAsked.id))
)


_LAST_WAVES = Query(
    select(PulseWave)
    .where(PulseWave.workspace_id == bindparam("workspace_id"))
    .order_by(col(PulseWave.number).desc())
    .limit(bindparam("at_most"))
)
_STATEMENTS = Query(
    select(PulseStatement)
    .where(PulseStatement.workspace_id == bindparam("workspace_id"))
    .order_by(col(PulseStatement.code))
)


def settings_of(session: Session, workspace_id: int) -> PulseSettings:
    """What the workspace has chosen, else what is usual; to be changed, it must be kept first."""
    of_workspace = select(PulseSettings).where(PulseSettings.workspace_id == workspace_id)
    return session.exec(of_workspace).one_or_none() or PulseSettings(workspace_id=workspace_id)


def kept_settings(session: Session, workspace_id: int) -> PulseSettings:
    """As stored, to be changed in place."""
    add_if_absent(session, PulseSettings(workspace_id=workspace_id))
    return session.exec(select(PulseSettings).where(PulseSettings.workspace_id == workspace_id)).one()


def changed_statements(session: Session, workspace_id: int) -> Sequence[PulseStatement]:
    return _STATEMENTS.all(session, workspace_id=workspace_id)


def keep_statement(session: Session, statement: PulseStatement) -> None:
    """Let a statement be so from now on."""
    if not add_if_absent(session, statement):
        of_code = (PulseStatement.workspace_id == statement.workspace_id, PulseStatement.code == statement.code)
        known = session.exec(select(PulseStatement).where(*of_code)).one()
        known.sales, known.marketing, known.is_off = statement.sales, statement.marketing, statement.is_off


def find_wave(session: Session, workspace_id: int, wave_id: int) -> PulseWave | None:
    return find(session, PulseWave, workspace_id, wave_id)


def find_numbered(session: Session, workspace_id: int, number: int) -> PulseWave | None:
    query = select(PulseWave).where(PulseWave.workspace_id == workspace_id, PulseWave.number == number)
    return session.exec(query).first()


def last_wave(session: Session, workspace_id: int) -> PulseWave | None:
    """The newest, also if it was skipped."""
    return next(iter(last_waves(session, workspace_id, 1)), None)


def last_waves(session: Session, workspace_id: int, limit: int) -> Sequence[PulseWave]:
    """The newest first."""
    return _LAST_WAVES.all(session, workspace_id=workspace_id, at_most=limit)


def add_wave(session: Session, wave: PulseWave) -> bool:
    """Say whether it was the first with its number: no two begin at once. Sets its id."""
    if not add_if_absent(session, wave):
        return False
    of_number = (PulseWave.workspace_id == wave.workspace_id, PulseWave.number == wave.number)
    wave.id = session.exec(select(PulseWave.id).where(*of_number)).one()
    return True


def questions_of(session: Session, workspace_id: int, wave_id: int) -> Sequence[PulseQuestion]:
    return _QUESTIONS.all(session, workspace_id=workspace_id, wave_id=wave_id)


def codes_asked(session: Session, workspace_id: int, limit: int) -> Sequence[tuple[date, str]]:
    """The weeks of the last waves that were asked, and the codes they asked, in order."""
    waves = select(PulseWave.id).where(PulseWave.workspace_id == workspace_id, PulseWave.state != WaveState.SKIPPED)
    waves = waves.order_by(col(PulseWave.number).desc()).limit(limit)
    query = select(col(PulseWave.week), col(PulseQuestion.code)).join(
        PulseQuestion, col(PulseQuestion.wave_id) == col(PulseWave.id)
    )
    query = query.where(PulseWave.workspace_id == workspace_id, col(PulseWave.id).in_(waves))
    found = session.exec(query.order_by(col(PulseWave.number), col(PulseQuestion.position)))
    return [(week, code) for week, code in found]


def count_askable(session: Session, workspace_id: int, first_on: date, last_on: date) -> dict[Side, int]:
    """How many of each side could be asked in these days: all but those who are away all the time."""
    query = select(Member.side, func.count()).where(*_askable(workspace_id, first_on, last_on))
    found = session.exec(query.group_by(col(Member.side)))
    return {Side(side): n for side, n in found if side in (Side.SALES, Side.MARKETING)}


def ask(session: Session, workspace_id: int, wave_id: int, side: Side, first_on: date, last_on: date) -> None:
    """Remember whom of a side is asked."""
    columns = (col(Member.workspace_id), literal(wave_id), col(Member.id), col(Member.side))
    who = sa_select(*columns).where(*_askable(workspace_id, first_on, last_on), col(Member.side) == side)
    into = insert(PulseAsked).from_select(
        ["workspace_id", "wave_id", "member_id", "side"], who.order_by(col(Member.id))
    )
    session.connection().execute(into)


def _askable(workspace_id: int, first_on: date, last_on: date) -> tuple[ColumnElement[bool], ...]:
    is_away = exists().where(
        col(Absence.member_id) == col(Member.id), col(Absence.first_on) <= first_on, col(Absence.last_on) >= last_on
    )
    return col(Member.workspace_id) == workspace_id, col(Member.belongs).is_(True), ~is_away


def side_asked(session: Session, workspace_id: int, wave_id: int, member_id: int) -> Side | None:
    """As which side a member is asked; None: they are not."""
    found = _SIDE_ASKED.first(session, workspace_id=workspace_id, wave_id=wave_id, member_id=member_id)
    return Side(found) if found else None


def people_asked(session: Session, workspace_id: int, wave_id: int) -> Sequence[tuple[int, Side]]:
    """The ids of all who are asked, and their sides."""
    found = _PEOPLE.all(session, workspace_id=workspace_id, wave_id=wave_id)
    return [(member_id, Side(side)) for member_id, side in found]


def some_asked(session: Session, workspace_id: int, wave_id: int, first: int, limit: int) -> Sequence[int]:
    """The ids of so many of those who are asked, from this place on."""
    query = select(PulseAsked.member_id).where(PulseAsked.workspace_id == workspace_id, PulseAsked.wave_id == wave_id)
    return session.exec(query.order_by(col(PulseAsked.id)).offset(first).limit(limit)).all()


def open_waves(session: Session) -> Sequence[tuple[PulseWave, Workspace]]:
    """Of every workspace, also of those from which Parley was removed."""
    query = select(PulseWave, Workspace).join(Workspace).where(PulseWave.state == WaveState.OPEN)
    return session.exec(query.order_by(col(PulseWave.id))).all()


def unwiped_waves(session: Session) -> Sequence[PulseWave]:
    """Those that are over, and of which something may lie about."""
    over = (WaveState.CLOSED, WaveState.VOID)
    query = select(PulseWave).where(col(PulseWave.state).in_(over), col(PulseWave.wiped_at).is_(None))
    return session.exec(query.order_by(col(PulseWave.id))).all()


def forget_asked(session: Session, before: datetime, limit: int) -> int:
    """Forget who was asked in waves that closed before then; how many."""
    old = select(PulseAsked.id).join(PulseWave, col(PulseAsked.wave_id) == col(PulseWave.id))
    old = old.where(col(PulseWave.closed_at) < before).limit(limit)
    return session.connection().execute(delete(PulseAsked).where(col(PulseAsked.id).in_(old))).rowcount
