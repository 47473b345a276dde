"""Units that wait for the one thread that writes: handed to it from event loops, and what came of them handed back.

The thread is called once for however many wait, and each loop is called once for however many are done: a call between
threads costs as much as a small statement.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from store.book import Actor, Book


@dataclass(frozen=True, slots=True)
class Asked:
    """A unit that waits for its turn, and where its result goes."""

    work: Callable[[Book], Any]
    by: Actor
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What a unit returned, and what there is to do because of it: inbox, outbox, other."""

    result: Any
    news: frozenset[str]


Outcome = Done | BaseException


class Queue:
    """Units in the order in which they are to be run.

    Args:
        call: has the thread look at the queue, soon.
    """

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._caller: asyncio.AbstractEventLoop | None = None  # which loop has called, or is about to
        self._asked: deque[Asked] = deque()
        self._first: deque[Asked] = deque()

    async def ask(self, work: Callable[[Book], Any], by: Actor, *, first: bool) -> Any:
        """What a unit returns, once it is committed; `first`: before those that wait."""
        loop = asyncio.get_running_loop()
        asked = Asked(work, by, loop.create_future())
        (self._first if first else self._asked).append(asked)
        if self._caller is not loop:
            self._caller = loop
            loop.call_soon(self._call)  # when all that is ready has run: what asks in the same breath shares a commit
        return await asked.future

    def look(self) -> None:
        """The thread looks: whoever asks from now on calls it anew."""
        self._caller = None

    def take(self, most: int) -> list[Asked]:
        """The next units (at most so many of either kind) that were not called off; in the thread."""
        return [*self.take_first(most), *_taken(self._asked, most)]

    def take_first(self, most: int) -> list[Asked]:
        """Of those that go first."""
        return _taken(self._first, most)


def _taken(queue: deque[Asked], most: int) -> list[Asked]:
    waiting = [queue.popleft() for _ in range(min(len(queue), most))]
    return [one for one in waiting if not one.future.done()]


def hand_over(done: Iterable[tuple[Asked, Outcome]]) -> None:
    """Give each what came of it, in the event loop that waits for it."""
    loops: defaultdict[asyncio.AbstractEventLoop, list[tuple[Asked, Outcome]]] = defaultdict(list)
    for asked, outcome in done:
        loops[asked.future.get_loop()].append((asked, outcome))
    for loop, theirs in loops.items():
        with suppress(RuntimeError):  # it has been closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, theirs)


def _settle(done: Iterable[tuple[Asked, Outcome]]) -> None:
    for asked, outcome in done:
        if asked.future.done():
            continue  # whoever asked has gone away
        if isinstance(outcome, BaseException):
            asked.future.set_exception(outcome)
        else:
            asked.future.set_result(outcome.result)
