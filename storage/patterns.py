"""The patterns by which a channel's messages are recognised as leads, and the last messages heard there."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, UniqueConstraint, bindparam, col, delete, func, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.statements import Query
from storage.tables import Instant, Row, add_if_absent, find

KEPT = 50  # messages of each channel, on which an admin tries a pattern; those before them go when it is purged


class Pattern(Row, table=True):
    """A channel's own pattern; it replaces the shipped one of its name. `draft` is what an admin tries."""

    __table_args__ = (UniqueConstraint("channel_id", "name"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    channel_id: int = Field(foreign_key="channel.id")
    name: str  # folded
    text: str | None = None  # None: nothing is in force yet
    draft: str | None = None
    version: int = 1  # of the draft
    is_off: bool = False
    changed_by: int = Field(foreign_key="member.id")
    changed_at: datetime = Field(sa_type=Instant)


class HeardText(Row, table=True):
    """What somebody wrote in a leads channel; purged by count."""

    __tablename__ = "heard_text"
    __table_args__ = (UniqueConstraint("channel_id", "ts"),)
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    channel_id: int = Field(foreign_key="channel.id")
    ts: str  # external id of the message, which ascends in time
    text: str
    author_id: int | None = Field(default=None, foreign_key="member.id")  # None: an app
    heard_at: datetime = Field(sa_type=Instant)


_PATTERNS = Query(
    select(Pattern)
    .where(Pattern.workspace_id == bindparam("workspace_id"), Pattern.channel_id == bindparam("channel_id"))
    .order_by(col(Pattern.id))
)


def patterns_of(session: Session, workspace_id: int, channel_id: int) -> Sequence[Pattern]:
    """The channel's own patterns and drafts, in the order they were made."""
    return _PATTERNS.all(session, workspace_id=workspace_id, channel_id=channel_id)


def find_pattern(session: Session, workspace_id: int, pattern_id: int) -> Pattern | None:
    return find(session, Pattern, workspace_id, pattern_id)


def pattern_named(session: Session, workspace_id: int, channel_id: int, name: str) -> Pattern | None:
    of_channel = (Pattern.workspace_id == workspace_id, Pattern.channel_id == channel_id)
    return session.exec(select(Pattern).where(*of_channel, Pattern.name == name)).one_or_none()


def find_or_add_pattern(session: Session, workspace_id: int, pattern: Pattern) -> Pattern:
    """The channel's pattern of this name, whoever was first to make it; raises NoResultFound elsewhere."""
    add_if_absent(session, pattern)
    of_channel = (Pattern.workspace_id == workspace_id, Pattern.channel_id == pattern.channel_id)
    return session.exec(select(Pattern).where(*of_channel, Pattern.name == pattern.name)).one()


def remove_pattern(session: Session, workspace_id: int, pattern_id: int) -> None:
    session.exec(delete(Pattern).where(Pattern.workspace_id == workspace_id, Pattern.id == pattern_id))  # type: ignore[arg-type]


def note_heard(session: Session, workspace_id: int, heard: HeardText) -> None:
    """Remember the newest text of a message."""
    if not add_if_absent(session, heard):
        of_channel = (HeardText.workspace_id == workspace_id, HeardText.channel_id == heard.channel_id)
        known = session.exec(select(HeardText).where(*of_channel, HeardText.ts == heard.ts)).one()
        known.text = heard.text


def forget_heard(session: Session, workspace_id: int, channel_id: int, ts: str) -> None:
    of_channel = (HeardText.workspace_id == workspace_id, HeardText.channel_id == channel_id)
    session.exec(delete(HeardText).where(*of_channel, HeardText.ts == ts))  # type: ignore[arg-type]


def forget_heard_before(session: Session, before: datetime, limit: int) -> int:
    """Forget what was heard before then, and all but the last KEPT messages of a channel; how many messages."""
    of_channel = col(HeardText.channel_id)
    full = select(of_channel).group_by(of_channel).having(func.count() > KEPT).limit(1).scalar_subquery()
    newest_first = select(HeardText.id).where(of_channel == full).order_by(col(HeardText.ts).desc())
    old = select(HeardText.id).where(HeardText.heard_at < before)
    return _forget(session, newest_first.offset(KEPT).limit(limit)) or _forget(session, old.limit(limit))


def _forget(session: Session, found: SelectOfScalar[int]) -> int:
    return session.connection().execute(delete(HeardText).where(col(HeardText.id).in_(found))).rowcount


def last_heard(session: Session, workspace_id: int, channel_id: int, limit: int = KEPT) -> Sequence[HeardText]:
    """The newest first."""
    of_channel = (HeardText.workspace_id == workspace_id, HeardText.channel_id == channel_id)
    return session.exec(select(HeardText).where(*of_channel).order_by(col(HeardText.ts).desc()).limit(limit)).all()
