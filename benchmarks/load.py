"""A web server under load: starts it as a child, sends requests over keep-alive connections, reads its CPU time."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from measuring import percentile

Make = Callable[[int], tuple[dict[str, str], bytes]]
"""Headers and body of the n-th request."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def child(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process that is ended at the end."""
    process = subprocess.Popen([sys.executable, *arguments], stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_of(pid: int) -> float:
    """User and system seconds of a process."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_open(port: int, seconds: float = 60.0) -> None:
    """Until something listens there."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def wait_until_serving(port: int, seconds: float = 120.0) -> None:
    """Until `gendan serve` answers: it takes its address before anything else, and is asked in vain for a while."""
    wait_until_open(port, seconds)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=seconds) as answer:
        answer.read()


@dataclass
class Answers:
    """What came back: status codes of each request by its number, and seconds it took."""

    status: dict[int, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    wall: float = 0.0

    def count(self, status: int = 200) -> int:
        """How many had that status."""
        return sum(one == status for one in self.status.values())

    def percentile_ms(self, share: float) -> float:
        """A percentile of the times, in milliseconds."""
        return round(percentile(self.took, share) * 1000, 2)


async def fire(port: int, path: str, make: Make, *, connections: int, seconds: float, first: int = 0) -> Answers:
    """Send requests for so many seconds over so many connections, each as soon as the one before it is answered."""
    answers, numbers = Answers(), iter(range(first, 10**9))
    started = time.perf_counter()
    until = started + seconds

    async def one_connection() -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while time.perf_counter() < until:
                number = next(numbers)
                headers, body = make(number)
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
                sent = time.perf_counter()
                writer.write(head.encode() + body)
                top = await reader.readuntil(b"\r\n\r\n")
                length = top.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                if length.strip():
                    await reader.readexactly(int(length))
                answers.took.append(time.perf_counter() - sent)
                answers.status[number] = int(top[9:12])
            writer.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the server was killed

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    answers.wall = time.perf_counter() - started
    return answers
