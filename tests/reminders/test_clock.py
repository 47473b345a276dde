"""The clock wakes the sweep, at the latest every few seconds, and exactly when the book says."""

import asyncio
from datetime import UTC, datetime, timedelta

from reminders import Planner
from reminders.clock import Clock
from store.tables import Deadline, Heartbeat
from store.units import Units, open_engine


async def test_it_wakes_at_the_earliest_deadline_and_shows_that_it_lives(sqlite_url):
    units = Units(open_engine(sqlite_url), clock=lambda: datetime.now(UTC), planner=Planner())
    due = datetime.now(UTC) + timedelta(seconds=0.7)
    units.write(lambda book: book.session.add(Deadline(subject="person", subject_key="x", next_at=due)))
    woken: list[datetime] = []

    async def _wake() -> None:
        woken.append(datetime.now(UTC))

    clock = Clock(units, _wake, seconds=30, holder="me")
    clock.start()
    await asyncio.sleep(1.2)
    assert any(timedelta() <= moment - due < timedelta(seconds=0.4) for moment in woken)
    before = len(woken)
    clock.nudge()
    await asyncio.sleep(0.2)
    assert len(woken) > before
    clock.stop()
    assert units.read(lambda book: book.session.get(Heartbeat, "sweep")).holder == "me"
    units.close()


async def test_a_wake_up_that_fails_is_not_the_last(sqlite_url):
    units = Units(open_engine(sqlite_url), clock=lambda: datetime.now(UTC), planner=Planner())
    tries = []

    async def _wake() -> None:
        tries.append(1)
        raise RuntimeError("no")

    clock = Clock(units, _wake, seconds=0.1)
    clock.start()
    await asyncio.sleep(0.5)
    clock.stop()
    assert len(tries) > 1
    assert units.read(lambda book: book.session.get(Heartbeat, "sweep")) is None  # none of them came to its end
    units.close()
