"""users.*, bots.* and team.*: who there is."""

from __future__ import annotations

from bot.playground.errors import SlackError
from bot.playground.methods.registry import method
from bot.playground.records import Member, Payload
from bot.playground.request import Request


def _payload(request: Request, member: Member, *, locale: bool) -> Payload:
    email = "users:read.email" in request.installation.scopes and member.team_id == request.team.id
    payload = member.as_payload(at=request.state.now(), email=email, locale=locale)
    if member.team_id != request.team.id:
        payload["is_stranger"] = not any(
            member.id in channel.members and request.state.bot_is_in(request.team, channel)
            for channel in request.team.channels.values()
        )
    return payload


@method("users.info", "users:read")
def info(request: Request) -> Payload:
    """One person, of another organisation too."""
    member = request.team.members.get(request.text("user"))
    if member is None:
        raise SlackError("user_not_found")
    return {"user": _payload(request, member, locale=request.flag("include_locale"))}


@method("users.list", "users:read")
def list_(request: Request) -> Payload:
    """Everybody whose home this workspace is."""
    home = [member for member in request.team.members.values() if member.team_id == request.team.id]
    locale = request.flag("include_locale")
    return {"cache_ts": int(request.state.now())} | request.page(
        home, lambda member: _payload(request, member, locale=locale), "members", default=1000
    )


@method("users.lookupByEmail", "users:read.email")
def lookup_by_email(request: Request) -> Payload:
    """The person with an e-mail address; people who left are not found."""
    wanted = request.text("email").lower()
    for member in request.team.members.values():
        if member.email.lower() == wanted and member.team_id == request.team.id and not member.deleted:
            return {"user": _payload(request, member, locale=False)}
    raise SlackError("users_not_found")


@method("bots.info", "users:read")
def bot(request: Request) -> Payload:
    """The bot with an id; the app's own if none is named."""
    wanted = request.text("bot", request.installation.bot_id)
    for member in request.team.members.values():
        if member.bot_id == wanted:
            return {
                "bot": {
                    "id": wanted,
                    "deleted": False,
                    "name": member.real_name,
                    "updated": 1700000000,
                    "app_id": member.app_id,
                    "user_id": member.id,
                    "icons": {},
                }
            }
    raise SlackError("bot_not_found")


@method("team.info", "team:read")
def team(request: Request) -> Payload:
    """The workspace."""
    known = request.team
    payload: Payload = {
        "id": known.id,
        "name": known.name,
        "domain": known.domain,
        "email_domain": "",
        "icon": {"image_default": True},
    }
    if known.enterprise_id:
        payload |= {"enterprise_id": known.enterprise_id, "enterprise_name": f"{known.name} Org"}
    return {"team": payload}
