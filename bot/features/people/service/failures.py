"""Messages that could not be delivered: admins hear of each cause once a day, and never because of their own news."""

from dataclasses import dataclass

from bot.core.context import Context
from bot.core.events import MessageUndeliverable
from bot.features.people.service.channels import leave
from storage.channels import Channel, channel
from storage.events import is_new_event

GONE = {"not_in_channel", "is_archived", "channel_not_found"}  # Parley cannot be in the channel any more
UNREACHABLE = "unreachable"  # the platform said nothing we could name


@dataclass(frozen=True)
class Failure:
    """Why something did not arrive: in a channel, or in private where there is none."""

    reason: str  # the platform's word
    channel: Channel | None


def note_failure(ctx: Context, failed: MessageUndeliverable) -> Failure | None:
    """What admins must hear; None if they heard it today, or if it is news to an admin that failed."""
    words = failed.reason.split()
    reason = words[0] if len(words) == 1 else UNREACHABLE  # a single word is the platform's
    found = channel(ctx.session, ctx.workspace.id, failed.channel_id) if failed.channel_id else None
    if found and reason in GONE:
        leave(ctx, found.external_id)
    if found is None and (failed.member_id is None or ctx.colleague(failed.member_id).administers):
        return None
    key = f"people.undeliverable:{ctx.workspace.id}:{found.id if found else 'dm'}:{reason}:{ctx.now:%Y-%m-%d}"
    return Failure(reason, found) if is_new_event(ctx.session, ctx.workspace.id, key, ctx.now) else None
