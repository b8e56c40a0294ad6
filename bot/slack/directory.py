"""Who somebody is and what a channel is, as Slack says; a person whose home it does not say comes from outside."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.directory import NotFound, Person, Place
from bot.core.sender import Rejected
from bot.slack.client import understood
from bot.slack.text import clean
from bot.slack.tokens import Installation, Tokens

ADMIN_PAGES = 50  # of a thousand people; one page that has an admin is enough
UNKNOWN = {"user_not_found", "users_not_found", "user_not_visible", "channel_not_found"}


class SlackDirectory:
    def __init__(self, client: AsyncWebClient, tokens: Tokens) -> None:
        self._client, self._tokens = client, tokens

    async def person(self, workspace: str, external_id: str) -> Person:
        installation = self._tokens.of(workspace)
        with _found(external_id):
            answer = await self._client.users_info(user=external_id, include_locale=True, token=installation.token)
        return described(installation, answer["user"])

    async def admins(self, workspace: str) -> list[Person]:
        installation, found = self._tokens.of(workspace), list[Person]()
        cursor = ""
        for _page in range(ADMIN_PAGES):
            try:
                answer = await self._client.users_list(token=installation.token, limit=1000, cursor=cursor)
            except SlackApiError as error:
                if "unknown_method" in str(error):  # not Slack, but a server that speaks its API
                    return found
                raise
            people = [described(installation, user) for user in answer.get("members") or []]
            found += [person for person in people if person.is_admin and person.belongs]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if found or not cursor:
                return found
        raise TimeoutError("too many people to find out who administers the workspace")

    async def place(self, workspace: str, external_id: str) -> Place:
        with _found(external_id):
            token = self._tokens.of(workspace).token
            answer = await self._client.conversations_info(token=token, channel=external_id)
        channel = answer["channel"]
        if channel.get("is_member") is False:
            raise NotFound(external_id)
        is_shared = bool(channel.get("is_ext_shared", channel.get("is_shared")))  # Slack always says one of them
        return Place(external_id, clean(channel.get("name")), is_shared or bool(channel.get("is_pending_ext_shared")))

    async def by_email(self, workspace: str, email: str) -> Person:
        """The person with an e-mail address. Raises NotFound, as `person` does."""
        installation = self._tokens.of(workspace)
        with _found(email):
            answer = await self._client.users_lookupByEmail(token=installation.token, email=email)
        return described(installation, answer["user"])


def described(installation: Installation, user: Mapping[str, Any]) -> Person:
    """Slack's user object; without a locale, which only users.info tells, the language is not known."""
    profile = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    return Person(
        external_id=user["id"],
        name=clean(name) or user["id"],
        belongs=is_at_home(installation, user) and not _is_guest_or_gone(user),
        is_admin=any(user.get(key) for key in ("is_admin", "is_owner", "is_primary_owner")),
        email=profile.get("email") or None,
        timezone=_zone(user.get("tz")),
        language=user.get("locale") or None,
    )


def is_at_home(installation: Installation, user: Mapping[str, Any]) -> bool:
    """Whether the person's home is the workspace, or another one of the same organisation."""
    enterprise = (user.get("enterprise_user") or {}).get("enterprise_id") or user.get("enterprise_id")
    if installation.enterprise and enterprise:
        return bool(enterprise == installation.enterprise)
    return installation.team is not None and user.get("team_id") == installation.team


def _is_guest_or_gone(user: Mapping[str, Any]) -> bool:
    unwanted = ("deleted", "is_restricted", "is_ultra_restricted", "is_bot", "is_workflow_bot", "is_stranger")
    return user["id"] == "USLACKBOT" or any(user.get(key) for key in unwanted)


def _zone(name: object) -> str | None:
    try:
        return ZoneInfo(str(name)).key
    except (ZoneInfoNotFoundError, ValueError):
        return None


@contextmanager
def _found(what: str) -> Iterator[None]:
    try:
        with understood():
            yield
    except Rejected as error:
        if str(error) in UNKNOWN:
            raise NotFound(what) from error
        raise
