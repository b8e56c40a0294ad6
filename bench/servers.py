"""The processes that are measured: each on one core, with a database of its own; what they cost in time and memory."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.requests import SECRET, TOKEN

ROOT = Path(__file__).parents[1]
SERVER_CORE, SENDER_CORE = 0, 1
READY_WITHIN, GONE_WITHIN = 60.0, 20.0
LOOK_EVERY = 0.005


@dataclass(frozen=True)
class Process:
    pid: int
    port: int
    ready_after: float  # seconds from exec until it was ready

    @property
    def memory(self) -> float:
        """VmRSS in megabytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def pin(core: int) -> None:
    """Keep this process on one core, where there is more than one."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


@contextlib.contextmanager
def running(
    command: Sequence[str],
    port: int,
    folder: Path,
    path: str,
    environment: Mapping[str, str] | None = None,
    core: int = SERVER_CORE,
) -> Iterator[Process]:
    """A server on a core, from when `path` is answered; told to stop at the end. What it says stands in `folder`."""
    began = time.perf_counter()
    with (folder / f"{Path(command[0]).name}-{port}.log").open("w") as log:
        process = subprocess.Popen(
            command,
            env=_clean() | dict(environment or {}),
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: pin(core),
        )
        try:
            while not _answers(port, path):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK_EVERY)
                if process.returncode is not None or time.perf_counter() - began > READY_WITHIN:
                    raise RuntimeError(f"{command} did not start:\n{Path(log.name).read_text()[-3000:]}")
            yield Process(process.pid, port, time.perf_counter() - began)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(GONE_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def parley(port: int, stub: int, database: Path) -> dict[str, str]:
    """The environment of a real Parley that is served by HTTP."""
    return {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{stub}/api/",
        "DATABASE_URL": f"sqlite:///{database}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


def _clean() -> dict[str, str]:
    kept = ("PATH", "HOME", "TMPDIR", "NODE_PATH", "LANG")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONPATH": str(ROOT)}


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as refusal:
        return path == "/" and refusal.code in (404, 405)  # a server without such a page serves all the same
    except OSError:
        return False
