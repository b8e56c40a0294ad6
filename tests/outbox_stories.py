"""A feature whose messages are easy to follow, and what stories of delivery begin with."""

from sqlmodel import select

from bot.core.events import CardPosted, MessageUndeliverable
from bot.core.feature import Feature
from bot.core.language import spoken
from bot.core.ui import Line, Message
from bot.core.unit import Origin
from storage.channels import find_channel
from storage.outbox import OutboxRow
from storage.people import find_member, member

trial = Feature("trial")
conflicts: list[str] = []  # with which PostgreSQL gives up the next reactions, for the sake of others


@trial.card("role")
def role(session, workspace, member_id):
    """A member's role, as storage has it now; nothing where there is none."""
    shown = member(session, workspace.id, member_id).role
    return Message(shown) if shown else None


@trial.card("broken")
def broken(session, workspace, subject_id):
    raise ZeroDivisionError


@trial.card("language")
def language(session, workspace, subject_id):
    return Message(spoken())


@trial.reaction("role", "tada")
def reacted(ctx, reaction):
    if conflicts:
        raising = f"DO $$ BEGIN RAISE EXCEPTION 'a conflict' USING ERRCODE = '{conflicts.pop()}'; END $$"
        ctx.session.connection().exec_driver_sql(raising)
    ctx.member.role = "celebrated" if reaction.is_there else "sober"
    ctx.refresh("role", reaction.subject_id)


@trial.on(CardPosted)
def posted(ctx, card):
    if card.subject == "role" and ctx.colleague(card.subject_id).role == "troublesome":
        raise ZeroDivisionError


@trial.on(MessageUndeliverable)
def lost(ctx, failed):
    admin = find_member(ctx.session, ctx.workspace.id, "U_ada")
    if admin and failed.member_id != admin.id:
        ctx.post(admin, lambda: Message("Lost", Line(failed.reason)))


@trial.home(1)
def home(ctx):
    return [Line(ctx.member.role or "")]


def does(world, work, workspace="W1"):
    """Run work in one transaction, as an event would; awaits to what work returns."""

    async def run():
        results = []
        await world.dispatcher.tell(Origin("test", workspace, None), lambda ctx: results.append(work(ctx)))
        return results[-1]

    return run()


def says(world, place, text, *, thread=None, workspace="W1"):
    """Promise a message to a channel; its row."""

    def work(ctx):
        channel = find_channel(ctx.session, ctx.workspace.id, place.external_id)
        return ctx.post(channel, lambda: Message(text), thread=thread)

    return does(world, work, workspace)


def shows(world, place, member):
    """Promise the card of a member's role; its row."""

    def work(ctx):
        channel = find_channel(ctx.session, ctx.workspace.id, place.external_id)
        return ctx.post(channel, subject=("role", row_of(ctx, member).id))

    return does(world, work)


def plays(world, member, role):
    """Give a member another role and have the cards that show it drawn again."""

    def work(ctx):
        found = row_of(ctx, member)
        found.role = role
        ctx.refresh("role", found.id)
        ctx.refresh_home(found)

    return does(world, work)


def row_of(ctx, member):
    return find_member(ctx.session, ctx.workspace.id, member.person.external_id)


async def outbox(world):
    """All rows, in the order they were written."""
    return await world.database.read(lambda session: session.exec(select(OutboxRow).order_by(OutboxRow.id)).all())


async def states(world):
    return [(row.kind, row.state) for row in await outbox(world)]


def texts(place):
    return [place.reads().text for _message in range(len(place.unread))]
