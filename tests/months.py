"""The demo's month, played once for all tests and all processes that run them: whoever wants it has a copy."""

import asyncio
import os
import shutil
from pathlib import Path

from filelock import FileLock

from bot.demo.keeping import NAME


def a_played_month(tmp_path_factory) -> Path:
    """A folder from which a demo goes on; nobody may, but in a copy."""
    run = tmp_path_factory.getbasetemp()
    folder = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "played"
    with FileLock(f"{folder}.lock"):
        if not (folder / NAME).exists():
            folder.mkdir()
            with asyncio.Runner() as runner:
                runner.run(_play(folder))
    return folder


async def _play(folder: Path) -> None:
    from bot.demo.serving import a_demo  # all of Parley, which pytest's controller needs not

    async with a_demo(folder) as demo:
        assert not demo.slack.journal.troubles


def a_copy(played: Path, tmp_path_factory) -> Path:
    return Path(shutil.copytree(played, tmp_path_factory.mktemp("demo") / "kept"))
