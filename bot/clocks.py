"""Where the time comes from: the machine, the database all replicas share, or a hand."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from store.book import Book
from store.tables import Heartbeat

_REHEARSAL = "rehearsal"


def wall_clock() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


class HandClock:
    """A clock that stands still until it is moved; never backwards.

    Args:
        start: an aware moment.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """What time it is."""
        return self._now

    def move(self, moment: datetime) -> None:
        """Forward to that moment; an earlier one leaves the clock where it is."""
        self._now = max(self._now, moment)


class DatabaseClock:
    """The database's time, so that replicas with different clocks agree; asked once a `period`, kept by this machine's
    steady counter in between.
    """

    def __init__(self, engine: Engine, period: timedelta = timedelta(seconds=30)) -> None:
        self._engine = engine
        self._period = period.total_seconds()
        self._read_at = float("-inf")
        self._moment = datetime.now(UTC)

    def __call__(self) -> datetime:
        """What time it is, as the database says."""
        counter = time.monotonic()
        if counter - self._read_at > self._period:
            with self._engine.connect() as connection:
                moment: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
            self._moment, self._read_at = moment.astimezone(UTC), time.monotonic()
            return self._moment
        return self._moment + timedelta(seconds=counter - self._read_at)


def where_it_stood(book: Book) -> datetime | None:
    """The moment that a rehearsal on this book has come to; None: it is no rehearsal's."""
    row = book.session.get(Heartbeat, _REHEARSAL)
    return row.at if row else None


def keep_clock(book: Book) -> None:
    """Keep a rehearsal's moment in its book, so that whoever opens it next goes on from there."""
    row = book.session.get(Heartbeat, _REHEARSAL) or Heartbeat(name=_REHEARSAL, at=book.now)
    row.at = book.now
    book.session.add(row)
