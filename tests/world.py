"""A small world to test in: people who type, press and react, channels that hear, time that passes. No platform."""

import asyncio
import json
import shutil
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlmodel import Session, select

from bot.budget import Budget
from bot.core import ui
from bot.core.acquaintance import Acquaintance, keep_person, keep_place
from bot.core.background import Background
from bot.core.calculator import Calculator
from bot.core.context import Answer, FormErrors, MessageRef, OpenForm, Reply, UpdateForm, UpdateMessage
from bot.core.directory import NotFound, Person, Place
from bot.core.dispatcher import Dispatcher
from bot.core.events import Event
from bot.core.feature import Feature, Heard
from bot.core.forms import Form, Group, Option
from bot.core.language import prepare
from bot.core.registry import Registry
from bot.core.sender import CannotLookBack, Rejected, Target
from bot.core.sender import Posted as PostedAt
from bot.core.timekeeper import Timekeeper
from bot.core.unit import Origin
from bot.delivery import Delivery
from bot.delivery.make_good import make_good
from bot.features import FEATURES
from bot.key_files import KeyFiles
from bot.waves import Waves
from storage.channels import Purpose, find_channel
from storage.database import Database
from storage.people import Member, Side, find_member
from storage.workspaces import Workspace, install

BOT = "U_parley"


class Posted:
    """A message of Parley's, as it stands now in a channel or a private conversation."""

    def __init__(self, message: ui.Message, channel: "TestChannel", ts: str, row_id: str) -> None:
        self.message, self.channel, self.ts, self.row_id = message, channel, ts, row_id
        self.unread_replies: deque[Posted] = deque()
        self.reactions: set[str] = set()
        self.is_deleted = False

    @property
    def text(self) -> str:
        return plain(self.message)

    @property
    def buttons(self) -> list[str]:
        return [button.label for button in _buttons(self.message)]

    @property
    def ref(self) -> MessageRef:
        return MessageRef(self.channel.external_id, self.ts)

    def reads_reply(self) -> "Posted":
        """The next unread message in its thread."""
        return self.unread_replies.popleft()


class TestChannel:
    __test__ = False

    def __init__(self, external_id: str) -> None:
        self.external_id = external_id
        self.unread: deque[Posted] = deque()
        self.messages: dict[str, Posted] = {}

    def reads(self) -> Posted:
        return self.unread.popleft()


