"""How fast one receiver may be written to: WeCom drops what is too much without a word, so we count ourselves."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_TIDY_ABOVE = 2000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages within `seconds`."""

    count: int
    seconds: float


MEMBER_LIMITS = (Limit(30, 60), Limit(1000, 3600))  # the platform's, for one member of one app or one robot chat
WEBHOOK_LIMITS = (Limit(20, 60),)


class Pacer:
    """Counts what was sent to each receiver within sliding windows.

    Args:
        limits: none of them is ever exceeded.
    """

    def __init__(self, limits: tuple[Limit, ...] = MEMBER_LIMITS) -> None:
        self._limits = limits
        self._keep = max(limit.seconds for limit in limits)
        self._sent: dict[str, deque[float]] = {}

    def take(self, receiver: str, now: float, count: int = 1) -> float:
        """Count messages to a receiver: 0 if they may go out now, else the seconds to wait (nothing is counted)."""
        sent = self._sent.setdefault(receiver, deque())
        while sent and sent[0] <= now - self._keep:
            sent.popleft()
        wait = max(self._wait(sent, limit, now, count) for limit in self._limits)
        if wait <= 0:
            sent.extend([now] * count)
            self._tidy(now)
        return max(wait, 0.0)

    def _wait(self, sent: deque[float], limit: Limit, now: float, count: int) -> float:
        inside = [moment for moment in sent if moment > now - limit.seconds]
        surplus = len(inside) + min(count, limit.count) - limit.count
        return inside[surplus - 1] + limit.seconds - now if surplus > 0 else 0.0

    def _tidy(self, now: float) -> None:
        if len(self._sent) > _TIDY_ABOVE:
            self._sent = {name: sent for name, sent in self._sent.items() if sent and sent[-1] > now - self._keep}
