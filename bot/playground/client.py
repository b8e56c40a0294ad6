"""A person's Slack client: the commands, shortcuts, buttons and forms they use, and what they are shown for it."""

from __future__ import annotations

from typing import Any

from bot.playground import interactions, modals, writing
from bot.playground.deliveries import Answer, Deliveries, Kind
from bot.playground.elements import suggestions
from bot.playground.errors import SlackError
from bot.playground.records import Channel, Member, Message, Payload, View
from bot.playground.response_urls import answer as answer_response_url
from bot.playground.state import ResponseUrl, State, Team
from bot.playground.surface import Spot, button, enter, field
from bot.playground.values import chosen, complaint

Where = Message | View


class Client:
    """What one person has on their screen; `errors` are those under the fields of the open form, by block_id."""

    def __init__(self, state: State, team: Team, deliveries: Deliveries, member: Member) -> None:
        self._state = state
        self._team = team
        self._deliveries = deliveries
        self.member = member
        self.errors: dict[str, str] = {}
        self.troubles: list[str] = []

    def __repr__(self) -> str:
        return f"<{self.member.real_name} {self.member.id}>"

    @property
    def id(self) -> str:
        """The user id."""
        return self.member.id

    @property
    def view(self) -> View | None:
        """The modal on top, or None."""
        stack = self._team.stacks.get(self.id, [])
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        """What the app has published to their Home tab."""
        return self._team.homes.get(self.id)

    @property
    def ephemerals(self) -> list[Message]:
        """What only they see, oldest first."""
        return self._team.ephemerals.setdefault(self.id, [])

    @property
    def dm(self) -> Channel:
        """Their direct channel with the bot."""
        return self._state.direct(self._team, self.id)

    async def types(self, line: str, channel: Channel) -> Answer:
        """Type a slash command; what the app answers at once is posted or shown to them."""
        name, _, text = line.partition(" ")
        known = self._state.app.commands
        if self.member.team_id != self._team.id or (known is not None and name not in known):
            return self._troubled(Answer("invalid_command", status=0), f"{name} is not a valid command")
        should_escape = True if known is None else known[name]
        typed = writing.in_command(self._team, text.strip(), should_escape=should_escape)
        form = interactions.command(self._state, self._team, self.member, channel, name, typed)
        answer = await self._ask("command", form)
        if answer.ok and answer.body:
            said = answer.body if isinstance(answer.body, dict) else {"text": str(answer.body)}
            self._take(said, ResponseUrl(self._team.id, channel.id, self.id, self._state.now(), None))
        return answer

    def _take(self, said: Payload, place: ResponseUrl) -> None:
        try:
            answer_response_url(self._state, place, said)
        except SlackError as refusal:
            self._trouble(str(refusal))

    async def uses_shortcut(self, callback_id: str, message: Message | None = None) -> Answer:
        """Use a global shortcut, or one on a message."""
        state, team, member = self._state, self._team, self.member
        if message is None:
            return await self._ask("interaction", interactions.shortcut(state, team, member, callback_id))
        return await self._ask("interaction", interactions.message_action(state, team, member, callback_id, message))

    async def presses(self, label: str, where: Where | None = None, *, beside: str | None = None) -> Answer:
        """Press the button with this label (or action_id); without `where`, in the open modal.

        `beside` picks among several by the words of the block it belongs to or stands under.
        """
        place = self._place(where)
        return await self.acts(place, button(place.blocks, label, beside))

    async def fills(self, where: Where | None, values: Payload) -> None:
        """Type or choose values by label, block_id or action_id; None empties a field.

        Fields that ask for it tell the app at once, as do all those outside input blocks.
        """
        for label, wanted in values.items():
            place = self._place(where)
            spot = field(place.blocks, label)
            options = None
            if spot.element["type"].endswith("external_select") and wanted is not None:
                queries = wanted if isinstance(wanted, list | tuple) else [wanted]
                options = [each for query in queries for each in await self.searches(label, str(query), place)]
            value = chosen(spot.element, self._ids(spot.element, wanted), options)
            enter(place, spot, value)
            if spot.tells_at_once:
                await self.acts(place, spot, value)

    def _ids(self, element: Payload, wanted: Any) -> Any:
        """The ids of people or channels chosen in a menu of those; anything else as it is."""
        if isinstance(wanted, list | tuple):
            return [self._ids(element, each) for each in wanted]
        if isinstance(wanted, Client | Channel):
            return wanted.id
        if wanted is None or "users_select" not in element["type"]:
            return wanted
        member = self._team.members.get(wanted) or self._team.member_named(wanted)
        self._insist(member is not None, f"there is no {wanted!r} to choose")
        return member.id if member else None

    async def searches(self, label: str, query: str, where: Where | None = None) -> list[Payload]:
        """What an external menu offers for a query; nothing below its min_query_length (3 unless it says)."""
        place = self._place(where)
        groups = await self.looks_up(place, field(place.blocks, label), query)
        return [option for group in groups for option in group["options"]]

    async def looks_up(self, place: Where, spot: Spot, query: str) -> list[Payload]:
        """As `searches`, for a menu at hand, and in its groups; a group without a label stands for no group."""
        if len(query) < spot.element.get("min_query_length", 3):
            return []
        asked = interactions.block_suggestion(self._state, self._team, self.member, place, spot, query)
        answer = await self._ask("options", asked)
        wrong = suggestions(answer.body) if answer.ok else []
        if wrong or not answer.ok:
            self._trouble(f"options for {spot.block['block_id']!r}: {'; '.join(wrong) or answer.reason}")
            return []
        groups: list[Payload] = answer.body.get("option_groups") or [answer.body]
        return groups

    async def submits(self, values: Payload | None = None) -> Answer | None:
        """Fill and submit the open modal; None if Slack's client itself finds fields wrong (see `errors`)."""
        await self.fills(None, values or {})
        view = self._place(None)
        assert isinstance(view, View)
        self._insist(view.content.get("submit") is not None, "the form has no Submit")
        self.errors = {}
        for block in view.blocks:
            if block["type"] == "input" and block["element"]["type"] != "file_input":
                entered = view.values[block["block_id"]][block["element"]["action_id"]]
                wrong = complaint(block, entered)
                if wrong:
                    self.errors[block["block_id"]] = wrong
        if self.errors:
            self._state.tell("modals", self._team, user=self.id)
            return None
        payload = interactions.view_submission(self._state, self._team, self.member, view)
        answer = await self._ask("interaction", payload)
        if answer.ok:
            try:
                self.errors = modals.follow(self._state, self._team, self.id, view, answer.body or {})
            except SlackError as refusal:
                self._trouble(f"the answer to the form: {refusal}")
            self._state.tell("modals", self._team, user=self.id)
        return answer

    async def closes(self, *, everything: bool = False) -> None:
        """Close the open modal, or the whole stack; views that asked for it tell the app."""
        self.errors = {}
        while (view := modals.close_modal(self._state, self._team, self.id)) is not None:
            if view.content.get("notify_on_close"):
                closed = interactions.view_closed(self._state, self._team, self.member, view, cleared=everything)
                await self._ask("interaction", closed)
            if view.content.get("clear_on_close"):
                everything = True
            if not everything:
                return

    def _place(self, where: Where | None) -> Where:
        place = where if where is not None else self.view
        if place is None:
            raise LookupError(f"{self.member.real_name} has no open form")
        if isinstance(place, View):
            self._insist(place is self.view or place is self.home, "this view is not what they see")
        else:
            self._insist(not place.deleted and place.seen_by in (None, self.id), "they cannot see this message")
            self._insist(self.id in self._team.channels[place.channel].members, "they are not in this channel")
        return place

    async def acts(self, place: Where, spot: Spot, value: Any = None) -> Answer:
        """Press an element they see, or tell the app what was entered there."""
        place = self._place(place)
        acted = interactions.action(self._state, spot, value)
        asked = interactions.block_actions(self._state, self._team, self.member, place, acted)
        return await self._ask("interaction", asked)

    async def _ask(self, kind: Kind, payload: Payload) -> Answer:
        answer = await self._deliveries.ask(kind, payload)
        if answer.reason == "http_timeout":
            return self._troubled(answer, "operation_timeout")
        if not answer.ok:
            return self._troubled(answer, f"{answer.reason} {answer.status}".strip())
        return answer

    def _troubled(self, answer: Answer, trouble: str) -> Answer:
        self._trouble(trouble)
        return answer

    def _trouble(self, trouble: str) -> None:
        self.troubles.append(trouble)
        self._state.journal.troubles.append(f"{self.member.real_name}: {trouble}")
        self._state.tell("trouble", self._team, user=self.id, text=trouble)

    @staticmethod
    def _insist(condition: bool, otherwise: str) -> None:
        if not condition:
            raise LookupError(otherwise)
