"""A feature: the commands, actions, messages, reactions and events it handles. All of it is synchronous."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from sqlmodel import Session

from bot.core.action import Action
from bot.core.context import Answer, Context, Perform
from bot.core.counting import Counted, InDigest
from bot.core.erasing import Eraser
from bot.core.events import Event
from bot.core.forms import Group, Option
from bot.core.schedule import Occasion
from bot.core.ui import Message, Part
from storage.due import Due
from storage.workspaces import Workspace

A = TypeVar("A", bound=Action)
E = TypeVar("E", bound=Event)
H = TypeVar("H")


@dataclass(frozen=True, slots=True)
class Heard:
    """What happened to a message in a channel a feature listens to."""

    change: Literal["new", "edited", "deleted"]
    channel: str  # external ids
    ts: str
    thread_ts: str | None
    text: str  # with the text of its blocks and attachments, where it has no other
    app: str | None = None  # the app that wrote it; None for a person
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction on one of Parley's cards, put or taken away."""

    name: str  # without skin tone
    is_there: bool
    subject: str
    subject_id: int


CommandHandler = Callable[[Context, str], Answer | Perform]
C = TypeVar("C", bound=CommandHandler)
ActionHandler = Callable[[Context, A], Answer]
ShortcutHandler = Callable[[Context], Answer]
MessageHandler = Callable[[Context, Heard], None]
ReactionHandler = Callable[[Context, Reacted], None]
EventHandler = Callable[[Context, E], None]
Card = Callable[[Session, Workspace, int], Message | None]
HomeParts = Callable[[Context], Sequence[Part]]
Lookup = Callable[[Context, str], Sequence[Option | Group]]
DueHandler = Callable[[Context, Due], None]
ScheduleHandler = Callable[[Context, Occasion], None]
Look = Callable[[Context, Occasion], Any]
Question = Callable[[Context, Due], Any]
AnswerHandler = Callable[[Context, Due, Any], None]


@dataclass(frozen=True)
class Entry(Generic[H]):
    """A handler, and how it is run: queries run on the readers and change nothing.

    Of what is confidential nothing is written but what the handler writes, and nothing is logged but its name.
    """

    handle: H
    is_query: bool = False
    allows_outsiders: bool = False
    is_confidential: bool = False


@dataclass(frozen=True)
class Usage:
    """What help says of a command: both sentences marked with N_."""

    hint: str  # what follows the word, such as "Acme Ltd, webinar, @ana"
    about: str


@dataclass(frozen=True)
class Calculation:
    """What is asked of `bot/calculations/<name>.py` when it falls due, and what follows from the answer."""

    name: str
    question: Question
    follow: AnswerHandler


