"""Assistant: the rooms put together, the same for serving, rehearsing and the demonstration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine

from bot import delivery, inbox
from bot.claiming import next_due
from bot.sentlog import beside
from conversations.channels import Channel
from conversations.desk import Desk
from reminders import Planner, next_wake, sweep
from store.book import Book
from store.units import Units

_ROUNDS = 10_000


class Assistant:
    """Book, desk, reminders, inbox worker and delivery.

    Args:
        engine: an open, migrated database.
        clock: what time it is.
        channels: the platforms that are on, by name.
        always: channels on which everybody is known by key.
        only: deliver to this person alone (a terminal beside a server).
        at_once: how many messages are answered, and sent, at a time.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        channels: Mapping[str, Channel],
        always: Sequence[str] = (),
        only: str | None = None,
        at_once: int = 1,
    ) -> None:
        self.units = Units(engine, clock=clock, planner=Planner())
        self.desk = Desk()
        self.worker = inbox.InboxWorker(self.units, self.desk, channels, at_once)
        self._sent = beside(engine) if only is None else None
        self.alone = self._sent is not None and self._sent.hold()  # no other process serves this book
        self.delivery = delivery.Delivery(
            self.units, channels, always, only, at_once, log=self._sent if self.alone else None
        )

    async def settle(self) -> None:
        """Do everything that is due now: answer, remind, send, until nothing is left."""
        for _ in range(_ROUNDS):
            busy = await self.worker.work()
            busy = bool((await self.units.run(sweep)).count) or busy
            busy = bool(await self.delivery.pump()) or busy
            if not busy:
                return
        raise RuntimeError("the assistant does not come to rest")

    async def advance(self, set_clock: Callable[[datetime], Awaitable[None]], to: datetime) -> None:
        """Move a clock forward; what is due on the way happens at its own moment, in order.

        Args:
            set_clock: moves the clock that this assistant was given; an earlier moment leaves it where it is.
            to: where it ends.
        """
        while True:
            await self.settle()
            moment = await self.next_moment()
            if moment is None or moment > to:
                break
            await set_clock(moment)
        await set_clock(to)
        await self.settle()

    async def next_moment(self) -> datetime | None:
        """When something is due next, if anything is."""
        return await self.units.look(_next_moment)

    def close(self) -> None:
        """Let go of the database."""
        self.units.close()
        if self._sent is not None:
            self._sent.close()


def _next_moment(book: Book) -> datetime | None:
    moments = (next_wake(book), next_due(book), inbox.next_retry(book))
    return min((moment for moment in moments if moment is not None), default=None)
