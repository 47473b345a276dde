"""Waking: replicas on one PostgreSQL tell each other that something was written, by LISTEN and NOTIFY.

Only ever a hint: whoever misses one finds the work at his next look, a few seconds later. It is sent after the commit,
on a connection of its own and at most every so often, because a NOTIFY inside a transaction makes all commits of the
database queue behind each other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sqlalchemy import Engine

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[object, ...]]

log = logging.getLogger(__name__)

CHANNEL = "gendan_changed"
APART_S = 0.05
_AFTER_FAULT_S = 2.0


class Waking:
    """Tells others, and hears them.

    Args:
        address: libpq's address of the database.
        wake: called in the event loop when another replica has written something.
    """

    def __init__(self, address: str, wake: Callable[[], None]) -> None:
        self._address = address
        self._wake = wake
        self._written = asyncio.Event()
        self._own: set[int] = set()  # backends of ours: what they tell is no news

    def tell(self) -> None:
        """Something was written here; call in the event loop."""
        self._written.set()

    async def run(self) -> None:
        """Until cancelled; a lost connection is made anew."""
        await asyncio.gather(self._keep("listening", self._listen), self._keep("telling", self._tell_others))

    async def _keep(self, what: str, work: Callable[[Connection], Awaitable[None]]) -> None:
        import psycopg

        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._address, autocommit=True) as connection:
                    await work(connection)
            except psycopg.Error as fault:
                log.warning("replicas do not wake each other", extra={"action": "waking_lost", "part": what})
                log.debug("lost", exc_info=fault)
            await asyncio.sleep(_AFTER_FAULT_S)

    async def _listen(self, connection: Connection) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        self._wake()  # what was told while nobody listened
        async for notice in connection.notifies():
            if notice.pid not in self._own:
                self._wake()

    async def _tell_others(self, connection: Connection) -> None:
        self._own.add(connection.info.backend_pid)
        while True:
            await self._written.wait()
            self._written.clear()
            await connection.execute(f"NOTIFY {CHANNEL}")
            await asyncio.sleep(APART_S)


def address_of(engine: Engine) -> str | None:
    """The address of an engine's database as libpq takes it; None for one that cannot wake anybody."""
    if engine.dialect.name != "postgresql":
        return None
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
