"""A book with its planner, and somebody who lets the time pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from reminders import Planner, next_wake, sweep
from store.company.loading import apply_company
from store.company.reading import read_company
from store.tables import Order, Reminder
from store.units import Units, open_engine
from tests.support.clock import Clock
from tests.support.companies import PUMP
from tests.support.orders import Desk

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Story(Desk):
    """Acts as people do, and lets the sweep run at every moment at which it has something to do."""

    clock: Clock = None

    def __init__(self, units: Units, clock: Clock) -> None:
        super().__init__(units)
        self.clock = clock

    def load(self, text: str) -> None:
        def _apply(book):
            apply_company(book.session, read_company(text), now=book.now)
            book.forget_company()

        self.units.write(_apply)

    def pass_until(self, moment: str | datetime) -> None:
        """Let the time pass; the sweep runs at each moment that comes."""
        end = moment if isinstance(moment, datetime) else at(moment)
        for _ in range(2000):
            while self.units.write(sweep).count:
                pass
            wake = self.units.read(next_wake)
            if wake is None or wake > end:
                self.clock.now = max(self.clock.now, end)
                return
            assert wake > self.clock.now, "a deadline that has come stays where it is"
            self.clock.now = wake
        raise AssertionError("the reminders do not come to rest")

    def jump_to(self, moment: str | datetime) -> None:
        """The time passes while nothing runs."""
        self.clock.now = moment if isinstance(moment, datetime) else at(moment)

    def sweep(self) -> int:
        return self.units.write(sweep).count

    def told(self, number: str | None = None, step: str | None = None) -> list[str]:
        """What was pushed, as "Tue 11-24 11:00 zhou due", in the order of the moments."""
        query = select(Reminder).order_by(Reminder.moment, Reminder.id)
        if number is not None:
            query = query.join(Order, Order.id == Reminder.order_id).where(Order.number == number)
        rows = self.look(lambda book: list(book.session.exec(query)))
        if step is not None:
            ids = {str(self.step(number, step).id)}
            rows = [row for row in rows if row.subject == "step" and row.subject_key in ids]
        return [f"{row.moment.astimezone(SHANGHAI):%a %m-%d %H:%M} {row.person} {row.rule}" for row in rows]


def at(text: str) -> datetime:
    """A moment in Shanghai, "2026-11-23 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def planned(database_url: str, clock: Clock) -> Iterator[Story]:
    """On both databases, with the company of the suites."""
    yield from _story(database_url, clock)


@pytest.fixture
def story(sqlite_url: str, clock: Clock) -> Iterator[Story]:
    """On SQLite, with the company of the suites."""
    yield from _story(sqlite_url, clock)


def _story(url: str, clock: Clock) -> Iterator[Story]:
    units = Units(open_engine(url, synchronous="OFF"), clock=clock, planner=Planner())
    found = Story(units, clock)
    found.load(PUMP)
    yield found
    units.close()


MINUTE = timedelta(minutes=1)