class TestMember:
    __test__ = False

    def __init__(self, world: "World", person: Person, workspace: str) -> None:
        self.world, self.person, self.workspace = world, person, workspace
        self.form: Form | None = None
        self.typed: dict[str, Any] = {}  # what the open form holds beyond its initial values
        self.errors: dict[str, str] = {}
        self.replies: deque[ui.Message] = deque()
        self.dm = world._channel(workspace, f"D_{person.external_id}")

    @property
    def name(self) -> str:
        return self.person.name

    def origin(self, channel: TestChannel | None = None) -> Origin:
        return Origin(
            "test", self.workspace, self.person.external_id, channel.external_id if channel else None,
            is_outside=self.person.external_id in self.world.foreigners,
        )  # fmt: skip

    async def types(self, line: str, channel: TestChannel | None = None, trigger: str | None = None) -> None:
        """Type a slash command."""
        name, _, text = line.removeprefix("/").partition(" ")
        trigger = trigger or f"trigger-{next(self.world.ids)}"
        await self._take(await self.world.dispatcher.command(self.origin(channel), name, text.strip(), trigger))

    async def fills(self, **answers: Any) -> None:
        """Fill in the open form and submit it; what is not named stays as it is, None empties a field."""
        form, self.form, self.errors = self._open_form(), None, {}
        typed = {name: value for name, value in {**_initial(form), **self.typed, **answers}.items() if value}
        unknown = set(typed) - {field.name for field in form.fields}
        assert not unknown, f"the form does not ask for {unknown}"
        answer = await self.world.dispatcher.action(self.origin(), form.packed, typed)
        if isinstance(answer, FormErrors):
            self.form, self.typed, self.errors = form, typed, dict(answer.errors)
            assert set(self.errors) <= {field.name for field in form.fields}, self.errors
        await self._take(answer)

    async def submits_again(self, form: Form, **answers: Any) -> None:
        """Press Submit of a form that was submitted before."""
        await self._take(await self.world.dispatcher.action(self.origin(), form.packed, {**_initial(form), **answers}))

    async def chooses(self, **answers: Any) -> None:
        """Change one field of the open form; the form may change with it."""
        form = self._open_form()
        [name] = answers
        [asked] = [field for field in form.fields if field.name == name]
        self.typed = typed = {**_initial(form), **self.typed, **answers}
        if asked.on_change:
            answer = await self.world.dispatcher.change(self.origin(), asked.on_change, form.packed, typed)
            if answer:
                self.form = answer.form
                self.typed = {name: typed[name] for name in typed if name in {f.name for f in answer.form.fields}}

    async def searches(self, name: str, text: str) -> list[Option]:
        """Type into a type-ahead field of the open form."""
        [asked] = [field for field in self._open_form().fields if field.name == name]
        found = await self.world.dispatcher.suggest(self.origin(), asked.lookup, text)
        return [o for item in found for o in (item.options if isinstance(item, Group) else (item,))]

    async def presses(self, label: str, on: Posted | ui.Message) -> None:
        message = on.message if isinstance(on, Posted) else on
        found = [button for button in _buttons(message) if button.label == label]
        assert found, f"no button {label!r} among {[button.label for button in _buttons(message)]}"
        channel = on.channel if isinstance(on, Posted) else None
        ref = on.ref if isinstance(on, Posted) else None
        answer = await self.world.dispatcher.action(self.origin(channel), found[0].packed, message=ref)
        if isinstance(answer, UpdateMessage):
            if isinstance(on, Posted):
                on.message = answer.message
            else:
                self.replies.append(answer.message)
        await self._take(answer)

    async def reacts(self, name: str, on: Posted, at: datetime | None = None) -> None:
        await self._reacts(name, True, on, at)

    async def unreacts(self, name: str, on: Posted, at: datetime | None = None) -> None:
        await self._reacts(name, False, on, at)

    async def writes(
        self, text: str, channel: TestChannel, thread: Posted | None = None, event: str | None = None
    ) -> Heard:
        """Write a message; `event` repeats an earlier delivery."""
        ts = f"{next(self.world.ids):010}.000"
        heard = Heard("new", channel.external_id, ts, thread.ts if thread else None, text)
        await self.says(heard, event)
        return heard

    async def edits(self, heard: Heard, text: str) -> None:
        await self.says(replace(heard, change="edited", text=text))

    async def deletes(self, heard: Heard) -> None:
        await self.says(replace(heard, change="deleted", text=""))

    async def says(self, heard: Heard, event: str | None = None) -> None:
        channel = self.world._channel(self.workspace, heard.channel)
        event = event or f"test:event-{next(self.world.ids)}"
        await self.world.dispatcher.heard(self.origin(channel), heard, event)
        await self.world.deliver()

    async def uses_shortcut(self, name: str, message: MessageRef | None = None) -> None:
        await self._take(await self.world.dispatcher.shortcut(self.origin(), name, message))

    async def opens_home(self) -> str:
        return "\n".join(map(_plain, await self.world.dispatcher.home(self.origin())))

    async def says_quietly(self, text: str, channel: TestChannel) -> None:
        """Write a message, and let nothing be delivered afterwards."""
        heard = Heard("new", channel.external_id, f"{next(self.world.ids):010}.000", None, text)
        await self.world.dispatcher.heard(self.origin(channel), heard, f"test:event-{heard.ts}")

    async def invites_parley(self, channel: TestChannel) -> None:
        await self.world.dispatcher.arrived(self.origin(channel), f"test:arrival-{next(self.world.ids)}")
        await self.world.deliver()

    def reads(self) -> str:
        """The next answer only this member sees."""
        return plain(self.replies.popleft())

    def reads_dm(self) -> Posted:
        """The next private message of Parley's."""
        return self.dm.reads()

    async def row(self) -> Member:
        def find(session: Session) -> Member | None:
            workspace = session.exec(select(Workspace).where(Workspace.external_id == self.workspace)).one()
            return find_member(session, workspace.id, self.person.external_id)

        found = await self.world.database.read(find)
        assert found, f"{self.name} has no row"
        return found

    def _open_form(self) -> Form:
        assert self.form, f"no form is open; {self.name} has {[plain(reply) for reply in self.replies]}"
        return self.form

    async def _reacts(self, name: str, is_there: bool, on: Posted, at: datetime | None) -> None:
        at = at or self.world.tick()
        await self.world.dispatcher.reacted(self.origin(on.channel), name, is_there, on.ref, at, is_ours=True)
        await self.world.deliver()

    async def _take(self, answer: Answer) -> None:
        match answer:
            case OpenForm(form) | UpdateForm(form):
                self.form, self.typed = form, {}
            case Reply(message):
                self.replies.append(message)
        await self.world.deliver()


