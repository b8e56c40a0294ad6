"""Who comes, goes and changes: members of channels, channels themselves, and people's profiles."""

from __future__ import annotations

from bot.playground.records import Channel, Member, Payload
from bot.playground.state import State, Team

_LETTER = {"channel": "C", "group": "G", "im": "D", "mpim": "G"}


def join(state: State, team: Team, channel: Channel, user: str, inviter: str | None = None) -> None:
    """Make somebody a member of a channel; the app hears of it, also when it is the bot who joins."""
    if user in channel.members:
        return
    channel.members.append(user)
    home = team.members[user].team_id
    if home != team.id and home not in channel.connected_team_ids:
        channel.is_ext_shared = True
        channel.connected_team_ids.append(home)
    event: Payload = {
        "type": "member_joined_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": _LETTER[channel.kind],
        "team": team.id,
        "event_ts": state.new_ts(),
    }
    if inviter:
        event["inviter"] = inviter
    state.stage.announce(team, "member_joined_channel", event, channel=channel, source_team=home)
    state.tell("channel", team, channel=channel.id)


def leave(state: State, team: Team, channel: Channel, user: str) -> None:
    """End a membership; the app hears of it while its bot is there, and of its own leaving."""
    event: Payload = {
        "type": "member_left_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": _LETTER[channel.kind],
        "team": team.id,
        "event_ts": state.new_ts(),
    }
    state.stage.announce(team, "member_left_channel", event, channel=channel, source_team=team.members[user].team_id)
    channel.members.remove(user)
    state.tell("channel", team, channel=channel.id)


def rename(state: State, team: Team, channel: Channel, name: str) -> None:
    """Give a channel another name."""
    channel.name = name
    event = {
        "type": "channel_rename",
        "event_ts": state.new_ts(),
        "channel": {
            "id": channel.id,
            "name": name,
            "created": channel.created,
            "is_channel": True,
            "is_mpim": False,
            "name_normalized": name,
        },
    }
    state.stage.announce(team, "channel_rename", event, channel=channel)
    state.tell("channel", team, channel=channel.id)


def archive(state: State, team: Team, channel: Channel, user: str, *, back: bool = False) -> None:
    """Archive a channel, or bring it back."""
    type_ = "channel_unarchive" if back else "channel_archive"
    event = {"type": type_, "channel": channel.id, "user": user, "event_ts": state.new_ts()}
    state.stage.announce(team, type_, event, channel=channel)
    channel.is_archived = not back
    state.tell("channel", team, channel=channel.id)


def share(state: State, team: Team, channel: Channel, other_team_id: str) -> None:
    """Share a channel with another organisation."""
    channel.is_ext_shared = True
    if other_team_id not in channel.connected_team_ids:
        channel.connected_team_ids.append(other_team_id)
    event = {
        "type": "channel_shared",
        "connected_team_id": other_team_id,
        "channel": channel.id,
        "event_ts": state.new_ts(),
    }
    state.stage.announce(team, "channel_shared", event, channel=channel)
    state.tell("channel", team, channel=channel.id)


def person_event(state: State, team: Team, type_: str, member: Member) -> None:
    """Tell of a new person (`team_join`) or of a changed profile (`user_change`)."""
    email = team.installation is not None and "users:read.email" in team.installation.scopes
    user = member.as_payload(at=state.now(), email=email, locale=True)
    event = {"type": type_, "user": user, "cache_ts": int(state.now()), "event_ts": state.new_ts()}
    state.stage.announce(team, type_, event)
    state.tell("person", team, user=member.id)


def revoke(state: State, team: Team, *, uninstall: bool) -> None:
    """Take the bot's token away and tell the app; uninstalling also ends the installation."""
    installation = state.installed(team)
    installation.revoked = True
    tokens = {"oauth": [], "bot": [installation.bot_user_id]}
    state.stage.announce(
        team, "tokens_revoked", {"type": "tokens_revoked", "tokens": tokens, "event_ts": state.new_ts()}
    )
    if uninstall:
        state.stage.announce(team, "app_uninstalled", {"type": "app_uninstalled", "event_ts": state.new_ts()})
        team.installation = None
        for channel in team.channels.values():
            if installation.bot_user_id in channel.members and not channel.is_im:
                channel.members.remove(installation.bot_user_id)
                state.tell("channel", team, channel=channel.id)
