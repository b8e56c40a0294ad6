"""The whole loop on the platform, over HTTP and Socket Mode."""

import pytest

from bot.features import FEATURES
from tests.platforms.loop import Loop
from tests.platforms.stage import a_stage


@pytest.mark.parametrize("transport", ["http", "socket"])
async def test_the_loop_is_played_from_set_up_to_that_helps(file_database, transport):
    async with a_stage(file_database, transport, FEATURES) as stage:
        loop = await Loop(stage).plays()
        end = loop.end()

    card = next(text for text in end["leads"] if text.startswith("L-1 · Acme & Söhne <Ltd>"))
    assert "Rejected , with" in card
    assert "outside the agreed customer profile (reject R8) . only three employees" in card
    assert any(": we filter out firms under ten people" in text for text in end["leads"])
    assert any("Seen by Mo." not in text and "That helps: 1" in text for text in end["marketing"])
    assert any("You said: that helps." in text for text in end["Ana"])
