"""A world for each story, on both kinds of database."""

import pytest

from tests.world import a_world


@pytest.fixture
async def world(database):
    async with a_world(database) as world:
        yield world
