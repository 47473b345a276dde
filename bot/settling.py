"""Writing down what has gone out: what is finished together is written together; again, while the book is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from bot.claiming import note_sent, release
from bot.sentlog import ALONE, SentLog, Went
from store.book import Book
from store.units import Units

log = logging.getLogger(__name__)

_AGAIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has gone out and is to be written down before its lease ends (by the steady counter)."""

    went: Went
    until: float
    written: asyncio.Future[None]


class Settling:
    """Writes down what delivery has done.

    Args:
        units: the book.
        steady: a counter of seconds that also runs while this process is paused.
        sent: notes what has gone out before the book can; None: the book alone does.
    """

    def __init__(self, units: Units, steady: Callable[[], float], sent: SentLog | None) -> None:
        self._units = units
        self._steady = steady
        self._sent = sent
        self._recalled = sent is None
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def recall(self) -> None:
        """Note in the book, once, what a process before this one had sent and could not note any more.

        What it had in hand besides need not wait for the end of its lease: who held the notes before us is dead.
        """
        if self._recalled:
            return
        if self._sent is not None and (left := self._sent.left()):
            await self._units.run(lambda book: note_sent(book, left))
            self._sent.forget()
        if self.alone:
            await self._units.run(lambda book: release(book, ALONE))
        self._recalled = True

    @property
    def alone(self) -> bool:
        """Whether no other process sends from this book, as far as such a thing can be known."""
        return self._sent is not None and self._sent.held

    async def went_out(self, went: Went, until: float) -> None:
        """It has gone out; written down when this returns."""
        if self._sent is not None:
            self._sent.note(went)
        waiting = Waiting(went, until, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="settling")
        await waiting.written
        if self._sent is not None:
            self._sent.settled()

    async def patiently(self, work: Callable[[Book], None], until: float) -> None:
        """Run a unit of work; while the book cannot be reached, again, for what is not written down goes out a second
        time when its lease ends.
        """
        while True:
            try:
                await self._units.run(work)
            except DBAPIError:
                if self._steady() >= until:
                    raise
                log.warning("the book cannot be reached", extra={"action": "settle_again"})
                await asyncio.sleep(_AGAIN_S)
            else:
                return

    async def _write(self) -> None:
        """Until nothing waits; what comes meanwhile goes into the next unit."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            went = [one.went for one in batch]
            problem: Exception | None = None
            try:
                await self.patiently(lambda book, rows=went: note_sent(book, rows), min(one.until for one in batch))  # type: ignore[misc]
            except Exception as fault:  # noqa: BLE001  told to everybody who waits for it
                problem = fault
            for one in batch:
                if one.written.done():
                    continue
                if problem is None:
                    one.written.set_result(None)
                else:
                    one.written.set_exception(problem)
