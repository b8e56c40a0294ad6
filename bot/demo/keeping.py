"""Keeping a demo in a folder: Parley's database, and beside it the local Slack with the time it has travelled to.

The file is written when the demo ends and taken away when it begins: so if it is missing beside a database, the demo
was not ended, and the two would not fit.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.demo.clock import Clock
from bot.playground import Double
from bot.playground.records import Channel, File, Member, Message, View
from bot.playground.workspace import Workspace
from bot.settings import keys_beside

NAME = "slack.json"


class Unusable(Exception):
    """A folder from which no demo can go on; its text says why, and what to do."""


@dataclass
class Kept:
    """What the local Slack remembers, and the time."""

    workspace: str
    ahead: float  # seconds that the clock is ahead of real time
    counts: tuple[int, int]
    members: list[Member]
    channels: list[Channel]
    ephemerals: dict[str, list[Message]]
    homes: dict[str, View]
    files: list[File]


def keep(folder: Path, slack: Double, company: Workspace, clock: Clock) -> None:
    """Write it down; open forms are closed."""
    team = company.team
    kept = Kept(
        team.id,
        clock.ahead.total_seconds(),
        slack.state.counts(),
        list(team.members.values()),
        list(team.channels.values()),
        team.ephemerals,
        team.homes,
        list(team.files.values()),
    )
    (folder / NAME).write_text(json.dumps(asdict(kept), default=_text, ensure_ascii=False), encoding="utf-8")


def restore(folder: Path, database: str, slack: Double, name: str) -> tuple[Workspace, timedelta] | None:
    """The company as it was kept, and by how much its time is ahead; None where there is nothing to go on from."""
    file = folder / NAME
    if not file.exists():
        if (folder / database).exists():
            raise Unusable(f"The demo in {folder} was not ended, so it cannot go on. Begin anew with --fresh.")
        return None
    try:
        kept = TypeAdapter(Kept).validate_json(file.read_bytes())
    except ValidationError:
        raise Unusable(f"{file} is of another version of Parley. Begin anew with --fresh.") from None
    company = slack.workspace(name, team_id=kept.workspace)
    team = company.team
    team.members = {member.id: member for member in kept.members}
    team.channels = {channel.id: channel for channel in kept.channels}
    team.ephemerals, team.homes = kept.ephemerals, kept.homes
    team.files = {found.id: found for found in kept.files}
    for found in _files(kept):
        found.content = base64.b64decode(found.content)
    slack.state.resume(*kept.counts)
    company.install()
    file.unlink()
    return company, timedelta(seconds=kept.ahead)


def forget(folder: Path, database: str) -> None:
    """Take away what was kept."""
    for name in (NAME, *(f"{database}{ending}" for ending in ("", "-wal", "-shm"))):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(keys_beside(folder / database), ignore_errors=True)


def _files(kept: Kept) -> Iterator[File]:
    yield from kept.files
    for channel in kept.channels:
        for message in channel.log.values():
            yield from message.files


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is no JSON")
