"""Ours: a thousand steps fall due at one moment, of a million open ones. `due_fire.py [STEPS] [idle]`.

The serving parts as they run: clock, sweep, delivery, to a channel that throws everything away. From half a second
before the moment until the thousand have been handed out: CPU, lateness of the first and the last, memory above the
empty process. With `idle`: CPU of so many seconds in which nothing is due.
"""

import asyncio
import gc
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from due_book import AT, DUE, book_file
from measuring import cpu_s, rss_mb, tell
from workload import remove

AHEAD_S, IDLE_S = 6.0, 20.0


class Nowhere:
    """A channel that takes everything at once; when, is noted."""

    def __init__(self) -> None:
        from conversations.channels import Abilities

        self.abilities = Abilities(buttons=10, edits=True, files=True, max_text=4000)
        self.name = "console"
        self.taken: list[float] = []
        self.subjects: set[str] = set()

    async def send(self, message):
        self.taken.append(time.time())
        self.subjects.update(button.action for button in message.buttons if button.action.startswith("step.ack"))
        return message.key


async def fire(path: Path, *, idle: bool) -> None:
    from bot import collecting
    from bot.serving import Service
    from bot.wiring import Assistant
    from store.units import open_engine

    empty = rss_mb()
    due = time.time() + AHEAD_S + (IDLE_S + 5 if idle else 0)
    off = AT - datetime.fromtimestamp(due, UTC)
    channel = Nowhere()
    assistant = Assistant(
        open_engine(f"sqlite:///{path}"),
        lambda: datetime.now(UTC) + off,
        {"console": channel},
        ("console",),
        at_once=16,
    )
    service = Service(assistant)
    service.start()
    collecting.settle()  # as `gendan serve` does when all stands
    if idle:
        await asyncio.sleep(3)
        before = cpu_s()
        await asyncio.sleep(IDLE_S)
        tell(round(100 * (cpu_s() - before) / IDLE_S, 3), unit="% of a core, nothing due")
        await service.stop()
        return
    await asyncio.sleep(due - time.time() - 0.5)
    gc.collect()
    before = cpu_s()
    until = time.time() + 300
    while len(channel.taken) < DUE and time.time() < until:  # noqa: ASYNC110  looked at from outside
        await asyncio.sleep(0.02)
    cpu = cpu_s() - before
    await asyncio.sleep(0.5)
    await service.stop()
    tell(
        round(1000 * cpu, 1), unit="ms CPU", count=len(channel.taken),
        right=len(channel.subjects) == DUE == len(channel.taken),
        first_ms=round(1000 * (channel.taken[0] - due)), last_ms=round(1000 * (channel.taken[-1] - due)),
        memory_mb=round(rss_mb() - empty, 1),
    )  # fmt: skip


def main() -> None:
    from bot import collecting

    collecting.seldom()
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    path = book_file(steps)
    try:
        asyncio.run(fire(path, idle="idle" in sys.argv[2:]))
    finally:
        remove(path)


if __name__ == "__main__":
    main()