async def _calculate_here(name: str, question: Any) -> Any:
    """As the child process does, without one: each would load its libraries anew."""
    calculation = import_module(f"bot.calculations.{name}")
    return json.loads(json.dumps(calculation.calculate(json.loads(json.dumps(question)))))


@dataclass(repr=False)  # asyncio asks for it whenever a fixture has made one
class World:
    """The real database, dispatcher and delivery; this class is the platform and its sender."""

    database: Database
    features: Sequence[Feature] = FEATURES
    now: datetime = datetime(2026, 11, 23, 8, tzinfo=UTC)  # a Monday
    clock: datetime = datetime(2026, 11, 23, 8, tzinfo=UTC)  # delivery's own
    channels: dict[tuple[str, str], TestChannel] = field(default_factory=dict)
    members: list[TestMember] = field(default_factory=list)
    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    foreigners: set[str] = field(default_factory=set)  # external ids the platform marks as of another organisation
    failures: deque[Exception] = field(default_factory=deque)  # what the next calls of the sender will raise
    unreachable: set[str] = field(default_factory=set)  # external ids of people with whom no conversation opens
    losses: deque[BaseException] = field(default_factory=deque)  # the same, of posts that stand nevertheless
    hides_history: bool = False
    gates: dict[str, asyncio.Event] = field(default_factory=dict)  # posts to these workspaces wait until it is set
    homes: dict[str, str] = field(default_factory=dict)
    workspaces: dict[str, int] = field(default_factory=dict)
    key_folder: Path = field(default_factory=lambda: Path(tempfile.gettempdir()) / f"parley-keys-{uuid4().hex}")

    def __post_init__(self) -> None:
        self.ids = count(1)
        self.starts()

    def starts(self) -> None:
        """Be a process that has just been started: nothing is known but what the database and the platform know."""
        self.background = Background()
        self.keys = KeyFiles(self.key_folder)
        self.registry = Registry(self.features, self.keys)
        self.directory = _Directory(self)
        acquaintance = Acquaintance(self.database, {"test": self.directory})
        self.dispatcher = Dispatcher(
            self.registry, self.database, acquaintance, lambda: self.now, lambda: self.delivery.wake(), self.background
        )
        self.timekeeper = Timekeeper(self.registry, self.database, lambda: self.now, lambda: self.delivery.wake())
        self.calculator = Calculator(
            self.registry, self.database, lambda: self.now, lambda: self.delivery.wake(), _calculate_here
        )
        self.starts_delivery()

    async def time_passes(self, until: datetime) -> None:
        """Stop at every instant at which something falls due, and deliver in between."""
        await self.works()
        while (at := await self.timekeeper.next_at(self.now)) and at <= until:
            await self.deliver()
            self.now = at
            await self.works()
        await self.deliver()
        self.now = until

    async def works(self) -> None:
        """Do what is due now."""
        await self.timekeeper.run()
        await self.calculator.run()

    def starts_delivery(self) -> None:
        """Deliver as a process does that has just been started."""
        self.delivery = Delivery(
            self.registry, self.database, {"test": self}, lambda: self.clock, Budget(), lambda: self.now
        )

    # Its people and places

    async def workspace(self, external_id: str = "W1") -> int:
        if external_id not in self.workspaces:
            row = Workspace(
                platform="test", external_id=external_id, name=external_id, bot_external_id=BOT, installed_at=self.now
            )
            self.workspaces[external_id] = await self.database.write(lambda session: install(session, row).id)
        return self.workspaces[external_id]

    async def member(self, name: str, side: str | None = None, *, workspace: str = "W1", **row: Any) -> TestMember:
        """A member Parley has met already; keywords are columns of their row."""
        workspace_id = await self.workspace(workspace)
        member = self.newcomer(name, workspace=workspace)

        def work(session: Session) -> None:
            keep_person(session, "test", workspace, member.person, self.now)
            found = find_member(session, workspace_id, member.person.external_id)
            assert found
            for column, value in {"side": side and Side(side), "side_asked_at": self.now, **row}.items():
                setattr(found, column, value)

        await self.database.write(work)
        return member

    async def changes(self, member: TestMember, **row: Any) -> None:
        """Set columns of a member's row."""

        def work(session: Session) -> None:
            found = find_member(session, self.workspaces[member.workspace], member.person.external_id)
            assert found
            for column, value in row.items():
                setattr(found, column, value)

        await self.database.write(work)

    def newcomer(self, name: str, *, workspace: str = "W1", **person: Any) -> TestMember:
        """Somebody the platform knows and Parley has not met; keywords are fields of `Person`."""
        details = {"belongs": True, "email": f"{name.lower()}@example.com", **person}
        known = Person(f"U_{name.lower()}", name, **details)
        self.people[workspace, known.external_id] = known
        self.members.append(member := TestMember(self, known, workspace))
        return member

    async def channel(self, purpose: str, name: str = "", *, workspace: str = "W1", **row: Any) -> TestChannel:
        """A channel Parley is in, which has this purpose; keywords are columns of its row."""
        workspace_id = await self.workspace(workspace)
        channel = self.place(name or purpose, workspace=workspace)

        def work(session: Session) -> None:
            keep_place(session, "test", workspace, self.places[workspace, channel.external_id])
            found = find_channel(session, workspace_id, channel.external_id)
            assert found
            for column, value in {"purpose": Purpose(purpose), "introduced_at": self.now, **row}.items():
                setattr(found, column, value)

        await self.database.write(work)
        await self.dispatcher.refresh()
        return channel

    def place(self, name: str, *, workspace: str = "W1", is_shared: bool = False) -> TestChannel:
        """A channel of the platform that Parley knows nothing of."""
        self.places[workspace, f"C_{name}"] = Place(f"C_{name}", name, is_shared)
        return self._channel(workspace, f"C_{name}")

    async def tells(self, about: TestMember, event: Event) -> None:
        """The platform tells of something in the member's workspace."""
        await self.dispatcher.tell(replace(about.origin(), member=None), lambda ctx: ctx.emit(event))
        await self.deliver()

    # Its sender

    async def open_dm(self, workspace: str, member: str) -> str:
        if member in self.unreachable:
            raise Rejected("cannot_dm_bot")
        return f"D_{member}"

    async def post(self, target: Target, message: ui.Message, row_id: str) -> PostedAt:
        if target.workspace in self.gates:
            await self.gates[target.workspace].wait()
        self._fail()
        channel = self._channel(target.workspace, target.channel)
        posted = Posted(message, channel, f"{next(self.ids):010}.000", row_id)
        channel.messages[posted.ts] = posted
        if target.thread_ts in channel.messages:
            channel.messages[target.thread_ts].unread_replies.append(posted)
        else:
            channel.unread.append(posted)
        if self.losses:
            raise self.losses.popleft()
        return PostedAt(target.channel, posted.ts)

    async def upload(self, target: Target, message: ui.Message, file: ui.File, row_id: str) -> PostedAt:
        return await self.post(target, message, row_id)

    async def update(self, workspace: str, posted: PostedAt, message: ui.Message, row_id: str) -> None:
        self._fail()
        self._channel(workspace, posted.channel).messages[posted.ts].message = message

    async def delete(self, workspace: str, posted: PostedAt) -> None:
        self._fail()
        self._channel(workspace, posted.channel).messages[posted.ts].is_deleted = True

    async def react(self, workspace: str, posted: PostedAt, name: str) -> None:
        self._fail()
        self._channel(workspace, posted.channel).messages[posted.ts].reactions.add(name)

    async def show_home(self, workspace: str, member: str, parts: list[ui.Part]) -> None:
        self._fail()
        self.homes[member] = "\n".join(map(_plain, parts))

    async def find(self, target: Target, row_id: str, since: datetime) -> PostedAt | None:
        self._fail()
        if self.hides_history:
            raise CannotLookBack
        standing = self._channel(target.workspace, target.channel).messages.values()
        return next((PostedAt(target.channel, said.ts) for said in standing if said.row_id == row_id), None)

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.popleft()

    def _channel(self, workspace: str, external_id: str) -> TestChannel:
        return self.channels.setdefault((workspace, external_id), TestChannel(external_id))

    # Its time

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    async def makes_good(self) -> None:
        """What runs every ten seconds: cards are posted and drawn where Parley may speak again."""
        while await make_good(self.registry, self.database, lambda: self.now):
            await self.deliver()

    async def looks_at_pulses(self) -> None:
        """What runs every fifteen seconds: it is counted who has answered, and what is closed is wiped."""
        await Waves(self.registry, self.keys, self.database, lambda: self.now, lambda: self.delivery.wake()).look()
        await self.deliver()

    async def deliver(self) -> None:
        """Deliver everything, letting delivery's clock run to whatever it waits for."""
        while True:
            while await self.delivery.deliver_due():
                pass
            if self.delivery.due_at is None:
                return
            self.clock = max(self.clock, self.delivery.due_at)


