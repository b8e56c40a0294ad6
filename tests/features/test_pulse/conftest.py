"""Where stories of the pulse take place."""

import pytest


@pytest.fixture
async def sales(world):
    return await world.channel("sales")
