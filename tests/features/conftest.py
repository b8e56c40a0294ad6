"""A world for each story, on both kinds of database, and who and what most stories need."""

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


@pytest.fixture
async def ana(world):
    return await world.member("Ana", "sales")


@pytest.fixture
async def bo(world):
    return await world.member("Bo", "sales")


@pytest.fixture
async def mo(world):
    return await world.member("Mo", "marketing")


@pytest.fixture
async def leads(world):
    return await world.channel("leads")


@pytest.fixture
async def marketing(world):
    return await world.channel("marketing")
