"""Connections that may stand only once (polling, sockets): one replica holds them by a lease, another takes over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from bot.sentlog import ALONE
from store.book import Book
from store.tables import Heartbeat
from store.units import Units

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
RENEW_S = 5.0


def hold(book: Book, name: str, holder: str) -> bool:
    """Take or renew a lease; False while somebody else has it.

    Of two holders who know that they are alone the earlier one is dead: his lease need not end first.
    """
    row = book.session.get(Heartbeat, f"lease:{name}", with_for_update=True)
    if row is None:
        row = Heartbeat(name=f"lease:{name}", at=book.now)
    elif row.holder not in {None, holder} and row.lease_until is not None and row.lease_until > book.now:
        outlived = row.holder is not None and row.holder.startswith(ALONE) and holder.startswith(ALONE)
        if not outlived:
            return False
    row.holder, row.lease_until, row.at = holder, book.now + LEASE, book.now
    book.session.add(row)
    return True


def let_go(book: Book, name: str, holder: str) -> None:
    """Give a lease back, so that another need not wait for its end."""
    row = book.session.get(Heartbeat, f"lease:{name}", with_for_update=True)
    if row is not None and row.holder == holder:
        row.lease_until = book.now
        book.session.add(row)


async def run_alone(units: Units, name: str, holder: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` as long as this replica holds the lease; wait for it otherwise. Ends only when cancelled.

    Args:
        units: the book that all replicas share.
        name: what may stand only once.
        holder: this replica's name.
        work: runs until cancelled; a fault ends it, and it is begun anew after a pause.
    """
    task: asyncio.Task[None] | None = None
    loop = asyncio.get_running_loop()
    sure_until = loop.time()
    try:
        while True:
            try:
                asked = loop.time()
                held = await units.run(lambda book: hold(book, name, holder))
                sure_until = asked + LEASE.total_seconds() if held else asked
            except Exception:  # the book cannot be reached: the lease stands until it ends, by our own counter
                log.exception("a lease cannot be renewed", extra={"action": "lease_unsure", "connection": name})
                held = loop.time() + RENEW_S < sure_until
            if task is not None and (not held or task.done()):
                await _end(task, name)
                task = None
            if held and task is None:
                task = asyncio.ensure_future(work())
            await asyncio.sleep(RENEW_S)
    finally:
        if task is not None:
            await _end(task, name)
        with suppress(Exception):  # it ends by itself as well
            await units.run(lambda book: let_go(book, name, holder))


async def _end(task: asyncio.Task[None], name: str) -> None:
    task.cancel()
    result = (await asyncio.gather(task, return_exceptions=True))[0]
    if isinstance(result, Exception):
        log.error("a connection failed", extra={"action": "connection_failed", "connection": name}, exc_info=result)
