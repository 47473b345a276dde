"""In a rush what arrives is kept first, and answers wait, but not for ever."""

import asyncio

from bot.inbox import InboxWorker
from bot.rush import Rush
from store.units import Units
from tests.bot.test_inbox import Ears, drain, update
from tests.support.platform import Platform


class Steady:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_many_kept_together_are_a_rush_until_a_moment_has_passed_without():
    steady = Steady()
    rush = Rush(steady)
    assert not rush.is_on
    rush.note(Rush.MANY - 1)
    assert not rush.is_on
    rush.note(Rush.MANY)
    assert rush.is_on
    steady.now += Rush.OVER_S * 1.01
    assert not rush.is_on


def test_a_rush_that_does_not_end_keeps_answers_waiting_for_so_long_and_no_longer():
    steady = Steady()
    rush = Rush(steady)
    begin = steady.now
    while steady.now - begin < 3 * Rush.LONGEST_S:
        rush.note(Rush.MANY)
        assert rush.is_on == (steady.now - begin < Rush.LONGEST_S)
        steady.now += Rush.OVER_S / 2
    steady.now += Rush.OVER_S * 1.01
    rush.note(Rush.MANY)
    assert rush.is_on, "a new one"


async def test_answers_wait_while_updates_pour_in_and_are_all_given(units: Units) -> None:
    ears, steady = Ears(), Steady()
    room = InboxWorker(units, ears, {"telegram": Platform("telegram")}, at_once=8, rush=Rush(steady))
    several = [update(number, str(number), f"chat{number}") for number in range(2 * Rush.MANY)]
    await asyncio.gather(*(room.receive(one) for one in several))
    working = asyncio.create_task(drain(room))
    await asyncio.sleep(0.5)
    assert ears.heard == []
    steady.now += Rush.OVER_S * 1.01
    await working
    assert len(ears.heard) == len(several)
