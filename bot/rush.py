"""A rush: so many updates at once that keeping them goes before answering."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Rush:
    """Whether updates arrive in such numbers that keeping them goes before answering: platforms wait for seconds only.

    Args:
        steady: a counter of seconds.
    """

    MANY = 32
    """So many kept together are a rush."""
    OVER_S = 0.2
    LONGEST_S = 15.0
    """Answers wait no longer than this, whatever still arrives."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._since = self._last = -self.LONGEST_S

    def note(self, kept: int) -> None:
        """So many were kept together."""
        if kept >= self.MANY:
            now = self._steady()
            if now - self._last >= self.OVER_S:
                self._since = now
            self._last = now

    @property
    def is_on(self) -> bool:
        """Whether answers are to wait."""
        now = self._steady()
        return now - self._last < self.OVER_S and now - self._since < self.LONGEST_S

    async def over(self) -> None:
        """Until answers may be given."""
        while self.is_on:  # noqa: ASYNC110  it ends by nothing happening
            await asyncio.sleep(self.OVER_S / 10)
