"""Logs: lines for people or JSON for machines, and never a secret in either."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

TOKENS = re.compile(r"(xox[a-z](?:\.xox[a-z])?-|xapp-)[\w.-]+|(ticket=)[^\s&'\"]+")
HIDDEN = "***"
QUIET = ("apscheduler", "aiohttp", "asyncio", "slack_sdk", "bot.slack.socket_mode.sdk")  # they tell of every tick


class Redacted(logging.Formatter):
    """The second net: whatever a line holds, tokens and the given secrets are struck out of it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = [secret for secret in secrets if len(secret) >= 4]

    def format(self, record: logging.LogRecord) -> str:
        return self.redacted(super().format(record))

    def redacted(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return TOKENS.sub(lambda found: f"{found[1] or found[2]}{HIDDEN}", line)


class Json(Redacted):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return self.redacted(json.dumps(said, ensure_ascii=False))


def log_to_stderr(log_format: Literal["text", "json"], secrets: Iterable[str] = ()) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter((Json if log_format == "json" else Redacted)(secrets))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
