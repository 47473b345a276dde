"""One message of ours may be several of the platform's: what went out at an earlier try does not go out twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

Step = Callable[[], Awaitable[str]]
"""Posts one of them; gives the platform's id of it, or nothing."""

_MOST_REMEMBERED = 5000


class Steps:
    """Remembers, for each message, which of its steps have been taken (in this process)."""

    def __init__(self) -> None:
        self._taken: OrderedDict[str, dict[int, str]] = OrderedDict()

    def left(self, name: str, steps: Sequence[Step]) -> int:
        """How many steps of a message are still to be taken."""
        return len(steps) - len(self._taken.get(name, {}))

    async def take(self, name: str, steps: Sequence[Step]) -> list[str]:
        """Take those that are left, in order; the ids of all. What a step raises ends it."""
        taken = self._taken.setdefault(name, {})
        while len(self._taken) > _MOST_REMEMBERED:
            self._taken.popitem(last=False)
        for place, step in enumerate(steps):
            if place not in taken:
                taken[place] = await step()
        return [taken[place] for place in range(len(steps))]
