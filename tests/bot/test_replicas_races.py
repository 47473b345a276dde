"""An acknowledgement that meets an escalation: through the real sweep and delivery of one replica, on another's book."""

import asyncio
import random
import threading
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.delivery import Delivery
from reminders import Planner, sweep
from store.book import Actor
from store.operations.steps import acknowledge
from store.tables import Outbox
from store.units import Units, open_engine
from tests.reminders.conftest import Story
from tests.support.companies import PUMP
from tests.support.platform import Platform

pytestmark = pytest.mark.postgres
APART_S = 0.05


@dataclass
class Sent:
    """An escalation that went out: when its claim began, by a counter that both replicas share."""

    step: str
    claim_began: float


class Race:
    """Two replicas with a clock in hand; in each round the rung is due and the owner acknowledges."""

    def __init__(self, url, clock):
        self.units = [Units(open_engine(url), clock=clock, planner=Planner()) for _ in range(2)]
        self.story = Story(self.units[0], clock)
        self.story.load(PUMP)
        self.platform = Platform("console")
        self.delivery = Delivery(self.units[1], {"console": self.platform}, ("console",))
        self.sent: list[Sent] = []

    def close(self):
        for each in self.units:
            each.close()

    async def deliver(self):
        """`pump`, with the moment of each claim noted."""
        while True:
            began = time.perf_counter()
            claimed = await self.units[1].run(self.delivery._claim)
            for parcel in claimed.parcels:
                row = self.units[1].read(lambda book, key=parcel.row: book.session.get(Outbox, key))
                if (row.rule or "").startswith("rung:"):
                    self.sent.append(Sent(row.card, began))
                self.delivery._hand_over([parcel])
                await self.delivery._finished()
            if not claimed.handled:
                return

    def round(self, chance, *, swept_before):
        """One race; the step's card, and when its acknowledgement was committed."""
        number = self.story.place(promise=self.story.clock().date() + timedelta(days=40))
        step = self.story.step(number, "review")
        self.story.jump_to(self._rung(step))
        if swept_before:
            self._sweep()
        start, done = threading.Barrier(2), []
        waits = (
            chance.uniform(0, APART_S),
            chance.uniform(0, 3 * APART_S),
        )  # a claim is begun sooner than an act is committed

        def _acknowledge():
            start.wait()
            time.sleep(waits[0])
            actor = Actor(step.owner, "console")
            self.units[0].write(lambda book: acknowledge(book, ("step", step.id)), actor)
            done.append(time.perf_counter())

        thread = threading.Thread(target=_acknowledge)
        thread.start()
        start.wait()
        time.sleep(waits[1])
        self._sweep()
        asyncio.run(self.deliver())
        thread.join()
        self._sweep()
        asyncio.run(self.deliver())
        self.story.finish(number, "review", "purchase", "make", "ship", "reconcile", "aftersale")
        return f"step:{step.id}", done[0]

    def _rung(self, step):
        calendar = self.story.look(lambda book: book.company.calendar_of(step.owner))
        return calendar.next_open(calendar.add(step.due, 4 * 60 + 1))

    def _sweep(self):
        while self.units[1].write(sweep).count:
            pass


def races(url, clock, count):
    """How many escalations went out, all of them claimed before the acknowledgement stood."""
    race, chance = Race(url, clock), random.Random(17)
    try:
        acknowledged = dict(race.round(chance, swept_before=turn % 2 == 0) for turn in range(count))
        assert len(acknowledged) == count
        late = [one.step for one in race.sent if one.claim_began > acknowledged[one.step]]
        assert late == [], "an escalation was claimed after the acknowledgement"
        _check_book(race)
        return len(race.sent)
    finally:
        race.close()


def _check_book(race):
    """What was not sent was dropped, and nothing waits."""

    query = select(Outbox.status).where(col(Outbox.rule).startswith("rung:"))
    statuses = race.story.look(lambda book: book.session.exec(query).all())
    assert set(statuses) == {"sent", "dropped"}, "both must have been faster now and then"


def test_no_escalation_is_claimed_after_the_acknowledgement_of_its_step(postgres_url, clock):
    assert 0 < races(postgres_url, clock, 12) < 12


@pytest.mark.long
def test_in_two_hundred_races_no_escalation_is_claimed_after_the_acknowledgement(postgres_url, clock, record_property):
    sent = races(postgres_url, clock, 200)
    record_property("escalated", sent)
    assert 0 < sent < 200
