"""The company of most stories of the pulse."""

import pytest

from tests.features.test_pulse.weeks import a_company


@pytest.fixture
async def company(world):
    return await a_company(world)


@pytest.fixture
async def sales(world):
    return await world.channel("sales")
