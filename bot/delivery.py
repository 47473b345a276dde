"""Delivery: sends what is in the outbox with no transaction open, and notes what came of it.

Order is kept per receiver; answers go before urgent pushes, those before the rest. Each failure class of
conversations.channels has its consequence in `_CONSEQUENCES`; a claim not settled within its lease is taken anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from bot.claiming import BATCH, due, leave
from bot.closing import could_not_be_changed
from bot.lanes import Lane
from bot.preparing import LEASE, Claimed, House, Parcel, Preparing
from bot.routing import address_of
from bot.sentlog import ALONE, SentLog, Went
from bot.settling import Settling
from bot.unreached import give_up
from conversations.channels import (
    Channel,
    EditGone,
    Rejected,
    RetryAfter,
    SendFailure,
    Unavailable,
    Unknown,
    Unreachable,
)
from store.book import Book
from store.operations.hiding import hide
from store.tables import Outbox
from store.units import Units

log = logging.getLogger(__name__)

GAPS = (5, 20, 60, 300, 900, 3600)  # seconds between tries on one channel
TRIES = len(GAPS)
_FAST = 100.0
"""So many messages a second and more: several of one receiver are claimed at a time, and more of all."""
_MANY, _DEEP = 4 * BATCH, 5
_FEW = 16
_GLANCE_S = 0.05
"""While something is under way and nothing new was found, the book is asked again after this at the latest."""


class Delivery:
    """Sends what is in the outbox.

    Args:
        units: the book.
        channels: the platforms that are on, by name.
        always: channels on which everybody is known by key.
        only: send to this person alone, on the channels given (a terminal beside a server).
        at_once: how many messages may be under way at a time; 1 keeps the outbox's own order over all receivers.
        steady: a counter of seconds that also runs while this process is paused.
        log: notes what has gone out before the book can; None: the book alone does.
    """

    def __init__(
        self,
        units: Units,
        channels: Mapping[str, Channel],
        always: Sequence[str] = (),
        only: str | None = None,
        at_once: int = 1,
        steady: Callable[[], float] = time.monotonic,
        log: SentLog | None = None,
    ) -> None:
        self._settling = Settling(units, steady, log)
        self._steady = steady
        self._at_once = at_once
        self._units = units
        self._only = only
        self._house = House(channels, tuple(always))
        self._lanes: dict[str, Lane[list[Parcel]]] = {}

    async def pump(self) -> int:
        """Claim one batch and hand it out; how many rows were handled (0: nothing to do now, and nothing under way).

        Each platform has a lane of its own, and more is claimed for those that have room: one that has to be written to
        slowly waits neither for the book nor holds up the others.
        """
        try:
            await self._settling.recall()
            while self._workers and not self._open():
                await asyncio.wait(self._workers, return_when=asyncio.FIRST_COMPLETED)
            beside = bool(self._workers) or self._settling.writing  # what may have ended while the book was asked
            claimed = await self._units.run(partial(self._claim, channels=self._open()))
            if not claimed.handled and beside:
                await self._ended()  # what stood behind something under way may go now
                claimed = await self._units.run(partial(self._claim, channels=self._open()))
            self._hand_over(claimed.parcels)
            if self._at_once == 1:
                await self._finished()
            self._complain()
        except asyncio.CancelledError:
            for worker in self._workers:
                worker.cancel()
            raise
        return claimed.handled or len(self._workers) + self._settling.writing

    @property
    def _workers(self) -> set[asyncio.Task[None]]:
        return {worker for lane in self._lanes.values() for worker in lane.workers}

    def _lane(self, channel: str) -> Lane[list[Parcel]]:
        name = channel if self._at_once > 1 else ""  # one at a time over all of them
        found = self._lanes.get(name)
        if found is None:
            found = self._lanes[name] = Lane(self._at_once, self._in_turn, self._steady)
        return found

    def _open(self) -> tuple[str, ...]:
        """The platforms for which more may be claimed."""
        return tuple(name for name in self._house.channels if self._lane(name).is_open)

    def _claim(self, book: Book, channels: tuple[str, ...] | None = None) -> Claimed:
        channels = self._open() if channels is None else channels
        most, deep = self._size(channels)
        rows = due(book, channels, self._only, most, deep)
        if not rows:
            return Claimed((), 0)
        until = self._steady() + LEASE.total_seconds()
        return Preparing(book, self._house, until, ALONE if self._settling.alone else "").prepare(rows)

    def _size(self, channels: Iterable[str]) -> tuple[int, int]:
        """How many rows to claim, and how many of one receiver: what goes out within about a second.

        An answer that comes meanwhile waits for the end of the batch, so a platform that takes its time gets few.
        """
        if self._at_once == 1:
            return BATCH, 1
        paces = [pace for name in channels if (pace := self._lane(name).pace)]
        if not paces:
            return BATCH, 1
        if min(paces) >= _FAST:
            return _MANY, _DEEP
        return min(BATCH, max(_FEW, round(min(paces)))), 1

    def _hand_over(self, parcels: Sequence[Parcel]) -> None:
        """Put these into their platforms' lanes; what goes to one receiver in its order."""
        chains: dict[str, list[Parcel]] = defaultdict(list)
        for parcel in parcels:
            chains[parcel.receiver].append(parcel)
        lanes: dict[str, list[list[Parcel]]] = defaultdict(list)
        for chain in chains.values():
            lanes[chain[0].channel].append(chain)
        for channel, theirs in lanes.items():
            self._lane(channel).hand_over(theirs)

    async def _ended(self) -> None:
        """Something under way has ended and is written down, or a moment has passed in which something new may come."""
        if self._workers:
            await asyncio.wait(self._workers, timeout=_GLANCE_S, return_when=asyncio.FIRST_COMPLETED)
        await self._settling.written()

    async def _finished(self) -> None:
        """Everything under way has gone out and is written down when this returns."""
        while self._workers:
            await asyncio.wait(self._workers)
        await self._settling.written()

    def _complain(self) -> None:
        """Raise what stood in the way of somebody who carries."""
        for lane in self._lanes.values():
            fault, lane.fault = lane.fault, None
            if fault is not None:
                raise fault

    async def _in_turn(self, chain: Iterable[Parcel]) -> None:
        """Send what goes to one receiver; behind one that did not go out the others are given back."""
        left = deque(chain)
        while left and await self._send(left.popleft()):
            pass
        if left:
            claims = [(parcel.row, parcel.claim) for parcel in left]
            await self._settling.patiently(lambda book: leave(book, claims), left[0].until)

    async def _send(self, parcel: Parcel) -> bool:
        """Send one message; whether it has gone out."""
        platform_id: str | None = None
        failure: SendFailure | None = None
        channel = self._house.channels[parcel.channel]
        try:
            for part in parcel.parts:
                if self._steady() >= parcel.until:
                    return False  # waited or slept beyond the lease: the row is anybody's again
                platform_id = await channel.send(part)
        except SendFailure as problem:
            failure = problem
        except Exception:  # a fault of an adapter must not stop the others
            log.exception("sending failed", extra={"action": "send_failed", "outbox_id": parcel.row})
            failure = Unknown("adapter fault")
        if failure is None and not parcel.is_edit:
            went = Went(parcel.row, parcel.claim, platform_id, bool(parcel.parts[-1].buttons), parcel.secret)
            self._settling.went_out(went, parcel.until)
        else:
            await self._settling.patiently(lambda book: self._settle(book, parcel, platform_id, failure), parcel.until)
        return failure is None

    def _settle(self, book: Book, parcel: Parcel, platform_id: str | None, failure: SendFailure | None) -> None:
        row = book.session.get(Outbox, parcel.row, with_for_update=True)
        if row is None or row.claim != parcel.claim:
            return  # the lease ran out and somebody else has it now
        row.claim = row.lease_until = None
        if failure is None:
            row.status, row.sent_at, row.platform_id = "sent", book.now, platform_id
            row.buttons_live = bool(parcel.parts[-1].buttons) and row.kind != "edit"
            self._note_edit(book, row, parcel)
        else:
            row.error = f"{type(failure).__name__}: {failure}"[:300]
            row.status = "pending"
            log.info(
                "not sent", extra={"action": "send_failed", "outbox_id": row.id, "failure": type(failure).__name__}
            )
            _CONSEQUENCES.get(type(failure), _try_again)(self, book, row, failure)
        book.session.add(row)
        if parcel.secret and row.status in {"undeliverable", "dropped"}:
            hide(book, row)

    def _note_edit(self, book: Book, row: Outbox, parcel: Parcel) -> None:
        target = book.session.get(Outbox, row.edits) if row.edits else None
        if target is not None:
            target.buttons_live = bool(parcel.parts[-1].buttons)
            book.session.add(target)

    def other_channel(self, book: Book, row: Outbox) -> None:
        """This channel does not reach the person: the next one is tried at once, then somebody else is told."""
        row.tried = [*row.tried, row.sent_via or ""]
        row.attempts = 0
        row.account = None if row.person else row.account
        again = address_of(book.company, row, self._house.channels, self._house.always)
        if row.kind != "edit" and row.person and again is not None:
            row.send_at = book.now
        else:
            give_up(book, row, row.error or "unreachable")


