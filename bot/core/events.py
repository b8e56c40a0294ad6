"""What one feature tells the others: facts in the past tense, heard in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.core.directory import Person


@dataclass(frozen=True)
class Event:
    """Something that happened, in the workspace of the context it is emitted in."""


@dataclass(frozen=True)
class CardPosted(Event):
    """The first post of a subject's card stands in its channel or DM."""

    subject: str
    subject_id: int
    channel_id: int | None
    member_id: int | None


@dataclass(frozen=True)
class MessageUndeliverable(Event):
    """Delivery gave a message up; `reason` is the platform's word, such as "not_in_channel". With the subject of a
    card whose first post it was."""

    channel_id: int | None
    member_id: int | None
    reason: str
    subject: str | None = None
    subject_id: int | None = None


@dataclass(frozen=True)
class ScheduleBroken(Event):
    """When something is to recur cannot be read any more. `kind` is the schedule's, such as "digest"."""

    kind: str


@dataclass(frozen=True)
class ChannelOpened(Event):
    """Parley may speak from now on in a channel of this purpose: it was chosen, allowed, or Parley has come back."""

    channel_id: int
    purpose: str


@dataclass(frozen=True)
class ChannelLeft(Event):
    """Parley was removed from a channel, or it was archived or deleted. Its return is `dispatcher.arrived`."""

    channel: str


@dataclass(frozen=True)
class ChannelChanged(Event):
    """A channel has another name, or was shared; None: as before.

    `is_shared` True says that one more organisation joined, so an admin must allow Parley to speak there anew;
    False, that no other organisation is in it any more.
    """

    channel: str
    name: str | None = None
    is_shared: bool | None = None


@dataclass(frozen=True)
class ChannelJoined(Event):
    """Somebody joined a channel Parley is in, or was found to be in it."""

    channel: str
    person: str


@dataclass(frozen=True)
class ChannelQuit(Event):
    channel: str
    person: str


@dataclass(frozen=True)
class PersonChanged(Event):
    """A profile changed: name, time zone, rights; or the person left the company or became a guest."""

    person: Person


@dataclass(frozen=True)
class MemberActed(Event):
    """A member did something to a lead or said something about one."""

    member_id: int


@dataclass(frozen=True)
class LeadHeard(Event):
    """A lead was announced by a message or another program; the same `origin` announces the same lead again.

    `fields` are those of `rules.lead_fields`, within its bounds, without empty ones.
    """

    origin: str
    fields: Mapping[str, str]
    channel_id: int | None = None  # where it was announced
    is_new: bool = False  # nothing was announced by this origin before, as whoever tells has seen


@dataclass(frozen=True)
class LeadMessageDeleted(Event):
    """What announced a lead was deleted."""

    origin: str


@dataclass(frozen=True)
class ClocksChanged(Event):
    """A clock of this subject was started, stopped or taken over by somebody else, or runs on after a pause; or what
    had ended its nudges was taken back."""

    subject: str
    subject_id: int


@dataclass(frozen=True)
class ItemTaken(Event):
    """A member takes an open item of a digest upon them: a lead, of this cycle, or a case. Whoever it concerns makes it
    so, or refuses with a UserError.
    """

    subject: str
    subject_id: int
    cycle: int


@dataclass(frozen=True)
class ItemGivenBack(Event):
    """A member takes back what taking an item did to a lead: this event of its log. May be refused with a UserError."""

    event_id: int


@dataclass(frozen=True)
class HoursChanged(Event):
    """A member, or the workspace if None, works at other times now."""

    member_id: int | None


@dataclass(frozen=True)
class LeadErased(Event):
    lead_id: int


@dataclass(frozen=True)
class FeedbackGiven(Event):
    """A word on a lead, a campaign or the market. `kind`: reject, disqualify, recycle, praise or note."""

    feedback_id: int
    lead_id: int | None
    kind: str
    code: str | None
    wake_on: date | None
    moves: bool  # the lead's state follows; else it is an opinion


@dataclass(frozen=True)
class FeedbackWithdrawn(Event):
    feedback_id: int
    lead_id: int | None


@dataclass(frozen=True)
class FeedbackRefined(Event):
    """The author said more exactly what was meant: the same feedback has another code now."""

    feedback_id: int
