"""Parley's processes: commands that come to their end, and those that run until they are told to stop.

What they need is loaded once, in a server that forks, and each process goes on from there. How one starts from nothing
is what `test_running.start` shows.
"""

import asyncio
import multiprocessing
import os
import runpy
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
WITHIN = 60.0  # seconds for any command: it bounds what hangs
SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["alembic.command", "psycopg", "typer", "bot.app"])


class Forked:
    """A process that runs a command of Parley's, with these variables only; leaving it ends the process."""

    def __init__(self, arguments, variables, folder=ROOT):
        self._arguments, self._variables, self._folder = arguments, variables, folder

    async def __aenter__(self):
        self._said = TemporaryDirectory()
        self._files = Path(self._said.name, "out"), Path(self._said.name, "errors")
        self._process = forks.Process(target=_run, args=(self._arguments, self._variables, self._folder, self._files))
        self._process.start()
        return self

    async def __aexit__(self, *_):
        self._process.kill()
        self._process.join()
        self._process.close()
        self._said.cleanup()

    def gets(self, how):
        os.kill(self._process.pid, how)

    async def ends(self, within=WITHIN):
        """Its exit code, and everything it said."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            async with asyncio.timeout(within):
                await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        return self._process.exitcode, await asyncio.to_thread(self._read)

    def _read(self):
        return "".join(file.read_text() for file in self._files)


async def finished(environment, *arguments, **more):
    """A command's exit code, and everything it said; with these variables only."""
    variables = {**inherited(), **environment, **more}
    async with Forked(arguments, variables) as process:
        code, said = await process.ends()
    assert "Traceback" not in said, said
    for name in SECRETS:
        secret = variables.get(name)
        assert not secret or len(secret) < 8 or secret not in said, said
    return code, said


def inherited():
    """What a process needs of the surroundings."""
    names = ("PATH", "HOME", "TMPDIR", "COVERAGE_PROCESS_START")
    return {name: os.environ[name] for name in names if name in os.environ}


def _run(arguments, variables, folder, files):
    for number, path in enumerate(files, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    sys.argv[1:] = arguments
    sys.dont_write_bytecode = False
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
