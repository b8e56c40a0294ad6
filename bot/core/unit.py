"""Units of work: finds who acts and asks the platform about strangers, then runs a handler in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlmodel import Session

from bot.core.acquaintance import ASK_WITHIN, Acquaintance, NoColleague, Outsider
from bot.core.background import Background
from bot.core.context import Answer, Context, FormErrors, MessageRef, Unacquainted, UserError, Via, language_of
from bot.core.language import SOURCE, _, speak, speaking
from bot.core.registry import Registry
from storage.database import Database
from storage.events import is_new_event
from storage.noise import note_act, unacted
from storage.people import who_acts
from storage.workspaces import find_workspace

T = TypeVar("T")

LANGUAGES = 10_000  # members whose language is remembered
STRANGERS = 8  # people and channels one event may make us ask the platform about
NOTED_WITHIN = 5.0  # seconds, for what nobody waits for
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
    acted_at: datetime | None = None  # by the platform's clock, where it tells: the same however often it delivers


class Refused(Exception):
    """Carries an answer out of a unit of work that must leave no trace."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class Units:
    """`wake` is called after a commit that put something into the outbox, `listen_anew` after one that changed what
    channels are for.
    """

    def __init__(
        self,
        registry: Registry,
        database: Database,
        acquaintance: Acquaintance,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        listen_anew: Callable[[], Awaitable[None]],
        background: Background,
    ) -> None:
        self._registry, self._database, self._acquaintance, self._background = (
            registry,
            database,
            acquaintance,
            background,
        )
        self._now, self._wake, self._listen_anew = now, wake, listen_anew
        self._languages: dict[tuple[str, str | None], str] = {}  # of those who acted lately

    def speak_with(self, origin: Origin) -> None:
        """From here on the task speaks the actor's language, as far as it is known."""
        speak(self._languages.get((origin.workspace, origin.member), SOURCE))

    async def run(
        self,
        origin: Origin,
        via: Via,
        handle: Callable[[Context], T],
        is_query: bool = False,
        key: str | None = None,
        message: MessageRef | None = None,
        bulk: bool = False,
        is_confidential: bool = False,
    ) -> tuple[T, Context]:
        """One unit of work; it is run again after the platform introduced somebody it did not know.

        Of a confidential one nothing is noted: neither that it was done, nor that somebody acted, nor that the
        platform was asked about them.

        Raises Refused where it leaves no trace: for form errors, and for what was processed before.
        """

        def work(session: Session) -> tuple[T, Context, str | None]:
            ctx = self._context(session, origin, via, message)
            language = language_of(ctx.actor, ctx.workspace) if ctx.actor else ctx.workspace.language
            with speaking(language):
                if key and not is_new_event(session, ctx.workspace.id, key, ctx.now):
                    raise Refused(None)
                result = handle(ctx)
                if isinstance(result, FormErrors):
                    raise Refused(result)
                acted_on = None if is_confidential else self._acted_on(ctx)
                if acted_on and not is_query:
                    note_act(session, ctx.workspace.id, acted_on, ctx.now)
                return result, ctx, acted_on

        if origin.member:
            self._acquaintance.refuse_known_outsider(origin.platform, origin.workspace, origin.member)
        run = self._database.read if is_query else partial(self._database.write, bulk=bulk)
        for _attempt in range(STRANGERS):
            try:
                result, ctx, acted_on = await run(work)
            except Unacquainted as unknown:
                await self._meet(origin, unknown)
            else:
                if ctx.has_posted:
                    self._wake()
                if ctx.listens_anew:
                    await self._listen_anew()
                if ctx.actor and ctx.actor.verified_at < ctx.now - VOUCHED_FOR and not is_confidential:
                    self._background.spawn(self._meet(origin, Unacquainted(person=origin.member)), ASK_WITHIN)
                if acted_on and is_query:
                    note = partial(note_act, workspace_id=ctx.workspace.id, row_id=acted_on, now=ctx.now)
                    self._background.spawn(self._database.write(note, bulk=True), NOTED_WITHIN)
                self._remember_language(origin, ctx)
                return result, ctx
        raise UserError(_("Too many people I have not met at once. Please name fewer."))

    def _acted_on(self, ctx: Context) -> str | None:
        """Our message that somebody acts on for the first time, if its kind is counted: by a button, a reaction, or a
        word in its thread."""
        ref = ctx.message
        if ref is None or ctx.actor is None:
            return None
        ts = ref.thread_ts if ctx.via == "message" else ref.ts
        if ts is None:
            return None
        found = unacted(ctx.session, ctx.workspace.id, ref.channel, ts)
        return found[0] if found and found[1] in self._registry.counted else None

    def _remember_language(self, origin: Origin, ctx: Context) -> None:
        language = language_of(ctx.actor, ctx.workspace) if ctx.actor else ctx.workspace.language
        if len(self._languages) > LANGUAGES:
            self._languages.clear()
        self._languages[origin.workspace, origin.member] = language
        speak(language)

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
        return Context(
            session, workspace, member, self._now(), via, self._registry, origin.channel, message, origin.acted_at
        )
