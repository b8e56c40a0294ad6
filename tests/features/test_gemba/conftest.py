"""A company with both sides' channels, and an admin who organises job swaps."""

import pytest


@pytest.fixture
async def sales(world):
    return await world.channel("sales")


@pytest.fixture
async def marketing(world):
    return await world.channel("marketing")


@pytest.fixture
async def ada(world):
    return await world.member("Ada", "other", is_admin=True)


@pytest.fixture
async def company(world, sales, marketing, ada):
    """The channels of both sides and who organises."""
    return ada
