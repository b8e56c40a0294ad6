"""The dispatcher: every event, from any platform, becomes one transaction and one answer."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import uuid4

from pydantic import ValidationError
from sqlmodel import Session

from bot.core.acquaintance import ASK_WITHIN, Acquaintance, NoColleague, Outsider
from bot.core.action import UnknownAction, Unpacked, action_type, explain
from bot.core.background import Background
from bot.core.context import (
    Answer,
    Context,
    FormErrors,
    MessageRef,
    OpenForm,
    Reply,
    Unacquainted,
    UpdateForm,
    UserError,
    Via,
    language_of,
)
from bot.core.feature import Heard, Reacted
from bot.core.forms import Answers, Group, Option
from bot.core.help import HELP_WORDS, help_on
from bot.core.language import _, fill, speaking
from bot.core.limits import clip
from bot.core.registry import Registry
from bot.core.ui import Line, Message, Part
from storage.channels import watched_channels
from storage.database import Database, DatabaseBusy
from storage.events import is_new_event
from storage.outbox import posted_as
from storage.people import who_acts
from storage.reactions import Reaction, note_reaction
from storage.workspaces import find_workspace

log = logging.getLogger(__name__)
T = TypeVar("T")

STRANGERS = 8  # people and channels one event may make us ask the platform about
VOUCHED_FOR = timedelta(days=1)  # after that the platform is asked again, behind the member's back


class NotInstalled(UserError):
    """The event comes from a workspace that has not installed Parley."""

    def __init__(self) -> None:
        super().__init__(_("Parley is not installed in this workspace."))


@dataclass(frozen=True, slots=True)
class Origin:
    """Who acted and where, in the platform's own ids."""

    platform: str
    workspace: str  # where Parley is installed and the event belongs
    member: str | None  # nobody, when an app wrote or the platform tells
    channel: str | None = None
    is_outside: bool = False  # the platform says that the actor's home is another organisation


