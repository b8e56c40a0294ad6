"""Settings: every mistake is one sentence that names what to change and shows no secret."""

import logging

import pytest

from bot.logs import Json, Redacted
from bot.settings import Misconfigured, Settings

GOOD = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret"}
NAMES = (
    "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "DATABASE_URL", "LOG_FORMAT",
    "PORT", "HOST",
)  # fmt: skip


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """An empty folder and only these variables."""

    def give(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return Settings.read()

    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return give


def test_two_tokens_are_enough(environment):
    settings = environment(**GOOD)
    assert (settings.bot_tokens, settings.app_token) == (["xoxb-1-secret"], "xapp-1-secret")
    assert (settings.port, settings.host, settings.log_format) == (3000, "0.0.0.0", "text")
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.is_sqlite
    assert settings.database.endswith("/parley.db")


def test_several_workspaces_have_a_token_each(environment):
    settings = environment(SLACK_BOT_TOKEN=" xoxb-1, xoxb-2,,xoxb-1 ", SLACK_SIGNING_SECRET="secret")
    assert settings.bot_tokens == ["xoxb-1", "xoxb-2"]


def test_an_env_file_works_and_the_environment_has_the_last_word(environment, tmp_path):
    (tmp_path / ".env").write_text('SLACK_BOT_TOKEN="xoxb-file"\nSLACK_SIGNING_SECRET=s\nPORT=1\nOTHER=x\n')
    settings = environment(PORT="4000", LOG_FORMAT="")
    assert (settings.bot_tokens, settings.port, settings.log_format) == (["xoxb-file"], 4000, "text")


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("postgres://a:b@host/name", "postgresql+psycopg://a:b@host/name"),
        ("postgresql://a:p%40ss@host:5433/name?sslmode=require", "postgresql+psycopg://a:p%40ss@host:5433/name?sslmode=require"),
        ("postgresql+psycopg://host/name", "postgresql+psycopg://host/name"),
        ("sqlite:////var/lib/parley.db", "sqlite:////var/lib/parley.db"),
    ],
)  # fmt: skip
def test_database_addresses_are_taken_as_people_write_them(environment, given, understood):
    assert environment(**GOOD, DATABASE_URL=given).database == understood


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_BOT_TOKEN": " , "}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_BOT_TOKEN": "xapp-1-secret"}, "belongs in SLACK_APP_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxp-1-secret"}, "holds a user token"),
        ({"SLACK_APP_TOKEN": "xoxb-1-secret"}, "an app-level token begins with xapp-"),
        ({"SLACK_APP_TOKEN": ""}, "Set SLACK_APP_TOKEN to connect by Socket Mode, or SLACK_SIGNING_SECRET"),
        ({"SLACK_API_URL": "slack.com"}, "SLACK_API_URL must begin with http"),
        ({"DATABASE_URL": "secret parley.db"}, "DATABASE_URL is no database address"),
        ({"DATABASE_URL": "mysql://root:secret@host/x"}, "DATABASE_URL names mysql"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL names no file"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be text or json."),
        ({"PORT": "many"}, "PORT must be a number from 0 to 65535."),
        ({"PORT": "70000"}, "PORT must be a number from 0 to 65535."),
    ],
)
def test_each_mistake_is_one_sentence_without_secrets(environment, values, sentence):
    with pytest.raises(Misconfigured) as caught:
        environment(**{**GOOD, **values})
    [problem] = caught.value.problems
    assert sentence in problem
    assert "secret" not in str(caught.value)


def test_all_mistakes_are_told_at_once(environment):
    with pytest.raises(Misconfigured) as caught:
        environment(SLACK_BOT_TOKEN="xapp-1", PORT="x", LOG_FORMAT="y")
    assert len(caught.value.problems) == 4, "how to be heard is missing, too"


def test_whoever_begins_with_nothing_hears_of_all_that_is_missing(environment):
    with pytest.raises(Misconfigured) as caught:
        environment()
    assert [problem.split(" ")[0] for problem in caught.value.problems] == ["SLACK_BOT_TOKEN", "Set"]


def test_an_env_file_that_is_no_text_is_one_sentence(environment, tmp_path):
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00SLACK")
    with pytest.raises(Misconfigured, match=r"The file \.env cannot be read"):
        environment(**GOOD)


def test_secrets_do_not_show(environment):
    settings = environment(**GOOD, DATABASE_URL="postgresql://a:hidden@host/x", SLACK_SIGNING_SECRET="concealed")
    for shown in (repr(settings), str(settings), str(settings.model_dump())):
        assert not any(secret in shown for secret in settings.secrets)
    assert settings.secrets == ["xoxb-1-secret", "xapp-1-secret", "concealed", "hidden"]


@pytest.mark.parametrize("formatter", [Redacted, Json])
def test_the_log_never_shows_a_secret(formatter):
    try:
        raise ValueError("token xoxe.xoxb-1-abc and wss://x/link?ticket=abc-def&app_id=A1")
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, "f", 1, "%s by %s", ("xapp-1-A-9-f", "s3cr3t"), __import__("sys").exc_info()
        )
    line = formatter(["s3cr3t"]).format(record)
    assert not any(secret in line for secret in ("1-abc", "abc-def", "A-9-f", "s3cr3t"))
    assert "xoxe.xoxb-***" in line
    assert "ticket=***&app_id=A1" in line
