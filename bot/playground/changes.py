"""What changed in a workspace, told at once to whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.playground.journal import Call, Delivery

What = Literal["message", "ephemeral", "modals", "home", "channel", "person", "trouble", "traffic"]


@dataclass(frozen=True)
class Change:
    """One change; what is there now stands in the state, so a change only says where to look.

    `user` is the only one who sees it (for ephemerals, modals, homes and troubles) or who changed (for people).
    """

    what: What
    team: str = ""
    channel: str = ""
    ts: str = ""
    user: str = ""
    text: str = ""
    entry: Call | Delivery | None = None
