"""One attempt to send a parcel, and what is known of it afterwards."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.sender import CannotLookBack, Failed, Posted, Rejected, RetryAfter, Sender, Target
from bot.delivery.parcel import NothingToSay, Parcel
from storage.database import DatabaseBusy
from storage.outbox import Kind, OutboxRow, State

log = logging.getLogger(__name__)

ATTEMPT_WITHIN = 50.0  # seconds: an attempt ends before its lease does
LOOK_BACK_AFTER = 15.0  # seconds for what nobody waits for any more to be done, and to come back as an event
LOOK_SOON = 2.0  # seconds; where the platform is done with it, history knows
GIVE_UP_AFTER = timedelta(hours=24)
SKEW = timedelta(minutes=5)  # by which the platform's clock may be behind ours; Slack's signatures allow no more
LONGEST_WAIT = 300.0  # seconds between attempts that may simply be repeated
LOOKS = 5  # tries to read the history before a message in doubt is sent again


@dataclass(frozen=True)
class Outcome:
    """The row's next state and columns. `is_lost`: nobody will ever see what should have been seen."""

    state: State
    values: dict[str, object] = field(default_factory=dict)
    posted: Posted | None = None
    is_lost: bool = False
    pause: float = 0.0  # seconds for which the platform wants nothing more by this method


async def attempt(sender: Sender, parcel: Parcel, is_in_doubt: bool, now: datetime) -> Outcome:
    async with asyncio.timeout(ATTEMPT_WITHIN):
        posted = await _send(sender, parcel, is_in_doubt, now)
    if posted is None:
        return Outcome(State.SENT, {"sent_at": now})
    return Outcome(State.SENT, {"external_channel": posted.channel, "external_ts": posted.ts, "sent_at": now}, posted)


def failed(row: OutboxRow, error: Exception, is_in_doubt: bool, is_sending: bool, now: datetime) -> Outcome:
    """What follows from a failure; `is_sending`: the platform had been asked for something."""
    is_repeatable = row.kind not in (Kind.POST, Kind.FILE)
    match error:
        case NothingToSay():
            return Outcome(State.DEAD, {"error": str(error)})
        case RetryAfter():
            pause = error.seconds if error.is_limit else 0.0
            return _later(row, State.UNKNOWN if is_in_doubt else State.RETRY, error, error.seconds, now, pause)
        case DatabaseBusy() if not is_sending:
            return _later(row, State.UNKNOWN if is_in_doubt else State.RETRY, error, 1.0, now)
        case Rejected():
            log.log(logging.INFO if is_repeatable else logging.ERROR, "message %s was rejected: %s", row.id, error)
            return Outcome(State.DEAD, {"error": str(error)}, is_lost=not is_repeatable)
    if not is_sending:
        log.error("message %s cannot be drawn", row.id, exc_info=error)
        return Outcome(State.DEAD, {"error": f"cannot be drawn: {error!r}"}, is_lost=not is_repeatable)
    log.warning("message %s may or may not have been sent: %r", row.id, error)
    seconds = LOOK_SOON if isinstance(error, Failed) else LOOK_BACK_AFTER
    if is_repeatable:  # but not while the first may yet come, and hide what is newer
        return _later(row, State.RETRY, error, min(max(seconds, 2.0**row.attempt), LONGEST_WAIT), now)
    return _later(row, State.UNKNOWN, error, seconds, now)


def _later(
    row: OutboxRow, state: State, error: Exception, seconds: float, now: datetime, pause: float = 0.0
) -> Outcome:
    if row.tried_at and now - row.tried_at > GIVE_UP_AFTER:
        reason = f"gave up after {row.attempt} attempts: {error!r}"
        log.error("message %s: %s", row.id, reason)
        return Outcome(State.DEAD, {"error": reason}, is_lost=row.kind in (Kind.POST, Kind.FILE), pause=pause)
    return Outcome(state, {"not_before": now + timedelta(seconds=seconds), "error": repr(error)}, pause=pause)


async def _send(sender: Sender, parcel: Parcel, is_in_doubt: bool, now: datetime) -> Posted | None:
    row = parcel.row
    match row.kind:
        case Kind.HOME:
            await sender.show_home(parcel.workspace, parcel.member or "", parcel.parts)
            return None
        case Kind.UPDATE if parcel.posted and parcel.content:
            await sender.update(parcel.workspace, parcel.posted, parcel.content, row.target_id or "")
            return None
        case Kind.DELETE if parcel.posted:
            await sender.delete(parcel.workspace, parcel.posted)
            return None
        case Kind.REACT if parcel.posted:
            await sender.react(parcel.workspace, parcel.posted, row.body or "")
            return None
    if parcel.content is None:
        raise Rejected("nothing to send")
    channel_id = parcel.channel or await sender.open_dm(parcel.workspace, parcel.member or "")
    target = Target(parcel.workspace, channel_id, parcel.thread_ts)
    if is_in_doubt and (found := await _look_back(sender, target, row, now)):
        return found
    if file := parcel.content.file:
        return await sender.upload(target, parcel.content, file, row.id)
    return await sender.post(target, parcel.content, row.id)


async def _look_back(sender: Sender, target: Target, row: OutboxRow, now: datetime) -> Posted | None:
    """Whether the message stands already.

    Where the platform shows no history, our own message has its time to come back; then the platform's own
    deduplication must do.
    """
    tried_at = row.tried_at or now
    try:
        return await sender.find(target, row.id, tried_at - SKEW)
    except (CannotLookBack, Rejected) as hidden:
        if (left := LOOK_BACK_AFTER - (now - tried_at).total_seconds()) > 0:
            raise RetryAfter(left) from hidden
        return None
    except RetryAfter:
        raise
    except Exception as error:
        if row.attempt > LOOKS:
            return None
        raise RetryAfter(LOOK_BACK_AFTER) from error