@dataclass
class _Directory:
    world: World

    async def person(self, workspace: str, external_id: str) -> Person:
        if (workspace, external_id) not in self.world.people:
            raise NotFound(external_id)
        return self.world.people[workspace, external_id]

    async def admins(self, workspace: str) -> list[Person]:
        people = [person for (home, _id), person in self.world.people.items() if home == workspace]
        return [person for person in people if person.is_admin]

    async def place(self, workspace: str, external_id: str) -> Place:
        if (workspace, external_id) not in self.world.places:
            raise NotFound(external_id)
        return self.world.places[workspace, external_id]


@asynccontextmanager
async def a_world(database: Database, features: Sequence[Feature] = FEATURES) -> AsyncIterator[World]:
    """Build the world; when the test ends, insist that nothing was left unread."""
    prepare()
    world = World(database, features)
    await world.workspace()
    try:
        yield world
    finally:
        shutil.rmtree(world.key_folder, ignore_errors=True)
    await world.deliver()
    await world.background.drain()
    for member in world.members:
        assert not member.replies, f"{member.name} was answered unread: {[plain(reply) for reply in member.replies]}"
    for (_, name), channel in world.channels.items():
        assert not channel.unread, f"{name} has unread: {[posted.text for posted in channel.unread]}"
        for posted in channel.messages.values():
            unread = [reply.text for reply in posted.unread_replies]
            assert not unread, f"the thread of {posted.message.headline!r} in {name} has unread: {unread}"