def _wait(_delivery: Delivery, book: Book, row: Outbox, failure: SendFailure) -> None:
    row.attempts = max(0, row.attempts - 1)  # patience asked for is no failed try
    seconds = failure.seconds if isinstance(failure, RetryAfter) else GAPS[0]
    row.send_at = book.now + timedelta(seconds=seconds)
    row.attempts = max(row.attempts, 1)  # keeps its place before later messages


def _try_again(delivery: Delivery, book: Book, row: Outbox, _failure: SendFailure) -> None:
    if row.attempts >= TRIES:
        delivery.other_channel(book, row)
        return
    gap = GAPS[row.attempts - 1]
    jitter = gap * 0.1 * ((row.id or 0) % 10) / 10  # spread without chance, so that a rehearsal repeats exactly
    row.send_at = book.now + timedelta(seconds=gap + jitter)


def _next_channel(delivery: Delivery, book: Book, row: Outbox, _failure: SendFailure) -> None:
    delivery.other_channel(book, row)


def _forget(_delivery: Delivery, book: Book, row: Outbox, _failure: SendFailure) -> None:
    row.status = "dropped"
    could_not_be_changed(book, row)


_CONSEQUENCES: Mapping[type[SendFailure], Callable[[Delivery, Book, Outbox, SendFailure], None]] = {
    RetryAfter: _wait,
    Unknown: _try_again,
    Unavailable: _try_again,
    Unreachable: _next_channel,
    Rejected: _next_channel,
    EditGone: _forget,
}
