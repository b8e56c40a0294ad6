"""All features as one: who answers to what, who hears what, and how subjects and homes are drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bot.core.action import Action
from bot.core.context import Context
from bot.core.events import Event
from bot.core.feature import CommandHandler, Entry, EventHandler, Feature, Lookup, Reacted, ShortcutHandler, Usage
from bot.core.keys import Keys, NoKeys
from bot.core.schedule import Occasion
from bot.core.ui import Message, Part
from storage.due import Due
from storage.workspaces import Workspace

FRONT_DOOR = "parley"  # every command is also a word of it


@dataclass(frozen=True)
class Call:
    """A command as it was understood: its words, the handler and the text left for it."""

    words: str
    entry: Entry[CommandHandler]
    text: str


class Registry:
    def __init__(self, features: Iterable[Feature], keys: Keys | None = None) -> None:
        self.features, self.keys = tuple(features), keys or NoKeys()
        self._commands = {words: e for f in self.features for words, e in f.commands.items()}
        self._bare = {words: e for f in self.features for words, e in f.bare_commands.items()}
        self._actions = {action: e for f in self.features for action, e in f.actions.items()}
        self._shortcuts = {name: h for f in self.features for name, h in f.shortcuts.items()}
        self._reactions = {key: h for f in self.features for key, h in f.reactions.items()}
        self._cards = {subject: view for f in self.features for subject, view in f.cards.items()}
        self._homes = sorted((home for f in self.features for home in f.homes), key=lambda home: home[0])
        self._lookups = {name: find for f in self.features for name, find in f.lookups.items()}
        self._dues = {kind: h for f in self.features for kind, h in f.dues.items()}
        self._schedules = {kind: h for f in self.features for kind, h in f.schedules.items()}
        self._subscribers: dict[type[Event], list[EventHandler[Any]]] = {}  # of each kind that was emitted
        self._looks = {kind: look for f in self.features for kind, look in f.looks.items()}
        self._calculations = {kind: each for f in self.features for kind, each in f.calculations.items()}
        self.calculated_kinds = frozenset(self._calculations)
        self.due_kinds, self.looked_kinds = frozenset(self._dues), frozenset(self._looks)
        self.schedule_kinds = frozenset(self._schedules)
        self.purposes = {purpose for f in self.features for purpose in f.messages}
        self.erasers = {table: eraser for feature in self.features for table, eraser in feature.erasers.items()}
        self.counted = {subject: counted for f in self.features for subject, counted in f.counted.items()}
        self.reaction_names = {name for _, name in self._reactions}
        self.command_names = sorted({words.split()[0] for words in (*self._commands, *self._bare)})

    def call(self, name: str, text: str) -> Call | None:
        """The handler with the longest matching words: "/lead add x" before "/lead"; "/parley lead" is "/lead"."""
        name, (first, rest) = name.lower(), _first_word(text)
        longer = f"{name} {first.lower()}"
        if first and self._knows(longer) and (call := self.call(longer, rest)):
            return call
        if name == FRONT_DOOR and first:
            return self.call(first.lstrip("/"), rest)
        return self._call(name, text.strip())

    def _call(self, words: str, text: str) -> Call | None:
        entry = self._bare.get(words) if not text else None
        entry = entry or self._commands.get(words)
        return Call(words, entry, text) if entry else None

    def _knows(self, words: str) -> bool:
        return words in self._commands or words in self._bare

    def words_of(self, command: str) -> list[str]:
        """The second words a command knows: "add" of "/lead add"."""
        known = (words.partition(" ") for words in (*self._commands, *self._bare))
        return sorted({second for first, _, second in known if first == command and second})

    def usages(self, command: str) -> Sequence[Usage]:
        return [usage for f in self.features for usage in f.usages.get(command, [])]

    def action(self, action: type[Action]) -> Entry[Any] | None:
        return self._actions.get(action)

    def shortcut(self, name: str) -> ShortcutHandler | None:
        return self._shortcuts.get(name)

    def lookup(self, name: str) -> Lookup | None:
        return self._lookups.get(name)

    def emit(self, ctx: Context, event: Event) -> None:
        """Run the subscribers, in the order of the features."""
        kind = type(event)
        if kind not in self._subscribers:
            all_of_them = [each for feature in self.features for each in feature.subscribers]
            self._subscribers[kind] = [handle for heard, handle in all_of_them if issubclass(kind, heard)]
        for handle in self._subscribers[kind]:
            handle(ctx, event)

    def hear(self, ctx: Context, purpose: str, heard: Any) -> None:
        for feature in self.features:
            if handle := feature.messages.get(purpose):
                handle(ctx, heard)

    def react(self, ctx: Context, reacted: Reacted) -> None:
        self._reactions[reacted.subject, reacted.name](ctx, reacted)

    def handles(self, subject: str | None, reaction: str) -> bool:
        return (subject, reaction) in self._reactions

    def arrive(self, ctx: Context) -> None:
        for feature in self.features:
            for handle in feature.arrivals:
                handle(ctx)

    def fall_due(self, ctx: Context, due: Due) -> None:
        self._dues[due.kind](ctx, due)

    def question(self, ctx: Context, due: Due) -> tuple[str, Any]:
        """The calculation that is asked for what has fallen due, and the question."""
        calculation = self._calculations[due.kind]
        return calculation.name, calculation.question(ctx, due)

    def follow(self, ctx: Context, due: Due, answer: Any) -> None:
        self._calculations[due.kind].follow(ctx, due, answer)

    def look(self, ctx: Context, occasion: Occasion) -> Any:
        """What has to be read before a schedule of these kinds occurs."""
        return self._looks[occasion.schedule.kind](ctx, occasion)

    def occur(self, ctx: Context, occasion: Occasion) -> None:
        self._schedules[occasion.schedule.kind](ctx, occasion)

    def draw(self, session: Session, workspace: Workspace, subject: str, subject_id: int) -> Message | None:
        """The card of a subject as storage has it now, in the language being spoken."""
        return self._cards[subject](session, workspace, subject_id)

    def home(self, ctx: Context) -> list[Part]:
        """What a member sees at home, composed of every feature's part."""
        return [part for _order, parts, _is_mine in self._homes for part in parts(ctx)]

    def mine(self, ctx: Context) -> list[Part]:
        """The member's own work: their leads, and what became of their feedback."""
        return [part for _order, parts, is_mine in self._homes if is_mine for part in parts(ctx)]


def _first_word(text: str) -> tuple[str, str]:
    first, *rest = text.strip().split(maxsplit=1) or [""]
    return first, rest[0] if rest else ""
