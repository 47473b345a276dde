"""Units of work: opened late, closed early, committed when the block ends, rolled back when it raises.

SQLite: one writer at a time (a process-wide lock and BEGIN IMMEDIATE), readers beside it, WAL, synchronous=FULL. Units
that wait for the writer share its next commit, each in a savepoint of its own: one that raises is taken back alone.
PostgreSQL: rows are locked by the operations that change them; a serialisation failure or deadlock is tried again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import create_engine

from store import audit, row_ids, undoing
from store.book import GENDAN, Actor, Book, Carefully, Planner, Watched
from store.columns import dump_json, load_json
from store.company.versions import TOUCHED
from store.company.views import Company
from store.session import BookSession
from store.tables import ExceptionCase, Inbox, Outbox, Request, Step
from store.waiting import Asked, Done, Outcome, Queue, hand_over
from store.word_index import note_words

T = TypeVar("T")
Clock = Callable[[], datetime]

SYSTEM = Actor(GENDAN)
_BUSY_MS = 10_000
_TRIES = 5
_TOGETHER = 32  # so many units share a commit at most
_TOGETHER_S = 0.05  # and none is waited for longer than this: with it acknowledgements stay within 100 ms


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
    arguments = {"check_same_thread": False, "timeout": _BUSY_MS / 1000}
    engine = create_engine(url, connect_args=arguments, json_serializer=dump_json, json_deserializer=load_json)

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's late one
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={_BUSY_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get("gendan_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


@dataclass(slots=True)
class Shared:
    """What the units of one transaction need not each ask for: the company as it is in this transaction."""

    company: Company | None = None


class _Lost(Exception):
    """The transaction that several units shared is gone: the database itself has rolled it back."""


class Units:
    """Runs plain functions of a Book, each in its own transaction.

    A unit may be run a second time after its first run was rolled back: it changes nothing but its book.

    Args:
        engine: from open_engine.
        clock: what time it is, as an aware moment; every unit reads it once.
        planner: rewrites deadlines of what a unit changed; None leaves them alone (tools, migrations).
    """

    def __init__(self, engine: Engine, *, clock: Clock, planner: Planner | None = None) -> None:
        self.engine = engine
        self.clock = clock
        self.planner = planner
        self.listeners: list[Callable[[frozenset[str]], None]] = []
        """Told after each commit that changed rows, in that thread, what there is to do: "inbox" (an update waits),
        "outbox" (something may go out), "other"."""
        self._writing = engine.execution_options(gendan_write=True)
        self._lock = threading.RLock() if engine.dialect.name == "sqlite" else None
        self._pool = ThreadPoolExecutor(max_workers=1 if self._lock else 4, thread_name_prefix="book")
        self._queue = Queue(lambda: self._pool.submit(self._serve))

    def write(self, work: Callable[[Book], T], by: Actor = SYSTEM) -> T:
        """Run `work` on a book and commit; audit, deadlines and undo records are written in the same transaction."""
        for attempt in range(1, _TRIES + 1):
            try:
                done = self._write_once(work, by)
            except OperationalError as problem:
                if attempt == _TRIES or not _passing(problem):
                    raise
                time.sleep(0.02 * 2**attempt)
            else:
                self._tell(done.news)
                return done.result  # type: ignore[no-any-return]  # what `work` returned
        raise AssertionError("unreachable")

    def _write_once(self, work: Callable[[Book], Any], by: Actor) -> Done:
        with self._turn():
            try:
                return self._write_alone(work, by, careful=self._lock is None)
            except Carefully:
                return self._write_alone(work, by, careful=True)

    def _write_alone(self, work: Callable[[Book], Any], by: Actor, *, careful: bool) -> Done:
        with self._session(self._writing) as session:
            done = self._run_in(session, work, by, Shared(), careful=careful)
            session.commit()
            return done

    def _run_in(
        self, session: BookSession, work: Callable[[Book], Any], by: Actor, shared: Shared, *, careful: bool
    ) -> Done:
        book = Book(session, self.clock(), by, self.planner, careful, _company=shared.company)
        with undoing.watching(book) as seen:
            result = work(book)
            self._settle(book, seen)
        shared.company = None if TOUCHED in session.info else book.seen_company
        return Done(result, _news(book, seen))

    def read(self, work: Callable[[Book], T], by: Actor = SYSTEM) -> T:
        """Run `work` on a book that is thrown away: nothing it changes is kept."""
        with self._session(self.engine) as session:
            found = work(Book(session, self.clock(), by, None))
            session.expunge_all()  # rows that are handed out keep what was read
            return found

    async def run(self, work: Callable[[Book], T], by: Actor = SYSTEM, *, first: bool = False) -> T:
        """`write` in the book's own thread: one hop for a whole unit. It has been committed when this returns.

        Args:
            work: a short unit.
            by: who does it.
            first: before those that wait (a platform waits for its acknowledgement).
        """
        if self._lock is None:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self.write, work, by)
        return await self._queue.ask(work, by, first=first)  # type: ignore[no-any-return]  # what `work` returned

    async def look(self, work: Callable[[Book], T], by: Actor = SYSTEM) -> T:
        """`read` in a worker thread."""
        return await asyncio.to_thread(self.read, work, by)

    def close(self) -> None:
        """Let the threads and connections go."""
        self._pool.shutdown(wait=True)
        self.engine.dispose()

    # --- several units in one commit (SQLite) ---

    def _serve(self) -> None:
        """Run what waits, until nothing does; in the book's thread."""
        self._queue.look()
        while ready := self._queue.take(_TOGETHER):
            while len(ready) > 1 and (outcomes := self._together(ready)):
                served = list(zip(ready, outcomes, strict=False))
                ready = [*self._queue.take_first(_TOGETHER), *ready[len(outcomes) :]]
                try:
                    self._tell(frozenset[str]().union(*(one.news for one in outcomes if isinstance(one, Done))))
                finally:
                    hand_over(served)
            for one in ready:
                hand_over([(one, self._alone(one))])

    def _alone(self, one: Asked) -> Outcome:
        try:
            return Done(self.write(one.work, one.by), frozenset())
        except BaseException as problem:  # noqa: BLE001 - it belongs to whoever asked
            return problem

    def _together(self, units: list[Asked]) -> list[Outcome]:
        """Run units in one transaction; the outcomes of the first so many, none when the transaction did not hold."""
        outcomes: list[Outcome] = []
        shared = Shared()
        try:
            with self._turn(), self._writing.connect() as connection, connection.begin():
                started = time.monotonic()
                for one in units:
                    outcomes.append(self._beside(connection, one, shared))
                    if time.monotonic() - started > _TOGETHER_S:
                        break
        except (_Lost, DatabaseError):
            return []  # each alone, then, where a passing trouble is tried again
        return outcomes

    def _beside(self, connection: Connection, one: Asked, shared: Shared) -> Outcome:
        """One unit in its savepoint. Raises _Lost when the database has given the whole transaction up."""
        outcome = self._in_savepoint(connection, one, shared, careful=False)
        if isinstance(outcome, Carefully):
            outcome = self._in_savepoint(connection, one, shared, careful=True)
        return outcome

    def _in_savepoint(self, connection: Connection, one: Asked, shared: Shared, *, careful: bool) -> Outcome:
        """The savepoint is the driver's: SQLAlchemy's own costs as much as reading an order."""
        _savepoint(connection, "SAVEPOINT unit")
        session = BookSession(connection, join_transaction_mode="rollback_only", expire_on_commit=False)
        outcome: Outcome
        try:
            outcome = self._run_in(session, one.work, one.by, shared, careful=careful)
        except BaseException as problem:
            if not _open(connection) or (isinstance(problem, OperationalError) and _passing(problem)):
                raise _Lost from problem
            _savepoint(connection, "ROLLBACK TO unit")
            outcome = problem
        finally:
            session.close()
        _savepoint(connection, "RELEASE unit")
        return outcome

    # --- parts ---

    def _tell(self, news: frozenset[str]) -> None:
        for listener in self.listeners if news else ():  # a look that found nothing to do wakes nobody
            listener(news)

    def _settle(self, book: Book, seen: undoing.Seen) -> None:
        book.session.flush()
        watched = seen.watched() if self.planner is not None else ()
        for subject in watched:
            self.planner.replan(book, subject)  # type: ignore[union-attr]  # without one nothing is watched
        book.session.flush()
        note_words(book.session.connection(), seen.standing())
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
    def _session(self, engine: Engine) -> Iterator[BookSession]:
        with BookSession(engine, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.rollback()


def _savepoint(connection: Connection, words: str) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(words)
    except sqlite3.Error as problem:
        raise _Lost from problem


def _open(connection: Connection) -> bool:
    """Whether the database still holds the transaction: a full disk, say, makes SQLite give all of it up."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.in_transaction)


def _news(book: Book, seen: undoing.Seen) -> frozenset[str]:
    """What there is to do because of a unit."""
    found = set(book.news)
    for row in seen.rows.values():
        if isinstance(row, Inbox):
            found.add("inbox" if row.status == "new" else "other")
        elif isinstance(row, Outbox):
            found.add("outbox" if row.status == "pending" else "other")
        else:
            found.add("other")
    if any(row.status == "pending" for row in book.told):
        found.add("outbox")
    return frozenset(found)


def _passing(problem: OperationalError) -> bool:
    """Whether trying again may help: a locked file, a deadlock, a serialisation failure."""
    state = getattr(problem.orig, "sqlstate", None)
    return state in {"40001", "40P01"} or "locked" in str(problem.orig)


def is_watched(row: object) -> bool:
    """Whether reminders may have to be replanned when this row changes."""
    return isinstance(row, Step | ExceptionCase | Request)


__all__ = ["SYSTEM", "Clock", "OrmSession", "Units", "Watched", "is_watched", "open_engine", "row_ids"]
