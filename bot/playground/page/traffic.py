"""What goes on between the workspace and Parley, each thing with a sentence that says what it is."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from bot.playground.journal import Call, Delivery
from bot.playground.records import Payload

KEPT = 300
_CALLS = {
    "auth.test": "Parley shows who it is",
    "apps.connections.open": "Parley connects",
    "bots.info": "Parley looks an app up",
    "chat.delete": "Parley takes a message away",
    "chat.getPermalink": "Parley asks for the link to a message",
    "chat.postEphemeral": "Parley shows something to one person only",
    "chat.postMessage": "Parley posts a message",
    "chat.update": "Parley changes a message",
    "conversations.history": "Parley reads a channel",
    "conversations.info": "Parley looks a channel up",
    "conversations.list": "Parley looks at the channels",
    "conversations.members": "Parley asks who is in a channel",
    "conversations.open": "Parley opens a private conversation",
    "conversations.replies": "Parley reads a thread",
    "files.completeUploadExternal": "Parley shares a file",
    "files.getUploadURLExternal": "Parley is about to share a file",
    "reactions.add": "Parley reacts",
    "reactions.remove": "Parley takes a reaction back",
    "response_url": "Parley answers the person who acted",
    "team.info": "Parley asks for the company's name",
    "upload": "Parley hands a file over",
    "users.conversations": "Parley asks which channels it is in",
    "users.info": "Parley looks a person up",
    "users.list": "Parley looks at the people",
    "views.open": "Parley opens a form",
    "views.publish": "Parley draws somebody's Home",
    "views.push": "Parley opens a form over a form",
    "views.update": "Parley changes a form",
}
_TOLD = {
    "app_home_opened": "Somebody opened Parley's Home",
    "app_mention": "Somebody mentioned Parley",
    "block_actions": "Somebody pressed or chose something",
    "block_suggestion": "Somebody types into a search field",
    "command": "Somebody typed a command",
    "member_joined_channel": "Somebody came into a channel",
    "member_left_channel": "Somebody left a channel",
    "message": "Somebody wrote a message",
    "message_action": "Somebody used a message's menu",
    "reaction_added": "Somebody reacted",
    "reaction_removed": "Somebody took a reaction back",
    "shortcut": "Somebody used a shortcut",
    "message_changed": "A message was changed",
    "message_deleted": "A message was deleted",
    "user_change": "Somebody's profile changed",
    "view_closed": "Somebody closed a form",
    "view_submission": "Somebody submitted a form",
}


@dataclass(frozen=True)
class Noted:
    """An entry of the journal with a number of its own."""

    number: int
    entry: Call | Delivery

    def as_line(self) -> Payload:
        """What stands in the list."""
        entry = self.entry
        if isinstance(entry, Call):
            name, sentence, by = entry.method, _CALLS.get(entry.method, "Parley asks for something"), "parley"
        else:
            told: Payload = entry.payload.get("event", entry.payload)
            name, by = str(told.get("type", entry.kind)), "people"
            sentence = _TOLD.get(str(told.get("subtype")), _TOLD.get(name, "Parley is told of something"))
        line = {"n": self.number, "at": entry.at * 1000, "by": by, "what": sentence, "name": name}
        return line | {"outcome": entry.outcome}

    def as_payload(self) -> Payload:
        """All that was sent."""
        return self.entry.arguments if isinstance(self.entry, Call) else self.entry.payload


class Traffic:
    """The newest entries."""

    def __init__(self) -> None:
        self._noted: deque[Noted] = deque(maxlen=KEPT)
        self._count = 0

    def note(self, entry: Call | Delivery) -> Noted:
        """Keep one more."""
        self._count += 1
        noted = Noted(self._count, entry)
        self._noted.append(noted)
        return noted

    def lines(self) -> list[Payload]:
        """The list, oldest first."""
        return [noted.as_line() for noted in self._noted]

    def payload(self, number: int) -> Payload:
        """What was sent under a number; LookupError when it is no longer kept."""
        for noted in self._noted:
            if noted.number == number:
                return noted.as_payload()
        raise LookupError("this is no longer kept")