class _Refused(Exception):
    """Carries an answer out of a unit of work that must leave no trace."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class Dispatcher:
    """`wake` is called after a commit that put something into the outbox."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        acquaintance: Acquaintance,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        background: Background,
    ) -> None:
        self.registry, self._background = registry, background
        self._database, self._acquaintance, self._now, self._wake = database, acquaintance, now, wake
        self._watched: dict[tuple[str, str, str], str] = {}

    async def refresh(self) -> None:
        """Learn again which channels features listen to."""
        self._watched = await self._database.read(lambda s: watched_channels(s, self.registry.purposes))

    def listens_to(self, platform: str, workspace: str, channel: str) -> bool:
        """Whether some feature wants the messages of this channel; costs no database access."""
        return (platform, workspace, channel) in self._watched

    async def command(self, origin: Origin, name: str, text: str, trigger: str | None = None) -> Answer:
        """Run a typed command; `trigger` is the platform's id of this very invocation."""
        call = self.registry.call(name, text)
        if call is None or call.text.lower() in HELP_WORDS:
            return await self._answer(
                origin, "command", lambda ctx: Reply(help_on(self.registry, call, name, text)), is_query=True
            )
        key = f"{origin.platform}:command:{trigger}" if trigger and not call.entry.is_query else None
        handle = call.entry.handle
        return await self._answer(origin, "command", lambda ctx: handle(ctx, call.text), call.entry.is_query, key=key)

    async def action(
        self, origin: Origin, packed: str, answers: Answers | None = None, message: MessageRef | None = None
    ) -> Answer:
        """Run a packed action; `answers` are what the member typed into its form."""
        try:
            unpacked = Unpacked(packed)
        except UnknownAction:
            return _retired()
        entry = self.registry.action(unpacked.type)
        if entry is None:
            return _retired()
        if origin.is_outside and not entry.allows_outsiders:
            return Reply(Message(str(Outsider())))

        def handle(ctx: Context) -> Answer:
            try:
                action = unpacked.complete(answers or {})
                answer: Answer = entry.handle(ctx, action)
            except ValidationError as error:
                errors = explain(error)
                is_typed = answers is not None and errors.keys() <= _asked(unpacked, errors)
                return FormErrors(errors) if is_typed else _retired()
            except UserError as error:
                if answers is None:
                    raise
                return FormErrors({error.field or next(iter(answers), ""): str(error)})
            return answer

        key = f"{origin.platform}:form:{unpacked.token}" if unpacked.token and not entry.is_query else None
        via: Via = "button" if answers is None else "form"
        return await self._answer(origin, via, handle, entry.is_query, key, message, answers)

    async def change(self, origin: Origin, name: str, packed: str, answers: Answers) -> UpdateForm | None:
        """Answer a change in an open form; `name` is the action its field names. None leaves the form as it is."""
        try:
            form, change = Unpacked(packed), action_type(name)
            action = change(**{k: v for k, v in {**answers, **form.given}.items() if k in change.model_fields})
        except (UnknownAction, ValidationError):
            return None
        entry = self.registry.action(change)
        if entry is None or origin.is_outside:
            return None
        answer = await self._answer(origin, "form", lambda ctx: entry.handle(ctx, action), is_query=True)
        if not isinstance(answer, UpdateForm):
            return None
        return UpdateForm(replace(answer.form.filled(answers), token=form.token))

    async def shortcut(self, origin: Origin, name: str, message: MessageRef | None = None) -> Answer:
        handle = self.registry.shortcut(name)
        return await self._answer(origin, "message", handle, True, message=message) if handle else _retired()

    async def suggest(self, origin: Origin, lookup: str, text: str) -> Sequence[Option | Group]:
        """Type-ahead; nothing for outsiders, for unknown lookups and when Parley is busy."""
        find = self.registry.lookup(lookup)
        if find is None or origin.is_outside:
            return []
        try:
            found, _ctx = await self._unit(origin, "form", lambda ctx: find(ctx, text), is_query=True)
        except (UserError, DatabaseBusy):
            return []
        return found

    async def home(self, origin: Origin) -> list[Part]:
        """The parts of a member's home, which they have just opened; nothing for outsiders."""
        if origin.is_outside:
            return []
        parts, ctx = await self._unit(origin, "button", self.registry.home, is_query=True)
        if ctx.member.home_opened_at is None:
            await self._unit(origin, "button", lambda ctx: setattr(ctx.member, "home_opened_at", ctx.now))
        return parts

    async def heard(self, origin: Origin, heard: Heard, dedupe_key: str) -> None:
        """Let the features of a watched channel hear a message, once for each dedupe key; ignore other channels."""
        purpose = self._watched.get((origin.platform, origin.workspace, heard.channel))
        if purpose is None or origin.is_outside:
            return
        for _attempt in range(STRANGERS):
            said = heard
            ref = MessageRef(said.channel, said.ts, said.thread_ts, said.text, origin.member, said.link)
            hear = partial(self.registry.hear, purpose=purpose, heard=said)
            try:
                await self._unit(origin, "message", hear, key=dedupe_key, message=ref)
            except NoColleague as stranger:  # named in it: it is heard all the same, without them
                heard = replace(said, text=said.text.replace(f"<@{stranger.person}>", _("somebody")))
            except (Outsider, NotInstalled):
                return
            else:
                return

    async def arrived(self, origin: Origin, dedupe_key: str) -> None:
        """Parley was invited to `origin.channel`."""
        try:
            await self._unit(origin, "system", self.registry.arrive, key=dedupe_key)
        except Outsider:  # a guest may invite Parley too
            await self._event(replace(origin, member=None), "system", self.registry.arrive, dedupe_key)
        except NotInstalled:
            return
        await self.refresh()

    async def reacted(
        self, origin: Origin, name: str, is_there: bool, message: MessageRef, event_at: datetime, is_ours: bool
    ) -> None:
        """A reaction was put on a message or taken away; only those that a feature handles are remembered."""
        if origin.is_outside or name not in self.registry.reaction_names:
            return

        def handle(ctx: Context) -> None:
            posted = posted_as(ctx.session, ctx.workspace.id, message.channel, message.ts)
            if posted is None and not is_ours:
                return
            if posted and not self.registry.handles(posted.subject, name):
                return
            reaction = Reaction(
                workspace_id=ctx.workspace.id,
                channel=message.channel,
                ts=message.ts,
                member_id=ctx.member.id,
                name=name,
                is_there=is_there,
                event_at=event_at,
                is_parked=posted is None,
            )
            changed = note_reaction(ctx.session, ctx.workspace.id, reaction)
            if changed and posted and posted.subject and posted.subject_id is not None:
                react(self.registry, ctx, Reacted(name, is_there, posted.subject, posted.subject_id))

        await self._event(origin, "reaction", handle, None, message)

    async def tell(self, origin: Origin, work: Callable[[Context], None], dedupe_key: str | None = None) -> None:
        """Run work for something the platform tells, such as a channel that was archived."""
        await self._event(origin, "system", work, dedupe_key)

    async def bring(self, origin: Origin, work: Callable[[Context], T], dedupe_key: str | None = None) -> T | None:
        """Run work for another program, letting whoever waits pass first; None where it was brought before."""
        result, _ctx = await self._unit(origin, "webhook", work, key=dedupe_key, bulk=True)
        return result

    async def _event(
        self,
        origin: Origin,
        via: Via,
        handle: Callable[[Context], None],
        dedupe_key: str | None,
        message: MessageRef | None = None,
    ) -> None:
        """Nobody waits for an answer: outsiders and foreign workspaces are ignored, failures are raised."""
        try:
            await self._unit(origin, via, handle, key=dedupe_key, message=message)
        except (Outsider, NotInstalled):
            return

    async def _answer(
        self,
        origin: Origin,
        via: Via,
        handle: Callable[[Context], Answer],
        is_query: bool = False,
        key: str | None = None,
        message: MessageRef | None = None,
        answers: Answers | None = None,
    ) -> Answer:
        """Run a unit of work for somebody who waits: every failure becomes a sentence."""
        if origin.is_outside:
            return Reply(Message(str(Outsider())))
        try:
            answer, _ctx = await self._unit(origin, via, handle, is_query, key, message)
        except NoColleague as error:
            fields = [name for name, answer in (answers or {}).items() if answer == error.person]
            return FormErrors({fields[0]: str(error)}) if fields else Reply(_sentences(str(error)))
        except UserError as error:
            return Reply(_sentences(str(error)))
        except DatabaseBusy:
            return Reply(Message(_("Parley is busy."), Line(_("Nothing was changed. Please try again in a minute."))))
        except Exception:
            reference = uuid4().hex[:8]
            log.exception("%s failed, reference %s", via, reference)
            return Reply(Message(fill(_("Something went wrong. Nothing was changed. Reference: {r}"), r=reference)))
        if isinstance(answer, OpenForm):
            return OpenForm(replace(answer.form, token=secrets.token_urlsafe(12)))
        return answer

    async def _unit(
        self,
        origin: Origin,
        via: Via,
        handle: Callable[[Context], T],
        is_query: bool = False,
        key: str | None = None,
        message: MessageRef | None = None,
        bulk: bool = False,
    ) -> tuple[T, Context]:
        """One unit of work; it is run again after the platform introduced somebody it did not know."""

        def work(session: Session) -> tuple[T, Context]:
            ctx = self._context(session, origin, via, message)
            language = language_of(ctx.actor, ctx.workspace) if ctx.actor else ctx.workspace.language
            with speaking(language):
                if key and not is_new_event(session, ctx.workspace.id, key, ctx.now):
                    raise _Refused(None)
                result = handle(ctx)
                if isinstance(result, FormErrors):
                    raise _Refused(result)
                return result, ctx

        if origin.member:
            self._acquaintance.refuse_known_outsider(origin.platform, origin.workspace, origin.member)
        run = self._database.read if is_query else partial(self._database.write, bulk=bulk)
        for _attempt in range(STRANGERS):
            try:
                result, ctx = await run(work)
            except _Refused as refused:
                return refused.answer, None  # type: ignore[return-value]
            except Unacquainted as unknown:
                await self._meet(origin, unknown)
            else:
                if ctx.has_posted:
                    self._wake()
                if ctx.listens_anew:
                    await self.refresh()
                if ctx.actor and ctx.actor.verified_at < ctx.now - VOUCHED_FOR:
                    self._background.spawn(self._meet(origin, Unacquainted(person=origin.member)), ASK_WITHIN)
                return result, ctx
        raise UserError(_("Too many people I have not met at once. Please name fewer."))

    async def _meet(self, origin: Origin, unknown: Unacquainted) -> None:
        try:
            await self._acquaintance.make(origin.platform, origin.workspace, unknown, self._now())
        except Outsider:
            if unknown.person is None or unknown.person == origin.member:
                raise
            raise NoColleague(unknown.person) from None

    def _context(self, session: Session, origin: Origin, via: Via, message: MessageRef | None) -> Context:
        member = None
        if origin.member is None:
            workspace = find_workspace(session, origin.platform, origin.workspace)
        elif acting := who_acts(session, origin.platform, origin.workspace, origin.member):
            member, workspace = acting
        elif find_workspace(session, origin.platform, origin.workspace):
            raise Unacquainted(person=origin.member)
        else:
            workspace = None
        if workspace is None:
            raise NotInstalled
        if member and not member.belongs:
            raise Unacquainted(person=origin.member)
        return Context(session, workspace, member, self._now(), via, self.registry, origin.channel, message)


def react(registry: Registry, ctx: Context, reacted: Reacted) -> None:
    """Let a feature answer a reaction; a refusal is told to the member in private, and leaves nothing else."""
    try:
        with ctx.session.begin_nested():
            registry.react(ctx, reacted)
    except UserError as error:
        text = str(error)
        ctx.post(ctx.member, lambda: _sentences(text))


def _sentences(text: str) -> Message:
    """A text of any length as a message."""
    if len(text) <= 140:
        return Message(text)
    return Message(clip(text, 140), Line(clip(text, 2800)))


def _retired() -> Reply:
    return Reply(Message(_("This button has retired."), Line(_("Please start again from the command."))))


def _asked(unpacked: Unpacked, errors: Mapping[str, str]) -> set[str]:
    """The fields a form asked for: what it did not already carry."""
    return {name for name in errors if name not in unpacked.given}
