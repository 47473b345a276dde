"""Lanes of delivery: one a platform, so that one that is slow or hangs never holds up what goes out over another."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lane(Generic[T]):
    """What waits to go out over one platform, and those who carry it, so many at a time.

    Args:
        most: how many carry at a time.
        carry: sends one thing; what it raises is kept for `fault`.
        steady: a counter of seconds.
    """

    def __init__(self, most: int, carry: Callable[[T], Awaitable[None]], steady: Callable[[], float]) -> None:
        self._most, self._carry, self._steady = most, carry, steady
        self._waiting: deque[T] = deque()
        self.workers: set[asyncio.Task[None]] = set()
        self.fault: Exception | None = None
        self.pace = 0.0
        """Things a second, of the last stretch without rest; 0: not known yet."""
        self._began, self._gone = 0.0, 0

    @property
    def is_open(self) -> bool:
        """Whether more may be handed over: nothing waits for somebody to carry it."""
        return not self._waiting

    def hand_over(self, things: list[T]) -> None:
        """Let these go out, in their order as far as hands are free."""
        if not self.workers:
            self._began, self._gone = self._steady(), 0
        self._waiting.extend(things)
        while len(self.workers) < min(self._most, len(self._waiting)):
            self.workers.add(asyncio.create_task(self._work(), name="sending"))

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._try(self._waiting.popleft())
                self._gone += 1
                self.pace = self._gone / max(self._steady() - self._began, 0.001)
        finally:
            self.workers.discard(asyncio.current_task())

    async def _try(self, thing: T) -> None:
        """Carry one; what goes wrong with it must not leave the others waiting."""
        try:
            await self._carry(thing)
        except Exception as fault:  # noqa: BLE001  told to whoever waits
            self.fault = fault