@dataclass
class Feature:
    name: str
    commands: dict[str, Entry[CommandHandler]] = field(default_factory=dict)
    bare_commands: dict[str, Entry[CommandHandler]] = field(default_factory=dict)
    usages: dict[str, list[Usage]] = field(default_factory=dict)
    actions: dict[type[Action], Entry[ActionHandler[Any]]] = field(default_factory=dict)
    shortcuts: dict[str, ShortcutHandler] = field(default_factory=dict)
    messages: dict[str, MessageHandler] = field(default_factory=dict)
    reactions: dict[tuple[str, str], ReactionHandler] = field(default_factory=dict)
    subscribers: list[tuple[type[Event], EventHandler[Any]]] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    homes: list[tuple[int, HomeParts, bool]] = field(default_factory=list)
    lookups: dict[str, Lookup] = field(default_factory=dict)
    arrivals: list[Callable[[Context], None]] = field(default_factory=list)
    dues: dict[str, DueHandler] = field(default_factory=dict)
    schedules: dict[str, ScheduleHandler] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)
    calculations: dict[str, Calculation] = field(default_factory=dict)
    erasers: dict[Any, Eraser] = field(default_factory=dict)
    counted: dict[str, Counted] = field(default_factory=dict)

    def command(self, words: str, *usages: Usage, bare: bool = False, query: bool = False) -> Callable[[C], C]:
        """Handle "/lead" or "/lead add" and the text after it; with `bare`, only when no text follows."""

        def register(handler: C) -> C:
            (self.bare_commands if bare else self.commands)[words] = Entry(handler, is_query=query)
            self.usages.setdefault(words.split()[0], []).extend(usages)
            return handler

        return register

    def action(
        self, action: type[A], *, query: bool = False, external: bool = False, confidential: bool = False
    ) -> Callable[[ActionHandler[A]], ActionHandler[A]]:
        """Handle an action, asked for by a button, a form or a change in a form.

        What is `confidential` must be idempotent, for it is not remembered that it was done.
        """
        return lambda handler: self.actions.setdefault(action, Entry(handler, query, external, confidential)).handle

    def shortcut(self, name: str) -> Callable[[ShortcutHandler], ShortcutHandler]:
        """Answer a shortcut, as a query; `ctx.message` is the message it was used on, if it was one."""
        return lambda handler: self.shortcuts.setdefault(name, handler)

    def message(self, purpose: str) -> Callable[[MessageHandler], MessageHandler]:
        """Hear every message written, edited or deleted in channels that have this purpose."""
        return lambda handler: self.messages.setdefault(purpose, handler)

    def reaction(self, subject: str, *names: str) -> Callable[[ReactionHandler], ReactionHandler]:
        """Handle these reactions on the cards of a subject, put and taken away."""

        def register(handler: ReactionHandler) -> ReactionHandler:
            self.reactions.update({(subject, name): handler for name in names})
            return handler

        return register

    def on(self, event: type[E]) -> Callable[[EventHandler[E]], EventHandler[E]]:
        """Hear what other features emit, in the same transaction."""

        def register(handler: EventHandler[E]) -> EventHandler[E]:
            self.subscribers.append((event, handler))
            return handler

        return register

    def card(self, subject: str) -> Callable[[Card], Card]:
        """Draw the card of a subject from what storage says now; None if there is nothing to show any more."""
        return lambda view: self.cards.setdefault(subject, view)

    def counts(self, subject: str, about: str, in_digest: InDigest | None = None) -> None:
        """Count whether people act on messages of a subject; `about`, marked with N_, is what admins call them."""
        self.counted[subject] = Counted(about, in_digest)

    def home(self, order: int, *, is_mine: bool = False) -> Callable[[HomeParts], HomeParts]:
        """Contribute to a member's home, as a query; what is `is_mine`, `/lead` shows too."""

        def register(parts: HomeParts) -> HomeParts:
            self.homes.append((order, parts, is_mine))
            return parts

        return register

    def lookup(self, name: str) -> Callable[[Lookup], Lookup]:
        """Answer type-ahead: at most a hundred options for what was typed so far, as a query."""
        return lambda find: self.lookups.setdefault(name, find)

    def arrival(self, handler: Callable[[Context], None]) -> Callable[[Context], None]:
        """Handle that Parley was invited to `ctx.channel`, by the actor if the platform said who."""
        self.arrivals.append(handler)
        return handler

    def due(self, kind: str) -> Callable[[DueHandler], DueHandler]:
        """Do what has fallen due: a row of this kind, once; again later if the handler gives it a later `at`."""
        return lambda handler: self.dues.setdefault(kind, handler)

    def calculation(self, kind: str, name: str, question: Question) -> Callable[[AnswerHandler], AnswerHandler]:
        """Do what has fallen due with what `bot/calculations/<name>.py` makes of a question.

        The question is JSON, read on a snapshot; None: there is nothing to do any more. The handler gets the answer,
        later and in a transaction of its own: it checks that what it was computed from still holds.
        """

        def register(handler: AnswerHandler) -> AnswerHandler:
            self.calculations[kind] = Calculation(name, question, handler)
            return handler

        return register

    def schedule(self, kind: str, look: Look | None = None) -> Callable[[ScheduleHandler], ScheduleHandler]:
        """Do what recurs: once for each nominal date that a schedule of this kind names.

        What has to read much is read by `look`, on a snapshot beside the writer; the handler finds it in
        `occasion.found`.
        """
        if look:
            self.looks[kind] = look
        return lambda handler: self.schedules.setdefault(kind, handler)

    def erases(self, table: Any) -> Callable[[Eraser], Eraser]:
        """Take out of a row of this table what tells of somebody erased; called with each, it says whether it did."""
        return lambda eraser: self.erasers.setdefault(table, eraser)
