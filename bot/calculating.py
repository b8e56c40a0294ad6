"""Starts the child processes that compute: scipy and the like never enter the running server."""

import asyncio
import json
import sys
from typing import Any

WITHIN = 60.0  # seconds


class CalculationFailed(Exception):
    """A child process ended without an answer, or took too long; its text says what the child said last."""


async def calculate(name: str, question: Any) -> Any:
    """The answer of `bot/calculations/<name>.py`; both are JSON. Raises CalculationFailed."""
    return await answer(await begin(name), name, question)


async def begin(name: str) -> asyncio.subprocess.Process:
    """A child that loads what it needs while something else is done, and waits to be asked."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.calculations",
        name,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def answer(child: asyncio.subprocess.Process, name: str, question: Any) -> Any:
    """Ask a child, once: it ends then."""
    try:
        async with asyncio.timeout(WITHIN):
            said, trouble = await child.communicate(await asyncio.to_thread(_encoded, question))
    except TimeoutError:
        raise CalculationFailed(f"{name} took longer than {WITHIN:.0f} s") from None
    finally:
        await end(child)
    if child.returncode:
        raise CalculationFailed(f"{name}: {trouble.decode(errors='replace').strip()[-300:]}")
    return json.loads(said)


async def end(child: asyncio.subprocess.Process) -> None:
    """Nobody will ask it any more."""
    if child.returncode is None:
        child.kill()
        await child.wait()


def _encoded(question: Any) -> bytes:
    """Piece by piece: `json.dumps` lets no other thread run before it is done; with 5,000 sign-ups that is 80 ms."""
    return "".join(json.JSONEncoder().iterencode(question)).encode()
