"""The same script on one replica and on two: the same pushes, whoever sweeps when."""

import random
from datetime import UTC, timedelta

import pytest
from sqlmodel import select

from reminders import Planner, next_wake, sweep
from store.tables import Order, Reminder
from store.units import Units, open_engine
from tests.reminders.conftest import Story
from tests.reminders.test_book_property import ACTS, DAYS, START, Plan, act, place
from tests.support.clock import Clock

LADDER = ((240, "backup"), (480, "head"), (900, "manager"))


class Turns(Story):
    """Replicas that take turns at random, a few deadlines at a time."""

    def __init__(self, url, clock, replicas, seed):
        self.replicas = [
            Units(open_engine(url, synchronous="OFF"), clock=clock, planner=Planner()) for _ in range(replicas)
        ]
        self.chance = random.Random(seed)
        super().__init__(self.replicas[0], clock)

    def sweep_dry(self):
        idle = 0
        while idle < len(self.replicas):
            which = self.chance.choice(self.replicas)
            done = which.write(lambda book: sweep(book, limit=self.chance.randint(1, 4))).count
            idle = 0 if done else idle + 1

    def pass_until(self, moment):
        while True:
            self.sweep_dry()
            wake = self.look(next_wake)
            if wake is None or wake > moment:
                self.clock.now = moment
                return
            self.clock.now = wake

    def close(self):
        for each in self.replicas:
            each.close()


def script(seed):
    chance = random.Random(seed)
    acts = [
        (chance.randrange(1, DAYS * 1440), chance.choice(ACTS), chance.randrange(8), chance.randrange(1, 1500))
        for _ in range(25)
    ]
    return Plan(((540, 720), (780, 1080)), (540, 810), 120, 240, LADDER, 240, sorted(acts))


def pushes(url, replicas, seed):
    plan, clock = script(seed), Clock(START)
    story = Turns(url, clock, replicas, seed * 31 + replicas)
    try:
        story.load(plan.text)
        place(story, 2)
        place(story, 3)
        for minute, what, which, minutes in plan.acts:
            story.pass_until(START.astimezone(UTC) + timedelta(minutes=minute))
            act(story, what, which, minutes)
        story.pass_until(START.astimezone(UTC) + timedelta(days=DAYS))
        rows = story.look(
            lambda book: list(
                book.session.exec(
                    select(Reminder, Order).join(Order, isouter=True, onclause=Order.id == Reminder.order_id)
                )
            )
        )
        return sorted(
            (
                row.moment,
                row.made_at,
                row.subject,
                row.subject_key,
                row.rule,
                row.turn,
                row.person,
                order.number if order else "",
            )
            for row, order in rows
        )
    finally:
        story.close()


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("seed", [2])
def test_a_script_on_two_replicas_gives_the_pushes_it_gives_on_one(sqlite_url, postgres_url, seed):
    alone = pushes(sqlite_url, 1, seed)
    assert len(alone) > 20
    assert pushes(postgres_url, 2, seed) == alone
