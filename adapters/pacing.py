"""How fast one may write: platforms punish what is too much, or drop it without a word, so we count ourselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TIDY_ABOVE = 2000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages within `seconds`."""

    count: int
    seconds: float


Limits = Mapping[str, Sequence[Limit]]
"""What one message counts for: names (everybody's, a chat's, a method's), each with the limits that hold for it."""


class Pacer:
    """Counts what was sent under each name, within sliding windows that are never exceeded."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[float]] = {}

    def take(self, limits: Limits, now: float) -> float:
        """Count one message: 0 if it may go out now, else the seconds to wait (nothing is counted then)."""
        wait = max((self._wait(name, limit, now) for name, those in limits.items() for limit in those), default=0.0)
        if wait > 0:
            return wait
        for name, those in limits.items():
            sent = self._sent.setdefault(name, deque())
            sent.append(now)
            while len(sent) > max(limit.count for limit in those):
                sent.popleft()
        if len(self._sent) > _TIDY_ABOVE:
            self._sent = {name: sent for name, sent in self._sent.items() if sent[-1] > now - 60}
        return 0.0

    def _wait(self, name: str, limit: Limit, now: float) -> float:
        sent = self._sent.get(name, ())
        return sent[-limit.count] + limit.seconds - now if len(sent) >= limit.count else 0.0
