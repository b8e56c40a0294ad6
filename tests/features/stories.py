"""What several stories begin with."""

import pytest
from sqlmodel import select

from storage.calendars import timetable
from storage.clocks import Clock, Course
from storage.questions import pauses_of

# For what is said and decided in a story each of whose statements other stories make on PostgreSQL too. The first story
# of a subject, and what depends on an order, on letters, on instants or on others at work, is told on both.
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


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


async def courses(world):
    """How every clock of a lead runs or ran, the first first."""

    def look(session):
        for clock in session.exec(select(Clock).where(Clock.subject == "lead").order_by(Clock.id)):
            of = session, clock.workspace_id
            pauses = pauses_of(*of, {clock.subject_id}).get(clock.subject_id, ())
            yield Course(clock, timetable(*of, clock.responsible_id), pauses)

    return await world.database.read(lambda session: list(look(session)))
