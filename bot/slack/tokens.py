"""Where Parley is installed, and the token of each place; tokens are kept in memory only, never in the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.sender import Rejected, RetryAfter
from bot.slack.client import understood
from storage.workspaces import Workspace

TOKEN_MISSING = 60.0  # seconds until somebody may have given the token and started Parley anew

# For each word with which Slack refuses a token: what it means, and how to mend it.
REFUSALS = {
    "invalid_auth": "Slack does not know it. Copy it again: {page}.",
    "not_authed": "Slack sees no token in it. Copy it again: {page}.",
    "token_revoked": "it was revoked. Install the app again, then copy the new one: {page}.",
    "account_inactive": "the app was removed from the workspace. Install it again, then copy the new one: {page}.",
    "not_allowed_token_type": "it is a token of another kind. Copy the right one: {page}.",
    "missing_scope": "it lacks a scope. Give it connections:write: {page}.",
}
BOT_PAGE = "OAuth & Permissions, Bot User OAuth Token"
LEVEL_PAGE = "Basic Information, App-Level Tokens, with the scope connections:write"


@dataclass(frozen=True, slots=True)
class Installation:
    """Parley in one workspace, or in a whole organisation."""

    workspace: str  # the team's id, or the enterprise's for an organisation
    team: str | None
    enterprise: str | None
    name: str
    url: str  # links to messages begin with it; ends in a slash
    bot_user: str
    bot: str | None
    token: str = field(repr=False)
    scopes: frozenset[str] = frozenset()


class Tokens:
    def __init__(self, installations: Iterable[Installation] = ()) -> None:
        self._by_workspace = {found.workspace: found for found in installations}
        self._removed: set[str] = set()

    def __iter__(self) -> Iterator[Installation]:
        return iter(list(self._by_workspace.values()))

    def find(self, workspace: str) -> Installation | None:
        return self._by_workspace.get(workspace)

    def of(self, workspace: str) -> Installation:
        """Raises Rejected where Parley was removed, RetryAfter where only the token is missing at the moment."""
        if workspace in self._removed:
            raise Rejected("not_installed")
        if workspace not in self._by_workspace:
            raise RetryAfter(TOKEN_MISSING)
        return self._by_workspace[workspace]

    def add(self, installation: Installation) -> None:
        self._by_workspace[installation.workspace] = installation

    def forget(self, workspace: str) -> None:
        self._by_workspace.pop(workspace, None)
        self._removed.add(workspace)


async def introduce(client: AsyncWebClient, token: str) -> Installation:
    """Ask Slack where a token belongs. Raises Rejected when Slack does not take it."""
    with understood():
        answer = await client.auth_test(token=token)
    team, enterprise = answer.get("team_id"), answer.get("enterprise_id")
    is_organisation = bool(enterprise) and (bool(answer.get("is_enterprise_install")) or not team)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Installation(
        workspace=str(enterprise if is_organisation else team),
        team=None if is_organisation else team,
        enterprise=enterprise,
        name=str(answer.get("team") or team or enterprise),
        url=f"{answer.get('url') or 'https://slack.com'}".rstrip("/") + "/",
        bot_user=str(answer.get("user_id")),
        bot=answer.get("bot_id"),
        token=token,
        scopes=frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")) - {""},
    )


def refused(name: str, reason: str, page: str) -> str:
    """Slack's refusal of a token as a sentence."""
    meaning = REFUSALS.get(reason, f"{reason}. Look at {{page}}.").format(page=page)
    return f"Slack refuses {name}: {meaning}"


def row_of(installation: Installation, now: datetime) -> Workspace:
    """The workspace as the database keeps it: without the token."""
    return Workspace(
        platform="slack",
        external_id=installation.workspace,
        name=installation.name,
        bot_external_id=installation.bot_user,
        installed_at=now,
    )
