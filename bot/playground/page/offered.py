"""What the app offers to people, as its manifest says: commands with their hints, and shortcuts."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.playground.records import Payload

# In a clone, or where a wheel put it.
_PLACES = (Path(__file__).parents[3] / "manifest.yml", Path(sys.prefix) / "share" / "parley" / "manifest.yml")
MANIFEST = next((path for path in _PLACES if path.exists()), _PLACES[0])


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is many times as fast


@dataclass(frozen=True)
class Offered:
    """Commands and shortcuts as the manifest describes them."""

    commands: tuple[Payload, ...]
    shortcuts: tuple[Payload, ...]

    @classmethod
    def read(cls, manifest: Path = MANIFEST) -> Offered:
        """From a manifest file."""
        features: Payload = yaml.load(manifest.read_text(encoding="utf-8"), LOADER)["features"]
        return cls(tuple(features.get("slash_commands", ())), tuple(features.get("shortcuts", ())))

    @property
    def escaping(self) -> dict[str, bool]:
        """Whether a command gets names as ids, by command."""
        return {str(each["command"]): bool(each.get("should_escape")) for each in self.commands}

    def as_payload(self) -> Payload:
        """For the page."""
        return {
            "commands": [
                {"name": each["command"], "about": each["description"], "hint": each.get("usage_hint", "")}
                for each in self.commands
            ],
            "shortcuts": [
                {"id": each["callback_id"], "name": each["name"], "about": each["description"], "on": each["type"]}
                for each in self.shortcuts
            ],
        }
