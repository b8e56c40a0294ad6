"""The dispatcher: every event, from any platform, becomes one transaction and one answer."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import uuid4

from pydantic import ValidationError

from bot.core.acquaintance import Acquaintance, NoColleague, Outsider
from bot.core.action import Action, UnknownAction, Unpacked, action_type, explain
from bot.core.background import Background
from bot.core.context import (
    Answer,
    Context,
    FormErrors,
    MessageRef,
    OpenForm,
    Perform,
    Reply,
    UpdateForm,
    UserError,
    Via,
)
from bot.core.discreet import kind_and_place
from bot.core.feature import Heard, Reacted
from bot.core.forms import Answers, Group, Option
from bot.core.help import HELP_WORDS, help_on
from bot.core.language import _, fill
from bot.core.lately import Lately
from bot.core.reacting import react, sentences
from bot.core.registry import Registry
from bot.core.ui import Line, Message, Part
from bot.core.unit import STRANGERS, NotInstalled, Origin, Refused, Units
from storage.channels import watched_channels
from storage.database import Database, DatabaseBusy
from storage.outbox import hold_posts_in_doubt, posted_as
from storage.reactions import Reaction, note_reaction

log = logging.getLogger(__name__)
T = TypeVar("T")


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
        self.registry, self._database = registry, database
        self._units = Units(registry, database, acquaintance, now, wake, self.refresh, background)
        self._watched: dict[tuple[str, str, str], str] = {}
        self._lately = Lately()

    async def refresh(self) -> None:
        """Learn again which channels features listen to."""
        self._watched = await self._database.read(lambda s: watched_channels(s, self.registry.purposes))

    def listens_to(self, platform: str, workspace: str, channel: str) -> bool:
        """Whether some feature wants the messages of this channel; costs no database access."""
        return (platform, workspace, channel) in self._watched

    def busy(self, origin: Origin) -> Message:
        self._units.speak_with(origin)
        return Message(_("Parley is busy."), Line(_("Nothing was changed. Please try again in a minute.")))

    async def command(self, origin: Origin, name: str, text: str, trigger: str | None = None) -> Answer:
        """Run a typed command; `trigger` is the platform's id of this very invocation."""
        call = self.registry.call(name, text)
        if call is None or call.text.lower() in HELP_WORDS:
            return await self._answer(
                origin, "command", lambda ctx: Reply(help_on(self.registry, call, name, text)), is_query=True
            )
        key = f"{origin.platform}:command:{trigger}" if trigger else None
        entry, understood = call.entry, list[Action]()

        def handle(ctx: Context) -> Answer:
            answer = entry.handle(ctx, call.text)
            if isinstance(answer, Perform):
                understood.append(answer.action)
                return None
            return answer

        once = None if entry.is_query else key
        answer = await self._answer(origin, "command", handle, entry.is_query, key=once)
        if not understood:
            return answer
        action = understood[-1]
        perform = self.registry.action(type(action))
        if perform is None:
            return _retired()
        return await self._answer(origin, "command", lambda ctx: perform.handle(ctx, action), key=key)

    async def action(
        self,
        origin: Origin,
        packed: str,
        answers: Answers | None = None,
        message: MessageRef | None = None,
        delivery: str | None = None,
    ) -> Answer:
        """Run a packed action; `answers` are what the member typed into its form.

        `delivery` is the platform's id of this very invocation. By it a confidential action is not done again where it
        is delivered twice, as long as the process lives: what came in between would be undone.
        """
        try:
            unpacked = Unpacked(packed)
        except UnknownAction:
            return _retired()
        entry = self.registry.action(unpacked.type)
        if entry is None:
            return _retired()
        if origin.is_outside and not entry.allows_outsiders:
            return Reply(Message(str(Outsider())))

        done = False

        def handle(ctx: Context) -> Answer:
            nonlocal done
            done = False
            try:
                answer: Answer = entry.handle(ctx, unpacked.complete(answers or {}))
                done = True
            except ValidationError as error:
                errors = explain(error)
                is_typed = answers is not None and errors.keys() <= _asked(unpacked, errors)
                return FormErrors(errors) if is_typed else _retired()
            except UserError as error:
                if answers is None:
                    raise
                return FormErrors({error.field or next(iter(answers), ""): str(error)})
            return answer

        is_once = unpacked.token and not entry.is_query and not entry.is_confidential
        key = f"{origin.platform}:form:{unpacked.token}" if is_once else None
        via: Via = "button" if answers is None else "form"
        confidential = unpacked.type.name if entry.is_confidential else None
        if confidential and not entry.is_query and self._lately.knows(delivery):
            return None
        answer = await self._answer(origin, via, handle, entry.is_query, key, message, answers, confidential)
        if done and confidential and not entry.is_query:
            self._lately.note(delivery)
        return answer

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
            found, _ctx = await self._units.run(origin, "form", lambda ctx: find(ctx, text), is_query=True)
        except (UserError, DatabaseBusy):
            return []
        return found

    async def home(self, origin: Origin) -> list[Part]:
        """The parts of a member's home, which they have just opened; nothing for outsiders."""
        if origin.is_outside:
            return []
        parts, ctx = await self._units.run(origin, "button", self.registry.home, is_query=True)
        if ctx.member.home_opened_at is None:
            await self._units.run(origin, "button", lambda ctx: setattr(ctx.member, "home_opened_at", ctx.now))
        return parts

    async def promise_home(self, origin: Origin) -> None:
        """Have a member's home shown by delivery, which tries until the platform takes it."""
        await self._event(origin, "system", lambda ctx: ctx.refresh_home(ctx.member), None)

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
                await self._units.run(origin, "message", hear, key=dedupe_key, message=ref)
            except NoColleague as stranger:  # named in it: it is heard all the same, without them
                heard = replace(said, text=said.text.replace(f"<@{stranger.person}>", _("somebody")))
            except (Outsider, NotInstalled, Refused):
                return
            else:
                return

    async def arrived(self, origin: Origin, dedupe_key: str) -> None:
        """Parley was invited to `origin.channel`."""
        try:
            await self._units.run(origin, "system", self.registry.arrive, key=dedupe_key)
        except Outsider:  # a guest may invite Parley too
            await self._event(replace(origin, member=None), "system", self.registry.arrive, dedupe_key)
        except (NotInstalled, Refused):
            return
        await self.refresh()

    async def reacted(
        self, origin: Origin, name: str, is_there: bool, message: MessageRef, event_at: datetime, is_ours: bool
    ) -> None:
        """A reaction was put on a message or taken away; only those that a feature handles are remembered."""
        if origin.is_outside:
            return
        if name not in self.registry.reaction_names:
            if is_there and is_ours:  # it counts as acting on the message
                await self._event(origin, "reaction", lambda ctx: None, None, message, is_query=True)
            return

        def handle(ctx: Context) -> None:
            posted = posted_as(ctx.session, ctx.workspace.id, message.channel, message.ts)
            if posted is None and not is_ours:
                return
            if posted is None:  # else it could be settled between this look and the parking, and see nothing parked
                hold_posts_in_doubt(ctx.session, ctx.workspace.id)
                posted = posted_as(ctx.session, ctx.workspace.id, message.channel, message.ts)
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
        try:
            result, _ctx = await self._units.run(origin, "webhook", work, key=dedupe_key, bulk=True)
        except Refused:
            return None
        return result

    async def _event(
        self,
        origin: Origin,
        via: Via,
        handle: Callable[[Context], None],
        dedupe_key: str | None,
        message: MessageRef | None = None,
        is_query: bool = False,
    ) -> None:
        """Nobody waits for an answer: outsiders and foreign workspaces are ignored, failures are raised."""
        try:
            await self._units.run(origin, via, handle, is_query, dedupe_key, message)
        except (Outsider, NotInstalled, Refused):
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
        confidential: str | None = None,
    ) -> Answer:
        """Run a unit of work for somebody who waits: every failure becomes a sentence. What is confidential is logged
        by this name only.

        From here on the task speaks the actor's language, so that whatever answers them is drawn in it too.
        """
        self._units.speak_with(origin)
        if origin.is_outside:
            return Reply(Message(str(Outsider())))
        try:
            answer, _ctx = await self._units.run(
                origin, via, handle, is_query, key, message, is_confidential=confidential is not None
            )
        except Refused as refused:
            return refused.answer
        except NoColleague as error:
            fields = [name for name, answer in (answers or {}).items() if answer == error.person]
            return FormErrors({fields[0]: str(error)}) if fields else Reply(sentences(str(error)))
        except UserError as error:
            return Reply(sentences(str(error)))
        except DatabaseBusy:
            return Reply(self.busy(origin))
        except Exception as error:
            reference = uuid4().hex[:8]
            if confidential:  # a database's own words tell of values
                log.error("%s failed, reference %s: %s", confidential, reference, kind_and_place(error))
            else:
                log.exception("%s failed, reference %s", via, reference)
            return Reply(Message(fill(_("Something went wrong. Nothing was changed. Reference: {r}"), r=reference)))
        if isinstance(answer, OpenForm):
            return OpenForm(replace(answer.form, token=secrets.token_urlsafe(12)))
        return answer


def _retired() -> Reply:
    return Reply(Message(_("This button has retired."), Line(_("Please start again from the command."))))


def _asked(unpacked: Unpacked, errors: Mapping[str, str]) -> set[str]:
    """The fields a form asked for: what it did not already carry."""
    return {name for name in errors if name not in unpacked.given}
