"""The real Parley at work in a local Slack: the double on one side, HTTP or Socket Mode in between."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import HMAC
from typing import Any
from urllib.parse import urlencode

import aiohttp
from sqlmodel import Session, col, select

from bot.app import Parley, now
from bot.core.action import Action, PartialAction
from bot.core.context import Answer, Context, OpenForm, Reply, UpdateForm, UserError
from bot.core.events import Event
from bot.core.feature import Feature, Heard, Reacted, Usage
from bot.core.forms import ChoiceField, Form, LookupField, Option, TextField
from bot.core.ui import Button, Buttons, Chart, FormButton, Line, Message
from bot.playground import App, Double, Pace
from bot.playground.double import PATIENCE
from bot.playground.records import Channel
from bot.playground.workspace import Workspace as Team
from bot.settings import Given, Settings
from bot.slack.client import TIMEOUT
from storage.channels import Purpose, find_channel
from storage.database import Database
from storage.outbox import OutboxRow, State
from storage.statements import Query
from storage.workspaces import Workspace, find_workspace
from tests.databases import WarmDatabase

FORM = "application/x-www-form-urlencoded"
PACE = Pace(retry_after=(0.0, 0.05, 0.1), socket_resend_after=1.0)


@dataclass
class Stage:
    """`heard`, `events` and `reacted` are what the test feature was told."""

    slack: Double
    acme: Team
    parley: Parley
    feature: "Probe"

    async def settles(self) -> None:
        """Wait until Slack has told everything, nothing is done in the background, and everything is posted."""
        await self.slack.settled()
        await self.parley.background.drain()
        async with asyncio.timeout(PATIENCE):
            while await self.database.read(_is_unsettled):  # noqa: ASYNC110 - delivery is at work
                await asyncio.sleep(0.01)
        await self.slack.settled()

    @property
    def database(self) -> Database:
        return self.parley.database

    async def watches(self, channel: Channel, purpose: Purpose = Purpose.LEADS) -> None:
        """Let Parley come into a channel that has a purpose."""
        await self.acme.person("Ana").invites(self.acme.bot, channel)
        await self.settles()

        def work(session: Session) -> None:
            workspace = find_workspace(session, "slack", self.acme.id)
            assert workspace
            found = find_channel(session, workspace.id, channel.id)
            assert found
            found.purpose = purpose

        await self.database.write(work)
        await self.parley.dispatcher.refresh()

    async def sends(self, body: bytes, content_type: str = "application/json", **headers: str) -> tuple[int, str, Any]:
        """A signed request; headers replace those of the signature."""
        stamp = str(int(time.time()))
        secret = self.slack.app.signing_secret.encode()
        digest = HMAC(secret, b"v0:" + stamp.encode() + b":" + body, sha256).hexdigest()
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": content_type}
        url = f"http://127.0.0.1:{self.parley.port}/slack/events"
        async with aiohttp.ClientSession() as client, client.post(url, data=body, headers=signed | headers) as answer:
            return answer.status, await answer.text(), answer.headers

    async def event(self, event: dict[str, Any], event_id: str = "Ev1", **body: Any) -> tuple[int, str, Any]:
        granted = [{"team_id": self.acme.id, "enterprise_id": None, "is_bot": True}]
        told = {"type": "event_callback", "team_id": self.acme.id, "api_app_id": self.slack.app.id, "event": event}
        whole = {**told, "event_id": event_id, "event_time": 1, "authorizations": granted, **body}
        return await self.sends(json.dumps(whole).encode())

    async def interaction(self, payload: dict[str, Any]) -> tuple[int, str, Any]:
        return await self.sends(urlencode({"payload": json.dumps(payload)}).encode(), FORM)


_UNSETTLED = Query(select(OutboxRow.id).where(col(OutboxRow.state) != State.SENT, col(OutboxRow.state) != State.DEAD))


def _is_unsettled(session: Session) -> bool:
    return _UNSETTLED.first(session) is not None


@asynccontextmanager
async def a_stage(
    database_url: str,
    transport: str = "http",
    features: Iterable[Feature] | None = None,
    pace: Pace = PACE,
    troubles: bool = False,
    others: Iterable[str] = (),
    now: Callable[[], datetime] = now,
    patience: aiohttp.ClientTimeout = TIMEOUT,
    prepare: Callable[[Double], None] = lambda slack: None,
) -> AsyncIterator[Stage]:
    """At the end nobody may have seen a failure, unless the test is about `troubles`.

    Parley is in Acme and in the `others`. The clock is Slack's too; `prepare` has it before Parley starts.
    """
    app = App(socket_mode=transport == "socket")
    async with Double(app, pace=pace, now=lambda: now().timestamp()) as slack:
        acme = slack.workspace()
        ana = acme.person("Ana", is_admin=True)
        tokens = [slack.workspace(name).install().token for name in ("Acme", *others)]
        probe = Probe()
        prepare(slack)
        parley = Parley(
            settings(slack, ",".join(tokens), database_url), features or [probe.feature], now, now, timeout=patience
        )
        parley.database = WarmDatabase(database_url, exclusive=True)
        await parley.start()
        app.request_url = None if app.socket_mode else f"http://127.0.0.1:{parley.port}/slack/events"
        acme.channel("leads", members=[ana])
        try:
            yield Stage(slack, acme, parley, probe)
            await slack.settled()
        finally:
            await parley.stop()
        if not troubles:
            assert not slack.journal.troubles
            assert not [each for person in (ana,) for each in person.troubles]


def settings(slack: Double, token: str, database_url: str, **more: Any) -> Settings:
    how = {"slack_app_token": slack.app.app_token} if slack.app.socket_mode else {}
    given = {"slack_bot_token": token, "slack_signing_secret": slack.app.signing_secret, "slack_api_url": slack.api_url}
    here = {"database_url": database_url, "host": "127.0.0.1", "port": 0}
    return Given(**{**given, **how, **here, **more})


class Give(Action, name="probe.give"):
    subject: str
    colour: str = "red"


class Press(Action, name="probe.press"):
    how: str


class Ask(Action, name="probe.ask"):
    pass


class Colour(Action, name="probe.colour"):
    colour: str = "red"


class Probe:
    """A small feature with every kind of answer, which remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.reacted: list[Reacted] = []
        self.told: list[Event] = []
        self.given: list[Give] = []
        self.shortcuts: list[Any] = []
        self.commands: list[tuple[str, str | None]] = []
        self.failures: list[Exception] = []
        self.feature = feature = Feature("probe")

        @feature.command("probe", Usage("", "try it"))
        def command(ctx: Context, text: str) -> Answer:
            self._fail()
            self.commands.append((text, ctx.place))
            match text.split():
                case ["form"]:
                    return OpenForm(form())
                case ["find"]:
                    return OpenForm(finding_form())
                case ["card"]:
                    ctx.post(ctx.channel, subject=("probe", 1))
                case ["chart"]:
                    chart = Chart("Leads", "bar", ("A", "B"), {"n": (1.0, 2.0)})
                    ctx.post(ctx.channel, lambda: Message("Numbers", chart))
                case ["dm"]:
                    ctx.post(ctx.member, buttons)
                case ["whisper"]:
                    return Reply(buttons())
                case ["refuse"]:
                    raise UserError("No, and here is why.")
            return Reply(Message("You said", Line(text or "nothing")))

        @feature.action(Give)
        def give(ctx: Context, give: Give) -> Answer:
            if give.subject == "nonsense":
                raise UserError("That is nonsense.", "subject")
            if give.subject == "elsewhere":
                raise UserError("Something that no field asks for.", "colour")
            self.given.append(give)
            return None if give.subject == "quiet" else Reply(Message("Thank you", Line(give.subject)))

        @feature.action(Press)
        def press(ctx: Context, press: Press) -> Answer:
            match press.how:
                case "replace":
                    return ctx.replace(lambda: Message("Replaced"))
                case "nothing":
                    return None
            return Reply(Message("Pressed", Line(f"{press.how} {ctx.message.text if ctx.message else '-'}")))

        @feature.action(Ask, query=True)
        def ask(ctx: Context, ask: Ask) -> Answer:
            return OpenForm(form())

        @feature.action(Colour, query=True)
        def colour(ctx: Context, chosen: Colour) -> Answer:
            return UpdateForm(form(shades=chosen.colour == "blue"))

        @feature.message(Purpose.LEADS)
        def hear(ctx: Context, heard: Heard) -> None:
            self._fail()
            self.heard.append(heard)

        @feature.reaction("probe", "+1", "eyes")
        def react(ctx: Context, reacted: Reacted) -> None:
            self.reacted.append(reacted)

        @feature.on(Event)
        def on(ctx: Context, event: Event) -> None:
            self.told.append(event)

        @feature.card("probe")
        def card(session: Session, workspace: Workspace, subject_id: int) -> Message:
            return buttons()

        @feature.home(1)
        def home(ctx: Context) -> list[Any]:
            return [Line(f"Hello {ctx.member.name}"), *buttons().parts]

        @feature.lookup("probe.find")
        def find(ctx: Context, text: str) -> list[Option]:
            return [Option(name.lower(), name) for name in ("Acme", "Ajax", "Beta") if name.startswith(text)]

        @feature.shortcut("probe")
        def shortcut(ctx: Context) -> Answer:
            self.shortcuts.append(ctx.message)
            return OpenForm(form()) if ctx.message else Reply(Message("Nothing chosen"))

        @feature.arrival
        def arrive(ctx: Context) -> None:
            ctx.post(ctx.channel, lambda: Message("Hello"), introduction=True)

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop()


def form(*, shades: bool = False) -> Form:
    colours = ChoiceField(
        name="colour",
        label="Colour",
        options=(Option("red", "Red"), Option("blue", "Blue"), *([Option("navy", "Navy")] if shades else [])),
        on_change="probe.colour",
        optional=True,
    )
    return Form("Try it", PartialAction.of(Give), (TextField(name="subject", label="Subject"), colours), "Give")


def finding_form() -> Form:
    found = LookupField(name="subject", label="Company", lookup="probe.find")
    return Form("Find it", PartialAction.of(Give), (found,), "Give")


def buttons() -> Message:
    row = Buttons(
        Button("Say", Press(how="say")),
        Button("Replace", Press(how="replace")),
        Button("Nothing", Press(how="nothing")),
        FormButton("Ask", Ask()),
    )
    return Message("A card", Line("with words"), row)


def texts(messages: Iterable[Any]) -> list[str]:
    """What stands in messages, as one text each."""
    return [json.dumps(message.blocks, ensure_ascii=False) + message.text for message in messages]
