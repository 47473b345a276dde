"""What the adapter must still know after a restart: response codes of cards, cursors, customers' windows.

Small texts under names, each with the moment at which it lapses. `LocalMemory` keeps them in a file of this machine;
where several replicas share the work, the house hands in one that they share.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

Result = TypeVar("Result")
_LONGEST_S = 5.0


class Memory(Protocol):
    """Texts by name. Moments are Unix seconds."""

    async def get(self, name: str, now: float) -> str | None:
        """What is kept under a name, unless it has lapsed."""
        ...

    async def put(self, name: str, value: str, lapses_at: float) -> None:
        """Keep a text, in place of what was there."""
        ...

    async def take(self, name: str, now: float) -> str | None:
        """As `get`, and it is gone: of two who ask, one gets it."""
        ...


class LocalMemory:
    """A Memory in a SQLite file.

    Args:
        path: the file, made where it is missing; ":memory:" for one that ends with the process.
    """

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(path, timeout=_LONGEST_S, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL, lapses_at REAL NOT NULL)"
        )
        self._turn = asyncio.Lock()

    async def get(self, name: str, now: float) -> str | None:
        """What is kept under a name, unless it has lapsed."""
        return await self._do(lambda: self._one("SELECT value FROM kept WHERE name = ? AND lapses_at > ?", name, now))

    async def put(self, name: str, value: str, lapses_at: float) -> None:
        """Keep a text, in place of what was there."""
        row = (name, value, lapses_at)
        await self._do(lambda: self._connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", row))

    async def take(self, name: str, now: float) -> str | None:
        """As `get`, and it is gone: of two who ask, one gets it."""
        query = "DELETE FROM kept WHERE name = ? AND lapses_at > ? RETURNING value"
        return await self._do(lambda: self._one(query, name, now))

    async def tidy(self, now: float) -> None:
        """Drop what has lapsed."""
        await self._do(lambda: self._connection.execute("DELETE FROM kept WHERE lapses_at <= ?", (now,)))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _one(self, query: str, *values: str | float) -> str | None:
        rows = self._connection.execute(query, values).fetchall()
        return str(rows[0][0]) if rows else None

    async def _do(self, work: Callable[[], Result]) -> Result:
        async with self._turn:  # one connection serves one thread at a time
            return await asyncio.to_thread(work)
