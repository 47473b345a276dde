"""Clock: APScheduler as nothing but the clock that wakes the sweep; what is due lives in the book.

It wakes a coroutine every few seconds, and exactly at the earliest moment that the book names. Its heartbeat is read
by something other than itself (auditing.tell_stalled). Every wake-up is safe to miss, to repeat, and to share with
other replicas.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from reminders.auditing import beat
from reminders.sweeping import next_wake
from store.book import Book
from store.company.snapshot import NoCompany
from store.units import Units

log = logging.getLogger(__name__)

_AHEAD = timedelta(days=30)
_TICK, _EXACT = "reminders.tick", "reminders.exact"
_PULSE_S = 30.0


class Clock:
    """Wakes `wake` at the earliest deadline and at least every `seconds`.

    Args:
        units: the book, asked for the earliest deadline after each wake-up.
        wake: what to do; bounded in time, for a wake-up that falls into a running one is skipped.
        seconds: the longest wait.
        holder: the name of this process in the heartbeat.
    """

    def __init__(
        self, units: Units, wake: Callable[[], Awaitable[None]], *, seconds: float = 5, holder: str | None = None
    ) -> None:
        self._units = units
        self._wake = wake
        self._seconds = seconds
        self._holder = holder
        self._scheduler: Any = None
        self._beat_at: float | None = None

    def start(self) -> None:
        """Begin; inside a running event loop."""
        from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self._tick, "interval", seconds=self._seconds, id=_TICK, replace_existing=True,
                                next_run_time=datetime.now(UTC))  # fmt: skip
        self._scheduler.add_listener(_complain, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._scheduler.start()

    def stop(self) -> None:
        """End; a wake-up under way is cancelled, the book is none the worse for it."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    def nudge(self) -> None:
        """Look again at once: something was written (by this process, or as PostgreSQL's NOTIFY says, by another)."""
        if self._scheduler is not None:
            self._scheduler.add_job(self._tick, "date", run_date=datetime.now(UTC), id=_EXACT, replace_existing=True)

    # APScheduler lives on the machine's own clock; from the book's clock only differences are taken.

    async def _tick(self) -> None:
        await self._wake()
        await self._pulse()
        ahead = await self._units.look(_until_next)
        if self._scheduler is not None and ahead is not None and ahead < timedelta(seconds=self._seconds):
            at = datetime.now(UTC) + max(ahead, timedelta(milliseconds=50))
            self._scheduler.add_job(self._tick, "date", run_date=at, id=_EXACT, replace_existing=True)

    async def _pulse(self) -> None:
        """A sign of life, now and then, of a wake-up that came to its end: one that fails or hangs gives none."""
        now = time.monotonic()
        if self._beat_at is not None and now - self._beat_at < _PULSE_S:
            return
        self._beat_at = now
        await self._units.run(lambda book: beat(book, self._holder))


def get_ready(book: Book) -> None:
    """Have the working time of the weeks ahead laid out before anything falls due: holidays take their time."""
    try:
        company = book.company
    except NoCompany:
        return
    for calendar in (company.calendar, *(division.calendar for division in company.departments.values())):
        for at in (book.now, book.now + _AHEAD):
            calendar.lay_out(at)


def _until_next(book: Book) -> timedelta | None:
    """How long until the earliest deadline, by the book's clock."""
    get_ready(book)
    wake = next_wake(book)
    return None if wake is None else wake - book.now


def _complain(event: Any) -> None:
    problem = getattr(event, "exception", None)
    log.error("a wake-up failed", extra={"action": "clock_failed", "job": event.job_id}, exc_info=problem)
