"""Writing down what has gone out: what is finished together is written together; again, while the book is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from bot.claiming import note_sent, release
from bot.sentlog import ALONE, SentLog, Went
from store.book import Book
from store.units import Units

log = logging.getLogger(__name__)

_AGAIN_S = 0.5


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
        self._waiting: list[tuple[Went, float]] = []
        self._writer: asyncio.Task[None] | None = None
        self._problem: Exception | None = None

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

    @property
    def writing(self) -> bool:
        """Whether something that has gone out is not written down yet."""
        return self._writer is not None

    def went_out(self, went: Went, until: float) -> None:
        """It has gone out; it is written down soon, before its lease ends (`until`, by the steady counter)."""
        if self._sent is not None:
            self._sent.note(went)
        self._waiting.append((went, until))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="settling")

    async def written(self) -> None:
        """Everything that has gone out is written down when this returns. Raises what stood in the way."""
        while self._writer is not None:
            await asyncio.shield(self._writer)
        problem, self._problem = self._problem, None
        if problem is not None:
            raise problem

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
            went = [one for one, _ in batch]
            try:
                await self.patiently(lambda book, rows=went: note_sent(book, rows), min(until for _, until in batch))  # type: ignore[misc]
            except Exception as fault:  # noqa: BLE001  told to whoever asks whether all is written down
                self._problem = fault
                continue
            if self._sent is not None:
                self._sent.settled(len(went))
        self._writer = None
