"""Leave entered ahead takes effect, and ends, at its own midnight."""

from datetime import date

import pytest

from store.operations.leaves import next_leave_turn, turn_leaves
from store.operations.people import set_away
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import Flows, local


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def test_work_moves_at_the_midnight_of_the_first_day_and_back_after_the_last(flows: Flows, clock: Clock) -> None:
    order = flows.place({"B1": 1})
    flows.approve(order)
    flows.act("mia", lambda b: set_away(b, date(2026, 11, 25), date(2026, 11, 26), "moe"))
    flows.units.write(turn_leaves)
    turns = []
    while (moment := flows.units.read(next_leave_turn)) is not None:
        clock.now = moment
        flows.units.write(turn_leaves)
        step = flows.step(order, "make")
        turns.append((local(moment), step.owner, step.assigned))
    assert turns == [("11-25 00:00", "moe", "mia"), ("11-27 00:00", "mia", None)]


def test_a_midnight_missed_is_made_up_for(flows: Flows, clock: Clock) -> None:
    order = flows.place({"B1": 1})
    flows.approve(order)
    flows.act("mia", lambda b: set_away(b, date(2026, 11, 25), None, "moe"))
    flows.units.write(turn_leaves)
    clock.at("2026-11-28T10:00:00+08:00")
    assert local(flows.units.read(next_leave_turn)) == "11-25 00:00"
    assert flows.units.write(turn_leaves)
    assert flows.step(order, "make").owner == "moe"
    assert not flows.units.write(turn_leaves)
