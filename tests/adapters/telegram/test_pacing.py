"""What leaves at our pace is within Telegram's limits when it arrives."""

import random

import pytest

from adapters.pacing import Pacer
from adapters.telegram.pacing import limits


@pytest.mark.parametrize(("chat", "count", "seconds"), [("7", 3, 3), ("-7", 3, 3), ("-7", 20, 60)])
def test_one_that_was_long_on_its_way_is_not_followed_too_soon(chat, count, seconds):
    pacer, chance = Pacer(), random.Random(1)
    now, arrived = 0.0, []
    for _ in range(200):
        if wait := pacer.take(limits(chat), now):
            now += wait
            assert pacer.take(limits(chat), now) == 0
        arrived.append(now + chance.uniform(0, 0.25))
        now += 0.001
    arrived.sort()
    assert all(later - first >= seconds for first, later in zip(arrived, arrived[count:], strict=False))
