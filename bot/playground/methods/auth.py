"""auth.test: who am I."""

from __future__ import annotations

from bot.playground.methods.registry import method
from bot.playground.records import Payload
from bot.playground.request import Request


@method("auth.test")
def auth_test(request: Request) -> Payload:
    """Whose token this is."""
    bot = request.team.members[request.installation.bot_user_id]
    answer: Payload = {
        "url": f"https://{request.team.domain}.slack.com/",
        "team": request.team.name,
        "user": bot.name,
        "team_id": request.team.id,
        "user_id": bot.id,
        "bot_id": request.installation.bot_id,
        "is_enterprise_install": False,
    }
    if request.team.enterprise_id:
        answer["enterprise_id"] = request.team.enterprise_id
    return answer
