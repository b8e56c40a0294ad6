"""The manifest asks Slack for exactly what Parley uses: commands, shortcuts, events and scopes."""

import ast
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from bot.core.registry import Registry
from bot.features import FEATURES
from bot.playground.state import ALL_SCOPES
from bot.slack.events import HANDLERS
from bot.slack.permissions import EVENTS, METHODS, SCOPES

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT.parent / "shared" / "schemas" / "slack" / "manifest.schema.2.0.0.json"


@pytest.fixture(scope="module")
def manifest():
    return yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def registry():
    return Registry(FEATURES)


@pytest.mark.skipif(not SCHEMA.exists(), reason="the schema is not here")
def test_it_is_valid(manifest):
    jsonschema.validate(manifest, json.loads(SCHEMA.read_text()))


def test_its_commands_are_the_registered_ones_with_names_as_ids(manifest, registry):
    commands = manifest["features"]["slash_commands"]
    assert [each["command"].removeprefix("/") for each in commands] == registry.command_names
    assert all(each["should_escape"] for each in commands)


def test_its_shortcuts_are_the_registered_ones(manifest, registry):
    shortcuts = manifest["features"]["shortcuts"]
    assert {each["callback_id"] for each in shortcuts} == {
        name for feature in registry.features for name in feature.shortcuts
    }
    assert {each["type"] for each in shortcuts} == {"message", "global"}


def test_its_scopes_and_events_are_those_of_the_table(manifest):
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == set(EVENTS)
    assert set(ALL_SCOPES) >= SCOPES


def test_every_event_that_is_asked_for_is_handled():
    assert {name.partition(".")[0] for name in EVENTS} == set(HANDLERS)


def test_the_table_names_exactly_the_methods_that_are_called():
    called = set()
    for path in (ROOT / "bot").rglob("*.py"):
        if "playground" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and re.match(METHOD_FAMILIES, node.attr):
                    called.add(node.attr.replace("_", ".", 2 if node.attr.startswith("apps_") else 1))
    assert called == set(METHODS)


METHOD_FAMILIES = r"(apps|auth|chat|conversations|files|reactions|users|views|team|bots|pins|search|admin)_[a-z]+"


def test_it_connects_by_socket_mode_and_has_a_home(manifest):
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert 175 <= len(manifest["display_information"]["long_description"]) <= 4000
