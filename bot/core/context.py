"""What a handler is given and what it may return: one event, one transaction, one answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sqlmodel import Session

from bot.core import ui
from bot.core.action import Action
from bot.core.counting import Counted
from bot.core.events import Event
from bot.core.forms import Form
from bot.core.keys import Keys
from bot.core.language import _, choose, speaking
from storage.cards import cards, has_not_begun, posts, queued_change, queued_home
from storage.channels import Channel, find_channel
from storage.digest import is_in_digest
from storage.noise import is_folded, note_heeded
from storage.outbox import NOT_BEGUN, Kind, OutboxRow, posted_as, promise
from storage.people import Member, find_member, member
from storage.workspaces import Workspace

Via = Literal["button", "reaction", "command", "message", "import", "webhook", "form", "system"]

HEEDED = timedelta(days=3)  # until when doing what a message asked for counts as acting on it
_MENTIONED = re.compile(r"<@([A-Z0-9_a-z]+)>")  # as the edges hand over who was named in a text


class UserError(Exception):
    """Something the member can understand and correct; its text is shown to them, beside `field` in a form."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


class ComeAgain(UserError):
    """This cannot be done yet, but soon: the platform delivers the event again."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text or _("This cannot be done yet. Please try again in a moment."))


class Unacquainted(Exception):
    """A person, a channel or the admins have no rows yet; the dispatcher asks the platform and runs the unit again."""

    def __init__(self, *, person: str | None = None, channel: str | None = None, admins: bool = False) -> None:
        super().__init__(person or channel or "admins")
        self.person, self.channel, self.admins = person, channel, admins


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message on the platform: the one acted on, or the one that was written."""

    channel: str  # external ids
    ts: str
    thread_ts: str | None = None
    text: str = ""
    author: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class Reply:
    """Answer with a message only the actor sees."""

    message: ui.Message


@dataclass(frozen=True)
class OpenForm:
    """Open a form for the actor."""

    form: Form


@dataclass(frozen=True)
class UpdateForm:
    """Replace the open form in answer to a change; what was typed is kept."""

    form: Form


@dataclass(frozen=True)
class UpdateMessage:
    """Replace the private message whose button was pressed. Public cards change through the outbox.

    `is_promised`: the outbox replaces it too, so this is only the sooner way, and needs no other.
    """

    message: ui.Message
    is_promised: bool = False


@dataclass(frozen=True)
class FormErrors:
    """Keep the form open and show what is wrong: field name → text."""

    errors: Mapping[str, str]


@dataclass(frozen=True)
class Perform:
    """What a command that only reads has understood: an action, which is then run on the writer."""

    action: Action


Answer = Reply | OpenForm | UpdateForm | UpdateMessage | FormErrors | None


class Subscribers(Protocol):
    """All features as one: who hears what one of them emits, which of their messages are counted; and their keys."""

    @property
    def counted(self) -> Mapping[str, Counted]: ...

    @property
    def keys(self) -> Keys: ...

    def emit(self, ctx: "Context", event: Event) -> None: ...

    def mine(self, ctx: "Context") -> list[ui.Part]: ...


