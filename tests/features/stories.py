"""What several stories begin with."""

from sqlmodel import select


async def a_lead(world, member, leads, owner=None, company="Acme Ltd", campaign=""):
    """Somebody adds a lead; its card stands in the leads channel."""
    words = [company, "webinar", *([campaign] if campaign else [])]
    owned = [f"<@{owner.person.external_id}>"] if owner else []
    await member.types(f"/lead add {', '.join([*words, *owned])}")
    assert "Added" in member.reads()
    return leads.reads()


async def rows(world, table):
    """All rows of a table, oldest first."""
    return await world.database.read(lambda session: session.exec(select(table).order_by(table.id)).all())
