"""What Slack makes of the text a person types: entities, mentions, links and a rich_text block."""

from __future__ import annotations

import re

from bot.playground.records import Payload
from bot.playground.state import Team

_TOKEN = re.compile(r"(?<![\w<])@([\w.\-]*\w)|(?<![\w<&])#([\w\-]+)|(https?://[^\s<>|]+)")
_BROADCASTS = ("here", "channel", "everyone")


def escaped(text: str) -> str:
    """The three characters Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_message(team: Team, text: str) -> str:
    """The text of a message: names that exist become mentions, addresses become links."""
    return _typed(team, text, names=False, links=True)


def in_command(team: Team, text: str, *, should_escape: bool) -> str:
    """The text of a slash command; mentions carry the name if the command asks for escaping at all."""
    return _typed(team, text, names=True, links=False) if should_escape else escaped(text)


def _typed(team: Team, text: str, *, names: bool, links: bool) -> str:
    def replaced(match: re.Match[str]) -> str:
        person, channel, link = match.groups()
        if link:
            return f"<{link}>" if links else str(link)
        if person in _BROADCASTS:
            return f"<!{person}>" if links else match.group()
        if person:
            member = team.member_named(person)
            if member is None:
                return match.group()
            return f"<@{member.id}|{member.name}>" if names else f"<@{member.id}>"
        known = team.channel_named(channel)
        return f"<#{known.id}|{known.name}>" if known else match.group()

    return _TOKEN.sub(replaced, escaped(text))


def rich_text(block_id: str, text: str) -> Payload:
    """The rich_text block that Slack's client sends beside the text of a message."""
    elements: list[Payload] = []
    for part in re.split(r"(<[^>]+>)", text):
        if part.startswith("<@"):
            elements.append({"type": "user", "user_id": part[2:-1].partition("|")[0]})
        elif part.startswith("<#"):
            elements.append({"type": "channel", "channel_id": part[2:-1].partition("|")[0]})
        elif part.startswith("<!"):
            elements.append({"type": "broadcast", "range": part[2:-1]})
        elif part.startswith("<http"):
            elements.append({"type": "link", "url": part[1:-1]})
        elif part:
            plain = part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            elements.append({"type": "text", "text": plain})
    return {
        "type": "rich_text",
        "block_id": block_id,
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }
