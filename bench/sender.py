"""A sender of ready bytes: as fast as answers come (closed loop), or on a schedule that waits for nobody (open)."""

import asyncio
import statistics
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

PATIENCE = 10.0  # seconds after the last request in which answers are waited for
MOST_CONNECTIONS = 6000
OPENED_AT_ONCE = 16  # a moment's pause must not become hundreds of handshakes, which cost a server more than requests
BUSY = b"busy"
CRAWL = 0.001  # seconds between two looks at the schedule


@dataclass(slots=True)
class Sent:
    """What became of the requests of one run; times are seconds, from when a request was due."""

    seconds: float = 0.0
    in_time: int = 0  # good answers within these seconds
    took: list[float] = field(default_factory=list)
    good: list[int] = field(default_factory=list)  # the numbers of the requests that were done
    refused: list[int] = field(default_factory=list)  # those that were refused in words
    failed: list[str] = field(default_factory=list)  # what became of the others

    @property
    def rate(self) -> float:
        return self.in_time / self.seconds

    @property
    def slowest(self) -> float:
        return max(self.took, default=0.0)

    def quantile(self, percent: int) -> float:
        if len(self.took) < 2:
            return self.slowest
        return statistics.quantiles(self.took, n=100)[percent - 1]


class Sender:
    """Connections to one server; `word` stands in every good answer, BUSY in one that refuses."""

    def __init__(self, port: int, word: bytes = b"") -> None:
        self._port, self._word = port, word
        self._all: set[_Connection] = set()
        self._idle: deque[_Connection] = deque()
        self._opening = 0
        self._sent = Sent()
        self._feed: Iterator[tuple[int, bytes]] = enumerate(())
        self._due: deque[tuple[int, bytes, float]] = deque()  # what should be on its way and has no connection yet
        self._waiting = 0  # requests without an answer

    async def saturate(self, requests: Iterable[bytes], seconds: float, connections: int) -> Sent:
        """Closed loop: each connection sends the next request when it has its answer, until time or requests end."""
        await self._open(connections - len(self._all))
        self._sent = sent = Sent()
        self._feed = enumerate(requests)
        began = perf_counter()
        while self._idle:
            self._next(self._idle.popleft())
        while self._waiting and perf_counter() - began < seconds:  # noqa: ASYNC110 - what happens, happens in between
            await asyncio.sleep(0.005)
        sent.seconds, sent.in_time, self._feed = perf_counter() - began, len(sent.good), enumerate(())
        await self._settle()
        return sent

    async def schedule(self, requests: Sequence[bytes], rate: float) -> Sent:
        """Open loop: request n is due n / rate seconds after the first, whatever became of those before it."""
        self._sent = sent = Sent()
        began = perf_counter()
        number = 0
        while number < len(requests):
            due = min(len(requests), int((perf_counter() - began) * rate) + 1)
            while number < due:
                self._due.append((number, requests[number], began + number / rate))
                number += 1
            self._dispatch()
            await asyncio.sleep(CRAWL)
        sent.seconds, sent.in_time = perf_counter() - began, len(sent.good)
        await self._settle()
        return sent

    async def close(self) -> None:
        for connection in list(self._all):
            connection.close()
        await asyncio.sleep(0)

    def answered(self, connection: "_Connection", status: int, body: bytes) -> None:
        sent = self._sent
        sent.took.append(perf_counter() - connection.due)
        if 200 <= status < 300 and self._word in body:
            sent.good.append(connection.number)
        elif BUSY in body:
            sent.refused.append(connection.number)
        else:
            sent.failed.append(f"{status} {body[:200]!r}")
        self._waiting -= 1
        self._next(connection)
        if self._due:
            self._dispatch()

    def ended(self, connection: "_Connection", is_waiting: bool) -> None:
        self._all.discard(connection)
        if is_waiting:
            self._waiting -= 1
            self._sent.failed.append("the connection ended")
        elif connection in self._idle:
            self._idle.remove(connection)

    def _next(self, connection: "_Connection") -> None:
        """In a closed loop, send the next request; else the connection is free."""
        if following := next(self._feed, None):
            self._waiting += 1
            connection.send(*following, perf_counter())
        else:
            self._idle.append(connection)

    def _send(self, number: int, request: bytes, due: float) -> None:
        self._waiting += 1
        self._idle.popleft().send(number, request, due)

    def _dispatch(self) -> None:
        while self._due and self._idle:
            self._send(*self._due.popleft())
        missing = min(len(self._due), OPENED_AT_ONCE, MOST_CONNECTIONS - len(self._all)) - self._opening
        for _ in range(missing):
            self._opening += 1
            task = asyncio.get_running_loop().create_task(self._open_one())
            task.add_done_callback(lambda _task: self._dispatch())

    async def _open_one(self) -> None:
        try:
            await self._open(1)
        except OSError:
            await asyncio.sleep(0.05)
        finally:
            self._opening -= 1

    async def _open(self, connections: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._port)
            self._all.add(connection)
            self._idle.append(connection)

    async def _settle(self) -> None:
        """Wait for the answers that are missing; what has none then is lost."""
        until = perf_counter() + PATIENCE
        while (self._waiting or self._due) and perf_counter() < until:  # noqa: ASYNC110 - what happens, happens in between
            await asyncio.sleep(0.01)
        self._sent.failed += ["no answer came"] * (self._waiting + len(self._due))
        self._waiting = 0
        self._due.clear()


class _Connection(asyncio.Protocol):
    """Keep-alive, one request at a time; reads just enough of HTTP to know where an answer ends."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._buffer = b""
        self._is_waiting = False
        self.number, self.due = 0, 0.0

    def send(self, number: int, request: bytes, due: float) -> None:
        self.number, self.due, self._is_waiting = number, due, True
        self._transport.write(request)

    def close(self) -> None:
        self._is_waiting = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        head = buffer.find(b"\r\n\r\n")
        if head < 0 or (end := _end(buffer, head)) > len(buffer):
            self._buffer = buffer
            return
        self._buffer = b""
        self._is_waiting = False
        self._sender.answered(self, int(buffer[9:12]), buffer[head + 4 : end])

    def connection_lost(self, error: Exception | None) -> None:
        self._sender.ended(self, self._is_waiting)


def _end(buffer: bytes, head: int) -> int:
    """Where the answer ends; beyond the buffer where more must come."""
    at = buffer.find(b"Content-Length: ", 0, head)
    if at < 0:
        at = buffer.find(b"content-length: ", 0, head)
    if at >= 0:
        return head + 4 + int(buffer[at + 16 : buffer.find(b"\r", at)])
    if b"chunked" in buffer[:head]:
        return len(buffer) if buffer.endswith(b"0\r\n\r\n") else len(buffer) + 1
    return head + 4
