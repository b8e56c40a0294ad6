"""views.*: showing modals and Home tabs."""

from __future__ import annotations

from bot.playground import modals
from bot.playground.errors import SlackError
from bot.playground.methods.registry import method
from bot.playground.records import Payload, View
from bot.playground.request import Request


def _content(request: Request, kind: str) -> Payload:
    content = request.json("view")
    if content is None:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view"])
    return modals.checked(content, kind)


@method("views.open")
def open_(request: Request) -> Payload:
    """Open a modal for the person who just did something; a bad view does not use the trigger up."""
    content = _content(request, "modal")
    user = modals.exchange(request.state, request.text("trigger_id"), request.team.id)
    return {"view": modals.open_modal(request.state, request.team, user, content).as_payload()}


@method("views.push")
def push(request: Request) -> Payload:
    """Put a modal over the open one."""
    content = _content(request, "modal")
    user = modals.exchange(request.state, request.text("trigger_id"), request.team.id)
    return {"view": modals.push_modal(request.state, request.team, user, content).as_payload()}


@method("views.update")
def update(request: Request) -> Payload:
    """Change an open view, named by view_id or external_id."""
    view = _named(request)
    content = _content(request, view.kind)
    changed = modals.update_view(request.state, request.team, view, content, request.text("hash", "") or None)
    return {"view": changed.as_payload()}


def _named(request: Request) -> View:
    view_id, external_id = request.text("view_id", ""), request.text("external_id", "")
    if not view_id and not external_id:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view_id"])
    views = [view for stack in request.team.stacks.values() for view in stack] + list(request.team.homes.values())
    for view in views:
        if view.id == view_id or (external_id and view.content.get("external_id") == external_id):
            return view
    raise SlackError("not_found")


@method("views.publish")
def publish(request: Request) -> Payload:
    """Show a Home tab."""
    content = _content(request, "home")
    user = request.text("user_id")
    if user not in request.team.members:
        raise SlackError("user_not_found")
    view = modals.publish_home(request.state, request.team, user, content, request.text("hash", "") or None)
    return {"view": view.as_payload()}
