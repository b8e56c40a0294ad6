"""Payloads recorded by Slack's own SDKs: none is a server error, and those that tell of homes are read right."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest

from bot.slack.origin import Body, of_command, of_event, of_interaction
from bot.slack.tokens import Installation, Tokens
from tests.platforms.stage import FORM, a_stage

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures" / "slack"
pytestmark = pytest.mark.skipif(not FIXTURES.exists(), reason="the recorded payloads are not here")
NOT_FOR_US = ("api_response", "oauth_response", "socket_mode")
RETIRED = ("dialog_", "interactive_message", "workflow_step_edit", "view_closed")  # no modern app receives them
CUT_SHORT = ("event.goodbye", "event.message__EventTypeDetector", "unmatched_suggestions")  # by the SDKs' authors


def recorded(name: str) -> Body:
    [path] = FIXTURES.glob(f"*/{name}.json")
    payload = json.loads(path.read_text())
    return payload.get("_parsed", payload)


def installed(workspace: str, team: str | None, enterprise: str | None = None) -> Tokens:
    return Tokens([Installation(workspace, team, enterprise, "Acme", "https://a.slack.com/", "UBOT", "BBOT", "xoxb-1")])


async def test_none_of_them_is_a_server_error(file_database):
    async with a_stage(file_database, troubles=True) as stage:
        answers = {}
        for path in sorted(FIXTURES.glob("*/*.json")):
            if not path.name.startswith(NOT_FOR_US):
                answers[path.name] = await replay(stage, path.name, path.read_text())
        assert len(answers) > 120
        assert not {name for name, status in answers.items() if status >= 500}
        refused = {name for name, status in answers.items() if status != 200}
        assert not {
            name for name in refused if not name.startswith(RETIRED) and not any(part in name for part in CUT_SHORT)
        }


async def replay(stage, name: str, text: str) -> int:
    """Send a recorded payload, with its answers kept here, and return the status."""
    text = text.replace("https://hooks.slack.com", stage.slack.url)
    payload = json.loads(text.replace("http://localhost:8888", stage.slack.url))
    if "_raw_form" in payload:
        return (await stage.sends(payload["_raw_form"].encode(), FORM))[0]
    if "command" in payload:
        return (await stage.sends(urlencode(payload).encode(), FORM))[0]
    if name.startswith(("event", "url_verification", "app_rate_limited")):
        return (await stage.sends(json.dumps(payload).encode()))[0]
    return (await stage.interaction(payload))[0]


class TestWhere:
    def test_an_event_of_a_shared_channel_belongs_where_parley_is_installed(self):
        event = recorded("event.reaction_added__events_shared_channels_L137")
        assert (
            of_event(installed("T_INSTALLED", "T_INSTALLED", "E_INSTALLED"), event, "W111").workspace == "T_INSTALLED"
        )

    def test_in_an_organisation_it_belongs_to_the_organisation(self):
        event = recorded("event.message__events_org_apps_L203")
        assert of_event(installed("E111", None, "E111"), event, "W111").workspace == "E111"

    def test_a_command_of_an_organisation(self):
        command = recorded("slash_command__SlashCommandTest_L49")
        assert of_command(installed("E0001", None, "E0001"), command).workspace == "E0001"
        assert of_command(installed("T0001", "T0001", "E0001"), command).workspace == "T0001"

    def test_a_press_belongs_to_the_message(self):
        pressed = recorded("block_actions__BlockActionTest_L52")
        origin = of_interaction(installed("T123", "T123"), pressed)
        assert (origin.workspace, origin.member, origin.is_outside) == ("T123", "U123", False)

    def test_a_press_tells_when_it_was_and_a_form_does_not(self):
        pressed = recorded("block_actions__BlockActionTest_L52")
        tokens = installed("T123", "T123")
        assert of_interaction(tokens, pressed).acted_at == datetime(2020, 3, 8, 2, 46, 17, 758298, UTC)
        for strange in (None, "", "now", "-1.5", "9" * 40 + ".000000"):
            told = pressed | {"actions": [pressed["actions"][0] | {"action_ts": strange}]}
            assert of_interaction(tokens, told).acted_at is None
        assert of_interaction(tokens, recorded("view_submission__view_submission_L142")).acted_at is None


class TestWho:
    def test_somebody_of_another_organisation_is_outside(self):
        submitted = recorded("view_submission__view_submission_L142")
        for enterprise in (None, "E-ours"):
            tokens = installed("T-installed-workspace", "T-installed-workspace", enterprise)
            origin = of_interaction(tokens, submitted)
            assert (origin.workspace, origin.is_outside) == ("T-installed-workspace", True)

    def test_somebody_of_another_workspace_of_the_same_organisation_is_not(self):
        submitted = recorded("view_submission__view_submission_L142")
        tokens = installed("T-installed-workspace", "T-installed-workspace", "E-other-side")
        assert not of_interaction(tokens, submitted).is_outside

    @pytest.mark.parametrize(("home", "is_outside"), [("T_INSTALLED", False), ("T_OTHER", True), (None, False)])
    def test_a_message_tells_its_authors_home(self, home, is_outside):
        event = recorded("event.reaction_added__events_shared_channels_L137")
        assert of_event(installed("T_INSTALLED", "T_INSTALLED"), event, "W1", "C1", home).is_outside is is_outside


def test_forms_are_read_as_slack_writes_them():
    [path] = FIXTURES.glob("*/slash_command__SlashCommandTest_L49.json")
    payload = json.loads(path.read_text())
    assert dict(parse_qsl(payload["_raw_form"])) == payload["_parsed"]
