"""What is missing or wrong in configuration, tokens, scopes and database, and how to mend it; nothing is changed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.core.sender import Rejected
from bot.settings import Misconfigured, Settings, can_write, writable_parent
from bot.slack.client import TIMEOUT, open_client, understood
from bot.slack.permissions import SCOPES
from bot.slack.tokens import BOT_PAGE, LEVEL_PAGE, introduce, refused
from storage import migrate

MARKS = {"good": "✓", "unsure": "!", "bad": "✗"}
APP_PAGE = "https://api.slack.com/apps, your app"


@dataclass(frozen=True)
class Finding:
    """One line. `bad` is for the configuration to mend; `unsure` could not be told now."""

    state: Literal["good", "unsure", "bad"]
    about: str
    said: str

    def __str__(self) -> str:
        return f"{MARKS[self.state]} {self.about}: {self.said}"


def exit_code(findings: list[Finding]) -> int:
    """2 where something is wrong, 1 where something could not be told, else 0."""
    states = {finding.state for finding in findings}
    return 2 if "bad" in states else 1 if "unsure" in states else 0


async def findings() -> AsyncIterator[Finding]:
    """Everything there is to say, in the order in which it should be mended."""
    try:
        settings = Settings.read()
    except Misconfigured as error:
        for problem in error.problems:
            yield Finding("bad", "settings", problem)
        return
    how = "Socket Mode" if settings.app_token else "signed HTTP requests"
    yield Finding("good", "settings", f"complete; Parley hears by {how}")
    yield _database(settings)
    yield _keys(settings)
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        client = open_client(settings.slack_api_url, session)
        for number, token in enumerate(settings.bot_tokens, 1):
            which = "SLACK_BOT_TOKEN" if len(settings.bot_tokens) == 1 else f"SLACK_BOT_TOKEN, token {number}"
            async for finding in _token(client, settings, which, token):
                yield finding
        if settings.app_token:
            yield await _socket(client, settings, settings.app_token)
        else:
            yield Finding("good", "addresses", "give Slack https://YOUR-HOST/slack/events for events and interactivity")


async def _token(client: AsyncWebClient, settings: Settings, which: str, token: str) -> AsyncIterator[Finding]:
    try:
        installation = await introduce(client, token)
    except Rejected as refusal:
        yield Finding("bad", which, refused("it", str(refusal), BOT_PAGE))
        return
    except Exception as error:
        yield Finding("unsure", which, _unreachable(settings, error))
        return
    yield Finding("good", which, f"works in workspace {installation.name} ({installation.workspace})")
    if not installation.scopes:
        yield Finding("good", "scopes", "the server does not tell them")
    elif missing := sorted(SCOPES - installation.scopes):
        added = f"add them at {APP_PAGE}, OAuth & Permissions, and install the app again; or use manifest.yml"
        yield Finding("bad", "scopes", f"the app lacks {', '.join(missing)}; {added}")
    else:
        yield Finding("good", "scopes", f"all {len(SCOPES)} are there")


async def _socket(client: AsyncWebClient, settings: Settings, token: str) -> Finding:
    try:
        with understood():
            await client.apps_connections_open(app_token=token)
    except Rejected as refusal:
        return Finding("bad", "SLACK_APP_TOKEN", refused("it", str(refusal), LEVEL_PAGE))
    except Exception as error:
        return Finding("unsure", "SLACK_APP_TOKEN", _unreachable(settings, error))
    return Finding("good", "SLACK_APP_TOKEN", "works; Socket Mode can connect")


def _unreachable(settings: Settings, error: Exception) -> str:
    cause = error.__cause__ or error
    return f"{settings.slack_api_url} does not answer ({type(cause).__name__}). Is the network there?"


def _database(settings: Settings) -> Finding:
    url = make_url(settings.database)
    where = url.database if settings.is_sqlite else url.render_as_string(hide_password=True)
    if settings.is_sqlite and not Path(url.database or "").exists():
        if not writable_parent(settings):
            return Finding("bad", "database", f"{where} cannot be made; let Parley write there, or set DATABASE_URL")
        return Finding("good", "database", f"{where} will be made at the first start")
    try:
        version, newest = migrate.current(settings.database), migrate.head()
        if version is not None and version not in migrate.versions():
            return Finding("bad", "database", f"a newer Parley wrote it (version {version}); start that one")
        engine = create_engine(url, hide_parameters=True)
        try:
            is_writable = _is_writable(engine, is_sqlite=settings.is_sqlite)
        finally:
            engine.dispose()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return Finding("bad", "database", f"{where} cannot be used: {reason}")
    if not is_writable:
        return Finding("bad", "database", f"{where} can be read but not written; let Parley write there")
    state = "at the newest version" if version == newest else "will be brought to the newest version at the next start"
    return Finding("good", "database", f"{where} answers, can be written, {state}")


def _keys(settings: Settings) -> Finding:
    folder = settings.key_folder
    if not can_write(folder):
        said = f"{folder} cannot be written, so no pulse can open; let Parley write there, or set PULSE_KEYS"
        return Finding("bad", "keys of pulses", said)
    return Finding("good", "keys of pulses", f"{folder} can be written; leave it out of backups")


def _is_writable(engine: Engine, *, is_sqlite: bool) -> bool:
    with engine.connect() as connection:
        if is_sqlite:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except SQLAlchemyError as error:
                return "locked" in str(error)  # another Parley writes just now, so it can be written
            return True
        query = "SELECT NOT pg_is_in_recovery() AND has_schema_privilege(current_schema(), 'CREATE')"
        return bool(connection.exec_driver_sql(query).scalar())
