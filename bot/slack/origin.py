"""Who acted and where, read from Slack's payloads. Pure.

A payload's `team_id` may be the other side's in a shared channel and missing in an organisation: what counts is where
Parley is installed, and the actor's home beside it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.context import MessageRef
from bot.core.unit import Origin
from bot.slack.text import flat
from bot.slack.tokens import Installation, Tokens

Body = Mapping[str, Any]
PLATFORM = "slack"
_EPOCH, _TS = datetime(1970, 1, 1, tzinfo=UTC), re.compile(r"([0-9]{1,11})\.([0-9]{6})")


class Malformed(ValueError):
    """Not a payload that Slack would send."""


class reading:
    """Whatever goes wrong while a payload is read is the payload's fault."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError)):
            raise Malformed(repr(error)) from error


def ident(value: object) -> str:
    """The id of something; anything but a text with something in it is malformed."""
    if not isinstance(value, str) or not value:
        raise TypeError(f"not an id: {value!r}")
    return value


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody belongs, as far as the payload says."""

    team: str | None
    enterprise: str | None = None


def of_event(tokens: Tokens, body: Body, member: str | None, channel: str | None = None, home: Any = None) -> Origin:
    """`home` is the team of the one who acted, where the event tells it."""
    with reading():
        authorization = (body.get("authorizations") or [{}])[0]
        team, enterprise = authorization.get("team_id"), authorization.get("enterprise_id")
        if not (team or enterprise):
            team = body.get("context_team_id") or body.get("team_id")
            enterprise = body.get("context_enterprise_id") or body.get("enterprise_id")
        return _origin(tokens, team, enterprise, member, channel, Home(home))


def of_command(tokens: Tokens, body: Body) -> Origin:
    """Slack offers commands only to people of the workspace, so their home is not told."""
    with reading():
        team, enterprise = body.get("team_id"), body.get("enterprise_id")
        return _origin(tokens, team, enterprise, body["user_id"], body.get("channel_id"), Home(None))


def of_interaction(tokens: Tokens, body: Body) -> Origin:
    """In a view `team` is the actor's own, in a message it is the message's."""
    with reading():
        view, team, user = body.get("view") or {}, body.get("team") or {}, body["user"]
        enterprise = (body.get("enterprise") or {}).get("id") or team.get("enterprise_id")
        installed_in = view.get("app_installed_team_id") or team.get("id")
        home = user.get("team_id")
        theirs = team.get("enterprise_id") if home == team.get("id") else None
        acting = _origin(tokens, installed_in, enterprise, user["id"], _channel(body), Home(home, theirs))
        return replace(acting, acted_at=_acted_at(body))


def message_of(tokens: Tokens, workspace: str, body: Body) -> MessageRef | None:
    """The message that was acted on; None for one that only the actor sees."""
    with reading():
        container, message, channel = body.get("container") or {}, body.get("message") or {}, _channel(body, dms=True)
        ts = message.get("ts") or container.get("message_ts") or body.get("message_ts")
        if not (channel and ts) or container.get("is_ephemeral"):
            return None
        thread = message.get("thread_ts") or container.get("thread_ts")
        author = message.get("user")
        return MessageRef(channel, ts, thread, flat(message), author, link(tokens, workspace, channel, ts, thread))


def link(tokens: Tokens, workspace: str, channel: str, ts: str, thread_ts: str | None = None) -> str | None:
    """The address of a message, as Slack's "Copy link" gives it."""
    installation = tokens.find(workspace)
    if installation is None:
        return None
    address = f"{installation.url}archives/{channel}/p{ts.replace('.', '')}"
    return f"{address}?thread_ts={thread_ts}&cid={channel}" if thread_ts and thread_ts != ts else address


def is_ours(installation: Installation | None, body: Body, said: Mapping[str, Any]) -> bool:
    """Whether Parley itself wrote a message."""
    if installation is None:
        return False
    by_app = said.get("app_id") and said.get("app_id") == body.get("api_app_id")
    by_bot = said.get("bot_id") and said.get("bot_id") == installation.bot
    return bool(by_app or by_bot or said.get("user") == installation.bot_user)


def _acted_at(body: Body) -> datetime | None:
    """When a button was pressed; of forms it is not told."""
    told = next((str(acted.get("action_ts")) for acted in body.get("actions") or []), "")
    if not (written := _TS.fullmatch(told)):
        return None
    return _EPOCH + timedelta(seconds=int(written[1]), microseconds=int(written[2]))


def _origin(
    tokens: Tokens, team: str | None, enterprise: str | None, member: str | None, channel: str | None, home: Home
) -> Origin:
    member = None if member is None else ident(member)
    channel = None if channel is None else ident(channel)
    installation = tokens.find(team or "") or tokens.find(enterprise or "")
    workspace = installation.workspace if installation else str(team or enterprise or "")
    is_outside = installation is not None and _is_outside(installation, home)
    return Origin(PLATFORM, workspace, member, None if is_dm(channel) else channel, is_outside)


def _is_outside(installation: Installation, home: Home) -> bool:
    """Only what the payload says for sure; whoever it leaves open is asked about before they may do anything."""
    if home.team is None or home.team in (installation.team, installation.enterprise):
        return False
    if installation.enterprise is None:
        return True
    return home.enterprise is not None and home.enterprise != installation.enterprise


def is_dm(channel: str | None) -> bool:
    """A private conversation, which is no channel to Parley."""
    return bool(channel) and str(channel).startswith("D")


def _channel(body: Body, dms: bool = False) -> str | None:
    channel = (body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id")
    return None if not dms and is_dm(channel) else channel
