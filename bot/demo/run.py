"""`python -m bot demo`: begins the demo, says where it is, and ends it when told to."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import sys
import tempfile
import webbrowser
from dataclasses import dataclass
from pathlib import Path

from bot.app import fast_loop
from bot.demo import PORT, company, keeping
from bot.demo.serving import DATABASE, Demo, a_demo
from bot.playground.page import LOOPBACK
from bot.settings import Misconfigured

WRONG = 2  # the exit code for what a person has to mend


@dataclass(frozen=True)
class Wanted:
    """What the command line says."""

    host: str = LOOPBACK[0]
    port: int = PORT
    folder: Path | None = None  # where it is kept; None: nowhere
    is_fresh: bool = False
    opens: bool = False


def main(wanted: Wanted) -> int:
    """The exit code: 0 when told to stop, 2 where somebody has to mend something."""
    logging.basicConfig(level=logging.ERROR)
    try:
        with tempfile.TemporaryDirectory(prefix="parley-demo-") as temporary:
            folder = wanted.folder or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            if wanted.is_fresh:
                keeping.forget(folder, DATABASE)
            with asyncio.Runner(loop_factory=fast_loop()) as runner:
                runner.run(_serve(wanted, folder))
    except keeping.Unusable as error:
        return _refuse(str(error))
    except Misconfigured as error:
        return _refuse(*error.problems)
    except OSError as error:
        return _refuse(_why(wanted, error))
    return 0


async def _serve(wanted: Wanted, folder: Path) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    running, stopping = asyncio.ensure_future(_run(wanted, folder)), asyncio.ensure_future(told.wait())
    await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not running.done():
        running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def _run(wanted: Wanted, folder: Path) -> None:
    async with a_demo(folder, wanted.host, wanted.port) as demo:
        gc.enable()
        for line in _greeting(wanted, demo):
            print(line, flush=True)  # noqa: T201 - this is what the command is for
        if wanted.opens:
            await asyncio.to_thread(webbrowser.open, demo.slack.url)
        await asyncio.Event().wait()


def _greeting(wanted: Wanted, demo: Demo) -> list[str]:
    is_local = wanted.host in (*LOOPBACK, "::1")
    reach = "Only this machine can reach it." if is_local else f"Whoever reaches {wanted.host} can open it."
    kept = f"What you do is kept in {wanted.folder}." if wanted.folder else "What you do is forgotten when it ends."
    return [f"Parley is ready: {demo.slack.url}", f"You are at {company.NAME}. {reach} {kept}", "Ctrl-C ends it."]


def _why(wanted: Wanted, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {wanted.port} is taken, perhaps by another demo. Choose another: --port {wanted.port + 1}"
    if error.errno in (errno.EADDRNOTAVAIL, errno.EACCES) and error.filename is None:
        return f"{wanted.host}:{wanted.port} cannot be used: {error.strerror}."
    return f"{error.filename or wanted.host} cannot be used: {error.strerror or error}."


def _refuse(*sentences: str) -> int:
    sys.stderr.writelines(f"{sentence}\n" for sentence in sentences)
    return WRONG
