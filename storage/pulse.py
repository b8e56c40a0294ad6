"""Pulses: how a workspace wants to be asked, its own wordings, and waves with their questions and those who are asked.

What people answer while a wave is open, and what is left of it afterwards, stands in storage/ballots.py.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, UniqueConstraint
from sqlmodel.sql.sqltypes import AutoString

from storage.people import Side
from storage.tables import Instant, Row

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
    """A statement of the bank that a workspace has changed; those it has not are data of bot/rules/statements.py."""

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
