"""Erasing: what a feature takes out of its rows when a person or a lead must be forgotten."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

from bot.core.context import Context
from bot.core.language import _
from storage.cards import is_taken_back, posts
from storage.outbox import NOT_BEGUN, Kind, OutboxRow, State, settle

NAME = re.compile(r"\w\W+\w")  # of two words at least: fewer may be a word like others


@dataclass(frozen=True)
class Erased:
    """Who or what is erased; one of the ids is None. `gone` stands for erased words, `somebody` for a name."""

    member_id: int | None
    lead_id: int | None
    gone: str
    somebody: str
    named: re.Pattern[str] | None  # what tells of them in texts that others wrote

    @classmethod
    def of(cls, words: Iterable[str], member_id: int | None = None, lead_id: int | None = None) -> Self:
        """The words are found whatever their case, as whole words only."""
        longest = sorted(set(filter(None, words)), key=len, reverse=True)
        found = "|".join(map(re.escape, longest))
        named = re.compile(rf"(?<!\w)(?:{found})(?!\w)", re.IGNORECASE) if found else None
        return cls(member_id, lead_id, _("(erased)"), _("someone who left"), named)

    def is_named_in(self, text: str | None) -> bool:
        return bool(text and self.named and self.named.search(text))

    def without(self, text: str | None) -> str | None:
        """A text without what tells of them."""
        if not text or not self.named:
            return text
        return self.named.sub(lambda _found: self.somebody if self.member_id else self.gone, text)

    def left_of(self, text: str | None, *, is_theirs: bool) -> str | None:
        """What stays of a text: of their own, that there was one."""
        return (self.gone if text else text) if is_theirs else self.without(text)

    def was_in(self, text: str) -> bool:
        """Whether something may have been erased from a text."""
        return self.gone in text or self.somebody in text

    def without_in_json(self, text: str) -> str:
        """As `without`, for the values of a JSON object."""
        known: dict[str, Any] = json.loads(text)
        left = {name: self.without(value) if isinstance(value, str) else value for name, value in known.items()}
        return text if left == known else json.dumps(left)


Eraser = Callable[[Context, Erased, Any], bool]


def words_of_person(name: str, email: str | None, external_id: str) -> list[str]:
    """What tells of a person in a text. A name of one word counts only as a mention, for "Will" is a word too."""
    return [email or "", external_id, f"@{name}", name if NAME.search(name) else ""]


def retract(ctx: Context, subject: str, subject_id: int) -> None:
    """Take every message of a subject back: one that nothing draws anew."""
    for posted in posts(ctx.session, ctx.workspace.id, subject, subject_id):
        take_back(ctx, posted)


def take_back(ctx: Context, posted: OutboxRow) -> bool:
    """Delete a message from the platform, and its words here; say whether that was to be done."""
    if posted.kind not in (Kind.POST, Kind.FILE):  # what it changed is taken back itself
        is_waiting = posted.state in NOT_BEGUN
        if posted.state == State.SENT:
            posted.body = None
        return is_waiting and settle(ctx.session, posted, State.DEAD, error="erased", body=None)
    if posted.attempt == 0 and settle(ctx.session, posted, State.DEAD, error="erased", body=None):
        return True
    if posted.state in (State.SENT, State.DEAD):
        posted.body = None
    if posted.state == State.DEAD or is_taken_back(ctx.session, ctx.workspace.id, posted.id):
        return False
    ctx.delete(posted)
    return True
