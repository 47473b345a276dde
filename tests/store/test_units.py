"""Units of work: what is committed, what is taken back, and who shares a commit."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from bot.inbox import keep
from conversations.channels import RawUpdate
from store.book import Book
from store.messages import Letter
from store.tables import AuditEntry, Counter
from store.units import Units, open_engine
from tests.support.clock import Clock


@pytest.fixture
def sqlite_units(sqlite_url: str, clock: Clock) -> Iterator[Units]:
    units = Units(open_engine(sqlite_url), clock=clock)
    yield units
    units.close()


def add(name: str):
    """A unit that writes one row and one line of the audit."""

    def work(book: Book) -> str:
        book.session.add(Counter(name=name))
        book.record("counted", subject=name)
        return name

    return work


def failing(name: str):
    """A unit that writes, and then fails."""

    def work(book: Book) -> None:
        add(name)(book)
        book.session.flush()
        raise LookupError(name)

    return work


def counters(units: Units) -> list[str]:
    return units.read(lambda book: list(book.session.exec(select(Counter.name).order_by(col(Counter.name)))))


def audited(units: Units) -> list[str | None]:
    return units.read(
        lambda book: list(
            book.session.exec(
                select(AuditEntry.subject).where(AuditEntry.what == "counted").order_by(col(AuditEntry.id))
            )
        )
    )


async def busy(units: Units) -> tuple[asyncio.Task, threading.Event]:
    """A unit that has begun, and keeps the writer until the gate is opened."""
    begun, gate = threading.Event(), threading.Event()

    def work(_book: Book) -> None:
        begun.set()
        gate.wait(30)

    task = asyncio.create_task(units.run(work))
    await asyncio.to_thread(begun.wait, 30)
    return task, gate


async def held(units: Units, works) -> list:
    """Ask for all of these while the writer is busy, so that they wait for it together."""
    first, gate = await busy(units)
    rest = [asyncio.create_task(units.run(work)) for work in works]
    await asyncio.sleep(0)  # each has asked
    gate.set()
    await first
    return await asyncio.gather(*rest, return_exceptions=True)


async def test_units_that_wait_together_are_all_kept_and_each_gets_its_own_result(units: Units) -> None:
    names = [f"c{number:02}" for number in range(40)]
    assert await held(units, [add(name) for name in names]) == names
    assert counters(units) == names
    assert sorted(audited(units)) == names


async def test_on_sqlite_units_that_wait_together_share_a_commit(sqlite_units: Units) -> None:
    commits = []
    event.listen(sqlite_units.engine, "commit", commits.append)
    await held(sqlite_units, [add(f"c{number:02}") for number in range(16)])
    assert len(commits) <= 16 / 2  # one for all sixteen, unless they take long


async def test_what_a_platform_waits_for_goes_before_units_that_have_waited_longer(sqlite_units: Units) -> None:
    done: list[str] = []

    def slow(name: str):
        def work(book: Book) -> None:
            book.session.add(Counter(name=name))
            time.sleep(0.03)
            done.append(name)

        return work

    blocker, release = await busy(sqlite_units)
    answers = [asyncio.create_task(sqlite_units.run(slow(f"answer {one}"))) for one in range(12)]
    await asyncio.sleep(0)
    release.set()
    await answers[1]
    await sqlite_units.run(add("kept"), first=True)
    assert len(done) <= 8  # those of a shared commit or two, and no more, were in its way
    await asyncio.gather(blocker, *answers)
    assert done == [f"answer {one}" for one in range(12)]


async def test_a_unit_that_raises_is_taken_back_alone(units: Units) -> None:
    outcomes = await held(units, [add("a"), failing("b"), add("c"), failing("d"), add("e")])
    assert [str(one) for one in outcomes] == ["a", "b", "c", "d", "e"]
    assert counters(units) == ["a", "c", "e"]
    assert sorted(audited(units)) == ["a", "c", "e"]


async def test_when_the_database_gives_the_shared_transaction_up_each_unit_is_run_alone(sqlite_units: Units) -> None:
    runs: list[str] = []

    def losing(book: Book) -> None:
        runs.append("losing")
        book.session.connection().exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full
        raise OSError("the disk is full")

    def counted(name: str):
        def work(book: Book) -> str:
            runs.append(name)
            return add(name)(book)

        return work

    outcomes = await held(sqlite_units, [counted("a"), losing, counted("b")])
    assert outcomes[0] == "a"
    assert isinstance(outcomes[1], Exception)
    assert outcomes[2] == "b"
    assert counters(sqlite_units) == ["a", "b"]
    assert runs.count("losing") == 2  # once in the transaction that was lost, once alone


async def test_what_is_asked_by_one_who_went_away_before_its_turn_is_not_done(sqlite_units: Units) -> None:
    first, gate = await busy(sqlite_units)
    given_up, kept = (asyncio.create_task(sqlite_units.run(add(name))) for name in ("a", "b"))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, kept)
    assert counters(sqlite_units) == ["b"]


@pytest.mark.parametrize("together", [False, True])
async def test_who_listens_hears_after_the_commit_and_not_of_looks(sqlite_units: Units, together: bool) -> None:
    heard: list[list[str]] = []
    sqlite_units.listeners.append(lambda _news: heard.append(counters(sqlite_units)))
    if together:
        await held(sqlite_units, [add("a"), add("b")])
    else:
        sqlite_units.write(add("a"))
    sqlite_units.write(lambda book: book.session.get(Counter, "a"))
    assert heard[-1:] == [["a", "b"] if together else ["a"]]
    assert len(heard) <= 2


def test_who_listens_hears_what_there_is_to_do(sqlite_units: Units) -> None:
    heard: list[set[str]] = []
    sqlite_units.listeners.append(lambda news: heard.append(set(news)))
    raw = RawUpdate("console", "1", "me", {"text": "hello"})
    sqlite_units.write(lambda book: keep(book, raw))
    sqlite_units.write(lambda book: keep(book, raw))  # known already
    sqlite_units.write(lambda book: book.tell("me", Letter(())))
    sqlite_units.write(add("a"))
    assert heard == [{"inbox"}, {"outbox"}, {"other"}]


async def test_a_reading_unit_keeps_nothing(units: Units) -> None:
    assert await units.look(add("a")) == "a"
    assert counters(units) == []
