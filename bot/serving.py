"""The long-running process: takes updates, reminds, delivers, until it is told to stop.

Each part works as long as there is something to do, then rests until a commit or the next due moment wakes it. A part
that fails is logged and tried again; it never takes the others with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlmodel import select

from bot.wiring import Assistant
from reminders import sweep
from store.book import Book
from store.tables import Heartbeat

log = logging.getLogger(__name__)

LONGEST_REST_S = 2.0
_AFTER_FAULT_S = 1.0
_BEAT = timedelta(seconds=20)


class Service:
    """Runs an assistant in the background of an event loop.

    Args:
        assistant: wired and ready.
        workers: how many conversations are answered at a time.
    """

    def __init__(self, assistant: Assistant, workers: int = 2) -> None:
        self._assistant = assistant
        self._workers = workers
        self._tasks: list[asyncio.Task[None]] = []
        self._parts: list[asyncio.Event] = []
        self._paused = asyncio.Lock()
        self._beaten: datetime | None = None

    def start(self) -> None:
        """Start the parts; call inside the running loop."""
        loop = asyncio.get_running_loop()

        def _changed() -> None:
            loop.call_soon_threadsafe(self.wake)

        self._assistant.units.listeners.append(_changed)
        for _ in range(self._workers):
            self._start("inbox", self._assistant.worker.work)
        self._start("reminders", self._remind)
        self._start("delivery", self._deliver)

    async def stop(self) -> None:
        """Let each part finish what it has in hand."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """Something has changed: look at once."""
        for part in self._parts:
            part.set()

    def pause(self) -> asyncio.Lock:
        """Held, no part begins anything new (a demonstration moves its clock)."""
        return self._paused

    def _start(self, name: str, step: Callable[[], Awaitable[bool]]) -> None:
        woken = asyncio.Event()
        self._parts.append(woken)
        self._tasks.append(asyncio.create_task(self._run(name, step, woken), name=name))

    async def _run(self, name: str, step: Callable[[], Awaitable[bool]], woken: asyncio.Event) -> None:
        while True:
            woken.clear()
            try:
                async with self._paused:
                    pass
                busy = await step()
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("a part failed", extra={"action": "part_failed", "part": name})
                await asyncio.sleep(_AFTER_FAULT_S)
                continue
            if not busy:
                await self._rest(woken)

    async def _rest(self, woken: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(woken.wait(), LONGEST_REST_S)
        except TimeoutError:
            return

    async def _remind(self) -> bool:
        swept = await self._assistant.units.run(sweep)
        await self._beat()
        return bool(swept.count)

    async def _deliver(self) -> bool:
        return bool(await self._assistant.delivery.pump())

    async def _beat(self) -> None:
        now = self._assistant.units.clock()
        if self._beaten is None or now - self._beaten >= _BEAT or now < self._beaten:
            self._beaten = now
            await self._assistant.units.run(_note_beat)


def _note_beat(book: Book) -> None:
    row = book.session.exec(select(Heartbeat).where(Heartbeat.name == "sweep")).first()
    row = row or Heartbeat(name="sweep", at=book.now)
    row.at = book.now
    book.session.add(row)
