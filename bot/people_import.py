"""`people import`: a file, Slack's word on who has which address, and one unit of work for every few rows."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session

from bot.core.acquaintance import keep_person
from bot.core.context import Context, UserError
from bot.core.directory import NotFound
from bot.core.language import speaking
from bot.core.registry import Registry
from bot.core.sender import Rejected, RetryAfter
from bot.features import FEATURES
from bot.features.people.service.importing import CHUNK, Report, emails_in, import_people, people_columns
from bot.rules.csv_rows import Row, read_rows
from bot.settings import Misconfigured, Settings
from bot.slack.client import TIMEOUT, open_client
from bot.slack.directory import SlackDirectory
from bot.slack.origin import PLATFORM
from bot.slack.tokens import BOT_PAGE, Installation, Tokens, introduce, refused, row_of
from storage.database import Database
from storage.migrate import migrate
from storage.people import find_member
from storage.workspaces import Workspace, find_workspace, install


async def import_file(settings: Settings, content: bytes, workspace: str = "") -> Report:
    """Apply a CSV file to one workspace. Raises UserError or Misconfigured where nothing can be applied."""
    table = read_rows(content)
    columns, rows = people_columns(table.columns), list(table.rows)
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        client = open_client(settings.slack_api_url, session)
        installation = _chosen([await _introduced(client, token) for token in settings.bot_tokens], workspace)
        await asyncio.to_thread(migrate, settings.database)
        database = await Database(settings.database).start()
        try:
            people = _Importer(database, SlackDirectory(client, Tokens([installation])), installation)
            report = Report(0, ())
            for first in range(0, len(rows), CHUNK):
                report += await people.apply(rows[first : first + CHUNK], columns)
            return report
        finally:
            await database.close()


class _Importer:
    def __init__(self, database: Database, directory: SlackDirectory, installation: Installation) -> None:
        self._database, self._directory, self._installation = database, directory, installation
        self._registry = Registry(FEATURES)
        self._ids: dict[str, int] = {}  # of the members behind the addresses met so far

    async def apply(self, rows: Sequence[Row], columns: Mapping[str, str]) -> Report:
        for email in sorted(emails_in(rows, columns) - self._ids.keys()):
            await self._meet(email)

        def work(session: Session) -> Report:
            ctx = Context(session, self._workspace(session), None, _now(), "import", self._registry)
            with speaking(ctx.workspace.language):
                return import_people(ctx, rows, columns, self._ids)

        return await self._database.write(work, bulk=True)

    async def _meet(self, email: str) -> None:
        """Make the row of a person the company has under this address; of nobody else."""
        workspace = self._installation.workspace
        while True:
            try:
                person = await self._directory.by_email(workspace, email)
                break
            except NotFound:
                return
            except RetryAfter as limit:
                await asyncio.sleep(limit.seconds)

        def work(session: Session) -> int | None:
            tenant = self._workspace(session)
            keep_person(session, PLATFORM, workspace, person, _now())
            found = find_member(session, tenant.id, person.external_id)
            return found.id if found and found.belongs else None

        if (member_id := await self._database.write(work, bulk=True)) is not None:
            self._ids[email] = member_id

    def _workspace(self, session: Session) -> Workspace:
        found = find_workspace(session, PLATFORM, self._installation.workspace)
        return found or install(session, row_of(self._installation, _now()))


async def _introduced(client: AsyncWebClient, token: str) -> Installation:
    try:
        return await introduce(client, token)
    except Rejected as refusal:
        raise Misconfigured(refused("a token in SLACK_BOT_TOKEN", str(refusal), BOT_PAGE)) from None
    except Exception as error:
        raise UserError(f"Slack does not answer ({type(error).__name__}). Nothing was changed.") from None


def _chosen(installations: Sequence[Installation], wanted: str) -> Installation:
    found = [
        each
        for each in installations
        if not wanted or wanted.casefold() in (each.name.casefold(), each.workspace.casefold())
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{each.name} ({each.workspace})" for each in installations)
    raise UserError(f"Say which workspace is meant, with --workspace: {known}.")


def _now() -> datetime:
    return datetime.now(UTC)
