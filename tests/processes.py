"""Parley's commands, each in a process of its own that comes to its end.

What all commands need is loaded once, in a server that forks; a command itself is loaded in each process anew. How it
starts from nothing is what `test_running.start` shows.
"""

import asyncio
import multiprocessing
import os
import runpy
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
WITHIN = 20.0  # seconds for any command
SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(
    ["aiohttp.web", "alembic.command", "psycopg", "slack_bolt.app.async_app", "typer", "bot.features", "bot.settings"]
)


async def finished(environment, *arguments, **more):
    """A command's exit code, and everything it said; with these variables only."""
    variables = {**inherited(), **environment, **more}
    with TemporaryDirectory() as folder:
        out, errors = Path(folder, "out"), Path(folder, "errors")
        process = forks.Process(target=_run, args=(arguments, variables, out, errors))
        process.start()
        try:
            async with asyncio.timeout(WITHIN):
                await _end(process)
        finally:
            process.kill()
            process.join()
        said = await asyncio.to_thread(lambda: out.read_text() + errors.read_text())
    code = process.exitcode
    process.close()
    assert "Traceback" not in said, said
    for name in SECRETS:
        secret = variables.get(name)
        assert not secret or len(secret) < 8 or secret not in said, said
    return code, said


def inherited():
    """What a process needs of the surroundings."""
    names = ("PATH", "HOME", "TMPDIR", "COVERAGE_PROCESS_START")
    return {name: os.environ[name] for name in names if name in os.environ}


async def _end(process):
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)


def _run(arguments, variables, out, errors):
    for number, path in ((1, out), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(ROOT)
    sys.argv[1:] = arguments
    sys.dont_write_bytecode = False
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
