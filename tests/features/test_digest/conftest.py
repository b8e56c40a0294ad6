"""Who and where most stories of digests need."""

from datetime import timedelta

import pytest

from tests.features.test_digest.mornings import MONDAY


@pytest.fixture
async def ada(world):
    world.now = MONDAY + timedelta(hours=1)  # today's digest would have come already
    return await world.member("Ada", "other", is_admin=True)


@pytest.fixture
async def shared(world):
    return await world.channel("shared", "alignment")
