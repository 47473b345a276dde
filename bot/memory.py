"""Small texts that platforms must still know after a restart (cursors, response codes), kept in the book."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete
from sqlmodel import col

from store.book import Book
from store.tables import Heartbeat
from store.units import Units

_PREFIX = "memory:"
_TIDY_EVERY = 100


class BookMemory:
    """Texts by name, each until it lapses. Moments are Unix seconds.

    Args:
        units: the book.
    """

    def __init__(self, units: Units) -> None:
        self._units = units
        self._kept = 0

    async def get(self, name: str, now: float) -> str | None:
        """What is kept under a name, unless it has lapsed."""
        return await self._units.look(lambda book: _value(book, name, now))

    async def put(self, name: str, value: str, lapses_at: float) -> None:
        """Keep a text, in place of what was there; now and then what has lapsed is dropped with it."""
        self._kept += 1
        tidying = self._kept % _TIDY_EVERY == 0

        def _put(book: Book) -> None:
            if tidying:
                lapsed = (col(Heartbeat.name).startswith(_PREFIX), col(Heartbeat.lease_until) <= book.now)
                book.session.execute(delete(Heartbeat).where(*lapsed))
            row = book.session.get(Heartbeat, _key(name)) or Heartbeat(name=_key(name), at=book.now)
            row.at, row.facts, row.lease_until = book.now, {"value": value}, datetime.fromtimestamp(lapses_at, UTC)
            book.session.add(row)

        await self._units.run(_put)

    async def take(self, name: str, now: float) -> str | None:
        """As `get`, and it is gone: of two who ask, one gets it."""

        def _take(book: Book) -> str | None:
            row = book.session.get(Heartbeat, _key(name), with_for_update=True)
            found = _value(book, name, now)
            if row is not None:
                book.session.delete(row)
            return found

        return await self._units.run(_take)


def _key(name: str) -> str:
    return _PREFIX + name


def _value(book: Book, name: str, now: float) -> str | None:
    row = book.session.get(Heartbeat, _key(name))
    if row is None or row.lease_until is None or row.lease_until <= datetime.fromtimestamp(now, UTC):
        return None
    return str(row.facts["value"])
