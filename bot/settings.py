"""Settings: read from the environment and from a .env file once, at start, and checked before anything runs."""

import os
from pathlib import Path
from typing import Any, Literal, Self

import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

POSTGRESQL = "postgresql+psycopg"


class Misconfigured(Exception):
    """What is wrong with the settings, a sentence for each problem; none holds a secret."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def default_database() -> str:
    return f"sqlite:///{platformdirs.user_data_path('parley', appauthor=False) / 'parley.db'}"


class DatabaseSettings(BaseSettings):
    """What a command needs that works on the database and talks to no platform.

    Each field is the environment variable of the same name, in capitals.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )
    database_url: SecretStr = Field(default_factory=lambda: SecretStr(default_database()), validate_default=True)
    pulse_keys: Path | None = None  # the folder of the keys of open pulses; all processes share it

    @classmethod
    def read(cls) -> Self:
        """Raises Misconfigured."""
        try:
            return cls()
        except ValidationError as error:
            problems = [_sentence(problem) for problem in error.errors(include_input=False)]
            raise Misconfigured(*dict.fromkeys(problems)) from None
        except (UnicodeDecodeError, OSError) as error:
            raise Misconfigured(f"The file .env cannot be read: {type(error).__name__}.") from None

    @property
    def database(self) -> str:
        return self.database_url.get_secret_value()

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def key_folder(self) -> Path:
        """Beside the database, where it is a file; else where Parley keeps its data."""
        if self.pulse_keys:
            return self.pulse_keys.absolute()
        url = make_url(self.database)
        if self.is_sqlite:
            return keys_beside(Path(url.database or "").absolute())
        return platformdirs.user_data_path("parley", appauthor=False) / f"{url.database}-keys"

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: SecretStr) -> SecretStr:
        try:
            url = make_url(value.get_secret_value())
        except ArgumentError:
            raise ValueError(
                "DATABASE_URL is no database address. Write sqlite:////path/parley.db or postgresql://user:password@host/name."
            ) from None
        backend = url.get_backend_name()
        if backend in ("postgres", "postgresql"):
            return SecretStr(url.set(drivername=POSTGRESQL).render_as_string(hide_password=False))
        if backend != "sqlite":
            raise ValueError(f"DATABASE_URL names {backend}; Parley keeps its data in SQLite or PostgreSQL.")
        if not url.database or url.database == ":memory:":
            raise ValueError("DATABASE_URL names no file; write sqlite:////path/parley.db, or leave it out.")
        return value


class Settings(DatabaseSettings):
    """All that the server needs."""

    slack_bot_token: SecretStr = Field(default=SecretStr(""), validate_default=True)  # several, between commas
    slack_app_token: SecretStr | None = None  # with it, Socket Mode; else HTTP
    slack_signing_secret: SecretStr | None = Field(default=None, validate_default=True)
    slack_api_url: str = "https://slack.com/api/"
    log_format: Literal["text", "json"] = "text"
    host: str = "0.0.0.0"  # reachable from outside, as Bolt and containers have it; behind a proxy set 127.0.0.1
    port: int = Field(default=3000, ge=0, le=65535)

    @property
    def bot_tokens(self) -> list[str]:
        tokens = (token.strip() for token in self.slack_bot_token.get_secret_value().split(","))
        return list(dict.fromkeys(token for token in tokens if token))

    @property
    def app_token(self) -> str | None:
        return self.slack_app_token.get_secret_value() if self.slack_app_token else None

    @property
    def signing_secret(self) -> str | None:
        return self.slack_signing_secret.get_secret_value() if self.slack_signing_secret else None

    @property
    def secrets(self) -> list[str]:
        """Everything that no output may ever show."""
        return [
            *self.bot_tokens,
            *(secret for secret in (self.app_token, self.signing_secret) if secret),
            *([str(password)] if (password := make_url(self.database).password) else []),
        ]

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, value: SecretStr) -> SecretStr:
        tokens = [token.strip() for token in value.get_secret_value().split(",") if token.strip()]
        if not tokens:
            raise ValueError(
                "SLACK_BOT_TOKEN is not set. It is the Bot User OAuth Token, which begins with xoxb-: "
                "your app's page, OAuth & Permissions."
            )
        if any(token.startswith("xapp-") for token in tokens):
            raise ValueError("SLACK_BOT_TOKEN holds an app-level token (xapp-); that one belongs in SLACK_APP_TOKEN.")
        if any(token.startswith(("xoxp-", "xoxe.xoxp-")) for token in tokens):
            raise ValueError(
                "SLACK_BOT_TOKEN holds a user token (xoxp-); Parley needs the bot's, which begins with xoxb-."
            )
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and value.get_secret_value().startswith("xox"):
            raise ValueError("SLACK_APP_TOKEN holds a bot or user token; an app-level token begins with xapp-.")
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("SLACK_API_URL must begin with http:// or https://.")
        return value.rstrip("/") + "/"

    @field_validator("slack_signing_secret")
    @classmethod
    def _can_hear(cls, value: SecretStr | None, known: ValidationInfo) -> SecretStr | None:
        if value is None and known.data.get("slack_app_token", "was refused") is None:
            raise ValueError(
                "Set SLACK_APP_TOKEN to connect by Socket Mode, or SLACK_SIGNING_SECRET to receive requests by HTTP."
            )
        return value


class Given(Settings):
    """Settings given in code, for the demo and for tests: the environment has no say in them."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def keys_beside(file: Path) -> Path:
    """The folder of the keys of an SQLite file."""
    return file.with_name(f"{file.name}-keys")


def make_folder(settings: DatabaseSettings) -> None:
    """Make the folder of an SQLite file. Raises Misconfigured."""
    if settings.is_sqlite:
        try:
            _folder(settings).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = f"The folder {_folder(settings)} of the database cannot be made: {error.strerror}."
            raise Misconfigured(problem) from None


def writable_parent(settings: DatabaseSettings) -> bool:
    """Whether the folder of an SQLite file, or what it would be made in, can be written."""
    return can_write(_folder(settings))


def can_write(folder: Path) -> bool:
    """Whether it, or where it is not there, what it would be made in, can be written."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)


def _folder(settings: DatabaseSettings) -> Path:
    return Path(make_url(settings.database).database or "").absolute().parent


def _sentence(problem: Any) -> str:
    name = "_".join(str(place) for place in problem["loc"]).upper()
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    match name:
        case "PORT":
            return "PORT must be a number from 0 to 65535."
        case "LOG_FORMAT":
            return "LOG_FORMAT must be text or json."
    return f"{name}: {problem['msg']}."
