"""What people answer in a pulse: ballots while it is open, which only the key of their wave links to them, and what is
sealed at its close.

Nothing here has a time, or an id that grows. The tables of an open wave refer to no other: PostgreSQL would lock the
row they refer to, which is a trace of every vote. In SQLite they have no row number.
"""

from sqlmodel import Field
from sqlmodel.sql.sqltypes import AutoString

from storage.people import Side
from storage.tables import Row

_WITHOUT_ROW_NUMBER = {"sqlite_with_rowid": False}


class Ballot(Row, table=True):
    """An answer to a question of an open wave; deleted at its close."""

    __tablename__ = "pulse_ballot"
    __table_args__ = _WITHOUT_ROW_NUMBER
    wave_id: int = Field(primary_key=True)
    id: str = Field(primary_key=True)  # HMAC(key of the wave, member and question), in hex
    workspace_id: int
    position: int
    side: Side = Field(sa_type=AutoString)
    value: int


class StagedComment(Row, table=True):
    """A comment in an open wave; deleted at its close."""

    __tablename__ = "pulse_staged_comment"
    __table_args__ = _WITHOUT_ROW_NUMBER
    wave_id: int = Field(primary_key=True)
    id: str = Field(primary_key=True)  # as of a ballot
    workspace_id: int
    position: int  # of the open question; 0: to the wave as a whole
    side: Side = Field(sa_type=AutoString)
    text: str


class SealedAnswer(Row, table=True):
    """How many of a side gave an answer to a question: counts have no order that could tell of anybody.

    Only of sides of which at least the wave's threshold answered the question. Where fewer than ten did, so that the
    distribution is not published, it is the widest one with the same published figures: see bot/rules/sealing.py.
    """

    __tablename__ = "pulse_sealed_answer"
    wave_id: int = Field(foreign_key="pulse_wave.id", primary_key=True)
    position: int = Field(primary_key=True)
    side: Side = Field(sa_type=AutoString, primary_key=True)
    value: int = Field(primary_key=True)  # as it was pressed: reverse-scored statements are not turned
    workspace_id: int = Field(foreign_key="workspace.id")
    n: int  # at least 1


class SealedComment(Row, table=True):
    """A comment of a side of which at least the wave's threshold for comments answered; without mentions and links."""

    __tablename__ = "pulse_sealed_comment"
    __table_args__ = _WITHOUT_ROW_NUMBER
    id: str = Field(primary_key=True)  # random
    workspace_id: int = Field(foreign_key="workspace.id")
    wave_id: int = Field(foreign_key="pulse_wave.id", index=True)
    position: int  # of the open question; 0: to the wave as a whole
    side: Side = Field(sa_type=AutoString)
    text: str
