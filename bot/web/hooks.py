"""POST /hooks/leads/NAME: other programs hand in leads, signed as Standard Webhooks says.

A body is one lead, a list, or {"leads": [...]}. The answer says of each what became of it; what was handed in before,
by its webhook-id or its key, is no second lead.
"""

import asyncio
import base64
import hmac
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from aiohttp import web
from pydantic import ConfigDict, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.core.action import explain
from bot.core.context import Context
from bot.core.dispatcher import Dispatcher
from bot.core.events import LeadHeard
from bot.core.language import _, fill, listed
from bot.core.unit import NotInstalled, Origin
from bot.rules.lead_fields import LeadFields, given
from bot.web.server import MAX_BODY
from storage.campaigns import folded
from storage.database import Database, DatabaseBusy, DatabaseClosed
from storage.hooks import NAME, Hook, hooks_named
from storage.leads import find_by_key, find_by_origin

MAX_AGE = 300  # seconds between the sender's clock and ours, either way
MOST = 500  # leads of a request
CHUNK = 5  # leads of a unit of work: one takes up to 5 ms
READ_WITHIN = 5.0  # seconds in which a body must have come
AT_ONCE = 8  # requests whose large bodies are held
SMALL = 2**14  # bytes: a body that says it is no larger waits for nobody
ATTEMPTS = 3  # two requests with one key at once: on PostgreSQL one of them has to look again

_ID = re.compile(r"[!-~]{1,200}")
Result = dict[str, Any]


