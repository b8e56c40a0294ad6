"""A world for each story, on both kinds of database."""

import pytest

from bot.features import FEATURES
from tests.world import a_world


@pytest.fixture
def features():
    return FEATURES


@pytest.fixture
async def world(database, features):
    async with a_world(database, features) as world:
        yield world
