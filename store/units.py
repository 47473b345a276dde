"""Units of work: opened late, closed early, committed when the block ends, rolled back when it raises.

SQLite: one writer at a time (a process-wide lock and BEGIN IMMEDIATE), readers beside it, WAL, synchronous=FULL.
PostgreSQL: rows are locked by the operations that change them; a serialisation failure or deadlock is tried again.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session, create_engine

from store import audit, undoing
from store.book import GENDAN, Actor, Book, Planner, Watched
from store.tables import ExceptionCase, Request, Step

T = TypeVar("T")
Clock = Callable[[], datetime]

SYSTEM = Actor(GENDAN)
_BUSY_MS = 10_000
_TRIES = 5


def open_engine(url: str, *, synchronous: str = "FULL") -> Engine:
    """An engine for a database address (sqlite:///file or postgresql://...), set up as the book needs it.

    Args:
        url: SQLAlchemy's form; plain postgresql:// uses psycopg.
        synchronous: SQLite's durability; FULL survives a power cut, NORMAL only a crash of the process.
    """
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=8)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's late one
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get("gendan_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


class Units:
    """Runs plain functions of a Book, each in its own transaction.

    Args:
        engine: from open_engine.
        clock: what time it is, as an aware moment; every unit reads it once.
        planner: rewrites deadlines of what a unit changed; None leaves them alone (tools, migrations).
    """

    def __init__(self, engine: Engine, *, clock: Clock, planner: Planner | None = None) -> None:
        self.engine = engine
        self.clock = clock
        self.planner = planner
        self.listeners: list[Callable[[], None]] = []  # told after each commit that changed rows, in that thread
        self._lock = threading.RLock() if engine.dialect.name == "sqlite" else None
        self._pool = ThreadPoolExecutor(max_workers=1 if self._lock else 4, thread_name_prefix="book")

    def write(self, work: Callable[[Book], T], by: Actor = SYSTEM) -> T:
        """Run `work` on a book and commit; audit, deadlines and undo records are written in the same transaction."""
        for attempt in range(1, _TRIES + 1):
            try:
                result, changed = self._write_once(work, by)
            except OperationalError as problem:
                if attempt == _TRIES or not _passing(problem):
                    raise
                time.sleep(0.02 * 2**attempt)
            else:
                for listener in self.listeners if changed else ():  # a look that found nothing to do wakes nobody
                    listener()
                return result
        raise AssertionError("unreachable")

    def _write_once(self, work: Callable[[Book], T], by: Actor) -> tuple[T, bool]:
        with self._turn(), self._session(write=True) as session:
            book = Book(session, self.clock(), by, self.planner)
            with undoing.watching(book) as seen:
                result = work(book)
                self._settle(book, seen)
            session.commit()
            return result, bool(seen.rows)

    def read(self, work: Callable[[Book], T], by: Actor = SYSTEM) -> T:
        """Run `work` on a book that is thrown away: nothing it changes is kept."""
        with self._session(write=False) as session:
            found = work(Book(session, self.clock(), by, None))
            session.expunge_all()  # rows that are handed out keep what was read
            return found

    async def run(self, work: Callable[[Book], T], by: Actor = SYSTEM) -> T:
        """`write` in the book's own thread: one hop for a whole unit."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.write, work, by)

    async def look(self, work: Callable[[Book], T], by: Actor = SYSTEM) -> T:
        """`read` in a worker thread."""
        return await asyncio.to_thread(self.read, work, by)

    def close(self) -> None:
        """Let the threads and connections go."""
        self._pool.shutdown(wait=True)
        self.engine.dispose()

    def _settle(self, book: Book, seen: undoing.Seen) -> None:
        book.session.flush()
        if self.planner is not None:
            for subject in seen.watched():
                self.planner.replan(book, subject)
            book.session.flush()
        undoing.keep(book, seen)
        audit.append(book.session, book.events, book.now)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._lock is None:
            yield
            return
        with self._lock:
            yield

    @contextmanager
    def _session(self, *, write: bool) -> Iterator[Session]:
        engine = self.engine.execution_options(gendan_write=True) if write else self.engine
        with Session(engine, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.rollback()


def _passing(problem: OperationalError) -> bool:
    """Whether trying again may help: a locked file, a deadlock, a serialisation failure."""
    state = getattr(problem.orig, "sqlstate", None)
    return state in {"40001", "40P01"} or "locked" in str(problem.orig)


def is_watched(row: object) -> bool:
    """Whether reminders may have to be replanned when this row changes."""
    return isinstance(row, Step | ExceptionCase | Request)


__all__ = ["SYSTEM", "Clock", "OrmSession", "Units", "Watched", "is_watched", "open_engine"]
