"""The payloads of what people do: commands, presses, submissions, searches and shortcuts."""

from __future__ import annotations

from typing import Any

from bot.playground.records import Channel, Member, Message, Payload, View
from bot.playground.state import State, Team
from bot.playground.surface import Spot
from bot.playground.values import initial_state, key_of


def _about(state: State, team: Team, member: Member) -> Payload:
    return {
        "user": {"id": member.id, "username": member.name, "name": member.name, "team_id": member.team_id},
        "api_app_id": state.app.id,
        "token": state.app.verification_token,
        "team": team.as_payload(),
        "enterprise": {"id": team.enterprise_id, "name": f"{team.name} Org"} if team.enterprise_id else None,
        "is_enterprise_install": False,
    }


def _about_view(state: State, team: Team, member: Member, view: View) -> Payload:
    """As `_about`, but for a person of another organisation the team is theirs."""
    about = _about(state, team, member)
    if member.team_id != team.id:
        home = state.teams.get(member.team_id)
        about["team"] = home.as_payload() if home else {"id": member.team_id, "domain": "elsewhere"}
    return about | {"view": view.as_payload()}


def command(state: State, team: Team, member: Member, channel: Channel, name: str, text: str) -> Payload:
    """A slash command; a flat form, unlike everything else."""
    form: Payload = {
        "token": state.app.verification_token,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": "privategroup" if channel.is_private else channel.name,
        "user_id": member.id,
        "user_name": member.name,
        "command": name,
        "text": text,
        "api_app_id": state.app.id,
        "is_enterprise_install": "false",
        "response_url": state.new_response_url(team, channel.id, member.id),
        "trigger_id": state.new_trigger(team, member.id),
    }
    if team.enterprise_id:
        form |= {"enterprise_id": team.enterprise_id, "enterprise_name": f"{team.name} Org"}
    return form


def action(state: State, spot: Spot, value: Any = None) -> Payload:
    """One entry of `actions`: a press, or a choice with its value."""
    element = spot.element
    said: Payload = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": spot.block["block_id"],
        "action_ts": state.new_ts(),
    }
    if element["type"] == "overflow":
        return said | {"selected_option": spot.option}
    if element["type"] == "feedback_buttons" and spot.option is not None:
        return said | {"text": spot.option["text"], "value": spot.option.get("value")}
    said |= {key: element[key] for key in ("text", "value", "style", "placeholder") if key in element}
    key = key_of(element)
    return said | {key: value} if key else said


def block_actions(state: State, team: Team, member: Member, where: Message | View, acted: Payload) -> Payload:
    """A press or a choice on a message or view, with the state of everything around it."""
    if isinstance(where, View):
        return _about_view(state, team, member, where) | {
            "type": "block_actions",
            "container": {"type": "view", "view_id": where.id},
            "trigger_id": state.new_trigger(team, member.id, where.id),
            "actions": [acted],
        }
    channel = team.channels[where.channel]
    where.state = initial_state(where.blocks, where.state)
    container: Payload = {
        "type": "message",
        "message_ts": where.ts,
        "channel_id": where.channel,
        "is_ephemeral": where.seen_by is not None,
    }
    if where.thread_ts:
        container["thread_ts"] = where.thread_ts
    payload = _about(state, team, member) | {
        "type": "block_actions",
        "container": container,
        "trigger_id": state.new_trigger(team, member.id),
        "channel": {"id": channel.id, "name": "privategroup" if channel.is_private else channel.name},
        "state": {"values": where.state},
        "response_url": state.new_response_url(team, channel.id, member.id, where.ts),
        "actions": [acted],
    }
    if where.seen_by is None:
        payload["message"] = where.as_payload(metadata=True)
    return payload


def view_submission(state: State, team: Team, member: Member, view: View) -> Payload:
    """Submit was pressed."""
    return _about_view(state, team, member, view) | {
        "type": "view_submission",
        "trigger_id": state.new_trigger(team, member.id, view.id),
        "response_urls": [],
    }


def view_closed(state: State, team: Team, member: Member, view: View, *, cleared: bool) -> Payload:
    """A view that asked to be told was closed, alone or (`cleared`) with the whole stack."""
    return _about_view(state, team, member, view) | {"type": "view_closed", "is_cleared": cleared, "response_urls": []}


def block_suggestion(
    state: State, team: Team, member: Member, where: Message | View, spot: Spot, query: str
) -> Payload:
    """Somebody types into an external menu."""
    asked = {
        "type": "block_suggestion",
        "action_id": spot.element["action_id"],
        "block_id": spot.block["block_id"],
        "value": query,
    }
    if isinstance(where, View):
        return _about_view(state, team, member, where) | asked | {"container": {"type": "view", "view_id": where.id}}
    channel = team.channels[where.channel]
    return (
        _about(state, team, member)
        | asked
        | {
            "container": {
                "type": "message",
                "message_ts": where.ts,
                "channel_id": where.channel,
                "is_ephemeral": where.seen_by is not None,
            },
            "channel": {"id": channel.id, "name": channel.name},
            "message": where.as_payload(metadata=True),
        }
    )


def shortcut(state: State, team: Team, member: Member, callback_id: str) -> Payload:
    """A global shortcut."""
    return _about(state, team, member) | {
        "type": "shortcut",
        "callback_id": callback_id,
        "action_ts": state.new_ts(),
        "trigger_id": state.new_trigger(team, member.id),
    }


def message_action(state: State, team: Team, member: Member, callback_id: str, message: Message) -> Payload:
    """A shortcut on a message."""
    channel = team.channels[message.channel]
    return shortcut(state, team, member, callback_id) | {
        "type": "message_action",
        "channel": {"id": channel.id, "name": channel.name},
        "message_ts": message.ts,
        "message": message.as_payload(metadata=True),
        "response_url": state.new_response_url(team, channel.id, member.id, message.ts),
    }
