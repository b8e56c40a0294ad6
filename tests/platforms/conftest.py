"""Golden cards, and Parley at work in a local Slack.

`pytest tests/platforms --golden` writes the cards anew; the diff in git then shows what changed.
"""

import json
from pathlib import Path

import pytest

from tests.platforms.stage import a_stage

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="write the golden cards anew")


@pytest.fixture
def golden(request):
    """Compares a card with the one kept under this name, such as `slack/facts`."""

    def compare(name, card):
        path = GOLDEN / f"{name}.json"
        drawn = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
        if request.config.getoption("--golden", default=False):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(drawn, encoding="utf-8")
        assert drawn == path.read_text(encoding="utf-8"), f"{name} looks different; see {__file__}"

    return compare


@pytest.fixture
def file_database(sqlite):
    """An SQLite file at head, without rows."""
    with sqlite.migrated() as url:
        yield url


@pytest.fixture(params=["http", "socket"])
async def stage(request, file_database):
    """The same story by signed HTTP and by Socket Mode."""
    async with a_stage(file_database, request.param) as stage:
        yield stage


@pytest.fixture
async def http(file_database):
    async with a_stage(file_database) as stage:
        yield stage
