"""The views a person is shown: the stack of modals, its updates, and the Home tab."""

from __future__ import annotations

import secrets
from typing import Any

from bot.playground.blocks import view_findings, with_ids
from bot.playground.errors import SlackError
from bot.playground.records import Payload, View
from bot.playground.state import State, Team
from bot.playground.values import initial_state

MOST_IN_STACK = 3


def exchange(state: State, trigger_id: str, team_id: str) -> str:
    """The person whose act this trigger_id stands for; good once, and for three seconds."""
    trigger = state.triggers.get(trigger_id)
    if trigger is None or trigger.team_id != team_id:
        raise SlackError("invalid_trigger_id")
    if state.now() - trigger.at > state.pace.trigger_lives:
        raise SlackError("expired_trigger_id")
    if trigger.used:
        raise SlackError("exchanged_trigger_id")
    trigger.used = True
    return trigger.user


def checked(content: Any, kind: str) -> Payload:
    """The view as sent, if Slack would take it as a `modal` or `home`."""
    findings = view_findings(content)
    if not findings and content["type"] != kind:
        findings = [f"[ERROR] must be a valid enum value: {kind} [json-pointer:/view/type]"]
    if findings:
        raise SlackError("invalid_arguments", findings)
    view: Payload = content
    return view


def open_modal(state: State, team: Team, user: str, content: Payload) -> View:
    """Show a modal as the only one."""
    team.stacks[user] = []
    return _put(state, team, user, content)


def push_modal(state: State, team: Team, user: str, content: Payload) -> View:
    """Show a modal over those that are open."""
    stack = team.stacks.get(user, [])
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= MOST_IN_STACK:
        raise SlackError("push_limit_reached")
    return _put(state, team, user, content)


def update_view(state: State, team: Team, view: View, content: Payload, expected: str | None) -> View:
    """Show other content in the same view; what was typed stays in fields that keep their ids."""
    if expected is not None and expected != view.hash:
        raise SlackError("hash_conflict")
    _external_id_is_free(team, content, view)
    view.content = content | {"blocks": with_ids(content["blocks"], state.new_block_id)}
    view.values = initial_state(view.blocks, view.values)
    view.hash = new_hash(state)
    state.tell("home" if view.kind == "home" else "modals", team, user=view.user)
    return view


def publish_home(state: State, team: Team, user: str, content: Payload, expected: str | None) -> View:
    """Show content in a person's Home tab; a hash is checked only once there is a home."""
    home = team.homes.get(user)
    if home is not None:
        return update_view(state, team, home, content, expected)
    view = _made(state, team, user, content)
    team.homes[user] = view
    state.tell("home", team, user=user)
    return view


def close_modal(state: State, team: Team, user: str) -> View | None:
    """Close the topmost modal; what lies below it is shown again."""
    stack = team.stacks.get(user, [])
    if not stack:
        return None
    closed = stack.pop()
    state.tell("modals", team, user=user)
    return closed


def follow(state: State, team: Team, user: str, view: View, said: Payload) -> dict[str, str]:
    """Do what the app answered to a submitted modal; the errors to show, by block_id."""
    what = said.get("response_action")
    stack = team.stacks.get(user, [])
    if what == "errors":
        return _sound_errors(view, said.get("errors"))
    if what is None:
        if view in stack:
            stack.remove(view)
            state.tell("modals", team, user=user)
    elif what == "clear":
        team.stacks[user] = []
        state.tell("modals", team, user=user)
    elif what == "update":
        update_view(state, team, view, checked(said.get("view"), "modal"), None)
    elif what == "push":
        push_modal(state, team, user, checked(said.get("view"), "modal"))
    else:
        raise SlackError(f"unknown response_action {what}")
    return {}


def _sound_errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise SlackError("errors must name at least one input block")
    for block_id in errors:
        if block_id not in inputs:
            raise SlackError(f"errors name {block_id}, which is no input block of the form")
    return {str(block_id): str(text) for block_id, text in errors.items()}


def new_hash(state: State) -> str:
    """A hash that no earlier content of any view had."""
    return f"{int(state.now())}.{secrets.token_hex(4)}"


def _put(state: State, team: Team, user: str, content: Payload) -> View:
    view = _made(state, team, user, content)
    stack = team.stacks[user]
    if stack:
        view.root_id, view.previous_id = stack[0].id, stack[-1].id
    stack.append(view)
    state.tell("modals", team, user=user)
    return view


def _made(state: State, team: Team, user: str, content: Payload) -> View:
    _external_id_is_free(team, content, None)
    installation = state.installed(team)
    stored = content | {"blocks": with_ids(content["blocks"], state.new_block_id)}
    view_id = state.new_id("V")
    return View(
        view_id,
        team.members[user].team_id,
        team.id,
        user,
        state.app.id,
        installation.bot_id,
        stored,
        new_hash(state),
        view_id,
        values=initial_state(stored["blocks"]),
    )


def _external_id_is_free(team: Team, content: Payload, besides: View | None) -> None:
    wanted = content.get("external_id")
    views = [view for stack in team.stacks.values() for view in stack] + list(team.homes.values())
    if wanted and any(view.content.get("external_id") == wanted and view is not besides for view in views):
        raise SlackError("duplicate_external_id")
