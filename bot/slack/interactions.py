"""Commands, buttons, forms, shortcuts and type-ahead: to the dispatcher, and its answers back to the actor."""

from collections.abc import Mapping
from typing import Any

from bot.core.context import Answer, FormErrors, OpenForm, Reply, UpdateForm, UpdateMessage
from bot.core.dispatcher import Dispatcher
from bot.core.forms import Answers
from bot.core.sender import Posted
from bot.core.ui import Line, Message
from bot.core.unit import Origin
from bot.slack import render
from bot.slack.fields import changed_action, lookup_name
from bot.slack.origin import PLATFORM, Body, is_ours, message_of, of_command, of_interaction, reading
from bot.slack.private import Private, Spot
from bot.slack.sender import Settle, marked
from bot.slack.text import clean, unescaped
from bot.slack.tokens import Tokens

Ack = Mapping[str, Any] | None  # what goes back in the answer to Slack's own request


class Interactions:
    """`settle` hears of Parley's own messages as people press their buttons."""

    def __init__(self, dispatcher: Dispatcher, tokens: Tokens, private: Private, settle: Settle) -> None:
        self._dispatcher, self._tokens, self._private, self._settle = dispatcher, tokens, private, settle

    async def command(self, body: Body) -> Ack:
        origin = of_command(self._tokens, body)
        with reading():
            name, text, trigger = body["command"].removeprefix("/"), unescaped(body.get("text")), body.get("trigger_id")
        spot = _spot(origin, body)
        match await self._dispatcher.command(origin, name, text.strip(), trigger):
            case Reply(message) | UpdateMessage(message):
                return {"response_type": "ephemeral", **render.content(message)}
            case answer:
                self._show(spot, answer)
                return None

    async def refuse(self, body: Body) -> Ack:
        """What a command is answered that comes when there is too much to do."""
        return {"response_type": "ephemeral", **render.content(self._dispatcher.busy(of_command(self._tokens, body)))}

    async def submitted(self, body: Body) -> Ack:
        """A form's answer leaves last: it keeps the form open, or shows something in its place, or closes it."""
        origin = of_interaction(self._tokens, body)
        with reading():
            view = body["view"]
            packed, answers = view.get("private_metadata") or "", _typed(view)
            render.error_blocks(view, {})
        match await self._dispatcher.action(origin, packed, answers, delivery=body.get("trigger_id")):
            case FormErrors(errors):
                if placed := render.error_blocks(view, errors):
                    return {"response_action": "errors", "errors": placed}
                [first, *more] = errors.values()
                said = Message(first[:140], *(Line(text[:2800]) for text in (first, *more) if text != first[:140]))
                return {"response_action": "update", "view": render.confirmation(said)}
            case Reply(message) | UpdateMessage(message):
                return {"response_action": "update", "view": render.confirmation(message)}
            case OpenForm(form) | UpdateForm(form):
                return {"response_action": "update", "view": render.view(form)}
            case None:
                return None

    async def pressed(self, body: Body) -> None:
        """A button, or a change in an open form."""
        origin = of_interaction(self._tokens, body)
        with reading():
            acted, view = body["actions"][0], body.get("view") or {}
            kind, action_id, packed = acted.get("type"), acted["action_id"], acted.get("value")
        if kind == "button":
            if packed:  # else it opens a web page
                message = message_of(self._tokens, origin.workspace, body)
                if message:
                    await self._stands(origin, body, Posted(message.channel, message.ts))
                trigger = body.get("trigger_id")
                answer = await self._dispatcher.action(origin, packed, message=message, delivery=trigger)
                self._show(_spot(origin, body), answer)
        elif (name := changed_action(action_id)) and view:
            await self._changed(origin, body, name)

    async def _stands(self, origin: Origin, body: Body, posted: Posted) -> None:
        """A message that can be pressed is posted, whatever its sender believes; the answer may take its mark away."""
        with reading():
            pressed = body.get("message") or {}
            row_id = marked(pressed) if is_ours(self._tokens.find(origin.workspace), body, pressed) else None
        if row_id:
            await self._settle(PLATFORM, origin.workspace, row_id, posted)

    async def _changed(self, origin: Origin, body: Body, name: str) -> None:
        with reading():
            view = body["view"]
            view_id, known_hash, packed, answers = view["id"], view["hash"], view["private_metadata"], _typed(view)
        if answer := await self._dispatcher.change(origin, name, packed, answers):
            self._private.update(_spot(origin, body), view_id, known_hash, answer.form)

    async def shortcut(self, body: Body) -> None:
        origin = of_interaction(self._tokens, body)
        message = message_of(self._tokens, origin.workspace, body)
        with reading():
            name = body["callback_id"]
        self._show(_spot(origin, body), await self._dispatcher.shortcut(origin, name, message))

    async def searched(self, body: Body) -> Ack:
        origin = of_interaction(self._tokens, body)
        with reading():
            action_id, typed = body["action_id"], clean(body.get("value"))
            lookup = lookup_name(action_id) if ":" in action_id else ""
        return render.options(await self._dispatcher.suggest(origin, lookup, typed))

    def _show(self, spot: Spot, answer: Answer) -> None:
        match answer:
            case OpenForm(form) | UpdateForm(form):
                self._private.open(spot, form)
            case Reply(message):
                self._private.reply(spot, message)
            case UpdateMessage(message, is_promised):
                self._private.replace(spot, message, is_promised)


def _typed(view: Mapping[str, Any]) -> Answers:
    return {
        name: [clean(one) for one in answer] if isinstance(answer, list) else clean(answer)
        for name, answer in render.answers(view).items()
    }


def _spot(origin: Origin, body: Body) -> Spot:
    with reading():
        message, container, view = body.get("message") or {}, body.get("container") or {}, body.get("view") or {}
        return Spot(
            workspace=origin.workspace,
            member=str(origin.member),
            channel=origin.channel,
            thread_ts=message.get("thread_ts") or container.get("thread_ts"),
            trigger=body.get("trigger_id"),
            response_url=body.get("response_url"),
            is_in_modal=view.get("type") == "modal",
        )
