"""Parcels: outbox rows with everything needed to send them, drawn as storage is now."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core import ui
from bot.core.context import Context
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.core.sender import Posted
from storage import outbox
from storage.channels import Channel, channel
from storage.outbox import Kind, OutboxRow
from storage.people import Member, member
from storage.workspaces import Workspace, workspace_of

SILENT = "silent"  # Parley must not speak in this channel; when it may again, cards are made good


class NothingToSay(Exception):
    """The subject of a card is gone, or Parley must not speak there now."""


@dataclass(frozen=True)
class Parcel:
    row: OutboxRow
    platform: str
    workspace: str  # external ids from here on
    channel: str | None  # None: the member's private conversation, which is opened first
    member: str | None
    thread_ts: str | None
    posted: Posted | None  # what an update, deletion or reaction is about
    content: ui.Message | None
    parts: list[ui.Part]


def draw(registry: Registry, session: Session, row: OutboxRow, now: datetime) -> Parcel:
    """Draw a claimed row in the recipient's language. Whatever changes after this asks for an update of its own."""
    workspace = workspace_of(session, row.workspace_id)
    target = outbox.row(session, row.workspace_id, row.target_id) if row.target_id else None
    thread = outbox.row(session, row.workspace_id, row.thread_id) if row.thread_id else None
    to_channel = channel(session, row.workspace_id, row.channel_id) if row.channel_id else None
    to_member = member(session, row.workspace_id, row.member_id) if row.member_id else None
    content: ui.Message | None = None
    parts: list[ui.Part] = []
    if row.kind in (Kind.POST, Kind.UPDATE, Kind.FILE, Kind.HOME):
        is_emptied = row.kind == Kind.HOME and row.external_channel is not None  # its member was erased
        if not is_emptied:
            _require_may_hear(row, target, to_channel, to_member)
        with speaking(row.language):
            if row.kind == Kind.HOME and to_member:
                parts = (
                    [] if is_emptied else registry.home(Context(session, workspace, to_member, now, "system", registry))
                )
            else:
                content = _content(registry, session, workspace, row, target)
    return Parcel(
        row=row,
        platform=workspace.platform,
        workspace=workspace.external_id,
        channel=to_channel.external_id if to_channel else row.external_channel,
        member=_person(row, to_member),
        thread_ts=thread.external_ts if thread else row.thread_ts,
        posted=Posted(target.external_channel or "", target.external_ts or "") if target else None,
        content=content,
        parts=parts,
    )


def _person(row: OutboxRow, to: Member | None) -> str | None:
    """A home that is emptied belongs to somebody whose row does not know them any more."""
    return row.external_channel if row.kind == Kind.HOME and row.external_channel else to.external_id if to else None


def _content(
    registry: Registry, session: Session, workspace: Workspace, row: OutboxRow, target: OutboxRow | None
) -> ui.Message:
    if row.body is not None:
        return ui.from_json(row.body)
    card = target or row  # an update shows the subject of what it updates
    content = None
    if card.subject and card.subject_id is not None:
        content = registry.draw(session, workspace, card.subject, card.subject_id)
    if content is None:
        raise NothingToSay("its subject is gone")
    return content


def _require_may_hear(row: OutboxRow, target: OutboxRow | None, to: Channel | None, person: Member | None) -> None:
    """The channel may have been shared with other organisations since, and the person may have left."""
    is_introduction = row.is_introduction or (target is not None and target.is_introduction)
    if to and (to.left_at or not (to.is_open or is_introduction)):
        raise NothingToSay(SILENT)
    if person and not person.belongs:
        raise NothingToSay("its reader left the company")