@dataclass(slots=True)
class Context:
    """One event, one transaction: who acted, where and when, and the session to act in."""

    session: Session
    workspace: Workspace
    actor: Member | None  # nobody, when the system acts
    now: datetime
    via: Via
    subscribers: Subscribers
    place: str | None = None  # external id of the channel it happened in
    message: MessageRef | None = None
    acted_at: datetime | None = None  # as the platform's clock says, where it does; orders what one person did
    has_posted: bool = False  # the outbox has something to send: delivery is woken after the commit
    listens_anew: bool = False  # which channels are listened to has changed: the dispatcher looks after the commit

    @property
    def member(self) -> Member:
        """The member who acts; an error where nobody does."""
        if self.actor is None:
            raise RuntimeError("nobody acts here")
        return self.actor

    @property
    def channel(self) -> Channel:
        """The channel it happened in."""
        if self.place is None:
            raise UserError(_("Please use this in a channel."))
        found = find_channel(self.session, self.workspace.id, self.place)
        if found is None:
            raise Unacquainted(channel=self.place)
        return found

    @property
    def keys(self) -> Keys:
        """Those that never enter the database."""
        return self.subscribers.keys

    def emit(self, event: Event) -> None:
        """Tell the other features, in this transaction."""
        self.subscribers.emit(self, event)

    def person(self, external_id: str) -> Member:
        """The member with this external id, who may never have spoken to Parley; UserError for an outsider."""
        found = find_member(self.session, self.workspace.id, external_id)
        if found is None or not found.belongs:
            raise Unacquainted(person=external_id)
        return found

    def colleague(self, member_id: int) -> Member:
        """The member of this workspace with this id."""
        return member(self.session, self.workspace.id, member_id)

    def post(
        self,
        to: Channel | Member,
        message: Callable[[], ui.Message] | None = None,
        *,
        subject: tuple[str, int] | None = None,
        thread: OutboxRow | MessageRef | None = None,
        introduction: bool = False,
    ) -> OutboxRow | None:
        """Promise a message: a view, called in the recipient's language, or a subject's card, drawn when it is sent.

        None where Parley must not speak: a channel shared with other organisations that no admin allowed, or a
        person who left. And for what admins have folded into the daily digest.
        """
        if not self.may_post(to, introduction=introduction) or (subject and self.is_folded(subject[0])):
            return None
        language = language_of(to, self.workspace)
        body = None
        kind = Kind.POST
        if message is not None:
            with speaking(language):
                content = message()
            body, kind = ui.to_json(content), Kind.FILE if content.file else Kind.POST
        place = thread.id if isinstance(thread, OutboxRow) else thread.ts if thread else None
        return self._add(
            to,
            kind,
            lane=f"{_lane(to)}:{place}" if place else _lane(to),
            thread_id=thread.id if isinstance(thread, OutboxRow) else None,
            thread_ts=thread.ts if isinstance(thread, MessageRef) else None,
            subject=subject[0] if subject else None,
            subject_id=subject[1] if subject else None,
            body=body,
            language=language,
            is_introduction=introduction,
        )

    def may_post(self, to: Channel | Member, *, introduction: bool = False) -> bool:
        """Whether a message would be promised."""
        if isinstance(to, Channel):
            return to.is_open or (introduction and to.left_at is None)
        return to.belongs

    def is_folded(self, subject: str) -> bool:
        """Whether the daily digest stands in for messages of a subject. If no digest tells the same, they are sent."""
        counted = self.subscribers.counted.get(subject)
        if counted is None or counted.in_digest is None or not is_folded(self.session, self.workspace.id, subject):
            return False
        return is_in_digest(self.session, self.workspace.id, counted.in_digest.section)

    def heed(self, subject: str, subject_id: int) -> None:
        """The actor does, wherever, what messages to them of the last days asked for: they have acted on those."""
        if self.actor and subject in self.subscribers.counted:
            since = self.now - HEEDED
            note_heeded(self.session, self.workspace.id, subject, subject_id, self.actor.id, since, self.now)

    def refresh(self, subject: str, subject_id: int, *, every: bool = False) -> None:
        """Have every newest card of the subject drawn again, or every one; many refreshes become one update."""
        for posted in (posts if every else cards)(self.session, self.workspace.id, subject, subject_id):
            may_wait = posted.body is None and posted.state in NOT_BEGUN
            if may_wait and has_not_begun(self.session, self.workspace.id, posted.id):
                self.has_posted = True  # delivery may have passed over it meanwhile
            else:
                self._replace(posted, None)

    def update(self, posted: OutboxRow, message: Callable[[], ui.Message]) -> None:
        """Replace one posted message; a newer update replaces an older one that has not begun."""
        with speaking(posted.language):
            self._replace(posted, ui.to_json(message()))

    def replace(self, message: Callable[[], ui.Message]) -> Answer:
        """Let a private message give way to another: at once by the answer; and by the outbox where it came from there,
        so that it is sure to happen.
        """
        ref = self.message
        posted = posted_as(self.session, self.workspace.id, ref.channel, ref.ts) if ref else None
        if posted:
            self.update(posted, message)
        return UpdateMessage(message(), is_promised=posted is not None)

    def readable(self, text: str) -> str:
        """What somebody wrote, with names where the platform writes ids."""
        return _MENTIONED.sub(lambda found: f"@{self._name(found[1])}", text)

    def _name(self, external_id: str) -> str:
        known = find_member(self.session, self.workspace.id, external_id)
        return known.name if known else _("somebody")

    def delete(self, posted: OutboxRow) -> None:
        self._change(posted, Kind.DELETE)

    def react(self, posted: OutboxRow, name: str) -> None:
        """Add a reaction of Parley's own."""
        self._change(posted, Kind.REACT, name)

    def refresh_home(self, member: Member) -> None:
        """Have the member's home drawn again, if they ever opened it."""
        lane = f"home:{member.id}"
        if member.home_opened_at is None:
            return
        if queued_home(self.session, self.workspace.id, lane):
            self.has_posted = True
        else:
            self._add(member, Kind.HOME, lane=lane, language=language_of(member, self.workspace))

    def _replace(self, posted: OutboxRow, body: str | None) -> None:
        """Update a message; without a body it is drawn from its subject when it is sent."""
        if queued := queued_change(self.session, self.workspace.id, posted.id):
            queued.body, self.has_posted = body, True
        else:
            self._change(posted, Kind.UPDATE, body)

    def _change(self, posted: OutboxRow, kind: Kind, body: str | None = None) -> None:
        self._insert(
            kind,
            lane=posted.lane,
            target_id=posted.id,
            language=posted.language,
            channel_id=posted.channel_id,
            member_id=posted.member_id,
            body=body,
        )

    def _add(self, to: Channel | Member, kind: Kind, **values: Any) -> OutboxRow:
        recipient = {"channel_id" if isinstance(to, Channel) else "member_id": to.id}
        return self._insert(kind, **recipient, **values)

    def _insert(self, kind: Kind, **values: Any) -> OutboxRow:
        row = OutboxRow(workspace_id=self.workspace.id, kind=kind, created_at=self.now, **values)
        self.has_posted |= promise(self.session, row)
        return row


def language_of(to: Channel | Member, workspace: Workspace) -> str:
    """The language a recipient is spoken to in."""
    if isinstance(to, Member):
        return choose(to.language, to.platform_language, workspace.language)
    return choose(to.language, workspace.language)


def _lane(to: Channel | Member) -> str:
    return f"c{to.id}" if isinstance(to, Channel) else f"m{to.id}"
