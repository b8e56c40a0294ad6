"""Two stories that call everything Parley calls: a Monday with the real features, and errands no feature runs yet."""

from bot.core.action import Action, PartialAction
from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.feature import Feature, Usage
from bot.core.forms import Form, TextField
from bot.core.ui import Button, Buttons, File, Line, Message
from bot.playground.surface import words
from storage.cards import cards
from storage.outbox import OutboxRow


async def a_monday(office):
    """Set-up, a lead, praise by a reaction and a tap in private, a no with its reason, marketing's answer, thanks."""
    ana, mo, leads, marketing = office.ana, office.mo, office.leads, office.marketing
    await office.types(mo, "/parley setup", "Please ask ana")
    for channel, purpose in ((leads, "Leads"), (marketing, "Marketing")):
        await ana.invites(office.acme.bot, channel)
        hello = await office.stands(channel, "Hello, I am Parley.")
        await office.presses(ana, purpose, hello, lambda hello=hello: "This channel is for" in words(hello.blocks))
    for who, side in ((mo, "Marketing"), (ana, "Sales")):
        await office.opens(who, lambda who=who: who.types("/parley me", leads), "My side")
        await who.submits({"My side": side})
        await office.hears(who, "Saved.")
        await who.closes(everything=True)
    await ana.opens_home()
    await office.slack.until(lambda: ana.home)

    await office.types(mo, "/lead add Acme Ltd, webinar, @ana", "Added L-1")
    card = await office.stands(leads, "L-1 · Acme Ltd")
    await office.stage.settles()  # two changes of a home would become one now and then
    await office.presses(ana, "Accept", card, lambda: "Accepted" in words(card.blocks))
    await office.stage.settles()
    await ana.reacts(card, "+1")
    praise = await office.stands(ana.dm, "is a good lead")
    await office.presses(ana, "right person", praise, lambda: "Marketing gets it" in words(praise.blocks))
    await office.stage.settles()

    await office.types(ana, "/leadfeedback L-1 R8 only three employees", "R8")
    case = await office.stands(marketing, "R8")
    await office.presses(mo, "Acknowledge", case, lambda: "Seen by" in words(case.blocks))
    await office.stage.settles()
    await office.opens(mo, lambda: mo.presses("Decide...", case), "Your answer")
    await office.chooses(mo, {"Your answer": "We need more examples"}, "How many more?")
    await mo.submits({"What do you need to see?": "larger firms", "How many more?": "3"})
    await office.hears(mo, "Decided.")
    await mo.closes(everything=True)
    receipt = await office.stands(ana.dm, "Marketing answered")
    await office.stage.settles()
    await office.presses(ana, "That helps", receipt, lambda: "You said: that helps" in words(receipt.blocks))
    await mo.reacts(card, "eyes")
    await office.slack.until(lambda: "Looking at it" in words(card.blocks))
    await office.stage.settles()


async def errands(office):
    """A card, a reply in its thread, a file, a message taken back, a reaction of Parley's, a form on a form."""
    ana, leads = office.ana, office.leads
    await ana.invites(office.acme.bot, leads)
    for errand, said in (("card", "A card"), ("reply", "A reply"), ("file", "A file"), ("slip", "A slip")):
        await office.types(ana, f"/errand {errand}", "Done")
        await office.stands(leads, said)
        await office.stage.settles()
    for errand in ("react", "regret"):
        await office.types(ana, f"/errand {errand}", "Done")
    card = office.find(leads, "A card")
    await office.presses(ana, "Ask", card, lambda: any("You asked" in said for said in office.told(ana)))
    await office.opens(ana, lambda: ana.types("/errand form", leads), "Subject")
    await ana.submits({"Subject": "Prices"})
    await office.hears(ana, "Thank you")
    await office.until_done(ana, lambda: ana.presses("Ask"), lambda: "You asked" in office.told(ana)[-1])
    await office.stage.settles()


class Ask(Action, name="errand.ask"):
    pass


class Give(Action, name="errand.give"):
    subject: str


feature = Feature("errand")


@feature.card("card")
def card(session, workspace, subject_id) -> Message:
    return Message("A card", Line("with words"), ASK)


@feature.card("slip")
def slip(session, workspace, subject_id) -> Message:
    return Message("A slip")


@feature.command("errand", Usage("card", "run an errand"))
def run(ctx: Context, text: str) -> Answer:
    match text:
        case "card" | "slip":
            ctx.post(ctx.channel, subject=(text, 1))
        case "reply":
            ctx.post(ctx.channel, lambda: Message("A reply"), thread=_posted(ctx, "card"))
        case "file":
            ctx.post(ctx.channel, lambda: Message("A file", File("a.ics", b"BEGIN:VCALENDAR")))
        case "react":
            ctx.react(_posted(ctx, "card"), "eyes")
        case "regret":
            ctx.delete(_posted(ctx, "slip"))
        case "form":
            return OpenForm(Form("Try", PartialAction.of(Give), (TextField(name="subject", label="Subject"),), "Give"))
    return Reply(Message("Done"))


@feature.action(Give)
def give(ctx: Context, given: Give) -> Answer:
    return Reply(Message("Thank you", Line(given.subject), ASK))


@feature.action(Ask)
def ask(ctx: Context, asked: Ask) -> Answer:
    return Reply(Message("You asked"))


def _posted(ctx: Context, subject: str) -> OutboxRow:
    [posted] = cards(ctx.session, ctx.workspace.id, subject, 1)
    return posted


ASK = Buttons(Button("Ask", Ask()))
