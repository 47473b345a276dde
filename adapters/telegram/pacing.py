"""How fast one may write: Telegram answers what is too much with a penalty for everybody, so we count ourselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TIDY_ABOVE = 2000
_EVERYBODY = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages within `seconds`."""

    count: int
    seconds: float


# Telegram's own figures. One a second into one chat lets short bursts pass: hence three in three seconds.
OVERALL = (Limit(30, 1),)
CHAT = (Limit(3, 3),)
GROUP = (Limit(3, 3), Limit(20, 60))


class Pacer:
    """Counts what was sent, to everybody and to each chat, within sliding windows that are never exceeded."""

    def __init__(self, overall: Sequence[Limit] = OVERALL) -> None:
        self._overall = overall
        self._sent: dict[str, deque[float]] = {}

    def take(self, chat: str, now: float) -> float:
        """Count one message to a chat: 0 if it may go out now, else the seconds to wait (nothing is counted).

        Groups are those whose id is negative.
        """
        limits: Mapping[str, Sequence[Limit]] = {
            _EVERYBODY: self._overall,
            chat: GROUP if chat.startswith(("-", "@")) else CHAT,
        }
        wait = max(self._wait(name, limit, now) for name, those in limits.items() for limit in those)
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