def plain(message: ui.Message) -> str:
    """A message as a person would read it aloud: what tests compare."""
    return "\n".join([message.headline, *map(_plain, message.parts)])


def _plain(part: ui.Part) -> str:
    match part:
        case ui.Line(spans):
            return "".join(map(_span, spans))
        case ui.Quote(text):
            return "\n".join(f"> {line}" for line in text.split("\n"))
        case ui.Facts(pairs):
            return "\n".join(f"{name}: {value}" for name, value in pairs)
        case ui.Table(header, rows):
            return "\n".join(" | ".join(cells) for cells in (header, *rows))
        case ui.Meter(label, value, of):
            return f"{label}: {value} of {of}"
        case ui.Chart():
            return f"({part.title}: {', '.join(part.series)})"
        case ui.File(name):
            return f"({name})"
        case ui.Buttons(row):
            return " ".join(f"[{button.label}]" for button in row)


def _span(span: ui.Span) -> str:
    match span:
        case str():
            return span
        case ui.Mention(_, name):
            return f"@{name}"
        case ui.When(at):
            return f"{at:%Y-%m-%d %H:%M}"
        case _:
            return span.text


def _buttons(message: ui.Message) -> Sequence[ui.Button | ui.FormButton]:
    rows = [part.row for part in message.parts if isinstance(part, ui.Buttons)]
    return [button for row in rows for button in row if not isinstance(button, ui.LinkButton)]


def _initial(form: Form) -> dict[str, Any]:
    """What the form shows before anything is typed, as a platform would send it back."""
    initial = {asked.name: asked.initial for asked in form.fields}
    return {
        name: list(value) if isinstance(value, tuple) else value.value if isinstance(value, Option) else str(value)
        for name, value in initial.items()
        if value
    }
