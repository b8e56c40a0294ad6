"""What was already processed: platforms deliver some events twice, and people press Submit twice."""

from datetime import datetime

from sqlmodel import Field, Session, col, delete, select

from storage.tables import WITHOUT_ROW_NUMBER, Instant, Row, add_if_absent


class ProcessedEvent(Row, table=True):
    __table_args__ = WITHOUT_ROW_NUMBER
    dedupe_key: str = Field(primary_key=True)  # "slack:Ev0123": unique over all workspaces
    workspace_id: int = Field(foreign_key="workspace.id")
    processed_at: datetime = Field(sa_type=Instant, index=True)


def is_new_event(session: Session, workspace_id: int, dedupe_key: str, now: datetime) -> bool:
    """Record an event; say whether this is its first delivery."""
    event = ProcessedEvent(dedupe_key=dedupe_key, workspace_id=workspace_id, processed_at=now)
    return add_if_absent(session, event)


def forget_events(session: Session, before: datetime, limit: int) -> int:
    """Forget the oldest events of before then; how many."""
    when = col(ProcessedEvent.processed_at)
    oldest = select(ProcessedEvent.dedupe_key).where(when < before).order_by(when).limit(limit)
    return (
        session.connection().execute(delete(ProcessedEvent).where(col(ProcessedEvent.dedupe_key).in_(oldest))).rowcount
    )
