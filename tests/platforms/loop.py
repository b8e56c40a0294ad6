"""The lead feedback loop, from set-up to "that helps", played by people on the platform: what it ends with."""

import re
from dataclasses import dataclass

from bot.playground.records import Channel, Message
from bot.playground.surface import words
from tests.platforms.stage import Stage


@dataclass
class Loop:
    """Plays the loop; each step waits until everything is posted. What Slack itself drops is tried again by hand."""

    stage: Stage

    async def plays(self) -> "Loop":
        """Everything in the order in which it happens on a Monday morning."""
        slack, acme = self.stage.slack, self.stage.acme
        self.ana = acme.person("Ana")  # an admin, in sales
        self.mo = acme.person("Mo")
        self.leads = acme.channel("leads", members=[self.ana, self.mo])
        self.marketing = acme.channel("marketing", members=[self.ana, self.mo])
        await self.set_up()

        await self.ana.types(f"/lead add Acme & Söhne <Ltd>, webinar, Spring, @{self.ana.member.name}", self.leads)
        await self.settles()
        card = self.find(self.leads, "L-1 · Acme & Söhne <Ltd>")
        await self.ana.presses("Accept", card)
        await self.settles()
        await self.ana.reacts(card, "+1::skin-tone-3")
        await self.settles()
        await self.ana.presses("right person", self.find(self.ana.dm, "is a good lead"))
        await self.settles()
        await self.ana.unreacts(card, "+1::skin-tone-3")
        await self.settles()

        await self.ana.types("/leadfeedback L-1 R8 only three employees", self.leads)
        await self.settles()
        case = self.find(self.marketing, "Feedback: outside the agreed customer profile (reject R8)")
        await self.mo.presses("Acknowledge", case)
        await self.settles()
        await self.decides(case)
        receipt = self.find(self.ana.dm, "Marketing answered: outside the agreed customer profile (reject R8)")
        await self.ana.presses("That helps", receipt)
        await self.settles()
        assert not slack.journal.troubles
        return self

    async def set_up(self) -> None:
        bot = self.stage.acme.bot
        for channel, purpose in ((self.leads, "Leads"), (self.marketing, "Marketing")):
            await self.ana.invites(bot, channel)
            await self.settles()
            await self.ana.presses(purpose, self.find(channel, "Hello, I am Parley."))
            await self.settles()
        for person, side in ((self.ana, "Sales"), (self.mo, "Marketing")):
            await self.until(lambda person=person: self.opens(person, "/parley me"))
            await person.fills(None, {"My side": side})
            await person.submits()
            await self.settles()

    async def decides(self, case: Message) -> None:
        async def opens() -> bool:
            await self.mo.presses("Decide...", case)
            await self.settles()
            return self.mo.view is not None

        await self.until(opens)
        await self.mo.fills(None, {"What do you change?": "we filter out firms under ten people"})
        await self.mo.fills(None, {"By when?": "2030-01-31"})
        await self.mo.submits()
        await self.settles()

    async def opens(self, person, command: str) -> bool:
        await person.types(command, self.leads)
        await self.settles()
        return person.view is not None

    async def until(self, attempt) -> None:
        """As people do: when a form does not open, they press once more."""
        for _ in range(3):
            if await attempt():
                return
        raise AssertionError("it never worked")

    async def settles(self) -> None:
        await self.stage.settles()

    def find(self, channel: Channel, beginning: str) -> Message:
        """The only message of Parley's that says this; more than one would be one too many."""
        found = [message for message in ours(channel) if beginning in words(message.blocks)]
        assert len(found) == 1, f"{len(found)} messages say {beginning!r}: {[words(m.blocks) for m in ours(channel)]}"
        return found[0]

    def end(self) -> dict[str, list[str]]:
        """What stands in the channels and private conversations at the end, as people read it."""
        places = {"leads": self.leads, "marketing": self.marketing, "Ana": self.ana.dm, "Mo": self.mo.dm}
        return {
            name: sorted(re.sub(r"\s+", " ", words(message.blocks)) for message in ours(channel))
            for name, channel in places.items()
        }


def ours(channel: Channel) -> list[Message]:
    return [message for message in channel.messages if message.bot_id and not message.deleted]