class Refused(Exception):
    """The whole request is refused, with a status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class _Item(LeadFields):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class LeadHooks:
    def __init__(self, database: Database, dispatcher: Dispatcher, now: Callable[[], float] = time.time) -> None:
        self._database, self._dispatcher, self._now = database, dispatcher, now
        self._places = asyncio.Semaphore(AT_ONCE)

    async def handle(self, request: web.Request) -> web.Response:
        length = request.content_length
        place = nullcontext() if length is not None and length <= SMALL else self._place()
        try:
            async with place:
                return await self._take(request)
        except Refused as refusal:
            return web.json_response({"error": str(refusal)}, status=refusal.status)
        except (DatabaseBusy, DatabaseClosed):
            return _busy()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the places for large bodies; raises DatabaseBusy where none becomes free in time."""
        try:
            async with asyncio.timeout(READ_WITHIN):
                await self._places.acquire()
        except TimeoutError:
            raise DatabaseBusy from None
        try:
            yield
        finally:
            self._places.release()

    async def _take(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        known = await self._database.read(lambda session: _known(session, name)) if NAME.fullmatch(name) else []
        if not known:
            raise Refused(404, _("There is no such hook. The operator makes it: python -m bot hooks add NAME"))
        stamp = _stamped(request.headers, self._now())
        body = await _read(request)
        webhook_id = request.headers["webhook-id"]
        signatures = request.headers.get("webhook-signature", "").split()[:10]
        signed = f"{webhook_id}.{stamp}.".encode() + body
        places = [(p, w) for secrets, p, w in known if is_signed(secrets, signatures, signed)]
        if not places:
            raise Refused(401, _("The signature is not right. Sign with the secret of this hook."))
        items, is_batch = parse(body)
        batch = _Batch(f"hook:{name}:{webhook_id}", name, items)
        results = await self._bring(Origin(*places[0], member=None), batch)
        failed = sum("errors" in result for result in results)
        status = 200 if not failed else 400 if failed == len(results) else 207
        return web.json_response({"results": results} if is_batch else results[0], status=status)

    async def _bring(self, origin: Origin, batch: "_Batch") -> list[Result]:
        """In chunks, each of which is brought once: what was interrupted goes on where it stopped when it is resent."""
        results = dict(batch.refused)
        good = list(batch.good.items())
        for start in range(0, len(good), CHUNK):
            chunk = dict(good[start : start + CHUNK])
            results |= await self._bring_chunk(origin, batch, start // CHUNK, chunk)
        return [results[index] for index in sorted(results)]

    async def _bring_chunk(
        self, origin: Origin, batch: "_Batch", number: int, chunk: Mapping[int, dict[str, str]]
    ) -> dict[int, Result]:
        key = f"{origin.platform}:{origin.workspace}:{batch.key}:{number}"
        for attempt in range(ATTEMPTS):
            try:
                brought = await self._dispatcher.bring(origin, lambda ctx: batch.hand_in(ctx, chunk), key)
                if brought is None:
                    brought = await self._dispatcher.bring(origin, lambda ctx: batch.look_up(ctx, chunk))
                return brought or {}
            except NotInstalled:
                raise Refused(404, _("Parley is not installed in this workspace.")) from None
            except IntegrityError:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")


class _Batch:
    """What one request hands in: the leads that are within bounds, and of the others what is wrong."""

    def __init__(self, key: str, name: str, items: Sequence[object]) -> None:
        self.key, self._name = key, name
        self.good: dict[int, dict[str, str]] = {}
        self.refused: dict[int, Result] = {}
        for index, item in enumerate(items):
            if errors := self._check(index, item):
                wrong = [{"field": field, "sentence": sentence} for field, sentence in errors.items()]
                self.refused[index] = {"index": index, "status": 422, "errors": wrong}

    def hand_in(self, ctx: Context, chunk: Mapping[int, dict[str, str]]) -> dict[int, Result]:
        results: dict[int, Result] = {}
        for index, fields in chunk.items():
            origin, key = self._origin(index, fields), fields.get("key")
            known = find_by_origin(ctx.session, ctx.workspace.id, origin)
            known = known or (find_by_key(ctx.session, ctx.workspace.id, key) if key else None)
            ctx.emit(LeadHeard(origin, fields))
            lead = known or find_by_origin(ctx.session, ctx.workspace.id, origin)
            results[index] = {"index": index, "status": 200 if known else 201, "key": lead.key if lead else None}
            if "owner" in fields and lead and lead.owner_id is None:
                nobody = _(
                    "Nobody of the company is known by this e-mail address or name. The lead waits for an owner."
                )
                results[index]["notes"] = [{"field": "owner", "sentence": nobody}]
        return results

    def look_up(self, ctx: Context, chunk: Mapping[int, dict[str, str]]) -> dict[int, Result]:
        """Of what was handed in before under this webhook-id."""
        results: dict[int, Result] = {}
        for index, fields in chunk.items():
            if lead := find_by_origin(ctx.session, ctx.workspace.id, self._origin(index, fields)):
                results[index] = {"index": index, "status": 200, "key": lead.key}
            else:
                wrong = {"field": "", "sentence": _("This webhook-id was used for other leads. Take a new one.")}
                results[index] = {"index": index, "status": 409, "errors": [wrong]}
        return results

    def _origin(self, index: int, fields: Mapping[str, str]) -> str:
        return f"hook:{self._name}:key:{folded(fields['key'])}" if "key" in fields else f"{self.key}:{index}"

    def _check(self, index: int, item: object) -> dict[str, str]:
        """What is wrong, by field; nothing, and the lead is good."""
        if not isinstance(item, dict):
            return {"": _("A lead is a JSON object.")}
        if unknown := sorted(item.keys() - LeadFields.model_fields.keys()):
            sentence = fill(_("There is no such field. There are: {names}."), names=listed([*LeadFields.model_fields]))
            return {name[:80]: sentence for name in unknown[:5]}
        if odd := [name for name, text in item.items() if isinstance(text, str) and "\0" in text]:
            return {name: _("This holds a character that cannot be stored.") for name in odd}
        try:
            fields = _Item.model_validate(given(item))
        except ValidationError as error:
            kinds = {problem["loc"][0]: problem["type"] for problem in error.errors()}
            choose = fill(_("Please choose one of these: {names}."), names="hot, standard, list")
            return {
                name: choose if kinds.get(name) == "literal_error" else sentence
                for name, sentence in explain(error).items()
            }
        self.good[index] = given(fields.model_dump(mode="json", exclude_unset=True))
        return {}


def is_signed(secrets: Sequence[str], signatures: Sequence[str], signed: bytes) -> bool:
    """Whether one of the secrets made one of the signatures; false, never an error, for any garbage."""
    found = False
    for secret in secrets:
        digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256")
        expected = b"v1," + base64.b64encode(digest)
        for signature in signatures:
            found |= hmac.compare_digest(expected, signature.encode(errors="surrogateescape"))
    return found


def parse(body: bytes) -> tuple[list[object], bool]:
    """The leads of a body, and whether they came as a batch."""
    try:
        text = body.decode()
        content = json.loads(text, parse_constant=_no_number)
        if "\\ud" in text.lower():
            json.dumps(content, ensure_ascii=False).encode()  # half a surrogate pair is no text: a UnicodeError
    except (ValueError, RecursionError):
        raise Refused(400, _("This is not JSON in UTF-8.")) from None
    is_one = isinstance(content, dict) and "leads" not in content
    if is_one:
        return [content], False
    leads = content["leads"] if isinstance(content, dict) and content.keys() == {"leads"} else content
    if not isinstance(leads, list) or not leads:
        raise Refused(400, _('Send a lead as a JSON object, or several as {"leads": [...]}.'))
    if len(leads) > MOST:
        raise Refused(413, fill(_("Send at most {n} leads at once."), n=MOST))
    return leads, True


def _no_number(word: str) -> float:
    raise ValueError(word)


def _stamped(headers: Mapping[str, str], now: float) -> str:
    """The timestamp of a request that is neither old nor from the future, and that has an id."""
    stamp = headers.get("webhook-timestamp", "")
    if not _ID.fullmatch(headers.get("webhook-id", "")) or not re.fullmatch(r"[0-9]{1,12}", stamp):
        raise Refused(401, _("Send the headers webhook-id, webhook-timestamp and webhook-signature."))
    if abs(now - int(stamp)) > MAX_AGE:
        raise Refused(401, _("The timestamp is more than five minutes from now."))
    return stamp


async def _read(request: web.Request) -> bytes:
    sentence = _("A body has at most 1 MiB. Send fewer leads at once.")
    if (request.content_length or 0) > MAX_BODY:
        raise Refused(413, sentence)  # before any of it is read
    try:
        async with asyncio.timeout(READ_WITHIN):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, sentence) from None
    except (TimeoutError, ConnectionError, web.RequestPayloadError):
        raise Refused(408, _("The body did not come in time.")) from None


def _known(session: Session, name: str) -> list[tuple[list[str], str, str]]:
    """The secrets of the hooks of this name, each with its platform and workspace."""
    return [(_secrets(hook), platform, workspace) for hook, platform, workspace in hooks_named(session, name)]


def _secrets(hook: Hook) -> list[str]:
    return [secret for secret in (hook.secret, hook.earlier_secret) if secret]


def _busy() -> web.Response:
    error = {"error": _("Parley is busy. Send it again in a minute.")}
    return web.json_response(error, status=503, headers={"Retry-After": "60"})
