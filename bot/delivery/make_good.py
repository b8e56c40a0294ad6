"""What a channel missed while Parley could not speak in it: its cards are posted or drawn again."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from bot.core.context import Context
from bot.core.registry import Registry
from storage import outbox
from storage.cards import cards
from storage.channels import channel
from storage.database import Database
from storage.outbox import Kind, OutboxRow, missed
from storage.workspaces import Workspace

AT_ONCE = 10  # rows in one unit of work


async def make_good(registry: Registry, database: Database, now: Callable[[], datetime]) -> bool:
    """Promise anew what was missed, a few rows at a time; say whether there was any."""
    if not await database.read(lambda session: bool(missed(session, 1))):
        return False

    def work(session: Session) -> None:
        for row in missed(session, AT_ONCE):
            workspace = session.get_one(Workspace, row.workspace_id)
            _repeat(Context(session, workspace, None, now(), "system", registry), row)

    await database.write(work)
    return True


def _repeat(ctx: Context, row: OutboxRow) -> None:
    row.error = f"made good: {row.error}"
    card = outbox.row(ctx.session, row.workspace_id, row.target_id) if row.target_id else row
    if card is None or card.subject is None or card.subject_id is None or row.channel_id is None:
        return
    subject, subject_id, channel_id = card.subject, card.subject_id, row.channel_id
    if any(card.channel_id == channel_id for card in cards(ctx.session, ctx.workspace.id, subject, subject_id)):
        ctx.refresh(subject, subject_id)
    elif row.kind == Kind.POST:
        promised = (subject, subject_id)
        ctx.post(channel(ctx.session, ctx.workspace.id, channel_id), subject=promised)
